"""Confusion matrices, and the figures of a classifier that follow from them, with errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np

from explorer.stats.contributions import Contributions
from explorer.stats.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["CONFUSION_METRICS", "Confusion", "ConfusionMetric", "confusion"]

ConfusionMetric = Literal[
    "accuracy", "balanced_accuracy", "matthews_corrcoef", "precision", "recall", "f1",
    "precision_macro", "recall_macro", "f1_macro",
    "precision_weighted", "recall_weighted", "f1_weighted",
]  # fmt: skip
"""By scikit-learn's names; precision, recall and f1 alone are of class 1."""

CONFUSION_METRICS: tuple[ConfusionMetric, ...] = get_args(ConfusionMetric)


class _Shares(NamedTuple):
    """Shares of all rows: of each cell (..., k, k), true class and called class (..., k)."""

    cell: NDArray[np.float64]
    true: NDArray[np.float64]
    called: NDArray[np.float64]


_Figure = tuple["NDArray[np.float64]", "NDArray[np.float64]"]


@dataclass(frozen=True, eq=False)
class Confusion:
    """Rows by true and by called class.

    Parameters
    ----------
    counts : ndarray of shape (..., k, k), float64
        True class by row, called class by column; a confusion for each place of the leading axes.
    """

    counts: NDArray[np.float64]

    @property
    def n(self) -> NDArray[np.float64]:
        """Weight of all rows, (...)."""
        return np.asarray(self.counts.sum(axis=(-2, -1)))

    def figure(self, metric: ConfusionMetric) -> NDArray[np.float64]:
        """Return a figure, (...); NaN where it is not defined, as Matthews' with one class only.

        Means over classes are over those that are true or called somewhere, of which one that is
        never called has precision 0 and one that is never true recall 0; balanced accuracy is over
        the classes that are true: all as in scikit-learn.
        """
        return self._figure(metric)[0]

    def estimate(self, metric: ConfusionMetric) -> Estimate:
        """Return a figure with its standard error by the delta method, (...).

        Rows are taken as independent, and as counting 1 each.
        """
        value, influence = self._figure(metric)
        with np.errstate(all="ignore"):
            variance = (self.counts * influence**2).sum(axis=(-2, -1)) / self.n / (self.n - 1)
            return Estimate.of(value, np.sqrt(np.where(self.n > 1, variance, np.nan)))

    def contributions(
        self, metric: ConfusionMetric, truth: NDArray[Any], called: NDArray[Any]
    ) -> Contributions:
        """Return a figure with what each row adds to it, for errors by unit and paired differences.

        Parameters
        ----------
        metric : str
        truth, called : ndarray of shape (n,), integer
            The rows that were counted, none of them missing; ``counts`` is theirs, of shape (k, k).
        """
        value, influence = self._figure(metric)
        return Contributions(float(value), influence[truth, called] / float(self.n))

    def _figure(self, metric: ConfusionMetric) -> _Figure:
        """Return the figure, and its influence function at each cell: its slope for rows there."""
        with np.errstate(all="ignore"):
            cell = self.counts / self.n[..., None, None]
            shares = _Shares(cell, cell.sum(axis=-1), cell.sum(axis=-2))
            name, _, mean = metric.partition("_")
            if name in _OF_CLASS:
                return _averaged(_OF_CLASS[name](shares), shares, mean)
            return _OF_ALL[metric](shares)


def confusion(
    truth: NDArray[Any],
    called: NDArray[Any],
    k: int,
    weight: NDArray[np.float64] | None = None,
    cell: NDArray[Any] | None = None,
    cells: int = 1,
) -> Confusion:
    """Count rows by true and by called class, and by cell.

    Parameters
    ----------
    truth, called : ndarray of shape (n,), integer
        Codes of classes in [0, k); rows with a negative one, a missing class, are left out.
    k : int
        Number of classes.
    weight : ndarray of shape (n,), float64, optional
    cell : ndarray of shape (n,), integer, optional
        Code of each row's slice in [0, cells); negative ones are left out.
    cells : int
        With ``cell`` only.

    Returns
    -------
    confusion : Confusion
        Of shape (k, k), or (cells, k, k) with ``cell``.
    """
    place = np.asarray(truth, dtype=np.int64) * k + called
    left = (truth < 0) | (called < 0)
    if cell is not None:
        place += np.asarray(cell, dtype=np.int64) * (k * k)
        left |= cell < 0
    if left.any():
        place, weight = place[~left], None if weight is None else weight[~left]
    weights = np.bincount(place, weights=weight, minlength=cells * k * k).astype(np.float64)
    return Confusion(weights.reshape((k, k) if cell is None else (cells, k, k)))


