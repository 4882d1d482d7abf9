"""FeatureDrift: what one feature was in each chunk, beside its reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from explorer.stats.monitoring.distances import chi_squared, jensen_shannon, kolmogorov
from explorer.stats.monitoring.drift_series import SD_PER_JENSEN_SHANNON, expected_counts
from explorer.stats.monitoring.psi import coarse_bins, psi
from explorer.stats.wasserstein import wasserstein_of_bins

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.drift.analysis.tallies import LevelTally, NumberTally

__all__ = ["ChunkReferences", "FeatureDrift", "measure_levels", "measure_numbers"]


@dataclass(frozen=True, eq=False)
class ChunkReferences:
    """With which rows each chunk is compared.

    Parameters
    ----------
    reference : ndarray of shape (chunks,), bool
        Judged chunks of the reference.
    season : ndarray of shape (chunks,), int64
        0 everywhere where seasons are not matched.
    """

    reference: NDArray[np.bool_]
    season: NDArray[np.int64]

    def of(self, counts: NDArray[Any]) -> NDArray[Any]:
        """Return the counts of the reference that each chunk is compared with.

        Of its season, and without the chunk itself.

        Parameters
        ----------
        counts : ndarray of shape (chunks, cells)
        """
        return expected_counts(counts, self.reference, self.season)


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureDrift:
    """A feature by chunk; arrays of shape (chunks,), float64, NaN where nothing is compared.

    Parameters
    ----------
    feature : str
    role : {"feature", "prediction", "truth"}
    statistic : {"wasserstein", "jensen_shannon", "other values"}
        Which distance decides; where the reference has one value alone, the share of rows with
        another.
    rows : ndarray, int64
        Not missing.
    value : ndarray
        The distance that decides: over the reference's standard deviation for numbers, 0 to 1 for
        levels.
    bound : ndarray
        By how much the distance of the values themselves may be larger or smaller; 0 for levels.
    missing, below, above : ndarray
        Shares of the chunk's rows.
    new_levels : ndarray, int64
        Levels that the reference does not have; for numbers 0.
    new_rate : ndarray
        Share of rows with one of these.
    mean : ndarray
        Of finite values; for levels NaN.
    psi, psi_floor, ks, js, chi2 : ndarray
    deviation, centre : float
        Standard deviation and mean of the reference; NaN for levels.
    constant : str
        The only value of the reference; empty where it has several.
    tally : NumberTally or LevelTally
    """

    feature: str
    role: str
    statistic: Literal["wasserstein", "jensen_shannon", "other values"]
    rows: NDArray[np.int64]
    value: NDArray[np.float64]
    bound: NDArray[np.float64]
    missing: NDArray[np.float64]
    below: NDArray[np.float64]
    above: NDArray[np.float64]
    new_levels: NDArray[np.int64]
    new_rate: NDArray[np.float64]
    mean: NDArray[np.float64]
    psi: NDArray[np.float64]
    psi_floor: NDArray[np.float64]
    ks: NDArray[np.float64]
    js: NDArray[np.float64]
    chi2: NDArray[np.float64]
    deviation: float
    centre: float
    constant: str
    tally: NumberTally | LevelTally

    @property
    def per_sd(self) -> float:
        """How many standard deviations a distance of 1 is taken to be when effects are compared."""
        return SD_PER_JENSEN_SHANNON if self.statistic == "jensen_shannon" else 1.0


def measure_numbers(
    feature: str, role: str, tally: NumberTally, against: ChunkReferences, constant: str = ""
) -> FeatureDrift:
    """Measure a number.

    Parameters
    ----------
    feature, role : str
    tally : NumberTally
    against : ChunkReferences
    constant : str
        How the reference's only value is written; used where it has one value alone.
    """
    counts, missing = tally.counts[:, :-1], tally.missing
    rest, present = against.of(counts), tally.present
    far = wasserstein_of_bins(
        counts, tally.sums, rest, against.of(tally.sums), tally.bins.edges - tally.shift
    )
    whole = counts[against.reference].sum(axis=0)
    alone = _alone(tally, whole, against.reference)
    scale, centre = _scale(tally, against.reference, alone), _mean(tally, against.reference)
    rest_missing = against.of(missing[:, None])[:, 0]
    few, few_rest = coarse_bins(counts, missing, whole), coarse_bins(rest, rest_missing, whole)
    index = psi(few, few_rest)
    nothing = np.full(len(missing), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = tally.counts.sum(axis=1)
        return FeatureDrift(
            feature=feature,
            role=role,
            statistic="other values" if alone else "wasserstein",
            rows=present,
            value=_strange(counts, against.reference) if alone else far.value / scale,
            bound=np.zeros(len(missing)) if alone else (far.high - far.low) / 2 / scale,
            missing=missing / total,
            below=counts[:, 0] / total,
            above=counts[:, -1] / total,
            new_levels=np.zeros(len(total), np.int64),
            new_rate=np.zeros(len(total)),
            mean=tally.means(),
            psi=index.value,
            psi_floor=index.limit,
            ks=kolmogorov(counts, rest),
            js=jensen_shannon(few[:, :-1], few_rest[:, :-1]),
            chi2=nothing,
            deviation=scale,
            centre=centre,
            constant=constant if alone else "",
            tally=tally,
        )


def measure_levels(
    feature: str, role: str, tally: LevelTally, against: ChunkReferences
) -> FeatureDrift:
    """Measure a category."""
    counts, present = tally.counts, tally.present
    rest, total = against.of(counts), present + tally.missing
    in_reference = counts[against.reference].sum(axis=0) > 0
    new = (counts > 0) & ~in_reference
    nothing = np.full(len(total), np.nan)
    alone = int(in_reference.sum()) == 1
    js = jensen_shannon(counts, rest)
    rest_missing = against.of(tally.missing[:, None])[:, 0]
    index = psi(np.column_stack([counts, tally.missing]), np.column_stack([rest, rest_missing]))
    with np.errstate(invalid="ignore", divide="ignore"):
        return FeatureDrift(
            feature=feature,
            role=role,
            statistic="other values" if alone else "jensen_shannon",
            rows=present,
            value=_strange(counts, against.reference) if alone else js,
            bound=np.zeros(len(total)),
            missing=tally.missing / total,
            below=np.zeros(len(total)),
            above=np.zeros(len(total)),
            new_levels=new.sum(axis=1),
            new_rate=np.where(new, counts, 0).sum(axis=1) / total,
            mean=nothing,
            psi=index.value,
            psi_floor=index.limit,
            ks=nothing,
            js=js,
            chi2=chi_squared(counts, rest).statistic,
            deviation=float("nan"),
            centre=float("nan"),
            constant=tally.labels[int(np.argmax(in_reference))] if alone else "",
            tally=tally,
        )


def _strange(counts: NDArray[np.int64], reference: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of present rows that differ from the only value of the reference."""
    usual = int(np.argmax(counts[reference].sum(axis=0)))
    return np.asarray(1 - counts[:, usual] / counts.sum(axis=1))


def _alone(tally: NumberTally, whole: NDArray[np.int64], reference: NDArray[np.bool_]) -> bool:
    """Say whether the reference has one value alone, or none."""
    held = np.flatnonzero(whole)
    if len(held) != 1:
        return not len(held)
    column, edges = int(held[0]), tally.bins.edges
    if column in (0, len(whole) - 1):  # beyond the edges, which are of finite values
        return bool(tally.extra[reference, :2].sum() == whole[column])
    return bool(edges[column - 1] == edges[column])


def _scale(tally: NumberTally, reference: NDArray[np.bool_], alone: bool) -> float:
    """Return the standard deviation.

    Where its squares are beyond what a float holds, that of a normal with the same middle.
    """
    scale = tally.deviation(reference)
    if alone or 0 < scale < np.inf:
        return scale
    edges = tally.bins.edges / 2
    low, high = np.quantile(edges, (0.16, 0.84), method="nearest")
    return float(high - low) or float(edges[-1] - edges[0])


def _mean(tally: NumberTally, chunks: NDArray[np.bool_]) -> float:
    n, total = (float(sums[chunks].sum()) for sums in tally.finite)
    return float(tally.shift + total / n) if n else float("nan")
