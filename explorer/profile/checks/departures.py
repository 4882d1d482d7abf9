"""Departures: in which ways a distribution is not normal, in words short enough for a strip.

Each rule is a convention; its constants stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import gettext_noop
from explorer.core.number_format import percent
from explorer.profile.checks.dip import dip_of_polygon
from explorer.profile.checks.gaussian_grade import is_coarse
from explorer.profile.counting.l_moments import NORMAL_L_KURTOSIS, l_moments, log_normal_l_kurtosis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.profile.checks.gaussian_grade import NormalFit
    from explorer.profile.counting.distribution import Distribution

__all__ = ["Departures", "departures", "has_several_modes"]

_SPIKE_SHARE = 0.01  # of the cells, at least,
_SPIKE_TIMES = (
    3  # and this many times its fuller neighbour; a normal rounded to whole sd has 1.6 times
)
# of a spike among few rows: nine equal cells of thirty are one; rounded normal values vary
_SURE = 0.002
_HEAPS = 3  # more spikes than this are rounding to preferred values
_DIP = 0.01  # one mode leaves 0 for ever; two normals three sd apart, half of the cells each, .0165
_BOUND_RATIO = (
    1.7  # 2 where a density starts at full height, √2 where it starts as a slope, near 1 in a tail
)
_BOUND_CELLS, _BOUND_SHARE = 25, 0.01  # how far from the end that is looked at
_TAIL = 0.03  # of an L-moment ratio; four standard errors of a normal at 3,000 rows
_AS_POISSON = (
    1.5  # ratio of variance and mean up to which whole numbers far from 0 are taken for counts
)
_FEW_COUNTS = 20  # with fewer different values, being counts is the first thing to say


_SEVERAL_MODES = gettext_noop("several modes")
_BOUNDS = gettext_noop("bounded at {low} and {high}")
_BOUND = gettext_noop("bounded at {value}")
_COUNTS = gettext_noop("counts")
_HEAPS_AT = gettext_noop("heaped at {count} values ({share})")
_SPIKE_AT = gettext_noop("spike at {value} ({share})")
_RIGHT_TAIL, _LEFT_TAIL = gettext_noop("right tail"), gettext_noop("left tail")
_HEAVY_TAILS, _LIGHT_TAILS = gettext_noop("heavy tails"), gettext_noop("light tails")


@dataclass(frozen=True, kw_only=True)
class Departures:
    """What was found.

    Parameters
    ----------
    reasons : tuple of str
        The most telling first, at most four; empty only where nothing stands out.
    dip : float
        `dip_of_polygon` without the spikes.
    spike : float
        Share of the cells in the fullest spike that chance does not explain; 0 without one.
    """

    reasons: tuple[str, ...]
    dip: float
    spike: float = 0.0


def departures(
    distribution: Distribution, fit: NormalFit, whole_numbers: bool | None = None, unit: float = 1.0
) -> Departures:
    """Name the ways in which a distribution departs from its fitted normal.

    Parameters
    ----------
    distribution : Distribution
        At least two different values.
    fit : NormalFit
        With a spread above 0.
    whole_numbers : bool, optional
        Whether the cells are whole numbers; found out by looking at the kept values when None.
    unit : float
        What a value of 1 is called in the words, for values that were scaled.
    """
    spikes = _spikes(distribution)
    dip = dip_of_polygon(distribution, _without_spikes(distribution, spikes))
    bounds = _bounds(distribution, fit.spread, unit)
    counts = _are_counts(distribution, fit, whole_numbers)
    reasons = _spike_words(distribution, spikes, unit)
    if has_several_modes(dip, distribution.n):
        reasons.append(_SEVERAL_MODES)
    if len(bounds) == 2:
        reasons.append(_BOUNDS.format(low=bounds[0], high=bounds[1]))
    if counts and distribution.values.size < _FEW_COUNTS:
        reasons.append(_COUNTS)
    reasons += _tail_words(distribution, anything=not reasons and not is_coarse(distribution))
    if len(bounds) == 1:
        reasons.append(_BOUND.format(value=bounds[0]))
    if counts and _COUNTS not in reasons:
        reasons.append(_COUNTS)
    return Departures(reasons=tuple(reasons[:4]), dip=dip, spike=_sure_spike(distribution, spikes))


def has_several_modes(dip: float, n: int) -> bool:
    """Whether a dip is both large (a convention) and beyond chance.

    The least favourable single mode is a uniform, whose dip stays below .65/√n in more than 99 of
    100 samples (simulated for the polygon, as Hartigan & Hartigan 1985 did for steps).
    """
    return dip > max(_DIP, 0.65 / float(np.sqrt(n)))


def _neighbours(distribution: Distribution) -> NDArray[np.int64]:
    """Cells of the fuller neighbour of each value."""
    padded = np.concatenate([[0], distribution.equal, [0]])
    return np.asarray(np.maximum(padded[:-2], padded[2:]))


def _spikes(distribution: Distribution) -> NDArray[np.int64]:
    """Places of the values with far more cells than the values beside them."""
    equal = distribution.equal
    places = np.flatnonzero(equal >= max(_SPIKE_SHARE * distribution.n, 4))
    if places.size == 0:
        return places
    return places[equal[places] >= _SPIKE_TIMES * _neighbours(distribution)[places]]


def _sure_spike(distribution: Distribution, spikes: NDArray[np.int64]) -> float:
    """Return the share of the fullest spike: more than a third of the cells around it, p < .002."""
    from scipy.stats import binom

    if not spikes.size:
        return 0.0
    padded = np.concatenate([[0], distribution.equal, [0]])
    cells, both = distribution.equal[spikes], (padded[:-2] + padded[2:])[spikes]
    sure = binom.sf(cells - 1, cells + both, 1 / 3) < _SURE
    return float(cells[sure].max(initial=0)) / distribution.n


def _without_spikes(distribution: Distribution, spikes: NDArray[np.int64]) -> NDArray[np.int64]:
    equal = distribution.equal.copy()
    equal[spikes] = np.minimum(equal[spikes], np.maximum(_neighbours(distribution)[spikes], 1))
    return equal


def _spike_words(distribution: Distribution, spikes: NDArray[np.int64], unit: float) -> list[str]:
    cells, n = distribution.equal[spikes], distribution.n
    if spikes.size > _HEAPS:
        share = percent(float(cells.sum()) / n)
        return [_HEAPS_AT.format(count=spikes.size, share=share)]
    fullest = spikes[np.argsort(-cells, kind="stable")]
    return [
        _SPIKE_AT.format(
            value=_number(distribution.values[i] * unit, 0),
            share=percent(float(distribution.equal[i]) / n),
        )
        for i in fullest
    ]


def _bounds(distribution: Distribution, spread: float, unit: float) -> list[str]:
    """Name the ends at which the density does not fall to 0.

    There twice the share of the cells lies twice as far.
    """
    share = max(_BOUND_SHARE, _BOUND_CELLS / distribution.n)
    if share > 0.25:
        return []
    ends = distribution.values[[0, -1]]
    near = np.abs(distribution.mid_quantile(np.array([share, 1 - share])) - ends)
    far = np.abs(distribution.mid_quantile(np.array([2 * share, 1 - 2 * share])) - ends)
    return [_number(end * unit, spread * unit / 50) for end in ends[far >= _BOUND_RATIO * near]]


def _are_counts(distribution: Distribution, fit: NormalFit, whole_numbers: bool | None) -> bool:
    """Whole numbers from 0 or 1 on, or about as spread as a Poisson; in steps of one."""
    values = distribution.values
    if whole_numbers is False or values[0] < 0 or values[-1] > 2**53:
        return False
    variance = fit.spread**2
    if values[0] > 1 and not fit.center / _AS_POISSON < variance < fit.center * _AS_POISSON:
        return False  # years and minutes are whole numbers, but count nothing
    if whole_numbers is None and not (values == np.floor(values)).all():
        return False
    return int(np.gcd.reduce(values.astype(np.int64))) == 1


def _tail_words(distribution: Distribution, *, anything: bool) -> list[str]:
    """Name tails by L-skewness and by L-kurtosis (above a log-normal's); the stronger first.

    With ``anything`` the stronger one is named however weak, so that there is something to say.
    """
    shape = l_moments(distribution)
    if not np.isfinite([shape.skewness, shape.kurtosis]).all():
        return []
    heavy = shape.kurtosis - log_normal_l_kurtosis(shape.skewness)
    light = NORMAL_L_KURTOSIS - shape.kurtosis
    tails = [
        (abs(shape.skewness), _RIGHT_TAIL if shape.skewness > 0 else _LEFT_TAIL),
        (heavy, _HEAVY_TAILS),
        (light, _LIGHT_TAILS),
    ]
    tails.sort(reverse=True)
    reasons = [reason for strength, reason in tails if strength > _TAIL]
    return reasons or ([tails[0][1]] if anything else [])


def _number(value: float, step: float) -> str:
    """Write a value with the digits of ``step`` (six significant ones when 0), "−" for minus."""
    if step > 0 and 1e-6 < step < 1e6:
        decimals = -int(np.floor(np.log10(step)))
        rounded, shown = round(float(value), decimals), max(0, decimals)
        text = f"{rounded:,.{shown}f}" if abs(rounded) >= 10_000 else f"{rounded:.{shown}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{value:.6g}"
    return "0" if text in ("-0", "") else text.replace("-", "−")
