import numpy as np
import pytest
from scipy import stats

from explorer.errors import ExperimentError, UnknownName
from explorer.experiments.gates import check_counts, check_ratio, crossed_words, weights_of
from explorer.experiments.units import Units

ARMS = ("A", "B", "C")


def test_arms_are_held_against_their_shares_as_scipy_does():
    counts = np.array([1000, 480, 530])
    found = check_counts(ARMS, counts, {"A": 0.5, "B": 0.25, "C": 0.25})
    expected = stats.chisquare(counts, 2010 * np.array([0.5, 0.25, 0.25]))
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.df == 2
    assert not found.mismatch


def test_units_in_an_arm_that_should_have_none_are_a_mismatch():
    found = check_counts(ARMS, np.array([100, 100, 3]), {"A": 1, "B": 1, "C": 0})
    assert found.mismatch
    assert found.df == 1
    assert "sample ratio mismatch" in found.words


def test_units_outside_every_arm_are_not_counted():
    found = check_ratio(("A", "B"), np.array([0, -1, 1, 1, -1], np.int8), None)
    assert found.counts == {"A": 1, "B": 2}
    assert "not checked" in found.words


def test_an_allocation_has_to_name_every_arm_and_no_other():
    with pytest.raises(ExperimentError, match="leaves out 'C'"):
        weights_of(ARMS, {"A": 1, "B": 1})
    with pytest.raises(UnknownName, match="did you mean"):
        weights_of(("control", "new"), {"control": 1, "news": 1})
    with pytest.raises(ExperimentError, match="some above 0"):
        weights_of(("A", "B"), {"A": 0, "B": 0})


@pytest.mark.parametrize(("crossed", "too_many"), [(0, False), (10, False), (11, True)])
def test_more_than_a_hundredth_of_units_in_several_arms_is_too_many(crossed, too_many):
    units = Units(arm=np.zeros(1, np.int8), columns={}, n_crossed=crossed, n_seen=1000)
    found, words = crossed_words(units)
    assert found is too_many
    assert (f"{crossed:,} of 1,000 units" in words) is (crossed > 0)
