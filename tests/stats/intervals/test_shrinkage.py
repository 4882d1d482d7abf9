from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from explorer.stats.intervals.shrinkage import NULL_PENALTY, shrink_effects


def many(
    seed: int, spread: float, null: float, k: int = 1_000
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.where(rng.uniform(size=k) < null, 0.0, rng.normal(scale=spread, size=k))
    errors = rng.uniform(0.5, 2.0, k)
    return truth, truth + errors * rng.normal(size=k), errors


def test_effects_of_one_normal_distribution_get_its_exact_posterior() -> None:
    _, seen, errors = many(23, 4.0, 0.0, 4_000)
    found = shrink_effects(seen, errors)
    kept = 16 / (16 + errors**2)
    assert np.abs(found.mean - kept * seen).max() < 0.5
    assert np.mean(np.abs(found.mean - kept * seen)) < 0.05
    assert np.mean(found.sd / np.sqrt(kept * errors**2)) == pytest.approx(1, abs=0.03)
    expected = stats.norm.sf(np.abs(seen) * np.sqrt(kept) / errors)
    # a few of a hundred are taken for 0, by the penalty: the rate errs to the large side, most for
    # the smallest
    assert (found.lfsr >= expected - 0.01).all()
    assert np.mean(found.lfsr - expected) < 0.04
    assert found.pi0 < 0.1


def test_without_any_effect_all_are_shrunk_to_0() -> None:
    _, seen, errors = many(24, 1.0, 1.0)
    found = shrink_effects(seen, errors)
    assert found.pi0 > 0.9
    assert np.abs(found.mean).max() < 0.1
    assert found.lfsr.min() > 0.3
    nothing = shrink_effects(np.zeros(50), np.ones(50))
    assert not nothing.mean.any()
    assert nothing.pi0 > 0.9


def test_the_fit_is_the_highest_that_another_optimiser_finds() -> None:
    # two effects near 0 and two far from it; the whole of the paper's model, written out a second
    # time
    values, errors = (
        np.array([0.1, -0.2, 6.0, 0.3, -5.0, 0.0]),
        np.array([1.0, 1.2, 1.0, 0.8, 1.1, 1.0]),
    )
    largest = 2 * np.sqrt((values**2 - errors**2).max())
    count = int(np.ceil(2 * np.log2(largest / (errors.min() / 10))))
    widths = np.r_[0.0, largest / np.sqrt(2.0) ** np.arange(count, -1, -1)]
    density = stats.norm.pdf(values[:, None], scale=np.hypot(errors[:, None], widths))

    def loss(free: np.ndarray) -> float:
        shares = np.exp(free - free.max())
        shares /= shares.sum()
        return float(-np.log(density @ shares).sum() - (NULL_PENALTY - 1) * np.log(shares[0]))

    best = minimize(
        loss, np.zeros(widths.size), method="BFGS", options={"gtol": 1e-7, "maxiter": 5_000}
    )
    shares = np.exp(best.x - best.x.max())
    weight = density * (shares / shares.sum())
    weight /= weight.sum(axis=1, keepdims=True)
    kept = widths**2 / (errors[:, None] ** 2 + widths**2)
    found = shrink_effects(values, errors)
    assert found.pi0 == pytest.approx(shares[0] / shares.sum(), abs=1e-4)
    np.testing.assert_allclose(found.mean, (weight * kept * values[:, None]).sum(axis=1), atol=1e-3)


def test_signs_are_called_wrongly_as_often_as_the_rate_says() -> None:
    truth, seen, errors = many(25, 3.0, 0.5, 8_000)
    found = shrink_effects(seen, errors)
    wrong = np.sign(found.mean) != np.sign(truth)
    for low, high in ((0.0, 0.05), (0.05, 0.2), (0.2, 0.5)):
        among = (found.lfsr >= low) & (found.lfsr < high)
        # the share of 0 is estimated on the large side, so that the rate is too
        assert wrong[among].mean() <= found.lfsr[among].mean() + 0.02
    assert np.mean((found.mean - truth) ** 2) < 0.6 * np.mean((seen - truth) ** 2)


def test_the_posterior_keeps_sign_and_order_of_equal_errors() -> None:
    _, seen, _ = many(26, 2.0, 0.7, 300)
    found = shrink_effects(seen, np.ones(300))
    assert (np.sign(found.mean) * np.sign(seen) >= 0).all()
    assert (np.abs(found.mean) <= np.abs(seen)).all()
    order = np.argsort(seen)
    assert (np.diff(found.mean[order]) >= -1e-12).all()
    assert ((found.lfsr >= 0) & (found.lfsr <= 1)).all()


def test_cells_without_an_effect_pass_through() -> None:
    values, errors = np.array([1.0, np.nan, 3.0, 2.0, 9.0]), np.array([1.0, 1.0, np.inf, 0.0, 2.0])
    found, alone = shrink_effects(values, errors), shrink_effects([1.0, 9.0], [1.0, 2.0])
    assert np.isnan(found.mean).tolist() == [False, True, True, True, False]
    np.testing.assert_array_equal(found.mean[[0, 4]], alone.mean)
    assert np.isnan(found.lfsr[1])
    nothing = shrink_effects([np.nan], [1.0])
    assert np.isnan(nothing.pi0)
    assert shrink_effects([], []).mean.size == 0


def test_very_large_effects_do_not_overflow() -> None:
    found = shrink_effects(np.array([1e8, 0.1, -0.2]), np.array([1.0, 1.0, 1e-3]))
    assert found.mean[0] == pytest.approx(1e8, rel=1e-6)
    assert np.isfinite(found.mean).all()
