import numpy as np
import pytest
from scipy import stats

from explorer.stats.intervals.paired_medians import paired_medians


def test_the_value_is_the_median_and_the_error_that_of_scipys_bootstrap():
    rng = np.random.default_rng(0)
    a = rng.gamma(2, size=2_000)
    b = a + rng.normal(0, 0.5, size=2_000)
    found = paired_medians([a, b])
    assert found.value == pytest.approx([np.median(a), np.median(b)])
    told = stats.bootstrap(
        (a, b),
        lambda x, y, axis: np.median(y, axis) - np.median(x, axis),
        paired=True,
        n_resamples=1_000,
        rng=np.random.default_rng(1),
        method="percentile",
    )
    drawn = found.draws[:, 1] - found.draws[:, 0]
    assert drawn.std(ddof=1) == pytest.approx(told.standard_error, rel=0.12)
    assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx(
        [told.confidence_interval.low, told.confidence_interval.high], abs=0.03
    )


def test_rows_of_a_unit_are_drawn_together():
    rng = np.random.default_rng(0)
    unit = np.repeat(np.arange(200), 20).astype(np.int32)
    values = rng.normal(size=200)[unit] + rng.normal(0, 0.1, unit.size)
    alone, together = paired_medians([values]), paired_medians([values], unit)
    # 20 rows that say nearly the same are worth about one
    assert together.error[0] / alone.error[0] == pytest.approx(np.sqrt(20), rel=0.3)


def test_a_few_rows_are_drawn_among_their_own_values():
    found = paired_medians([np.array([1.0, 2.0, 4.0])])
    assert set(np.unique(found.draws[~np.isnan(found.draws)])) <= {1.0, 2.0, 4.0}


def test_without_rows_there_is_no_median():
    assert np.isnan(paired_medians([np.empty(0)]).value).all()
