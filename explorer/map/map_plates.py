"""What leaves a map: pictures as files, and a live HoloViews object for notebooks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from explorer.map.paint.color import Categorical, Continuous
from explorer.map.raster.frame import frame
from explorer.map.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from explorer.map.export.caption import Drawn
    from explorer.map.export.legend import Coloured
    from explorer.map.export.plate import Plate
    from explorer.map.map import Map
    from explorer.map.paint.color import Colour
    from explorer.map.raster.frame import Frame
    from explorer.selection.selection import Selection
    from explorer.table.coding import Levels
    from explorer.table.table import Table

__all__ = ["MapPlates", "axis_names_of", "coloured_by", "plate_of", "rest_in_words"]


class MapPlates:
    """The part of `Map` that hands out pictures."""

    def save(
        self,
        path: str | Path,
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
    ) -> Plate:
        """Write a picture of the map as .png, .svg or .pdf.

        In SVG and PDF everything but the frame itself is vectors and text. The frame is embedded
        pixel for pixel; the same map gives the same bytes.

        Parameters
        ----------
        path : path
            Its suffix says the format. The file appears whole or not at all.
        viewport : Viewport, optional
            What to draw; its own size in pixels is not looked at. Default: the whole map, with
            equal scales.
        color, where
            As for `render`.
        size : tuple of int
            Width and height of the map in pixels; axes, legend and caption are drawn around it.
        scale : float
            2 draws the same picture with twice the pixels each way.
        axes, legend, caption : bool
            What to draw around the map. Without any of them, and without a title, the file is the
            map alone.
        theme : {"light", "dark"}
        title : str, optional
            Default: the name of the map, where anything is drawn around it; "" for none.
        date : str
            Words for when it was made, at the end of the caption.

        Returns
        -------
        Plate
            What was drawn: its caption as text, its legend with counts.

        Raises
        ------
        EmbeddingError
            If the suffix, size or theme is none, the picture is too large, or the file cannot be
            written.
        """
        from explorer.map.export.output import format_of, save_plate

        format_of(path)  # before seconds are spent
        drawn = cast("Map", self)
        plate = plate_of(
            drawn, viewport, color, where, size, scale, axes, legend, caption, theme, title, date
        )
        save_plate(plate, path)
        return plate

    def hvplot(
        self,
        color: str | ArrayLike | None = None,
        where: Selection | ArrayLike | str | None = None,
        width: int = 700,
        height: int = 500,
        **opts: Any,
    ) -> Any:
        """Return a live map for a notebook: a HoloViews object that is counted anew, exactly, for what is looked at.

        It is drawn by HoloViews' Bokeh backend, which is loaded where it is not yet. Rows per cell
        and means are images with a colour bar; categories are a picture with a legend. A cell is a
        whole number of pixels, about as large as a point.

        Parameters
        ----------
        color, where
            As for `render`.
        width, height : int
            Of the map in pixels.
        **opts
            Options of HoloViews for the map, such as ``title=`` or ``cmap=``.

        Returns
        -------
        holoviews.DynamicMap, or an overlay of one and its legend
        """
        from explorer.map.export.notebook import live

        drawn = cast("Map", self)
        colour, mask = drawn.colour(color), drawn.arranged_mask(where)
        about = coloured_by(drawn, color, colour)
        return live(drawn.store, colour, mask, about, axis_names_of(drawn), (width, height), opts)


def plate_of(
    drawn: Map,
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
) -> Plate:
    """Draw a map with what stands around it, not yet as a file; the arguments are those of `Map.save`."""
    from explorer.map.export.caption import caption_of
    from explorer.map.export.legend import legend_of
    from explorer.map.export.plate import Plate, check_size, theme_of

    colour, mask, look = drawn.colour(color), drawn.arranged_mask(where), theme_of(theme)
    pixels = check_size(size, scale, colour)
    view = (
        Viewport.fitted(drawn.store.extent, *pixels)
        if viewport is None
        else Viewport(viewport.x_range, viewport.y_range, *pixels)
    )
    made = frame(drawn.store, view, colour, mask, theme=look)
    told = (
        legend_of(made, colour, look, coloured_by(drawn, color, colour, view, mask))
        if legend
        else None
    )
    words = caption_of(_drawn_rows(drawn, made, where), drawn.provenance, drawn.scores, date=date)
    named = drawn.name if axes or legend or caption else ""
    return Plate.of(
        made,
        words,
        drawn.provenance,
        theme=look,
        scale=scale,
        title=named if title is None else title,
        axes=axis_names_of(drawn) if axes else None,
        legend=told,
        caption=words if caption else (),
    )


def axis_names_of(drawn: Map, provenance: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """Name the axes of a map, from what the map itself knows unless told; columns of the table by labels and units."""
    from explorer.embedding.embedding_words import axis_names

    provenance = drawn.provenance if provenance is None else provenance
    names = axis_names(provenance)
    if drawn.table is None or (provenance.get("method") or {}).get("name") != "columns":
        return names
    return _labelled(drawn.table, names[0]), _labelled(drawn.table, names[1])


def coloured_by(
    drawn: Map,
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
        drawn.table.features[color] if isinstance(color, str) and drawn.table is not None else None
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
            else in_view(drawn.store, viewport, absent)
        )
        return replace(about, missing=missing)
    if isinstance(colour, Categorical) and color is not None:
        found = drawn.arranged_codes(color)[1]
        return replace(about, levels=[*found.labels[: found.n_colours], rest_in_words(found)])
    return about


def rest_in_words(levels: Levels) -> str:
    """Name what has no colour of its own: "4 other levels and missing"."""
    others = len(levels.labels) - levels.n_colours
    if not others:
        return "missing"
    return f"{others:,} other level{'' if others == 1 else 's'}" + (
        " and missing" if levels.counts[-1] else ""
    )


def _labelled(table: Table, name: str) -> str:
    feature = table.features[name]
    return f"{feature.label} ({feature.unit})" if feature.unit else feature.label


def _drawn_rows(drawn: Map, made: Frame, where: Selection | ArrayLike | str | None) -> Drawn:
    from explorer.map.export.caption import Drawn

    numbers = made.levels.aggregate
    seen = numbers.n_coloured + numbers.n_context
    return Drawn(
        table=str((drawn.provenance.get("table") or {}).get("name") or ""),
        rows=drawn.store.n + drawn.n_without,
        in_view=seen,
        outside=drawn.store.n - seen,
        hidden=0,
        without=drawn.n_without,
        coloured=None if where is None else numbers.n_coloured,
        selected=where if isinstance(where, str) else "",
    )
