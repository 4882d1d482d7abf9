import numpy as np
import pytest

from explorer.stats.bins import count_into, quantile_bins

RNG = np.random.default_rng(0)
COLUMNS = {
    "normal": RNG.normal(5, 2, 20_000),
    "heavy": RNG.lognormal(0, 4, 20_000),
    "counts": RNG.poisson(3, 20_000).astype(float),
    "constant": np.full(20_000, 7.0),
    "tiny": RNG.normal(size=20_000) * 1e-300,
}


def _table(bins, chunks):
    return (
        np.zeros((chunks, bins.columns), np.int64),
        np.zeros((chunks, bins.columns - 1)),
        np.zeros((chunks, 3)),
    )


@pytest.mark.parametrize("name", COLUMNS)
def test_every_value_is_counted_where_searchsorted_puts_it(name):
    values = COLUMNS[name].copy()
    values[::50], values[1::70], values[2::90] = np.nan, np.inf, -np.inf
    bins = quantile_bins(values[:8_000])
    chunk = RNG.integers(-1, 6, len(values)).astype(np.int32)
    counts, sums, extra = _table(bins, 6)
    count_into(counts, sums, extra, bins, values, chunk, float(np.median(COLUMNS[name])))
    k, edges = bins.size, bins.edges
    inner = np.clip(np.searchsorted(edges, values, side="right"), 1, k)
    column = np.where(
        np.isnan(values),
        k + 2,
        np.where(values < edges[0], 0, np.where(values > edges[-1], k + 1, inner)),
    )
    expected = np.zeros_like(counts)
    some = chunk >= 0
    np.add.at(expected, (chunk[some], column[some]), 1)
    assert (counts == expected).all()
    for one in range(6):
        finite = values[(chunk == one) & np.isfinite(values)]
        infinite = [((chunk == one) & (values == end)).sum() for end in (-np.inf, np.inf)]
        assert extra[one, :2].tolist() == infinite
        off = finite - np.median(COLUMNS[name])
        assert extra[one, 2] == pytest.approx((off**2).sum(), rel=1e-9)
        ends = (edges[[0, -1]] - np.median(COLUMNS[name])) @ infinite
        assert sums[one].sum() - ends == pytest.approx(
            off.sum(), rel=1e-9, abs=1e-9 * np.abs(off).sum()
        )
        inside = finite[(finite >= edges[0]) & (finite <= edges[-1])]
        assert sums[one, 1:-1].sum() == pytest.approx(
            (inside - np.median(COLUMNS[name])).sum(), rel=1e-9, abs=1e-9 * np.abs(inside).sum()
        )
        below = values[(chunk == one) & (values < edges[0])]
        assert sums[one, 0] == pytest.approx(
            (np.where(np.isinf(below), edges[0], below) - np.median(COLUMNS[name])).sum()
        )


def test_a_reference_without_values_has_one_bin_and_counts_on():
    bins = quantile_bins(np.array([np.nan, np.inf]))
    counts, sums, extra = _table(bins, 1)
    count_into(
        counts, sums, extra, bins, np.array([0.0, 1.0, -1.0, np.nan]), np.zeros(4, np.int32), 0.0
    )
    assert counts.tolist() == [[1, 1, 1, 1]]
    assert sums.tolist() == [[-1, 0, 1]]


def test_bins_hold_about_as_many_of_the_reference_each():
    values = COLUMNS["normal"]
    bins = quantile_bins(values, 100)
    counts = np.histogram(values, bins.edges)[0]
    inner = counts[
        (bins.edges[:-1] >= np.quantile(values, 0.01))
        & (bins.edges[1:] <= np.quantile(values, 0.99))
    ]
    assert len(inner) >= 97
    assert inner.min() >= 195
    assert counts.max() <= 205


def test_each_of_a_few_values_has_a_bin_of_its_own():
    bins = quantile_bins(np.array([0.0, 1.0, 1.0, 2.0, 2.0, 2.0]))
    counts, sums, extra = _table(bins, 1)
    count_into(
        counts, sums, extra, bins, np.array([0.0, 1.0, 2.0, 2.0]), np.zeros(4, np.int32), 0.0
    )
    assert counts[0].tolist() == [0, 1, 1, 2, 0, 0]
    assert sums[0].tolist() == [0, 0, 1, 4, 0]
