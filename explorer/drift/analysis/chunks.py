"""Chunks: rows in stretches of time, or so many at a time."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from explorer.core.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Chunking", "Period", "chunking_of"]

Period = Literal["hour", "day", "week", "month", "quarter", "year"]
_SECONDS = {"hour": 3_600.0, "day": 86_400.0, "week": 604_800.0}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MONDAY = 3 * 86_400.0  # 1970-01-01 was a Thursday
_ROWS = re.compile(r"([\d_,]+)\s*rows?")
_MOST_ROWS = 1 << 40  # beyond, no table is
_SEASONS = {"hour": 168, "day": 7, "month": 12, "quarter": 4}


@dataclass(frozen=True)
class Chunking:
    """How rows fall into chunks.

    Parameters
    ----------
    period : {"hour", "day", "week", "month", "quarter", "year"}, optional
        Stretches of time, in UTC; weeks begin on Monday.
    rows : int, optional
        So many rows at a time, in the order of their times.
    """

    period: Period | None = None
    rows: int | None = None

    @property
    def season(self) -> int:
        """Chunks after which conditions come again; 1 for none.

        Hours and days: a week; months and quarters: a year.
        """
        return _SEASONS.get(self.period or "", 1)

    @property
    def words(self) -> str:
        """The chunking as it is written."""
        return self.period or f"{self.rows}rows"

    def numbers(self, times: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the number of each time's period since 1970.

        Parameters
        ----------
        times : ndarray of shape (n,), float64
            Seconds since 1970-01-01 UTC, finite.
        """
        if self.period in _SECONDS:
            shift = _MONDAY if self.period == "week" else 0.0
            return np.floor((times + shift) / _SECONDS[self.period]).astype(np.int64)
        months = np.floor(times).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        return np.asarray(months // _MONTHS[self.period or "month"])

    def start(self, number: int) -> float:
        """Return when a period begins, in seconds since 1970-01-01 UTC."""
        if self.period in _SECONDS:
            return number * _SECONDS[self.period] - (_MONDAY if self.period == "week" else 0.0)
        month = np.datetime64(number * _MONTHS[self.period or "month"], "M")
        return float(month.astype("datetime64[s]").astype(np.int64))

    def label(self, number: int) -> str:
        """Name a period for a reader: "2026-01-05", "2026-01", "2026 Q1"."""
        start = np.datetime64(math.floor(self.start(number)), "s")
        if self.period == "hour":
            return str(start.astype("datetime64[m]")).replace("T", " ")
        if self.period in ("day", "week"):
            return str(start.astype("datetime64[D]"))
        month = str(start.astype("datetime64[M]"))
        if self.period == "quarter":
            return f"{month[:4]} Q{(int(month[5:]) + 2) // 3}"
        return month[:4] if self.period == "year" else month


def chunking_of(text: str | int) -> Chunking:
    """Read how rows are to fall into chunks: "week", "day", "1000rows", or 1000 for so many rows.

    Raises
    ------
    ModelError
        For anything else.
    """
    wanted = str(text).strip().lower()
    for period in get_args(Period):
        if wanted in (period, f"{period}s"):
            named: Period = period
            return Chunking(period=named)
    if isinstance(text, int | np.integer) and not isinstance(text, bool):
        wanted = f"{text}rows"
    rows = _ROWS.fullmatch(wanted)
    digits = re.sub("[_,]", "", rows[1]) if rows is not None else ""
    if digits and 0 < int(digits) < _MOST_ROWS:
        return Chunking(rows=int(digits))
    raise ModelError(
        f"a chunk is one of {', '.join(get_args(Period))}, or so many rows, as in 1000rows; "
        f"came {text!r}"
    )
