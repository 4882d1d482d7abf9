"""FeatureRow: one feature in one line, as the terminal's table and the report's index show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.core import number_format as figures
from explorer.core.number_format import correlation_text, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FeatureRow", "feature_row", "report_title", "rows_text"]

_IN_OWN_COLUMN = (" missing", " extreme")
_MOST_REDUNDANT = 1


@dataclass(frozen=True, kw_only=True)
class FeatureRow:
    """What a line says of a feature.

    Parameters
    ----------
    name, label, unit, kind : str
    missing : float or None
        Share of rows, 0 to 1; None for a table without rows.
    missing_text, distinct, mean, std, min, max : str
    grade : str
        "close", "workable", "cannot tell", "not", or "" without a check.
    reasons : tuple of str
        The most telling first.
    ks_distance, far : float or None
        Kolmogorov distance to the fitted normal; share of cells beyond the far fences.
    far_text : str
    notes : tuple of str
        What else is wrong; empty when nothing is.
    """

    name: str
    label: str
    unit: str
    kind: str
    missing: float | None
    missing_text: str
    distinct: str
    mean: str
    std: str
    min: str
    max: str
    grade: str
    reasons: tuple[str, ...]
    ks_distance: float | None
    far: float | None
    far_text: str
    notes: tuple[str, ...]


def feature_row(document: Mapping[str, Any]) -> FeatureRow:
    """Read the line off a feature's profile, given as JSON."""
    kind, scale, rows = document["kind"], figures.scale_of(document), document["rows"]
    gaussian, outliers = document.get("gaussian") or {}, document.get("outliers") or {}
    missing = document["missing"] / rows if rows else None
    far = outliers.get("far_rate")
    return FeatureRow(
        name=document["name"],
        label=document.get("label") or document["name"],
        unit=document.get("unit") or "",
        kind=kind,
        missing=missing,
        missing_text=figures.NONE if missing is None else percent(missing),
        distinct=figures.count(document["distinct"], document["distinct_exact"]),
        mean=figures.brief(document["mean"], scale),
        std=figures.duration(document["std"])
        if kind == "temporal"
        else figures.brief(document["std"], kind),
        min=figures.brief(document["min"], scale),
        max=figures.brief(document["max"], scale),
        grade=gaussian.get("grade") or "",
        reasons=tuple(gaussian.get("reasons") or ()),
        ks_distance=gaussian.get("ks_distance"),
        far=far,
        far_text=figures.rate(far),
        notes=_notes(document, outliers),
    )


def report_title(document: Mapping[str, Any]) -> str:
    """Return what heads a report: the table's title."""
    return str(document["table"].get("title") or "Table")


def rows_text(document: Mapping[str, Any]) -> str:
    """Say of how many rows the figures are: all, or a stated random sample."""
    whole = document["table"].get("rows") or 0
    sampled = {feature.get("sampled") for feature in document["features"]}
    if sampled <= {None}:
        return f"every figure of all {whole:,} rows"
    sizes = " and ".join(
        f"{size:,}" for size in sorted(size for size in sampled if size is not None)
    )
    partly = "some figures of " if None in sampled else "every figure of "
    return f"{partly}a random sample of {sizes} of {whole:,} rows"


def _notes(document: Mapping[str, Any], outliers: Mapping[str, Any]) -> tuple[str, ...]:
    notes = [*(document.get("notes") or ()), *(outliers.get("words") or ())]
    partners = document.get("redundant_with") or ()
    notes += [f"r {correlation_text(r)} {name}" for name, r in partners[:_MOST_REDUNDANT]]
    return tuple(dict.fromkeys(note for note in notes if not note.endswith(_IN_OWN_COLUMN)))
