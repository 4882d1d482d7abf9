"""How far one column follows from the features that made the groups, and the words for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from explorer.core.gettext import _
from explorer.core.name_list import list_names

__all__ = ["MOSTLY", "PARTLY", "FeatureDependence"]

MOSTLY = 0.5
"""R² from which a column is described and not tested.

The features that made the groups then tell more of it than all else does. The
simulation in tests/benchmarks/rates_compare.py measures R² of .55 and more for exact functions
of up to 20 features."""

PARTLY = 0.05
"""R² from which a tested column is said to follow in part from what made the groups.

From here on 5,000 rows chosen on a
map show a difference beyond the margin nearly always (simulated there), so that a small p-value
says no more than that they go together."""


@dataclass(frozen=True, kw_only=True)
class FeatureDependence:
    """How far one column follows from the features that made the groups.

    Parameters
    ----------
    share : float
        R²: of all rows by a linear regression, or cross-validated by one with curves and products;
        the larger.
    features : tuple of str
        Those that the prediction rests on, the most telling first.
    missing : bool
        Whether it is where cells are missing that follows, and not the values.
    """

    share: float
    features: tuple[str, ...]
    missing: bool = False

    @property
    def words(self) -> str:
        """Say it: "R² .98 on a, b, c and 2 more"."""
        share = (
            "1.00"
            if self.share >= 0.995
            else f"{math.floor(100 * self.share) / 100:.2f}".removeprefix("0")
        )
        text = (
            _("missing cells: R² {share} on {features}")
            if self.missing
            else _("R² {share} on {features}")
        )
        return text.format(share=share, features=list_names(self.features, 3))
