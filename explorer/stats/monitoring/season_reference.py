"""Season reference: the expected figure of a chunk, from reference chunks of the same season."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.stats.estimate import Estimate
from explorer.stats.intervals.moderated import moderated_variances
from explorer.stats.monitoring.autocorrelation import (
    CANDIDATES,
    Autocorrelation,
    autocorrelation_weights,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "CREEP_WEIGHT",
    "SeasonReference",
    "SeasonReferences",
    "SeasonTest",
    "season_reference",
    "season_references",
]

_ROUNDING = 1e-12  # of a mean, below which a deviation from it is none

_WILD = 10.0  # times chance

CREEP_WEIGHT = 0.2
"""Weight of the newest chunk in the moving mean that finds creep.

Lucas & Saccucci 1990, doi:10.2307/1269835.
"""


@dataclass(frozen=True, eq=False)
class SeasonReference:
    """Reference chunks of m series, such as the mean of each of m features.

    Parameters
    ----------
    mean : ndarray of shape (seasons, m), float64
        NaN where a season has no reference chunk.
    chunks : ndarray of shape (seasons, m), float64
        Reference chunks of each.
    variance, df : ndarray of shape (m,), float64
        Of a chunk about its season's mean, and what that is worth.
    autocorrelation : Autocorrelation
        How alike chunks are that follow each other, once the seasons are taken off.
    rows : ndarray of shape (m,), float64
        Rows of a typical reference chunk (harmonic mean).
    """

    mean: NDArray[np.float64]
    chunks: NDArray[np.float64]
    variance: NDArray[np.float64]
    df: NDArray[np.float64]
    autocorrelation: Autocorrelation
    rows: NDArray[np.float64]

    def score(
        self, values: NDArray[np.float64], season: NDArray[np.int64], rows: NDArray[np.float64]
    ) -> Estimate:
        """Return how far new chunks lie from their season's mean, tested by the t-prediction.

        (x − mean) / (sd √(1 + 1/k)) with k reference chunks of the season, wider where chunks that
        follow each other are alike, since k of them are then worth less. A chunk of fewer rows than
        a reference chunk has a variance larger by as much.

        Parameters
        ----------
        values, rows : ndarray of shape (chunks, m), float64
        season : ndarray of shape (chunks,), int64

        Returns
        -------
        estimate : Estimate
            Of shape (chunks, m).
        """
        with np.errstate(all="ignore"):
            smaller = np.maximum(self.rows / rows, 1.0)
            error = np.sqrt(self.variance * (smaller + self._mean_variance[season]))
            return Estimate.of(values - self.mean[season], error, self.df)

    def creep(
        self,
        values: NDArray[np.float64],
        season: NDArray[np.int64],
        rows: NDArray[np.float64],
        weight: float = CREEP_WEIGHT,
    ) -> Estimate:
        """Return the moving mean of deviations from the season, and its test by a t-prediction.

        An exponentially weighted moving average that starts at 0 (Roberts 1959,
        doi:10.1080/00401706.1959.10489860). Its variance knows what lasts from chunk to chunk, and
        the error of the reference means, which does not average out. Chunks whose value is missing
        are passed over.

        Parameters
        ----------
        values, season, rows
            As in `score`, by rising time.
        weight : float
            Of the newest chunk, in (0, 1].
        """
        chunks, m = values.shape
        means, errors = np.full((chunks, m), np.nan), np.full((chunks, m), np.nan)
        state = _Moving.start(self.mean.shape)
        for t in range(chunks):
            with np.errstate(all="ignore"):
                off, smaller = (
                    values[t] - self.mean[season[t]],
                    np.maximum(self.rows / rows[t], 1.0),
                )
            seen = ~np.isnan(off) & ~np.isnan(smaller)
            state = state.after(
                np.where(seen, off, 0.0),
                np.where(seen, smaller, 1.0),
                seen,
                int(season[t]),
                weight,
                self.autocorrelation,
            )
            spread = state.variance(self.autocorrelation.share) + self._of_means(state.weights)
            with np.errstate(all="ignore"):
                errors[t] = np.where(seen, np.sqrt(self.variance * spread), np.nan)
            means[t] = np.where(seen, state.mean, np.nan)
        return Estimate.of(means, errors, self.df)

    def _of_means(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the variance that errors of season means add to a weighted sum of chunks, (m,).

        What lasts over a night makes the means of neighbouring days err together.
        """
        # a season without a mean has no weight
        scaled = weights / np.sqrt(np.maximum(self.chunks, 1.0))
        white = (scaled**2).sum(axis=0)
        ramp = np.einsum(
            "sm,st,tm->m", scaled, self.autocorrelation.between_seasons(len(self.mean)), scaled
        )
        return np.asarray(
            (1 - self.autocorrelation.share) * white + self.autocorrelation.share * ramp
        )

    @property
    def _mean_variance(self) -> NDArray[np.float64]:
        """The variance of each season's mean over that of a chunk, (seasons, m)."""
        with np.errstate(all="ignore"):
            return np.asarray(
                self.autocorrelation.of_mean(self.chunks, len(self.mean)) / self.chunks
            )


