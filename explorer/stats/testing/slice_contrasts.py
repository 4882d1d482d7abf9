"""Slice contrasts: the mean of a value in every slice, and its distance from all other rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SliceContrasts", "slice_contrasts"]


_ROUNDING = 1e-13  # of sums of squares


@dataclass(frozen=True, eq=False)
class SliceContrasts:
    """Slices against the rest of the rows; all arrays of shape (k,).

    Parameters
    ----------
    n : ndarray, int64
        Rows.
    units : ndarray, int64
        Units that have rows in the slice.
    mean : Estimate
        Mean in the slice, with its error between units.
    rest : ndarray, float64
        Mean of the rows in other slices; NaN without any.
    difference : Estimate
        Mean in the slice less that of the rest.
    """

    n: NDArray[np.int64]
    units: NDArray[np.int64]
    mean: Estimate
    rest: NDArray[np.float64]
    difference: Estimate


@dataclass(frozen=True, eq=False)
class _Side:
    """Rows, sum and sum of squares, of slices or of their rests."""

    n: NDArray[np.float64]
    total: NDArray[np.float64]
    squares: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        return self.total / self.n

    @property
    def error2(self) -> NDArray[np.float64]:
        """Squared standard error of the mean, of rows that stand alone."""
        left = self.squares - self.total**2 / self.n
        # equal values leave rounding, which is no spread
        spread = np.where(left > _ROUNDING * self.squares, left, 0.0) / (self.n - 1) / self.n
        return np.where(self.n > 1, spread, np.nan)


def slice_contrasts(
    values: NDArray[np.float64],
    codes: NDArray[np.int32],
    k: int,
    unit: NDArray[np.int32] | None = None,
) -> SliceContrasts:
    """Compare each slice with all other rows, in one pass over them.

    Rows that stand alone: Welch's test (Welch 1947, doi:10.1093/biomet/34.1-2.28). Rows that repeat
    a unit: the infinitesimal jackknife by unit, which knows that a unit may lie on both sides;
    degrees of freedom are the units of the smaller side less one.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Without NaN.
    codes : ndarray of shape (n,), int32
        Slice of each row in [0, k); rows with a negative one lie in none, and in no rest.
    k : int
    unit : ndarray of shape (n,), int32, optional
        Code of each row's unit, from 0.
    """
    if (codes < 0).any():
        inside = codes >= 0
        values, codes, unit = values[inside], codes[inside], None if unit is None else unit[inside]
    centre = _centre(values)
    held = values - centre  # squares keep their digits
    own = _Side(
        np.bincount(codes, minlength=k).astype(np.float64),
        _added(codes, held, k),
        _added(codes, held * held, k),
    )
    other = _Side(*(sums.sum() - sums for sums in (own.n, own.total, own.squares)))
    with np.errstate(all="ignore"):
        if unit is None:
            units, mean, difference = _of_rows(own, other)
        else:
            units, mean, difference = _of_units(own, other, held, codes, unit, k)
        return SliceContrasts(
            own.n.astype(np.int64),
            units,
            Estimate.of(own.mean + centre, *mean),
            other.mean + centre,
            Estimate.of(own.mean - other.mean, *difference),
        )


def _added(codes: NDArray[Any], weights: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(codes, weights=weights, minlength=k), np.float64)


def _centre(values: NDArray[np.float64]) -> float:
    """Return a value amid values far from 0; else 0, so that slices of zeros stay exact."""
    if not values.size:
        return 0.0
    mean, spread = float(values.mean()), float(values.std())
    return mean if abs(mean) > spread else 0.0


_Errors = tuple["NDArray[np.float64]", "NDArray[np.float64]"]


def _of_rows(own: _Side, other: _Side) -> tuple[NDArray[np.int64], _Errors, _Errors]:
    a, b = own.error2, other.error2
    df = (a + b) ** 2 / (a**2 / (own.n - 1) + b**2 / (other.n - 1))
    return own.n.astype(np.int64), (np.sqrt(a), own.n - 1), (np.sqrt(a + b), df)


def _of_units(
    own: _Side,
    other: _Side,
    held: NDArray[np.float64],
    codes: NDArray[np.int32],
    unit: NDArray[np.int32],
    k: int,
) -> tuple[NDArray[np.int64], _Errors, _Errors]:
    """Return units, and errors and degrees of freedom of means and differences, by slice."""
    pair, place = np.unique(unit.astype(np.int64) * k + codes, return_inverse=True)
    unit_code, slice_code = pair // k, pair % k
    n_pair = np.bincount(place.ravel()).astype(np.float64)
    sum_pair = _added(place.ravel(), held, pair.size)
    n_unit, sum_unit = np.bincount(unit).astype(np.float64), np.bincount(unit, weights=held)

    def by_slice(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return _added(slice_code, weights, k)

    units: NDArray[np.int64] = np.bincount(slice_code, minlength=k)
    deviation = sum_pair - own.mean[slice_code] * n_pair
    around = by_slice(deviation**2)
    around = np.where(around > _ROUNDING**2 * by_slice(sum_pair**2), around, 0.0)
    error = np.sqrt(units / (units - 1.0) * around) / own.n
    # what each unit has in the rest: as if it had no row in the slice, put right where it has some
    m = other.mean
    alone = (sum_unit**2).sum() - 2 * m * (sum_unit * n_unit).sum() + m**2 * (n_unit**2).sum()
    whole = sum_unit[unit_code] - m[slice_code] * n_unit[unit_code]
    left = whole - (sum_pair - m[slice_code] * n_pair)
    spread = (alone - by_slice(whole**2)) / other.n**2 + by_slice(
        (deviation / own.n[slice_code] - left / other.n[slice_code]) ** 2
    )
    everybody = np.float64(np.count_nonzero(n_unit))  # one alone has no spread: NaN, no error
    outside = everybody - by_slice((n_pair == n_unit[unit_code]).astype(np.float64))
    across: NDArray[np.float64] = np.sqrt(everybody / (everybody - 1.0) * np.maximum(spread, 0.0))
    free = np.asarray(units - 1.0, np.float64)
    return units, (np.asarray(error), free), (across, np.minimum(units, outside) - 1.0)
