"""The statistics of a profile against NumPy and SciPy, and where each of them is to be found."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from explorer.features.kind import Feature
from explorer.profile.analysis import profile_of_numbers
from explorer.profile.counting.counts import count_numbers
from explorer.profile.profile import FeatureProfile, Profile
from explorer.profile.statistics import STATISTICS, Statistic

if TYPE_CHECKING:
    from collections.abc import Callable

ORACLES: dict[str, Callable[[np.ndarray], float]] = {
    "min": np.min,
    "max": np.max,
    "mean": np.mean,
    "std": lambda cells: np.std(cells, ddof=1),
    "skewness": stats.skew,
    "excess_kurtosis": stats.kurtosis,
}


def profile_of(cells: np.ndarray) -> FeatureProfile:
    counts = count_numbers(pa.chunked_array([pa.array(cells)]), "x")
    return profile_of_numbers(Feature(name="x", kind="numeric"), counts)


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda statistic: statistic.name)
def test_a_statistic_equals_its_oracle_on_finite_cells(statistic: Statistic) -> None:
    finite = np.random.default_rng(0).lognormal(3.0, 0.5, size=5_001)
    profile = profile_of(np.append(finite, [np.inf, np.nan]))
    expected = ORACLES[statistic.name](finite)
    assert getattr(profile, statistic.name) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("cells", [[], [np.nan], [np.inf, -np.inf]])
def test_no_statistic_exists_without_a_finite_cell(cells: list[float]) -> None:
    profile = profile_of(np.array(cells, dtype=np.float64))
    assert {getattr(profile, statistic.name) for statistic in STATISTICS} == {None}


def test_every_statistic_is_a_field_a_key_and_a_column() -> None:
    names = {statistic.name for statistic in STATISTICS}
    profile = profile_of(np.arange(10.0))
    assert names <= {field.name for field in fields(FeatureProfile)}
    assert names <= set(profile.document())
    assert names <= set(Profile({"x": profile}, {}).to_arrow().column_names)
