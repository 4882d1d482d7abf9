"""Values like sentinels: −999, 9999, −1 or 0 that repeat apart from the rest; perhaps missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import gettext_noop
from explorer.profile.checks.fences import median_and_spread, without_values
from explorer.profile.checks.isolated import most_isolated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.profile.counting.distribution import Distribution

__all__ = ["sentinel_like", "sentinel_text"]

# Conventions: a sentinel lies half a robust standard deviation off all other values, of which there
# are ten or more, and three times as far as the ten nearest of them lie from each other: 0 is no
# sentinel before 1, 2, 3.
_APART = 0.5
_STEPS = 3.0
_FEWEST_VALUES = 10


_LARGEST_INTEGER = gettext_noop("the largest integer of {bits} bits")
_SMALLEST_INTEGER = gettext_noop("the smallest integer of {bits} bits")
_OUTSIDE_RANGE = gettext_noop("outside the valid range")
_NEAREST = gettext_noop("the nearest other value is {edge}")
_ONLY_NEGATIVE = gettext_noop("the only negative value")


def _looks() -> dict[float, str]:
    """Values that programs and surveys write for "missing", and why one knows them."""
    looks: dict[float, str] = {}
    for digit, word in (
        (9, gettext_noop("all nines")),
        (8, gettext_noop("all eights")),
        (7, gettext_noop("all sevens")),
    ):
        for digits in range(2 if digit < 9 else 1, 11):
            value = float(str(digit) * digits)
            looks[-value] = word
            if digits > 1:
                looks[value] = word
    for power in range(5, 39):
        looks[10.0**power] = looks[-(10.0**power)] = gettext_noop("a power of ten")
    for bits in (8, 16, 32, 64):
        looks[2.0 ** (bits - 1) - 1] = looks[2.0**bits - 1] = _LARGEST_INTEGER.format(bits=bits)
        looks[-(2.0 ** (bits - 1))] = _SMALLEST_INTEGER.format(bits=bits)
    for kind in (np.float32, np.float64):
        largest = float(np.finfo(kind).max)
        looks[largest] = looks[-largest] = gettext_noop("the end of the floating-point range")
    # the default fill value of netCDF's float and double variables
    looks[float(np.float32(9.969209968386869e36))] = looks[9.969209968386869e36] = gettext_noop(
        "netCDF's fill value"
    )
    return {**looks, -1.0: gettext_noop("minus one"), 0.0: gettext_noop("zero")}


_LOOKS = _looks()
_KNOWN = np.array(sorted(_LOOKS))


def sentinel_like(
    distribution: Distribution,
    frequent: Sequence[tuple[float, int]] = (),
    valid_range: tuple[float | None, float | None] | None = None,
) -> tuple[tuple[float, int, str], ...]:
    """Return repeated values apart that look like sentinels: (value, cells, why), falling.

    A value lies apart where all others are at least half a robust standard deviation off, and three
    times the largest step between the ten nearest of them, and, but for .1 % of them, on one side
    of it; a negative one also where it alone is negative among whole numbers; one outside the valid
    range always does. All three are conventions. Of fewer than ten other values none is told apart:
    −1, 0 and 1 are a scale.

    Parameters
    ----------
    distribution : Distribution
    frequent : sequence of (value, cells)
        Counts of values that a thinned distribution may have lost.
    valid_range : (low, high), optional
        Of the catalogue; both ends valid, None where open.
    """
    counts = _candidates(distribution, frequent)
    if not counts:
        return ()
    others = without_values(distribution, np.isin(distribution.values, list(counts)))
    if others.values.size < _FEWEST_VALUES:
        return ()
    spread = median_and_spread(others).spread
    apart = {value: _why_apart(value, others, spread, valid_range) for value in counts}
    others = without_values(
        distribution, np.isin(distribution.values, [value for value, why in apart.items() if why])
    )
    candidates = [
        (value, counts[value], f"{_LOOKS[value]}; {why.format(edge=_edge(value, others))}")
        for value, why in apart.items()
        if why
    ]
    return tuple(sorted(candidates, key=lambda candidate: -candidate[1]))


def _candidates(
    distribution: Distribution, frequent: Sequence[tuple[float, int]]
) -> dict[float, int]:
    place = np.minimum(
        np.searchsorted(distribution.values, _KNOWN), max(distribution.values.size - 1, 0)
    )
    if distribution.n == 0:
        return {}
    sentinel_like = (distribution.values[place] == _KNOWN) & (distribution.equal[place] > 1)
    counts = {
        float(distribution.values[at]): int(distribution.equal[at])
        for at in np.unique(place[sentinel_like])
    }
    return counts | {
        float(value): int(cells) for value, cells in frequent if value in _LOOKS and cells > 1
    }


def _why_apart(
    value: float,
    others: Distribution,
    spread: float,
    valid_range: tuple[float | None, float | None] | None,
) -> str:
    low, high = (None, None) if valid_range is None else valid_range
    if (low is not None and value < low) or (high is not None and value > high):
        return _OUTSIDE_RANGE
    below = int(others.below(np.array([value]))[0])
    few = most_isolated(others.n)
    apart = np.sort(np.abs(others.values - value))[:_FEWEST_VALUES]
    if (
        min(below, others.n - below) <= few
        and apart[0] >= max(_APART * spread, _STEPS * np.diff(apart).max()) > 0
    ):
        return _NEAREST
    if value < 0 and others.values[0] >= 0 and _whole(others.values):
        return _ONLY_NEGATIVE
    return ""


def _edge(value: float, others: Distribution) -> str:
    """Return the nearest of the other values, as text."""
    return sentinel_text(float(others.values[np.abs(others.values - value).argmin()]))


def _whole(values: NDArray[np.float64]) -> bool:
    return bool((values == np.rint(values)).all())


def sentinel_text(value: float) -> str:
    """Write a value for a sentence: "−999", "1e+20"."""
    return f"{value:.6g}".replace("-", "−")
