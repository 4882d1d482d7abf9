"""Freezing: make evidence of what is known of a feature at this moment."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _, translated
from explorer.core.html import text
from explorer.core.number_format import percent
from explorer.profile.statistics import STATISTICS
from explorer.review.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.compare.comparison import Comparison
    from explorer.profile.profile import FeatureProfile

__all__ = ["comparison_evidence", "profile_evidence", "software_versions", "strip_picture"]

_PLAIN = (
    "kind", "rows", "missing", "infinite", "zeros", "distinct", "distinct_exact",
    *(statistic.name for statistic in STATISTICS), "exact",
)  # fmt: skip
_WIDE, _HIGH = 240, 60  # of the picture, in pixels
_LEVELS = 20
_SETTINGS: tuple[str, ...] = ("margin", "unit", "adjust", "groups", "n_a", "n_b")


def profile_evidence(profile: FeatureProfile, fingerprint: str) -> Evidence:
    """Freeze the profile of a feature: figures, grade, rates, and its histogram as a picture."""
    document = profile.document()
    gaussian, outliers = document["gaussian"] or {}, document["outliers"] or {}
    numbers: dict[str, Any] = {name: document[name] for name in _PLAIN}
    numbers |= {f"q{key}": value for key, value in document["quantiles"].items()}
    numbers |= {
        name: gaussian.get(name)
        for name in ("grade", "reasons", "ks_distance", "qq_gap_sd", "transform")
    }
    numbers |= {name: outliers.get(name) for name in ("mad_rate", "tukey_rate", "far_rate")}
    numbers["redundant_with"] = document["redundant_with"]
    strip = profile.strip
    counts = (
        strip.counts.tolist() if strip is not None else [n for _, n in profile.levels[:_LEVELS]]
    )
    return Evidence(
        kind="profile",
        subject=profile.name,
        title=_title(profile),
        numbers=numbers,
        method=_("counted over all rows")
        if profile.sampled is None
        else _("counted over rows drawn at random"),
        versions=software_versions(),
        fingerprint=fingerprint,
        sampled=profile.sampled,
        picture=strip_picture(counts, profile.label or profile.name),
    )


def comparison_evidence(comparison: Comparison, feature: str, name: str = "") -> Evidence | None:
    """Freeze what a comparison says of one feature; None when it does not have it."""
    document = comparison.document()
    row: Mapping[str, Any] | None = next(
        (row for row in document["rows"] if row["feature"] == feature), None
    )
    if row is None:
        return None
    settings: dict[str, Any] = {key: document[key] for key in _SETTINGS if key in document}
    return Evidence(
        kind="comparison",
        subject=feature,
        title=name or comparison.words,
        numbers=dict(row),
        parameters=settings,
        method=(
            _(
                "every feature, rows A against rows B; effect sizes with intervals, "
                "see `explorer.compare`"
            )
        ),
        versions=software_versions(),
        fingerprint=comparison.fingerprint,
    )


def software_versions() -> dict[str, str]:
    """Return the versions of what computed it."""
    names = ("highdim-explorer", "numpy", "scipy", "pyarrow")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


def strip_picture(counts: Sequence[int], name: str) -> str:
    """Draw counts as a small SVG of bars; empty without any."""
    if not counts or not max(counts):
        return ""
    wide = _WIDE / len(counts)
    bars = "".join(
        f"M{place * wide:.1f} {_HIGH}v-{max(1.0, count / max(counts) * _HIGH):.1f}"
        f"h{wide:.1f}V{_HIGH}z"
        for place, count in enumerate(counts)
        if count
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" '
        f'role="img" aria-label="{text(name)}">'
        f'<path d="{bars}" fill="currentColor"/></svg>'
    )


def _title(profile: FeatureProfile) -> str:
    parts = [
        _("{missing_share} missing").format(missing_share=percent(profile.missing_share)),
        _("{distinct:,} distinct").format(distinct=profile.distinct),
    ]
    if profile.gaussian is not None:
        parts += [
            _("Gaussian: {grade}").format(grade=translated(profile.gaussian.grade)),
            *map(translated, profile.gaussian.reasons[:2]),
        ]
    parts += [
        _("r {r:.2f} with {name}").format(r=r, name=name) for name, r in profile.redundant_with[:1]
    ]
    return " · ".join([*parts, *map(translated, profile.notes)])
