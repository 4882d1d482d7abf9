"""Items beside each other: sorted, searched, and handed to the page a window at a time."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import unknown_name
from explorer.core.number_format import NONE, decimals, decimals_of_width, number, rate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.engagement.engagement import Engagement
    from explorer.engagement.item_rows import ItemRow, ItemRows

__all__ = ["SORTS", "EngagementList", "OutcomeFormat"]

SORTS = ("low", "corrected", "shrunk", "mean", "n", "item")
"""Lower end of the interval, place by propensities, shrunk, raw, most rows, by name.

What may not be ranked comes last where it is by propensities.
"""

_FINEST = 6  # decimals
_DRAWN = (
    "mean",
    "low",
    "high",
    "shrunk",
    "shrunk_low",
    "shrunk_high",
    "snips",
    "snips_low",
    "snips_high",
    "q05",
    "q25",
    "median",
    "q75",
    "q95",
)


class OutcomeFormat:
    """How figures of an outcome are written.

    Shares in per cent, amounts as numbers, with as many digits as their interval bears.

    Parameters
    ----------
    share : bool
    """

    def __init__(self, share: bool) -> None:
        self._share = share

    def value(self, amount: float, low: float = math.nan, high: float = math.nan) -> str:
        """Write one figure; a dash where there is none."""
        if not math.isfinite(amount):
            return NONE
        digits = self._digits(low, high)
        if digits is None:
            return rate(amount) if self._share and amount >= 0 else number(amount)
        return f"{self._fixed(amount, digits)} %" if self._share else self._fixed(amount, digits)

    def interval(self, low: float, high: float) -> str:
        """Write both ends; nothing where there is no interval.

        A share is at least 0, whatever its error.
        """
        digits = self._digits(low, high)
        if digits is None:
            return ""
        start = max(low, 0.0) if self._share else low
        return f"{self._fixed(start, digits)} … {self.value(high, low, high)}"

    def _digits(self, low: float, high: float) -> int | None:
        """Return the decimals that show two significant digits of a half-width, if there is one."""
        half = (high - low) / 2 * (100 if self._share else 1)
        if not math.isfinite(half) or half <= 0:
            return None
        return min(decimals_of_width(half), _FINEST)

    def _fixed(self, amount: float, digits: int) -> str:
        return decimals(100 * amount if self._share else amount, digits)


class EngagementList:
    """Items of the whole, or of one segment.

    Parameters
    ----------
    found : Engagement
    segment : str, optional
        Of the column by which the engagement is read; None for the whole.
    """

    def __init__(self, engagement: Engagement, segment: str | None = None) -> None:
        self.found, self.segment = engagement, segment
        self.rows: ItemRows = engagement.rows
        if segment is not None:
            self.rows = engagement.segments.taken(
                np.flatnonzero(engagement.segments.column("segment") == segment)
            )
        self._words = OutcomeFormat(engagement.share)

    def order(self, sort: str = "low", search: str = "") -> NDArray[np.int64]:
        """Return which items are listed, in order.

        Parameters
        ----------
        sort : {"low", "corrected", "shrunk", "mean", "n", "item"}
            Ties, and what has no figure, in the order of the lower ends.
        search : str
            Part of an item's name, whatever its case.

        Raises
        ------
        UnknownName
            An order that does not exist.
        """
        if sort not in SORTS:
            raise unknown_name("order of items", sort, SORTS)
        places = np.arange(len(self.rows))
        if search.strip():
            wanted = search.strip().casefold()
            places = np.array(
                [i for i, name in enumerate(self.rows.column("item")) if wanted in name.casefold()],
                np.int64,
            )
        return places[np.argsort(self._keys(sort)[places], kind="stable")]

    def window(self, start: int, stop: int, sort: str = "low", search: str = "") -> dict[str, Any]:
        """Return the items from `start` up to `stop`, left out, of an order; JSON."""
        order = self.order(sort, search)
        start = max(min(start, len(order)), 0)
        lines = [self._line(self.rows[int(place)]) for place in order[start : max(stop, start)]]
        return {
            "start": start,
            "total": len(order),
            "of": len(self.rows),
            "lines": lines,
            "sort": sort,
            "search": search,
            "segment": self.segment,
            "ends": self._ends,
        }

    def _keys(self, sort: str) -> NDArray[np.float64]:
        rows = self.rows
        if sort == "item":
            names = rows.column("item").astype(str)
            return np.argsort(np.argsort(names, kind="stable"), kind="stable").astype(np.float64)
        if sort == "corrected":
            rank = rows.column("rank").astype(np.float64)
            return np.where(rank > 0, rank, np.inf)
        values = rows.column(sort).astype(np.float64)
        return np.where(np.isnan(values), np.inf, -values)

    def _line(self, row: ItemRow) -> dict[str, Any]:
        outcome = self._words
        return {
            "item": row.item,
            "n": f"{row.n:,}",
            "rank": row.rank,
            "ranked": row.ranked,
            "words": row.words,
            "mean": outcome.value(row.mean, row.low, row.high),
            "interval": outcome.interval(row.low, row.high),
            "shrunk": outcome.value(row.shrunk, row.low, row.high),
            "median": outcome.value(row.median),
            "q95": outcome.value(row.q95),
            "snips": outcome.value(row.snips, row.snips_low, row.snips_high),
            "dr": outcome.value(row.dr, row.dr_low, row.dr_high),
            "snips_interval": outcome.interval(row.snips_low, row.snips_high),
            "ess": f"{row.ess:,.0f}" if math.isfinite(row.ess) else NONE,
            "largest": rate(row.largest_share) if math.isfinite(row.largest_share) else NONE,
            "drawn": {name: value for name in _DRAWN if math.isfinite(value := getattr(row, name))},
        }

    @cached_property
    def _ends(self) -> list[float]:
        """Where the drawing of intervals begins and ends.

        At what nineteen items of twenty reach, so that a tiny one hides none.
        """
        names = ("high", "snips_high") if self.found.share else ("high", "q75")
        highs = np.concatenate([self.rows.column(name) for name in names])
        lows = self.rows.column("low" if self.found.share else "q25")
        highs, lows = highs[np.isfinite(highs)], lows[np.isfinite(lows)]
        top = float(np.quantile(highs, 0.95)) if len(highs) else 1.0
        bottom = min(float(np.quantile(lows, 0.05)), 0.0) if len(lows) else 0.0
        return [bottom, top if top > bottom else bottom + max(1.0, abs(bottom) * 1e-6)]
