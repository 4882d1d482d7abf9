"""A column of numbers as 16-bit codes in the order of its values, to count any group fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from explorer.core.cache import key_of
from explorer.profile.counting.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.core.cache import Cache

__all__ = ["QuantizedColumn", "QuantizedColumnStore"]

_VERSION = 3


@dataclass(frozen=True, eq=False)
class QuantizedColumn:
    """A column in at most 65,535 steps of about equally many rows, or one for each value.

    Parameters
    ----------
    codes : ndarray of shape (n,), uint16
        Step of each row, `MISSING` where its cell is.
    values : ndarray of shape (k,), float64
        Mean of the values of a step, ascending.
    counts : ndarray of shape (k,), int64
        Rows of a step.
    exact : bool
        Whether each step is one value.
    """

    codes: NDArray[np.uint16]
    values: NDArray[np.float64]
    counts: NDArray[np.int64]
    exact: bool

    def tally(self, a: NDArray[np.uint32], b: NDArray[np.uint32] | None, rest_of: bool) -> Tally:
        """Count two groups.

        Parameters
        ----------
        a : ndarray of uint32
            Rows of A, ascending.
        b : ndarray of uint32 or None
            Rows of B; None for the rest.
        rest_of : bool
            Whether, without `b`, the rows given are B and the rest is A: the smaller group is
            counted.
        """
        counted = self._counted(a)
        rest = self.counts - counted if b is None else self._counted(b)
        a_counts, b_counts = (rest, counted) if rest_of and b is None else (counted, rest)
        return Tally(
            self.values, a_counts, b_counts
        )  # a step without a row of either group changes no figure

    def _counted(self, rows: NDArray[np.uint32]) -> NDArray[np.int64]:
        counts: NDArray[np.uint32] = _count(self.codes, rows)
        return counts[: len(self.values)].astype(np.int64)


class QuantizedColumnStore:
    """Steps of the columns of one table in the cache, memory-mapped; opened once.

    Parameters
    ----------
    cache : Cache
    table : str
        What identifies the table.
    """

    def __init__(self, cache: Cache, table: str) -> None:
        self._cache, self._table = cache, table
        self._open: dict[str, QuantizedColumn] = {}

    def get(self, column: str, settings: Any) -> QuantizedColumn | None:
        """Return the steps of a column under some settings (sentinels, kind); None if unknown."""
        key = self._key(column, settings)
        if key not in self._open:
            folder = self._cache.get("steps", key)
            if folder is None:
                return None
            self._open[key] = _read(folder)
        return self._open[key]

    def put(self, column: str, settings: Any, steps: QuantizedColumn) -> QuantizedColumn:
        """Keep the steps of a column, and return them as they will be read."""
        key = self._key(column, settings)
        with self._cache.put("steps", key) as draft:
            np.save(draft / "codes.npy", steps.codes)
            np.save(draft / "levels.npy", np.stack([steps.values, steps.counts.astype(np.float64)]))
            (draft / "exact").write_text(str(int(steps.exact)))
        return self.get(column, settings) or steps

    def _key(self, column: str, settings: Any) -> str:
        return key_of(
            {"version": _VERSION, "table": self._table, "column": column, "settings": settings}
        )


def _read(folder: Path) -> QuantizedColumn:
    codes, levels = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("codes", "levels"))
    return QuantizedColumn(
        codes, levels[0], levels[1].astype(np.int64), (folder / "exact").read_text() == "1"
    )


@njit(cache=True, nogil=True)
def _count(codes, rows):  # type: ignore[no-untyped-def]
    counts = np.zeros(65_536, dtype=np.uint32)
    for row in rows:
        counts[codes[row]] += np.uint32(1)
    return counts
