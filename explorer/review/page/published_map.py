"""Picture of a map for a publication: drawn from an embedding, with the legend of its colours."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.map.export.legend import hex_of, legend_of
from explorer.map.map import build_map
from explorer.map.map_drawing import coloured_by
from explorer.map.paint.palettes import LIGHT
from explorer.map.paint.picture import png_bytes
from explorer.map.raster.frame import frame
from explorer.map.viewport import Viewport
from explorer.review.publication.map_picture import MapPicture, PictureLegend, coordinates_key

if TYPE_CHECKING:
    from explorer.embedding.embedding import Embedding
    from explorer.map.export.legend import Legend
    from explorer.map.map import Map
    from explorer.table.table import Table

__all__ = ["draw_map", "picture_of"]

_WHITE = (255, 255, 255)


def draw_map(
    embedding: Embedding, table: Table, color: str | None = None, size: tuple[int, int] = (900, 700)
) -> MapPicture:
    """Draw an embedding of a table on white.

    Parameters
    ----------
    embedding : Embedding
    table : Table
        The one that it was made from.
    color : str, optional
        Column to colour by; density without it.
    size : tuple of int
        Width and height in pixels.

    Raises
    ------
    EmbeddingError
        An embedding of another table.
    UnknownName
        A column that does not exist.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return picture_of(build_map(embedding, Path(folder) / "map", table), embedding, color, size)


def picture_of(
    drawn: Map, embedding: Embedding, color: str | None = None, size: tuple[int, int] = (900, 700)
) -> MapPicture:
    """Draw a map that is built already, as `draw_map` does."""
    colour = drawn.columns.color(color)
    drawn_frame = frame(drawn.store, Viewport.fitted(drawn.store.extent, *size), colour)
    png = png_bytes(np.ascontiguousarray(drawn_frame.rgba[::-1]), _WHITE, {"Title": embedding.name})
    legend = legend_of(
        drawn_frame, colour, LIGHT, coloured_by(drawn.columns, color, colour, drawn_frame.viewport)
    )
    return MapPicture(
        png=png,
        legend=_published(legend),
        provenance=embedding.provenance,
        scores=embedding.scores,
        coordinates=coordinates_key(embedding),
    )


def _published(legend: Legend) -> PictureLegend:
    """Return the legend of a figure as pages of a publication write it."""
    document = legend.document()
    missing = sum(level.count or 0 for level in legend.greys)
    return PictureLegend(
        title=legend.title,
        unit=legend.unit,
        how=legend.how,
        stops=tuple(document["stops"]),
        low=legend.ticks[0][1] if legend.ticks else "",
        high=legend.ticks[-1][1] if legend.ticks else "",
        levels=tuple((level.label, hex_of(level.colour), level.count) for level in legend.levels),
        note=_("{missing:,} rows without a value, grey").format(missing=missing) if missing else "",
    )
