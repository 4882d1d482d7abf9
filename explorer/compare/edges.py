"""Edges: the values at which the steps of a column begin, and the code of each cell by them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MISSING", "Edges", "edges_of_sample"]

MISSING = 65_535
"""The code of a missing cell."""

# Bits of the table that says where to search: 8,192 places for each doubling of the distance
# from the middle.
_BITS = 22
_SHIFT = 32 - _BITS
_FEW = np.uint32(4)
_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True, eq=False)
class Edges:
    """Values at which steps begin.

    Parameters
    ----------
    values : ndarray of shape (k,), float64
        Ascending, all different, fewer than 65,536. What lies below the first one counts to its
        step.
    """

    values: NDArray[np.float64]

    @cached_property
    def middle(self) -> float:
        """The median edge: places are as fine as numbers can be near it."""
        finite = self.values[np.isfinite(self.values)]
        return float(finite[len(finite) // 2]) if len(finite) else 0.0

    @cached_property
    def before(self) -> NDArray[np.uint32]:
        """How many edges lie in earlier places, for each place and the end."""
        counts = np.empty((1 << _BITS) + 1, dtype=np.uint32)
        _count_before(self._places(self.values), counts)
        return counts

    def encode(
        self,
        cells: NDArray[np.float64],
        codes: NDArray[np.uint16],
        counts: NDArray[np.int64],
        sums: NDArray[np.float64],
    ) -> bool:
        """Write the step of each cell, and add to the rows and the sums of the steps.

        Tells whether all cells are edges themselves.
        """
        fixed = [array.view() for array in (cells, self.values)]
        for array in fixed:
            array.flags.writeable = (
                False  # as most are that come here: then the kernel is compiled once
            )
        return bool(_encode(*fixed, self._places(cells), self.before, codes, counts, sums))

    def _places(self, cells: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return sign, exponent and first bits of each distance from the middle.

        As a number that rises with the cells.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            bits = (
                (cells - self.middle + 0.0).astype(np.float32).view(np.int32)
            )  # + 0.0 makes a zero of −0.0
        rising = bits ^ ((bits >> 31) & 0x7FFF_FFFF)
        return (rising >> _SHIFT) + (1 << (_BITS - 1))


def edges_of_sample(sample: NDArray[np.float64], infinite: tuple[bool, bool]) -> Edges:
    """Draw the edges of at most 65,535 steps through a sample.

    Parameters
    ----------
    sample : ndarray of shape (m,), float64
        Ascending.
    infinite : tuple of bool
        Whether the column holds −∞, and ∞: they have steps of their own, so that these alone are
        infinite.
    """
    finite = sample[np.isfinite(sample)]
    different = finite[np.append(True, finite[1:] != finite[:-1])] if len(finite) else finite
    room = MISSING - sum(infinite)
    if len(different) > room:
        at = np.linspace(0, len(finite), room, endpoint=False).astype(np.int64)
        different = np.unique(finite[at])
    if infinite[0] and len(different):
        different[0] = -_LARGEST  # what lies below the sample is not −∞
    below, above = (
        [end] if there else [] for end, there in zip((-np.inf, np.inf), infinite, strict=True)
    )
    return Edges(np.concatenate((below, different, above)))


@njit(cache=True, nogil=True)
def _count_before(places, before):  # type: ignore[no-untyped-def]
    edge = 0
    for place in range(len(before)):
        while edge < len(places) and places[edge] < place:
            edge += 1
        before[place] = edge


@njit(cache=True, nogil=True)
def _encode(cells, edges, places, before, codes, counts, sums):  # type: ignore[no-untyped-def]
    """Write the last edge that is not above each cell.

    By halving where a place has many edges, else one by one: mostly there is none, or one.
    """
    same = True
    for row in range(len(cells)):
        value = cells[row]
        if value != value:
            codes[row] = MISSING
            continue
        place = np.uint32(places[row])
        low, high = (
            before[place],
            before[place + np.uint32(1)],
        )  # edges below `low` are not above the cell, from `high` on they are
        while high - low > _FEW:
            half = low + ((high - low) >> np.uint32(1))
            if edges[half] <= value:
                low = half + np.uint32(1)
            else:
                high = half
        while low < high and edges[low] <= value:
            low += np.uint32(1)
        low -= np.uint32(low > 0)
        codes[row] = low
        counts[low] += 1
        sums[low] += value
        same &= edges[low] == value
    return same
