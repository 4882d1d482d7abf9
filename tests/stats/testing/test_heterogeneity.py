from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from explorer.stats.testing.heterogeneity import cochran_q, deviations, gail_simon

# Gail & Simon 1985: disease-free survival at three years, four subsets by age and progesterone
# receptors
EFFECTS, ERRORS = (
    np.array([0.163, -0.114, -0.047, -0.151]),
    np.array([0.0788, 0.0689, 0.0614, 0.0547]),
)


def test_the_published_change_of_sign_is_met() -> None:
    statistic, p_value = gail_simon(EFFECTS, ERRORS)
    assert statistic == pytest.approx(4.28, abs=5e-3)
    assert p_value == pytest.approx(0.088, abs=5e-4)


def test_a_change_of_sign_is_found_by_chance_as_often_as_said() -> None:
    rng = np.random.default_rng(18)
    # the least favourable truth: one effect without end, the others 0, so that only these can be of
    # the other sign
    seen = rng.normal(np.array([50, 0, 0, 0, 0]), size=(40_000, 5))
    _, p_value = gail_simon(seen, 1.0)
    for level in (0.01, 0.05, 0.2):
        assert np.mean(p_value <= level) == pytest.approx(level, abs=4 * np.sqrt(level / 40_000))
    assert np.mean(gail_simon(rng.normal(size=(4_000, 5)), 1.0)[1] <= 0.05) < 0.02


def test_effects_of_one_sign_never_speak_for_a_change() -> None:
    statistic, p_value = gail_simon([[0.2, 3.0, 0.0], [-1.0, np.nan, -0.1]], 1.0)
    assert statistic.tolist() == [0, 0]
    assert p_value.tolist() == [1, 1]


def test_cochran_s_q_is_that_of_statsmodels() -> None:
    expected = combine_effects(EFFECTS, ERRORS**2)
    statistic, df, p_value = cochran_q(EFFECTS, ERRORS)
    assert (statistic, df) == (pytest.approx(expected.q), 3)
    assert p_value == pytest.approx(stats.chi2.sf(expected.q, 3))


def test_cells_without_an_effect_are_left_out() -> None:
    values = np.array(
        [[1.0, np.nan, 2.0, 3.0], [1.0, 1.0, np.nan, np.nan], [5.0, np.nan, np.nan, np.nan]]
    )
    errors = np.array([[1.0, 1.0, 2.0, 0.0], [1.0, 3.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    statistic, df, p_value = cochran_q(values, errors)
    alone = cochran_q([1.0, 2.0], [1.0, 2.0])
    assert (statistic[0], df[0], p_value[0]) == alone
    assert df.tolist() == [1, 1, 0]
    assert np.isnan([statistic[2], p_value[2]]).all()
    assert np.isnan(gail_simon(values, errors)[1]).tolist() == [False, False, True]
    assert gail_simon(values, errors)[0].shape == (3,)


def test_no_cell_at_all_is_no_test() -> None:
    statistic, df, p_value = cochran_q(np.full((2, 3), np.nan), 1.0)
    assert df.tolist() == [-1, -1]
    assert np.isnan([statistic, p_value]).all()
    assert np.isnan(deviations(np.full(3, np.nan), 1.0)).all()


def test_the_error_of_a_deviation_is_that_of_repeated_experiments() -> None:
    rng = np.random.default_rng(19)
    units, own = (
        np.array([400, 150, 50]),
        np.array([0.0, 4.0, -3.0]),
    )  # the regions' means differ a great deal
    region = np.repeat(np.arange(3), units)
    seen, errors = [], []
    for _ in range(4_000):
        arm = rng.permutation(region.size) < region.size // 2
        y = own[region] + rng.normal(size=region.size) * (1 + region[:]) + 0.5 * arm
        cells = [[y[(region == r) & (arm == a)] for a in (True, False)] for r in range(3)]
        effect = np.array([t.mean() - c.mean() for t, c in cells])
        error = np.sqrt([t.var(ddof=1) / t.size + c.var(ddof=1) / c.size for t, c in cells])
        t, c = y[arm], y[~arm]
        whole = np.sqrt(t.var(ddof=1) / t.size + c.var(ddof=1) / c.size)
        value, of_value = deviations(effect, error, units / units.sum(), t.mean() - c.mean(), whole)
        seen.append(value)
        errors.append(of_value**2)
    truth = np.std(seen, axis=0)
    np.testing.assert_allclose(np.sqrt(np.mean(errors, axis=0)), truth, rtol=0.04)
    assert np.abs(np.mean(seen, axis=0)).max() < 0.05


def test_without_an_overall_effect_the_regions_make_it() -> None:
    rng = np.random.default_rng(20)
    errors, weights = np.array([0.5, 1.0, 2.0]), np.array([0.2, 0.5, 0.3])
    seen = rng.normal(size=(50_000, 3)) * errors
    for given in (weights, None):
        value, error = deviations(seen, errors, given)
        np.testing.assert_allclose(error[0], value.std(axis=0), rtol=0.02)
    value, error = deviations([1.0, np.nan, 3.0], errors, weights)
    assert value == pytest.approx([-1.2, np.nan, 0.8], nan_ok=True)
    assert np.isnan(error[1])


def test_a_region_that_is_the_whole_does_not_differ_from_it() -> None:
    value, error = deviations([0.3], [0.1], [1.0], 0.3, 0.1)
    assert value.tolist() == error.tolist() == [0.0]


def test_half_an_overall_effect_is_refused() -> None:
    with pytest.raises(ValueError, match="value and its error"):
        deviations([0.3], [0.1], [1.0], 0.3)
