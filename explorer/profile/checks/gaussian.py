"""The Gaussian check: how close a feature is to a normal, why not, and which transform helps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _, gettext_noop
from explorer.core.json_values import fields_document
from explorer.profile.checks.departures import Departures, departures, has_several_modes
from explorer.profile.checks.gaussian_grade import (
    GaussianGrade,
    NormalFit,
    chance_distance,
    fit_normal,
    grade_distribution,
    grade_rank,
    is_coarse,
    surely_not_normal,
)
from explorer.profile.checks.residuals import studentized_residuals
from explorer.profile.counting.condensed import condense
from explorer.profile.counting.distribution import Distribution
from explorer.profile.counting.l_moments import l_moments
from explorer.profile.suggestion import TransformGrade, suggest_transform, try_transforms
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Gaussian", "check_gaussian", "gaussian_within", "normal_p_value"]

_POINTS = 2_048  # kept values: D is then known to .001, beside spikes and gaps too
_TOO_LARGE, _TOO_SMALL = 1e150, 1e-150  # squares beyond these are not float64 numbers
_SPIKES = ("spike at", "heaped at")
_SPIKE = 0.1  # of the cells: any normal is then off by half of it, the limit of workable
_PLACES = ("spike at", "heaped at", "bounded at")  # how reasons that name a value begin
_FEW_VALUES = gettext_noop("few values")
_ISOLATED_VALUES = gettext_noop("isolated values")
_FEW_ROWS = gettext_noop("with only {rows} rows a normal sample shows D up to {limit}")
_LEFT_OUT = gettext_noop("left out: {rows} rows in groups of fewer than 3 or all equal")
_NO_CELLS = gettext_noop("no cells")
_CONSTANT, _ONE_ROW, _NO_VALUES = (
    gettext_noop("constant"),
    gettext_noop("only 1 row"),
    gettext_noop("no values"),
)
_SHAPIRO_ROWS = 5_000  # beyond, SciPy's p-value of the Shapiro-Wilk test may not be accurate


@dataclass(frozen=True, kw_only=True)
class Gaussian:
    """What the check found.

    Parameters
    ----------
    grade : str
        "close", "workable", "cannot tell" or "not"; the limits are in
        `explorer.profile.checks.gaussian_grade`. "Cannot tell": so few rows that a normal may look
        like this, and what is far from one too.
    reasons : tuple of str
        Why it is not close, in a few words each, the most telling first; where few rows cannot
        tell, what they can tell comes first.
    ks_distance, qq_gap_sd : float
        As in `GaussianGrade`; NaN where no normal can be fitted.
    l_skewness, l_kurtosis : float
        L-moment ratios of all cells; a normal has 0 and .1226.
    dip : float
        Distance to the nearest distribution with one mode, as a share of the cells, spikes and
        isolated values apart.
    center, spread : float
        Mean and standard deviation of the fitted normal, in units of the values.
    fit : str
        How it was fitted.
    transform : str or None
        The suggested transform; None when none is needed or none helps.
    transforms : tuple of TransformGrade
        All that were tried; none where the grade is close, or fewer rows or values than could show
        a difference.
    without_isolated : GaussianGrade or None
        The verdict without isolated values, where there are any.
    """

    grade: str
    reasons: tuple[str, ...]
    ks_distance: float
    qq_gap_sd: float
    l_skewness: float
    l_kurtosis: float
    dip: float
    center: float
    spread: float
    fit: str
    transform: str | None = None
    transforms: tuple[TransformGrade, ...] = ()
    without_isolated: GaussianGrade | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON, NaN as None."""
        return fields_document(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Gaussian:
        """Build it from `document`."""
        tried = [_with_nan(transform) for transform in document["transforms"]]
        isolated = document["without_isolated"]
        fields: dict[str, Any] = _with_nan(document) | {
            "reasons": tuple(document["reasons"]),
            "transform": document["transform"],
            "transforms": tuple(
                TransformGrade(**{**transform, "parameters": tuple(transform["parameters"])})
                for transform in tried
            ),
            "without_isolated": None if isolated is None else GaussianGrade(**_with_nan(isolated)),
        }
        return cls(**fields)


def _with_nan(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: np.nan if value is None else value for name, value in document.items()}


def check_gaussian(
    distribution: Distribution,
    *,
    isolated: tuple[float, float] | None = None,
    whole_numbers: bool | None = None,
) -> Gaussian:
    """Check one feature.

    Parameters
    ----------
    distribution : Distribution
        Its finite cells.
    isolated : (float, float), optional
        Cells strictly outside are isolated: the verdict is given with and without them.
    whole_numbers : bool, optional
        Whether all cells are whole numbers; looked up among the kept values when None.
    """
    if distribution.values.size < 2:
        return _degenerate(distribution)
    scale = _scale(distribution)
    cells = condense(distribution, _POINTS)
    if scale != 1:
        cells = cells.transformed(lambda values: values * scale)
    inner = None if isolated is None else _inside(cells, isolated[0] * scale, isolated[1] * scale)
    result = _check(cells, inner, whole_numbers, unit=1 / scale)
    return result if scale == 1 else _rescaled(result, scale)


def _check(
    cells: Distribution,
    inner: Distribution | None,
    whole_numbers: bool | None,
    unit: float = 1.0,
    transforms: bool = True,
) -> Gaussian:
    fit = fit_normal(cells)
    grade = grade_distribution(cells, fit)
    without = None if inner is None else grade_distribution(inner)
    shape = l_moments(cells)
    # what isolated values do to tails and modes is told by the verdict without them
    core = cells if inner is None else inner
    ways = departures(core, fit if inner is None else fit_normal(core), whole_numbers, unit)
    several = has_several_modes(ways.dip, core.n)
    if grade.grade == "cannot tell" and (several or ways.spike >= _SPIKE):
        grade = replace(grade, grade="not")
    tried = (
        try_transforms(cells) if transforms and unit == 1 and _worth_trying(cells, grade) else ()
    )
    return Gaussian(
        grade=grade.grade,
        reasons=_reasons(cells, grade, without, ways),
        ks_distance=grade.ks_distance,
        qq_gap_sd=grade.qq_gap_sd,
        l_skewness=shape.skewness,
        l_kurtosis=shape.kurtosis,
        dip=ways.dip,
        center=fit.center,
        spread=fit.spread,
        fit=fit.method,
        transform=suggest_transform(grade, tried, cells.n, several_modes=several),
        transforms=tried,
        without_isolated=without,
    )


def _inside(cells: Distribution, low: float, high: float) -> Distribution | None:
    """Return the cells in [low, high]; None where that is all of them, or too few to look at."""
    inner = cells.between(low, high)
    return inner if inner.values.size > 1 and inner.n < cells.n else None


def _worth_trying(cells: Distribution, grade: GaussianGrade) -> bool:
    """Whether a transform could help: not close, beyond chance, more than a few values."""
    return grade.grade in ("workable", "not") and cells.values.size >= 5


def _reasons(
    cells: Distribution, grade: GaussianGrade, without: GaussianGrade | None, ways: Departures
) -> tuple[str, ...]:
    n, different, shape_reasons = cells.n, cells.values.size, ways.reasons
    if grade.grade == "close":
        return ()
    if grade.grade == "cannot tell" and not surely_not_normal(cells):
        shape_reasons = tuple(
            reason for reason in shape_reasons if ways.spike and reason.startswith(_SPIKES)
        )
    few = is_coarse(cells) and (different < 10 or not shape_reasons)
    first = [_FEW_VALUES] if few else []
    if without is not None and grade_rank(without.grade) < grade_rank(grade.grade):
        first.append(_ISOLATED_VALUES)
    if grade.grade != "cannot tell":
        return (*first, *shape_reasons)[:4]
    limit = f"{chance_distance(n):.2f}".removeprefix("0")
    return (
        *(*first, *shape_reasons)[:3],
        _FEW_ROWS.format(rows=f"{n:,}", limit=limit),
    )


def _degenerate(distribution: Distribution) -> Gaussian:
    """Return what is said of no cell, one cell, or equal cells."""
    n = distribution.n
    fit = (
        fit_normal(distribution) if n else NormalFit(center=np.nan, spread=np.nan, method=_NO_CELLS)
    )
    reason = _CONSTANT if n > 1 else _ONE_ROW if n else _NO_VALUES
    return Gaussian(
        grade="not" if n > 1 else "cannot tell",
        reasons=(reason,),
        ks_distance=np.nan,
        qq_gap_sd=np.nan,
        l_skewness=np.nan,
        l_kurtosis=np.nan,
        dip=np.nan,
        center=fit.center,
        spread=fit.spread,
        fit=fit.method,
    )


def _scale(distribution: Distribution) -> float:
    """Power of two that brings values whose squares overflow or vanish into reach; otherwise 1."""
    largest = float(np.abs(distribution.values[[0, -1]]).max())
    if _TOO_SMALL <= largest <= _TOO_LARGE:
        return 1.0
    return float(2.0 ** -np.clip(np.round(np.log2(largest)), -1000, 1000))


def _rescaled(gaussian: Gaussian, scale: float) -> Gaussian:
    return replace(gaussian, center=gaussian.center / scale, spread=gaussian.spread / scale)


def gaussian_within(
    values: NDArray[np.float64], codes: NDArray[np.integer], progress: Progress | None = None
) -> Gaussian:
    """Check residuals of values from the mean of their group, in its standard deviations.

    That is what models with groups assume, and what a mixture of normals passes. Residuals of small
    groups are brought to the same scale as those of large ones, see `studentized_residuals`. No
    transform is suggested: it would have to come before the groups' means.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Values that are not finite are left out.
    codes : ndarray of shape (n,), integer
        Group of each row; rows below 0 have none and are left out.
    progress : callable, optional
        ``progress(stage, done, total)``; returning False stops.

    Returns
    -------
    Gaussian
        No reason names a place (a spike, heaps, a bound): in standard deviations nobody could read
        it. A last reason says how many rows were left out: of groups with fewer than 3 rows or
        equal values.

    Raises
    ------
    ValueError
        Different lengths.
    Cancelled
        ``progress`` returned False.
    """
    values, codes = np.asarray(values, dtype=np.float64), np.asarray(codes)
    if values.shape != codes.shape:
        raise ValueError(
            f"values and codes of equal length are needed; came {values.size} and {codes.size}"
        )
    report(progress, "residuals", 0, 2)
    grouped = np.isfinite(values) & (codes >= 0)
    residuals = studentized_residuals(values[grouped], codes[grouped])
    report(progress, "residuals", 1, 2)
    cells = Distribution.of(residuals)
    gaussian = _bare(cells) if cells.values.size > 1 else _degenerate(cells)
    report(progress, "residuals", 2, 2)
    left_out = int(np.count_nonzero(grouped)) - residuals.size
    return _with_reason(gaussian, left_out)


def _bare(cells: Distribution) -> Gaussian:
    gaussian = _check(condense(cells, _POINTS), None, False, transforms=False)
    return replace(
        gaussian,
        reasons=tuple(reason for reason in gaussian.reasons if not reason.startswith(_PLACES)),
    )


def _with_reason(gaussian: Gaussian, left_out: int) -> Gaussian:
    if not left_out:
        return gaussian
    return replace(
        gaussian,
        reasons=(*gaussian.reasons, _LEFT_OUT.format(rows=f"{left_out:,}")),
    )


def normal_p_value(sample: NDArray[np.float64], seed: int = 0) -> dict[str, Any]:
    """Test a sample against normality, on request (Shapiro & Wilk 1965; Royston 1995).

    Parameters
    ----------
    sample : ndarray of shape (n,), float64
        Values that are not finite are left out; of more than 5,000, that many are drawn without
        replacement.
    seed : int
        Of the draw.

    Returns
    -------
    dict
        "p_value" and "statistic" (None for fewer than 3 rows or equal values), "rows" tested,
        "words".
    """
    finite = np.asarray(sample, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    drawn = finite
    if finite.size > _SHAPIRO_ROWS:
        drawn = np.random.default_rng(seed).choice(finite, _SHAPIRO_ROWS, replace=False)
    if drawn.size < 3 or drawn.min() == drawn.max():
        text = _("{count} rows: a test needs at least 3 that are not all equal").format(
            count=drawn.size
        )
        return {"p_value": None, "statistic": None, "rows": int(drawn.size), "words": text}
    from scipy.stats import shapiro

    tested = shapiro((drawn - np.median(drawn)) / np.abs(drawn - np.median(drawn)).max())
    tested_rows = (
        _("Shapiro-Wilk on {count:,} random rows of {total:,}.")
        if drawn is not finite
        else _("Shapiro-Wilk on all {count:,} rows.")
    ).format(count=drawn.size, total=finite.size)
    advice = _(
        "A p-value depends on the number of rows as much as on the shape: with 1,000,000 rows any "
        "real feature is rejected. Judge by the distances."
    )
    return {
        "p_value": float(tested.pvalue),
        "statistic": float(tested.statistic),
        "rows": int(drawn.size),
        "words": f"{tested_rows} {advice}",
    }
