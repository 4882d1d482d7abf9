"""Comparison: every feature, rows A against rows B, as plain values to be kept and exported."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from explorer.compare.dependence.feature_dependence import MOSTLY
from explorer.compare.feature_comparison import FeatureComparison, LevelShare
from explorer.core.errors import unknown_name
from explorer.core.gettext import _
from explorer.core.json_values import plain
from explorer.stats.repeated import RepeatedRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

__all__ = ["Comparison"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Every feature, rows A against rows B.

    Parameters
    ----------
    rows : list of FeatureComparison
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
    sample : tuple of int, optional
        Rows of A and of B that were drawn at random, where not all features were compared on all
        rows.
    repeated : RepeatedRows, optional
        Rows that seem to belong together, where nobody has named the unit or said that there is
        none: no p-value is given.
    """

    rows: list[FeatureComparison]
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
    sample: tuple[int, int] | None = None
    repeated: RepeatedRows | None = None

    def __post_init__(self) -> None:
        if self.repeated is not None:
            object.__setattr__(self, "rows", [_withheld(row) for row in self.rows])

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Comparison:
        """Read back what `document` wrote; further entries are passed over."""
        own_fields = {field.name for field in fields(cls)} - {"rows"}
        rows = [_row(row) for row in document["rows"]]
        values = {name: value for name, value in document.items() if name in own_fields}
        if values.get("sample"):
            values["sample"] = tuple(values["sample"])
        if values.get("repeated"):
            values["repeated"] = RepeatedRows(**values["repeated"])
        return cls(rows=rows, **values)

    def __getitem__(self, feature: str) -> FeatureComparison:
        for row in self.rows:
            if row.feature == feature:
                return row
        raise unknown_name("compared feature", feature, [row.feature for row in self.rows])

    @property
    def seen(self) -> list[FeatureComparison]:
        """Features that made the groups, or follow from those that did: described, not tested."""
        return [row for row in self.rows if row.seen]

    @property
    def unseen(self) -> list[FeatureComparison]:
        """Features that had no part in it: tested."""
        return [row for row in self.rows if not row.seen]

    @property
    def method(self) -> str:
        """A sentence for the methods section."""
        how = (
            _("DeLong's interval")
            if self.unit is None
            else _("Obuchowski's interval by {unit}").format(unit=self.unit)
        )
        within = (
            _(", also within strata of {adjust} (van Elteren)").format(adjust=self.adjust)
            if self.adjust
            else ""
        )
        return _(
            "{n_a:,} rows (A) were compared with {n_b:,} rows (B) in {count:,} features "
            "by the area under the ROC curve with {how}{within} and, for categories, "
            "Cramér's V with Bergsma's correction; tested was whether |2 AUC − 1| or V "
            "exceeds {margin:g}, with the false discovery rate controlled over all tests "
            "(Benjamini and Hochberg). Features that took part in making the groups, and "
            "columns of which these explain half or more together (R² ≥ {mostly:g}), are "
            "described and not tested.{of_sample}"
        ).format(
            n_a=self.n_a,
            n_b=self.n_b,
            count=len(self.rows),
            how=how,
            within=within,
            margin=self.margin,
            mostly=MOSTLY,
            of_sample=self._of_sample(),
        )

    def _of_sample(self) -> str:
        sampled = sum(row.sampled for row in self.rows)
        if self.sample is None or not sampled:
            return ""
        text = (
            _(
                "The figures are those of {sample_a:,} rows of A and {sample_b:,} rows of B, "
                "drawn at random."
            )
            if sampled == len(self.rows)
            else _(
                "The figures of {sampled:,} features are those of {sample_a:,} rows of A and "
                "{sample_b:,} rows of B, drawn at random."
            )
        )
        return " " + text.format(sampled=sampled, sample_a=self.sample[0], sample_b=self.sample[1])

    def to_arrow(self) -> pa.Table:
        """Return a row per feature, without the levels of categories."""
        import pyarrow as pa

        names = [field.name for field in fields(FeatureComparison) if field.name != "levels"]
        return pa.table({name: [getattr(row, name) for row in self.rows] for name in names})

    def document(self) -> dict[str, Any]:
        """Return everything as JSON, NaN as null."""
        document: dict[str, Any] = plain(asdict(self))
        return {**document, "method": self.method}


def _withheld(row: FeatureComparison) -> FeatureComparison:
    nan = math.nan
    return replace(row, p_value=nan, p_adjusted=nan, missing_p=nan, missing_p_adjusted=nan)


def _row(document: Mapping[str, Any]) -> FeatureComparison:
    return FeatureComparison(
        **{
            **_known(document),
            "levels": tuple(LevelShare(**_known(level)) for level in document["levels"]),
        }
    )


def _known(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: math.nan if value is None else value for name, value in document.items()}
