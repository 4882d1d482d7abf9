import numpy as np
import pytest
from scipy import stats

from explorer.core.errors import ExperimentError
from explorer.experiment.analysis.assignment_checks import check_counts, crossed_units_text
from explorer.experiment.analysis.units import Units

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


def test_without_an_allocation_nothing_is_checked():
    found = check_counts(("A", "B"), np.array([1, 2]), None)
    assert found.counts == {"A": 1, "B": 2}
    assert "SRM not checked: no allocation was declared" in found.words


def test_arms_that_the_data_or_the_allocation_lack_are_said_and_are_no_part_of_the_check():
    found = check_counts(ARMS, np.array([1000, 480, 0]), {"A": 2, "B": 1, "C": 1, "D": 5})
    expected = stats.chisquare([1000, 480], 1480 * np.array([2 / 3, 1 / 3]))
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.absent == ("C", "D")
    assert "declared, but without units: C, D" in found.words
    extra = check_counts(ARMS, np.array([1000, 1000, 900]), {"A": 1, "B": 1})
    assert extra.undeclared == ("C",)
    assert extra.p_value == 1
    assert "not declared, and not checked: C" in extra.words


def test_one_declared_arm_with_units_is_nothing_to_check():
    found = check_counts(ARMS, np.array([1000, 0, 0]), {"A": 1, "B": 1, "C": 0})
    assert found.p_value is None
    assert "fewer than two of the declared arms have units" in found.words


def test_shares_that_are_none_are_refused():
    for shares in ({"A": 0, "B": 0}, {"A": -1, "B": 2}, {"A": np.nan, "B": 1}):
        with pytest.raises(ExperimentError, match="some above 0"):
            check_counts(("A", "B"), np.array([1, 2]), shares)


@pytest.mark.parametrize(("crossed", "too_many"), [(0, False), (10, False), (11, True)])
def test_more_than_a_hundredth_of_units_in_several_arms_is_too_many(crossed, too_many):
    units = Units(arm=np.zeros(1, np.int8), columns={}, n_crossed=crossed, n_seen=1000)
    found, words = crossed_units_text(units)
    assert found is too_many
    assert (f"{crossed:,} of 1,000 units" in words) is (crossed > 0)
