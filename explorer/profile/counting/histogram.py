"""Histograms of a feature: 40 bins for the list, more for its page (linear, log, rank, range)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.json_values import fields_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.profile.counting.distribution import Distribution

__all__ = [
    "BINS",
    "Histogram",
    "bar_heights",
    "histogram",
    "log_histogram",
    "rank_histogram",
    "whole_histogram",
]

# Conventions for a strip of about 90 pixels, and for a plot of about 700.
BINS = 40
PAGE_BINS = 100
_TAIL = 0.005  # share left outside at each end when it lies far out
_NEAR = 0.1  # an extreme within this share of the drawn range belongs to it
_EXACT = 2.0**51  # float64 holds every half of an integer up to here
_FIRST = 64  # values that mostly tell what all would


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
    below: int = 0
    above: int = 0

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return fields_document(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any] | None) -> Histogram | None:
        """Build it from `document`."""
        if document is None:
            return None
        edges, counts = (
            np.array(document["edges"], np.float64),
            np.array(document["counts"], np.int64),
        )
        return cls(edges, counts, document["below"], document["above"])


def bar_heights(counts: NDArray[np.int64] | NDArray[np.float64], most: float) -> NDArray[np.uint8]:
    """Return the heights of at most `BINS` bars, shape (BINS,), 0–255; 255 for ``most``.

    Of rows or shares. One row does not look empty.
    """
    heights = np.zeros(BINS, np.uint8)
    if most > 0:
        heights[: len(counts)] = np.where(counts > 0, np.maximum(255 * counts / most, 6), 0).astype(
            np.uint8
        )
    return heights


def histogram(distribution: Distribution, bins: int = BINS) -> Histogram | None:
    """Bin the finite cells.

    The bins span the .5 % and 99.5 % points, widened to the least and the greatest value when these
    are near. Whole numbers get bins of whole width centred on values, one bin a value when they are
    few, so that no pattern of full and empty bins appears that is not in the data.

    Parameters
    ----------
    distribution : Distribution
    bins : int
        At most this many.

    Returns
    -------
    histogram : Histogram, or None without a finite value
    """
    if distribution.n == 0:
        return None
    values = distribution.values
    step = _step(values)
    least, greatest = float(values[0]), float(values[-1])
    few = step is not None and greatest - least < bins * step
    low, high = (least, greatest) if few else _extent(distribution)
    edges = (
        _plain_edges(low, high, bins)
        if step is None
        else _whole_edges(low, high, step, values[0], bins)
    )
    return _counted(distribution, edges)


def whole_histogram(distribution: Distribution, bins: int = PAGE_BINS) -> Histogram | None:
    """Bin the finite cells from the least to the greatest: the counts sum to all of them."""
    if distribution.n == 0:
        return None
    values = distribution.values
    step, least, greatest = _step(values), float(values[0]), float(values[-1])
    if step is None:
        edges = _plain_edges(least, greatest, bins)
    else:
        edges = _whole_edges(least, greatest, step, values[0], bins)
    return _counted(distribution, edges)


def log_histogram(distribution: Distribution, bins: int = PAGE_BINS) -> Histogram | None:
    """Bin the cells above 0 in bins of equal ratio; those at or below 0 are counted as below.

    Returns
    -------
    histogram : Histogram, or None where fewer than two different values are above 0
    """
    positive = distribution.values[distribution.values > 0]
    if positive.size < 2:
        return None
    edges = np.geomspace(positive[0], positive[-1], bins + 1)
    edges[0], edges[-1] = positive[0], positive[-1]  # geomspace may round past the ends
    edges = np.unique(edges)
    return _counted(distribution, edges) if edges.size > 1 else None


def rank_histogram(distribution: Distribution, bins: int = BINS) -> Histogram | None:
    """Bin the finite cells so that each bin holds about as many; equal cells are never parted.

    Returns
    -------
    histogram : Histogram, or None where fewer than two different values are there
    """
    if distribution.values.size < 2:
        return None
    edges = distribution.quantile(np.linspace(0, 1, bins + 1))
    edges = np.unique(edges[np.isfinite(edges)])  # between the ends of float64 a quantile overflows
    return _counted(distribution, edges) if edges.size > 1 else None


def _counted(distribution: Distribution, edges: NDArray[np.float64]) -> Histogram:
    inner = distribution.below(edges).copy()
    inner[-1] = distribution.below(edges[-1:], inclusive=True)[0]
    return Histogram(
        edges, np.diff(inner), below=int(inner[0]), above=distribution.n - int(inner[-1])
    )


def _extent(distribution: Distribution) -> tuple[float, float]:
    least, greatest = float(distribution.values[0]), float(distribution.values[-1])
    low, high = distribution.quantile(np.array([_TAIL, 1 - _TAIL])).tolist()
    if low == high:
        return least, greatest
    room = _NEAR * (high - low)
    return (least if low - least <= room else low), (greatest if greatest - high <= room else high)


def _step(values: NDArray[np.float64]) -> float | None:
    """Return the greatest common divisor of the distances of whole numbers, None for others."""
    if max(-values[0], values[-1]) > _EXACT or not (
        _are_whole(values[:_FIRST]) and _are_whole(values)
    ):
        return None
    if _divisor(values[:_FIRST]) == 1:  # so is that of all
        return 1.0
    return _divisor(values)


def _are_whole(values: NDArray[np.float64]) -> bool:
    return np.array_equal(values, np.floor(values))


def _divisor(values: NDArray[np.float64]) -> float:
    return float(np.gcd.reduce(np.diff(values).astype(np.int64))) if values.size > 1 else 1.0


def _whole_edges(
    low: float, high: float, step: float, origin: float, most: int
) -> NDArray[np.float64]:
    # quantiles may fall between values: move both ends outwards to a value
    first = origin + np.floor((low - origin) / step) * step
    places = int(np.ceil((high - first) / step)) + 1
    width = step * int(np.ceil(places / most))
    bins = int(np.ceil(places * step / width))
    edges: NDArray[np.float64] = first - step / 2 + width * np.arange(bins + 1)
    return edges


def _plain_edges(low: float, high: float, bins: int) -> NDArray[np.float64]:
    if low == high:
        half = max(abs(low) * 1e-9, 0.5)
        return np.array([low - half, high + half])
    share = np.arange(bins + 1) / bins
    return low * (1 - share) + high * share  # high − low could overflow
