"""Where an axis of a feature has its ticks, and how times are written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.core.number_format import NONE, all_digits, brief, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Ticks", "ticks_of", "time_in_words", "times_in_words"]

_DAY = 86_400
_WANTED = 6
_MOST = 8  # steps between round values
# Units of time and how many of them may lie between two ticks, the coarsest first.
_STEPS = {
    "Y": (1000, 500, 200, 100, 50, 20, 10, 5, 2, 1), "M": (6, 3, 1), "D": (14, 7, 2, 1),
    "h": (12, 6, 3, 1), "m": (30, 15, 5, 1), "s": (30, 15, 5, 1),
}  # fmt: skip
_WRITTEN = {"Y": 4, "M": 7, "D": 10, "h": 16, "m": 16, "s": 19}
# Beyond them NumPy's dates are written with a sign or five digits.
_FIRST, _LAST = -62_135_596_800, 253_402_300_799


@dataclass(frozen=True)
class Ticks:
    """Positions on the drawn axis, and words for each."""

    at: tuple[float, ...]
    words: tuple[str, ...]


def time_in_words(seconds: float | None) -> str:
    """Write seconds since 1970-01-01 UTC as a date, with the hour unless it is midnight."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    if not _FIRST <= seconds <= _LAST:
        return _("{seconds} s since 1970").format(seconds=number(seconds))
    text = str(np.datetime64(round(seconds), "s")).replace("T", " ")
    return text[:10] if seconds % _DAY == 0 else text[:16] if seconds % 60 == 0 else text


def times_in_words(low: float, high: float) -> tuple[str, str]:
    """Write two times as precisely as tells them apart.

    Dates, "2024-05-06 07:00" and "11:30", or with seconds.
    """
    if not (_FIRST <= low <= _LAST and _FIRST <= high <= _LAST):
        return time_in_words(low), time_in_words(high)
    digits = 10 if high - low >= 2 * _DAY else 16 if high - low >= _DAY / 48 else 19
    first, last = (
        str(np.datetime64(round(seconds), "s")).replace("T", " ")[:digits]
        for seconds in (low, high)
    )
    same = (
        0 if digits == 10 else 11 if first[:10] == last[:10] else 5 if first[:4] == last[:4] else 0
    )
    return first, last[same:]


def ticks_of(edges: NDArray[np.float64], scale: str = "linear", *, times: bool = False) -> Ticks:
    """Return about six ticks.

    Parameters
    ----------
    edges : ndarray of shape (k + 1,), float64
        Of the bars, in the unit of the feature.
    scale : {"linear", "log", "rank"}
        Positions are the values themselves, their decimal logarithms, or the numbers of the edges.
    times : bool
        Edges are seconds since 1970-01-01 UTC.
    """
    if edges.size < 2:
        return Ticks((), ())
    write = time_in_words if times else _short
    if scale == "rank":
        places = np.unique(
            np.linspace(0, edges.size - 1, min(_WANTED, edges.size)).round().astype(int)
        )
        return Ticks(
            tuple(places.astype(float).tolist()),
            tuple(write(edge) for edge in edges[places].tolist()),
        )
    low, high = float(edges[0]), float(edges[-1])
    if times and scale == "linear":
        return _time_ticks(low, high)
    values = _decades(low, high) if scale == "log" else _round_values(low, high)
    at = np.log10(values) if scale == "log" else values
    labels = tuple(write(value) for value in values.tolist())
    if len(set(labels)) < len(labels):  # values so close that four digits do not tell them apart
        labels = tuple(map(all_digits, values.tolist()))
    return Ticks(tuple(at.tolist()), labels)


def _short(value: float) -> str:
    return brief(value, "number")


def _round_values(low: float, high: float) -> NDArray[np.float64]:
    """Return multiples of 1, 2 or 5 times a power of ten.

    The ends where no such multiple can be told apart.
    """
    span = high - low
    if not math.isfinite(span) or span <= max(1e-12 * max(abs(low), abs(high)), 1e-300):
        return np.unique([low, high])
    power = 10.0 ** math.floor(math.log10(span / _MOST))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= _MOST)
    first, last = math.ceil(low / step), math.floor(high / step)
    # a sum of steps is not round: 3 × .1
    values = np.array([float(f"{k * step:.15g}") for k in range(first, last + 1)])
    return values[(values >= low) & (values <= high)]


def _decades(low: float, high: float) -> NDArray[np.float64]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, math.ceil((last - first) / (_WANTED + 1)))
    factors = (1.0, 2.0, 5.0) if last - first <= 3 else (1.0,)
    values = np.array([f * 10.0**p for p in range(first, last + 1, step) for f in factors])
    inside = values[(values >= low) & (values <= high)]
    return inside if inside.size > 1 else np.unique([low, high])


def _time_ticks(low: float, high: float) -> Ticks:
    if low < _FIRST or high > _LAST:
        values = _round_values(low, high)
        return Ticks(
            tuple(values.tolist()), tuple(time_in_words(value) for value in values.tolist())
        )
    for unit, steps in _STEPS.items():
        at = np.arange(_floor(low, unit), _floor(high, unit) + 1)
        # so many of a fine unit are never wanted, and a coarser one was enough
        number = at.astype(np.int64) + (1970 if unit == "Y" else 0)
        for step in steps:
            times = at[number % step == 0]
            seconds = times.astype("datetime64[s]").astype(np.int64)
            inside = (seconds >= low) & (seconds <= high)
            if inside.sum() >= 3:
                labels = [
                    str(moment).replace("T", " ")
                    for moment in times[inside].astype("datetime64[s]")
                ]
                length = _WRITTEN[unit]
                return Ticks(
                    tuple(seconds[inside].astype(float).tolist()), tuple(w[:length] for w in labels)
                )
    return Ticks((low, high), (time_in_words(low), time_in_words(high)))


def _floor(seconds: float, unit: str) -> np.datetime64:
    floor: np.datetime64 = np.datetime64(math.floor(seconds), "s").astype(f"datetime64[{unit}]")
    return floor
