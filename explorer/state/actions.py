"""The named actions: each is a pure function from a document, and its arguments, to a document.

Actions only say what changes; `explorer.state.document.checked` judges the result.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError, unknown_name
from explorer.state.document import PROJECTED, Document, need, one_of, plain_color
from explorer.state.experiment_state import plain_experiment
from explorer.state.model_state import VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ACTIONS", "check_arguments"]

ACTIONS: dict[str, Callable[..., Document]] = {}


def _action(function: Callable[..., Document]) -> Callable[..., Document]:
    ACTIONS[function.__name__] = function
    return function


@_action
def set_features(document: Document, /, names: list[str]) -> Document:
    """Choose the features of the next projection, in order; a repeated name counts once."""
    need(
        isinstance(names, list) and all(isinstance(n, str) for n in names),
        "features",
        "a list of names",
        names,
    )
    return {**document, "features": list(dict.fromkeys(names))}


@_action
def toggle_feature(
    document: Document, /, name: str, on: bool, encode: str | None = None
) -> Document:
    """Add one feature at the end of the chosen ones, read as ``encode`` says, or take it out."""
    others = [n for n in document["features"] if n != name]
    if not on:
        return {**document, "features": others}
    if encode is not None:
        policy = document["policy"]
        document = {**document, "policy": {**policy, "encode": {**policy["encode"], name: encode}}}
    return document if name in document["features"] else {**document, "features": [*others, name]}


@_action
def open_set(
    document: Document,
    /,
    name: str | None,
    features: list[str] | None = None,
    policy: Document | None = None,
) -> Document:
    """Open a feature set, as "core@3": its features and policy, where they are given."""
    document = {**document, "set": name}
    if features is not None:
        document = set_features(document, names=features)
    return document if policy is None else set_policy(document, **policy)


@_action
def set_policy(
    document: Document,
    /,
    scale: str | None = None,
    missing: str | None = None,
    transform: dict[str, Any] | None = None,
    weights: dict[str, float] | None = None,
    encode: dict[str, str] | None = None,
) -> Document:
    """Change how columns become a matrix; what is not given stays, an empty mapping clears."""
    given = {
        "scale": scale,
        "missing": missing,
        "transform": transform,
        "weights": weights,
        "encode": encode,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    return {**document, "policy": {**document["policy"], **changes}}


@_action
def set_method(document: Document, /, name: str, **parameters: Any) -> Document:
    """Choose the projection method and all its parameters; ``random_state`` stays unless given."""
    seed = parameters.pop("random_state", document["method"]["random_state"])
    return {**document, "method": {"name": name, "parameters": parameters, "random_state": seed}}


@_action
def project(document: Document, /) -> Document:
    """Make the map of the chosen features, with their policy and method.

    The whole new map comes into view.
    """
    projected = {key: document[key] for key in PROJECTED}
    return {**document, "projected": projected, "embedding": None, "viewport": None}


@_action
def set_strips(document: Document, /, names: list[str] | None) -> Document:
    """Choose the columns shown as strips beside the rows; None shows the automatic ones."""
    return {**document, "strips": names}


@_action
def show_embedding(
    document: Document, /, key: str | None, projected: Document | None = None
) -> Document:
    """Show an embedding: "pca", "umap", the key of a finished one, or None.

    The whole map comes into view.

    ``projected`` says what it was made of, where that is not what was projected last.
    """
    made_of = document["projected"] if projected is None else projected
    return {**document, "embedding": key, "projected": made_of, "viewport": None}


@_action
def set_color(document: Document, /, column: str | None, **options: Any) -> Document:
    """Colour by a column, or by density with None.

    Options: ``scale`` (auto, linear, log, rank), ``reverse``, ``clip`` ([low, high] in per cent of
    the rows), ``palette``, ``locked`` (the ends [low, high] of the scale, held whatever is looked
    at), ``center`` (the value of the middle colour). Another column starts from the defaults, the
    same column keeps what is not given.
    """
    present = document["color"]
    base = present if present["column"] == column else plain_color(column)
    for option in options:
        if option not in base or option == "column":
            raise unknown_name(
                "argument of set_color", option, [key for key in base if key != "column"]
            )
    return {**document, "color": {**base, **options}}


@_action
def set_layer(document: Document, /, name: str | None) -> Document:
    """Draw "trust", "change" or "drift" in place of the colours; None draws the colours.

    "trust" and "change" are of the map's neighbourhoods, "drift" is of rows.
    """
    return {**document, "layer": name}


@_action
def show_beside(document: Document, /, on: bool = True, **options: Any) -> Document:
    """Show a second map beside the first.

    ``embedding`` is its key (None: the same map), ``column`` gives its colours (None: the same).

    ``projected`` says what the second map was made of, so that it can be made again.
    """
    if not on:
        layer = None if document["layer"] == "change" else document["layer"]
        return {**document, "beside": None, "layer": layer}
    base = {"embedding": None, "column": None, "projected": None, **(document["beside"] or {})}
    if "embedding" in options:
        base["projected"] = None
    for option in options:
        one_of(option, base, "argument of show_beside")
    return {**document, "beside": {**base, **options}}


@_action
def set_viewport(
    document: Document, x_range: list[float] | None, y_range: list[float] | None = None
) -> Document:
    """Show these ranges of the map's coordinates; None for both shows the whole map."""
    whole = x_range is None and y_range is None
    return {**document, "viewport": None if whole else {"x": x_range, "y": y_range}}


