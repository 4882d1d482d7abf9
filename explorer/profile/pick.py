"""Pick features for a table that nobody has chosen features for, and say why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.errors import FeatureError
from explorer.core.number_format import correlation_text, percent
from explorer.features.kind import NOT_PROFILED, NUMBERS_AS_TEXT
from explorer.features.matrix.spec import MOST_MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.features.kind import Feature
    from explorer.profile.relations.redundancy import Redundancy
    from explorer.profile.summary import FeatureSummary

__all__ = ["MOST_FEATURES", "Pick", "pick_features"]

# Conventions: 30 strips are what a person looks through.
MOST_FEATURES = 30
_SAME = 0.95


@dataclass(frozen=True)
class Pick:
    """Chosen features with the reason of each choice.

    Parameters
    ----------
    names : tuple of str
        Chosen features, in table order.
    reasons : dict of str to str
        For each chosen feature, in words.
    left_out : dict of str to str
        For every other feature, in words.
    """

    names: tuple[str, ...]
    reasons: dict[str, str]
    left_out: dict[str, str]


def pick_features(
    features: Mapping[str, Feature],
    summaries: Mapping[str, FeatureSummary],
    correlations: Redundancy | None = None,
    refused: Mapping[str, str] | None = None,
) -> Pick:
    """Choose what to project first when nobody has chosen.

    A vector column stands by itself. Otherwise numeric and boolean features that vary, identify
    nothing, hold no infinite value and are at most 40 % missing; one of each set correlated at .95
    or more either way, the one with fewest missing; the first 30 in table order.

    Parameters
    ----------
    features : mapping of str to Feature
        In table order.
    summaries : mapping of str to Summary
        At least those of ``features``.
    correlations : Redundancy, optional
        Of the numeric and boolean features; without it, features that say the same are all picked.
    refused : mapping of str to str, optional
        Features that may not be picked for what they are (targets, identifiers, …), and why; an
        empty text refuses nothing.

    Returns
    -------
    pick : Pick

    Raises
    ------
    FeatureError
        No feature can be used; the message says what there is.
    """
    roles = {} if refused is None else refused
    left_out = {
        name: why
        for name in features
        if (why := roles.get(name) or _unfit(features[name], summaries[name]))
    }
    usable = [name for name in features if name not in left_out]
    if not usable:
        raise FeatureError(_nothing(features, left_out))
    vectors = [name for name in usable if features[name].kind == "vector"]
    if vectors:
        return _pick_vector(
            min(vectors, key=lambda name: summaries[name].missing), usable, left_out
        )
    stands_for = _redundant(usable, summaries, correlations, left_out)
    chosen = [name for name in usable if name not in left_out]
    for name in chosen[MOST_FEATURES:]:
        left_out[name] = f"beyond the first {MOST_FEATURES}"
    reasons = {
        name: _reason(summaries[name], stands_for.get(name, [])) for name in chosen[:MOST_FEATURES]
    }
    return Pick(
        tuple(reasons), reasons, {name: left_out[name] for name in features if name in left_out}
    )


def _unfit(feature: Feature, summary: FeatureSummary) -> str:
    """Say why a feature cannot be picked; an empty string when it can."""
    if summary.missing == summary.rows:
        return "all missing" if summary.rows else "no rows"
    if NUMBERS_AS_TEXT in feature.notes:
        return f'numbers as text: encode as "number" to use {feature.name}'
    if feature.kind not in ("numeric", "boolean", "vector"):
        return _words_of_kind(feature, summary)
    if summary.constant:
        return "constant"
    if summary.infinite:
        return f"{summary.infinite:,} infinite values"
    return (
        f"{percent(summary.missing_share)} missing" if summary.missing_share > MOST_MISSING else ""
    )


def _words_of_kind(feature: Feature, summary: FeatureSummary) -> str:
    if feature.kind == "categorical":
        return f"categorical, {summary.distinct:,} levels: tick it to add it"
    if feature.kind == "temporal":
        return "a time: tick it to add it"
    return NOT_PROFILED if NOT_PROFILED in feature.notes else feature.kind


def _pick_vector(name: str, usable: Iterable[str], left_out: dict[str, str]) -> Pick:
    others = {other: f"the vector {name} stands by itself" for other in usable if other != name}
    return Pick((name,), {name: "a vector column, taken by itself"}, {**left_out, **others})


def _redundant(
    usable: list[str],
    summaries: Mapping[str, FeatureSummary],
    correlations: Redundancy | None,
    left_out: dict[str, str],
) -> dict[str, list[str]]:
    """Leave out what a feature with fewer missing cells stands for; return who stands for whom."""
    partners = correlations.partners if correlations else {}
    stands_for: dict[str, list[str]] = {}
    representatives: set[str] = set()
    for name in sorted(usable, key=lambda name: summaries[name].missing):
        same = [
            (other, r)
            for other, r in partners.get(name, {}).items()
            if other in representatives and abs(r) >= _SAME
        ]
        if not same:
            representatives.add(name)
            continue
        other, r = same[0]
        left_out[name] = f"r {correlation_text(r)} with {other}, which stands for it"
        stands_for.setdefault(other, []).append(name)
    return stands_for


def _reason(summary: FeatureSummary, stands_for: list[str]) -> str:
    kind = "true or false" if summary.kind == "boolean" else "numeric"
    missing = f"{percent(summary.missing_share)} missing" if summary.missing else "complete"
    return f"{kind}, {missing}" + (f", stands for {', '.join(stands_for)}" if stands_for else "")


def _nothing(features: Mapping[str, Feature], left_out: Mapping[str, str]) -> str:
    kinds = Counter(feature.kind for feature in features.values())
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) or "none"
    shown = "; ".join(f"{name}: {why}" for name, why in list(left_out.items())[:3])
    return (
        "expected at least one numeric, boolean or vector feature that varies and is at most "
        f"{percent(MOST_MISSING)} missing; found {counted}"
        + (f" ({shown})" if shown else "")
        + "; "
        "name features yourself, categories and times included"
    )
