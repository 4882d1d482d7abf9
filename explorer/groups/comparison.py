"""Comparison: every feature, rows A against rows B, as plain values that can be kept, exported and cited."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

__all__ = ["Compared", "Comparison", "LevelShare"]

_NAN = math.nan


@dataclass(frozen=True, kw_only=True)
class LevelShare:
    """One level of a category in both groups.

    Parameters
    ----------
    level : str
    a, b : int
        Rows.
    share_a, share_b : float
        Of the rows of the group that have a level.
    residual : float
        Standardised Pearson residual of A (Haberman 1973, doi:10.2307/2529686): beyond ±2 the level is more or less frequent in A than
        the same distribution in both groups would give.
    """

    level: str
    a: int
    b: int
    share_a: float
    share_b: float
    residual: float


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One feature in both groups. Figures that do not apply are NaN; those of numbers are A less B, or larger where A is larger.

    Parameters
    ----------
    feature, kind : str
    n_a, n_b : int
        Rows with a value; infinite ones are values, and are left out of means, deviations and the Wasserstein distance.
    missing_a, missing_b : int
        Rows without one.
    infinite_a, infinite_b : int
    mean_a, mean_b, std_a, std_b, median_a, median_b : float
        Of numbers; times in seconds since 1970.
    standardized_difference, standardized_low, standardized_high : float
        Difference of the means over √((s_a² + s_b²)/2) (Austin 2009, doi:10.1002/sim.3697), interval by Hedges and Olkin 1985.
    auc, auc_low, auc_high : float
        Chance that a row of A has the larger value, ties half; interval by DeLong, or by Obuchowski with a unit.
    cliffs_delta, cliffs_low, cliffs_high : float
        2 AUC − 1 (Cliff 1993, doi:10.1037/0033-2909.114.3.494).
    ks, ks_low, ks_high : float
        Largest difference of the distribution functions, with the band of Dvoretzky, Kiefer and Wolfowitz (Massart 1990,
        doi:10.1214/aop/1176990746) around each.
    wasserstein, wasserstein_low, wasserstein_high : float
        W₁ over √((s_a² + s_b²)/2), interval by the delta method.
    cramers_v, cramers_low, cramers_high : float
        Of categories, with Bergsma's correction.
    levels : tuple of LevelShare
        The largest residuals first, at most 30.
    adjusted_auc, adjusted_low, adjusted_high : float
        AUC within strata of the column that is adjusted for (van Elteren).
    missing_difference, missing_low, missing_high : float
        Share missing in A less that in B (Newcombe 1998): an effect of its own.
    effect, effect_low : float
        |δ| or V, and the lower end of its interval: what the rows are ordered by.
    tested : bool
        Whether p-values are given: not where the feature took part in making the groups.
    seen : str
        How it took part; empty where it did not.
    p_value, p_adjusted : float
        That |δ|, or V, is no more than the margin; Benjamini–Hochberg over all tests of the comparison.
    missing_p, missing_p_adjusted : float
        The same of the share missing.
    exact : bool
        False where values were ranked in 65,535 steps, or rows were sampled.
    note : str
    """

    feature: str
    kind: str
    n_a: int
    n_b: int
    missing_a: int
    missing_b: int
    infinite_a: int = 0
    infinite_b: int = 0
    mean_a: float = _NAN
    mean_b: float = _NAN
    std_a: float = _NAN
    std_b: float = _NAN
    median_a: float = _NAN
    median_b: float = _NAN
    standardized_difference: float = _NAN
    standardized_low: float = _NAN
    standardized_high: float = _NAN
    auc: float = _NAN
    auc_low: float = _NAN
    auc_high: float = _NAN
    cliffs_delta: float = _NAN
    cliffs_low: float = _NAN
    cliffs_high: float = _NAN
    ks: float = _NAN
    ks_low: float = _NAN
    ks_high: float = _NAN
    wasserstein: float = _NAN
    wasserstein_low: float = _NAN
    wasserstein_high: float = _NAN
    cramers_v: float = _NAN
    cramers_low: float = _NAN
    cramers_high: float = _NAN
    levels: tuple[LevelShare, ...] = ()
    adjusted_auc: float = _NAN
    adjusted_low: float = _NAN
    adjusted_high: float = _NAN
    missing_difference: float = _NAN
    missing_low: float = _NAN
    missing_high: float = _NAN
    effect: float = _NAN
    effect_low: float = _NAN
    tested: bool = True
    seen: str = ""
    p_value: float = _NAN
    p_adjusted: float = _NAN
    missing_p: float = _NAN
    missing_p_adjusted: float = _NAN
    exact: bool = True
    note: str = ""

    @property
    def missing_effect(self) -> float:
        """Lower end of the interval of the difference of the shares missing, without its sign; 0 where it holds 0."""
        return max(self.missing_low, -self.missing_high, 0.0) if self.missing_low == self.missing_low else 0.0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Every feature, rows A against rows B.

    Parameters
    ----------
    rows : list of Compared
        The largest lower bound of the effect first.
    n_a, n_b : int
        Rows of the groups.
    margin : float
        δ₀: tested is whether |δ|, or V, is larger.
    unit, adjust : str or None
    groups : dict
        How A and B were made.
    fingerprint : str
        Of the table.
    notes : list of str
    words : str
        What was computed on which rows.
    seconds : float
    """

    rows: list[Compared]
    n_a: int
    n_b: int
    margin: float
    unit: str | None
    adjust: str | None
    groups: dict[str, Any]
    fingerprint: str
    notes: list[str] = field(default_factory=list)
    words: str = ""
    seconds: float = 0.0

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Comparison:
        """Read back what `document` wrote; further entries are passed over."""
        known = {one.name for one in fields(cls)} - {"rows"}
        rows = [_row(row) for row in document["rows"]]
        return cls(rows=rows, **{name: value for name, value in document.items() if name in known})

    def __getitem__(self, feature: str) -> Compared:
        for row in self.rows:
            if row.feature == feature:
                return row
        raise KeyError(feature)

    @property
    def seen(self) -> list[Compared]:
        """Features that took part in making the groups: described, never tested."""
        return [row for row in self.rows if row.seen]

    @property
    def unseen(self) -> list[Compared]:
        """Features that had no part in it: tested."""
        return [row for row in self.rows if not row.seen]

    @property
    def method(self) -> str:
        """A sentence for the methods section."""
        how = "DeLong's interval" if self.unit is None else f"Obuchowski's interval by {self.unit}"
        within = f", also within strata of {self.adjust} (van Elteren)" if self.adjust else ""
        return (
            f"{self.n_a:,} rows (A) were compared with {self.n_b:,} rows (B) in {len(self.rows):,} features by the area under the ROC "
            f"curve with {how}{within} and, for categories, Cramér's V with Bergsma's correction; tested was whether |2 AUC − 1| or V "
            f"exceeds {self.margin:g}, with the false discovery rate controlled over all tests (Benjamini and Hochberg). Features that "
            f"took part in making the groups are described and not tested."
        )

    def to_arrow(self) -> pa.Table:
        """Return a row per feature, without the levels of categories."""
        import pyarrow as pa

        names = [one.name for one in fields(Compared) if one.name != "levels"]
        return pa.table({name: [getattr(row, name) for row in self.rows] for name in names})

    def document(self) -> dict[str, Any]:
        """Return everything as JSON, NaN as null."""
        found: dict[str, Any] = _plain(asdict(self))
        return {**found, "method": self.method}


def _row(document: Mapping[str, Any]) -> Compared:
    return Compared(
        **{**_known(document), "levels": tuple(LevelShare(**_known(level)) for level in document["levels"])}
    )


def _known(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _NAN if value is None else value for name, value in document.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
