import json
import re

import numpy as np
import pytest
from PIL import Image

import explorer
from explorer.core.errors import EmbeddingError, UnknownName

PLAIN = {"axes": False, "legend": False, "caption": False}


@pytest.fixture(scope="module")
def drawn(people, tmp_path_factory):
    embedding = people.project(["height", "weight", "pulse"], "pca", where="age >= 30")
    return explorer.build_map(embedding, tmp_path_factory.mktemp("figures") / "map", people)


def opened(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")), dict(picture.text)


def test_the_frame_is_that_of_render(drawn, tmp_path):
    view = explorer.Viewport((-1.0, 2.0), (-1.0, 1.5), 7, 7)
    for color, where in ((None, None), ("pulse", "age < 60"), ("city", None)):
        figure = drawn.save(tmp_path / "map.svg", view, color, where, size=(150, 100), scale=2)
        asked = explorer.Viewport(view.x_range, view.y_range, 300, 200)
        np.testing.assert_array_equal(figure.rgba, drawn.render(asked, color, where))


@pytest.mark.parametrize("size", [(1, 1), (31, 17), (900, 700)])
def test_a_plain_png_is_the_map_alone_at_any_size(drawn, tmp_path, size):
    drawn.save(tmp_path / "map.png", size=size, **PLAIN)
    picture, words = opened(tmp_path / "map.png")
    assert picture.shape == (size[1], size[0], 3)
    rgba = drawn.render(explorer.Viewport.fitted(drawn.store.extent, *size)).astype(float)
    alpha = rgba[:, :, 3:] / 255
    assert np.abs(picture - (rgba[:, :, :3] * alpha + 255 * (1 - alpha))).max() <= 0.5
    assert json.loads(words["Description"]) == drawn.provenance


def test_48_million_pixels_are_drawn(drawn, tmp_path):
    drawn.save(tmp_path / "map.png", size=(8000, 6000), **PLAIN)
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.size == (8000, 6000)


def test_what_is_not_given_has_its_parts_and_a_title_can_be_left_out(drawn, tmp_path):
    figure = drawn.save(tmp_path / "map.png", color="city", size=(200, 150))
    assert figure.title == drawn.name == "PCA of 3 features, where age >= 30"
    shares = drawn.provenance["explained_variance_ratio"]
    assert figure.axes == tuple(
        f"PC {i + 1} ({100 * shares[i]:.0f} % of variance)" for i in range(2)
    )
    assert drawn.save(tmp_path / "map.png", size=(20, 15), title="").title == ""
    assert drawn.save(tmp_path / "map.png", size=(20, 15), **PLAIN).is_plain
    assert not drawn.save(tmp_path / "map.png", size=(20, 15), title="Mine", **PLAIN).is_plain


def test_rows_are_counted_in_view_and_in_colour(drawn, frame, tmp_path):
    view = explorer.Viewport((-1.0, 2.0), (-1.0, 1.5), 90, 70)
    figure = drawn.save(tmp_path / "map.pdf", view, "pulse", "age < 60", size=(90, 70))
    shown = frame.iloc[drawn.rows]
    seen, chosen = drawn.aggregate(view).sum(), drawn.aggregate(view, where="age < 60").sum()
    rows, without = len(drawn.rows), 600 - len(drawn.rows)
    assert figure.caption[0] == (
        f"600 rows{table_of(drawn)} = {seen} in view + {rows - seen} outside + 0 hidden + "
        f"{without} without coordinates. "
        f"In colour: {chosen} selected (age < 60); grey: {seen - chosen} others in view."
    )
    missing = (shown["pulse"].isna() & shown["age"].lt(60)).to_numpy()
    absent = drawn.aggregate(view, where=missing).sum()
    assert [(one.label, one.count) for one in figure.legend.greys] == [
        ("not selected", seen - chosen),
        ("without a value", absent),
    ]
    assert (
        "3 features: height, pulse, weight; scale standard; missing values: median; only "
        "rows where age >= 30"
    ) in figure.caption[1]


def table_of(drawn):
    name = drawn.provenance["table"]["name"]
    return f" of {name}" if name else ""


def test_levels_count_the_rows_in_view(drawn, frame, tmp_path):
    figure = drawn.save(tmp_path / "map.png", color="city", size=(120, 90))
    counts = frame["city"].iloc[drawn.rows].value_counts()
    labelled = {one.label: one.count for one in figure.legend.levels}
    rest = labelled.pop(figure.legend.levels[-1].label)
    assert labelled == {label: counts[label] for label in labelled}
    assert rest == len(drawn.rows) - sum(labelled.values())


def test_the_same_map_gives_the_same_bytes(drawn, tmp_path):
    for form in ("png", "svg", "pdf"):
        for name in "ab":
            drawn.save(tmp_path / f"{name}.{form}", color="city", size=(80, 60), theme="dark")
        assert (tmp_path / f"a.{form}").read_bytes() == (tmp_path / f"b.{form}").read_bytes()
    assert not re.search(
        rb"20\d\d-\d\d-\d\d|CreationDate",
        (tmp_path / "a.svg").read_bytes() + (tmp_path / "a.pdf").read_bytes(),
    )


def test_a_map_of_bare_coordinates_says_that_nobody_knows_what_made_it(tmp_path):
    xy = np.random.default_rng(0).normal(size=(50, 2))
    bare = explorer.build_map(xy, tmp_path / "bare")
    figure = bare.save(tmp_path / "map.svg", color=np.arange(50.0), size=(60, 40))
    assert (figure.axes, figure.legend.title) == (("x", "y"), "Values")
    assert "It is not known how this map was made." in figure.caption


def test_coordinates_of_the_table_are_called_by_label_and_unit(films, tmp_path):
    from explorer.embedding.embedding_columns import embedding_from_columns

    embedding = embedding_from_columns(films.source, "year", "tomatometer")
    drawn = explorer.build_map(embedding, tmp_path / "map", films)
    figure = drawn.save(tmp_path / "map.svg", size=(60, 40))
    assert figure.axes == ("Year", "Tomatometer (%)")
    assert "The coordinates are columns of the table." in figure.caption


def test_a_map_of_an_earlier_version_opens_and_says_less(drawn, people, tmp_path):
    import shutil

    shutil.copytree(drawn.store.folder, tmp_path / "old")
    said = tmp_path / "old" / drawn.store.files.name / "about.json"
    about = json.loads(said.read_text())
    del about["provenance"], about["scores"]
    said.write_text(json.dumps(about))
    old = explorer.open_map(tmp_path / "old", people)
    assert (
        "It is not known how this map was made."
        in old.save(tmp_path / "map.png", size=(30, 20)).caption
    )


def test_what_cannot_be_saved_is_refused_before_anything_is_drawn(drawn, tmp_path):
    for error, words, arguments in (
        (EmbeddingError, "end it in .png, .svg or .pdf", {"path": tmp_path / "map.jpg"}),
        (EmbeddingError, "is too large", {"size": (40_000, 10)}),
        (EmbeddingError, "must be \\(width, height\\)", {"size": (0, 10)}),
        (EmbeddingError, "must be 'light' or 'dark'", {"theme": "grey"}),
        (UnknownName, "did you mean 'pulse'", {"color": "plse"}),
        (EmbeddingError, "cannot write the picture", {"path": tmp_path / "none" / "map.png"}),
    ):
        with pytest.raises(error, match=words):
            drawn.save(**{"path": tmp_path / "map.png", **arguments})
    assert list(tmp_path.iterdir()) == []
