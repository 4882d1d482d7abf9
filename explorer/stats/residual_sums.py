"""Residual sums: what the errors of a prediction, and the errors of those, follow from, for many slices in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numba
import numpy as np

from explorer.stats.contributions import Contributions, mean_contributions
from explorer.stats.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "RESIDUAL_METRICS",
    "ResidualMetric",
    "ResidualSums",
    "residual_contributions",
    "residual_sums",
    "warm_residual_sums",
]

ResidualMetric = Literal[
    "bias", "mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "r2"
]
"""By scikit-learn's names; bias is the mean of prediction less truth."""

RESIDUAL_METRICS: tuple[ResidualMetric, ...] = get_args(ResidualMetric)

_COLUMNS = ("n", "e", "|e|", "ee", "eeee", "d", "dd", "ddd", "dddd", "eed", "eedd")


@dataclass(frozen=True, eq=False)
class ResidualSums:
    """Sums over rows by cell, of the residual e = prediction − truth and of d = truth − shift.

    Parameters
    ----------
    table : ndarray of shape (..., 11), float64
        n, Σe, Σ|e|, Σe², Σe⁴, Σd, Σd², Σd³, Σd⁴, Σe²d, Σe²d²; sums of cells may be added where the shift is the same.
    shift : float
        A value amid the truths, so that their squares keep their digits.
    """

    table: NDArray[np.float64]
    shift: float

    @property
    def n(self) -> NDArray[np.float64]:
        """Rows, (...)."""
        return self.table[..., 0]

    def figure(self, metric: ResidualMetric) -> NDArray[np.float64]:
        """Return a figure, (...); NaN without rows, and R² where the truth does not vary."""
        return self.estimate(metric).value

    def estimate(self, metric: ResidualMetric) -> Estimate:
        """Return a figure with the standard error of rows that stand alone, by the delta method, (...).

        The error of R² = 1 − A / B, A the mean squared error and B the variance of the truth, is
        that of the mean of e² − (A / B) (d − mean)², over B.
        """
        n = self.n
        with np.errstate(all="ignore"):
            mean = {name: self.table[..., i] / n for i, name in enumerate(_COLUMNS)}
            value, spread = _FIGURES[metric](mean)
            # an error of rows: their variance over n − 1
            variance = np.where(n > 1, np.maximum(spread, 0.0) / (n - 1), np.nan)
            return Estimate.of(np.where(n > 0, value, np.nan), np.sqrt(variance))


def residual_sums(
    truth: NDArray[Any],
    prediction: NDArray[Any],
    cell: NDArray[Any] | None = None,
    cells: int = 1,
    shift: float | None = None,
) -> ResidualSums:
    """Sum residuals by cell, in one pass.

    Parameters
    ----------
    truth, prediction : ndarray of shape (n,), real numbers
        Rows of which either is missing are left out.
    cell : ndarray of shape (n,), integer, optional
        Code of each row's slice in [0, cells); negative ones are left out.
    cells : int
        With ``cell`` only.
    shift : float, optional
        Without it the mean of the truths that are finite.

    Returns
    -------
    sums : ResidualSums
        Of shape (11,), or (cells, 11) with ``cell``.
    """
    values, told = np.asarray(truth, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    middle = _mean(values) if shift is None else shift
    table = np.zeros((cells, len(_COLUMNS)))
    _sum(values, told, np.empty(0, np.int32) if cell is None else cell, middle, table)
    return ResidualSums(table[0] if cell is None else table, middle)


def residual_contributions(
    metric: ResidualMetric, truth: NDArray[Any], prediction: NDArray[Any]
) -> Contributions:
    """Return a figure with what each row adds to it, for errors by unit and paired differences; neither may be missing."""
    e = np.asarray(prediction, dtype=np.float64) - truth
    if metric == "bias":
        return mean_contributions(e)
    if metric == "mean_absolute_error":
        return mean_contributions(np.abs(e))
    squared = mean_contributions(e * e)
    if metric == "mean_squared_error":
        return squared
    with np.errstate(all="ignore"):
        if metric == "root_mean_squared_error":
            root = float(np.sqrt(squared.value))
            return Contributions(root, squared.rows / (2 * root) if root else squared.rows * 0.0)
        spread = mean_contributions((truth - _mean(np.asarray(truth, dtype=np.float64))) ** 2)
        if not spread.value > 0:
            return Contributions(float("nan"), np.full(e.size, np.nan))
        left = squared.value / spread.value
        return Contributions(1 - left, (left * spread.rows - squared.rows) / spread.value)


def warm_residual_sums() -> None:
    """Compile, or load from disk, every kernel here."""
    some = np.ones(2)
    for cell in (None, np.zeros(2, np.int32), np.zeros(2, np.int64)):
        residual_sums(some, some, cell)


_Means = dict[str, "NDArray[np.float64]"]
_Figure = tuple["NDArray[np.float64]", "NDArray[np.float64]"]


def _bias(mean: _Means) -> _Figure:
    return mean["e"], mean["ee"] - mean["e"] ** 2


def _absolute(mean: _Means) -> _Figure:
    return mean["|e|"], mean["ee"] - mean["|e|"] ** 2


def _squared(mean: _Means) -> _Figure:
    return mean["ee"], mean["eeee"] - mean["ee"] ** 2


def _root(mean: _Means) -> _Figure:
    value, spread = _squared(mean)
    return np.sqrt(value), np.where(value > 0, spread / (4 * value), 0.0)


def _explained(mean: _Means) -> _Figure:
    m = mean["d"]
    total = mean["dd"] - m**2
    total = np.where(total > 1e-14 * mean["dd"], total, np.nan)  # equal truths leave rounding
    left = mean["ee"] / total
    across = mean["eedd"] - 2 * m * mean["eed"] + m**2 * mean["ee"]
    fourth = mean["dddd"] - 4 * m * mean["ddd"] + 6 * m**2 * mean["dd"] - 3 * m**4
    return 1 - left, (mean["eeee"] - 2 * left * across + left**2 * fourth) / total**2


_FIGURES = {
    "bias": _bias,
    "mean_absolute_error": _absolute,
    "mean_squared_error": _squared,
    "root_mean_squared_error": _root,
    "r2": _explained,
}


@numba.njit(nogil=True, cache=True)
def _mean(values: Any) -> float:
    total, n = 0.0, 0
    for i in range(values.size):
        if np.isfinite(values[i]):
            total += values[i]
            n += 1
    return total / n if n else 0.0


@numba.njit(nogil=True, cache=True)
def _sum(truth: Any, prediction: Any, cell: Any, shift: float, table: Any) -> None:
    for i in range(truth.size):
        c = cell[i] if cell.size else 0
        d, e = truth[i] - shift, prediction[i] - truth[i]
        if c < 0 or e != e:
            continue
        ee, dd = e * e, d * d
        table[c, 0] += 1.0
        table[c, 1] += e
        table[c, 2] += abs(e)
        table[c, 3] += ee
        table[c, 4] += ee * ee
        table[c, 5] += d
        table[c, 6] += dd
        table[c, 7] += d * dd
        table[c, 8] += dd * dd
        table[c, 9] += ee * d
        table[c, 10] += ee * dd
