"""The actions: each is a pure function from a document, and its arguments, to a document.

``state.act(set_tab, name="Rows")`` applies one: the type checker knows each action and its
arguments, and `explorer.state.action_arguments` checks what a browser or a file gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Unpack

from explorer.core.errors import ExplorerError, unknown_name
from explorer.selection.row_subset import RowSubset
from explorer.state.convert import as_json, convert, need
from explorer.state.definition import Definition
from explorer.state.document import (
    Color,
    ColorOptions,
    CompareOptions,
    Document,
    Group,
    Groups,
    Layer,
    MapRows,
    Method,
    Missing,
    Policy,
    ProjectionSettings,
    Range,
    RowTableOptions,
    Scale,
    SecondMapOptions,
    SecondMapSettings,
    ShownComparison,
    Tab,
    Theme,
    Viewport,
)
from explorer.state.experiment_settings import (
    ExperimentCell,
    ExperimentOptions,
    ExperimentOrigin,
    RegionLevel,
)
from explorer.state.filter import Filter
from explorer.state.model_settings import (
    DriftOptions,
    EngagementOptions,
    ModelView,
    PerformanceOptions,
    RankingOptions,
)
from explorer.state.tray_settings import Chart
from explorer.state.view_settings import (
    ComparisonLayout,
    ComparisonOrder,
    ComparisonViewOptions,
    ExperimentPlotName,
    ExperimentViewOptions,
    FeatureListView,
    FeatureOrder,
    FeatureViewOptions,
    HistogramScale,
    ItemListViewOptions,
    ItemOrder,
    PairShade,
    PairViewOptions,
    SegmentOrder,
)

__all__ = [
    "ComparisonLayout",
    "ComparisonOrder",
    "ExperimentPlotName",
    "FeatureOrder",
    "GroupName",
    "HistogramScale",
    "ItemOrder",
    "Layer",
    "MapRows",
    "Missing",
    "ModelView",
    "PairShade",
    "RegionLevel",
    "Scale",
    "SegmentOrder",
    "SelectMode",
    "Tab",
    "add_filter",
    "forget_group",
    "invert_selection",
    "look_at",
    "look_at_row",
    "name_group",
    "open_experiment",
    "open_set",
    "project",
    "remove_filter",
    "restore",
    "select",
    "set_charts",
    "set_color",
    "set_compare",
    "set_comparison_view",
    "set_drift",
    "set_engagement",
    "set_experiment",
    "set_experiment_view",
    "set_feature_order",
    "set_feature_view",
    "set_features",
    "set_item_view",
    "set_layer",
    "set_map_rows",
    "set_method",
    "set_models",
    "set_pair_view",
    "set_performance",
    "set_policy",
    "set_ranking",
    "set_relevance_target",
    "set_strips",
    "set_tab",
    "set_table",
    "set_theme",
    "set_viewport",
    "show_comparison",
    "show_embedding",
    "show_experiments",
    "show_regions",
    "show_second_map",
    "show_tray",
    "store_group",
    "switch_filter",
    "toggle_feature",
]

GroupName = Literal["a", "b"]
SelectMode = Literal["replace", "add", "remove", "intersect"]


# --- features, policy, method


def set_features(document: Document, /, names: Sequence[str]) -> Document:
    """Choose the features of the next projection, in order; a repeated name counts once."""
    return replace(document, features=tuple(dict.fromkeys(names)))


def toggle_feature(
    document: Document, /, name: str, on: bool, encode: str | None = None
) -> Document:
    """Add one feature at the end of the chosen ones, read as ``encode`` says, or take it out."""
    others = tuple(feature for feature in document.features if feature != name)
    if not on:
        return replace(document, features=others)
    if encode is not None:
        encodings = {**document.policy.encode, name: encode}
        document = replace(document, policy=replace(document.policy, encode=encodings))
    present = name in document.features
    return document if present else replace(document, features=(*others, name))


def open_set(
    document: Document,
    /,
    name: str | None,
    features: Sequence[str] | None = None,
    policy: dict[str, Any] | None = None,
) -> Document:
    """Open a feature set, as "core@3": its features and policy, where they are given."""
    document = replace(document, set=name)
    if features is not None:
        document = set_features(document, names=features)
    if policy is None:
        return document
    values = {**as_json(document.policy, "policy"), **policy}
    return replace(document, policy=convert(values, Policy, "policy"))


def set_policy(
    document: Document,
    /,
    scale: Scale | None = None,
    missing: Missing | Mapping[str, Missing] | None = None,
    transform: Mapping[str, str] | None = None,
    weights: Mapping[str, int | float] | None = None,
    encode: Mapping[str, str] | None = None,
) -> Document:
    """Change how columns become a matrix; what is not given stays, an empty mapping clears."""
    present = document.policy
    policy = Policy(
        scale=present.scale if scale is None else scale,
        missing=present.missing if missing is None else missing,
        transform=present.transform if transform is None else transform,
        weights=present.weights if weights is None else weights,
        encode=present.encode if encode is None else encode,
    )
    return replace(document, policy=policy)


def set_method(
    document: Document,
    /,
    name: str,
    random_state: int | Literal["same"] | None = "same",
    **parameters: str | int | float | None,
) -> Document:
    """Choose the projection method and all its parameters; ``random_state`` stays unless given."""
    seed = document.method.random_state if random_state == "same" else random_state
    return replace(document, method=Method(name=name, parameters=parameters, random_state=seed))


# --- the map


def set_map_rows(document: Document, /, rows: MapRows) -> Document:
    """Choose the rows of the next map: "same" as the map shown, "all", "shown", "selected"."""
    return replace(document, map_rows=rows)


def project(
    document: Document,
    /,
    rows: RowSubset | None = None,
    above: ProjectionSettings | None = None,
    aligned_to: str | None = None,
) -> Document:
    """Make the map of the chosen features, with their policy and method.

    The whole new map comes into view.

    ``rows`` are those it is of, None all; ``above`` is the map on which they were chosen, and
    ``aligned_to`` the key of the one onto which it is laid.
    """
    projected = replace(document.chosen, rows=rows, above=above, aligned_to=aligned_to)
    return replace(document, projected=projected, embedding=None, viewport=None)


def show_embedding(
    document: Document, /, key: str | None, projected: ProjectionSettings | None = None
) -> Document:
    """Show an embedding: "pca", "umap", the key of a finished one, or None.

    The whole map comes into view.

    ``projected`` says what it was made of, where that is not what was projected last.
    """
    made_of = document.projected if projected is None else projected
    return replace(document, embedding=key, projected=made_of, viewport=None)


def set_color(
    document: Document, /, column: str | None, **options: Unpack[ColorOptions]
) -> Document:
    """Colour by a column, or by density with None.

    Options: ``scale`` (auto, linear, log, rank), ``reverse``, ``clip`` ([low, high] in per cent of
    the rows), ``palette``, ``locked`` (the ends [low, high] of the scale, held whatever is looked
    at), ``center`` (the value of the middle colour). Another column starts from the defaults, the
    same column keeps what is not given.
    """
    base = document.color if document.color.column == column else Color(column=column)
    return replace(document, color=replace(base, **options))


def set_layer(document: Document, /, name: Layer | None) -> Document:
    """Draw "trust", "change" or "drift" in place of the colours; None draws the colours.

    "trust" and "change" are of the map's neighbourhoods, "drift" is of rows.
    """
    return replace(document, layer=name)


def show_second_map(
    document: Document, /, on: bool = True, **options: Unpack[SecondMapOptions]
) -> Document:
    """Show a second map beside the first.

    ``embedding`` is its key (None: the same map), ``column`` gives its colours (None: the same).

    ``projected`` says what the second map was made of, so that it can be made again.
    """
    if not on:
        layer = None if document.layer == "change" else document.layer
        return replace(document, second_map=None, layer=layer)
    base = document.second_map or SecondMapSettings()
    if "embedding" in options:
        base = replace(base, projected=None)
    return replace(document, second_map=replace(base, **options))


def set_viewport(
    document: Document, /, x_range: Range | None, y_range: Range | None = None
) -> Document:
    """Show these ranges of the map's coordinates; None for both shows the whole map."""
    if x_range is None and y_range is None:
        return replace(document, viewport=None)
    for axis, ends in (("x", x_range), ("y", y_range)):
        need(ends is not None, f"the viewport's {axis}", "[low, high] with low ≤ high", ends)
    viewport = Viewport(x=x_range or (0, 0), y=y_range or (0, 0))
    return replace(document, viewport=viewport)


