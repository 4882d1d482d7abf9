"""Missing counts: which cells of a block of rows are absent together; blocks can be merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.features.cells import without_sentinels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["MissingCounts", "missing_cells", "unpacked"]

_MOST_PATTERNS = 100_000


@dataclass(frozen=True, eq=False, kw_only=True)
class MissingCounts:
    """What a block of rows says of missing cells; blocks are `merged` in any order.

    Parameters
    ----------
    names : tuple of str
        The p features.
    rows : int
    patterns : ndarray of shape (k, w), uint64
        Different patterns, ascending; bit i of word j tells whether feature 64 j + i is missing. At
        most 100,000.
    counts : ndarray of shape (k,), int64
        Rows of each.
    dropped : int
        Rows of patterns that are not kept; where there are any, ``counts`` may be too small.
    together : ndarray of shape (p, p), int64
        Rows where both are missing, exact always; on the diagonal, where one is.
    """

    names: tuple[str, ...]
    rows: int
    patterns: NDArray[np.uint64]
    counts: NDArray[np.int64]
    dropped: int
    together: NDArray[np.int64]

    @classmethod
    def of(cls, names: Sequence[str], missing: NDArray[np.bool_]) -> MissingCounts:
        """Count a block.

        Parameters
        ----------
        names : sequence of str
        missing : ndarray of shape (p, n), bool
        """
        patterns, counts = _different(_packed(missing), np.ones(missing.shape[1], np.int64))
        bits = unpacked(patterns, len(names)).astype(np.float32)
        # float32 holds every integer up to 2**24; blocks are shorter
        together = (bits * counts.astype(np.float32)[:, None]).T @ bits
        kept_patterns, kept_counts, dropped = _most_frequent(patterns, counts)
        return cls(
            names=tuple(names),
            rows=missing.shape[1],
            patterns=kept_patterns,
            counts=kept_counts,
            dropped=dropped,
            together=np.rint(together).astype(np.int64),
        )

    def merged(self, other: MissingCounts) -> MissingCounts:
        """Join the counts of different rows of the same features."""
        patterns, counts = _different(
            np.concatenate([self.patterns, other.patterns]),
            np.concatenate([self.counts, other.counts]),
        )
        patterns, counts, dropped = _most_frequent(patterns, counts)
        return MissingCounts(
            names=self.names,
            rows=self.rows + other.rows,
            patterns=patterns,
            counts=counts,
            dropped=self.dropped + other.dropped + dropped,
            together=self.together + other.together,
        )


def _packed(missing: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return one bit a feature, shape (n, words); at least one word."""
    features, rows = missing.shape
    padded = np.zeros((rows, max(1, -(-features // 64)) * 64), dtype=bool)
    padded[:, :features] = missing.T
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def unpacked(patterns: NDArray[np.uint64], features: int) -> NDArray[np.bool_]:
    """Return which features are missing in each pattern.

    Parameters
    ----------
    patterns : ndarray of shape (k, w), uint64
        As `MissingCounts` keeps them.
    features : int
        How many bits count.

    Returns
    -------
    bits : ndarray of shape (k, features), bool
    """
    octets = patterns.astype("<u8").view(np.uint8).reshape(patterns.shape[0], 8 * patterns.shape[1])
    return np.unpackbits(octets, axis=1, count=features, bitorder="little").astype(bool)


def _different(
    patterns: NDArray[np.uint64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Join equal patterns."""
    if patterns.shape[1] == 1:
        distinct, place = np.unique(patterns[:, 0], return_inverse=True)
        unique = distinct[:, None]
    else:
        unique, place = np.unique(patterns, axis=0, return_inverse=True)
    joined = np.zeros(unique.shape[0], np.int64)
    np.add.at(joined, place.ravel(), counts)
    return unique, joined


def _most_frequent(
    patterns: NDArray[np.uint64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], int]:
    if counts.size <= _MOST_PATTERNS:
        return patterns, counts, 0
    # rows without a missing cell are a pattern that is never given up
    rank = np.where(patterns.any(axis=1), -counts, np.iinfo(np.int64).min)
    frequent = np.sort(np.argsort(rank, kind="stable")[:_MOST_PATTERNS])
    return patterns[frequent], counts[frequent], int(counts.sum() - counts[frequent].sum())


def missing_cells(
    batch: pa.RecordBatch, names: Sequence[str], sentinels: Mapping[str, Sequence[float | str]]
) -> NDArray[np.bool_]:
    """Tell which cells of a batch are null, NaN or a sentinel, shape (features, rows)."""
    missing = np.zeros((len(names), batch.num_rows), dtype=bool)
    for k, name in enumerate(names):
        cells = batch.column(name)
        if sentinels.get(name):
            cells = without_sentinels(pa.chunked_array([cells]), sentinels[name]).combine_chunks()
        floating = pa.types.is_floating(cells.type)
        if floating and cells.null_count == 0:
            missing[k] = np.isnan(cells.to_numpy())
        elif floating or cells.null_count:
            missing[k] = pc.is_null(cells, nan_is_null=floating).to_numpy(zero_copy_only=False)
    return missing