@_action
def select(document: Document, /, selection: Document | None, mode: str = "replace") -> Document:
    """Select rows by the definition of a selection.

    "add", "remove" and "intersect" combine it with the present one.
    """
    one_of(mode, ("replace", "add", "remove", "intersect"), "mode of select")
    present = document["selection"]
    if mode == "replace" or (present is None and mode in ("add", "intersect")):
        chosen = selection
    elif present is None or selection is None:
        chosen = present
    elif mode == "add":
        chosen = _joined("or", present, selection)
    elif mode == "intersect":
        chosen = _joined("and", present, selection)
    else:
        chosen = _joined("and", present, {"not": selection})
    return {**document, "selection": chosen}


@_action
def invert_selection(document: Document, /) -> Document:
    """Select the rows that are not selected; where nothing is selected, nothing changes.

    Twice gives the first selection.
    """
    match document["selection"]:
        case None:
            return document
        case {"not": inner}:
            return {**document, "selection": inner}
        case present:
            return {**document, "selection": {"not": present}}


@_action
def add_filter(
    document: Document,
    /,
    id: str,  # noqa: A002  the name in the document
    expression: str | None = None,
    column: str | None = None,
    levels: list[Any] | None = None,
    range: list[float] | None = None,  # noqa: A002  the name in the document
    rows: Document | None = None,
) -> Document:
    """Hide all rows but those of an expression, levels, a closed range, or a selection.

    A filter of the same id is replaced in its place.
    """
    given = {
        "expression": expression,
        "column": column,
        "levels": levels,
        "range": range,
        "rows": rows,
    }
    new = {
        "id": id,
        "on": True,
        **{key: value for key, value in given.items() if value is not None},
    }
    filters = document["filters"]
    if any(f["id"] == id for f in filters):
        return {**document, "filters": [new if f["id"] == id else f for f in filters]}
    return {**document, "filters": [*filters, new]}


@_action
def switch_filter(document: Document, /, id: str, on: bool) -> Document:  # noqa: A002  the name in the document
    """Switch a filter on or off; it stays in its place."""
    _known_filter(document, id)
    return {
        **document,
        "filters": [{**f, "on": on} if f["id"] == id else f for f in document["filters"]],
    }


@_action
def remove_filter(document: Document, /, id: str) -> Document:  # noqa: A002  the name in the document
    """Take a filter away."""
    _known_filter(document, id)
    return {**document, "filters": [f for f in document["filters"] if f["id"] != id]}


@_action
def store_group(
    document: Document,
    /,
    which: str,
    rows: Document,
    count: int,
    name: str = "",
    seen: dict[str, str] | None = None,
    unit: str | None = None,
) -> Document:
    """Keep rows as group "a" or "b": their definition, count, and what was used to choose them.

    With a unit, groups are compared by it.
    """
    one_of(which, ("a", "b"), "group")
    group = {"name": name, "rows": rows, "count": count, "seen": seen or {}}
    asked = document["compare"] if unit is None else {**document["compare"], "unit": unit}
    return {**document, "groups": {**document["groups"], which: group}, "compare": asked}


@_action
def name_group(document: Document, /, which: str, name: str) -> Document:
    """Name group "a" or "b"."""
    one_of(which, ("a", "b"), "group")
    group = document["groups"][which]
    need(group is not None, f"group {which.upper()}", "one that is stored", group)
    return {**document, "groups": {**document["groups"], which: {**group, "name": name}}}


@_action
def forget_group(document: Document, /, which: str) -> Document:
    """Let go of group "a" or "b"."""
    one_of(which, ("a", "b"), "group")
    return {**document, "groups": {**document["groups"], which: None}}


@_action
def set_compare(document: Document, /, **options: Any) -> Document:
    """Choose how groups are compared: ``margin``, ``unit``, ``adjust``; what is not given stays."""
    for option in options:
        one_of(option, document["compare"], "argument of set_compare")
    return {**document, "compare": {**document["compare"], **options}}


@_action
def set_experiment(document: Document, /, **options: Any) -> Document:
    """Choose how an experiment is read, or what of it is looked at; what is not given stays."""
    for option in options:
        one_of(option, document["experiment"], "argument of set_experiment")
    # whoever chooses between one experiment and many has left the wall that one came from
    back = {"wall": None} if "experiments" in options else {}
    return {**document, "experiment": {**document["experiment"], **back, **options}}


