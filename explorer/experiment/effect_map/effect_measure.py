"""How the differences of a metric are written: scaled, and in which unit."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from explorer.core.number_format import NONE, number, signed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.features.kind import Feature
    from explorer.features.metric import Metric

__all__ = ["DifferenceFormat"]


class DifferenceFormat(NamedTuple):
    """How the differences of a metric are written.

    Parameters
    ----------
    factor : float
    unit : str
        With a space before it, where there is one.
    """

    factor: float
    unit: str

    @classmethod
    def of(cls, metric: Metric, features: Mapping[str, Feature]) -> DifferenceFormat:
        """Return percentage points for shares, else the unit of the metric's column."""
        if metric.kind == "proportion":
            return cls(100.0, " pp")
        has_unit = metric.kind in ("mean", "quantile") and metric.aggregate in (
            "mean",
            "min",
            "max",
        )
        unit = features[metric.column].unit if has_unit else ""
        return cls(1.0, f" {unit}" if unit else "")

    def signed(self, value: float) -> str:
        """Write a difference with its sign, to three digits: "+1.23"."""
        if not math.isfinite(value):
            return NONE
        return signed(value * self.factor, partial(number, digits=3))

    def with_ends(self, value: float, low: float, high: float) -> str:
        """Write a difference, its interval and the unit: "+1.23 (−0.4 … +2.9) pp"."""
        return f"{self.signed(value)} ({self.signed(low)} … {self.signed(high)}){self.unit}"
