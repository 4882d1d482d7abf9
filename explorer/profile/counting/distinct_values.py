"""Different values and their counts: exact while they are few, else in a sketch of fixed size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from explorer.profile.counting.frequent import most_frequent
from explorer.profile.counting.keys import KeyCode

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LIMIT", "DistinctValues", "Sketch", "hash_texts"]

LIMIT = 1_000_000  # different values kept with their counts: 16 MB
_CANDIDATES = 1000  # values kept with their counts beyond
_BITS = 14  # 2¹⁴ registers: a standard error of 1.04 / 2⁷ = .81 %


@dataclass(frozen=True, eq=False)
class Sketch:
    """HyperLogLog with 64-bit hashes.

    Flajolet, Fusy, Gandouet & Meunier 2007, doi:10.46298/dmtcs.3545.

    Parameters
    ----------
    registers : ndarray of shape (16384,), uint8
        Of the hashes that fall in each, the longest run of leading zeros, and one.
    """

    registers: NDArray[np.uint8]

    @classmethod
    def of(cls, hashes: NDArray[np.uint64]) -> Sketch:
        """Take in hashes, of shape (n,)."""
        registers = np.zeros(1 << _BITS, dtype=np.uint8)
        _take_in(hashes, registers)
        return cls(registers)

    @classmethod
    def of_keys(cls, keys: NDArray[Any]) -> Sketch:
        """Take in the keys of numbers (see `KeyCode`), of shape (n,); quickest when sorted."""
        registers = np.zeros(1 << _BITS, dtype=np.uint8)
        _take_in_keys(keys, registers)
        return cls(registers)

    def merged(self, other: Sketch) -> Sketch:
        """Return the sketch of all hashes of both."""
        return Sketch(np.maximum(self.registers, other.registers))

    @property
    def estimate(self) -> int:
        """How many different hashes there were, ± .81 % (one standard error); above 41,000."""
        m = self.registers.size
        raw = (
            0.7213
            / (1 + 1.079 / m)
            * m
            * m
            / float(np.ldexp(1.0, -self.registers.astype(np.int64)).sum())
        )
        empty = int((self.registers == 0).sum())
        return round(m * math.log(m / empty) if raw <= 2.5 * m and empty else raw)


@dataclass(frozen=True, eq=False, kw_only=True)
class DistinctValues:
    """Different values of the cells seen so far.

    Parameters
    ----------
    values : ndarray of shape (k,)
        Ascending: all of them, or the most frequent ones where there are more than 1,000,000.
    counts : ndarray of shape (k,), int64
        How often each came; at least so often where there is a sketch of merged blocks.
    sketch : Sketch or None
        None while all values are kept.
    known_count : int or None
        How many there are, where that is known exactly in spite of a sketch.
    """

    values: NDArray[Any]
    counts: NDArray[np.int64]
    sketch: Sketch | None = None
    known_count: int | None = None

    @property
    def count(self) -> int:
        """How many different values there are."""
        if self.sketch is None:
            return int(self.values.size)
        return self.sketch.estimate if self.known_count is None else self.known_count

    @property
    def exact(self) -> bool:
        """Whether `count` is exact, otherwise it is ±.81 %."""
        return self.sketch is None or self.known_count is not None

    def top(self, limit: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the most frequent values and counts, falling; exact while all values are kept."""
        return most_frequent(self.values, self.counts, limit)

    def merged(self, other: DistinctValues) -> DistinctValues:
        """Join the values of two sets of cells of one type.

        Where values are left out, the counts of the others become lower bounds (as in Misra & Gries
        1982, doi:10.1016/0167-6423(82)90012-0), since a value may be a candidate of one block only.
        """
        values, counts = _summed(self, other)
        if self.sketch is None and other.sketch is None and values.size <= LIMIT:
            return DistinctValues(values=values, counts=counts)
        sketch = self._sketched().merged(other._sketched())
        known_count = int(values.size) if self.sketch is None and other.sketch is None else None
        values, counts = most_frequent(values, counts, _CANDIDATES)
        order = np.argsort(values)
        return DistinctValues(
            values=values[order], counts=counts[order], sketch=sketch, known_count=known_count
        )

    def _sketched(self) -> Sketch:
        return self.sketch or Sketch.of_keys(KeyCode(self.values.dtype).keys(self.values))


def _summed(left: DistinctValues, right: DistinctValues) -> tuple[NDArray[Any], NDArray[np.int64]]:
    values = np.concatenate([left.values, right.values])
    counts = np.concatenate([left.counts, right.counts])
    order = np.argsort(values, kind="stable")  # two ascending runs: merged, not sorted
    values, counts = values[order], counts[order]
    if values.size == 0:
        return values, counts
    first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    return values[first], np.add.reduceat(counts, first)


def hash_texts(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each text.

    Parameters
    ----------
    offsets : ndarray of shape (n + 1,), int64
        Text i is ``data[offsets[i]:offsets[i + 1]]``.
    data : ndarray of shape (m,), uint8
    """
    hashes: NDArray[np.uint64] = _fnv(offsets, data)
    return hashes


@numba.njit(nogil=True, cache=True, inline="always")
def _mixed(bits: np.uint64) -> np.uint64:
    """Spread bits evenly, one-to-one: the finaliser of SplitMix64.

    Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195.
    """
    z = bits + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@numba.njit(nogil=True, cache=True)
def _fnv(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """FNV-1a (Fowler, Noll & Vo, RFC 9923), mixed."""
    out = np.empty(offsets.size - 1, dtype=np.uint64)
    for i in range(out.size):
        h = np.uint64(0xCBF29CE484222325)
        for j in range(offsets[i], offsets[i + 1]):
            h = (h ^ np.uint64(data[j])) * np.uint64(0x100000001B3)
        out[i] = _mixed(h)
    return out


@numba.njit(nogil=True, cache=True, inline="always")
def _raise(hashed: np.uint64, registers: NDArray[np.uint8]) -> None:
    register = hashed >> np.uint64(64 - _BITS)
    rest = hashed << np.uint64(_BITS) | np.uint64(1 << (_BITS - 1))
    held = np.uint64(registers[register])
    # few hashes raise a register: one comparison settles the others
    if held == 0 or rest >> (np.uint64(64) - held) == 0:
        zeros = 1
        while rest >> np.uint64(63) == 0:
            rest <<= np.uint64(1)
            zeros += 1
        registers[register] = zeros


@numba.njit(nogil=True, cache=True)
def _take_in(hashes: NDArray[np.uint64], registers: NDArray[np.uint8]) -> None:
    for i in range(hashes.size):
        _raise(hashes[i], registers)


@numba.njit(nogil=True, cache=True)
def _take_in_keys(keys: NDArray[Any], registers: NDArray[np.uint8]) -> None:
    for i in range(keys.size):
        if i == 0 or keys[i] != keys[i - 1]:
            _raise(_mixed(np.uint64(keys[i])), registers)
