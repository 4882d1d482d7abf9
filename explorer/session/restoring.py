"""The document that a link asks for, when it fits the table."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.core.errors import EmbeddingError, ExplorerError, FeatureError, SelectionError
from explorer.core.gettext import _
from explorer.features.kind import countable
from explorer.map.paint.palettes import palette
from explorer.session.maps.specs import specs_of
from explorer.state.link import from_url

if TYPE_CHECKING:
    from explorer.session.rows.selection_resolver import SelectionResolver
    from explorer.state.document import Color, Document
    from explorer.table.table import Table

__all__ = ["check_color", "check_names", "restore_document"]


def restore_document(
    link: str,
    start: Document,
    table: Table,
    resolver: SelectionResolver,
    notes: list[str],
) -> Document:
    """Return the document of a link; the start, with a note, when it cannot be used.

    Parameters
    ----------
    link : str
        Query text.
    start : Document
        The first document, which a link changes.
    table : Table
    resolver : SelectionResolver
    notes : list of str
        What does not fit is added.
    """
    try:
        document = from_url(link, start, notes)
    except ExplorerError as error:
        notes.append(str(error))
        return start
    try:
        _check(document, table, resolver)
    except ExplorerError as error:
        notes.append(f"the link does not fit this table: {error}")
        return start
    if document.row is not None and document.row >= table.num_rows:
        notes.append(
            _("the link names row {row:,}, and the table has {num_rows:,}").format(
                row=document.row, num_rows=table.num_rows
            )
        )
        return replace(document, row=None)
    return document


def check_color(table: Table, column: str | None) -> None:
    """Refuse a column that has no single value for each row."""
    feature = None if column is None else table.features[column]
    if feature is not None and not countable(feature):
        raise FeatureError(
            f"{feature.label!r} ({feature.kind}) has no single value for each row to colour by: "
            "choose another feature"
        )


def check_names(table: Table, before: Document, after: Document) -> None:
    """Refuse columns that a change names for the first time and that the table does not have."""
    if after.color != before.color:
        _check_colours(table, after.color)
    for name in _columns(after) - _columns(before):
        table.columns.feature(name)


def _check_colours(table: Table, color: Color) -> None:
    check_color(table, color.column)
    if color.palette is not None:
        palette(color.palette)


def _columns(document: Document) -> set[str]:
    """Return the columns that are ticked, looked at, listed, or drawn in charts and plots."""
    names = [*document.features, *(document.strips or ()), *(document.table.columns or ())]
    charts = [name for chart in document.tray.charts or () for name in (chart.x, chart.y)]
    shown = *charts, document.feature, document.table.sort
    return {*names, *filter(None, shown), *document.views.columns}


def _check(document: Document, table: Table, resolver: SelectionResolver) -> None:
    """Refuse a document that does not fit the table."""
    for name in _columns(document):
        table.columns.feature(name)
    _check_colours(table, document.color)
    if document.projected is not None:
        specs_of(table, document.projected)
    conditions = [entry.definition for entry in document.filters]
    for definition in [*conditions, *filter(None, [document.selection])]:
        # its map may still come, and what was saved elsewhere is said beside the rows: no reason to
        # refuse the rest
        with suppress(EmbeddingError, SelectionError):
            resolver.rows_of(definition)
