"""The part of the Feature tab on outliers: rates by rule, isolated and invalid cells; JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _, ngettext, translated
from explorer.core.number_format import fraction, number, rate
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.ui.filter_entry import quote_name

if TYPE_CHECKING:
    from explorer.features.kind import Feature
    from explorer.profile.checks.outliers import Outliers
    from explorer.profile.profile import FeatureProfile

__all__ = ["outlier_rates"]


def outlier_rates(profile: FeatureProfile, outliers: Outliers, feature: Feature) -> dict[str, Any]:
    """Return how many cells each rule flags, and which are isolated, sentinels or invalid; JSON."""
    rules = (
        (_("Modified z > 3.5"), "mad", outliers.mad_range),
        (_("Tukey, 1.5 IQR"), "tukey", outliers.tukey_range),
        (_("Far, 3 IQR"), "far", outliers.far_range),
    )
    rates = [
        {
            "rule": what,
            "rate": rate(getattr(outliers, f"{key}_rate")),
            "expected": rate(getattr(outliers, f"{key}_expected")),
            "count": getattr(outliers, f"{key}_count"),
            "range": _range(span),
            "definition": _outside(feature, span, profile),
            "after": rate(getattr(outliers.after, f"{key}_rate")) if outliers.after else "",
            "excess": _excess(
                getattr(outliers, f"{key}_rate"), getattr(outliers, f"{key}_expected")
            ),
        }
        for what, key, span in rules
    ]
    return {
        "rates": rates,
        "after": outliers.after.transform if outliers.after else "",
        "scale": _("z by {scale}, fences of {fences}").format(
            scale=translated(outliers.scale), fences=translated(outliers.fences)
        ),
        "adjusted": _("{adjusted_rate} outside {adjusted_range} (medcouple {medcouple})").format(
            adjusted_rate=rate(outliers.adjusted_rate),
            adjusted_range=_range(outliers.adjusted_range),
            medcouple=fraction(outliers.medcouple, 2),
        )
        if outliers.adjusted_range
        else "",
        "isolated": [_isolated(values, feature) for values in outliers.isolated],
        "sentinels": [
            {
                "value": value,
                "words": f"{number(value)} × {count:,}",
                "why": "; ".join(map(translated, why.split("; "))),
                "definition": _between(feature, value, value),
            }
            for value, count, why in outliers.sentinel_like
        ],
        "words": list(outliers.words),
        "invalid": _invalid(profile, feature),
    }


def _invalid(profile: FeatureProfile, feature: Feature) -> dict[str, Any] | None:
    """Return the cells outside the catalogue's valid range, in words and as a definition.

    None where there are none.
    """
    low, high = feature.valid_range or (None, None)
    span = (-math.inf if low is None else low, math.inf if high is None else high)
    definition = _outside(feature, span, profile)
    if not profile.outside or definition is None:
        return None
    ends = (
        f"≤ {number(high)}" if low is None else f"≥ {number(low)}" if high is None else _range(span)
    )
    return {
        "words": _("{outside:,} outside the valid range").format(outside=profile.outside),
        "range": f"{ends} {feature.unit}".strip(),
        "definition": definition,
    }


def _excess(rate: float | None, expected: float) -> bool:
    # a convention: twice what a Gaussian gives is worth the eye; an undefined rate is not
    return rate is not None and bool(rate > 2 * expected)


def _range(span: tuple[float, float] | None) -> str:
    """Write the range that nothing is flagged in; a fence may be infinite."""
    if span is None:
        return _("undefined")
    low, high = (number(end) for end in span)
    return f"{low} – {high}"


def _isolated(isolated: Any, feature: Feature) -> dict[str, Any]:
    span = (
        number(isolated.low)
        if isolated.low == isolated.high
        else _range((isolated.low, isolated.high))
    )
    return {
        "words": ngettext(
            "{count:,} value at {span}", "{count:,} values at {span}", isolated.count
        ).format(count=isolated.count, span=f"{span} {feature.unit}".strip()),
        "gap": (
            _("{gap:.3g} robust sd beyond the next lower value")
            if isolated.side == "high"
            else _("{gap:.3g} robust sd beyond the next higher value")
        ).format(gap=isolated.gap),
        "definition": _between(feature, isolated.low, isolated.high),
    }


def _between(feature: Feature, low: float, high: float) -> dict[str, Any]:
    """Return the definition of the cells of a closed range.

    Text that reads as numbers has no expression.
    """
    if NUMBERS_AS_TEXT in feature.notes:
        return {"column": feature.name, "range": [low, high]}
    name = quote_name(feature.name)
    ends = f"between {_literal(low)} and {_literal(high)}"
    return {"expression": f"{name} = {_literal(low)}" if low == high else f"{name} {ends}"}


def _outside(
    feature: Feature, span: tuple[float, float] | None, profile: FeatureProfile
) -> dict[str, Any] | None:
    """Return the definition of the finite cells strictly outside a range; None without any."""
    if span is None or profile.min is None or profile.max is None:
        return None
    below, above = profile.min < span[0], span[1] < profile.max
    if NUMBERS_AS_TEXT in feature.notes:
        sides = [[profile.min, math.nextafter(span[0], -math.inf)]] if below else []
        sides += [[math.nextafter(span[1], math.inf), profile.max]] if above else []
        parts = [{"column": feature.name, "range": side} for side in sides]
        return {"or": parts} if len(parts) > 1 else parts[0] if parts else None
    name = quote_name(feature.name)
    tests = [f"{name} < {_literal(span[0])}"] if below else []
    tests += [f"{name} > {_literal(span[1])}"] if above else []
    text = " or ".join(tests)
    # an infinite cell is counted apart: it is no outlier
    if text and profile.infinite:
        text = f"({text}) and {name} between {_literal(profile.min)} and {_literal(profile.max)}"
    return {"expression": text} if text else None


def _literal(value: float) -> str:
    """Write a number for an expression so that it reads back the same."""
    return repr(float(value)).removesuffix(".0")
