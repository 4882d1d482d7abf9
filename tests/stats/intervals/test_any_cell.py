"""Families have cells that hold anything; no call raises a warning, since they are errors here."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING

import numpy as np
import pytest

from explorer.stats import covariates, skewness
from explorer.stats.estimate import Estimate
from explorer.stats.intervals import (
    fieller,
    means,
    paired_ratios,
    power,
    proportions,
    quantiles,
    ratios,
    sequences,
    shrinkage,
    student,
)
from explorer.stats.testing import families, heterogeneity, srm

if TYPE_CHECKING:
    from collections.abc import Callable

ANYTHING = np.array([0.0, np.nan, np.inf, -np.inf, -1.0, 1e308, 1e-308, 7.0])
OF_SINGLE_CELLS = [
    means.welch, means.satterthwaite, ratios.ratio_moments, fieller.lift,
    proportions.wilson_intervals, proportions.newcombe_intervals, proportions.pooled_z,
    quantiles.quantile_bounds, families.coverage_levels,
    power.detectable_effect, power.units_needed, sequences.narrowest_rho,
    sequences.sequence_width, sequences.sequence_p_value, skewness.near_normal,
    skewness.shape_of_difference, student.critical_value, student.two_sided, Estimate.of,
]  # fmt: skip


@pytest.mark.parametrize("figure", OF_SINGLE_CELLS, ids=lambda figure: figure.__qualname__)
def test_a_single_cell_may_hold_anything(figure: Callable[..., object]) -> None:
    rng = np.random.default_rng(0)
    found = figure(*(rng.choice(ANYTHING, 4_000) for _ in signature(figure).parameters))
    if isinstance(found, Estimate):
        found.interval(rng.choice(ANYTHING, 4_000))
        found = (found.value, found.p_value)
    for each in found if isinstance(found, tuple) else (found,):
        assert each.shape == (4_000,)


@pytest.mark.parametrize(
    ("figure", "shapes"),
    [
        (heterogeneity.cochran_q, [(500, 6)] * 2),
        (heterogeneity.gail_simon, [(500, 6)] * 2),
        (heterogeneity.deviations, [(500, 6)] * 3 + [(500,)] * 2),
        (covariates.adjusted_means, [(500, 12), (500, 3), (500,), (500,)]),
        (paired_ratios.paired_ratio, [(500, 15)] * 2),
        (shrinkage.shrink_effects, [(500,)] * 2),
    ],
    ids=lambda each: getattr(each, "__qualname__", ""),
)
def test_cells_with_sums_may_hold_anything(
    figure: Callable[..., object], shapes: list[tuple[int, ...]]
) -> None:
    rng = np.random.default_rng(1)
    assert figure(*(rng.choice(ANYTHING, shape) for shape in shapes)) is not None


def test_regions_may_be_empty_or_huge() -> None:
    counts = np.random.default_rng(2).choice([0.0, 3.0, 1e9], (300, 3))
    omnibus, p_values = srm.balance_by_region(counts)
    assert p_values.shape == (300,)
    assert 0 <= omnibus <= 1
