"""The filter on the levels of one column, as the legend and the strips set it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.session.session import Session
    from explorer.table.coding import Levels

__all__ = ["column_of", "kept_levels", "legend_rows", "level_filter", "toggle_levels"]


def column_of(entry: dict[str, Any]) -> str | None:
    """Return the column whose levels or range a filter of the state is about, None for any other filter."""
    match entry:
        case {"column": str(column)} | {"rows": {"not": {"column": str(column)}}}:
            return column
    return None


def kept_levels(entry: dict[str, Any] | None, levels: Levels) -> NDArray[np.bool_]:
    """Return which levels a filter of the state keeps, (len(labels) + 1,) bool, missing last.

    Without a filter, one that is off, or one that is not about levels, all are kept.
    """
    kept = np.ones(len(levels.labels) + 1, np.bool_)
    if entry is None or not entry["on"]:
        return kept
    match entry:
        case {"levels": list(named)}:
            return np.isin(np.arange(len(kept)), _codes(named, levels))
        case {"rows": {"not": {"levels": list(named)}}}:
            kept[_codes(named, levels)] = False
    return kept


def level_filter(column: str, kept: NDArray[np.bool_], levels: Levels) -> dict[str, Any] | None:
    """Return the condition that keeps these levels, by the shorter list of names; None when all are kept."""
    if kept.all():
        return None
    names: list[str | None] = [*levels.labels, None]
    named = [names[code] for code in np.flatnonzero(kept)]
    if len(named) * 2 <= len(names):
        return {"column": column, "levels": named}
    hidden = [names[code] for code in np.flatnonzero(~kept)]
    return {"rows": {"not": {"column": column, "levels": hidden}}}


def toggle_levels(session: Session, levels: Levels, places: slice, alone: bool) -> None:
    """Hide some levels of the colour's column or show them again; alone: only these, or all again."""
    column = session.state.document["color"]["column"]
    mine = np.zeros(len(levels.labels) + 1, np.bool_)
    mine[places] = True
    kept = kept_levels(session.column_filter(column), levels)
    if alone:
        kept = np.ones_like(mine) if np.array_equal(kept, mine) else mine
    else:
        kept = kept & ~mine if kept[mine].any() else kept | mine
    session.filter_levels(column, kept)


def legend_rows(session: Session, code: int) -> dict[str, Any] | None:
    """Return the definition of the rows of one entry of the legend; None while the map is not coloured by levels, or has no such entry.

    The last entry stands for all levels without a colour of their own, and for missing.
    """
    column = session.state.document["color"]["column"]
    shown = session.map()
    levels = session.scene.painting(shown).levels if shown and column is not None else None
    if levels is None or not 0 <= code <= levels.n_colours:
        return None
    if code < levels.n_colours:
        return {"column": column, "levels": [levels.labels[code]]}
    return {"not": {"column": column, "levels": levels.labels[: levels.n_colours]}}


def _codes(named: list[Any], levels: Levels) -> list[int]:
    found = (len(levels.labels) if name is None else levels.places.get(name) for name in named)
    return [code for code in found if code is not None]
