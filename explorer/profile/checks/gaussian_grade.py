"""GaussianGrade: how close a distribution is to the normal fitted to it, in one of four grades.

The thresholds are conventions of this program, stated here and nowhere else.

===========  ====================  ====================
grade        Kolmogorov distance   largest quantile gap
===========  ====================  ====================
close        below .02             below .2 sd
workable     below .05             below .5 sd
cannot tell  within what normal samples of so few rows show, and beyond these limits or fewer rows
than can show .05 not          otherwise             otherwise ===========  ====================
====================

At these distances a normal model misplaces less than 2 (5) of 100 cells anywhere, and the values in
the middle 99 % by less than a fifth (half) of a standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import gettext_noop
from explorer.profile.counting.condensed import cells_per_value

if TYPE_CHECKING:
    from explorer.profile.counting.distribution import Distribution

__all__ = [
    "FIT_SHARES",
    "GRADES",
    "LIMITS",
    "GaussianGrade",
    "NormalFit",
    "cannot_tell",
    "chance_distance",
    "chance_gap",
    "fit_normal",
    "grade_distribution",
    "grade_rank",
    "is_coarse",
    "surely_not_normal",
]

GRADES = (
    gettext_noop("close"),
    gettext_noop("workable"),
    gettext_noop("cannot tell"),
    gettext_noop("not"),
)
LIMITS = ((0.02, 0.2), (0.05, 0.5))  # of D and of the gap in sd, for close and for workable

# the middle 80 %: the line of the QQ plot through it breaks down only when a tenth of the cells is
# wild on one side
FIT_SHARES = np.linspace(0.1, 0.9, 17)
_CORE = (0.005, 0.995)
# L-kurtosis of a uniform is 0, of a normal .1226: half-way, asked of coarse values only (a
# convention)
_LIGHTEST, _FEW_FLAT = 0.06, 30

_FEW = 5  # a normal rounded to whole standard deviations has this many values in its middle 99 %
_SURE = 0.001  # p-value of Shapiro and Wilk below which few rows are not normal (a convention)
_WILD = 6.0  # sd
_TESTED = (
    8,
    5_000,
)  # rows: fewer say nothing at that level, for more SciPy's p-value may not be accurate
_COARSE = 10  # and one rounded to half of them has eleven


_ALL_EQUAL = gettext_noop("all cells are equal")
_BY_LINE = gettext_noop("line through the middle 80 %")
_BY_MEAN_DISTANCE = gettext_noop(
    "median and mean distance from it × 1.2533, since half of the cells are equal"
)


@dataclass(frozen=True, kw_only=True)
class NormalFit:
    """A fitted normal.

    Parameters
    ----------
    center, spread : float
        Mean and standard deviation of the normal, in units of the values; spread 0 where all cells
        are equal.
    method : str
        How it was fitted.
    """

    center: float
    spread: float
    method: str


@dataclass(frozen=True, kw_only=True)
class GaussianGrade:
    """A grade with the two distances that it rests on.

    Parameters
    ----------
    grade : str
        One of `GRADES`.
    ks_distance : float
        Kolmogorov distance D: largest difference between the mid-distribution function and the
        fitted normal, as a share of the cells; NaN where no normal can be fitted.
    qq_gap_sd : float
        Largest difference between a value and the normal's quantile at its mid-probability, between
        .005 and .995 (exclusive), in fitted standard deviations.
    """

    grade: str
    ks_distance: float
    qq_gap_sd: float


def grade_rank(grade: str) -> int:
    """Return 0 for close, 1 for workable, 2 for cannot tell, 3 for not."""
    return GRADES.index(grade)


def chance_distance(n: int) -> float:
    """Return the D that 99 % of normal samples of ``n`` cells stay below, after `fit_normal`.

    The question of Lilliefors (1967, doi:10.1080/01621459.1967.10482916) for this fit and the
    mid-distribution: the constants were fitted to simulated 99 % points for n from 5 to 20,000. Not
    95 %, for among thousands of small normal features one in twenty would be called not normal.
    """
    root = np.sqrt(n)
    return float((0.955 - 0.76 / root) / root)


def chance_gap(n: int) -> float:
    """Return the quantile gap in sd that 99 % of normal samples of ``n`` cells stay below."""
    root = np.sqrt(n)
    return float(min(2.1, (15 - 16 / root) / root))


def is_coarse(distribution: Distribution) -> bool:
    """Whether the middle 99 % has fewer than ten values, repeated: too coarse to be close."""
    first, last = _core(distribution)
    return bool(last - first < _COARSE and _tied(distribution))


def _core(distribution: Distribution) -> tuple[int, int]:
    """Places of the values in the middle 99 %, both ends exclusive, so without wild values."""
    mid = distribution.mid
    return int(np.searchsorted(mid, _CORE[0], side="right")), int(
        np.searchsorted(mid, _CORE[1], side="left")
    )


def _tied(distribution: Distribution) -> bool:
    return distribution.n >= 2 * distribution.values.size


def cannot_tell(n: int) -> bool:
    """Whether ``n`` cells are too few to be close: normal samples exceed the limit of D."""
    return chance_distance(n) > LIMITS[0][0]


def _flat(distribution: Distribution) -> bool:
    """Whether the tails are clearly too light, which D and gap miss for few equal values."""
    from explorer.profile.counting.l_moments import l_moments

    allowed = _LIGHTEST - 2 / np.sqrt(distribution.n)
    return bool(distribution.values.size < _FEW_FLAT and l_moments(distribution).kurtosis < allowed)


def fit_normal(distribution: Distribution) -> NormalFit:
    """Fit a normal robustly: the straight line through the middle 80 % of the QQ plot.

    Least squares of the mid-quantiles at the shares .1, .15, … .9 on the normal's. Against median
    and IQR / 1.349 it puts D of true normal samples below .83/√n rather than 1.02/√n (95 % points,
    n large), so that fewer rows can tell, at nearly the same robustness. Where half of the cells
    are equal that line says nothing of the rest, and the spread is the mean distance from the
    median × √(π/2).

    Parameters
    ----------
    distribution : Distribution
        At least one cell.
    """
    from scipy.special import ndtri

    if distribution.values.size == 1:
        return NormalFit(center=float(distribution.values[0]), spread=0.0, method=_ALL_EQUAL)
    lower, upper = distribution.quantile(np.array([0.25, 0.75]))
    if lower < upper:
        observed, normal = distribution.mid_quantile(FIT_SHARES), ndtri(FIT_SHARES)
        spread = float(observed @ normal / (normal @ normal))
        return NormalFit(center=float(observed.mean()), spread=spread, method=_BY_LINE)
    center = float(distribution.quantile(0.5))
    share = cells_per_value(distribution) / distribution.n
    distance = float(np.abs(distribution.values - center) @ share)
    method = _BY_MEAN_DISTANCE
    return NormalFit(center=center, spread=distance * float(np.sqrt(np.pi / 2)), method=method)


def grade_distribution(distribution: Distribution, fit: NormalFit | None = None) -> GaussianGrade:
    """Grade a distribution against the normal fitted to it.

    Workable needs rows enough that normal samples stay below its D (`chance_distance` of .05: 340
    rows), close as many that they stay below .02 (2,200). Where neither is granted and normal
    samples of as many rows show as much (`chance_distance`, `chance_gap`), the rows cannot tell,
    unless D is beyond .05 and the test of Shapiro and Wilk is sure that it is no normal. Fewer than
    five different values that repeat are never a normal, fewer than ten in the middle 99 % at best
    workable.

    Parameters
    ----------
    distribution : Distribution
        At least one cell.
    fit : NormalFit, optional
        `fit_normal` of it where the caller has it.
    """
    from scipy.special import ndtr, ndtri

    fit = fit or fit_normal(distribution)
    if fit.spread <= 0 or not np.isfinite(fit.spread):
        return GaussianGrade(grade="not", ks_distance=np.nan, qq_gap_sd=np.nan)
    mid = distribution.mid
    place = (distribution.values - fit.center) / fit.spread
    first, last = _core(distribution)
    distance = float(np.abs(mid - ndtr(place)).max())
    gap = float(np.abs(place[first:last] - ndtri(mid[first:last])).max())
    return GaussianGrade(
        grade=_grade(distribution, distance, gap), ks_distance=distance, qq_gap_sd=gap
    )


def _grade(distribution: Distribution, distance: float, gap: float) -> str:
    n = distribution.n
    if distribution.values.size < _FEW and _tied(distribution):
        return "not"
    by_chance_d, by_chance_gap = chance_distance(n), chance_gap(n)
    unsure = cannot_tell(n) or is_coarse(distribution)
    if not unsure and distance < LIMITS[0][0] and gap < max(LIMITS[0][1], by_chance_gap):
        return "close"
    if (
        _flat(distribution)
        or distance >= max(LIMITS[1][0], by_chance_d)
        or gap >= max(LIMITS[1][1], by_chance_gap)
    ):
        return "not"
    if by_chance_d <= LIMITS[1][0] and gap < LIMITS[1][1]:
        return "workable"
    return "not" if distance >= LIMITS[1][0] and surely_not_normal(distribution) else "cannot tell"


def surely_not_normal(distribution: Distribution) -> bool:
    """Whether a few rows are no normal sample, p < .001 by Shapiro & Wilk.

    1965, doi:10.1093/biomet/52.3-4.591.

    Cells beyond six fitted standard deviations are left out: a wild value says nothing of the
    others. False where it cannot be tested: fewer than 8 rows or more than 5,000, values that were
    thinned out, or that mostly repeat.
    """
    few = _TESTED[0] <= distribution.n <= _TESTED[1]
    if not (few and distribution.exact) or distribution.values.size < 3 or _tied(distribution):
        return False
    from scipy.stats import shapiro

    fit = fit_normal(distribution)
    near = np.abs(distribution.values - fit.center) <= _WILD * fit.spread
    cells = np.repeat(distribution.values[near], distribution.equal[near])
    if len(cells) < _TESTED[0]:
        return False
    middle = np.median(cells)
    greatest = np.abs(cells - middle).max()
    return bool(greatest > 0 and shapiro((cells - middle) / greatest).pvalue < _SURE)
