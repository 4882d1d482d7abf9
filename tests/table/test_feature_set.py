import json
import pickle

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.cache import Cache
from explorer.core.errors import FeatureError, UnknownName
from explorer.features.matrix.matrix import apply_matrix, build_matrix
from explorer.table.feature_set import FeatureSet
from explorer.table.table import open_table
from projections import PCA


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(1_000, 3)), columns=["x", "y", "z"])
    frame["gross"] = np.exp(frame["x"] + rng.normal(size=1_000))
    frame["group"] = rng.choice(["p", "q", "r"], 1_000)
    frame.loc[::10, "y"] = np.nan
    frame.loc[::50, "z"] = -999.0
    return frame


@pytest.fixture
def table(frame, tmp_path):
    return open_table(frame, cache=Cache(tmp_path / "cache"))


@pytest.fixture
def core():
    return FeatureSet(
        "core",
        ["gross", "y", "group"],
        rationale="what the experts agreed on",
        author="ada",
        scale="robust",
        transform={"gross": "log"},
        weights={"y": 2.0},
        missing={"y": "indicator"},
        encode={"group": "category"},
    )


def whole(batches):
    return np.concatenate(list(batches))


def test_its_matrix_in_batches_is_that_of_the_page(core, table):
    expected = build_matrix(table.source, core.spec)
    for rows in (64, 131_072):
        found = whole(core.apply(table, rows))
        np.testing.assert_array_equal(found, expected.X)
        np.testing.assert_array_equal(np.concatenate(list(core.rows(table, rows))), expected.rows)


def test_a_saved_set_makes_the_same_matrix_of_new_rows_without_the_page(
    core, table, frame, tmp_path
):
    learned = core.learn(table)
    learned.save(tmp_path / "features.yaml")
    again = FeatureSet.load(tmp_path / "features.yaml")
    assert again == learned
    new = open_table(frame[300:420].reset_index(drop=True), cache=Cache(tmp_path / "other"))
    found = whole(again.apply(new, 50))
    np.testing.assert_array_equal(found, whole(core.apply(table))[300:420])
    np.testing.assert_array_equal(found, apply_matrix(new.source, learned.learned).X)


def test_rows_left_out_are_told_batch_by_batch(table):
    some = FeatureSet("some", ["x", "y"], missing="drop", where="x > 1.5")
    found = np.concatenate(list(some.rows(table, 20)))
    np.testing.assert_array_equal(found, build_matrix(table.source, some.spec).rows)
    assert whole(some.apply(table, 20)).shape == (len(found), 2)
    assert PCA(1).fit(some.apply(table, 20)).n_samples_ == len(found)


def test_what_the_catalogue_calls_missing_is_kept_with_what_was_learned(frame, tmp_path):
    catalogue = tmp_path / "c.yaml"
    catalogue.write_text("features:\n  z:\n    sentinels: [-999]\n")
    table = open_table(frame, catalogue, cache=Cache(tmp_path / "cache"))
    learned = FeatureSet("s", ["x", "z"]).learn(table)
    assert dict(learned.sentinels) == {"z": (-999,)}
    plain = open_table(frame, cache=Cache(tmp_path / "cache"))
    assert np.abs(whole(learned.apply(plain))).max() < 10


def test_order_names_and_reasons_do_not_change_the_hash_but_settings_do(core):
    assert core.changed(features=["group", "gross", "y"]).hash == core.hash
    assert core.changed(rationale="other", author="bob").hash == core.hash
    for change in (
        {"scale": "none"},
        {"weights": {}},
        {"features": ["gross", "y"]},
        {"where": "x > 0"},
    ):
        assert core.changed(**change).hash != core.hash


def test_a_change_makes_the_next_version_with_its_parent_and_leaves_the_old_one(core, table):
    later = core.learn(table).changed(
        features=["gross", "y", "z"], weights={"y": 3.0}, scale="standard"
    )
    assert (core.id, later.id, later.parent, later.learned) == ("core@1", "core@2", "core@1", None)
    diff = core.diff(later)
    assert (diff.added, diff.removed, diff.reordered) == (("z",), ("group",), False)
    assert diff.changed == {"scale": ("robust", "standard"), "weights of y": (2.0, 3.0)}
    assert (
        diff.words
        == "1 added (z) · 1 removed (group) · scale: robust → standard · weights of y: 2.0 → 3.0"
    )
    assert not core.diff(core)
    assert core.diff(core.changed(features=["y", "gross", "group"])).words == "another order"


def test_the_file_is_small_readable_yaml_and_json_too(core, tmp_path):
    core.save(tmp_path / "core.yaml")
    text = (tmp_path / "core.yaml").read_text()
    assert "rationale: what the experts agreed on" in text
    assert "features: [gross, y, group]" in text
    assert json.loads(json.dumps(core.document()))["weights"] == {"y": 2.0}
    assert explorer.FeatureSet.load(tmp_path / "core.yaml") == core


def test_without_a_reason_it_is_not_saved(core, tmp_path):
    with pytest.raises(FeatureError, match="core@2 has no rationale"):
        core.changed(rationale=" ").save(tmp_path / "core.yaml")
    assert not (tmp_path / "core.yaml").exists()
    (tmp_path / "file").touch()
    with pytest.raises(FeatureError, match="cannot be written"):
        core.save(tmp_path / "file" / "core.yaml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "a@2"}, "without @"),
        ({"features": []}, "no feature"),
        ({"features": ["x", "x"]}, "named twice"),
        ({"version": 0}, "whole number from 1"),
        ({"scale": "sd"}, "scale"),
        ({"merged": {"z": "q"}}, "must be in the set"),
        ({"merged": {"x": "y"}}, "must not"),
    ],
)
def test_a_set_that_cannot_be_is_refused_in_words(arguments, words):
    with pytest.raises((FeatureError, UnknownName), match=words):
        FeatureSet(**{"name": "s", "features": ["x", "y"], **arguments})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected the entries"),
        ("form: 1\nname: [", "line 3"),
        ("form: 9\n", "of form 1, came 9"),
        ("form: 1\nname: s\n", "needs 'features'"),
        ("form: 1\nname: s\nfeatures: [x]\ncolour: red\n", "no entry 'colour'"),
        ("form: 1\nname: s\nfeatures: [x]\nweights: 3\n", "not a feature set"),
    ],
)
def test_a_file_that_is_no_set_says_why(text, words, tmp_path):
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(FeatureError, match=words):
        FeatureSet.load(tmp_path / "s.yaml")


def test_a_table_without_its_columns_is_refused(core, tmp_path):
    other = open_table(pd.DataFrame({"gross": [1.0, 2.0], "y": [1.0, 2.0]}), cache=Cache(tmp_path))
    with pytest.raises(UnknownName, match="group"):
        whole(core.apply(other))


def test_a_set_cannot_be_changed_in_place_and_goes_to_other_processes(core):
    assert pickle.loads(pickle.dumps(core)) == core
    for name in ("weights", "missing", "transform"):
        with pytest.raises(TypeError):
            getattr(core, name)["x"] = 1
    with pytest.raises(AttributeError):
        core.scale = "none"
