"""What the roles are guessed from: some cells of a column, as numbers and as codes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.features.cells import without_sentinels
from explorer.features.kind import is_number_list, is_text
from explorer.features.roles.name_words import name_words
from explorer.sources.columns import column_as_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.features.kind import Feature

__all__ = ["ColumnFacts"]


class ColumnFacts:
    """Some rows of a column; everything is computed when it is first asked for.

    Parameters
    ----------
    feature : Feature
    cells : pyarrow.ChunkedArray of length n
    rows : ndarray of shape (n,), int64, ascending
        Their positions in the table.
    """

    def __init__(self, feature: Feature, cells: pa.ChunkedArray, rows: NDArray[np.int64]) -> None:
        self.feature, self.name = feature, feature.name
        self._cells, self._rows = cells, rows

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Words of the name."""
        return name_words(self.name)

    @cached_property
    def is_text(self) -> bool:
        """Whether cells are strings."""
        return is_text(self._cells.type)

    @cached_property
    def is_number(self) -> bool:
        """Whether cells are numbers or yes and no."""
        type_ = self._cells.type
        return bool(
            pa.types.is_integer(type_)
            or pa.types.is_floating(type_)
            or pa.types.is_boolean(type_)
            or pa.types.is_decimal(type_)
        )

    @cached_property
    def cells(self) -> pa.ChunkedArray:
        """Cells, sentinels missing; texts without blanks around them."""
        cells = without_sentinels(self._cells, self.feature.sentinels)
        return cells.cast(cells.type.value_type) if pa.types.is_dictionary(cells.type) else cells

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Cells as numbers, (n,), NaN where missing or infinite; only NaN where not a number."""
        if not self.is_number and not pa.types.is_temporal(self._cells.type):
            return np.full(len(self._cells), np.nan)
        numbers = np.array(column_as_numbers(self.cells, self.name), np.float64)
        numbers[~np.isfinite(numbers)] = np.nan
        return numbers

    @cached_property
    def present(self) -> NDArray[np.float64]:
        """Values that are not missing."""
        return self.values[~np.isnan(self.values)]

    @cached_property
    def filled(self) -> int:
        """Cells that are not missing."""
        if self.is_number:
            return int(self.present.size)
        return int(len(self.cells) - self.cells.null_count)

    @cached_property
    def _ordered(self) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """Different numbers, ascending; where each first comes; the place of each cell among them.

        What is missing comes last, as infinity.
        """
        numbers = np.where(np.isnan(self.values), np.inf, self.values)
        values, first, places = np.unique(numbers, return_index=True, return_inverse=True)
        return values, first, places.reshape(-1)

    @cached_property
    def distinct_values(self) -> NDArray[np.float64]:
        """Different numbers, ascending."""
        values = self._ordered[0]
        return values[:-1] if values.size and np.isinf(values[-1]) else values

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """Places of the numbers in ascending order, (n,), equal ones the same; −1 where missing."""
        return np.where(np.isnan(self.values), -1, self._ordered[2])

    @cached_property
    def distinct(self) -> int:
        """Different cells; lists are not counted."""
        if pa.types.is_null(self._cells.type):
            return 0
        if pa.types.is_integer(self._cells.type):  # floats would merge keys beyond 2**53
            return int(pc.count_distinct(self.cells.drop_null()).as_py())
        if self.is_number:
            return int(self.distinct_values.size)
        if pa.types.is_nested(self._cells.type) or is_number_list(self._cells.type):
            return self.filled
        return int(pc.count_distinct(self.cells.drop_null()).as_py())

    @property
    def share_distinct(self) -> float:
        """Different cells for each cell that is not missing; 0 without any."""
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def unique(self) -> bool:
        """Whether no cell repeats and there are at least two."""
        return self.distinct == self.filled > 1

    @cached_property
    def whole(self) -> bool:
        """Whether all numbers are whole."""
        return self.present.size > 0 and bool(np.all(self.distinct_values % 1 == 0))

    @cached_property
    def binary(self) -> bool:
        """Whether there are two different cells."""
        return self.distinct == 2

    @property
    def like_probability(self) -> bool:
        """Whether there are many different numbers, all from 0 to 1."""
        return self.is_number and self.distinct > 20 and self.low >= 0 and self.high <= 1

    @cached_property
    def low(self) -> float:
        """Least number; NaN without one."""
        return float(self.distinct_values[0]) if self.present.size else float("nan")

    @cached_property
    def high(self) -> float:
        """Greatest number; NaN without one."""
        return float(self.distinct_values[-1]) if self.present.size else float("nan")

    @cached_property
    def ascending(self) -> bool:
        """Whether the numbers never fall from row to row."""
        return self.present.size > 2 and bool(np.all(np.diff(self.present) >= 0))

    @cached_property
    def sorted(self) -> bool:
        """Whether the numbers never fall, or never rise, from row to row."""
        return self.ascending or (
            self.present.size > 2 and bool(np.all(np.diff(self.present) <= 0))
        )

    @cached_property
    def counts_rows(self) -> bool:
        """Whether the numbers are 1, 2, 3 … down the table, from any start."""
        if not self.whole or self.present.size != len(self._rows) or len(self._rows) < 3:
            return False
        return bool(np.all(self.present - self._rows == self.present[0] - self._rows[0]))

    @cached_property
    def levels(self) -> frozenset[str]:
        """Different cells as text in lower case; yes and no, true and false as 1 and 0."""
        if self.is_number:
            return frozenset(f"{value:g}" for value in self.distinct_values)
        if not self.is_text:
            return frozenset()
        texts = pc.utf8_lower(pc.utf8_trim_whitespace(self.cells.drop_null())).unique().to_pylist()
        same = {"yes": "1", "true": "1", "no": "0", "false": "0"}
        return frozenset(same.get(text, text).removesuffix(".0") for text in texts)

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """Cells numbered in the order in which they first come, (n,); −1 where missing."""
        if self.is_number and not pa.types.is_integer(self._cells.type):
            missing = np.isnan(self.values)
            _, first, inverse = self._ordered
        else:
            encoded = self.cells.combine_chunks().dictionary_encode()
            if isinstance(encoded, pa.ChunkedArray):
                encoded = encoded.combine_chunks()
            indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            missing = indices < 0
            _, first, inverse = np.unique(indices, return_index=True, return_inverse=True)
        order = np.empty(len(first), np.int64)
        order[np.argsort(first)] = np.arange(len(first))
        codes = order[inverse]
        codes[missing] = -1
        return codes.astype(np.int64)

    def share_matching(self, pattern: str) -> float:
        """Return the share of texts that match a regular expression (RE2); 0 without texts."""
        texts = self.cells.drop_null()
        if not self.is_text or not len(texts):
            return 0.0
        return float(pc.mean(pc.match_substring_regex(texts, pattern)).as_py())

    @cached_property
    def mean_length(self) -> float:
        """Mean number of characters of a text; 0 without texts."""
        texts = self.cells.drop_null()
        return float(pc.mean(pc.utf8_length(texts)).as_py()) if self.is_text and len(texts) else 0.0
