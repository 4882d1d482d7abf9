"""Pictures of rows: the pixels that a block of columns holds of each row."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.core.memo import BackgroundMemo, Memo
from explorer.map.paint.pixel_picture import picture_address, pixel_levels, pixel_picture
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
_ROWS = 4_096  # read at a time
# A convention: a block of so many cells is kept as levels of one byte, so that a row under the
# pointer is not read from the files each time: 80,000 images of 28 × 28 pixels.
_MOST_CELLS = 64_000_000
_KEPT = 2 << 20  # characters of addresses: some two thousand pictures of 28 × 28 pixels

Levels = tuple["NDArray[np.uint8]", "NDArray[np.bool_] | None"]
# Of all sessions, by fingerprint, columns, edits and ends: levels, and what is missing.
_levels: BackgroundMemo[tuple[object, ...], Levels] = BackgroundMemo(
    2 * _MOST_CELLS, lambda pair: pair[0].nbytes
)


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
        self._range: tuple[ColumnBlock, tuple[int, int], tuple[float, float]] | None = None
        self._kept: Memo[tuple[int, tuple[float, float, int]], str] = Memo(_KEPT, len)

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

        Of a block of up to 64 million cells all are read in the background, once they are counted,
        and kept; of a larger one, and until then, those of these rows. Grey, or red, green and
        blue, go from the least to the greatest value of the block.

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
        now = (*ends, self._table.columns.edit_count)
        fresh = sorted(row for row in wanted if self._kept.peek((row, now)) is None)
        if fresh:
            levels, missing = self._levels(block, ends, fresh)
            for k, row in enumerate(fresh):
                none = None if missing is None else missing[k]
                picture = picture_address(pixel_picture(levels[k], none, block.shape))
                self._kept.put((row, now), picture)
        pictures = {row: self._kept.peek((row, now)) for row in wanted}
        return {row: picture for row, picture in pictures.items() if picture is not None}

    def _ends(self, block: ColumnBlock) -> tuple[float, float]:
        profiles = self._table.profiles
        counted = len(profiles.finished()), profiles.count_exact()
        with self._lock:
            if self._range is None or self._range[:2] != (block, counted):
                self._range = block, counted, block_range(self._table, block)
            return self._range[2]

    def _levels(self, block: ColumnBlock, ends: tuple[float, float], rows: list[int]) -> Levels:
        """Return levels and what is missing, (rows, pixels)."""
        table = self._table
        small = table.num_rows * len(block.columns) <= _MOST_CELLS
        # until all is counted the ends change, and with them all levels
        if small and table.profiles.finished().keys() >= set(block.columns):
            key = (table.fingerprint, block, table.columns.edit_count, ends)
            kept = _levels.soon(key, lambda: self._all_levels(block, ends))
            if kept is not None:
                levels, missing = kept
                return levels[rows], None if missing is None else missing[rows]
        cells = table.source.lookup(np.array(rows, np.int64), block.columns)
        values = self._values(block, cells)
        return pixel_levels(values, *ends), np.isnan(values)

    def _all_levels(self, block: ColumnBlock, ends: tuple[float, float]) -> Levels:
        shape = (self._table.num_rows, len(block.columns))
        levels, missing = np.empty(shape, np.uint8), np.zeros(shape, np.bool_)
        start = 0
        for batch in self._table.source.batches(block.columns, _ROWS):
            values = self._values(block, pa.Table.from_batches([batch]))
            stop = start + len(values)
            levels[start:stop], missing[start:stop] = pixel_levels(values, *ends), np.isnan(values)
            start = stop
        return levels, missing if missing.any() else None

    def _values(self, block: ColumnBlock, cells: pa.Table) -> NDArray[np.float64]:
        features = self._table.features
        columns = [numbers_in(features[name], cells.column(name)) for name in block.columns]
        return np.column_stack(columns)
