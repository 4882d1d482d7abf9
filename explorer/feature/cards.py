"""The cards of the Feature tab as plain JSON: head, values, outliers, neighbours and others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.core.number_format import correlation_text, count, fraction, rate
from explorer.core.share import percent
from explorer.features.catalogue.catalogue_keys import value_as_text
from explorer.features.kind import ASSIGNMENTS, KINDS, NUMBERS_AS_TEXT
from explorer.profile.checks.gaussian_grade import LIMITS
from explorer.profile.statistics import STATISTICS
from explorer.session.maps.validate_projection import unusable_reason
from explorer.ui.filter_entry import quote_name
from explorer.ui.plots.distribution_figures import SCALES
from explorer.ui.plots.ticks import number_in_words, time_in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.features.kind import Feature
    from explorer.profile.checks.gaussian import Gaussian
    from explorer.profile.checks.outliers import Outliers
    from explorer.profile.counting.times import Times
    from explorer.profile.profile import FeatureProfile
    from explorer.session.session import Session

__all__ = ["basis_in_words", "feature_card", "gaussian_figures"]

_SHOWN_QUANTILES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
_MOST_LISTED = 10
_NORMAL_L_KURTOSIS = 30 / math.pi * math.atan(math.sqrt(2)) - 9  # Hosking 1990
_MOST_LEVELS = 12
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# What the catalogue says, the words of its field, and what may be written there.
_ATTRIBUTES = (
    ("label", "Label", ""), ("unit", "Unit", ""), ("description", "Description", ""),
    ("group", "Group", ""), ("kind", "Kind", ""),
    ("assignment", "Measured", "before or after assignment to an arm"), ("owner", "Owner", ""),
    ("tags", "Tags", "a, b"), ("valid_range", "Valid range", "40 – 240; leave one out for open"),
    ("sentinels", "Sentinels", "−999, unknown"), ("missing_means", "Missing means", ""),
    ("source", "Source", ""),
)  # fmt: skip


def feature_card(session: Session, name: str, profile: FeatureProfile | None) -> dict[str, Any]:
    """Return everything that is shown of a feature and does not depend on what is selected.

    Parameters
    ----------
    session : Session
    name : str
    profile : FeatureProfile or None
        None: it is still being counted; then there is a head and a catalogue, and nothing else.
    """
    feature = session.table.features[name]
    names = session.table.column_names
    card: dict[str, Any] = {
        "name": name,
        "label": feature.label,
        "unit": feature.unit,
        "kind": feature.kind,
        "group": feature.group,
        "description": feature.description,
        "place": f"{names.index(name) + 1:,} of {len(names):,}",
        "usable": not unusable_reason(feature, session.table.summaries[name]),
        "catalogue": _catalogue(feature),
        "chips": [],
        "count_noun": profile is not None,
    }
    if profile is None:
        return card
    write = _writer(feature)
    return {
        **card,
        "chips": _chips(profile),
        "facts": _facts(profile, write, _zone(session, name)),
        # a ratio of dates means nothing
        "scales": [
            scale
            for scale in SCALES
            if scale in profile.histograms and not (scale == "log" and feature.kind == "temporal")
        ],
        "gaussian": None
        if profile.gaussian is None
        else _gaussian(profile, profile.gaussian, feature),
        "outliers": None
        if profile.outliers is None
        else _outliers(profile, profile.outliers, feature),
        "near": _near(session, name),
        "frequent": [[write(v), count] for v, count in profile.frequent[:_MOST_LISTED]]
        if profile.frequent
        else [],
        "quantiles": [
            [_share_in_words(k), write(profile.quantiles[k])]
            for k in _SHOWN_QUANTILES
            if k in profile.quantiles
        ],
        "quantile_note": f"ranks to ± {percent(profile.rank_error)}" if profile.rank_error else "",
        "levels": [[label, count] for label, count in profile.levels[:_MOST_LEVELS]],
        "longest": profile.longest,
        "times": None if profile.times is None else _times(profile.times),
        "missing": {
            "count": profile.missing,
            "words": _missing(profile, feature),
            "expression": f"{quote_name(name)} is null",
        },
    }


def basis_in_words(profile: FeatureProfile | None, *, filtered: bool = False) -> str:
    """Say of which rows the figures of the tab are.

    With filters on, say that these do not narrow them.
    """
    if profile is None:
        return "being counted …"
    aside = ", filters do not narrow these figures" if filtered else ""
    if profile.sampled is not None:
        return f"sample of {profile.sampled:,} random rows{' of all' if filtered else ''}{aside}"
    every = "all " if filtered or not profile.exact else ""
    ranks = "exact" if profile.exact else "ranks of quantiles approximate"
    return f"{ranks} · {every}{profile.rows:,} rows{aside}"


def gaussian_figures(gaussian: Gaussian) -> dict[str, Any]:
    """Return the grade with its reasons and the two figures that decide it."""
    return {
        "grade": gaussian.grade,
        "reasons": list(gaussian.reasons),
        "ks": fraction(gaussian.ks_distance),
        "gap": fraction(gaussian.qq_gap_sd, 2),
    }


# --- head


def _writer(feature: Feature) -> Callable[[float | str | None], str]:
    def write(value: float | str | None) -> str:
        if isinstance(value, str):
            return value
        return time_in_words(value) if feature.kind == "temporal" else number_in_words(value)

    return write


def _zone(session: Session, name: str) -> str:
    """Return " UTC" for a column of times with a zone: they are all written in UTC."""
    return " UTC" if getattr(session.table.source.schema.field(name).type, "tz", None) else ""


def _chips(profile: FeatureProfile) -> list[dict[str, str]]:
    warns = [*profile.notes, *(profile.outliers.words if profile.outliers else ())]
    # why a count or a bounded share is no normal is no fault of the data
    plain = (
        profile.gaussian.reasons[:2]
        if profile.gaussian and profile.gaussian.grade != "close"
        else ()
    )
    return [{"text": t, "kind": "warn"} for t in dict.fromkeys(warns)] + [
        {"text": t, "kind": ""} for t in plain
    ]


def _facts(
    profile: FeatureProfile, write: Callable[[float | str | None], str], zone: str
) -> list[list[str]]:
    facts = [
        ["missing", f"{percent(profile.missing_share)} · {profile.missing:,}"],
        ["distinct", count(profile.distinct, profile.distinct_exact)],
    ]
    if profile.min is not None:
        facts += [
            ["range", f"{write(profile.min)} – {write(profile.max)}{zone}"],
            ["median", write(profile.quantiles.get("0.5"))],
        ]
    if profile.kind == "numeric" and profile.mean is not None:
        facts += [
            [statistic.label.lower(), write(getattr(profile, statistic.name))]
            for statistic in STATISTICS
            if statistic.label and statistic.scale != "shape"
        ]
    counted = {"infinite": profile.infinite, "zeros": profile.zeros, "negative": profile.negatives}
    if profile.kind == "numeric":
        facts += [[word, f"{count:,}"] for word, count in counted.items() if count]
    facts += [
        [f"sentinel {write(value)}", f"{count:,}"] for value, count in profile.sentinels if count
    ]
    return facts


# --- cards


def _gaussian(profile: FeatureProfile, gaussian: Gaussian, feature: Feature) -> dict[str, Any]:
    without = gaussian.without_isolated
    first = _sentinels_first(profile)
    return {
        **gaussian_figures(gaussian),
        "conventions": [
            " · ".join(
                f"{grade} < {fraction(pair[k], 2 - k)}"
                for grade, pair in zip(("close", "workable"), LIMITS, strict=True)
            )
            for k in range(2)
        ],
        "fit": f"normal {number_in_words(gaussian.center)} ± "
        f"{number_in_words(gaussian.spread)} {feature.unit}".strip()
        + f" ({gaussian.fit})",
        "shape": [
            ["L-skewness", fraction(gaussian.l_skewness), "0"],
            ["L-kurtosis", fraction(gaussian.l_kurtosis), fraction(_NORMAL_L_KURTOSIS, 3)],
            *(
                [shape.label.lower(), fraction(getattr(profile, shape.name), 2), shape.normal]
                for shape in STATISTICS
                if shape.scale == "shape"
            ),
            ["dip", fraction(gaussian.dip, 4), "≈ 0"],
        ],
        "transforms": [
            {
                "name": transform.name,
                "label": _transform_in_words(transform.name, transform.parameters),
                "valid": transform.valid,
                "grade": transform.grade if transform.valid else "",
                "ks": fraction(transform.ks_distance) if transform.valid else "",
                "gap": fraction(transform.qq_gap_sd, 2) if transform.valid else "",
                "why": transform.why,
                "suggested": not first and transform.name == gaussian.transform,
            }
            for transform in gaussian.transforms
        ],
        "first": first,
        "suggested": None if first else gaussian.transform,
        "without": None
        if without is None
        else {
            "grade": without.grade,
            "ks": fraction(without.ks_distance),
            "gap": fraction(without.qq_gap_sd, 2),
        },
    }


def _sentinels_first(profile: FeatureProfile) -> str:
    """Say which sentinels must be treated first; empty where nothing looks like one."""
    if profile.outliers is None or not profile.outliers.sentinel_like:
        return ""
    sentinels = profile.outliers.sentinel_like
    values = " and ".join(number_in_words(value) for value, _, _ in sentinels)
    share = percent(sum(count for _, count, _ in sentinels) / max(profile.outliers.finite, 1))
    return (
        f"treat {values} as missing first: {'it is' if len(sentinels) == 1 else 'they are'} "
        f"{share} of the cells"
    )


def _transform_in_words(name: str, parameters: tuple[float, ...]) -> str:
    return (
        f"{name} (λ {fraction(parameters[0], 2)})" if name == "yeojohnson" and parameters else name
    )


def _outliers(profile: FeatureProfile, outliers: Outliers, feature: Feature) -> dict[str, Any]:
    rules = (
        ("Modified z > 3.5", "mad", outliers.mad_range),
        ("Tukey, 1.5 IQR", "tukey", outliers.tukey_range),
        ("Far, 3 IQR", "far", outliers.far_range),
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
        "scale": f"z by {outliers.scale}, fences of {outliers.fences}",
        "adjusted": f"{rate(outliers.adjusted_rate)} outside {_range(outliers.adjusted_range)} "
        f"(medcouple {fraction(outliers.medcouple, 2)})"
        if outliers.adjusted_range
        else "",
        "isolated": [_isolated(values, feature) for values in outliers.isolated],
        "sentinels": [
            {
                "value": value,
                "words": f"{number_in_words(value)} × {count:,}",
                "why": why,
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
        f"≤ {number_in_words(high)}"
        if low is None
        else f"≥ {number_in_words(low)}"
        if high is None
        else _range(span)
    )
    return {
        "words": f"{profile.outside:,} outside the valid range",
        "range": f"{ends} {feature.unit}".strip(),
        "definition": definition,
    }


def _excess(rate: float | None, expected: float) -> bool:
    # a convention: twice what a Gaussian gives is worth the eye; an undefined rate is not
    return rate is not None and bool(rate > 2 * expected)


def _range(span: tuple[float, float] | None) -> str:
    """Write the range that nothing is flagged in; a fence may be infinite."""
    if span is None:
        return "undefined"
    low, high = (number_in_words(end) for end in span)
    return f"{low} – {high}"


def _isolated(isolated: Any, feature: Feature) -> dict[str, Any]:
    span = (
        number_in_words(isolated.low)
        if isolated.low == isolated.high
        else _range((isolated.low, isolated.high))
    )
    values = "value" if isolated.count == 1 else "values"
    return {
        "words": f"{isolated.count:,} {values} at {span} {feature.unit}".strip(),
        "gap": f"{isolated.gap:.3g} spreads beyond the "
        f"{'next lower' if isolated.side == 'high' else 'next higher'} value",
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


def _near(session: Session, name: str) -> dict[str, Any] | None:
    """Return the features it correlates with most; None while that is not known."""
    redundancy, features = session.table.relations.known_redundancy, session.table.features
    if redundancy is None:
        return None
    of = "all" if redundancy.exact else "a random sample of"
    return {
        "features": [
            {
                "name": other,
                "label": features[other].label,
                "r": correlation_text(r),
                "pearson": correlation_text(p),
            }
            for other, r, p in redundancy.neighbours(name)
        ],
        "words": f"of ranks (Pearson's beside), on {of} {redundancy.rows:,} rows",
    }


def _times(times: Times) -> dict[str, Any]:
    return {
        "range": f"{time_in_words(times.first)} – {time_in_words(times.last)}",
        "rhythm": times.rhythm,
        "gaps": [f"{time_in_words(gap.start)} – {time_in_words(gap.end)}" for gap in times.gaps],
        "weekdays": [[day, count] for day, count in zip(_WEEKDAYS, times.weekdays, strict=False)],
        "hours": [[f"{hour}", count] for hour, count in enumerate(times.hours)],
    }


def _missing(profile: FeatureProfile, feature: Feature) -> str:
    if not profile.missing:
        return "no row is missing"
    rows = "row" if profile.missing == 1 else "rows"
    means = f"missing means: {feature.missing_means}" if feature.missing_means else ""
    return " · ".join(
        filter(None, [percent(profile.missing_share), f"{profile.missing:,} {rows}", means])
    )


def _share_in_words(key: str) -> str:
    return "median" if key == "0.5" else f"{float(key) * 100:g} %"


# --- catalogue


def _catalogue(feature: Feature) -> list[dict[str, Any]]:
    """Return a field for each attribute, with its value as somebody would type it."""
    choices = {"kind": list(KINDS), "assignment": list(ASSIGNMENTS)}
    return [
        {
            "attribute": attribute,
            "words": what,
            "hint": hint,
            "choices": choices.get(attribute, []),
            "value": value_as_text(getattr(feature, attribute), times=feature.kind == "temporal"),
        }
        for attribute, what, hint in _ATTRIBUTES
    ]