def show_regions(document: Document, /, on: bool) -> Document:
    """Show or hide the names of regions on the map."""
    return replace(document, regions=on)


# --- rows


def select(
    document: Document, /, selection: Definition | None, mode: SelectMode = "replace"
) -> Document:
    """Select rows by the definition of a selection.

    "add", "remove" and "intersect" combine it with the present one.
    """
    present = document.selection
    if mode == "replace" or (present is None and mode in ("add", "intersect")):
        combined = selection
    elif present is None or selection is None:
        combined = present
    elif mode == "add":
        combined = _joined("or", present, selection)
    elif mode == "intersect":
        combined = _joined("and", present, selection)
    else:
        combined = _joined("and", present, {"not": selection})
    return replace(document, selection=combined)


def invert_selection(document: Document, /) -> Document:
    """Select the rows that are not selected; where nothing is selected, nothing changes.

    Twice gives the first selection.
    """
    match document.selection:
        case None:
            return document
        case {"not": inner}:
            return replace(document, selection=inner)
        case present:
            return replace(document, selection={"not": present})


def add_filter(
    document: Document,
    /,
    id: str,  # noqa: A002  the name in the document
    expression: str | None = None,
    column: str | None = None,
    levels: tuple[str | None, ...] | None = None,
    range: Range | None = None,  # noqa: A002  the name in the document
    rows: Definition | None = None,
) -> Document:
    """Hide all rows but those of an expression, levels, a closed range, or a selection.

    A filter of the same id is replaced in its place.
    """
    new = Filter(id=id, expression=expression, column=column, levels=levels, range=range, rows=rows)
    filters = document.filters
    if any(entry.id == id for entry in filters):
        replaced = tuple(new if entry.id == id else entry for entry in filters)
        return replace(document, filters=replaced)
    return replace(document, filters=(*filters, new))


