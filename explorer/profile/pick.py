"""Pick features for a table that nobody has chosen features for, and say why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.errors import FeatureError
from explorer.core.gettext import _, ngettext, translated
from explorer.core.name_list import list_names
from explorer.core.number_format import correlation_text, percent
from explorer.core.text_direction import isolated
from explorer.features.categories import MOST_LEVELS
from explorer.features.kind import KIND_LABELS, NOT_PROFILED, NUMBERS_AS_TEXT
from explorer.features.matrix.spec import MOST_MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explorer.features.kind import Feature
    from explorer.features.roles.role import ColumnBlock
    from explorer.profile.relations.redundancy import Redundancy
    from explorer.profile.summary import FeatureSummary

__all__ = ["MOST_BLOCK_COLUMNS", "MOST_FEATURES", "Pick", "pick_features"]

# Conventions: 30 strips are what a person looks through.
MOST_FEATURES = 30
MOST_BLOCK_COLUMNS = 1_000
_SAME = 0.95
_FEWEST_ROWS_A_LEVEL = 2  # on average: levels that hardly repeat put no rows together


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
    blocks: Sequence[ColumnBlock] = (),
) -> Pick:
    """Choose what to project first when nobody has chosen.

    A vector column or a block of an image or vector stands by itself. Otherwise numeric and boolean
    features that vary, identify nothing, hold no infinite value and are at most 40 % missing; one
    of each set correlated at .95 or more either way, the one with fewest missing; the first 30 in
    table order. A block of columns counts as one of these and is taken whole, up to 1,000 of its
    columns, evenly spaced beyond. Where there is none of these, the categories whose levels repeat,
    the first 30 in table order: in the map each of their levels is a column.

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
    blocks : sequence of ColumnBlock, optional
        Families of columns.

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
        return _pick_categories(features, summaries, roles, left_out)
    vectors = [name for name in usable if features[name].kind == "vector"]
    if vectors:
        return _pick_vector(
            min(vectors, key=lambda name: summaries[name].missing), usable, left_out
        )
    fit = frozenset(usable)
    block_of = {name: block for block in blocks for name in block.columns if name in fit}
    whole = next((block for block in block_of.values() if block.role in ("image", "vector")), None)
    if whole is not None:
        others = {
            name: _("{block} is taken alone").format(block=whole.name)
            for name in usable
            if block_of.get(name) is not whole
        }
        left_out, block_of = {**left_out, **others}, dict.fromkeys(set(usable) - set(others), whole)
        usable = [name for name in usable if name not in others]
    _thin(usable, block_of, left_out)
    single = [name for name in usable if name not in block_of]
    stands_for = _redundant(single, summaries, correlations, left_out)
    reasons: dict[str, str] = {}
    entries: set[str] = set()
    for name in usable:
        block = block_of.get(name)
        entry = name if block is None else block.name
        if name in left_out:
            continue
        if entry not in entries and len(entries) == MOST_FEATURES:
            left_out[name] = _beyond_the_first()
            continue
        entries.add(entry)
        reasons[name] = (
            _reason(summaries[name], stands_for.get(name, []))
            if block is None
            else _("one of {count:,} columns {block}, taken as a whole").format(
                count=len(block.columns), block=block.name
            )
        )
    return Pick(
        tuple(reasons), reasons, {name: left_out[name] for name in features if name in left_out}
    )


