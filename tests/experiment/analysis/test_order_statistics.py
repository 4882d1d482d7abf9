import numpy as np
import pytest

from explorer.experiment.analysis.effects import effects_of
from explorer.experiment.analysis.order_statistics import Clusters, quantiles_of, values_by_cell


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    made = rng.gamma(2, 3, 20_000)
    made[::9] = np.nan
    return made


@pytest.fixture
def cells():
    return np.random.default_rng(1).integers(-1, 6, 20_000).astype(np.int32)


def test_values_lie_by_cell_and_missing_ones_nowhere(values, cells):
    order = values_by_cell(values, cells, 6)
    for cell in range(6):
        expected = values[(cells == cell) & ~np.isnan(values)]
        assert (order[cell] == expected).all()


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_quantiles_are_numpys_and_their_error_is_that_of_repeated_samples(values, cells, q):
    found = quantiles_of(values_by_cell(values, cells, 6), 2, q)
    arms, tied = found.arms, found.tied
    for cell in range(6):
        some = values[(cells == cell) & ~np.isnan(values)]
        assert arms.value.ravel()[cell] == pytest.approx(np.quantile(some, q), rel=1e-12)
    rng = np.random.default_rng(2)
    repeated = np.quantile(rng.gamma(2, 3, (4_000, 2_540)), q, axis=1).std()
    assert np.sqrt(arms.variance).mean() == pytest.approx(repeated, rel=0.12)
    assert not tied.any()


def test_growthbooks_known_quantile_comes_out():
    """Reference 2a.5, from the order statistics that gbstats prints."""
    from explorer.experiment.analysis.effects import ArmSummaries

    z = 1.959963984540054
    error = np.array([[7.217195 - 7.098780, 7.747194 - 7.641806]]) / (2 * z)
    shape = np.ones((1, 2))
    arms = ArmSummaries(
        shape * 11_000, np.array([[7.157987, 7.694500]]), error**2, shape, df=shape * np.inf
    )
    found = effects_of(arms, 1)
    low, high = found.interval(0.95)
    # gbstats shrinks the error by (n − 1)/n, which moves the sixth digit
    assert found.estimate.value[0] == pytest.approx(0.536512, abs=2e-6)
    assert (low[0], high[0]) == pytest.approx((0.457256, 0.615769), abs=5e-6)


def test_where_values_tie_at_the_quantile_a_test_of_its_own_takes_over():
    values = np.r_[np.repeat([1.0, 2.0, 3.0], 300), np.repeat([1.0, 2.0, 3.0], [100, 300, 500])]
    found = quantiles_of(values_by_cell(values, np.repeat([0, 1], 900).astype(np.int32), 2), 2, 0.5)
    assert found.tied.all()
    effects = found.tested(effects_of(found.arms, 1))
    assert effects.estimate.value[0] == 1.0
    assert [end[0] for end in effects.interval(0.95)] == [1.0, 1.0]
    assert [end[0] for end in effects.lift(0.95)] == [0.5, 0.5, 0.5]
    assert effects.estimate.p_value[0] < 0.01
    assert not effects.normal[0]


@pytest.mark.parametrize("like", [0.0, 1.0])
def test_the_spread_is_the_design_effect_of_rows_that_are_alike(like):
    """Rows of a unit that are all the same count as one.

    The variance of a share is as many times larger as a unit has rows.
    """
    rng = np.random.default_rng(0)
    part = np.repeat(np.arange(6_000, dtype=np.int32), 5)
    values = like * rng.normal(size=6_000)[part] + (1 - like) * rng.normal(size=30_000)
    cells = (part % 2).astype(np.int32)
    units, spread = Clusters(values, cells, part).spread(np.array([0.0, 0.7]))
    assert units.tolist() == [3_000, 3_000]
    assert spread == pytest.approx(1 + 4 * like, rel=0.05)


def test_too_few_values_for_the_bounds_are_too_few():
    arms = quantiles_of(
        values_by_cell(np.arange(6.0), np.array([0, 0, 0, 1, 1, 1], np.int32), 2), 2, 0.9
    ).arms
    assert effects_of(arms, 1).few.all()
    assert np.isnan(arms.variance).all()
    assert np.isfinite(arms.value).all()
