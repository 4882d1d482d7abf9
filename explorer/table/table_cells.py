"""Cells: the columns of a table as numbers, levels and bins, coded once and kept for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import FeatureError, unknown_name
from explorer.expressions.ranges import in_range
from explorer.features.cells import without_sentinels
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.sources.columns import as_numbers
from explorer.table.blocks import Blocks, numbers_in
from explorer.table.coding import Bins, Levels, bins_of, levels_of

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.core.cache import Cache
    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource
    from explorer.table.profile_book import Summaries
    from explorer.table.table_cache import Kept

__all__ = ["Cells"]


class Cells:
    """What a `Table` knows of its cells."""

    source: ArrowSource
    cache: Cache
    _keep: Kept

    @property
    def features(self) -> dict[str, Feature]:
        """The columns and what is known of them."""
        raise NotImplementedError

    @property
    def summaries(self) -> Summaries:
        """What each feature's strip shows."""
        raise NotImplementedError

    def feature(self, name: str) -> Feature:
        """Return one feature; an unknown name is an `UnknownName` with the nearest one."""
        try:
            return self.features[name]
        except KeyError:
            raise unknown_name("feature", name, self.features) from None

    def is_number(self, name: str) -> bool:
        """Say whether a column is looked at along a scale: numeric, temporal, or numbers written as text."""
        feature = self.feature(name)
        return feature.kind in ("numeric", "temporal") or NUMBERS_AS_TEXT in feature.notes

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column as (num_rows,) float64, NaN where missing; do not write to it.

        It is numeric, boolean, temporal, or text that reads as numbers, where NaN is also what does
        not read as one.
        """
        feature = self.feature(name)
        if NUMBERS_AS_TEXT in feature.notes:
            return self._keep.code(("numbers", name), lambda: self._parsed(name))
        if feature.kind != "boolean" and not self.is_number(name):
            raise FeatureError(
                f"{name!r} is {feature.kind}, not a number: choose a numeric, boolean or temporal feature"
            )
        return (
            numbers_in(feature, self.source.column(name))
            if feature.sentinels
            else self.source.numeric(name)
        )

    def middle(self, name: str) -> float:
        """Return the whole number in the middle between the least and the greatest value of a column; 0 where it has none."""
        return float(self._keep.code(("middle", name), lambda: _middle(self.numbers(name)))[0])

    def in_range(self, name: str, low: float, high: float) -> NDArray[np.bool_]:
        """Return which cells of a number lie in [low, high], (num_rows,) bool; a missing one does not."""
        feature = self.feature(name)
        if feature.sentinels or NUMBERS_AS_TEXT in feature.notes or not self.is_number(name):
            numbers = self.numbers(name)
            return (numbers >= low) & (numbers <= high)
        return in_range(self.source.column(name), low, high, lambda cells: as_numbers(cells, name))

    def _parsed(self, name: str) -> NDArray[np.float64]:
        return numbers_in(self.features[name], self.source.column(name))

    def blocks(self, name: str, keep: bool = False) -> Blocks:
        """Return a column of numbers in blocks; kept decoded only where that is asked for."""
        return Blocks(
            self.feature(name), self.source.column(name) if keep else self.source.passed(name)
        )

    def levels(self, name: str) -> Levels:
        """Return a column coded by level; kept for the next time."""
        self.feature(name)
        return self._keep.code(("levels", name), lambda: levels_of(self._cells(name)))

    def bins(self, name: str) -> Bins:
        """Return a number's column coded by the bins of its strip; kept for the next time."""
        shown = self.summaries[name].histogram
        if shown is None:
            raise FeatureError(
                f"{name!r} has no histogram: it is {self.feature(name).kind}, or has no finite value"
            )
        return self._keep.code(
            ("bins", name), lambda: bins_of(self.numbers(name), np.asarray(shown.edges, np.float64))
        )

    def _cells(self, name: str) -> pa.ChunkedArray:
        """Return a column whose sentinels, as the catalogue names them, are null."""
        return without_sentinels(self.source.column(name), self.features[name].sentinels)


def _middle(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    present = numbers[np.isfinite(numbers)]
    return np.rint([present.min() / 2 + present.max() / 2]) if present.size else np.zeros(1)
