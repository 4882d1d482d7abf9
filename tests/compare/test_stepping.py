import numpy as np
import pytest
from scipy import stats

from explorer.compare import stepping
from explorer.compare.edges import MISSING
from explorer.compare.stepping import quantize, quantize_blocks


@pytest.fixture
def long(monkeypatch):
    """Let columns of 400,000 rows count as long ones."""
    monkeypatch.setattr(stepping, "_LONG", 1)


def blocks(values, size=7_001):
    return [values[start : start + size] for start in range(0, len(values), size)]


def columns():
    rng = np.random.default_rng(0)
    n = 400_000
    spike = rng.normal(size=n)
    spike[: n // 3] = 0.25
    gaps = rng.normal(size=n)
    gaps[::7] = np.nan
    boundless = rng.normal(size=n)
    boundless[[5, 6, 7]], boundless[[8, 9]] = np.inf, -np.inf
    return {
        "normal": rng.normal(size=n),
        "far from 0": 1e9 + rng.normal(size=n),
        "skewed": rng.lognormal(0, 8, n),
        "even": rng.random(n),
        "spike": spike,
        "gaps": gaps,
        "boundless": boundless,
        "huge": np.concatenate([rng.normal(size=n - 2), [1e308, -1e308]]),
        "sorted": np.arange(float(n)),
    }


@pytest.mark.parametrize("name", columns())
def test_steps_through_a_sample_keep_the_order_of_the_values_and_count_every_row(name, long):
    values = columns()[name]
    steps = quantize_blocks(blocks(values), len(values))
    present = ~np.isnan(values)
    assert not steps.exact
    np.testing.assert_array_equal(steps.codes == MISSING, ~present)
    codes = steps.codes[present].astype(int)
    assert (np.diff(codes[np.argsort(values[present], kind="stable")]) >= 0).all()
    for value in (0.25, np.inf, -np.inf):  # equal values stay together
        assert len(np.unique(codes[values[present] == value])) <= 1
    np.testing.assert_array_equal(np.bincount(codes, minlength=len(steps.values)), steps.counts)
    assert np.sort(steps.counts)[-2] < 150
    assert (np.diff(steps.values) > 0).all()
    finite = np.isfinite(values)
    assert steps.counts[np.isinf(steps.values)].sum() == (present & ~finite).sum()
    total = (steps.values * steps.counts)[np.isfinite(steps.values)].sum()
    assert total == pytest.approx(
        values[finite].sum(), rel=1e-9, abs=1e-9 * np.abs(values[finite]).max()
    )


@pytest.mark.parametrize("share", [0.002, 0.3])
def test_figures_through_a_sample_are_close_to_those_of_another_library(share, long):
    rng = np.random.default_rng(1)
    values, a = rng.normal(size=400_000), rng.random(400_000) < share
    values[a] += 0.2
    steps = quantize_blocks(blocks(values), len(values))
    found = steps.tally(np.flatnonzero(a).astype(np.uint32), None, False)
    expected = stats.mannwhitneyu(values[a], values[~a]).statistic / a.sum() / (~a).sum()
    assert found.sums.auc == pytest.approx(expected, abs=1e-5)
    assert found.sums.ks == pytest.approx(stats.ks_2samp(values[a], values[~a]).statistic, abs=2e-4)
    assert found.moments()[0] == pytest.approx(values[a].mean(), abs=1e-4)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(400_000.0) % 65_000,
        np.where(
            np.arange(400_000) == 77, 0.5, np.arange(400_000) % 9
        ),  # one value that a sample may not have
        np.repeat([np.nan, -np.inf, 3.0, np.inf], 100_000),
        np.full(400_000, np.nan),
    ],
    ids=["many", "one rare", "infinite", "missing"],
)
def test_few_values_are_told_apart_each_also_in_a_long_column(values, long, monkeypatch):
    monkeypatch.setattr(stepping, "_SAMPLE", 300_000)
    found, expected = quantize_blocks(blocks(values), len(values)), quantize(values)
    assert found.exact
    for name in ("codes", "values", "counts"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    present = ~np.isnan(values)
    np.testing.assert_array_equal(found.values[found.codes[present]], values[present])
