from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.stats.intervals.tied_quantiles import TiedQuantiles


def drawn(rng: np.random.Generator, mean: float, n: int) -> np.ndarray:
    return np.sort(rng.poisson(mean, n).astype(np.float64))


@pytest.mark.parametrize("q", [0.3, 0.5, 0.9])
def test_an_arm_has_the_order_statistics_of_scipys_exact_interval(q: float) -> None:
    values = np.sort(np.random.default_rng(0).normal(size=83))
    known = np.full(1_000, 0.0)
    low, high = TiedQuantiles(values, known, q).ends(0.95)
    expected = stats.quantile_test(values, p=q).confidence_interval(0.95**0.5)
    assert (low, high) == (expected.low, expected.high)


def test_the_interval_holds_the_truth_whatever_ties_there_are() -> None:
    rng = np.random.default_rng(0)
    for mean, other, q in ((2.0, 2.0, 0.5), (2.0, 2.7, 0.5), (0.7, 0.7, 0.9), (1.678, 3.0, 0.5)):
        truth = stats.poisson(mean).ppf(q) - stats.poisson(other).ppf(q)
        held = wrong = 0
        for _ in range(300):
            found = TiedQuantiles(drawn(rng, mean, 150), drawn(rng, other, 90), q)
            low, high = found.ends(0.95)
            held += low <= truth <= high
            wrong += truth == 0 and found.p_value <= 0.05
        assert held >= 280
        assert wrong <= 20


def test_p_value_interval_and_lift_agree() -> None:
    rng = np.random.default_rng(1)
    for _ in range(40):
        found = TiedQuantiles(drawn(rng, 4.5, 60), drawn(rng, 3.5, 50), 0.5)
        for confidence in (1 - found.p_value * 0.999, 1 - found.p_value * 1.001):
            if 0 < confidence < 1:
                low, high = found.ends(confidence)
                assert (low <= 0 <= high) == (confidence > 1 - found.p_value)
        low, high = found.ends(0.95)
        lift_low, lift_high = found.lift(0.95)
        assert (low > 0) == (lift_low > 0)
        assert (high < 0) == (lift_high < 0)


def test_quantiles_far_apart_have_a_tiny_p_value_and_equal_ones_have_one() -> None:
    zeros, ones = np.zeros(5_000), np.ones(5_000)
    assert TiedQuantiles(ones, zeros, 0.5).p_value < 1e-200
    assert TiedQuantiles(zeros, zeros, 0.5).p_value == 1.0
    assert TiedQuantiles(zeros, zeros, 0.5).ends(0.95) == (0.0, 0.0)
    assert np.isnan(TiedQuantiles(ones, zeros, 0.5).lift(0.95)).all()


def test_rows_of_units_that_are_alike_have_a_wider_interval() -> None:
    values, other = np.sort(np.random.default_rng(0).normal(size=400)), np.zeros(400)
    narrow, wide = (TiedQuantiles(values, other, 0.5, spread).ends(0.95) for spread in (1.0, 4.0))
    assert wide[1] - wide[0] == pytest.approx(2 * (narrow[1] - narrow[0]), rel=0.15)
