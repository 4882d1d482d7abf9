"""The cards of the Feature tab as plain JSON: head, values, neighbours and the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _, translated
from explorer.core.number_format import correlation_text, count, number, percent
from explorer.feature.normality_card import normality_card
from explorer.feature.outlier_rates import outlier_rates
from explorer.features.catalogue.catalogue_keys import value_as_text
from explorer.features.kind import ASSIGNMENTS, KIND_LABELS, KINDS
from explorer.features.roles.role import ROLE_NAMES, ROLES
from explorer.profile.statistics import STATISTICS
from explorer.session.maps.validate_projection import unusable_reason, unusable_text
from explorer.ui.filter_entry import quote_name
from explorer.ui.plots.distribution_figures import SCALES
from explorer.ui.plots.ticks import time_in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.features.kind import Feature
    from explorer.features.roles.role import ColumnRole
    from explorer.profile.counting.times import Times
    from explorer.profile.profile import FeatureProfile
    from explorer.table.table import Table

__all__ = ["basis_in_words", "feature_card"]

_SHOWN_QUANTILES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
_MOST_LISTED = 10
_MOST_LEVELS = 12
_WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
# What the catalogue says, the words of its field, and what may be written there.
_ATTRIBUTES = (
    ("label", _("Label"), ""), ("unit", _("Unit"), ""), ("description", _("Description"), ""),
    ("group", _("Group"), ""), ("kind", _("Kind"), ""), ("role", _("Role"), ""),
    ("assignment", _("Measured"), _("before or after assignment to an arm")),
    ("owner", _("Owner"), ""),
    ("tags", _("Tags"), "a, b"),
    ("valid_range", _("Valid range"), _("40 – 240; leave out an end that is open")),
    ("sentinels", _("Sentinels"), "−999, unknown"), ("missing_means", _("Missing means"), ""),
    ("source", _("Source"), ""),
)  # fmt: skip


def feature_card(table: Table, name: str, profile: FeatureProfile | None) -> dict[str, Any]:
    """Return everything that is shown of a feature and does not depend on what is selected.

    Parameters
    ----------
    table : Table
    name : str
    profile : FeatureProfile or None
        None: it is still being counted; then there is a head and a catalogue, and nothing else.
    """
    feature = table.features[name]
    names = table.column_names
    reason = unusable_reason(feature, table.summaries[name])
    card: dict[str, Any] = {
        "name": name,
        "label": feature.label,
        "unit": feature.unit,
        "kind": KIND_LABELS[feature.kind],
        "group": feature.group,
        "description": feature.description,
        "place": _("{position:,} of {count:,}").format(
            position=names.index(name) + 1, count=len(names)
        ),
        "usable": not reason,
        "unusable": unusable_text(reason),
        "role": table.roles[name].label,
        "role_reason": table.roles[name].reason,
        "catalogue": _catalogue(feature, table.roles[name]),
        "chips": [],
        "count_noun": profile is not None,
    }
    if profile is None:
        return card
    write = _writer(feature)
    return {
        **card,
        "chips": _chips(profile),
        "facts": _facts(profile, write, _zone(table, name)),
        # a ratio of dates means nothing
        "scales": [
            scale
            for scale in SCALES
            if scale in profile.histograms and not (scale == "log" and feature.kind == "temporal")
        ],
        "gaussian": None
        if profile.gaussian is None
        else normality_card(profile, profile.gaussian, feature),
        "outliers": None
        if profile.outliers is None
        else outlier_rates(profile, profile.outliers, feature),
        "near": _near(table, name),
        "frequent": [[write(v), count] for v, count in profile.frequent[:_MOST_LISTED]]
        if profile.frequent
        else [],
        "quantiles": [
            [_share_in_words(k), write(profile.quantiles[k])]
            for k in _SHOWN_QUANTILES
            if k in profile.quantiles
        ],
        "quantile_note": _("quantiles to ± {rank_error} in rank").format(
            rank_error=percent(profile.rank_error)
        )
        if profile.rank_error
        else "",
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
        return _("being counted …")
    if profile.sampled is not None:
        text = (
            _("sample of {rows:,} random rows of all, filters do not change these figures")
            if filtered
            else _("sample of {rows:,} random rows")
        )
        return text.format(rows=profile.sampled)
    if profile.exact:
        text = (
            _("exact · all {rows:,} rows, filters do not change these figures")
            if filtered
            else _("exact · {rows:,} rows")
        )
    else:
        text = (
            _("approximate quantiles · all {rows:,} rows, filters do not change these figures")
            if filtered
            else _("approximate quantiles · all {rows:,} rows")
        )
    return text.format(rows=profile.rows)


# --- head


def _writer(feature: Feature) -> Callable[[float | str | None], str]:
    def write(value: float | str | None) -> str:
        if isinstance(value, str):
            return value
        return time_in_words(value) if feature.kind == "temporal" else number(value)

    return write


def _zone(table: Table, name: str) -> str:
    """Return " UTC" for a column of times with a zone: they are all written in UTC."""
    return " UTC" if getattr(table.source.schema.field(name).type, "tz", None) else ""


def _chips(profile: FeatureProfile) -> list[dict[str, str]]:
    warns = [*map(translated, profile.notes), *(profile.outliers.words if profile.outliers else ())]
    # why a count or a bounded share is no normal is no fault of the data
    plain = (
        profile.gaussian.reasons[:2]
        if profile.gaussian and profile.gaussian.grade != "close"
        else ()
    )
    return [{"text": t, "kind": "warn"} for t in dict.fromkeys(warns)] + [
        {"text": translated(t), "kind": ""} for t in plain
    ]


def _facts(
    profile: FeatureProfile, write: Callable[[float | str | None], str], zone: str
) -> list[list[str]]:
    facts = [
        [_("missing"), f"{percent(profile.missing_share)} · {profile.missing:,}"],
        [_("distinct"), count(profile.distinct, profile.distinct_exact)],
    ]
    if profile.min is not None:
        facts += [
            [_("range"), f"{write(profile.min)} – {write(profile.max)}{zone}"],
            [_("median"), write(profile.quantiles.get("0.5"))],
        ]
    if profile.kind == "numeric" and profile.mean is not None:
        facts += [
            [statistic.label.lower(), write(getattr(profile, statistic.name))]
            for statistic in STATISTICS
            if statistic.label and statistic.scale != "shape"
        ]
    counted = {
        _("infinite"): profile.infinite,
        _("zeros"): profile.zeros,
        _("negative"): profile.negatives,
    }
    if profile.kind == "numeric":
        facts += [[word, f"{count:,}"] for word, count in counted.items() if count]
    facts += [
        [_("sentinel {value}").format(value=write(value)), f"{count:,}"]
        for value, count in profile.sentinels
        if count
    ]
    return facts


# --- cards


def _near(table: Table, name: str) -> dict[str, Any] | None:
    """Return the features it correlates with most; None while that is not known."""
    redundancy, features = table.relations.known_redundancy, table.features
    if redundancy is None:
        return None
    of = "all" if redundancy.exact else _("a random sample of")
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
        "words": _("of ranks (Pearson's beside), on {of} {rows:,} rows").format(
            of=of, rows=redundancy.rows
        ),
    }


def _times(times: Times) -> dict[str, Any]:
    return {
        "range": f"{time_in_words(times.first)} – {time_in_words(times.last)}",
        "rhythm": translated(times.rhythm),
        "gaps": [f"{time_in_words(gap.start)} – {time_in_words(gap.end)}" for gap in times.gaps],
        "weekdays": [[day, count] for day, count in zip(_WEEKDAYS, times.weekdays, strict=False)],
        "hours": [[f"{hour}", count] for hour, count in enumerate(times.hours)],
    }


def _missing(profile: FeatureProfile, feature: Feature) -> str:
    if not profile.missing:
        return _("no row is missing")
    rows = "row" if profile.missing == 1 else "rows"
    means = (
        _("missing means: {missing_means}").format(missing_means=feature.missing_means)
        if feature.missing_means
        else ""
    )
    return " · ".join(
        filter(None, [percent(profile.missing_share), f"{profile.missing:,} {rows}", means])
    )


def _share_in_words(key: str) -> str:
    return _("median") if key == "0.5" else f"{float(key) * 100:g} %"


# --- catalogue


def _catalogue(feature: Feature, role: ColumnRole) -> list[dict[str, Any]]:
    """Return a field for each attribute, with its value as somebody would type it."""
    choices = {
        "kind": list(KINDS),
        "role": list(ROLE_NAMES),
        "assignment": list(ASSIGNMENTS),
    }
    labels = {"role": {name: text.label for name, text in ROLES.items()}}
    return [
        {
            "attribute": attribute,
            "words": what,
            "hint": hint,
            "choices": choices.get(attribute, []),
            "labels": labels.get(attribute, {}),
            "value": role.role
            if attribute == "role"
            else value_as_text(getattr(feature, attribute), times=feature.kind == "temporal"),
        }
        for attribute, what, hint in _ATTRIBUTES
    ]
