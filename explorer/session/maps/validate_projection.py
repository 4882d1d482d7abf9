"""Why features cannot be projected, all causes at once, before a job starts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.errors import FeatureError
from explorer.core.gettext import _, ngettext, translated
from explorer.core.name_list import list_names
from explorer.core.number_format import percent
from explorer.core.text_direction import isolated
from explorer.embedding.projection_methods import METHODS
from explorer.features.categories import REFUSED_LEVELS
from explorer.features.kind import KIND_LABELS, NOT_PROFILED, NUMBERS_AS_TEXT, ROW_LABEL
from explorer.features.matrix.spec import MOST_MISSING
from explorer.features.roles.role import DEFAULT_MAP_ROLES, ROLES
from explorer.state.document import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explorer.features.kind import Feature
    from explorer.profile.summary import FeatureSummary
    from explorer.selection.row_subset import RowSubset
    from explorer.table.table import Table

__all__ = [
    "Refusal",
    "count_by_cause",
    "count_noun",
    "has_usable_features",
    "nothing_to_project",
    "too_few_rows",
    "unusable_reason",
    "unusable_text",
    "validate_projection",
]

_NAMED = 4
_MISSING = _("over {most_missing} missing").format(most_missing=percent(MOST_MISSING))
_PLURALS = {
    **{
        text.label.lower(): f"{text.label.lower()}s"
        for role, text in ROLES.items()
        if role not in DEFAULT_MAP_ROLES
    },
    "category": "categories",
}


@dataclass(frozen=True)
class Refusal:
    """Features to untick, and why in words."""

    names: list[str]
    words: str

    def error(self) -> FeatureError:
        """Return it as an error."""
        return FeatureError(self.words)


@dataclass(frozen=True)
class _Obstacle:
    """What is in the way of a feature: its cause, as many may share, and words for this one."""

    cause: str
    words: str


def validate_projection(
    table: Table,
    names: Sequence[str],
    policy: Policy,
    rows: RowSubset | None = None,
    method: str = "pca",
) -> Refusal | None:
    """Return what is wrong with these features under a policy; None when nothing is known to be.

    Shares of a sample are no ground for refusing: there the projection itself finds out.

    Parameters
    ----------
    table : Table
    names : sequence of str
        Features.
    policy : Policy
    rows : RowSubset, optional
        Chosen rows, to be mapped alone by ``method``.
    method : str
    """
    if names and table.num_rows < 2:
        return Refusal([], _too_few(table.num_rows))
    if rows is not None and (refused := too_few_rows(rows.name, rows.count, method)):
        return Refusal([], refused)
    features, summaries = table.features, table.summaries
    obstacles = {name: _obstacle(features[name], summaries.peek(name), policy) for name in names}
    in_the_way = {name: obstacle for name, obstacle in obstacles.items() if obstacle is not None}
    if names and not in_the_way and not any(_varies(table.summaries.peek(name)) for name in names):
        in_the_way = dict.fromkeys(names, _Obstacle("constant", "constant"))
    if not in_the_way:
        return None
    # filling otherwise helps against missing values, and against nothing else
    fixed = [name for name, obstacle in in_the_way.items() if obstacle.cause != _MISSING]
    filled = [name for name in in_the_way if name not in fixed]
    advice = [
        (_("Untick"), fixed),
        (_("Untick or choose another treatment of missing values"), filled),
    ]
    sentences = [
        f"{what_to_do}: {_listed(table, group, in_the_way)}"
        for what_to_do, group in advice
        if group
    ]
    return Refusal(list(in_the_way), ". ".join(sentences))


def unusable_reason(feature: Feature, summary: FeatureSummary) -> str:
    """Say in a word why a feature cannot be projected under any policy; empty when it can."""
    for note in (NOT_PROFILED, ROW_LABEL):
        if note in feature.notes:
            return note
    if feature.kind in ("identifier", "text") and NUMBERS_AS_TEXT not in feature.notes:
        return KIND_LABELS[feature.kind]
    if summary.missing == summary.rows:
        return _("all missing")
    if not _varies(summary):
        return _("with infinite values") if summary.infinite else _("constant")
    return ""


def unusable_text(reason: str) -> str:
    """Say in a sentence that a feature cannot be ticked, for a reason of `unusable_reason`."""
    return (
        _("This column cannot draw a map: {reason}").format(reason=translated(reason))
        if reason
        else ""
    )


def has_usable_features(table: Table) -> bool:
    """Say whether any column of a table can draw a map, as far as is counted."""
    return any(
        not unusable_reason(table.features[name], table.summaries.peek(name))
        for name in table.features
    )


def nothing_to_project(table: Table, names: Sequence[str]) -> str:
    """Say in one sentence why these features make no map; empty when one may be tried."""
    if table.num_rows < 2:
        return _too_few(table.num_rows)
    if names:
        return ""
    if has_usable_features(table):
        return _("Tick at least one feature to project.")
    causes = count_by_cause(table, table.column_names, Policy(missing="drop"))
    return (
        _("No column can be projected: {causes}.").format(causes=causes)
        if causes
        else _("This table has no columns.")
    )


def too_few_rows(name: str, count: int, method: str) -> str:
    """Say why so few chosen rows make no map by a method; empty when they are enough."""
    chosen = METHODS[method]
    if count >= chosen.fewest_rows:
        return ""
    others = [way.label for way in METHODS.values() if way.fewest_rows <= count]
    advice = _(", or use {others}").format(others=others[0]) if others else ""
    return _(
        "Too few rows for a map ({name}): {label} needs at least {fewest_rows}. "
        "Choose more rows{advice}."
    ).format(name=name, label=chosen.label, fewest_rows=chosen.fewest_rows, advice=advice)


def count_by_cause(table: Table, names: Iterable[str], policy: Policy) -> str:
    """Say how many features each cause keeps out: "2 identifiers, 3 categories"."""
    roles, features, summaries = table.roles, table.features, table.summaries
    causes = Counter(
        _cause(features[name], summaries.peek(name), policy)
        if roles[name].role in DEFAULT_MAP_ROLES
        else roles[name].label.lower()
        for name in names
    )
    return ", ".join(count_noun(count, cause) for cause, count in causes.most_common())


def count_noun(count: int, noun: str) -> str:
    """Write a count before its noun: "1 row", "2,000 rows"."""
    forms = {
        "row": ngettext("{n:,} row", "{n:,} rows", count),
        "edit": ngettext("{n:,} edit", "{n:,} edits", count),
        "feature": ngettext("{n:,} feature", "{n:,} features", count),
        "ticked feature": ngettext("{n:,} ticked feature", "{n:,} ticked features", count),
    }
    if noun in forms:
        return forms[noun].format(n=count)
    return f"{count:,} {noun if count == 1 else _PLURALS.get(noun, noun)}"


def _cause(feature: Feature, summary: FeatureSummary, policy: Policy) -> str:
    if reason := unusable_reason(feature, summary):
        return reason
    if NUMBERS_AS_TEXT in feature.notes and feature.kind != "numeric":
        return NUMBERS_AS_TEXT
    obstacle = _obstacle(feature, summary, policy)
    kinds = {"categorical": "category", "temporal": "time"}
    return obstacle.cause if obstacle else kinds.get(feature.kind, feature.kind)


def _obstacle(feature: Feature, summary: FeatureSummary, policy: Policy) -> _Obstacle | None:
    if ROW_LABEL in feature.notes:
        return _Obstacle(ROW_LABEL, _("a row label, which may change"))
    encoding = policy.encode.get(feature.name, "auto")
    if not summary.sampled and summary.rows and summary.missing == summary.rows:
        return _Obstacle(_("all missing"), _("all missing"))
    if encoding == "category":
        return None  # asked for by name: its largest levels, and missing is one more
    if encoding == "auto" and feature.kind == "categorical":
        return _too_many_levels(summary)
    unread = NUMBERS_AS_TEXT in feature.notes and feature.kind != "numeric"
    if encoding == "auto" and unread:
        return _Obstacle(NUMBERS_AS_TEXT, _("numbers as text, tick it again to read it as numbers"))
    if encoding == "auto" and feature.kind in ("identifier", "text"):
        return _Obstacle(feature.kind, feature.kind)
    # a sample that holds one is enough to know
    if summary.infinite:
        text = (
            ngettext(
                "at least {count:,} infinite value",
                "at least {count:,} infinite values",
                summary.infinite,
            )
            if summary.sampled
            else ngettext("{count:,} infinite value", "{count:,} infinite values", summary.infinite)
        )
        return _Obstacle(_("with infinite values"), text.format(count=summary.infinite))
    too_much = not summary.sampled and summary.missing_share > MOST_MISSING
    if too_much and _filled(feature.name, policy.missing):
        return _Obstacle(
            _MISSING,
            _("{missing_share} missing").format(missing_share=percent(summary.missing_share)),
        )
    return None


def _too_many_levels(summary: FeatureSummary) -> _Obstacle | None:
    if summary.distinct <= REFUSED_LEVELS:
        return None
    text = (
        _("more than {most:,} levels")
        if summary.sampled
        else _("{distinct:,} levels, more than {most:,}")
    )
    return _Obstacle(
        _("over {most:,} levels").format(most=REFUSED_LEVELS),
        text.format(distinct=summary.distinct, most=REFUSED_LEVELS),
    )


def _filled(name: str, missing: str | Mapping[str, str]) -> bool:
    """Say whether a feature is filled with its median without having been named for it."""
    if isinstance(missing, str):
        return missing == "median"
    return name not in missing and missing.get("*", "median") == "median"


def _varies(summary: FeatureSummary) -> bool:
    """Say whether a feature tells rows apart.

    The different lists of a vector are not counted, so a vector may.
    """
    return summary.distinct > 1 or summary.kind == "vector"


def _listed(table: Table, names: list[str], obstacles: dict[str, _Obstacle]) -> str:
    reasons = [f"{isolated(table.features[name].label)}: {obstacles[name].words}" for name in names]
    return list_names(reasons, _NAMED, "; ")


def _too_few(rows: int) -> str:
    if rows == 0:
        return _("This table has 0 rows: there is nothing to map.")
    return _("This table has {rows}: a map needs at least 2.").format(rows=count_noun(rows, "row"))
