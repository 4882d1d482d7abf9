"""Statistics: the single numbers that a profile gives of the finite cells of a feature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.profile.counting.counts import NumberCounts

__all__ = ["STATISTICS", "Statistic", "statistics_of"]


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A number of the finite cells of a numeric, boolean or temporal feature.

    Parameters
    ----------
    name : str
        The field of `FeatureProfile`, the key in its JSON, the column of its table.
    compute : callable
        From what was counted to the number, NaN where there is none. It is called only where there
        is a finite cell.
    scale : {"value", "spread", "shape"}
        A value of the feature, a distance between two values, or a number without a unit. Values
        and spreads are shown among the counts, shapes in the card of the Gaussian check.
    label : str
        What pages call it; empty where they show it by themselves.
    normal : str
        Of a shape: what it is for a normal distribution.
    explanation : str
        One sentence for readers of the report.
    """

    name: str
    compute: Callable[[NumberCounts], float]
    scale: Literal["value", "spread", "shape"]
    label: str = ""
    normal: str = ""
    explanation: str = ""


STATISTICS = (
    Statistic(name="min", compute=lambda counts: counts.distribution.values[0], scale="value"),
    Statistic(name="max", compute=lambda counts: counts.distribution.values[-1], scale="value"),
    Statistic(
        name="mean",
        compute=lambda counts: counts.moments.mean,
        scale="value",
        label=_("Mean"),
        explanation=_("Average of the finite values."),
    ),
    Statistic(
        name="std",
        compute=lambda counts: counts.moments.std,
        scale="spread",
        label=_("SD"),
        explanation=_("Standard deviation of the finite values, with n − 1."),
    ),
    Statistic(
        name="skewness",
        compute=lambda counts: counts.moments.skewness,
        scale="shape",
        label=_("Skewness"),
        normal="0",
        explanation=_(
            "Third moment, g1; 0 for a symmetric shape. A single far value can move it: "
            "read it beside L-skewness."
        ),
    ),
    Statistic(
        name="excess_kurtosis",
        compute=lambda counts: counts.moments.excess_kurtosis,
        scale="shape",
        label=_("Excess kurtosis"),
        normal="0",
        explanation=_("Fourth moment less 3, g2; 0 for a normal. A single far value can move it."),
    ),
)


def statistics_of(counts: NumberCounts) -> dict[str, Any]:
    """Compute every statistic, by name; None where it does not exist."""
    if counts.distribution.n == 0:
        return {statistic.name: None for statistic in STATISTICS}
    values = {statistic.name: float(statistic.compute(counts)) for statistic in STATISTICS}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
