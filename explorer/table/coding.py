"""Columns as small integer codes: levels of a category, bins of a number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.errors import unknown_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST_COLOURS", "BinnedColumn", "CategoricalColumn", "bin_numbers", "code_categories"]

# More colours cannot be told apart; the rest is shown as "other".
MOST_COLOURS = 16


@dataclass(frozen=True, eq=False)
class CategoricalColumn:
    """A column of categories.

    Attributes
    ----------
    codes : ndarray of shape (n,), int32
        Number of each row's level in `labels`; ``len(labels)`` = missing.
    labels : list of str
        All levels, most frequent first (ties: in order of first appearance).
    values : list
        The levels as values of the column.
    counts : ndarray of shape (len(labels) + 1,), int64
        Rows of each level, missing last.
    """

    codes: NDArray[np.int32]
    labels: list[str]
    values: list[object]
    counts: NDArray[np.int64]

    @property
    def n_colours(self) -> int:
        """Levels that have a colour of their own, at most `MOST_COLOURS`."""
        return min(len(self.labels), MOST_COLOURS)

    @cached_property
    def places(self) -> dict[str, int]:
        """Number of each level by its label; made when it is first asked for."""
        return {label: code for code, label in enumerate(self.labels)}

    def code_of(self, label: str | None) -> int:
        """Return the number of a level by its label, None for missing.

        An `UnknownName` with the nearest one where there is none.
        """
        if label is None:
            return len(self.labels)
        if label not in self.places:
            raise unknown_name("level", label, self.labels)
        return self.places[label]

    def colours(self) -> NDArray[np.uint8]:
        """Return (n,) uint8 codes of the colours.

        Everything beyond the largest levels, and missing, is ``n_colours``.
        """
        return np.minimum(self.codes, self.n_colours).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class BinnedColumn:
    """A column of numbers in bins.

    Attributes
    ----------
    codes : ndarray of shape (n,), uint8
        Bin of each row; with ``k = len(edges) - 1`` bins, ``k`` = missing, ``k + 1`` = below the
        edges, ``k + 2`` = above them (infinite values too).
    edges : ndarray of shape (bins + 1,), float64
        Bins are closed below and open above, the last one closed.
    """

    codes: NDArray[np.uint8]
    edges: NDArray[np.float64]


def code_categories(values: pa.ChunkedArray | pa.Array | NDArray[np.generic]) -> CategoricalColumn:
    """Code a column (n,) of categories; null and NaN are missing."""
    array = _as_arrow(values)
    encoded = array.dictionary_encode()
    dictionary = encoded.dictionary
    raw = encoded.indices.fill_null(len(dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)
    counts = np.bincount(raw, minlength=len(dictionary) + 1)
    used = np.flatnonzero(counts[:-1])
    order = used[np.argsort(-counts[used], kind="stable")]
    place = np.full(len(dictionary) + 1, len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    result = _python(dictionary.take(pa.array(order)))
    empty = "(empty)" if "(empty)" not in result else "(empty text)"  # no two levels have one name
    return CategoricalColumn(
        place[raw],
        [_label(level, empty) for level in result],
        result,
        np.append(counts[order], counts[-1]),
    )


def bin_numbers(values: NDArray[np.float64], edges: NDArray[np.float64]) -> BinnedColumn:
    """Put numbers (n,) into bins; at most 253 bins."""
    n_bins = len(edges) - 1
    codes = np.searchsorted(edges, values, side="right") - 1
    codes[values == edges[-1]] = n_bins - 1
    codes[codes < 0] = n_bins + 1
    codes[values > edges[-1]] = n_bins + 2
    # NaN sorts behind every edge, and is neither equal to nor above the last
    codes[np.isnan(values)] = n_bins
    return BinnedColumn(codes.astype(np.uint8), edges)


def _as_arrow(values: pa.ChunkedArray | pa.Array | NDArray[np.generic]) -> pa.Array:
    array = pa.array(values, from_pandas=True) if isinstance(values, np.ndarray) else values
    if isinstance(array, pa.ChunkedArray):
        if pa.types.is_dictionary(array.type):
            array = array.unify_dictionaries()
        array = array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    return array


def _python(levels: pa.Array) -> list[Any]:
    try:
        result: list[Any] = levels.to_pylist()
    except OverflowError:  # a time that Python's calendar, years 1 to 9999, does not have
        result = levels.cast(pa.string()).to_pylist()
    return result


def _label(level: object, empty: str) -> str:
    if isinstance(level, bool):
        return "yes" if level else "no"
    return empty if level == "" else str(level)