def _thin(usable: list[str], block_of: Mapping[str, ColumnBlock], left_out: dict[str, str]) -> None:
    """Leave out columns of blocks that are too wide, so that evenly spaced ones remain."""
    for block in {block.name: block for block in block_of.values()}.values():
        columns = [name for name in usable if block_of.get(name) is block]
        step = -(-len(columns) // MOST_BLOCK_COLUMNS)
        for place, name in enumerate(columns):
            if place % step:
                left_out[name] = _("one column in {step:,} of {block} is taken").format(
                    step=step, block=block.name
                )


def _unfit(feature: Feature, summary: FeatureSummary) -> str:
    """Say why a feature cannot be picked; an empty string when it can."""
    if _all_missing(summary):
        return _("all missing") if summary.rows else _("no rows")
    if NUMBERS_AS_TEXT in feature.notes and feature.kind != "numeric":
        return _('numbers as text: encode as "number" to use {feature}').format(
            feature=feature.name
        )
    if feature.kind not in ("numeric", "boolean", "vector"):
        return _words_of_kind(feature, summary)
    if summary.constant:
        return _("constant")
    if summary.infinite:
        return ngettext(
            "{count:,} infinite value", "{count:,} infinite values", summary.infinite
        ).format(count=summary.infinite)
    return _too_often_missing(summary)


def _all_missing(summary: FeatureSummary) -> bool:
    return summary.missing == summary.rows


def _too_often_missing(summary: FeatureSummary) -> str:
    share = summary.missing_share
    return _("{share} missing").format(share=percent(share)) if share > MOST_MISSING else ""


def _words_of_kind(feature: Feature, summary: FeatureSummary) -> str:
    if feature.kind == "categorical":
        return _("categorical, {count:,} levels: tick it to add it").format(count=summary.distinct)
    if feature.kind == "temporal":
        return _("a time: tick it to add it")
    return translated(NOT_PROFILED) if NOT_PROFILED in feature.notes else KIND_LABELS[feature.kind]


def _pick_vector(name: str, usable: Iterable[str], left_out: dict[str, str]) -> Pick:
    others = dict.fromkeys(
        (other for other in usable if other != name),
        _("the vector {vector} is taken alone").format(vector=name),
    )
    return Pick((name,), {name: _("a vector column, taken alone")}, {**left_out, **others})


def _pick_categories(
    features: Mapping[str, Feature],
    summaries: Mapping[str, FeatureSummary],
    roles: Mapping[str, str],
    left_out: Mapping[str, str],
) -> Pick:
    """Pick categories, where nothing else can be used."""
    reasons: dict[str, str] = {}
    others = dict(left_out)
    for name, feature in features.items():
        if feature.kind != "categorical" or roles.get(name) or _all_missing(summaries[name]):
            continue
        unfit = _unfit_category(summaries[name])
        if unfit or len(reasons) == MOST_FEATURES:
            others[name] = unfit or _beyond_the_first()
            continue
        reasons[name] = _("categorical, {count:,} levels: no column of numbers can be used").format(
            count=summaries[name].distinct
        )
        del others[name]
    if not reasons:
        raise FeatureError(_nothing(features, left_out))
    return Pick(tuple(reasons), reasons, others)


def _unfit_category(summary: FeatureSummary) -> str:
    """Say why a category cannot be picked; an empty string when it can."""
    if summary.constant:
        return _("constant")
    present = summary.rows - summary.missing
    if summary.distinct > min(MOST_LEVELS, present / _FEWEST_ROWS_A_LEVEL):
        return _("categorical, {count:,} levels: tick it to add it").format(count=summary.distinct)
    return _too_often_missing(summary)


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
        left_out[name] = _("r {r} with {other}, which is used instead").format(
            r=correlation_text(r), other=other
        )
        stands_for.setdefault(other, []).append(name)
    return stands_for


def _reason(summary: FeatureSummary, stands_for: list[str]) -> str:
    kind = _("true or false") if summary.kind == "boolean" else KIND_LABELS["numeric"]
    missing = _("{share} missing").format(share=percent(summary.missing_share))
    parts = [kind, missing if summary.missing else _("complete")]
    if stands_for:
        parts.append(_("used instead of {features}").format(features=list_names(stands_for)))
    return ", ".join(parts)


def _beyond_the_first() -> str:
    return _("beyond the first {count}").format(count=MOST_FEATURES)


def _nothing(features: Mapping[str, Feature], left_out: Mapping[str, str]) -> str:
    kinds = Counter(feature.kind for feature in features.values())
    counted = ", ".join(f"{count} {KIND_LABELS[kind]}" for kind, count in kinds.most_common())
    text = _(
        "expected at least one numeric, boolean or vector feature, or a category of at most "
        "{levels} levels, that varies and is at most {share} missing; found {found}; "
        "name features yourself, times included"
    )
    found = counted or _("none")
    if left_out:
        reasons = [f"{isolated(name)}: {why}" for name, why in left_out.items()]
        found = f"{found} ({list_names(reasons, 3, '; ')})"
    return text.format(levels=MOST_LEVELS, share=percent(MOST_MISSING), found=found)
