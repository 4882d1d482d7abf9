"""Rows that are equal: a hash of each row, and each distinct row once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.validation import Matrix

__all__ = ["DistinctRows", "column_digests", "distinct_rows", "find_rows"]


@dataclass(frozen=True)
class DistinctRows:
    """The distinct rows of a matrix.

    Attributes
    ----------
    first : ndarray of shape (n_distinct,), int64
        Where each distinct row stands first. Ordered by hash, which is to say at random, but in the
        same order whatever the order of the rows was.
    inverse : ndarray of shape (n_samples,), int64
        The distinct row that each row equals.
    hashes : ndarray of shape (n_distinct,), uint64
        Increasing.
    """

    first: NDArray[np.int64]
    inverse: NDArray[np.int64]
    hashes: NDArray[np.uint64]


def distinct_rows(X: Matrix, seed: int) -> DistinctRows:
    """Find the distinct rows of `X`, of shape (n_samples, n_features), by 64-bit hashes.

    Two of a million different rows are taken for equal with odds of 3e-8. `seed`, in [0, 2^64),
    sets the order.
    """
    hashes, first, inverse = np.unique(_row_hashes(X, seed), return_index=True, return_inverse=True)
    return DistinctRows(first, inverse, hashes)


def find_rows(X: Matrix, seed: int, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return for each row of `X` the place of its hash in the increasing `hashes`, or -1."""
    wanted = _row_hashes(X, seed)
    place = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
    return np.where(hashes[place] == wanted, place, -1)


def column_digests(X: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return a number for each column from the set of rows, whatever the order of rows or columns.

    Each value is mixed with what stands beside it, so that columns with the same values in other
    rows differ.
    """
    digests: NDArray[np.uint64] = _digest_columns(*_as_bits(X))
    return digests


def _row_hashes(X: Matrix, seed: int) -> NDArray[np.uint64]:
    hashes: NDArray[np.uint64] = _hash_rows(*_as_bits(X), np.uint64(seed))
    return hashes


def _as_bits(X: Matrix) -> tuple[NDArray[np.unsignedinteger], np.unsignedinteger]:
    """Return the bits of `X` and those of -0.0, which must hash as 0.0 does."""
    # Writable although nothing is written: numba would compile a second version for read-only
    # arrays.
    X = np.require(X, requirements=["C", "W"])
    if X.dtype == np.float32:
        return X.view(np.uint32), np.uint32(1 << 31)
    return X.view(np.uint64), np.uint64(1 << 63)


@njit(cache=True, nogil=True)
def _mixed(h):  # type: ignore[no-untyped-def]
    """Mix 64 bits by the finaliser of SplitMix64.

    Steele, Lea and Flood 2014, doi:10.1145/2714064.2660195.
    """
    h = np.uint64(h) + np.uint64(0x9E3779B97F4A7C15)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@njit(cache=True, nogil=True)
def _hash_rows(bits, minus_zero, seed):  # type: ignore[no-untyped-def]
    out = np.empty(bits.shape[0], dtype=np.uint64)
    for i in range(bits.shape[0]):
        h = np.uint64(seed)
        for j in range(bits.shape[1]):
            value = np.uint64(0) if bits[i, j] == minus_zero else np.uint64(bits[i, j])
            h = _mixed(h ^ value)
        out[i] = h
    return out


@njit(cache=True, nogil=True)
def _digest_columns(bits, minus_zero):  # type: ignore[no-untyped-def]
    out = np.zeros(bits.shape[1], dtype=np.uint64)
    mixed = np.empty(bits.shape[1], dtype=np.uint64)
    for i in range(bits.shape[0]):
        row = np.uint64(0)
        for j in range(bits.shape[1]):
            value = np.uint64(0) if bits[i, j] == minus_zero else np.uint64(bits[i, j])
            mixed[j] = _mixed(value)
            row += mixed[j]
        for j in range(bits.shape[1]):
            out[j] += _mixed(mixed[j] ^ row)
    return out
