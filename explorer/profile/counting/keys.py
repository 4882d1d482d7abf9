"""Keys: signed integers with the width and the order of cells; floats by their bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KeyCode", "key_of", "write_keys"]


@dataclass(frozen=True)
class KeyCode:
    """How cells of one type become keys and back.

    Parameters
    ----------
    dtype : numpy.dtype
        Of the cells: float or integer, 4 or 8 bytes.
    """

    dtype: np.dtype[Any]

    @property
    def whole(self) -> np.dtype[Any]:
        """Signed integers as wide as a cell."""
        return np.dtype(f"i{self.dtype.itemsize}")

    @property
    def parameters(self) -> tuple[int, int, int, int]:
        """Bits to flip, bits to flip where negative, the sign's shift, whether −1 means −0.0."""
        bits = 8 * self.dtype.itemsize
        if self.dtype.kind == "f":
            return 0, 2 ** (bits - 1) - 1, bits - 1, 1
        return (-(2 ** (bits - 1)) if self.dtype.kind == "u" else 0), 0, bits - 1, 0

    def values(self, keys: NDArray[Any]) -> NDArray[Any]:
        """Return the cells that have these keys, of the same shape."""
        flip, mask, sign, _ = self.parameters
        keys = keys.astype(self.whole, copy=False)
        turned = keys ^ ((keys >> sign) & self.whole.type(mask)) ^ self.whole.type(flip)
        values: NDArray[Any] = turned.view(self.dtype)
        return values

    def keys(self, cells: NDArray[Any]) -> NDArray[Any]:
        """Return the keys of cells, of the same shape."""
        out = np.empty(cells.size, dtype=self.whole)
        write_keys(np.ascontiguousarray(cells).view(self.whole), *self.parameters, out)
        return out


@numba.njit(nogil=True, cache=True, inline="always")
def key_of(bits: int, flip: int, mask: int, sign: int, zero: int) -> int:
    """Return the key of a cell's bits; what the other numbers are, `KeyCode.parameters` says."""
    k = bits ^ flip ^ ((bits >> sign) & mask)
    return k + (zero if k == -1 else 0)


@numba.njit(nogil=True, cache=True)
def write_keys(
    bits: NDArray[Any], flip: int, mask: int, sign: int, zero: int, out: NDArray[Any]
) -> None:
    """Write the keys of all cells."""
    for i in range(bits.size):
        out[i] = key_of(bits[i], flip, mask, sign, zero)
