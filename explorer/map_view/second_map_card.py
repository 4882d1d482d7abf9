"""The map beside the first, as the page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.features.kind import countable
from explorer.map_view.map_legend import legend_card
from explorer.map_view.map_overlay import outline_of
from explorer.session.rows.row_search import map_title

if TYPE_CHECKING:
    from explorer.session.session import Session

__all__ = ["second_map_card"]

_MOST_COLUMNS = 400  # of a list to choose from


def second_map_card(session: Session, trouble: str = "") -> dict[str, Any]:
    """Return what the page shows of the second map; empty without one.

    Chooser, colours, legend, and what is still to come.
    """
    second_map, section = session.second_map, session.state.document.second_map
    if section is None:
        return {}
    first, shown = session.projection.shown_key(), second_map.map()
    table = session.table
    columns = [
        [name, table.features[name].label]
        for name in table.column_names
        if countable(table.features[name])
    ]
    # its colours follow its column, so that its legend has no controls
    legend = None
    if shown is not None:
        legend = legend_card(table, session.rows, session.second_scene, shown) | {"fixed": True}
    waiting = "" if second_map.ready or trouble else _("aligning the second map with the first …")
    return {
        "on": True,
        "embeddings": [
            {"key": key, "name": map_title(table.features, embedding)}
            for key, embedding in session.projection.available()
            if key != first
        ],
        "embedding": second_map.other,
        "columns": columns[:_MOST_COLUMNS],
        "column": section.column,
        "changing": session.state.document.layer == "change",
        "message": trouble or waiting,
        "legend": legend,
        "outline": outline_of(session.state, second_map.key),
    }
