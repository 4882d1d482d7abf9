from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from explorer.stats.correlation import correlation_interval, correlation_p_value


def test_interval_and_test_of_pearson_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=80)
    y = 0.4 * x + rng.normal(size=80)
    expected = pearsonr(x, y)
    ends = expected.confidence_interval()
    assert correlation_interval(expected.statistic, 80, "pearson") == pytest.approx(
        (ends.low, ends.high)
    )
    assert correlation_p_value(expected.statistic, 80) == pytest.approx(expected.pvalue)
    ranked = spearmanr(x, y)
    assert correlation_p_value(ranked.statistic, 80) == pytest.approx(ranked.pvalue)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_spearman_s_interval_covers_the_truth(rho: float) -> None:
    rng = np.random.default_rng(1)
    truth = 6 / math.pi * math.asin(rho / 2)  # of a bivariate normal
    hits = []
    for _ in range(1000):
        x, e = rng.normal(size=(2, 60))
        r = spearmanr(x, rho * x + math.sqrt(1 - rho**2) * e).statistic
        low, high = correlation_interval(r, 60)
        hits.append(low <= truth <= high)
    assert 0.93 <= np.mean(hits) <= 0.975


def test_what_cannot_be_told_is_the_whole_range_or_nan() -> None:
    assert correlation_interval(0.5, 3) == (-1, 1)
    assert correlation_interval(1.0, 30) == (1, 1)
    assert all(map(math.isnan, correlation_interval(math.nan, 30)))
    assert math.isnan(correlation_p_value(0.5, 2))
    assert correlation_p_value(-1.0, 9) == 0
