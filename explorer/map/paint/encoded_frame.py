"""EncodedFrame: a frame as the bytes that go to the page."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.map.viewport import Viewport

__all__ = ["EncodedFrame"]

_FASTEST = 1  # of zlib: at higher levels the line waits for the processor


@dataclass(frozen=True, eq=False)
class EncodedFrame:
    """A picture in planes.

    Attributes
    ----------
    viewport : Viewport
        What it is exact for.
    form : str
        "levels": a byte a pixel, a row of the table; "covered": another byte a pixel, the share of
        alpha that the rim of a point leaves; "rgba": four bytes a pixel.
    planes : tuple of ndarray, uint8
        (h, w) each, or (h, w, 4); row 0 = lowest y.
    table : ndarray of shape (256, 4), uint8, or None
        Red, green, blue, alpha of every level.
    ends : tuple of float or None
        Rows or values of the first and the last colour.
    """

    viewport: Viewport
    form: str
    planes: tuple[NDArray[np.uint8], ...]
    table: NDArray[np.uint8] | None = None
    ends: tuple[float, float] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the planes."""
        return sum(plane.nbytes for plane in self.planes)

    def data(self, packed: bool = False) -> bytes:
        """Return the table, if there is one, and the planes one after the other, row 0 = top.

        Parameters
        ----------
        packed : bool
            Whether to deflate them (RFC 1950), for a slow line.
        """
        table = b"" if self.table is None else self.table.tobytes()
        plain = b"".join([table, *(plane[::-1].tobytes() for plane in self.planes)])
        return zlib.compress(plain, _FASTEST) if packed else plain
