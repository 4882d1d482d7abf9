"""Pictures of rows: the pixels that a block of columns holds of each row."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.memo import Memo
from explorer.map.paint.pixel_picture import picture_address, pixel_picture
from explorer.table.blocks import numbers_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.features.roles.role import ColumnBlock
    from explorer.session.session import Session
    from explorer.table.table import Table

__all__ = ["MOST_PICTURES", "RowPictures", "block_range", "image_block"]

MOST_PICTURES = 60
_MOST_PIXELS = 1_000_000  # of one answer: as many bytes at most go to the page
_KEPT = 2 << 20  # characters of addresses: some two thousand pictures of 28 × 28 pixels


def image_block(table: Table) -> ColumnBlock | None:
    """Return the first block of columns that is an image; None without one."""
    return next((block for block in table.column_blocks if block.shape), None)


def block_range(table: Table, block: ColumnBlock) -> tuple[float, float]:
    """Return the least and the greatest finite value of a block.

    They are exact once its columns are counted, and till then those of the rows that a table is
    judged by when it is opened.
    """
    counted = table.summaries.counted()
    summaries = [counted.get(name) for name in block.columns]
    lows = [s.minimum for s in summaries if s is not None and s.minimum is not None]
    highs = [s.maximum for s in summaries if s is not None and s.maximum is not None]
    if lows and all(summaries):
        return min(lows), max(highs)
    cells = table.columns.first_look().cells
    values = [numbers_in(table.features[name], cells.column(name)) for name in block.columns]
    finite = [column[np.isfinite(column)] for column in values]
    present = [column for column in finite if column.size]
    if not present:
        return 0.0, 1.0
    return float(min(map(np.min, present))), float(max(map(np.max, present)))


class RowPictures:
    """Reads the pictures of rows of one session's table, a few at a time, and keeps the latest.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._table = session.table
        self._lock = threading.Lock()
        self._range: tuple[ColumnBlock, int, tuple[float, float]] | None = None
        self._kept: Memo[tuple[int, tuple[float, float]], str] = Memo(_KEPT, len)

    @property
    def block(self) -> ColumnBlock | None:
        """The columns that hold the pictures; None where there are none."""
        return image_block(self._table)

    @property
    def most(self) -> int:
        """How many pictures are read at once, at most."""
        pixels = len(self.block.columns) if self.block else 1
        return max(1, min(MOST_PICTURES, _MOST_PIXELS // pixels))

    def read(self, rows: Sequence[int]) -> dict[int, str]:
        """Return pictures by row, as addresses of images; nothing without a block of pixels.

        Only the pixels of these rows are read. Grey or red, green and blue go from the least to the
        greatest value of the block.

        Parameters
        ----------
        rows : sequence of int
            In [0, num_rows); those beyond `most` are left out.
        """
        block = self.block
        if block is None:
            return {}
        ends = self._ends(block)
        wanted = list(dict.fromkeys(rows))[: self.most]
        fresh = sorted(row for row in wanted if self._kept.peek((row, ends)) is None)
        if fresh:
            for row, values in zip(fresh, self._values(block, fresh), strict=True):
                picture = picture_address(pixel_picture(values, block.shape, *ends))
                self._kept.put((row, ends), picture)
        pictures = {row: self._kept.peek((row, ends)) for row in wanted}
        return {row: picture for row, picture in pictures.items() if picture is not None}

    def _ends(self, block: ColumnBlock) -> tuple[float, float]:
        counted = len(self._table.summaries.counted())
        with self._lock:
            if self._range is None or self._range[:2] != (block, counted):
                self._range = block, counted, block_range(self._table, block)
            return self._range[2]

    def _values(self, block: ColumnBlock, rows: list[int]) -> NDArray[np.float64]:
        cells = self._table.source.lookup(np.array(rows, np.int64), block.columns)
        features = self._table.features
        columns = [numbers_in(features[name], cells.column(name)) for name in block.columns]
        return np.column_stack(columns)
