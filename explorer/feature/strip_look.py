"""What a strip of the feature list shows of one feature, as plain JSON.

Histogram, chips, facts, and keys to sort by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _, translated
from explorer.core.number_format import correlation_text, percent
from explorer.features.kind import KIND_LABELS, NOT_PROFILED, NUMBERS_AS_TEXT
from explorer.profile.checks.gaussian_grade import GRADES
from explorer.profile.counting.histogram import BINS, bar_heights
from explorer.session.maps.validate_projection import count_noun, unusable_reason, unusable_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.features.roles.role import ColumnRole
    from explorer.profile.checks.outliers import Outliers
    from explorer.profile.profile import FeatureProfile
    from explorer.profile.summary import FeatureSummary

__all__ = ["AS_NUMBER", "heights_of", "static_entry", "strip_look"]

AS_NUMBER = _("read as number")
_OFFERS = {NUMBERS_AS_TEXT: _("Tick it to use it as numbers: 1,416,481 and 89.10% are understood")}
_TITLES = {
    "workable": _("workable as a Gaussian"),
    "cannot tell": _("too few rows to rule out a Gaussian"),
    "not": _("not close to a Gaussian"),
}
_GRADES = {grade: float(level) for level, grade in enumerate(GRADES)}
_REASONS = 2  # chips of the shape: more do not fit


def static_entry(feature: Feature, role: ColumnRole) -> dict[str, Any]:
    """Return what is known of a feature before anything is counted."""
    by_kind = feature.kind in ("identifier", "text") and NUMBERS_AS_TEXT not in feature.notes
    reason = (
        NOT_PROFILED
        if NOT_PROFILED in feature.notes
        else KIND_LABELS[feature.kind]
        if by_kind
        else ""
    )
    return {
        "name": feature.name,
        "label": feature.label,
        "unit": feature.unit,
        "group": feature.group,
        "kind": feature.kind,
        "kind_label": KIND_LABELS[feature.kind],
        "role": role.role,
        "role_label": role.label,
        "role_reason": role.reason,
        "tags": list(feature.tags),
        "description": feature.description,
        "usable": not reason,
        "unusable": unusable_text(reason),
    }


def strip_look(
    feature: Feature,
    profile: FeatureProfile,
    names: Mapping[str, str],
    partners: Mapping[str, float],
) -> dict[str, Any]:
    """Return what a strip shows once a feature is counted.

    Parameters
    ----------
    feature : Feature
    profile : FeatureProfile
    names : mapping of str to str
        Labels of the features, for the chip of the nearest one.
    partners : mapping of str to float
        Features that are nearly the same, with their correlation of ranks.
    """
    summary = profile.summary
    gaussian, outliers = profile.gaussian, profile.outliers
    reason = unusable_reason(feature, summary)
    near = max(partners.items(), key=lambda pair: abs(pair[1]), default=None)
    return {
        "usable": not reason,
        "unusable": unusable_text(reason),
        "bins": len(heights_counts(summary)),
        "chips": _chips(feature, profile, [_partner(near, names)] if near else []),
        "facts": _facts(profile),
        "sampled": bool(profile.sampled),
        "missing": profile.missing_share,
        # a grade counts for more than the distance inside it
        "gaussian": None
        if gaussian is None
        else _GRADES[gaussian.grade] + min(_number(gaussian.ks_distance), 0.99),
        "grade": None if gaussian is None else gaussian.grade,
        "outliers": None if outliers is None else _number(_far(outliers)),
        "redundancy": abs(near[1]) if near else 0.0,
        "transform": gaussian.transform if gaussian is not None else None,
        "nearest": near[0] if near else None,
    }


def heights_of(summary: FeatureSummary) -> bytes:
    """Return 40 heights of 0–255; a bin with one row does not look empty."""
    counts = heights_counts(summary)
    return bar_heights(counts, counts.max(initial=0)).tobytes()


def heights_counts(summary: FeatureSummary) -> NDArray[np.int64]:
    """Return the counts that a strip draws: of bins, or of the largest levels."""
    if summary.histogram is not None:
        return summary.histogram.counts
    levels = summary.levels[:BINS] if summary.kind == "categorical" else ()
    return np.array([count for _, count in levels], dtype=np.int64)


def _chips(
    feature: Feature, profile: FeatureProfile, partner: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Return the chips of a strip, those that ask for a decision first.

    A strip has room for two or three.
    """
    chips = [
        {"text": translated(note), "kind": "warn", "title": _OFFERS.get(note, "")}
        for note in profile.notes
        if note != NUMBERS_AS_TEXT or feature.kind != "numeric"
    ]
    for chip in chips:
        if chip["text"] == translated(NUMBERS_AS_TEXT):
            chip["as_number"] = AS_NUMBER
    if feature.kind not in ("numeric", "boolean") and feature.kind not in profile.notes:
        chips.insert(0, {"text": KIND_LABELS[feature.kind], "kind": ""})
    far = profile.outliers.words if profile.outliers is not None else ()
    chips += [*partner, *({"text": text, "kind": "warn", "title": _("outliers")} for text in far)]
    if profile.sampled:
        title = _("of a random sample; all rows are being counted")
        chips.append(
            {
                "text": _("of {sampled:,} rows").format(sampled=profile.sampled),
                "kind": "",
                "title": title,
            }
        )
    return chips + _shape(profile)


def _shape(profile: FeatureProfile) -> list[dict[str, str]]:
    gaussian = profile.gaussian
    if gaussian is None or gaussian.grade == "close" or profile.distinct <= 1:
        return []
    title = _TITLES[gaussian.grade]
    return [
        {"text": translated(reason), "kind": "", "title": title}
        for reason in gaussian.reasons[:_REASONS]
    ]


def _partner(near: tuple[str, float], names: Mapping[str, str]) -> dict[str, str]:
    other, r = near
    return {
        "text": f"r {correlation_text(r)} {names.get(other, other)}",
        "kind": "warn",
        "title": _("rank correlation with {other}").format(other=other),
    }


def _facts(profile: FeatureProfile) -> list[str]:
    of = (
        _("a random sample of {rows}").format(rows=count_noun(profile.sampled, "row"))
        if profile.sampled
        else count_noun(profile.rows, "row")
    )
    facts = [
        _("{of}, {missing_share} missing").format(
            of=of, missing_share=percent(profile.missing_share)
        )
    ]
    distinct = _("{n:,} distinct") if profile.distinct_exact else _("about {n:,} distinct")
    facts.append(distinct.format(n=profile.distinct))
    if profile.min is not None and profile.kind == "numeric":
        facts.append(
            _("{min:.5g} to {max:.5g}, mean {mean:.5g}").format(
                min=profile.min, max=profile.max, mean=profile.mean
            )
        )
    if profile.gaussian is not None:
        facts.append(
            _("Gaussian: {grade} (D {ks_distance:.3f})").format(
                grade=translated(profile.gaussian.grade), ks_distance=profile.gaussian.ks_distance
            )
        )
    return facts


def _far(outliers: Outliers) -> float:
    """Share of far cells that a suggested transform does not explain: what the chip says too."""
    return (
        outliers.far_rate
        if outliers.after is None
        else min(outliers.far_rate, outliers.after.far_rate)
    )


def _number(value: float) -> float:
    return value if value == value else 0.99  # not a number: nothing could be fitted