def switch_filter(document: Document, /, id: str, on: bool) -> Document:  # noqa: A002  the name in the document
    """Switch a filter on or off; it stays in its place."""
    _known_filter(document, id)
    filters = (replace(entry, on=on) if entry.id == id else entry for entry in document.filters)
    return replace(document, filters=tuple(filters))


def remove_filter(document: Document, /, id: str) -> Document:  # noqa: A002  the name in the document
    """Take a filter away."""
    _known_filter(document, id)
    return replace(document, filters=tuple(entry for entry in document.filters if entry.id != id))


def set_strips(document: Document, /, names: Sequence[str] | None) -> Document:
    """Choose the columns shown as strips beside the rows; None shows the automatic ones."""
    return replace(document, strips=None if names is None else tuple(names))


def set_table(document: Document, /, **options: Unpack[RowTableOptions]) -> Document:
    """Choose how rows are listed: ``columns``, ``sort``, ``descending``.

    What is not given stays.
    """
    return replace(document, table=replace(document.table, **options))


def show_tray(document: Document, /, on: bool) -> Document:
    """Open or close the rows and charts under the map."""
    return replace(document, tray=replace(document.tray, open=on))


def set_charts(document: Document, /, charts: tuple[Chart, ...] | None) -> Document:
    """Choose the charts under the map, at most four; None shows the automatic ones."""
    return replace(document, tray=replace(document.tray, charts=charts))


# --- groups


def store_group(
    document: Document,
    /,
    which: GroupName,
    rows: Definition,
    count: int,
    name: str = "",
    seen: Mapping[str, str] | None = None,
    unit: str | None = None,
) -> Document:
    """Keep rows as group "a" or "b": their definition, count, and what was used to choose them.

    With a unit, groups are compared by it.
    """
    group = Group(name=name, rows=rows, count=count, seen=seen or {})
    settings = document.compare if unit is None else replace(document.compare, unit=unit)
    return replace(_with_group(document, which, group), compare=settings)


