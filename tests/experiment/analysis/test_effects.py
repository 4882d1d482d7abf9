import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from explorer.experiment.analysis.effects import effects_of, mean_arms, ratio_arms, share_arms
from explorer.experiment.analysis.sums import PAIR, VALUES, CellSums, cell_sums


def summed(names, *columns, shifts, arms=2):
    """Sums of shape (1, arms) of columns given as one array an arm."""
    codes = np.concatenate([np.full(len(side), arm) for arm, side in enumerate(columns[0])]).astype(
        np.int32
    )
    values = tuple(np.concatenate(column) for column in columns)
    return cell_sums(codes, arms, names, values, shifts).shaped(1, arms)


@pytest.fixture
def sides():
    rng = np.random.default_rng(0)
    return rng.normal(1e6, 2, 300), rng.normal(1e6 + 0.5, 3, 200)


def test_means_are_compared_as_scipys_welch(sides):
    found = effects_of(mean_arms(summed(VALUES, sides, shifts=(1e6 + 1,))), 1)
    expected = stats.ttest_ind(sides[1], sides[0], equal_var=False)
    ends = expected.confidence_interval(0.95)
    assert found.estimate.value[0] == pytest.approx(sides[1].mean() - sides[0].mean(), rel=1e-9)
    assert found.estimate.p_value[0] == pytest.approx(expected.pvalue, rel=1e-6)
    assert [end[0] for end in found.interval(0.95)] == pytest.approx(
        [ends.low, ends.high], rel=1e-6
    )


def test_growthbooks_known_means_come_out():
    """Reference 2a.1 and 2a.2: gbstats test_two_sided_ttest_absolute, and Fieller's interval."""
    table = np.array(
        [[[3407, 1396.87, 52377.9767, np.nan, np.nan], [3461, 2422.7, 134698.29, np.nan, np.nan]]]
    )
    found = effects_of(mean_arms(CellSums(table, VALUES, (0.0,))), 1)
    low, high = found.interval(0.95)
    assert (found.estimate.value[0], found.error[0]) == pytest.approx((0.29, 0.12478), abs=5e-6)
    assert (low[0], high[0], found.estimate.p_value[0]) == pytest.approx(
        (0.04538, 0.53462, 0.02016), abs=5e-6
    )
    _, lift_low, lift_high = found.lift(0.95)
    assert (lift_low[0], lift_high[0]) == pytest.approx((0.0942, 1.7084), abs=2e-4)


def test_shares_have_newcombes_interval_and_the_score_test():
    table = np.array([[[10_000, 46.0, 46.0, 46.0], [10_000, 69.0, 69.0, 69.0]]])
    found = effects_of(share_arms(CellSums(table, VALUES, (0.0,))), 1)
    low, high = found.interval(0.95)
    expected = confint_proportions_2indep(69, 10_000, 46, 10_000, method="newcomb")
    assert (low[0], high[0]) == pytest.approx(expected, rel=1e-9)
    assert (low[0], high[0]) == pytest.approx((0.000196, 0.004455), abs=5e-7)
    assert found.estimate.p_value[0] == pytest.approx(
        proportions_ztest([69, 46], [10_000, 10_000])[1], rel=1e-9
    )
    assert found.estimate.p_value[0] == pytest.approx(0.03148, abs=5e-6)


def test_shares_are_counted_right_whatever_was_taken_off_before():
    hits = np.random.default_rng(0).random(5000) < 0.137
    found = share_arms(
        summed(VALUES, (hits[:3000].astype(float), hits[3000:].astype(float)), shifts=(0.1371,))
    )
    assert found.hits.tolist() == [[hits[:3000].sum(), hits[3000:].sum()]]


def test_too_few_hits_are_too_few():
    table = np.array(
        [[[1000, 4.0, 4, 4], [1000, 5.0, 5, 5]], [[1000, 6.0, 6, 6], [1000, 5.0, 5, 5]]]
    )
    assert effects_of(share_arms(CellSums(table, VALUES, (0.0,))), 1).few.tolist() == [True, False]


def test_ratios_have_the_error_of_the_delta_method():
    rng = np.random.default_rng(0)
    den = [rng.poisson(5, 2000) + 1.0, rng.poisson(6, 1500) + 1.0]
    num = [rng.poisson(2 * den[0]).astype(float), rng.poisson(2.1 * den[1]).astype(float)]
    found = effects_of(ratio_arms(summed(PAIR, num, den, shifts=(10.0, 6.0))), 1)
    values, variances = [], []
    for a, b in zip(num, den, strict=True):
        ratio = a.mean() / b.mean()
        values.append(ratio)
        variances.append((a - ratio * b).var(ddof=1) / b.mean() ** 2 / len(a))
    assert found.estimate.value[0] == pytest.approx(values[1] - values[0], rel=1e-9)
    assert found.error[0] == pytest.approx(np.sqrt(sum(variances)), rel=1e-9)


def test_a_ratio_per_nothing_is_none():
    pair = np.ones(10), np.zeros(10)
    arms = ratio_arms(
        summed(PAIR, [np.ones(10), np.ones(10)], [pair[0], pair[1]], shifts=(0.0, 0.0))
    )
    assert np.isnan(arms.value[0, 1])
    assert effects_of(arms, 1).few[0]


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_the_lift_never_contradicts_the_difference(confidence):
    """In shares, 0 lies in the one interval just when it lies in the other."""
    rng = np.random.default_rng(0)
    n = rng.integers(1, 400, (20_000, 2)).astype(float)
    hits = np.rint(n * rng.random((20_000, 1)) ** 3 * rng.uniform(0.5, 1, (20_000, 2)))
    table = np.stack([n, hits, hits, hits], axis=-1)
    found = effects_of(share_arms(CellSums(table, VALUES, (0.0,))), 1)
    low, high = found.interval(confidence)
    lift, lift_low, lift_high = found.lift(confidence)
    known = ~np.isnan(lift)
    assert known.sum() > 15_000
    clear = known & (np.minimum(abs(low), abs(high)) > 1e-9)
    assert ((low > 0) == (lift_low > 0))[clear].all()
    assert ((high < 0) == (lift_high < 0))[clear].all()
    assert (lift_low <= lift)[known].all()
    assert (lift <= lift_high)[known].all()


def test_a_constant_has_no_variance_left_by_rounding():
    sides = np.full(1000, 0.1), np.full(900, 0.1)
    found = effects_of(mean_arms(summed(VALUES, sides, shifts=(0.3,))), 1)
    assert found.still.all()
    assert np.isnan(found.estimate.p_value[0])


def test_groups_have_thirty_units_an_arm_and_the_whole_may_have_fewer():
    sides = np.linspace(0, 1, 20), np.linspace(0.1, 1.2, 20)
    alone = effects_of(mean_arms(summed(VALUES, sides, shifts=(0.5,))), 1)
    assert not alone.few[0]
    codes = np.repeat(np.arange(4), 20).astype(np.int32)
    grouped = cell_sums(codes, 4, VALUES, (np.concatenate([*sides, *sides]),), (0.5,)).shaped(2, 2)
    assert effects_of(mean_arms(grouped), 1).few.all()