class _Moving(NamedTuple):
    """A moving mean of m series, and what its variance is made of, in variances of a chunk."""

    mean: NDArray[np.float64]
    white: NDArray[np.float64]  # variance of a mean of white noise
    ramp: NDArray[np.float64]  # of what lasts
    shared: NDArray[np.float64]  # its covariance with the last chunk
    weights: NDArray[np.float64]  # of the chunks of each season, (seasons, m)

    @classmethod
    def start(cls, shape: tuple[int, ...]) -> _Moving:
        none = np.zeros(shape[1])
        return cls(none, none, none, none, np.zeros(shape))

    def after(
        self,
        off: NDArray[np.float64],
        size: NDArray[np.float64],
        seen: NDArray[np.bool_],
        season: int,
        w: float,
        autocorrelation: Autocorrelation,
    ) -> _Moving:
        """Return the mean with a chunk more, of variance ``size``, where the chunk was seen."""
        decay, left = autocorrelation.decay, 1 - w
        next_ = (
            left * self.mean + w * off,
            left**2 * self.white + w**2 * size,
            left**2 * self.ramp + 2 * w * left * decay * self.shared + w**2 * size,
            left * decay * self.shared + w * size,
        )
        stay = (self.mean, self.white, self.ramp, decay * self.shared)
        mean, white, ramp, shared = (
            np.where(seen, new, old) for new, old in zip(next_, stay, strict=True)
        )
        weights = np.where(seen, left * self.weights, self.weights)
        weights[season] += np.where(seen, w, 0.0)
        return _Moving(mean, white, ramp, shared, weights)

    def variance(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((1 - share) * self.white + share * self.ramp)


def season_reference(
    values: NDArray[np.float64],
    season: NDArray[np.int64] | None = None,
    rows: NDArray[np.float64] | None = None,
    autocorrelation: Autocorrelation | None = None,
    sampled: ArrayLike = 0.0,
    seasons: int | None = None,
) -> SeasonReference:
    """Learn from reference chunks.

    Parameters
    ----------
    values : ndarray of shape (k, m), float64
        Of k chunks by rising time, in units in which the variances of series can be compared: that
        of a chunk about its season's mean is estimated from the series itself and from all series
        together (`explorer.stats.intervals.moderated`). NaN is no value.
    season : ndarray of shape (k,), int64, optional
        Code from 0, such as the day of the week, that comes back after as many chunks as there are
        codes.
    rows : ndarray of shape (k, m), float64, optional
        Rows of each value.
    autocorrelation : Autocorrelation, optional
        How alike chunks are that follow each other; default: not at all.
    sampled : array-like of shape (m,)
        Variance of one row by chance: that of a chunk is never taken as less than what its rows
        make of it.
    seasons : int, optional
        Number of codes, should the reference lack some: nothing can be said of their chunks.
    """
    k, m = values.shape
    autocorrelation = (
        Autocorrelation(0.0, np.zeros(m)) if autocorrelation is None else autocorrelation
    )
    season = np.zeros(k, np.int64) if season is None else season
    seasons = int(season.max(initial=0)) + 1 if seasons is None else seasons
    seen = ~np.isnan(values)
    chunks, total = np.zeros((seasons, m)), np.zeros((seasons, m))
    np.add.at(chunks, season, seen.astype(np.float64))
    np.add.at(total, season, np.where(seen, values, 0.0))
    with np.errstate(all="ignore"):
        mean = total / chunks
        off = np.where(seen, values - mean[season], 0.0)
        off[np.abs(off) <= _ROUNDING * np.abs(mean[season])] = (
            0.0  # else what lasts would be learnt from it
        )
        free = (chunks - (chunks > 0)).sum(axis=0)
        typical = (
            np.ones(m)
            if rows is None
            else seen.sum(axis=0) / np.where(seen, 1 / rows, 0.0).sum(axis=0)
        )
        squares, chance = (off**2).sum(axis=0), np.asarray(sampled, dtype=np.float64) / typical
        # a mean that has been taken off leaves less than the variance, and the less the more alike
        # the chunks are
        taken = np.where(chunks > 0, autocorrelation.of_mean(chunks, seasons), 0.0)
        variance = squares / (chunks - taken).sum(axis=0)
        worth = np.where(free > 0, np.maximum(free / autocorrelation.repeats, 1.0), np.nan)
    # a series that never varied has a variance only by chance
    least = np.where(free > 0, chance, np.nan)
    shared = moderated_variances(variance, worth, least=least)
    shared_variance = np.where(np.isnan(shared.variance), least, np.maximum(shared.variance, least))
    return SeasonReference(mean, chunks, shared_variance, shared.df, autocorrelation, typical)


class SeasonTest(NamedTuple):
    """Figures with their p-values; arrays of shape (chunks, m), float64."""

    value: NDArray[np.float64]
    p_value: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SeasonReferences:
    """Reference chunks whose autocorrelation is unknown: a reference for each of `CANDIDATES`.

    A p-value is the mean of those under each autocorrelation, weighted by its posterior
    probability: that of a prediction which counts with all autocorrelations that the reference
    chunks do not exclude.

    Parameters
    ----------
    each : list of SeasonReference
    weights : ndarray of shape (candidates, m), float64
        Posterior probabilities; see `autocorrelation_weights`.
    """

    each: list[SeasonReference]
    weights: NDArray[np.float64]

    def score(
        self, values: NDArray[np.float64], season: NDArray[np.int64], rows: NDArray[np.float64]
    ) -> SeasonTest:
        """Test deviations of new chunks from their season; see `SeasonReference.score`."""
        tests = [reference.score(values, season, rows) for reference in self.each]
        return SeasonTest(tests[0].value, self._mean([reference.p_value for reference in tests]))

    def creep(
        self, values: NDArray[np.float64], season: NDArray[np.int64], rows: NDArray[np.float64]
    ) -> SeasonTest:
        """Test the moving mean; parameters as in `SeasonReference.creep`."""
        decays = list(dict.fromkeys(reference.autocorrelation.decay for reference in self.each))
        p_values: list[NDArray[np.float64]] = []
        value = values
        for decay in decays:
            alike = [
                reference for reference in self.each if reference.autocorrelation.decay == decay
            ]
            several = (1, len(alike))
            creep = _joined(alike).creep(np.tile(values, several), season, np.tile(rows, several))
            p_values += np.split(creep.p_value, len(alike), axis=1)
            value = creep.value[:, : values.shape[1]]
        return SeasonTest(value, self._mean(p_values))

    def beyond(
        self, shift: NDArray[np.float64], season: NDArray[np.int64], rows: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return p-values of the deviations of new chunks from their season's mean, (chunks, m)."""
        return self.score(self.each[0].mean[season] + shift, season, rows).p_value

    def _mean(self, p_values: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.asarray(np.einsum("gm,gcm->cm", self.weights, np.stack(p_values)))


def _joined(references: list[SeasonReference]) -> SeasonReference:
    """Join references of one decay, as if they were of more series."""
    autocorrelation = Autocorrelation(
        references[0].autocorrelation.decay,
        np.concatenate([reference.autocorrelation.share for reference in references]),
    )
    mean, chunks, variance, df, rows = (
        np.concatenate([getattr(reference, name) for reference in references], axis=-1)
        for name in ("mean", "chunks", "variance", "df", "rows")
    )
    return SeasonReference(mean, chunks, variance, df, autocorrelation, rows)


def season_references(
    values: NDArray[np.float64],
    season: NDArray[np.int64],
    rows: NDArray[np.float64],
    sampled: ArrayLike = 1.0,
    seasons: int | None = None,
    kind: NDArray[np.int64] | None = None,
) -> SeasonReferences:
    """Learn from reference chunks whose autocorrelation is not known.

    Parameters
    ----------
    values, season, rows, sampled, seasons
        As in `season_reference`.
    kind : ndarray of shape (m,), int64, optional
        Which series resemble each other in their autocorrelation. Of each kind those that vary far
        more than by chance are one more: weather lasts, timetables do not.
    """
    m = values.shape[1]
    references = [
        season_reference(
            values, season, rows, Autocorrelation(decay, np.full(m, share)), sampled, seasons
        )
        for decay, share in CANDIDATES
    ]
    first = references[0]
    with np.errstate(all="ignore"):
        off = np.where(np.isnan(values), 0.0, values - first.mean[season])
        off[np.abs(off) <= _ROUNDING * np.abs(first.mean[season])] = 0.0
        free = (first.chunks - (first.chunks > 0)).sum(axis=0)
        chance = np.asarray(sampled, dtype=np.float64) / first.rows
        wild = ((off**2).sum(axis=0) / free / chance > _WILD).astype(np.int64)
    kinds = wild if kind is None else 2 * kind + wild
    return SeasonReferences(
        references, autocorrelation_weights(off, season, np.nan_to_num(chance), kinds)
    )
