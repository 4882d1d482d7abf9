"""What a temporal feature shows beyond a distribution: its range, gaps and rhythm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import gettext_noop
from explorer.core.json_values import fields_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.profile.counting.distribution import Distribution

__all__ = ["Gap", "Times", "describe_times"]

# Conventions: a gap is a pause of at least ten times the ordinary step, and only the longest are
# kept.
_GAP_STEPS = 10.0
_MOST_GAPS = 10
_STEPS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_MONTH = (28 * 86_400, 31 * 86_400)
_YEAR = (365 * 86_400, 366 * 86_400)
_HOUR = 3_600
_REGULAR = 0.5  # share of equal steps from which they are called a rhythm
_THURSDAY = 3  # weekday of 1970-01-01
_BLOCK = 1 << 18  # times that are decoded at once: 2 MB
_TOO_MANY_TIMES = gettext_noop("too many different times to tell")
_SINGLE_MOMENT = gettext_noop("single moment")
_IRREGULAR = gettext_noop("irregular")
_A_MONTH_APART = gettext_noop("a month apart ({share} of steps)")
_A_YEAR_APART = gettext_noop("a year apart ({share} of steps)")
_APART = gettext_noop("{step} apart ({share} of steps)")


@dataclass(frozen=True)
class Gap:
    """A pause between two successive times.

    Parameters
    ----------
    start, end : float
        Seconds since 1970-01-01 UTC; rows are at both ends and none between.
    """

    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class Times:
    """Range, gaps and rhythm of times.

    Parameters
    ----------
    first, last : float
        Seconds since 1970-01-01 UTC.
    step : float
        The ordinary step between successive different times, their median, in seconds; NaN for one
        time, and where ``exact`` is False.
    regular : float
        Share of steps that equal it, to a millionth; NaN where ``exact`` is False.
    rhythm : str
        In words: "1 day apart (99 % of steps)", "irregular"; "single moment" for one time.
    gaps : tuple of Gap
        The longest pauses of at least ten ordinary steps, in order of time.
    weekdays : tuple of int
        Rows on Monday … Sunday (UTC); empty where ``exact`` is False, or times have no weekday.
    hours : tuple of int
        Rows in hour 0 … 23 (UTC); empty as above, or when all rows are at midnight.
    exact : bool
        True: all is of every cell. False: the column was too long to be held at once; only its ends
        are known.
    cycles : tuple of str
        What the cells have of the calendar: ("day", "week") for dates, ("day",) for times of day,
        () for durations.
    """

    first: float
    last: float
    step: float
    regular: float
    rhythm: str
    gaps: tuple[Gap, ...]
    weekdays: tuple[int, ...]
    hours: tuple[int, ...]
    exact: bool
    cycles: tuple[str, ...] = ("day", "week")

    def document(self) -> dict[str, Any]:
        """Return it as JSON, NaN as None."""
        return fields_document(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any] | None) -> Times | None:
        """Build it from `document`."""
        if document is None:
            return None
        fields = dict(document)
        fields["gaps"] = tuple(Gap(**gap) for gap in document["gaps"])
        fields |= {key: float("nan") for key in ("step", "regular") if document[key] is None}
        fields |= {
            key: tuple(document[key]) for key in ("weekdays", "hours", "cycles") if key in document
        }
        return cls(**fields)


def describe_times(
    distribution: Distribution, cycles: tuple[str, ...] = ("day", "week")
) -> Times | None:
    """Describe times.

    Parameters
    ----------
    distribution : Distribution
        In seconds since 1970-01-01 UTC.
    cycles : tuple of str
        "week", "day": those that the cells have. Times of day have no weekday, durations neither
        weekday nor hour.

    Returns
    -------
    times : Times, or None without one
    """
    if distribution.n == 0:
        return None
    first, last = (float(end) for end in distribution.values[[0, -1]])
    seen = _scan_times(distribution)
    if seen is None:
        return Times(
            first=first,
            last=last,
            step=float("nan"),
            regular=float("nan"),
            rhythm=_TOO_MANY_TIMES,
            gaps=(),
            weekdays=(),
            hours=(),
            exact=False,
            cycles=cycles,
        )
    step, regular, rhythm = _steps(seen.steps)
    gaps = tuple(
        Gap(*ends) for ends in sorted(seen.longest) if ends[1] - ends[0] >= _GAP_STEPS * step
    )
    return Times(
        first=first,
        last=last,
        step=step,
        regular=regular,
        rhythm=rhythm,
        gaps=gaps,
        weekdays=seen.weekdays() if "week" in cycles else (),
        hours=seen.hours() if "day" in cycles else (),
        exact=True,
        cycles=cycles,
    )


class _TimeScan:
    """What is gathered while ascending times pass in blocks: one float64 a step, and a few counts.

    Parameters
    ----------
    most : int
        Steps there may be.
    """

    def __init__(self, most: int) -> None:
        self._steps = np.empty(most)
        self._count = 0
        self._last: float | None = None
        self._days, self._hours, self._midnight = np.zeros(7), np.zeros(24), True
        self.longest: list[tuple[float, float]] = []

    @property
    def steps(self) -> NDArray[np.float64]:
        return self._steps[: self._count]

    def add(self, times: NDArray[np.float64], weights: NDArray[np.int64] | None) -> None:
        """Add ascending times, none before those that were added."""
        self._add_calendar(times, weights)
        times = times if self._last is None else np.concatenate([[self._last], times])
        steps = np.diff(times)
        if not steps.all():
            fresh = np.flatnonzero(steps)
            times, steps = times[np.append(0, fresh + 1)], steps[fresh]
        self._steps[self._count : self._count + steps.size] = steps
        self._count += steps.size
        self._add_longest(times, steps)
        self._last = float(times[-1])

    def weekdays(self) -> tuple[int, ...]:
        return tuple(self._days.astype(np.int64).tolist())

    def hours(self) -> tuple[int, ...]:
        return () if self._midnight else tuple(self._hours.astype(np.int64).tolist())

    def _add_calendar(self, times: NDArray[np.float64], weights: NDArray[np.int64] | None) -> None:
        hours = np.floor(times / _HOUR)
        self._midnight &= bool((np.mod(hours, 24) == 0).all() and (hours * _HOUR == times).all())
        # ascending, so that an hour is one run; 1970-01-01 was a Thursday
        starts = np.flatnonzero(np.diff(hours, prepend=np.nan))
        if weights is None:
            cells = np.diff(np.append(starts, times.size))
        else:
            cells = np.add.reduceat(weights, starts)
        days, inside = np.divmod(hours[starts], 24)
        self._hours += np.bincount(inside.astype(np.int64), cells, 24)
        self._days += np.bincount(np.mod(days + _THURSDAY, 7).astype(np.int64), cells, 7)

    def _add_longest(self, times: NDArray[np.float64], steps: NDArray[np.float64]) -> None:
        """Keep the longest pauses; of equal ones, the earliest."""
        if steps.size > _MOST_GAPS:
            least = np.partition(steps, -_MOST_GAPS)[-_MOST_GAPS]
            longer = np.flatnonzero(steps > least)
            equal = np.flatnonzero(steps == least)[: _MOST_GAPS - longer.size]
            places = np.concatenate([longer, equal])
        else:
            places = np.arange(steps.size)
        gaps = zip(times[places].tolist(), times[places + 1].tolist(), strict=True)
        self.longest = sorted([*self.longest, *gaps], key=lambda gap: (gap[0] - gap[1], gap[0]))[
            :_MOST_GAPS
        ]


def _scan_times(distribution: Distribution) -> _TimeScan | None:
    """Go through all times; None where only some are kept."""
    if distribution.exact:
        seen = _TimeScan(distribution.values.size - 1)
        seen.add(distribution.values, distribution.equal)
        return seen
    ordered, n = distribution.ordered, distribution.n
    if ordered is None:
        return None
    seen = _TimeScan(n - 1)
    for start in range(0, n, _BLOCK):
        seen.add(ordered.decode(ordered.keys[start : start + _BLOCK]), None)
    return seen


def _steps(steps: NDArray[np.float64]) -> tuple[float, float, str]:
    """Return median step, share of equal ones, and rhythm; the steps are reordered."""
    if not steps.size:
        return float("nan"), 1.0, _SINGLE_MOMENT
    middle = steps.size // 2
    steps.partition((middle - 1, middle) if steps.size % 2 == 0 else middle)
    step = float(steps[middle] if steps.size % 2 else (steps[middle - 1] + steps[middle]) / 2)
    room = 1e-6 * step  # float64 seconds since 1970 are not exact below microseconds
    regular = _share(steps, step - room - 1e-8, step + room + 1e-8)
    for rhythm, ends in ((_A_MONTH_APART, _MONTH), (_A_YEAR_APART, _YEAR)):
        if (share := _share(steps, *ends)) >= _REGULAR:
            return step, regular, rhythm.format(share=f"{100 * share:.0f} %")
    if regular < _REGULAR:
        return step, regular, _IRREGULAR
    text = _APART.format(step=_duration(step), share=f"{100 * regular:.0f} %")
    return step, regular, text


def _share(steps: NDArray[np.float64], low: float, high: float) -> float:
    """Return the share of steps in [low, high]."""
    blocks = (steps[start : start + _BLOCK] for start in range(0, steps.size, _BLOCK))
    return (
        sum(int(np.count_nonzero((block >= low) & (block <= high))) for block in blocks)
        / steps.size
    )


def _duration(seconds: float) -> str:
    named = [
        (length, name)
        for name, length in _STEPS.items()
        if seconds >= length and seconds % length == 0
    ]
    length, name = max(named, default=(1, "second"))
    count = seconds / length
    written = f"{count:,.4g}" if count < 10_000 else f"{count:,.0f}"
    return f"{written} {name}{'' if count == 1 else 's'}"
