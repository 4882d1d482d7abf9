"""Histogram for a strip: at most 40 bins over where the values are, and what lies outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.profiles.tally import Tally

__all__ = ["BINS", "Histogram", "histogram"]

# Conventions for a strip of about 90 pixels.
BINS = 40
_TAIL = 0.005  # share left outside at each end when it lies far out
_NEAR = 0.1  # an extreme within this share of the drawn range belongs to it
_EXACT = 2.0**53  # float64 holds every integer up to here


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts in bins.

    Parameters
    ----------
    edges : ndarray of shape (bins + 1,), float64
        Ascending; bins are closed below and open above, the last one closed at both ends.
    counts : ndarray of shape (bins,), int64
    below, above : int
        Finite cells outside the edges.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    below: int
    above: int


def histogram(tally: Tally) -> Histogram | None:
    """Bin a tally.

    The bins span the .5 % and 99.5 % points, widened to the least and the greatest value when these are near.
    Whole numbers get bins of whole width centred on values, one bin a value when they are few, so that no
    pattern of full and empty bins appears that is not in the data.

    Parameters
    ----------
    tally : Tally

    Returns
    -------
    histogram : Histogram, or None without a finite value
    """
    if tally.values.size == 0:
        return None
    step = _step(tally.values)
    least, greatest = float(tally.values[0]), float(tally.values[-1])
    few = step is not None and greatest - least < BINS * step
    low, high = (least, greatest) if few else _extent(tally)
    edges = _plain_edges(low, high) if step is None else _whole_edges(low, high, step, tally.values[0])
    inner = tally.below(edges)
    inner[-1] = tally.below(edges[-1:], inclusive=True)[0]
    return Histogram(edges, np.diff(inner), below=int(inner[0]), above=tally.n - int(inner[-1]))


def _extent(tally: Tally) -> tuple[float, float]:
    least, greatest = float(tally.values[0]), float(tally.values[-1])
    low, high = tally.quantile(_TAIL), tally.quantile(1 - _TAIL)
    if low == high:
        return least, greatest
    room = _NEAR * (high - low)
    return (least if low - least <= room else low), (greatest if greatest - high <= room else high)


def _step(values: NDArray[np.float64]) -> float | None:
    """Return the greatest common divisor of the distances of whole numbers, None for others."""
    if max(-values[0], values[-1]) > _EXACT or not np.array_equal(values, np.floor(values)):
        return None
    return float(np.gcd.reduce(np.diff(values).astype(np.int64))) if values.size > 1 else 1.0


def _whole_edges(low: float, high: float, step: float, origin: float) -> NDArray[np.float64]:
    # quantiles may fall between values: move both ends outwards to a value
    first = origin + np.floor((low - origin) / step) * step
    places = int(np.ceil((high - first) / step)) + 1
    width = step * int(np.ceil(places / BINS))
    bins = int(np.ceil(places * step / width))
    edges: NDArray[np.float64] = first - step / 2 + width * np.arange(bins + 1)
    return edges


def _plain_edges(low: float, high: float) -> NDArray[np.float64]:
    if low == high:
        half = max(abs(low) * 1e-9, 0.5)
        return np.array([low - half, high + half])
    share = np.arange(BINS + 1) / BINS
    return low * (1 - share) + high * share  # high − low could overflow
