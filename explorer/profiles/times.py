"""What a temporal feature shows beyond a distribution: its range, gaps and rhythm."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.profiles.distribution import Distribution

__all__ = ["Gap", "Times", "times_of"]

# Conventions: a gap is a pause of at least ten times the ordinary step, and only the longest are kept.
_GAP_STEPS = 10.0
_MOST_GAPS = 10
_STEPS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_MONTH = (28 * 86_400, 31 * 86_400)
_YEAR = (365 * 86_400, 366 * 86_400)
_DAY = 86_400
_REGULAR = 0.5  # share of equal steps from which they are called a rhythm
_FIRST_MONDAY = 4 * _DAY  # 1970-01-05


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
        The ordinary step between successive different times, their median, in seconds; NaN for one time.
    regular : float
        Share of steps that equal it.
    rhythm : str
        In words: "a row a day", "every 15 s", "irregular"; "single moment" for one time.
    gaps : tuple of Gap
        The longest pauses of at least ten ordinary steps, in order of time.
    weekdays : tuple of int
        Rows on Monday … Sunday (UTC); empty where the times could not be held one by one, or have no weekday.
    hours : tuple of int
        Rows in hour 0 … 23 (UTC); empty as above, or when all rows are at midnight.
    exact : bool
        False: gaps and steps are those between kept order statistics of a long column.
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

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any] | None) -> Times | None:
        """Build it from `document`."""
        if document is None:
            return None
        kept = dict(document)
        kept["gaps"] = tuple(Gap(**gap) for gap in document["gaps"])
        return cls(**{**kept, "weekdays": tuple(document["weekdays"]), "hours": tuple(document["hours"])})


def times_of(distribution: Distribution, cycles: tuple[str, ...] = ("day", "week")) -> Times | None:
    """Describe times.

    Parameters
    ----------
    distribution : Distribution
        In seconds since 1970-01-01 UTC.
    cycles : tuple of str
        "week", "day": those that the cells have. Times of day have no weekday, durations neither weekday nor hour.

    Returns
    -------
    times : Times, or None without one
    """
    if distribution.n == 0:
        return None
    values = distribution.values
    steps = np.diff(values)
    step = float(np.median(steps)) if steps.size else float("nan")
    regular = float(np.isclose(steps, step, rtol=1e-6).mean()) if steps.size else 1.0
    whole = distribution.exact
    return Times(
        first=float(values[0]), last=float(values[-1]), step=step, regular=regular, rhythm=_rhythm(steps, step, regular, whole),
        gaps=_gaps(values, steps, step), weekdays=_weekdays(distribution) if whole and "week" in cycles else (),
        hours=_hours(distribution) if whole and "day" in cycles else (), exact=whole,
    )  # fmt: skip


def _rhythm(steps: NDArray[np.float64], step: float, regular: float, whole: bool) -> str:
    if not steps.size:
        return "single moment"
    if not whole:
        return "too many different times to tell"
    within = ((steps >= low) & (steps <= high) for low, high in (_MONTH, _YEAR))
    for name, share in zip(("month", "year"), (float(one.mean()) for one in within), strict=True):
        if share >= _REGULAR:
            return f"a {name} apart ({share:.0%} of steps)".replace("%", " %")
    if regular < _REGULAR:
        return "irregular"
    return f"{_duration(step)} apart ({regular:.0%} of steps)".replace("%", " %")


def _duration(seconds: float) -> str:
    named = [(length, name) for name, length in _STEPS.items() if seconds >= length and seconds % length == 0]
    length, name = max(named, default=(1, "second"))
    count = seconds / length
    return f"{f'{count:,.4g}' if count < 10_000 else f'{count:,.0f}'} {name}{'' if count == 1 else 's'}"


def _gaps(values: NDArray[np.float64], steps: NDArray[np.float64], step: float) -> tuple[Gap, ...]:
    long = np.flatnonzero(steps >= _GAP_STEPS * step) if steps.size else np.empty(0, np.int64)
    longest = np.sort(long[np.argsort(-steps[long], kind="stable")][:_MOST_GAPS])
    return tuple(Gap(float(values[place]), float(values[place + 1])) for place in longest)


def _weekdays(distribution: Distribution) -> tuple[int, ...]:
    days = np.floor((distribution.values - _FIRST_MONDAY) / _DAY).astype(np.int64) % 7
    return tuple(np.bincount(days, distribution.equal, 7).astype(np.int64).tolist())


def _hours(distribution: Distribution) -> tuple[int, ...]:
    seconds = np.mod(distribution.values, _DAY)
    if not seconds.any():
        return ()
    hours = (seconds // 3_600).astype(np.int64)
    return tuple(np.bincount(hours, distribution.equal, 24).astype(np.int64).tolist())
