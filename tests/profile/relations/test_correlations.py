from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from explorer.profile.relations.correlations import (
    Method,
    StandardizedFeatures,
    numbers_of,
    standardized,
)


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 400))
    made = pd.DataFrame(
        {"a": a, "b": 0.7 * a + b, "c": np.exp(c + a), "d": rng.integers(0, 4, 400)}
    )
    made.loc[rng.random(400) < 0.2, "b"] = np.nan
    made.loc[rng.random(400) < 0.3, "c"] = np.nan
    return made


def correlated(data: pd.DataFrame, method: Method = "spearman") -> tuple[np.ndarray, np.ndarray]:
    """Return r and the rows of every pair of columns."""
    standard = StandardizedFeatures.empty(data.shape[1], len(data), np.float64)
    for k, name in enumerate(data):
        standard.put(k, data[name].to_numpy(float), method)
    return standard.block(slice(None), slice(None))


def test_pearson_over_the_rows_of_each_pair_is_that_of_pandas() -> None:
    data = frame()
    r, n = correlated(data, "pearson")
    np.testing.assert_allclose(r, data.corr().to_numpy(), rtol=1e-9)
    present = data.notna().to_numpy().astype(int)
    np.testing.assert_array_equal(n, present.T @ present)


def test_spearman_is_that_of_pandas_where_nothing_is_missing_and_near_it_elsewhere() -> None:
    data = frame()
    whole = data.dropna()
    np.testing.assert_allclose(correlated(whole)[0], whole.corr("spearman").to_numpy(), rtol=1e-9)
    np.testing.assert_allclose(correlated(data)[0], data.corr("spearman").to_numpy(), atol=0.02)


def test_what_does_not_vary_has_no_correlation() -> None:
    data = pd.DataFrame({"a": [1.0, 2, 3, 4], "flat": [5.0] * 4, "nothing": [np.nan] * 4})
    r, _ = correlated(data)
    assert r[0, 0] == pytest.approx(1)
    assert np.isnan(r[1:]).all()


def test_infinite_cells_and_sentinels_are_missing() -> None:
    column = pa.chunked_array([[1.0, np.inf, -999.0, None, 4.0]])
    np.testing.assert_array_equal(
        numbers_of(column, "x", (-999, "n/a")), [1, np.nan, np.nan, np.nan, 4]
    )
    assert numbers_of(pa.chunked_array([[True, False]]), "x").tolist() == [1, 0]


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_cells_of_any_size_have_mean_0_and_norm_1(scale: float) -> None:
    cells = np.array([1.0, 2, np.nan, 4, 8]) * scale
    found = standardized(cells, "pearson")
    assert found.sum() == pytest.approx(0, abs=1e-12)
    assert found @ found == pytest.approx(1)
    assert found[2] == 0


def test_pairs_and_blocks_agree() -> None:
    data = frame()
    standard = StandardizedFeatures.empty(4, 400)
    for k, name in enumerate(data):
        standard.put(k, data[name].to_numpy(float), "pearson")
    block, n = standard.block(slice(0, 2), slice(0, 4))
    first, second = np.array([1, 0, 1, 0]), np.array([2, 3, 3, 1])
    np.testing.assert_allclose(standard.pairs(first, second), block[first, second], atol=1e-5)
    np.testing.assert_allclose(
        standard.pairs(first, second), data.corr().to_numpy()[first, second], atol=1e-5
    )
    assert n[1, 2] == (data["b"].notna() & data["c"].notna()).sum()
