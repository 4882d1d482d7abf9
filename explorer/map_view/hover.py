"""The row under the pointer, with the few values that say what it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.map.geometry import pick
from explorer.map.raster.aggregate import in_view
from explorer.map.viewport import Viewport
from explorer.session.rows.row_cells import format_value
from explorer.session.rows.row_detail import place_of
from explorer.session.rows.row_search import title_column

if TYPE_CHECKING:
    from explorer.session.maps.pane import Pane
    from explorer.session.maps.projection import Projection
    from explorer.session.rows.row_pictures import RowPictures
    from explorer.state.state import State
    from explorer.table.table import Table

__all__ = ["Hover", "RowPicker"]

_FIELDS = 6
_SHORT = ("numeric", "boolean", "categorical", "temporal")  # kinds whose cells are short


@dataclass(frozen=True)
class Hover:
    """A row of the table as the page shows it: title, a few (label, value), its number.

    ``beneath`` is how many rows its pixel stands for, ``places`` where it is on the first map and
    the one beside it, ``picture`` the address of its image.
    """

    row: int
    title: str
    fields: list[tuple[str, str]]
    beneath: int = 1
    places: tuple[tuple[float, float] | None, ...] = ()
    picture: str = ""

    def shown(self) -> dict[str, Any]:
        """Return the row as plain JSON."""
        more = (
            (" · " + _("one of {beneath:,} rows on this pixel").format(beneath=self.beneath))
            if self.beneath > 1
            else ""
        )
        return {
            "title": self.title,
            "fields": [list(f) for f in self.fields],
            "note": _("row {row:,}{more}").format(row=self.row, more=more),
            "places": [place and list(place) for place in self.places],
            "picture": self.picture,
        }


class RowPicker:
    """Finds the row at a point of a map.

    Parameters
    ----------
    table : Table
    state : State
    projection : Projection
        The features of the map shown are among the values of a row.
    panes : pair of Pane
        The first map, and the one beside it.
    pictures : RowPictures
    """

    def __init__(
        self,
        table: Table,
        state: State,
        projection: Projection,
        panes: tuple[Pane, Pane],
        pictures: RowPictures,
    ) -> None:
        self._table, self._state, self._projection = table, state, projection
        self._panes, self._pictures = panes, pictures

    def pick(
        self, x: float, y: float, radius: float, unit: float = 0.0, pane: int = 0
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
        first, second = (pane.map() for pane in self._panes)
        shown = second if pane else first
        if shown is None:
            return None
        visible = self._panes[1 if pane else 0].scene.visible(shown)
        position = pick(shown.store, x, y, radius, mask=visible) if radius > 0 else None
        if position is None:
            return None
        row = int(shown.rows[position])
        places = () if second is None else (place_of(first, row), place_of(second, row))
        hover = replace(self.describe(row), places=places)
        place = place_of(shown, row) if unit > 0 else None
        if place is None:
            return hover
        half = unit / 2
        x_range, y_range = ((center - half, center + half) for center in place)
        beneath = in_view(shown.store, Viewport(x_range, y_range, 1, 1), visible)
        return replace(hover, beneath=beneath)

    def describe(self, row: int) -> Hover:
        """Return one row: its title, the colour's column first, then projected features.

        Pixels of its image are not among them: of a map of pixels alone, other columns are shown.
        """
        table, color = self._table, self._state.document.color.column
        title = title_column(table)
        block = self._pictures.block
        pixels = frozenset(block.columns if block else ())
        names = [color] if color else []
        names += [
            name
            for name in self._projection.settings().features
            if name != color and name not in pixels and table.features[name].kind != "vector"
        ]
        names = (names or self._others(pixels))[:_FIELDS]
        needed = list(dict.fromkeys([*names, *([title] if title else [])]))
        values = table.source.take(np.array([row]), needed).to_pylist()[0] if needed else {}
        fields = [
            (table.features[name].label, format_value(values[name], table.features[name]))
            for name in names
        ]
        name = values[title] if title else None
        return Hover(
            row,
            _("Row {row:,}").format(row=row) if name in (None, "") else str(name),
            fields,
            picture=self._pictures.read([row]).get(row, ""),
        )

    def _others(self, pixels: frozenset[str]) -> list[str]:
        features, title = self._table.features, title_column(self._table)
        return [
            name
            for name in self._table.column_names
            if pixels and name not in pixels and name != title and features[name].kind in _SHORT
        ]
