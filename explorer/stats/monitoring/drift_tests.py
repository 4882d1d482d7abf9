"""Drift tests: tests of every feature of new chunks for sudden change, creep, missing values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.stats.monitoring.autocorrelation import CANDIDATES, Autocorrelation
from explorer.stats.monitoring.distance_reference import distance_reference
from explorer.stats.monitoring.drift_alarms import AlarmRule
from explorer.stats.monitoring.drift_series import missing_by_chance, missing_series
from explorer.stats.monitoring.season_reference import (
    SeasonReferences,
    SeasonTest,
    season_references,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.stats.monitoring.drift_series import DriftSeries

__all__ = ["TESTS", "DriftTests", "run_drift_tests"]

TESTS = ("distance", "creep", "missing")
"""The tests of a feature, in the order of the last axis."""


@dataclass(frozen=True, eq=False)
class DriftTests:
    """Tests of m features in new chunks; arrays of shape (chunks, m, 3), tests as in `TESTS`.

    Parameters
    ----------
    p_values, effects : ndarray, float64
        Effects in standard deviations of the reference: distance, moving mean, and missing rate;
        the latter two with their sign, and of levels the largest. NaN where there is nothing to
        test: a chunk without rows, a season without a reference chunk.
    called : ndarray, bool
        The alarms.
    level : ndarray of shape (chunks,), float64
        What the rule spends on each chunk; adjusted p-values are held against it.
    adjusted : ndarray, float64
        P-values adjusted within their chunk.
    reference_levels : ReferenceLevels
    weights : ndarray of shape (candidates, m), float64
        How probable each autocorrelation is of each feature; see
        `explorer.stats.monitoring.autocorrelation`.
    """

    p_values: NDArray[np.float64]
    effects: NDArray[np.float64]
    called: NDArray[np.bool_]
    level: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    reference_levels: ReferenceLevels
    weights: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReferenceLevels:
    """What the reference says of the level of each feature.

    Parameters
    ----------
    steady : SeasonReferences
        Of all figures of all features, in units of what one row does by chance.
    owner : ndarray of shape (figures,), int64
        Feature of each figure.
    unit : ndarray of shape (figures,), float64
    season : ndarray of shape (chunks,), int64
        Of the chunks that are watched.
    rows : ndarray of shape (chunks, figures), float64
    """

    steady: SeasonReferences
    owner: NDArray[np.int64]
    unit: NDArray[np.float64]
    season: NDArray[np.int64]
    rows: NDArray[np.float64]

    def moved(self, shifts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the p-value of the first figure of a feature under no change.

        Parameters
        ----------
        shifts : ndarray of shape (chunks, features), float64
            In the units of the figures.

        Returns
        -------
        p_value : ndarray of shape (chunks, features), float64
        """
        whole = shifts[:, self.owner] / self.unit
        p_value = self.steady.beyond(whole, self.season, self.rows)
        return p_value[
            :, np.searchsorted(self.owner, np.arange(shifts.shape[1])).clip(0, self.owner.size - 1)
        ]


def run_drift_tests(
    series: Sequence[DriftSeries],
    missing: NDArray[np.int64],
    reference: NDArray[np.bool_],
    season: NDArray[np.int64] | None = None,
    rule: AlarmRule | None = None,
) -> DriftTests:
    """Test all chunks that are not of the reference.

    Sudden change: the squared distance, by F. Slow creep: the moving mean of the signed figures, by
    t; of several figures of one feature the smallest p-value times their number. Missing values:
    their rate, by t, and never with a smaller p-value than counts as rare have.

    Parameters
    ----------
    series : sequence of m DriftSeries
        Numbers and levels, all of the same chunks by rising time. What features have in common is
        used: at least two reference chunks are needed, and few of them are worth more with many
        features.
    missing : ndarray of shape (chunks, m), int64
    reference : ndarray of shape (chunks,), bool
    season : ndarray of shape (chunks,), int64, optional
        From 0, such as the day of the week.
    rule : AlarmRule, optional

    Returns
    -------
    watch : DriftTests
        Of the chunks where ``reference`` is False, in their order.
    """
    rule = rule or AlarmRule()
    chunks = _Chunks(reference, np.zeros(reference.size, np.int64) if season is None else season)
    rows = np.column_stack([feature.rows for feature in series])
    crept, levels = _test_creep(series, rows, chunks)
    weights = _weights(levels, len(series))
    tests = (
        _test_distance(series, rows, chunks, weights),
        crept,
        _test_missing(missing, rows + missing, chunks),
    )
    p_values, effects = (np.stack(test, axis=-1) for test in zip(*tests, strict=True))
    flat = p_values.reshape(len(p_values), -1)
    called, adjusted = rule.called(flat, effects.reshape(flat.shape)), rule.adjusted(flat)
    level = rule.level(1 + np.arange(len(flat)))
    return DriftTests(
        p_values,
        effects,
        called.reshape(p_values.shape),
        level,
        adjusted.reshape(p_values.shape),
        levels,
        weights,
    )


