"""Distance reference: how far chunks lie from the reference by chance, from its own chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.intervals.moderated import moderated_variances

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from explorer.stats.monitoring.autocorrelation import Autocorrelation

__all__ = ["DistanceReference", "distance_reference"]


@dataclass(frozen=True, eq=False)
class DistanceReference:
    """Squared distances of chunks of m features under no change: scaled F distributions.

    ``scale`` times F with ``parts`` and ``df`` degrees of freedom.

    Parameters
    ----------
    scale, df : ndarray of shape (m,), float64
        Of a chunk of as many rows as a typical reference chunk, and what it is worth.
    parts : ndarray of shape (m,), float64
        1 where one direction of change outweighs all others in the tail, as for Wasserstein
        distances.
    rows : ndarray of shape (m,), float64
        Rows of a typical reference chunk.
    """

    scale: NDArray[np.float64]
    df: NDArray[np.float64]
    parts: NDArray[np.float64]
    rows: NDArray[np.float64]

    def p_value(
        self, distance: NDArray[np.float64], rows: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the p-values of distances as large.

        The square of what n rows do by chance falls with n: a chunk of fewer rows is held against
        so much more.

        Parameters
        ----------
        distance, rows : ndarray of shape (chunks, m), float64

        Returns
        -------
        p_value : ndarray of shape (chunks, m), float64
        """
        from scipy.special import fdtrc

        with np.errstate(all="ignore"):
            ratio = distance**2 / (self.scale * np.maximum(self.rows / rows, 1.0)) / self.parts
            return np.asarray(fdtrc(self.parts, self.df, ratio))

    def limit(self, p_value: float, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distance that has this p-value, (chunks, m)."""
        from scipy.stats import f

        with np.errstate(all="ignore"):
            far = f.isf(p_value, self.parts, self.df) * self.parts
            return np.asarray(np.sqrt(far * self.scale * np.maximum(self.rows / rows, 1.0)))


def distance_reference(
    distances: NDArray[np.float64],
    autocorrelation: Autocorrelation,
    rows: NDArray[np.float64],
    sampled: ArrayLike,
    excess: ArrayLike = 0.0,
    parts: ArrayLike = 1.0,
    seasons: int = 1,
) -> DistanceReference:
    """Learn from the distances of reference chunks.

    A chunk differs from the reference by chance, by ``sampled`` over its rows in mean square, and
    by what differs between chunks as well. Both together are the mean square of the reference's own
    distances, drawn towards what other features have (`explorer.stats.intervals.moderated`), and
    never less than chance alone. Their tail is taken as that of χ² with as many degrees of freedom
    as have the same mean and variance (Satterthwaite 1946, doi:10.2307/3002019), what differs
    between chunks being of one direction.

    Parameters
    ----------
    distances : ndarray of shape (k, m), float64
        Of each reference chunk from the other reference chunks of its season together, without
        itself. NaN is none.
    autocorrelation : Autocorrelation
        How alike chunks are that follow each other.
    rows : ndarray of shape (k, m), float64
        Rows of each chunk.
    sampled : array-like of shape (m,)
        Mean square of the distance of one row by chance, without the excess.
    excess : array-like of shape (m,)
        What lies in directions that have no part in the tail, for one row: of a Wasserstein
        distance its mean square less the variance of the mean.
    parts : array-like of shape (m,)
        Directions among which ``sampled`` is spread evenly: levels less one.
    seasons : int

    Returns
    -------
    reference : DistanceReference
    """
    seen = ~np.isnan(distances) & (rows > 0)
    k = seen.sum(axis=0).astype(np.float64)
    alike = k / seasons
    with np.errstate(all="ignore"):
        typical = k / np.where(seen, 1 / rows, 0.0).sum(axis=0)
        squares = (
            np.where(seen, distances**2 * np.minimum(rows / typical, 1.0), 0.0).sum(axis=0) / k
        )
        # by chance, with the other chunks of the season to be held against
        of_row = (1 + 1 / np.maximum(alike - 1, 1.0)) / typical
        chance = np.asarray(sampled, dtype=np.float64) * of_row
        worth = np.where(
            k > seasons, np.maximum((k - seasons) / autocorrelation.repeats, 1.0), np.nan
        )
        shared = moderated_variances((squares - excess * of_row) / chance, worth, least=1.0)
        # a feature that varies less than chance would let it is held against chance alone
        times = np.where(
            np.isnan(shared.variance) & (k > seasons), 1.0, np.maximum(shared.variance, 1.0)
        )
        evenly = np.asarray(parts, dtype=np.float64)
        between = times - 1
        directions = times**2 / (1 / evenly + between**2 + 2 * between / evenly)
        scale = chance * times * _farther(autocorrelation, alike, seasons)
        # in units of one direction: χ² / directions has mean 1
        return DistanceReference(scale / directions, shared.df, directions, typical)


def _farther(
    autocorrelation: Autocorrelation, alike: NDArray[np.float64], seasons: int
) -> NDArray[np.float64]:
    """Return the mean square of new chunks' distances over that of the reference's own.

    A new chunk is held against the mean of its season, an own one against that of the others; these
    resemble it the more they last.
    """
    taken = np.minimum(autocorrelation.of_mean(alike, seasons) / alike, 0.9)
    others = (alike / np.maximum(alike - 1, 1.0)) ** 2 * (1 - taken)
    return np.asarray((1 + taken) / others)
