"""The row under the pointer, with the few values that say what it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.map.geometry import pick
from explorer.map.raster.aggregate import in_view
from explorer.map.viewport import Viewport
from explorer.session.rows.row_cells import format_value
from explorer.session.rows.row_detail import place_of
from explorer.session.rows.row_search import title_column

if TYPE_CHECKING:
    from explorer.session.session import Session

__all__ = ["Hover", "hover_at"]

_FIELDS = 6


@dataclass(frozen=True)
class Hover:
    """A row of the table as the page shows it: title, a few (label, value), its number.

    ``beneath`` is how many rows its pixel stands for, ``places`` where it is on the first map and
    the one beside it.
    """

    row: int
    title: str
    fields: list[tuple[str, str]]
    beneath: int = 1
    places: tuple[tuple[float, float] | None, ...] = ()

    def shown(self) -> dict[str, Any]:
        """Return the row as plain JSON."""
        more = f" · one of {self.beneath:,} rows on this pixel" if self.beneath > 1 else ""
        return {
            "title": self.title,
            "fields": [list(f) for f in self.fields],
            "note": f"row {self.row:,}{more}",
            "places": [place and list(place) for place in self.places],
        }


def hover_at(
    session: Session, x: float, y: float, radius: float, unit: float = 0.0, pane: int = 0
) -> Hover | None:
    """Return the shown row nearest to a point of the map within a radius, or None.

    Parameters
    ----------
    x, y, radius : float
        Data units.
    unit : float
        Side of a pixel in data units: rows on the pixel of the row are counted; 0 counts none.
    pane : int
        1 for the map beside the first.
    """
    shown = session.second_map.map() if pane else session.projection.map()
    if shown is None:
        return None
    scene = session.second_scene if pane else session.scene
    visible = scene.visible(shown)
    position = pick(shown.store, x, y, radius, mask=visible) if radius > 0 else None
    if position is None:
        return None
    row, second = int(shown.rows[position]), session.second_map.map()
    places = (
        () if second is None else (place_of(session.projection.map(), row), place_of(second, row))
    )
    hover = replace(hover_of(session, row), places=places)
    place = place_of(shown, row) if unit > 0 else None
    if place is None:
        return hover
    half = unit / 2
    pixel = Viewport((place[0] - half, place[0] + half), (place[1] - half, place[1] + half), 1, 1)
    return replace(hover, beneath=in_view(shown.store, pixel, visible))


def hover_of(session: Session, row: int) -> Hover:
    """Return one row: its title, the colour's column first, then projected features."""
    table = session.table
    title = title_column(table)
    color = session.state.document.color.column
    wanted = [color] if color else []
    wanted += [
        name
        for name in session.projection.settings().features
        if name != color and table.features[name].kind != "vector"
    ]
    names = wanted[:_FIELDS]
    needed = list(dict.fromkeys([*names, *([title] if title else [])]))
    values = table.source.take(np.array([row]), needed).to_pylist()[0] if needed else {}
    fields = [
        (table.features[name].label, format_value(values[name], table.features[name]))
        for name in names
    ]
    name = values[title] if title else None
    return Hover(row, f"Row {row:,}" if name in (None, "") else str(name), fields)
