"""Digest: a fast name for the content of an array, by which what was made of it is found again.

Not meant against an attacker: words of 64 bits go through four lanes of xor, rotation and
multiplication, as the fast lanes of xxHash64 do, in blocks whose results are hashed by BLAKE2b.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numba
import numpy as np

from explorer.map.raster import pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["digest"]

_BLOCK = 1 << 17  # words: 1 MB
_LANES = 4
# odd constants of xxHash64 (Collet 2012, BSD-2)
_FIRST, _SECOND = np.uint64(0x9E3779B185EBCA87), np.uint64(0xC2B2AE3D27D4EB4F)


def digest(array: NDArray[np.generic], sparse_above: int | None = None) -> str:
    """Return 32 hex digits for the shape, type and bytes of an array.

    Parameters
    ----------
    array : ndarray
    sparse_above : int, optional
        Of an array of more bytes than this, only every sixteenth cache line is read: a change of a
        few single elements may then go unseen. All bytes are read without it.

    Returns
    -------
    str
        Equal for equal arrays; different for different ones, but for a chance of about 2**-64.
    """
    plain = np.ascontiguousarray(array)
    hashed = hashlib.blake2b(f"{plain.dtype.str}{plain.shape}".encode(), digest_size=16)
    words, rest = _words(plain)
    step = 16 if sparse_above is not None and plain.nbytes > sparse_above else 1
    lanes = np.empty((-(-len(words) // _BLOCK), _LANES), np.uint64)
    pool.share(len(lanes), lambda part: _mix(words, step, part.start, part.stop, lanes))
    hashed.update(lanes.tobytes())
    hashed.update(rest)
    return hashed.hexdigest()


def _words(plain: NDArray[np.generic]) -> tuple[NDArray[np.uint64], bytes]:
    """Return the bytes as whole words and what is left over."""
    flat = plain.reshape(-1).view(np.uint8) if plain.size else np.empty(0, np.uint8)
    whole = len(flat) // 8 * 8
    words = flat[:whole]
    if words.ctypes.data % 8:
        words = words.copy()
    result = words.view(np.uint64)
    result.flags.writeable = False
    return result, flat[whole:].tobytes()


@numba.njit(nogil=True, cache=True)
def _mix(
    words: NDArray[np.uint64], step: int, first: int, last: int, lanes: NDArray[np.uint64]
) -> None:
    """Digest the blocks ``first ≤ block < last``, of each every ``step``-th 8 words."""
    for block in range(first, last):
        start, stop = block * _BLOCK, min((block + 1) * _BLOCK, words.size)
        a, b = np.uint64(block + 1) * _FIRST, _SECOND
        c, d = _FIRST ^ _SECOND, np.uint64(stop - start) * _SECOND
        for line in range(start, stop, 8 * step):
            end = min(line + 8, stop)
            i = line
            while i + 4 <= end:
                a = _turned(a ^ words[i]) * _FIRST
                b = _turned(b ^ words[i + 1]) * _FIRST
                c = _turned(c ^ words[i + 2]) * _FIRST
                d = _turned(d ^ words[i + 3]) * _FIRST
                i += 4
            while i < end:
                a = _turned(a ^ words[i]) * _SECOND
                i += 1
        lanes[block, 0], lanes[block, 1], lanes[block, 2], lanes[block, 3] = a, b, c, d


@numba.njit(nogil=True, cache=True, inline="always")
def _turned(word: np.uint64) -> np.uint64:
    return np.uint64((word << np.uint64(31)) | (word >> np.uint64(33)))
