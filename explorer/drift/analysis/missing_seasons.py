"""Which seasons a reference is too short to know, so that a change may be the season."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.drift.analysis.timetable import Chunk

__all__ = ["MissingSeasons", "missing_seasons"]

_DAY = 86_400.0
_YEAR = 365.2425 * _DAY
_WHOLE = 350 * _DAY  # of a reference, from which it is taken to cover the year
_WEEK = 6.5 * _DAY  # of a chunk, below which the days of the week differ
_TWICE = 13.5 * _DAY  # of a reference that has each day of the week twice


@dataclass(frozen=True, eq=False)
class MissingSeasons:
    """Seasons that the reference is too short to know.

    Parameters
    ----------
    words : str
        What the reference lacks.
    week : bool
        Whether it lacks the days of the week as well: then nothing can be told from a season.
    years : ndarray of shape (chunks,), float64
        Middle of each chunk in years.
    covered : ndarray of shape (chunks,), bool
        Whether the reference has this part of the year.
    """

    words: str
    week: bool
    years: NDArray[np.float64]
    covered: NDArray[np.bool_]


def missing_seasons(chunks: Sequence[Chunk], reference: NDArray[np.bool_]) -> MissingSeasons | None:
    """Return which seasons a reference lacks; None where it covers a year, in whatever order.

    Parameters
    ----------
    chunks : sequence of Chunk
        Of times in seconds since 1970-01-01.
    reference : ndarray of shape (chunks,), bool
        Judged chunks of the reference.
    """
    start, end = (np.array([getattr(chunk, name) for chunk in chunks]) for name in ("start", "end"))
    first, last = float(start[reference].min()), float(end[reference].max())
    long = float(np.median((end - start)[reference]))
    week = long < _WEEK and last - first < _TWICE
    if last - first >= _WHOLE and not week:
        return None
    years = (start + end) / 2 / _YEAR
    apart = np.abs(np.subtract.outer(years, years[reference]))
    apart = np.abs(apart - np.round(apart)).min(axis=1)
    covered = apart <= (long / 2 + _DAY) / _YEAR
    span = _("{first} to {last}").format(first=_day(first), last=_day(last))
    lacks = _("two weeks") if week else "a year"
    text = _(
        "the reference is shorter than {lacks}, {span}: a change that a season may "
        "explain is no alarm"
    ).format(lacks=lacks, span=span)
    return MissingSeasons(text, week, years, covered & ~week)


def _day(seconds: float) -> str:
    return str(np.datetime64(int(seconds), "s").astype("datetime64[D]"))
