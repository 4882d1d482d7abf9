"""What is edited of a feature: kept for good, in every figure, or refused in one line."""

import numpy as np
import pandas as pd
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import CatalogueError, UnknownName
from explorer.core.folders import data_folder
from explorer.features.catalogue import catalogue_edits
from explorer.features.catalogue.catalogue_edits import catalogue_key, open_edits
from explorer.features.matrix.matrix import build_matrix
from explorer.table.selecting import where
from explorer.table.table import open_table


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))


@pytest.fixture
def opened(tmp_path):
    """Open the same file again and again."""
    rng = np.random.default_rng(0)
    rain = rng.uniform(1, 9, 300)
    rain[:30] = -999
    frame = pd.DataFrame(
        {
            "rain": rain,
            "zone": rng.integers(0, 3, 300),
            "city": rng.choice(["a", "b", "?"], 300),
            "wind": rng.normal(size=300),
        }
    )
    frame["breeze"] = frame["wind"] + rng.normal(scale=0.01, size=300)
    frame["spoiled"] = np.where(np.arange(300) % 2, frame["wind"], 0.0)
    path = tmp_path / "weather.parquet"
    frame.to_parquet(path)
    (tmp_path / "known.yaml").write_text("features:\n  wind: {label: Wind, unit: m/s}\n")

    def again(catalogue=False):
        return open_table(
            path, tmp_path / "known.yaml" if catalogue else None, cache=Cache(tmp_path / "cache")
        )

    return again


def edits_file(table):
    return data_folder() / "catalogues" / f"{catalogue_key(table.source)}.yaml"


def test_an_edit_is_there_when_the_table_is_opened_again(opened):
    opened().edit("wind", "description", "at ten metres")
    again = opened()
    assert again.features["wind"].description == "at ten metres"
    assert again.columns.catalogue.origin("wind", "description") == "edited"


def test_the_catalogue_of_an_expert_is_left_as_it_is_with_its_comments(opened, tmp_path):
    file = tmp_path / "known.yaml"
    written = "# by ada\nfeatures:\n  wind: {label: Wind, unit: m/s}  # at 10 m\n\n# to do: rain\n"
    file.write_text(written)
    table = opened(catalogue=True)
    table.edit("wind", "label", "Gust")
    table.edit("wind", "unit", "kn")
    assert opened(catalogue=True).features["wind"].unit == "kn"
    assert file.read_text() == written


def test_the_edit_stands_over_the_file_and_taken_back_the_file_shows_again(opened):
    table = opened(catalogue=True)
    table.edit("wind", "label", "Gust")
    assert (table.features["wind"].label, table.features["wind"].unit) == ("Gust", "m/s")
    assert opened(catalogue=True).features["wind"].label == "Gust"
    for nothing in (None, ""):
        table.edit("wind", "label", nothing)
        assert (
            table.features["wind"].label == opened(catalogue=True).features["wind"].label == "Wind"
        )


def test_an_edited_label_and_unit_show_in_the_profile_without_counting_again(opened):
    table = opened()
    before = table.profiles.get("wind")
    table.edit("wind", "unit", "kn")
    after = table.profiles.get("wind")
    assert (after.unit, after.mean, after.histogram) == ("kn", before.mean, before.histogram)
    assert opened().profile(["wind"])["wind"].unit == "kn"


def test_edited_sentinels_change_profile_expressions_and_matrix(opened):
    table = opened()
    assert table.profile(["rain"])["rain"].min == -999
    matrix = table.matrix_spec(["rain", "wind"], scale="none", missing="drop")
    assert build_matrix(table.source, matrix).X.shape[0] == 300
    assert where(table, "rain < 0").count() == 30
    table.edit("rain", "sentinels", [-999])
    found = table.profile(["rain"])["rain"]
    assert (found.missing, found.sentinels) == (30, ((-999.0, 30),))
    assert found.min >= 1
    assert table.summaries["rain"].missing == 30
    assert np.isnan(table.columns.numbers("rain")).sum() == 30
    assert (where(table, "rain < 0").count(), where(table, "rain is null").count()) == (0, 30)
    matrix = table.matrix_spec(["rain", "wind"], scale="none", missing="drop")
    assert build_matrix(table.source, matrix).X.shape[0] == 270
    table.edit("rain", "sentinels", None)
    assert table.profile(["rain"])["rain"].min == table.summaries["rain"].minimum == -999


def test_edited_sentinels_of_words_are_missing_levels(opened):
    table = opened()
    assert "?" in table.columns.levels("city").labels
    table.edit("city", "sentinels", ["?"])
    assert table.columns.levels("city").labels == sorted(
        "ab", key=lambda level: -dict(table.profiles.get("city").levels)[level]
    )
    assert (
        table.profiles.get("city").missing == (table.source.column("city").to_numpy() == "?").sum()
    )


def test_an_edited_range_counts_what_lies_outside(opened):
    table = opened()
    wind = table.columns.numbers("wind")
    table.edit("wind", "valid_range", [None, 1])
    assert table.profiles.get("wind").outside == (wind > 1).sum()
    assert opened().profile(["wind"])["wind"].outside == (wind > 1).sum()


