"""The row under the pointer, with the few values that say what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from explorer.features.kind import Feature
    from explorer.session.session import Session

__all__ = ["Hover", "hover_at", "value_in_words"]

_FIELDS = 6


@dataclass(frozen=True)
class Hover:
    """A row of the table as the page shows it: title, a few (label, value), and its number."""

    row: int
    title: str
    fields: list[tuple[str, str]]

    def shown(self) -> dict[str, Any]:
        """Return the row as plain JSON."""
        return {"title": self.title, "fields": [list(f) for f in self.fields], "note": f"row {self.row:,}"}


def hover_at(session: Session, x: float, y: float, radius: float) -> Hover | None:
    """Return the row nearest to a point of the map within a radius in data units, or None."""
    shown = session.map()
    row = None if shown is None else shown.pick(x, y, radius)
    return None if row is None else hover_of(session, row)


def hover_of(session: Session, row: int) -> Hover:
    """Return one row: its title, the colour's column first, then projected features."""
    table = session.table
    title = table.catalogue.table.row_title
    color = session.state.document["color"]["column"]
    wanted = [color] if color else []
    wanted += [
        name
        for name in session.projected()["features"]
        if name != color and table.features[name].kind != "vector"
    ]
    names = wanted[:_FIELDS]
    needed = list(dict.fromkeys([*names, *([title] if title else [])]))
    values = table.source.take(np.array([row]), needed).to_pylist()[0] if needed else {}
    fields = [
        (table.features[name].label, value_in_words(values[name], table.features[name])) for name in names
    ]
    name = values[title] if title else None
    return Hover(row, f"Row {row:,}" if name is None else str(name), fields)


def value_in_words(value: Any, feature: Feature) -> str:
    """Write a cell with its unit; a missing one as a dash."""
    if value is None or value != value:
        return "–"
    if isinstance(value, float):
        value = f"{value:.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return f"{value} {feature.unit}".strip()
