from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pytest

from explorer.core.errors import FeatureError
from explorer.profile.relations.vif import variance_inflation
from explorer.sources.source import open_source


def by_least_squares(X: np.ndarray) -> list[float]:
    found = []
    X = X - X.mean(axis=0)
    for k in range(X.shape[1]):
        others = np.column_stack([np.ones(len(X)), np.delete(X, k, axis=1)])
        left = X[:, k] - others @ np.linalg.lstsq(others, X[:, k])[0]
        found.append(X[:, k].var() / left.var())
    return found


def source_of(X: np.ndarray, names: str = "abcdefgh"):
    return open_source(pa.table(dict(zip(names, X.T, strict=False))))


def test_it_is_1_over_1_less_r_squared_by_least_squares() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 5))
    X[:, 3] = X[:, 0] + X[:, 1] + 0.1 * rng.normal(size=500)
    X[:, 4] = 1e6 + 1e-3 * X[:, 4]
    found = variance_inflation(source_of(X), list("abcde"))
    assert found.values == pytest.approx(by_least_squares(X), rel=1e-6)
    assert (found.bound, found.rows, found.exact) == ((), 500, True)


def test_features_that_follow_exactly_are_infinite_and_named() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(400, 7))
    X[:, 2] = X[:, 0] + X[:, 1]
    X[:, 4] = -3 * X[:, 3]
    X[:, 6] += X[:, 5]
    found = variance_inflation(source_of(X), list("abcdefg"))
    assert found.values[:5] == (math.inf,) * 5
    assert found.values[5:] == pytest.approx(by_least_squares(X[:, 5:]), rel=0.05)
    assert found.bound == (("a", "b", "c"), ("d", "e"))
    assert found.words[:2] == (
        "a, b, c determine each other exactly",
        "d, e determine each other exactly",
    )
    # beside exact relations the others still have their own: least squares takes any of the
    # equivalent sets
    expected = by_least_squares(X[:, [0, 1, 3, 5, 6]])[3:]
    assert found.values[5:] == pytest.approx(expected, rel=1e-6)


def test_rows_with_a_missing_cell_are_left_out_and_counted() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(300, 3)) + rng.normal(size=(300, 1))
    X[:50, 0], X[40:90, 2] = np.nan, np.inf
    found = variance_inflation(source_of(X), list("abc"))
    assert found.rows == 210
    assert found.values == pytest.approx(by_least_squares(X[90:]))
    assert found.words == ("on 210 rows without a missing cell, of all 300",)


def test_a_constant_is_nan_and_the_document_is_json() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(100, 4))
    X[:, 1], X[:, 3] = 7, X[:, 2]
    found = variance_inflation(source_of(X), list("abcd"), rows=60)
    assert math.isnan(found.values[1])
    assert "b does not vary" in found.words
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["vif"]["b"] is None
    assert document["vif"]["c"] == "inf"
    assert (document["exact"], document["looked_at"]) == (False, 60)


def test_fewer_rows_than_features_is_said() -> None:
    X = np.random.default_rng(4).normal(size=(5, 6))
    found = variance_inflation(source_of(X), list("abcdef"))
    assert set(found.values) == {math.inf}
    assert (
        "5 complete rows are too few to separate 6 features: choose fewer features" in found.words
    )


def test_nothing_to_compare_is_refused_in_words() -> None:
    X = np.full((20, 2), np.nan)
    X[:, 0] = 1
    with pytest.raises(FeatureError, match="choose two or more"):
        variance_inflation(source_of(X), ["a"])
    with pytest.raises(FeatureError, match="leave out 'b'"):
        variance_inflation(source_of(X), ["a", "b"])
