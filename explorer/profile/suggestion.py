"""Suggestion: which transform brings a feature nearest to a normal; grades before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import gettext_noop
from explorer.core.number_format import percent
from explorer.features.matrix.transform import Transform
from explorer.profile.checks.gaussian_grade import (
    GaussianGrade,
    chance_distance,
    grade_distribution,
    grade_rank,
)
from explorer.profile.counting.condensed import cells_per_value, condense

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.profile.counting.distribution import Distribution

__all__ = ["TransformGrade", "suggest_transform", "try_transforms", "yeojohnson_lambda"]

_TRIED = ("log", "sqrt", "log1p", "logit", "yeojohnson", "rank")  # the simplest first
_LOW, _HIGH = -5.0, 5.0  # of lambda; beyond, a transform is a step function on float64
_LAMBDA_POINTS = 256
# sd: tails worth taming although the grade stays, by any means and by ranks
_LONG_GAP, _EXTREME_GAP = 2.0, 3.0
_TAMED = 0.6  # of the gap that may be left
_TIE = 1.05  # gaps that differ by less say the same
_LARGEST = 1e150  # its square is still a number
_RANKS = gettext_noop("ranks are uniform, not normal: the last choice, for very extreme values")
_TOO_LARGE = gettext_noop("the values are too large for it")
_AT_OR_BELOW_0 = gettext_noop("{share} of the values are at or below 0")
_AT_OR_BELOW_MINUS_1 = gettext_noop("{share} of the values are at or below −1")
_BELOW_0 = gettext_noop("{share} of the values are below 0")
_AT_OR_ABOVE_1 = gettext_noop("{share} of the values are at or above 1")


@dataclass(frozen=True, kw_only=True)
class TransformGrade:
    """One transform that was tried.

    Parameters
    ----------
    name : str
        As `explorer.features.matrix.transform.TRANSFORMS` has it.
    parameters : tuple of float
        yeojohnson: lambda, found on at most 256 points (features fit it on their own rows).
        Otherwise empty.
    grade : str
        The grade afterwards; "not" where the transform is not valid.
    ks_distance, qq_gap_sd : float
        As in `GaussianGrade`; NaN where not valid.
    valid : bool
        Whether every cell lies in the transform's domain.
    why : str
        Why it is not valid, or what to know; may be empty.
    """

    name: str
    parameters: tuple[float, ...] = ()
    grade: str
    ks_distance: float
    qq_gap_sd: float
    valid: bool = True
    why: str = ""


def try_transforms(distribution: Distribution) -> tuple[TransformGrade, ...]:
    """Grade the distribution under each transform, the simplest first.

    Parameters
    ----------
    distribution : Distribution
        At least two different values, both ends kept.
    """
    return tuple(_try(name, distribution) for name in _TRIED)


def suggest_transform(
    grade: GaussianGrade, tried: tuple[TransformGrade, ...], n: int, *, several_modes: bool = False
) -> str | None:
    """Return the transform to use, or None where none is needed or none helps.

    A transform helps when the grade is better afterwards. Among those with the best grade, the
    simplest is taken unless another is clearly nearer to a normal (half its D, beyond chance).
    Where no grade is better and the gap is more than 2 sd, a transform helps that leaves at most .6
    of it without a larger D: the one with the smallest gap, of several within 5 % of it the
    simplest; and where none does and it is more than 3 sd, "rank": the last resort, for it makes a
    uniform, not a normal. These limits are conventions. A mixture is not bent like that: its second
    mode is no tail.

    Parameters
    ----------
    grade : GaussianGrade
        Of the values as they are.
    tried : tuple of TransformGrade
    n : int
        Cells.
    several_modes : bool
        Whether the feature is a mixture.
    """
    if grade.grade == "close":
        return None
    valid = [transform for transform in tried if transform.valid]
    better = [
        transform
        for transform in valid
        if transform.name != "rank" and grade_rank(transform.grade) < grade_rank(grade.grade)
    ]
    if better:
        return _simplest(better, n)
    if several_modes or grade.qq_gap_sd <= _LONG_GAP:
        return None
    taming = [transform for transform in valid if transform.qq_gap_sd <= _TAMED * grade.qq_gap_sd]
    bending = [
        transform
        for transform in taming
        if transform.name != "rank" and transform.ks_distance <= grade.ks_distance
    ]
    if bending:
        least = min(transform.qq_gap_sd for transform in bending)
        return next(transform.name for transform in bending if transform.qq_gap_sd <= _TIE * least)
    ranks = grade.qq_gap_sd > _EXTREME_GAP and any(transform.name == "rank" for transform in taming)
    return "rank" if ranks else None


def _simplest(better: list[TransformGrade], n: int) -> str:
    """Return the first of the best grade that is not clearly further from a normal than another."""
    best = min(grade_rank(transform.grade) for transform in better)
    better = [transform for transform in better if grade_rank(transform.grade) == best]
    nearest = min(transform.ks_distance for transform in better)
    enough = max(2 * nearest, nearest + chance_distance(n) / 2)
    return next(transform.name for transform in better if transform.ks_distance <= enough)


def _try(name: str, distribution: Distribution) -> TransformGrade:
    why = _outside(name, distribution)
    if why:
        return _invalid(name, why)
    if name == "rank":
        after = grade_distribution(distribution.transformed(lambda _: distribution.mid))
        return _graded(name, after, why=_RANKS)
    lam = yeojohnson_lambda(distribution) if name == "yeojohnson" else None
    parameters = () if lam is None else (lam,)
    with np.errstate(over="ignore"):
        values = (
            yeojohnson(distribution.values, lam) if lam is not None else _plain(name, distribution)
        )
    if not np.isfinite(values).all() or np.abs(values).max() > _LARGEST:
        return _invalid(name, _TOO_LARGE)
    return _graded(name, grade_distribution(distribution.transformed(lambda _: values)), parameters)


def _graded(
    name: str, after: GaussianGrade, parameters: tuple[float, ...] = (), why: str = ""
) -> TransformGrade:
    return TransformGrade(
        name=name,
        parameters=parameters,
        grade=after.grade,
        why=why,
        ks_distance=after.ks_distance,
        qq_gap_sd=after.qq_gap_sd,
    )


def _invalid(name: str, why: str) -> TransformGrade:
    return TransformGrade(
        name=name, grade="not", ks_distance=np.nan, qq_gap_sd=np.nan, valid=False, why=why
    )


def _plain(name: str, distribution: Distribution) -> NDArray[np.float64]:
    return Transform(name)(distribution.values, "")


def _outside(name: str, distribution: Distribution) -> str:
    """Say how many cells lie outside the domain of a transform; empty when none does."""
    low, high = distribution.values[0], distribution.values[-1]
    edge = np.zeros(1)
    if name in ("log", "logit") and low <= 0:
        text, outside = _AT_OR_BELOW_0, distribution.below(edge, inclusive=True)
    elif name == "log1p" and low <= -1:
        text, outside = _AT_OR_BELOW_MINUS_1, distribution.below(edge - 1, inclusive=True)
    elif name == "sqrt" and low < 0:
        text, outside = _BELOW_0, distribution.below(edge)
    elif name == "logit" and high >= 1:
        text, outside = _AT_OR_ABOVE_1, distribution.n - distribution.below(edge + 1)
    else:
        return ""
    return text.format(share=percent(float(outside[0]) / distribution.n))


def yeojohnson(
    values: NDArray[np.float64], lam: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Transform as `scipy.stats.yeojohnson` with one or several given lambdas, unchecked.

    Yeo & Johnson 2000, doi:10.1093/biomet/87.4.954.
    """
    logs = np.log1p(np.abs(values))
    power = np.where(values >= 0, lam, 2 - lam)
    power = np.where(np.abs(power) < 1e-12, 1e-12, power)  # the logarithm, to twelve digits
    grown = np.expm1(power * logs) / power
    return np.asarray(np.copysign(grown, values))


