from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from explorer.stats.intervals.power import detectable_effect, units_needed


def test_the_published_size_of_an_experiment_is_met() -> None:
    # Kohavi et al. 2009 (doi:10.1007/s10618-008-0114-1): a conversion of 5 %, a change of 5 % of it
    # by the rule of 16 σ² / δ²
    assert units_needed(0.05 * 0.95, 0.05 * 0.05) == pytest.approx(121_600, rel=0.02)


@pytest.mark.parametrize(("alpha", "power"), [(0.05, 0.8), (0.001, 0.9), (0.05, 0.5)])
def test_units_and_effects_are_those_of_statsmodels(alpha: float, power: float) -> None:
    expected = NormalIndPower().solve_power(effect_size=0.1, alpha=alpha, power=power)
    assert units_needed(4.0, 0.2, alpha, power) == pytest.approx(expected, rel=5e-4)
    assert detectable_effect(2 * np.sqrt(2 / expected), alpha, power) == pytest.approx(
        0.2, rel=5e-4
    )


def test_the_effect_is_found_as_often_as_said() -> None:
    seen = np.random.default_rng(16).normal(detectable_effect(0.3), 0.3, 20_000)
    assert np.mean(np.abs(seen / 0.3) > 1.959964) == pytest.approx(0.8, abs=0.01)


def test_no_effect_takes_units_without_end() -> None:
    assert np.isinf(units_needed(1.0, 0.0))
    assert units_needed([1.0, 2.0], [[0.1], [0.2]]).shape == (2, 2)