def name_group(document: Document, /, which: GroupName, name: str) -> Document:
    """Name group "a" or "b"."""
    group = document.groups.a if which == "a" else document.groups.b
    if group is None:
        raise ExplorerError(f"group {which.upper()} must be one that is stored, not null")
    return _with_group(document, which, replace(group, name=name))


def forget_group(document: Document, /, which: GroupName) -> Document:
    """Let go of group "a" or "b"."""
    return _with_group(document, which, None)


def set_compare(document: Document, /, **options: Unpack[CompareOptions]) -> Document:
    """Choose how groups are compared: ``margin``, ``unit``, ``adjust``; what is not given stays."""
    return replace(document, compare=replace(document.compare, **options))


def show_comparison(document: Document, /, key: str, feature: str | None = None) -> Document:
    """Show a saved comparison, by its key, and look at a feature of it."""
    return replace(document, comparison=ShownComparison(key=key, feature=feature))


# --- experiments


def set_experiment(document: Document, /, **options: Unpack[ExperimentOptions]) -> Document:
    """Choose how an experiment is read, or what of it is looked at; what is not given stays."""
    section = replace(document.experiment, **options)
    # whoever chooses between one experiment and many has left the grid that one came from
    if "experiments" in options:
        section = replace(section, opened_from=None)
    return replace(document, experiment=section)


def open_experiment(
    document: Document,
    /,
    look: dict[str, Any] | None = None,
    levels: tuple[str | None, ...] | None = None,
    range: Range | None = None,  # noqa: A002  the name in the document
) -> Document:
    """Read one experiment of several alone.

    ``levels`` or ``range`` of the column that names them become that column's filter.

    What was filtered on that column before is kept, for the way back. ``look`` is what of it
    is looked at, as far as it is given.
    """
    section = document.experiment
    column = section.experiments
    if column is None:
        raise ExplorerError("experiments must be a column that names experiments, not null")
    name = f"column:{column}"
    before = next((entry for entry in document.filters if entry.id == name), None)
    cell = {**as_json(section.look, "look"), "segment": None, **(look or {})}
    alone = replace(
        section,
        experiments=None,
        opened_from=ExperimentOrigin(column=column, filter=before),
        look=convert(cell, ExperimentCell, "look"),
    )
    filtered = add_filter(document, id=name, column=column, levels=levels, range=range)
    return replace(filtered, experiment=alone)


def show_experiments(document: Document, /) -> Document:
    """Go back from one experiment to all, with the filter that was on its column then."""
    section = document.experiment
    origin = section.opened_from
    if origin is None:
        raise ExplorerError(
            "opened_from must be the grid that an experiment was opened from, not null"
        )
    name, before = f"column:{origin.column}", () if origin.filter is None else (origin.filter,)
    # a filter keeps its place; one that was taken away meanwhile comes last
    filters = tuple(
        replacement
        for entry in document.filters
        for replacement in (before if entry.id == name else (entry,))
    )
    filters += tuple(entry for entry in before if entry not in filters)
    section = replace(section, experiments=origin.column, opened_from=None)
    return replace(document, filters=filters, experiment=section)


# --- models


def set_models(document: Document, /, view: ModelView) -> Document:
    """Open a view of models."""
    return replace(document, models=replace(document.models, view=view))


def set_performance(document: Document, /, **options: Unpack[PerformanceOptions]) -> Document:
    """Open the view of performance and choose what it reads; what is not given stays."""
    section = replace(document.models.performance, **options)
    models = replace(document.models, view="performance", performance=section)
    return replace(document, models=models)


def set_drift(document: Document, /, **options: Unpack[DriftOptions]) -> Document:
    """Open the view of drift and choose what it reads; what is not given stays."""
    section = replace(document.models.drift, **options)
    return replace(document, models=replace(document.models, view="drift", drift=section))


