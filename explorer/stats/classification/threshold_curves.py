"""Curves over all thresholds of a score: ROC, precision and recall, cumulative gain."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from explorer.stats.drawn_points import drawn_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.score_counts import ScoreCounts

__all__ = [
    "GainCurve",
    "PrecisionRecall",
    "RocCurve",
    "gain_of_counts",
    "precision_recall_of_counts",
    "roc_of_counts",
]

Curve = TypeVar("Curve", "GainCurve", "PrecisionRecall", "RocCurve")


@dataclass(frozen=True, eq=False)
class GainCurve:
    """Ones found against rows looked at, the largest scores first.

    Parameters
    ----------
    targeted : ndarray of shape (k + 1,), float64
        Share of all rows with a score of the threshold or more; ascending from 0 to 1.
    found : ndarray of shape (k + 1,), float64
        Share of the ones among them; the diagonal is what rows at random would find. NaN where
        there are no ones.
    threshold : ndarray of shape (k + 1,), float64
        Descending: inf, then every different score.
    """

    targeted: NDArray[np.float64]
    found: NDArray[np.float64]
    threshold: NDArray[np.float64]

    @property
    def lift(self) -> NDArray[np.float64]:
        """How many times as many ones as among rows at random; NaN where no row is looked at."""
        with np.errstate(all="ignore"):
            return np.where(self.targeted > 0, self.found / self.targeted, np.nan)

    def at(self, share: float) -> float:
        """Return the share of ones found in this share of the rows, linear between thresholds."""
        return float(np.interp(share, self.targeted, self.found))

    def thinned(self, most: int = 2_000) -> GainCurve:
        """Return at most so many of the points, which look the same; see `drawn_points`."""
        return _thinned(self, self.targeted, self.found, most)


def gain_of_counts(counts: ScoreCounts) -> GainCurve:
    """Return the gain of rows that have been counted by score."""
    targeted, gained = _shares(counts.ones + counts.zeros), _shares(counts.ones)
    return GainCurve(targeted, gained, _falling(counts))


@dataclass(frozen=True, eq=False)
class PrecisionRecall:
    """Precision against recall, from the lowest score to the threshold above all.

    Parameters
    ----------
    precision : ndarray of shape (k + 1,), float64
        Share of ones among the rows called; 1 at the end, where none is called, by convention.
    recall : ndarray of shape (k + 1,), float64
        Share of the ones that is called; descending to 0. NaN where there are none.
    threshold : ndarray of shape (k + 1,), float64
        Ascending: every different score, then inf.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    threshold: NDArray[np.float64]

    @property
    def average(self) -> float:
        """Mean precision over the steps of the recall, not interpolated; NaN without ones."""
        return (
            float(-(np.diff(self.recall) * self.precision[:-1]).sum())
            if self.recall.size > 1
            else float("nan")
        )

    def thinned(self, most: int = 2_000) -> PrecisionRecall:
        """Return at most so many of the points, which look the same; see `drawn_points`."""
        return _thinned(self, self.recall, self.precision, most)


def precision_recall_of_counts(counts: ScoreCounts) -> PrecisionRecall:
    """Return precision and recall of rows that have been counted by score."""
    ones = np.cumsum(counts.ones[::-1])[::-1]
    called = np.cumsum((counts.ones + counts.zeros)[::-1])[::-1]
    with np.errstate(all="ignore"):
        # rows that weigh nothing: precision 0, as scikit-learn has it
        precision = np.where(called > 0, ones / called, 0.0)
        recall = ones / ones[0] if ones.size else ones
    return PrecisionRecall(
        np.append(precision, 1.0),
        np.append(recall, np.where(np.isnan(recall[:1]), np.nan, 0.0) if recall.size else np.nan),
        np.append(counts.score, np.inf),
    )


@dataclass(frozen=True, eq=False)
class RocCurve:
    """A ROC curve, from the threshold that calls nothing to the one that calls every row.

    Parameters
    ----------
    fpr, tpr : ndarray of shape (k + 1,), float64
        Share of the zeros, and of the ones, with a score of the threshold or more; ascending. NaN
        where there are none.
    threshold : ndarray of shape (k + 1,), float64
        Descending: inf, then every different score.
    """

    fpr: NDArray[np.float64]
    tpr: NDArray[np.float64]
    threshold: NDArray[np.float64]

    def thinned(self, most: int = 2_000) -> RocCurve:
        """Return at most so many of the points, which look the same; see `drawn_points`."""
        return _thinned(self, self.fpr, self.tpr, most)


def roc_of_counts(counts: ScoreCounts) -> RocCurve:
    """Return the ROC curve of rows that have been counted by score."""
    return RocCurve(_shares(counts.zeros), _shares(counts.ones), _falling(counts))


def _shares(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return which share lies at each score or above, from none to all."""
    above = np.concatenate([[0.0], np.cumsum(weight[::-1])])
    with np.errstate(all="ignore"):
        return np.asarray(above / above[-1])


def _falling(counts: ScoreCounts) -> NDArray[np.float64]:
    """Return the thresholds from the one above all scores down."""
    return np.concatenate([[np.inf], counts.score[::-1]])


def _thinned(curve: Curve, x: NDArray[np.float64], y: NDArray[np.float64], most: int) -> Curve:
    """Return the points of a curve that draw y against x; the curve where it has none."""
    if np.isnan(x[0]) or np.isnan(y[0]):
        return curve
    points = drawn_points(x, y, most)
    return replace(
        curve, **{column.name: getattr(curve, column.name)[points] for column in fields(curve)}
    )