def test_edited_to_categorical_a_number_is_encoded_by_its_levels(opened):
    table = opened()
    assert table.matrix_spec(["zone"]).encode == {}
    table.edit("zone", "kind", "categorical")
    assert table.features["zone"].kind == table.profiles.get("zone").kind == "categorical"
    assert len(table.profiles.get("zone").levels) == 3
    spec = table.matrix_spec(["zone", "wind"])
    assert spec.encode == {"zone": "category"}
    assert build_matrix(table.source, spec).X.shape[1] == 4
    assert opened().features["zone"].kind == "categorical"


def test_what_compares_features_is_made_again_after_an_edit(opened):
    table = opened()
    assert "spoiled" not in table.relations.redundancy().partners.get("wind", {})
    table.edit("spoiled", "sentinels", [0])
    assert table.relations.redundancy().partners["wind"]["spoiled"] > 0.99


def test_an_edit_before_anything_is_counted_hides_no_other_feature(opened):
    table = opened()
    table.edit("rain", "sentinels", [-999])
    assert set(table.profiles.finished()) == set(table.column_names)
    assert table.profiles.get("rain").missing == 30


@pytest.mark.parametrize(
    ("feature", "attribute", "value", "words"),
    [
        ("wind", "kind", "nubmer", "must be one of numeric, .*"),
        (
            "city",
            "kind",
            "numeric",
            "'city' cannot be numeric: as .* it can be categorical, text, identifier",
        ),
        ("wind", "kind", "vector", "'wind' cannot be vector"),
        ("wind", "valid_range", [3, 1], "must be the lower end first"),
        ("wind", "valid_range", "1 to 3", "must be two ends"),
        ("wind", "sentinels", -999, "must be a list of values"),
        ("wind", "sentinels", [float("nan")], "finite numbers"),
        ("wind", "label", 3, "must be text"),
        ("wind", "colour", "red", "colour"),
    ],
)
def test_a_wrong_value_is_one_line_and_nothing_changed(opened, feature, attribute, value, words):
    table = opened()
    table.edit("wind", "unit", "kn")
    before, text = table.features, edits_file(table).read_text()
    with pytest.raises(CatalogueError, match=words) as told:
        table.edit(feature, attribute, value)
    assert "\n" not in str(told.value)
    assert table.features is before
    assert edits_file(table).read_text() == text
    # nor does the next edit bring it along
    table.edit("wind", "unit", "m/s")
    assert opened().features[feature] == table.features[feature]
    assert table.features[feature].kind == before[feature].kind


def test_an_unknown_feature_suggests_the_nearest(opened):
    with pytest.raises(UnknownName, match="did you mean 'wind'"):
        opened().edit("wnid", "label", "x")


def test_an_edit_that_cannot_be_saved_is_not_there_later_either(opened, monkeypatch):
    table = opened()

    def full(*_):
        raise CatalogueError("the disk is full")

    monkeypatch.setattr(catalogue_edits, "write_yaml", full)
    with pytest.raises(CatalogueError, match="disk is full"):
        table.edit("wind", "label", "lost")
    monkeypatch.undo()
    monkeypatch.setenv("EXPLORER_DATA", str(data_folder()))
    assert table.features["wind"].label == "wind"


def test_two_who_edit_the_same_table_keep_both(opened):
    one, other = opened(), opened()
    one.edit("wind", "label", "Wind")
    other.edit("wind", "unit", "kn")
    last = opened().features["wind"]
    assert (last.label, last.unit) == ("Wind", "kn")


@pytest.mark.parametrize(
    "text", ["features: [", "- 1\n", "features:\n  wind: {kind: nubmer}\n", "\x00\x01"]
)
def test_a_damaged_file_of_edits_opens_the_table_with_words(opened, text):
    table = opened()
    table.edit("wind", "unit", "kn")
    edits_file(table).write_text(text)
    again = opened(catalogue=True)
    assert (again.features["wind"].label, again.features["wind"].unit) == ("Wind", "m/s")
    assert again.columns.trouble
    assert "\n" not in again.columns.trouble
    with pytest.raises(CatalogueError):
        again.edit("wind", "unit", "km/h")
    assert edits_file(table).read_text() == text


def test_many_edits_are_one_step_with_a_name_and_are_taken_back_by_what_it_returns(opened):
    table = opened()
    first, second = table.column_names[:2]
    table.edit(first, "label", "before")
    undo = table.edit_many({first: {"label": "after"}, second: {"role": "target"}}, "Ada")
    assert table.features[first].label == "after"
    assert table.roles[second].role == "target"
    assert table.roles[second].given
    history = open_edits(catalogue_key(table.source)).history
    assert [(change.who, change.feature) for change in history[-2:]] == [
        ("Ada", first),
        ("Ada", second),
    ]
    table.edit_many(undo)
    assert table.features[first].label == "before"
    assert not table.roles[second].given


def test_of_many_edits_a_wrong_one_changes_nothing(opened):
    table = opened()
    first, second = table.column_names[:2]
    before = table.features[first].label
    with pytest.raises(CatalogueError):
        table.edit_many({first: {"label": "after"}, second: {"role": "goal"}})
    assert table.features[first].label == before
    assert opened().features[first].label == before
