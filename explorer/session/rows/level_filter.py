"""The filter on the levels of one column, as the legend and the strips set it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.state.filter import Filter
    from explorer.table.coding import CategoricalColumn

__all__ = ["column_of", "kept_levels", "legend_rows", "level_filter"]


def column_of(entry: Filter) -> str | None:
    """Return the column that a filter of the state is about; None for any other filter."""
    match entry.definition:
        case {"column": str(column)} | {"not": {"column": str(column)}}:
            return column
    return None


def kept_levels(entry: Filter | None, levels: CategoricalColumn) -> NDArray[np.bool_]:
    """Return which levels a filter of the state keeps, (len(labels) + 1,) bool, missing last.

    Without a filter, one that is off, or one that is not about levels, all are kept.
    """
    kept = np.ones(len(levels.labels) + 1, np.bool_)
    if entry is None or not entry.on:
        return kept
    match entry.definition:
        case {"levels": list(named)}:
            return np.isin(np.arange(len(kept)), _codes(named, levels))
        case {"not": {"levels": list(named)}}:
            kept[_codes(named, levels)] = False
    return kept


def level_filter(
    column: str, kept: NDArray[np.bool_], levels: CategoricalColumn
) -> dict[str, Any] | None:
    """Return the condition that keeps these levels; None when all are kept.

    It names what is kept or what is hidden, whichever is shorter.
    """
    if kept.all():
        return None
    names: list[str | None] = [*levels.labels, None]
    named = [names[code] for code in np.flatnonzero(kept)]
    if len(named) * 2 <= len(names):
        return {"column": column, "levels": named}
    hidden = [names[code] for code in np.flatnonzero(~kept)]
    return {"rows": {"not": {"column": column, "levels": hidden}}}


def legend_rows(column: str, levels: CategoricalColumn, code: int) -> dict[str, Any] | None:
    """Return the definition of the rows of one entry of the legend.

    Parameters
    ----------
    column : str
        By which the map is coloured.
    levels : CategoricalColumn
        Of the column.
    code : int
        The last entry stands for missing, and for all levels without a colour of their own.

    Returns
    -------
    dict or None
        None where the legend has no such entry.
    """
    if not 0 <= code <= levels.n_colours:
        return None
    if code < levels.n_colours:
        return {"column": column, "levels": [levels.labels[code]]}
    return {"not": {"column": column, "levels": levels.labels[: levels.n_colours]}}


def _codes(named: list[Any], levels: CategoricalColumn) -> list[int]:
    codes = (len(levels.labels) if name is None else levels.places.get(name) for name in named)
    return [code for code in codes if code is not None]