class _Chunks(NamedTuple):
    """Which chunks are of the reference, and their season."""

    reference: NDArray[np.bool_]
    season: NDArray[np.int64]

    def learnt(
        self,
        values: NDArray[np.float64],
        rows: NDArray[np.float64],
        kind: NDArray[np.int64] | None = None,
    ) -> SeasonReferences:
        """Return the reference of signed figures whose variance by chance is 1 for one row."""
        reference_rows = np.where(rows > 0, rows, np.nan)[self.reference]
        reference_values = np.where(np.isnan(reference_rows), np.nan, values[self.reference])
        seasons = int(self.season.max(initial=0)) + 1
        return season_references(
            reference_values, self.season[self.reference], reference_rows, 1.0, seasons, kind
        )


_Tested = tuple[
    "NDArray[np.float64]", "NDArray[np.float64]"
]  # p-values and effects, (chunks, m) each


def _test_creep(
    series: Sequence[DriftSeries], rows: NDArray[np.float64], chunks: _Chunks
) -> tuple[_Tested, ReferenceLevels]:
    """Test the moving means; return what is known of the levels as well."""
    m, new = len(series), ~chunks.reference
    owner = np.repeat(np.arange(m), [feature.levels.shape[1] for feature in series])
    # in units in which what one row does by chance is 1, so that all can be compared
    unit = np.sqrt(np.array([feature.level_variance for feature in series]))[owner]
    signed, own_rows = (
        np.concatenate([feature.levels for feature in series], axis=1) / unit,
        rows[:, owner],
    )
    number = np.array([feature.number for feature in series], np.int64)[owner]
    steady = chunks.learnt(signed, own_rows, number)
    test = steady.creep(signed[new], chunks.season[new], own_rows[new])
    return _strongest(test, unit, owner, m), ReferenceLevels(
        steady, owner, unit, chunks.season[new], own_rows[new]
    )


def _weights(levels: ReferenceLevels, m: int) -> NDArray[np.float64]:
    """Return the probability of each autocorrelation for each feature, (candidates, m).

    The mean over the feature's figures, or over all figures where it has none.
    """
    every = levels.steady.weights
    common = every.mean(axis=1) if every.shape[1] else np.full(len(CANDIDATES), 1 / len(CANDIDATES))
    weights = np.repeat(common[:, None], m, axis=1)
    for feature in np.unique(levels.owner):
        weights[:, feature] = every[:, levels.owner == feature].mean(axis=1)
    return weights


def _test_distance(
    series: Sequence[DriftSeries],
    rows: NDArray[np.float64],
    chunks: _Chunks,
    weights: NDArray[np.float64],
) -> _Tested:
    """Test the distances, under each autocorrelation."""
    reference, new = chunks.reference, ~chunks.reference
    distance, effect = (
        np.column_stack([getattr(feature, name) for feature in series])
        for name in ("distance", "effect")
    )
    sampled, excess, parts = (
        np.array([getattr(feature, name) for feature in series])
        for name in ("sampled", "excess", "parts")
    )
    seasons = max(np.unique(chunks.season[reference]).size, 1)
    p_value = np.zeros(distance[new].shape)
    for (decay, share), weight in zip(CANDIDATES, weights, strict=True):
        autocorrelation = Autocorrelation(decay, np.full(len(series), share))
        expected = distance_reference(
            distance[reference], autocorrelation, rows[reference], sampled, excess, parts, seasons
        )
        p_value += weight * expected.p_value(distance[new], rows[new])
    return p_value, effect[new]


def _test_missing(
    missing: NDArray[np.int64], rows: NDArray[np.float64], chunks: _Chunks
) -> _Tested:
    """Test the missing rates."""
    new = ~chunks.reference
    rates = missing_series(missing, rows)
    test = chunks.learnt(rates, rows).score(rates[new], chunks.season[new], rows[new])
    by_chance = missing_by_chance(missing, rows, chunks.reference, chunks.season)[new]
    return np.maximum(test.p_value, by_chance), test.value


def _strongest(
    crept: SeasonTest, unit: NDArray[np.float64], owner: NDArray[np.int64], m: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each feature's smallest p-value, times its figures, and the effect that has it."""
    chunks = len(crept.value)
    p_values, effects = np.full((chunks, m), np.nan), np.full((chunks, m), np.nan)
    for feature in range(m):
        own = np.flatnonzero(owner == feature)
        p = np.where(np.isnan(crept.p_value[:, own]), np.inf, crept.p_value[:, own])
        if not own.size:
            continue
        best = own[p.argmin(axis=1)]
        at = np.arange(chunks), best
        p_values[:, feature] = np.minimum(crept.p_value[at] * own.size, 1.0)
        effects[:, feature] = crept.value[at] * unit[best]
    return p_values, effects
