from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from explorer.features.kind import Feature
from explorer.profile.relations.correlations import (
    Standard,
    correlation_matrix,
    numbers_of,
    standardized,
)
from explorer.sources.source import open_source


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 400))
    made = pd.DataFrame(
        {"a": a, "b": 0.7 * a + b, "c": np.exp(c + a), "d": rng.integers(0, 4, 400)}
    )
    made.loc[rng.random(400) < 0.2, "b"] = np.nan
    made.loc[rng.random(400) < 0.3, "c"] = np.nan
    return made


def test_pearson_over_the_rows_of_each_pair_is_that_of_pandas() -> None:
    data = frame()
    found = correlation_matrix(open_source(data), list(data), method="pearson")
    np.testing.assert_allclose(found.r, data.corr().to_numpy(), rtol=1e-9)
    present = data.notna().to_numpy().astype(int)
    np.testing.assert_array_equal(found.n, present.T @ present)
    assert (found.rows, found.exact) == (400, True)


def test_spearman_is_that_of_pandas_where_nothing_is_missing_and_near_it_elsewhere() -> None:
    data = frame()
    whole = data.dropna()
    found = correlation_matrix(open_source(whole), list(data))
    np.testing.assert_allclose(found.r, whole.corr("spearman").to_numpy(), rtol=1e-9)
    gaps = correlation_matrix(open_source(data), list(data))
    np.testing.assert_allclose(gaps.r, data.corr("spearman").to_numpy(), atol=0.02)


def test_what_does_not_vary_has_no_correlation() -> None:
    data = pa.table(
        {"a": [1.0, 2, 3, 4], "flat": [5.0] * 4, "nothing": pa.array([None] * 4, pa.float64())}
    )
    found = correlation_matrix(open_source(data), data.column_names)
    assert found.r[0, 0] == 1
    assert np.isnan(found.r[1:]).all()
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["r"][0] == [1.0, None, None]


def test_a_sample_is_said() -> None:
    data = frame()
    found = correlation_matrix(open_source(data), ["a", "d"], rows=100)
    assert (found.rows, found.exact, found.n.max()) == (100, False, 100)


def test_infinite_cells_and_sentinels_are_missing() -> None:
    column = pa.chunked_array([[1.0, np.inf, -999.0, None, 4.0]])
    np.testing.assert_array_equal(
        numbers_of(column, "x", (-999, "n/a")), [1, np.nan, np.nan, np.nan, 4]
    )
    assert numbers_of(pa.chunked_array([[True, False]]), "x").tolist() == [1, 0]
    features = {"x": Feature(name="x", kind="numeric", sentinels=(-999,))}
    table = pa.table({"x": column, "y": [1.0, 2, 3, 4, 5]})
    assert correlation_matrix(open_source(table), ["x", "y"], features=features).n[0, 1] == 2


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_cells_of_any_size_have_mean_0_and_norm_1(scale: float) -> None:
    cells = np.array([1.0, 2, np.nan, 4, 8]) * scale
    found = standardized(cells, "pearson")
    assert found.sum() == pytest.approx(0, abs=1e-12)
    assert found @ found == pytest.approx(1)
    assert found[2] == 0


def test_pairs_and_blocks_agree() -> None:
    data = frame()
    standard = Standard.empty(4, 400)
    for k, name in enumerate(data):
        standard.put(k, data[name].to_numpy(float), "pearson")
    block, n = standard.block(slice(0, 2), slice(0, 4))
    first, second = np.array([1, 0, 1, 0]), np.array([2, 3, 3, 1])
    np.testing.assert_allclose(standard.pairs(first, second), block[first, second], atol=1e-5)
    np.testing.assert_allclose(
        standard.pairs(first, second), data.corr().to_numpy()[first, second], atol=1e-5
    )
    assert n[1, 2] == (data["b"].notna() & data["c"].notna()).sum()
