import pandas as pd
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import ReviewError
from explorer.review.page.published_map import draw_map
from explorer.review.publication.build_publication import build_publication
from explorer.review.publication.map_picture import MapPicture, PictureLegend, coordinates_key
from explorer.review.publication.publication import Publication
from explorer.review.review import Review
from explorer.table.feature_set import FeatureSet
from explorer.table.table import open_table

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


def test_members_come_first_in_their_order_then_what_else_was_judged(judged, hostile):
    entries = judged.publication().entries
    assert [one.name for one in entries] == ["weight", "gross", "pulse", "code", "height", hostile]
    assert [one.member for one in entries] == [True] * 4 + [False] * 2
    assert [one.treatment for one in entries[:3]] == ["weight 2", "log", ""]


def test_an_entry_has_what_stands_and_what_was_superseded(judged):
    gross = judged.publication().entries[1]
    assert [(one.reviewer, one.decision) for one in gross.present] == [
        ("ben", "transform"),
        ("ada", "transform"),
    ]
    assert [(one.reviewer, one.decision) for one in gross.history] == [
        ("ben", "keep"),
        ("ada", "keep"),
    ]
    # the evidence of a superseded verdict is still shown
    assert [one.subject for one in gross.evidence.values()] == ["gross"]


def test_what_differs_is_said_beside_the_decision(judged):
    notes = {one.name: one.notes for one in judged.publication().entries}
    assert notes["pulse"] == ("reviewers disagree",)
    assert notes["gross"] == ()
    assert notes["height"] == ()


def test_a_set_on_other_data_is_stale_and_published_all_the_same(made):
    for name in made.core.features:
        made.judge(
            name,
            "transform" if name == "gross" else "keep",
            recipe="log" if name == "gross" else "",
        )
    other = open_table(
        pd.DataFrame({"weight": [1.0, 2, 3], "gross": [1.0, 2, 3]}),
        cache=Cache(made.file.parent / "c"),
    )
    found = build_publication(made.store, made.core, other)
    assert found.review.state == "stale"
    assert found.learned is None
    assert "does not fit this table" in found.notes[0]
    assert {one.name: one.outdated for one in found.entries} == {
        "weight": "what the catalogue says of it has changed since",
        "gross": "the data have changed since",
        "pulse": "not in this table",
        "code": "not in this table",
    }


def test_a_set_without_a_reason_is_not_published():
    with pytest.raises(ReviewError, match=r"core@1 has no rationale"):
        Publication(review=Review(FeatureSet("core", ["a"]), {}))


def test_only_a_map_of_the_set_itself_is_published(made):
    wanted = made.table.project(made.core, "pca")
    assert (
        made.publication(picture=draw_map(wanted, made.table)).picture.title == "PCA of 4 features"
    )
    other = made.table.project(["weight", "gross"], "pca")
    with pytest.raises(
        ReviewError,
        match=(
            r"other features or settings than core@2 \(2 removed \(code, pulse\).*scale: "
            r"robust → standard"
        ),
    ):
        made.publication(picture=draw_map(other, made.table))
    with pytest.raises(ReviewError, match="not known which features"):
        made.publication(picture=MapPicture(png=PNG))


def test_a_map_made_without_the_catalogue_is_another_map(made):
    plain = open_table(made.file, cache=Cache(made.file.parent / "plain"))
    with pytest.raises(ReviewError, match="other features or settings"):
        made.publication(picture=draw_map(plain.project(made.core, "pca"), plain))


def test_a_picture_is_a_png_and_a_legend_has_plain_colours():
    with pytest.raises(ReviewError, match="is a PNG"):
        MapPicture(png=b"<svg/>")
    for colour in ("red;background:url(http://a)", "url(x)", "#12345", "rgb(1,2,3);"):
        with pytest.raises(ReviewError, match="a colour is written"):
            PictureLegend(stops=("#000000", colour))
    told = {
        "title": "T",
        "levels": [{"label": "a", "color": "rgb(1,2,3)", "count": 4, "hidden": False, "code": 0}],
        "kind": "categorical",
    }
    assert PictureLegend.from_document(told).levels == (("a", "rgb(1,2,3)", 4),)
    assert PictureLegend.from_document(PictureLegend(stops=("#000000",)).document()).stops == (
        "#000000",
    )


def test_the_coordinates_key_sees_every_bit(made):
    one = made.table.project(["weight", "gross"], "pca")
    two = made.table.project(["weight", "gross"], "pca", weights={"weight": 1.0000001})
    assert coordinates_key(one) != coordinates_key(two)
    assert coordinates_key(one) == coordinates_key(made.table.project(["gross", "weight"], "pca"))
