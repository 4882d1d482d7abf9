"""Segments: the rows of a table in groups that a column, or a map, makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Segments"]


class Segments(NamedTuple):
    """Rows by segment of a column, or by region of a map.

    Parameters
    ----------
    codes : ndarray of shape (n,), int32
        Of each row; negative in none.
    labels : sequence of str
    """

    codes: NDArray[np.int32]
    labels: Sequence[str]
