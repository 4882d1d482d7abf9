"""The head of the feature list: set, policy, cost, and why it cannot be projected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.feature.projection_parameters import changed_parameters, parameter_fields
from explorer.jobs.forecast import forecast, latest_costs
from explorer.review.controller import ReviewController
from explorer.session.maps.validate_projection import (
    count_by_cause,
    count_noun,
    nothing_to_project,
    too_few_rows,
    validate_projection,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.profile.relations.redundancy import Redundancy
    from explorer.session.session import Session
    from explorer.state.document import Document, Policy
    from explorer.table.table import Table

__all__ = ["projection_status"]

_WORDS = {"start": _("chosen"), "all": _("all usable")}


def projection_status(
    session: Session,
    document: Document,
    sets: Mapping[str, list[str]],
    message: str,
    redundancy: Redundancy | None,
) -> dict[str, Any]:
    """Return what the head of the list shows, as plain JSON.

    Parameters
    ----------
    session : Session
    document : Document
        Its state.
    sets : mapping of str to list of str
        The ready sets: "start" and "all".
    message : str
        What the last request was refused for.
    redundancy : Redundancy or None
        None while it is computed.
    """
    ticked, policy = document.features, document.policy
    failed = session.projection.job.failed if session.projection.job else ""
    refusal = validate_projection(session.table, ticked, policy)
    rows, no_rows = _rows_to_map(session, document)
    current = next((key for key, names in sets.items() if names and set(names) == set(ticked)), "")
    projected = session.projection.settings()
    before, now = (
        _transforms(settings.policy, settings.features) for settings in (projected, document.chosen)
    )
    edits = len(set(ticked) ^ set(projected.features)) + len(before ^ now)
    edits += changed_parameters(document, projected)
    return {
        "name": document.set
        or {"start": _("Chosen features"), "all": _("All usable features")}.get(
            current, "Features"
        ),
        "edits": count_noun(edits, "edit") if edits else "",
        **_saving(session.table, session.part(ReviewController), document),
        "scale": policy.scale,
        "missing": policy.missing if isinstance(policy.missing, str) else "median",
        "method": document.method.name,
        "no_map": nothing_to_project(session.table, ticked)
        or (refusal.words if refusal else no_rows),
        "line": _line(session.table, document, rows),
        "warning": refusal.words
        if refusal
        else message or no_rows or failed or _nearly_one(session.table, ticked, redundancy),
        "untick": len(refusal.names) if refusal else 0,
        "sets": _buttons(session.table, session.start.policy, sets),
        "set": current,
        "as_opened": bool(ticked) and ticked == session.start.features,
        "transforms": dict(now),
        "parameters": parameter_fields(session.table, document),
    }


def _saving(table: Table, reviewing: ReviewController, document: Document) -> dict[str, Any]:
    """Return what is unsaved, and what the form that saves begins with."""
    base, edits = reviewing.base(), reviewing.edits()
    saved = [
        {
            "name": feature_set.id,
            "label": f"{feature_set.id} · {count_noun(len(feature_set.features), 'feature')}",
            "title": feature_set.rationale,
        }
        for feature_set in reversed(reviewing.reviews.sets)
        # one feature in common, as "year", makes no set of this table
        if all(name in table.features for name in feature_set.features)
    ]
    stray = bool(document.set) and base is None and bool(reviewing.reviews.name)
    unsaved = 0 if not edits else len(edits.added) + len(edits.removed) + len(edits.changed)
    return {
        "unsaved": _("not in this store")
        if stray
        else f"+ {count_noun(unsaved, 'edit')} (unsaved)"
        if unsaved
        else "",
        "diff": edits.words if edits else "",
        "kept": saved,
        "save_as": base.name if base else "",
        "rationale": base.rationale if base else "",
        "no_save": _("Tick the features of the set first")
        if not document.features
        else ""
        if base is None or edits
        else _("Nothing has changed since {name}").format(name=base.name),
    }


def _transforms(policy: Policy, features: Sequence[str]) -> set[tuple[str, str]]:
    chosen = policy.transform.items()
    return {(name, text) for name, text in chosen if name in features and text != "none"}


def _buttons(table: Table, policy: Policy, sets: Mapping[str, list[str]]) -> list[dict[str, str]]:
    titles = {
        "start": _("The features this table opens with"),
        "all": " ".join(
            filter(None, [_left_out(table, policy, sets), table.columns.catalogue.table.all])
        ),
    }
    counted_all = len(table.summaries.counted()) >= len(table.column_names)
    so_far = {} if counted_all else {"all": (" " + _("so far"))}
    return [
        {
            "key": key,
            "label": f"{_WORDS[key]} · {len(names):,}{so_far.get(key, '')}",
            "title": titles[key],
        }
        for key, names in sets.items()
        if names
    ]


def _left_out(table: Table, policy: Policy, sets: Mapping[str, list[str]]) -> str:
    taken = set(sets["all"])
    others = [name for name in table.column_names if name not in taken]
    if not others:
        return _("Every column.")
    profiles = table.summaries.counted()
    uncounted = [name for name in others if name not in profiles]
    if uncounted:
        return _("{count:,} left out so far, {uncounted:,} of them not counted yet.").format(
            count=len(others), uncounted=len(uncounted)
        )
    return _("{count:,} left out: {causes}.").format(
        count=len(others), causes=count_by_cause(table, others, policy)
    )


def _rows_to_map(session: Session, document: Document) -> tuple[int | None, str]:
    """Return how many rows the next map is of, None for all, and why there can be none."""
    rows, which = session.rows, document.map_rows
    if which == "all":
        return None, ""
    if which == "same":
        subset = session.projection.settings().rows
        count = None if subset is None else subset.count
    elif which == "selected":
        selection = rows.selection()
        if selection is None:
            return None, _(
                "The next map is of the selected rows, and no row is selected: select some"
            )
        count = selection.count()
    else:
        population = rows.population()
        count = None if population is None else population.count()
    if count is None:
        return None, ""
    return count, too_few_rows(count_noun(count, "row"), count, document.method.name)


def _line(table: Table, document: Document, count: int | None) -> str:
    ticked, method = document.features, document.method
    if not ticked:
        return nothing_to_project(table, ticked)
    costs = latest_costs(table.columns.cache.folder)
    of = table.num_rows if count is None else count
    cost = forecast(of, len(ticked), method.name, method.parameters, costs)
    rows = ""
    if count is not None:
        rows = _("{count:,} of {rows}").format(count=count, rows=count_noun(table.num_rows, "row"))
    elif document.active_filters:
        rows = _("all {rows}, filters do not change the map").format(
            rows=count_noun(table.num_rows, "row")
        )
    ticked_text = _("{ticked:,} of {columns:,} ticked").format(
        ticked=len(ticked), columns=len(table.features)
    )
    return " · ".join(filter(None, [ticked_text, cost.words, rows]))


def _nearly_one(table: Table, ticked: Sequence[str], redundancy: Redundancy | None) -> str:
    groups = redundancy.groups if redundancy else ()
    # neighbouring pixels and channels are alike, and nobody would untick them one by one
    in_blocks = {name for block in table.column_blocks for name in block.columns}
    chosen = set(ticked) - in_blocks
    most = max(([n for n in group if n in chosen] for group in groups), key=len, default=[])
    if len(most) < 2:
        return ""
    labels = list_names([table.features[name].label for name in most], 3)
    return _("{count} of them are near-duplicates: {labels}").format(count=len(most), labels=labels)