def yeojohnson_lambda(distribution: Distribution) -> float:
    """Find the lambda of greatest likelihood between −5 and 5 (Yeo & Johnson 2000).

    On at most 256 weighted points, over a grid that is narrowed around its best three times: within
    .001. Where the likelihood grows beyond these ends, the end is returned.
    """
    thin = condense(distribution, _LAMBDA_POINTS)
    weights = cells_per_value(thin) / thin.n
    low, high = _LOW, _HIGH
    for _ in range(3):
        grid = np.linspace(low, high, 21)
        likelihood = _log_likelihood(thin.values, weights, grid)
        best, step = int(np.argmax(likelihood)), grid[1] - grid[0]
        low, high = max(grid[best] - step, _LOW), min(grid[best] + step, _HIGH)
    return _vertex(grid, likelihood, best)


def _log_likelihood(
    values: NDArray[np.float64], weights: NDArray[np.float64], grid: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Profile log-likelihood per cell for each lambda, shape of ``grid``; −inf if undefined."""
    logs = np.log1p(np.abs(values))
    with np.errstate(all="ignore"):
        grown = yeojohnson(values, grid[:, None])
        centred = grown - (grown @ weights)[:, None]
        spread = np.log(np.square(centred) @ weights)
    likelihood = -spread / 2 + (grid - 1) * float(np.copysign(logs, values) @ weights)
    return np.where(np.isfinite(likelihood), likelihood, -np.inf)


def _vertex(grid: NDArray[np.float64], likelihood: NDArray[np.float64], best: int) -> float:
    """Top of the parabola through the best point and its neighbours."""
    if best in (0, grid.size - 1):
        return float(grid[best])
    left, top, right = likelihood[best - 1 : best + 2]
    curve = left - 2 * top + right
    if not np.isfinite(curve) or curve >= 0:
        return float(grid[best])
    return float(grid[best] + (grid[1] - grid[0]) * (left - right) / (2 * curve))