@_action
def open_experiment(
    document: Document, /, look: Document | None = None, **condition: Any
) -> Document:
    """Read one experiment of several alone.

    ``levels`` or ``range`` of the column that names it become that column's filter.

    What was filtered on that column before is kept beside, for the way back. ``look`` is what of it
    is looked at, as far as it is given.
    """
    section = document["experiment"]
    column = section["experiments"]
    need(isinstance(column, str), "experiments", "a column that names experiments", column)
    name = f"column:{column}"
    before = next((f for f in document["filters"] if f["id"] == name), None)
    looked = {**section["look"], "segment": None, **(look or {})}
    alone = {
        **section,
        "experiments": None,
        "wall": {"column": column, "filter": before},
        "look": looked,
    }
    return {**add_filter(document, id=name, column=column, **condition), "experiment": alone}


@_action
def show_wall(document: Document, /) -> Document:
    """Go back from one experiment to all, with the filter that was on its column then."""
    section = document["experiment"]
    wall = section["wall"]
    need(wall is not None, "wall", "an experiment that was opened from a wall", wall)
    name, before = f"column:{wall['column']}", [wall["filter"]] if wall["filter"] else []
    # a chip keeps its place; one that was taken away meanwhile comes last
    filters = [entry for f in document["filters"] for entry in (before if f["id"] == name else [f])]
    filters += [entry for entry in before if entry not in filters]
    return {
        **document,
        "filters": filters,
        "experiment": {**section, "experiments": wall["column"], "wall": None},
    }


@_action
def set_models(document: Document, /, view: str, **options: Any) -> Document:
    """Open a view of models and choose what it reads; what is not given stays."""
    one_of(view, VIEWS, "view of models")
    for option in options:
        one_of(option, document["models"][view], f"argument of set_models for {view}")
    section = {**document["models"], "view": view, view: {**document["models"][view], **options}}
    return {**document, "models": section}


@_action
def show_regions(document: Document, /, on: bool) -> Document:
    """Show or hide the names of regions on the map."""
    return {**document, "regions": on}


@_action
def set_table(document: Document, /, **options: Any) -> Document:
    """Choose how rows are listed: ``columns``, ``sort``, ``descending``.

    What is not given stays.
    """
    for option in options:
        one_of(option, document["table"], "argument of set_table")
    return {**document, "table": {**document["table"], **options}}


@_action
def restore(document: Document, /, state: Document) -> Document:
    """Become another whole document, as of a saved session; the theme stays."""
    known = {name: value for name, value in state.items() if name in document}
    # of an older version: options that came later are at their defaults
    for name, defaults in (("color", plain_color(None)), ("experiment", plain_experiment())):
        if isinstance(known.get(name), dict):
            known[name] = {**defaults, **known[name]}
    return {**document, **known, "theme": document["theme"]}


@_action
def set_theme(document: Document, /, theme: str) -> Document:
    """Light or dark."""
    return {**document, "theme": theme}


@_action
def set_tab(document: Document, /, name: str) -> Document:
    """Show one of the tabs in the centre."""
    return {**document, "tab": name}


@_action
def look_at(document: Document, /, name: str | None, tab: str | None = "Feature") -> Document:
    """Make a feature the current one, and show its tab; ``tab`` None stays where one is."""
    return {**document, "feature": name, "tab": document["tab"] if tab is None else tab}


@_action
def look_at_row(document: Document, /, row: int | None, tab: str | None = None) -> Document:
    """Look at a row of the table, by its number, or at none; ``tab`` None stays where one is."""
    return {**document, "row": row, "tab": document["tab"] if tab is None else tab}


def _joined(operator: str, first: Document, second: Document) -> Document:
    # One flat list for a run of the same operator: a long lasso session must not nest without end.
    parts = first[operator] if set(first) == {operator} else [first]
    return {operator: [*parts, second]}


def _known_filter(document: Document, /, name: str) -> None:
    names = [f["id"] for f in document["filters"]]
    if name not in names:
        raise unknown_name("filter", name, names)


def check_arguments(name: str, arguments: Document) -> None:
    """Refuse arguments that an action does not take, and missing ones that it needs.

    Raises
    ------
    UnknownName
        With the nearest argument that exists.
    ExplorerError
        Naming what is missing.
    """
    parameters = list(inspect.signature(ACTIONS[name]).parameters.values())[1:]
    names = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    open_ended = len(names) < len(parameters)
    for argument in arguments:
        if argument not in names and not open_ended:
            raise unknown_name(f"argument of {name}", argument, names)
    missing = [
        p.name
        for p in parameters
        if p.default is p.empty and p.name in names and p.name not in arguments
    ]
    if missing:
        raise ExplorerError(f"{name} needs {' and '.join(missing)}: give it by name")
