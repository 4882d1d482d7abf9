"""What is known of each ad or item, as plain values; made of columns when they are looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["ItemRow", "ItemRows"]


@dataclass(frozen=True, kw_only=True)
class ItemRow:
    """Engagement with one item, in the whole or in one segment.

    Parameters
    ----------
    item : str
    by, segment : str
        Column of the segment and its level; "" and "all" for the whole.
    n : int
        Rows.
    total : float
        Rows with the outcome; the sum of an outcome that is an amount.
    rate, mean : float
        Share of rows with the outcome; mean of an amount, and the same as `rate` for a share.
    low, high : float
        Ends of the interval of `mean` at 95 %: Wilson's for a share, Student's t for an amount,
        between units where there are units.
    shrunk, shrunk_low, shrunk_high : float
        `mean` drawn towards that of all items by as much as they differ beyond chance, and its
        posterior interval.
    ips, ips_low, ips_high : float
        Mean outcome if this item were always shown, by inverse propensities.
    snips, snips_low, snips_high : float
        The same, self-normalised.
    dr, dr_low, dr_high : float
        The same, doubly robust; NaN without a model of the outcome.
    ess, max_weight, largest_share, carrying : float
        Effective rows, the largest weight, its share of all weight, and how many rows the error
        rests on by their squared weights (units, where there are units); NaN without propensities.
    ranked : bool
        Whether the row may be put in an order with others; not when fewer than 100 rows are
        effective, one has more than 5 % of the weight, or the error rests on fewer than 30 rows.
    rank : int
        Place by the lower end, of `snips` where there are propensities, else of `mean`; 0 when not
        ranked.
    words : str
        Why it is not ranked.
    q05, q25, median, q75, q95 : float
        Quantiles of an amount (linear); NaN for a share.
    """

    item: str
    by: str = ""
    segment: str = "all"
    n: int = 0
    total: float = math.nan
    rate: float = math.nan
    mean: float = math.nan
    low: float = math.nan
    high: float = math.nan
    shrunk: float = math.nan
    shrunk_low: float = math.nan
    shrunk_high: float = math.nan
    ips: float = math.nan
    ips_low: float = math.nan
    ips_high: float = math.nan
    snips: float = math.nan
    snips_low: float = math.nan
    snips_high: float = math.nan
    dr: float = math.nan
    dr_low: float = math.nan
    dr_high: float = math.nan
    ess: float = math.nan
    max_weight: float = math.nan
    largest_share: float = math.nan
    carrying: float = math.nan
    ranked: bool = True
    rank: int = 0
    words: str = ""
    q05: float = math.nan
    q25: float = math.nan
    median: float = math.nan
    q75: float = math.nan
    q95: float = math.nan


_NAMES = tuple(field.name for field in fields(ItemRow))
_TYPES: dict[str, Any] = {
    "item": object,
    "by": object,
    "segment": object,
    "words": object,
    "n": np.int64,
    "rank": np.int64,
    "ranked": np.bool_,
}


class ItemRows(Sequence[ItemRow]):
    """Rows of items, in order.

    Parameters
    ----------
    columns : mapping of str to array of shape (k,)
        Fields of `ItemRow`; those left out have their default.
    """

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self._n = len(columns["item"])
        self._columns = {
            name: np.asarray(values, _TYPES.get(name, np.float64))
            for name, values in columns.items()
        }

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, index: int) -> ItemRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[ItemRow]: ...
    def __getitem__(self, index: int | slice) -> ItemRow | list[ItemRow]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._n))]
        if not -self._n <= index < self._n:
            raise IndexError(f"row {index} of {self._n}")
        return ItemRow(**{name: _plain(values[index]) for name, values in self._columns.items()})

    def column(self, name: str) -> NDArray[Any]:
        """Return a field of all rows, (k,)."""
        held = self._columns.get(name)
        if held is not None:
            return held
        default = getattr(ItemRow(item=""), name)
        return np.full(self._n, default, _TYPES.get(name, np.float64))

    def taken(self, places: NDArray[Any]) -> ItemRows:
        """Return some of the rows, in this order."""
        return ItemRows({name: values[places] for name, values in self._columns.items()})

    def to_arrow(self) -> pa.Table:
        """Return a row per item."""
        import pyarrow as pa

        return pa.table({name: _array(self.column(name)) for name in _NAMES})


def _array(values: NDArray[Any]) -> pa.Array:
    import pyarrow as pa

    return pa.array(values.tolist(), pa.string()) if values.dtype == object else pa.array(values)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
