"""Ordered: all cells of a column in ascending order, while they are still in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["SortedCells"]


@dataclass(frozen=True, eq=False)
class SortedCells:
    """Sorted keys of cells and how to read them: exact ranks, without a copy in float64.

    Parameters
    ----------
    keys : ndarray of shape (n,)
        Ascending. They may lie in memory that is used again: valid until the thread counts the next
        column.
    decode : callable
        From keys to cells, float64, ascending.
    encode : callable, optional
        For floats: from cells of their own type to keys, which is quicker than reading keys on the
        way.
    dtype : numpy.dtype, optional
        Of the cells, beside ``encode``.
    """

    keys: NDArray[Any]
    decode: Callable[[NDArray[Any]], NDArray[np.float64]]
    encode: Callable[[NDArray[Any]], NDArray[Any]] | None = None
    dtype: np.dtype[Any] | None = None

    def at(self, ranks: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the cells of these ranks, from 0."""
        return self.decode(self.keys[ranks])

    def below(self, edges: NDArray[np.float64], *, inclusive: bool = False) -> NDArray[np.int64]:
        """Count the cells below each edge, or at and below it."""
        if self.encode is None or self.dtype is None:
            return self._searched(edges, inclusive=inclusive)
        with np.errstate(over="ignore"):
            typed_edges = edges.astype(self.dtype)
        # the largest cell that is not above the edge: what lies between the two is no cell of this
        # type
        typed_edges = np.where(
            typed_edges > edges, np.nextafter(typed_edges, self.dtype.type(-np.inf)), typed_edges
        )
        keys = self.encode(typed_edges)
        upto = np.searchsorted(self.keys, keys, side="right")
        return (
            upto
            if inclusive
            else np.where(typed_edges == edges, np.searchsorted(self.keys, keys, side="left"), upto)
        )

    def _searched(self, edges: NDArray[np.float64], *, inclusive: bool) -> NDArray[np.int64]:
        """Search for all edges at once, reading the keys on the way."""
        low = np.zeros(edges.shape, dtype=np.int64)
        high = np.full(edges.shape, self.keys.size, dtype=np.int64)
        while (open_ := low < high).any():
            middle = (low + high) // 2
            cells = self.at(np.minimum(middle, self.keys.size - 1))
            before = (cells <= edges if inclusive else cells < edges) & open_
            low = np.where(before, middle + 1, low)
            high = np.where(open_ & ~before, middle, high)
        return low

    def ends(self, count: int) -> NDArray[np.float64]:
        """Return the different values among the outermost ``count`` cells of each end, sorted."""
        outer = (
            np.concatenate([self.keys[:count], self.keys[-count:]]) if self.keys.size else self.keys
        )
        return np.unique(self.decode(outer))
