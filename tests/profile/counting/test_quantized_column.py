import numpy as np
import pytest
from scipy import stats

from explorer.compare.edges import MISSING
from explorer.compare.stepping import quantize
from explorer.core.cache import Cache
from explorer.profile.counting.quantized_column import QuantizedColumnStore
from explorer.profile.counting.tally import tally_of_values


def rows(mask):
    return np.flatnonzero(mask).astype(np.uint32)


def test_up_to_65534_values_have_a_step_each():
    values = np.random.default_rng(0).integers(0, 65_534, 200_000) / 7
    steps = quantize(values)
    assert steps.exact
    np.testing.assert_array_equal(steps.values, np.unique(values))
    np.testing.assert_array_equal(steps.values[steps.codes], values)
    np.testing.assert_array_equal(steps.counts, np.unique(values, return_counts=True)[1])


def test_more_values_share_steps_of_about_as_many_rows_in_order():
    rng = np.random.default_rng(1)
    values = rng.normal(size=300_000)
    values[:100_000] = 0.25  # one value that outweighs many steps
    values[::1000] = np.nan
    steps = quantize(values)
    present = ~np.isnan(values)
    assert not steps.exact
    assert (steps.codes == MISSING).sum() == (~present).sum()
    order = np.argsort(values[present])
    assert (np.diff(steps.codes[present][order].astype(int)) >= 0).all()
    np.testing.assert_array_equal(
        np.bincount(steps.codes[present], minlength=len(steps.values)), steps.counts
    )
    means = np.bincount(steps.codes[present], weights=values[present]) / steps.counts
    np.testing.assert_allclose(steps.values, means, rtol=1e-9, atol=1e-12)
    assert np.sort(steps.counts)[-2] < 40


@pytest.mark.parametrize("share", [0.2, 0.8])
def test_groups_are_counted_whichever_is_smaller(share):
    rng = np.random.default_rng(2)
    values = rng.integers(0, 50, 4_000).astype(float)
    values[::7] = np.nan
    a = rng.random(4_000) < share
    expected = tally_of_values(values[a & ~np.isnan(values)], values[~a & ~np.isnan(values)])
    steps = quantize(values)
    for found in (
        steps.tally(rows(a), None, False),
        steps.tally(rows(~a), None, True),
        steps.tally(rows(a), rows(~a), False),
    ):
        used = (found.a + found.b) > 0
        for name in ("values", "a", "b"):
            np.testing.assert_array_equal(getattr(found, name)[used], getattr(expected, name))


def test_steps_without_a_row_of_either_group_change_no_figure():
    rng = np.random.default_rng(4)
    values = rng.normal(size=300)
    a, b = rng.random(300) < 0.2, rng.random(300) < 0.05
    b &= ~a
    found, expected = (
        quantize(values).tally(rows(a), rows(b), False),
        tally_of_values(values[a], values[b]),
    )
    np.testing.assert_allclose(found.sums, expected.sums, rtol=1e-12)
    np.testing.assert_allclose(
        [*found.moments(), *found.medians()], [*expected.moments(), *expected.medians()]
    )


def test_steps_are_close_to_exact_where_values_are_many():
    rng = np.random.default_rng(3)
    values, a = rng.normal(size=400_000), rng.random(400_000) < 0.3
    values[a] += 0.2
    found = quantize(values).tally(rows(a), None, False).sums
    assert found.auc == pytest.approx(
        stats.mannwhitneyu(values[a], values[~a]).statistic / a.sum() / (~a).sum(), abs=1e-5
    )
    assert found.ks == pytest.approx(stats.ks_2samp(values[a], values[~a]).statistic, abs=1e-4)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [np.nan, np.nan],
        [np.inf, 1.0, -np.inf],
        [4.0],
        [-0.0, 0.0, -1e-310, 1e-310],
        [1e300, -1e300, 1e39],
    ],
)
def test_columns_with_hardly_anything_have_steps_too(values):
    values = np.array(values)
    steps = quantize(values)
    present = ~np.isnan(values)
    np.testing.assert_array_equal(steps.values[steps.codes[present]], values[present])
    assert (steps.codes[~present] == MISSING).all()


def test_steps_are_kept_under_their_settings(tmp_path):
    store, steps = (
        QuantizedColumnStore(Cache(tmp_path), "t"),
        quantize(np.array([3.0, np.nan, 1.0])),
    )
    assert store.get("a", "numeric") is None
    store.put("a", "numeric", steps)
    for opened in (store, QuantizedColumnStore(Cache(tmp_path), "t")):
        found = opened.get("a", "numeric")
        assert (found.codes.tolist(), found.values.tolist(), found.exact) == (
            [1, MISSING, 0],
            [1.0, 3.0],
            True,
        )
        assert opened.get("a", "temporal") is None
    assert QuantizedColumnStore(Cache(tmp_path), "other").get("a", "numeric") is None
