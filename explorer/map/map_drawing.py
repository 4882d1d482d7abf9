"""Pictures of a map as files, and a live HoloViews object for notebooks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _, ngettext
from explorer.core.text_direction import isolated
from explorer.map.paint.color import Categorical, Continuous
from explorer.map.raster.frame import frame
from explorer.map.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from explorer.map.about import About
    from explorer.map.export.caption import Drawn
    from explorer.map.export.legend import Coloured
    from explorer.map.export.map_figure import MapFigure
    from explorer.map.paint.color import Colour
    from explorer.map.raster.frame import Frame
    from explorer.map.tile_ordered_columns import TileOrderedColumns
    from explorer.selection.selection import Selection
    from explorer.table.coding import CategoricalColumn
    from explorer.table.table import Table

__all__ = ["axis_names_of", "coloured_by", "draw_map_figure", "live_map"]


def live_map(
    columns: TileOrderedColumns,
    about: About,
    color: str | ArrayLike | None,
    where: Selection | ArrayLike | str | None,
    size: tuple[int, int],
    opts: Mapping[str, Any],
) -> Any:
    """Return a live HoloViews object of a map; see `Map.hvplot`."""
    from explorer.map.export.notebook import live

    colour, mask = columns.color(color), columns.mask(where)
    coloured = coloured_by(columns, color, colour)
    names = axis_names_of(about.provenance, columns.table)
    return live(columns.store, colour, mask, coloured, names, size, dict(opts))


def draw_map_figure(
    columns: TileOrderedColumns,
    about: About,
    viewport: Viewport | None = None,
    color: str | ArrayLike | None = None,
    where: Selection | ArrayLike | str | None = None,
    size: tuple[int, int] = (900, 700),
    scale: float = 1.0,
    axes: bool = True,
    legend: bool = True,
    caption: bool = True,
    theme: str = "light",
    title: str | None = None,
    date: str = "",
) -> MapFigure:
    """Draw a map with what stands around it, not yet as a file.

    The arguments are those of `Map.save`.
    """
    from explorer.map.export.caption import caption_of
    from explorer.map.export.legend import legend_of
    from explorer.map.export.map_figure import MapFigure, check_size, theme_of

    colour, mask, look = columns.color(color), columns.mask(where), theme_of(theme)
    pixels = check_size(size, scale, colour)
    view = (
        Viewport.fitted(columns.store.extent, *pixels)
        if viewport is None
        else Viewport(viewport.x_range, viewport.y_range, *pixels)
    )
    made = frame(columns.store, view, colour, mask, theme=look)
    legend_drawn = (
        legend_of(made, colour, look, coloured_by(columns, color, colour, view, mask))
        if legend
        else None
    )
    rows = _drawn_rows(about, made, where, columns.store.n)
    words = caption_of(rows, about.provenance, about.scores, date=date)
    named = about.name if axes or legend or caption else ""
    return MapFigure.of(
        made,
        words,
        about.provenance,
        theme=look,
        scale=scale,
        title=named if title is None else title,
        axes=axis_names_of(about.provenance, columns.table) if axes else None,
        legend=legend_drawn,
        caption=words if caption else (),
    )


def axis_names_of(provenance: Mapping[str, Any], table: Table | None) -> tuple[str, str]:
    """Name the axes of a map; columns of the table by their labels and units."""
    from explorer.embedding.description import axis_names

    x, y = axis_names(provenance)
    if table is None or (provenance.get("method") or {}).get("name") != "columns":
        return x, y
    return _labelled(table, x), _labelled(table, y)


def coloured_by(
    columns: TileOrderedColumns,
    color: str | ArrayLike | None,
    colour: Colour,
    viewport: Viewport | None = None,
    mask: NDArray[np.bool_] | None = None,
) -> Coloured:
    """Say what a map is coloured by.

    Parameters
    ----------
    viewport : Viewport, optional
        Rows without a value are counted in it; everywhere without it.
    mask : ndarray of shape (n,), bool, in tile order, optional
        Rows in colour, of which those without a value are counted.
    """
    from explorer.map.export.legend import Coloured
    from explorer.map.raster.aggregate import in_view

    feature = (
        columns.table.features[color]
        if isinstance(color, str) and columns.table is not None
        else None
    )
    about = Coloured(title="Values" if color is not None else "")
    if feature is not None:
        about = Coloured(title=feature.label, unit=feature.unit, kind=feature.kind)
    if isinstance(colour, Continuous):
        absent = ~np.isfinite(colour.values)
        absent = absent if mask is None else absent & mask
        missing = (
            int(np.count_nonzero(absent))
            if viewport is None
            else in_view(columns.store, viewport, absent)
        )
        return replace(about, missing=missing)
    if isinstance(colour, Categorical) and color is not None:
        result = columns.codes(color)[1]
        return replace(about, levels=[*result.labels[: result.n_colours], _rest_in_words(result)])
    return about


def _rest_in_words(levels: CategoricalColumn) -> str:
    """Name what has no colour of its own: "4 other levels and missing"."""
    others = len(levels.labels) - levels.n_colours
    if not others:
        return _("missing")
    if levels.counts[-1]:
        text = ngettext(
            "{count:,} other level and missing", "{count:,} other levels and missing", others
        )
    else:
        text = ngettext("{count:,} other level", "{count:,} other levels", others)
    return text.format(count=others)


def _labelled(table: Table, name: str) -> str:
    feature = table.features[name]
    return f"{isolated(feature.label)} ({feature.unit})" if feature.unit else feature.label


def _drawn_rows(
    about: About, made: Frame, where: Selection | ArrayLike | str | None, placed: int
) -> Drawn:
    from explorer.map.export.caption import Drawn

    numbers = made.levels.aggregate
    seen = numbers.n_coloured + numbers.n_context
    return Drawn(
        table=str((about.provenance.get("table") or {}).get("name") or ""),
        rows=about.table_rows,
        in_view=seen,
        outside=placed - seen,
        hidden=0,
        without=about.table_rows - placed,
        coloured=None if where is None else numbers.n_coloured,
        selected=where if isinstance(where, str) else "",
    )
