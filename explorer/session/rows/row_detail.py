"""A row as a person looks at it: all its cells, where it leads, and where it lies."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.features.catalogue.address import address_of
from explorer.session.rows.row_search import row_titles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.features.kind import Feature
    from explorer.map.map import Map
    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.table import Table

__all__ = ["place_of", "places_of", "row_card"]

_LONGEST = 2_000  # characters of a cell
_LISTED = 8  # numbers of a vector that are written out


def row_card(table: Table, rows: RowSelection, shown: Map | None, row: int) -> dict[str, Any]:
    """Return a row with all its columns as plain JSON.

    Parameters
    ----------
    table : Table
    rows : RowSelection
        Says whether the row is hidden by the filters.
    shown : Map or None
        Says whether the row has a place on it.
    row : int
        In [0, num_rows).

    Returns
    -------
    dict
        "row", "title", "note" (where it is not to be seen, and why), "link" and "image" (an address
        or None), "groups": [{"name", "fields": [{"name", "label", "value", "missing"}]}] in table
        order, as the catalogue groups them; then the blocks of columns, with "block".
    """
    cells = table.source.lookup(np.array([row]), table.column_names).to_pylist()[0]
    block_of = {name: block.name for block in table.column_blocks for name in block.columns}
    groups: dict[str, list[dict[str, Any]]] = {}
    in_blocks: dict[str, list[dict[str, Any]]] = {}
    for name in cells:
        feature, block = table.features[name], block_of.get(name)
        field = _field(cells[name], feature)
        if block is None:
            groups.setdefault(feature.group, []).append(field)
        else:
            in_blocks.setdefault(block, []).append(field)
    about = table.columns.catalogue.table
    return {
        "row": row,
        "title": row_titles(table, [row])[0],
        "note": " · ".join(
            [
                _("row {row:,} of {num_rows:,}").format(row=row, num_rows=table.num_rows),
                *_whereabouts(rows, shown, row),
            ]
        ),
        "link": address_of(about.link, cells) if about.link else None,
        "image": address_of(about.image, cells) if about.image else None,
        "groups": [
            *({"name": name, "fields": fields, "block": False} for name, fields in groups.items()),
            *(
                {"name": name, "fields": fields, "block": True}
                for name, fields in in_blocks.items()
            ),
        ],
    }


def place_of(shown: Map | None, row: int) -> tuple[float, float] | None:
    """Return the coordinates of a row of the table on a map; None where it has none."""
    if shown is None:
        return None
    at = int(np.searchsorted(shown.rows, row))
    if at == len(shown.rows) or shown.rows[at] != row:
        return None
    store = shown.store
    position = int(store.positions[at])
    if position < 0:
        return None
    return float(store.origin[0] + store.x[position]), float(store.origin[1] + store.y[position])


def places_of(row: int | None, maps: Sequence[Map | None]) -> list[list[float] | None]:
    """Return where a row lies on each of these maps; nothing where it lies on none."""
    if row is None:
        return []
    places = [place_of(shown, row) for shown in maps]
    return [place and list(place) for place in places] if any(places) else []


def _whereabouts(rows: RowSelection, shown: Map | None, row: int) -> list[str]:
    population = rows.population()
    hidden = population is not None and not population.mask[row]
    unplaced = shown is not None and place_of(shown, row) is None
    notes = {"hidden by the filters": hidden, "no place on this map": unplaced}
    return [note for note, holds in notes.items() if holds]


def _field(cell: Any, feature: Feature) -> dict[str, Any]:
    base = {"name": feature.name, "label": feature.label}
    if cell is None or cell != cell:
        return {**base, "value": "missing", "missing": True, "why": feature.missing_means}
    if _stands_for_missing(cell, feature):
        return {
            **base,
            "value": _("{cell} stands for missing").format(cell=cell),
            "missing": True,
            "why": feature.missing_means,
        }
    return {**base, "value": _written(cell, feature), "missing": False, "why": ""}


def _stands_for_missing(cell: Any, feature: Feature) -> bool:
    return isinstance(cell, int | float | str) and cell in feature.sentinels


def _written(cell: Any, feature: Feature) -> str:
    if isinstance(cell, list):
        listed = ", ".join(
            f"{number:.4g}" if isinstance(number, float) else str(number)
            for number in cell[:_LISTED]
        )
        more = _(", … {count:,} in all").format(count=len(cell)) if len(cell) > _LISTED else ""
        return f"[{listed}{more}]"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):  # all that float32 holds, which is more than a list of values shows
        cell = f"{cell:.7g}" if abs(cell) < 1e7 else f"{cell:,.0f}"
    text = "(empty)" if cell == "" else f"{cell} {feature.unit}".strip()
    text = text.removesuffix(" 00:00:00") if isinstance(cell, datetime) else text
    return (
        text
        if len(text) <= _LONGEST
        else _("{text}… ({count:,} characters)").format(text=text[:_LONGEST], count=len(text))
    )