def set_engagement(document: Document, /, **options: Unpack[EngagementOptions]) -> Document:
    """Open the view of engagement and choose what it reads; what is not given stays."""
    section = replace(document.models.engagement, **options)
    models = replace(document.models, view="engagement", engagement=section)
    return replace(document, models=models)


def set_ranking(document: Document, /, **options: Unpack[RankingOptions]) -> Document:
    """Open the view of ranking and choose what it reads; what is not given stays."""
    section = replace(document.models.ranking, **options)
    return replace(document, models=replace(document.models, view="ranking", ranking=section))


# --- the page


def restore(document: Document, /, state: Document) -> Document:
    """Become another whole document, as of a saved session; the theme stays."""
    return replace(state, theme=document.theme)


def set_theme(document: Document, /, theme: Theme) -> Document:
    """Light or dark."""
    return replace(document, theme=theme)


def set_tab(document: Document, /, name: Tab) -> Document:
    """Show one of the tabs in the centre."""
    return replace(document, tab=name)


def look_at(document: Document, /, name: str | None, tab: Tab | None = "Feature") -> Document:
    """Make a feature the current one, and show its tab; ``tab`` None stays where one is."""
    views = document.views
    if name != document.feature:  # a suggested transform is that of one feature
        views = replace(views, feature=replace(views.feature, transformed=False))
    tab = document.tab if tab is None else tab
    return replace(document, feature=name, tab=tab, views=views)


def look_at_row(document: Document, /, row: int | None, tab: Tab | None = None) -> Document:
    """Look at a row of the table, by its number, or at none; ``tab`` None stays where one is."""
    return replace(document, row=row, tab=document.tab if tab is None else tab)


# --- how lists and plots are shown


def set_pair_view(document: Document, /, **options: Unpack[PairViewOptions]) -> Document:
    """Choose the pair of features that is shown together, and how; what is not given stays."""
    pair = replace(document.views.pair, **options)
    return replace(document, views=replace(document.views, pair=pair))


def set_relevance_target(document: Document, /, name: str | None) -> Document:
    """Choose the column whose relevance is shown in the tab Together."""
    return replace(document, views=replace(document.views, target=name))


def set_feature_view(document: Document, /, **options: Unpack[FeatureViewOptions]) -> Document:
    """Choose how the plots of a feature are drawn; what is not given stays."""
    feature = replace(document.views.feature, **options)
    return replace(document, views=replace(document.views, feature=feature))


def set_feature_order(
    document: Document, /, order: FeatureOrder, target: str | None = None
) -> Document:
    """Choose the order of the features on the right; ``target`` is the one of "relevance"."""
    features = FeatureListView(order=order, target=target)
    return replace(document, views=replace(document.views, features=features))


def set_experiment_view(
    document: Document, /, **options: Unpack[ExperimentViewOptions]
) -> Document:
    """Choose the plots of an experiment, and the order of its segments."""
    experiment = replace(document.views.experiment, **options)
    return replace(document, views=replace(document.views, experiment=experiment))


def set_item_view(document: Document, /, **options: Unpack[ItemListViewOptions]) -> Document:
    """Choose the order of the items of engagement, and of which segment they are."""
    items = replace(document.views.items, **options)
    return replace(document, views=replace(document.views, items=items))


def set_comparison_view(
    document: Document, /, **options: Unpack[ComparisonViewOptions]
) -> Document:
    """Choose the order of the features of a comparison, and whether they are bars or a volcano."""
    comparison = replace(document.views.comparison, **options)
    return replace(document, views=replace(document.views, comparison=comparison))


def _with_group(document: Document, /, which: GroupName, group: Group | None) -> Document:
    groups = document.groups
    present = Groups(a=group, b=groups.b) if which == "a" else Groups(a=groups.a, b=group)
    return replace(document, groups=present)


def _joined(operator: str, first: Definition, second: Definition) -> Definition:
    # One flat list for a run of the same operator: a long lasso session must not nest without end.
    parts = first[operator] if set(first) == {operator} else [first]
    return {operator: [*parts, second]}


def _known_filter(document: Document, /, name: str) -> None:
    names = [entry.id for entry in document.filters]
    if name not in names:
        raise unknown_name("filter", name, names)
