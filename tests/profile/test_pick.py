from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import explorer
from explorer.core.errors import FeatureError
from explorer.features.catalogue.catalogue_features import describe_columns
from explorer.profile.pick import Pick, pick_features
from explorer.profile.relations.redundancy import correlations
from explorer.profile.summary import summarize
from explorer.sources.source import open_source


def pick(columns: dict[str, object]) -> Pick:
    source = open_source(pa.table(columns))
    features = describe_columns(source)
    names = [name for name, feature in features.items() if feature.kind in ("numeric", "boolean")]
    return pick_features(features, summarize(source, features), correlations(source, names))


def columns(n: int = 200) -> dict[str, object]:
    rng = np.random.default_rng(0)
    a = rng.normal(size=n)
    mostly = np.where(np.arange(n) < 0.61 * n, np.nan, rng.normal(size=n))
    gaps = np.where(np.arange(n) < 4, np.nan, 2 * a)
    return {
        "user_id": np.arange(n),
        "twin with gaps": gaps,
        "a": a,
        "flag": rng.random(n) < 0.5,
        "mostly": mostly,
        "constant": np.ones(n),
        "infinite": np.where(np.arange(n) < 3, np.inf, rng.normal(size=n)),
        "genre": rng.choice(["x", "y"], n),
        "when": pa.array(rng.integers(0, 10**9, n), pa.timestamp("s")),
        "price": [f"{i},{100 + i}" for i in rng.integers(1, 9, n)],
        "none": pa.array([None] * n, pa.float64()),
    }


def test_every_feature_is_picked_or_left_out_with_words() -> None:
    data = columns()
    chosen = pick(data)
    assert chosen.names == ("a", "flag")
    assert set(chosen.names) | set(chosen.left_out) == set(data)
    assert chosen.reasons == {
        "a": "numeric, complete, used instead of twin with gaps",
        "flag": "true or false, complete",
    }
    assert chosen.left_out["user_id"] == "identifier"
    assert chosen.left_out["mostly"] == "61 % missing"
    assert chosen.left_out["constant"] == "constant"
    assert chosen.left_out["infinite"] == "3 infinite values"
    assert chosen.left_out["genre"].startswith("categorical, 2 levels")
    assert chosen.left_out["when"].startswith("a time")
    assert chosen.left_out["price"].startswith("numbers as text")
    assert chosen.left_out["none"] == "all missing"
    assert chosen.left_out["twin with gaps"] == "r 1.00 with a, which is used instead"


def test_a_vector_column_stands_by_itself() -> None:
    data = {**columns(), "embedding": [[float(i), 1.0] for i in range(200)]}
    chosen = pick(data)
    assert chosen.names == ("embedding",)
    assert chosen.left_out["a"] == "the vector embedding is taken alone"
    assert chosen.left_out["constant"] == "constant"


def test_thirty_features_at_most() -> None:
    values = np.random.default_rng(1).normal(size=(40, 50))
    chosen = pick({f"f{i}": values[i] for i in range(40)})
    assert chosen.names == tuple(f"f{i}" for i in range(30))
    assert chosen.left_out["f30"] == "beyond the first 30"


def test_a_chain_of_likeness_leaves_out_only_what_is_like_a_kept_one() -> None:
    rng = np.random.default_rng(2)
    a = rng.normal(size=2000)
    b = a + 0.25 * rng.normal(size=2000)
    c = b + 0.25 * rng.normal(size=2000)
    chosen = pick({"a": a, "b": b, "c": c})
    assert chosen.names == ("a", "c")


def test_a_table_without_usable_feature_says_what_it_has() -> None:
    with pytest.raises(FeatureError, match=r"found 1 identifier, 1 numeric \(.*constant") as caught:
        pick({"user_id": np.arange(50), "c": np.ones(50)})
    assert "\n" not in str(caught.value)
    with pytest.raises(FeatureError, match="no rows"):
        pick({"x": pa.array([], pa.float64())})


def test_a_block_is_taken_whole_and_an_image_stands_by_itself():
    rng = np.random.default_rng(0)
    pixels = {f"px_{k:02d}": rng.integers(0, 256, 300) for k in range(64)}
    table = explorer.open_table(pa.table({"size": rng.normal(size=300), **pixels}))
    assert table.column_blocks[0].shape == (8, 8)
    assert table.pick.names == tuple(pixels)
    assert table.pick.left_out == {"size": "px_00 … px_63 is taken alone"}


def test_of_a_block_that_is_too_wide_evenly_spaced_columns_are_taken(monkeypatch):
    monkeypatch.setattr("explorer.profile.pick.MOST_BLOCK_COLUMNS", 20)
    rng = np.random.default_rng(0)
    waves = {f"wave_{k}": rng.normal(size=300) for k in range(400, 440)}
    table = explorer.open_table(pa.table({"size": rng.normal(size=300), **waves}))
    assert table.pick.names == ("size", *list(waves)[::2])
    assert "one column in 2 of" in table.pick.left_out["wave_401"]


def test_of_a_table_of_places_alone_the_places_are_picked():
    rng = np.random.default_rng(0)
    columns = {"lat": rng.uniform(-60, 60, 300), "lon": rng.uniform(-180, 180, 300)}
    table = explorer.open_table(pa.table({"city": [f"c{k}" for k in range(300)], **columns}))
    assert table.pick.names == ("lat", "lon")


def categories(n: int = 300) -> pa.Table:
    rng = np.random.default_rng(0)
    return pa.table(
        {
            "outcome": rng.choice(["yes", "no"], n),
            "colour": rng.choice(["red", "green", "blue"], n),
            "shape": rng.choice(["round", "flat"], n),
            "sparse": [("a", "b", None, None, None)[k % 5] for k in range(n)],
            "same": ["x"] * n,
            "street": [f"street {k // 2}" for k in range(n)],
        }
    )


def test_of_a_table_of_categories_alone_those_whose_levels_repeat_are_picked():
    picked = explorer.open_table(categories(), roles={"outcome": "target"}).pick
    assert picked.names == ("colour", "shape")
    assert picked.reasons["shape"] == "categorical, 2 levels: no column of numbers can be used"
    assert picked.left_out == {
        "outcome": "target",
        "sparse": "60 % missing",
        "same": "constant",
        "street": "categorical, 150 levels: tick it to add it",
    }


def test_of_a_large_table_of_categories_a_sample_is_looked_at(monkeypatch):
    monkeypatch.setattr("explorer.table.table_profiles.TableProfiles.small", False)
    picked = explorer.open_table(categories(), roles={"outcome": "target"}).pick
    assert picked.names == ("colour", "shape")
