"""Axis: from values to pixels of a plot, with ticks at round values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core import number_format as figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Axis", "linear_axis", "log_axis", "ordinal_axis", "time_axis"]

_SMALLEST = 1e-300  # a step below it cannot be divided by
_DAY = 86_400.0
_YEAR = 365.2425 * _DAY
_TIME_STEPS = (
    1,
    5,
    15,
    60,
    300,
    900,
    3_600,
    4 * 3_600,
    12 * 3_600,
    _DAY,
    7 * _DAY,
    14 * _DAY,
    28 * _DAY,
    91 * _DAY,
)


@dataclass(frozen=True)
class Axis:
    """A scale with ticks.

    Parameters
    ----------
    knots : tuple of float
        Ascending values whose places are known.
    places : tuple of float
        Their pixels, of equal length; straight between two knots, in the logarithm where ``log``.
    ticks : tuple of (float, str)
        Value and words.
    log : bool
    """

    knots: tuple[float, ...]
    places: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def __call__(self, values: Sequence[float] | NDArray[np.float64]) -> list[float]:
        """Return the pixels of values; beyond the ends, those of the end."""
        scaled, knots = np.asarray(values, dtype=np.float64), np.asarray(self.knots)
        if self.log:
            scaled, knots = np.log(np.maximum(scaled, knots[0])), np.log(knots)
        # of values of about 1: the distance of two near the largest float overflows, of two
        # denormals vanishes
        exponent = np.frexp(np.abs(knots).max())[1]
        scaled, knots = np.ldexp(scaled, -exponent), np.ldexp(knots, -exponent)
        places: list[float] = np.interp(scaled, knots, self.places).tolist()
        return places


def linear_axis(low: float, high: float, start: float, end: float, ticks: int = 5) -> Axis:
    """Scale [low, high] to pixels, with about so many ticks at 1, 2 or 5 times powers of ten."""
    if not low < high:
        low, high = low - 0.5, high + 0.5
    rough = (high / 2 - low / 2) / ticks * 2
    if rough < _SMALLEST:
        return Axis((low, high), (start, end), _ends(low, high))
    step = _step(rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    at = [place * step for place in range(first, last + 1)]
    return Axis(
        (low, high),
        (start, end),
        tuple((tick, figures.number(float(f"{tick:.12g}"))) for tick in at),
    )


def log_axis(low: float, high: float, start: float, end: float) -> Axis:
    """Scale [low, high], both above 0, by logarithms, with ticks at 1, 2, 5 times powers of ten."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, math.ceil((last - first) / 6))
    digits = (1, 2, 5) if last - first <= 2 else (1,)
    powers = range(first, last + 1, every)
    # 10.0**-324 is 0: such a tick is left out
    at = [digit * 10.0**power for power in powers for digit in digits if -308 < power < 308]
    ticks = tuple((tick, figures.number(tick)) for tick in at if low <= tick <= high)
    return Axis((low, high), (start, end), ticks or _ends(low, high), log=True)


def time_axis(low: float, high: float, start: float, end: float, ticks: int = 5) -> Axis:
    """Scale seconds since 1970-01-01 UTC, with ticks at whole years, days or times of day."""
    if not low < high:
        return Axis((low - 0.5, high + 0.5), (start, end), ((low, figures.instant(low)),))
    if (high - low) / ticks > _YEAR / 2:
        named = [(year, figures.instant(year)[:-6]) for year in _years(low, high, ticks)]
    else:
        step = next(
            (candidate for candidate in _TIME_STEPS if (high - low) / candidate <= ticks),
            _TIME_STEPS[-1],
        )
        places = range(math.ceil(low / step), math.floor(high / step) + 1)
        named = [(place * step, figures.instant(place * step)) for place in places]
    return Axis((low, high), (start, end), tuple(named) if len(named) > 1 else _times(low, high))


def ordinal_axis(
    edges: Sequence[float], start: float, end: float, kind: str, ticks: int = 4
) -> Axis:
    """Give every bin the same width, whatever it spans; ticks name some of the edges."""
    last = len(edges) - 1
    places = tuple(start + (end - start) * i / last for i in range(last + 1))
    named = sorted({round(i * last / ticks) for i in range(ticks + 1)})
    return Axis(
        tuple(edges), places, tuple((edges[i], figures.value(edges[i], kind)) for i in named)
    )


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return min(
        (digit * power for digit in (1, 2, 5, 10)), key=lambda step: abs(math.log(step / rough))
    )


def _ends(low: float, high: float) -> tuple[tuple[float, str], ...]:
    return (low, figures.number(low)), (high, figures.number(high))


def _times(low: float, high: float) -> tuple[tuple[float, str], ...]:
    return (low, figures.instant(low)), (high, figures.instant(high))


def _years(low: float, high: float, ticks: int) -> list[float]:
    """Return the first moments of round years, found from the mean length of a year."""
    first, last = (1970 + seconds / _YEAR for seconds in (low, high))
    step = max(1, round(_step(max(1.0, (last - first) / ticks))))
    years = range(math.ceil(first / step) * step, math.floor(last) + 1, step)
    at = [
        float(np.datetime64(f"{year:04d}", "s").astype(np.int64))
        for year in years
        if 0 <= year <= 9999
    ]
    return [start for start in at if low <= start <= high]