def _accuracy(shares: _Shares) -> _Figure:
    value = np.trace(shares.cell, axis1=-2, axis2=-1)
    return value, np.eye(shares.true.shape[-1]) - value[..., None, None]


def _balanced(shares: _Shares) -> _Figure:
    return _averaged(_recall(shares), shares, "true")


def _matthews(shares: _Shares) -> _Figure:
    """Gorodkin 2004 (doi:10.1016/j.compbiolchem.2004.09.006), for any number of classes."""
    _, true, called = shares
    hits, chance = np.trace(shares.cell, axis1=-2, axis2=-1), (true * called).sum(axis=-1)
    same_true, same_called = (true**2).sum(axis=-1), (called**2).sum(axis=-1)
    # a sum of shares may miss 1 by its rounding
    spread = np.where(
        (same_true < 1 - 1e-12) & (same_called < 1 - 1e-12),
        (1 - same_true) * (1 - same_called),
        np.nan,
    )
    value = (hits - chance) / np.sqrt(spread)
    wide = [
        array[..., None, None] for array in (hits, chance, same_true, same_called, spread, value)
    ]
    hits, chance, same_true, same_called, spread, whole = wide
    top = np.eye(true.shape[-1]) - hits - (called[..., :, None] + true[..., None, :] - 2 * chance)
    bottom = (true[..., :, None] - same_true) / (1 - same_true)
    bottom = bottom + (called[..., None, :] - same_called) / (1 - same_called)
    return value, top / np.sqrt(spread) + whole * bottom


def _recall(shares: _Shares) -> _Figure:
    """Return the recall of each class (..., k), and its influence (..., k, k, k), class first."""
    hits, eye = np.diagonal(shares.cell, axis1=-2, axis2=-1), np.eye(shares.true.shape[-1])
    value = hits / shares.true
    slope_of_cell = eye[:, :, None] * (eye - value[..., :, None, None])
    return value, slope_of_cell / shares.true[..., :, None, None]


def _precision(shares: _Shares) -> _Figure:
    hits, eye = np.diagonal(shares.cell, axis1=-2, axis2=-1), np.eye(shares.true.shape[-1])
    value = hits / shares.called
    slope_of_cell = eye[:, None, :] * (eye - value[..., :, None, None])
    return value, slope_of_cell / shares.called[..., :, None, None]


def _f1(shares: _Shares) -> _Figure:
    hits, eye = np.diagonal(shares.cell, axis1=-2, axis2=-1), np.eye(shares.true.shape[-1])
    both = shares.true + shares.called
    value = 2 * hits / both
    either = eye[:, :, None] + eye[:, None, :]
    right = 2 * eye[:, :, None] * eye[:, None, :]
    return value, (right - value[..., :, None, None] * either) / both[..., :, None, None]


def _averaged(of_class: _Figure, shares: _Shares, mean: str) -> _Figure:
    """Return the figure of class 1, or the mean over classes, with its influence.

    "macro" weights all classes alike, "true" those that occur in the truth alike, "weighted" by
    how often they occur there.
    """
    value, influence = of_class
    if not mean:
        return value[..., 1], influence[..., 1, :, :]
    true = shares.true
    occurs = (true > 0) | ((shares.called > 0) & (mean != "true"))
    filled, sloped = (
        np.where(np.isnan(value), 0.0, value),
        np.where(np.isnan(influence), 0.0, influence),
    )
    weight = true if mean == "weighted" else occurs / occurs.sum(axis=-1, keepdims=True)
    total = (weight * filled).sum(axis=-1)
    slope = (weight[..., :, None, None] * sloped).sum(axis=-3)
    if mean == "weighted":  # a row more of a class gives it weight
        slope = slope + (filled - total[..., None])[..., :, None]
    # no rows at all
    return np.where(np.isnan(true[..., 0]), np.nan, total), slope


_OF_CLASS: dict[str, Callable[[_Shares], _Figure]] = {
    "precision": _precision,
    "recall": _recall,
    "f1": _f1,
}
_OF_ALL: dict[str, Callable[[_Shares], _Figure]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced,
    "matthews_corrcoef": _matthews,
}
