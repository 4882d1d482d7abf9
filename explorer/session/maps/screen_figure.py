"""The map on screen as a figure, with its colours and filters, at any number of pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.core.errors import EmbeddingError
from explorer.map.export.caption import caption_of
from explorer.map.export.legend import legend_of
from explorer.map.export.map_figure import MapFigure, check_size
from explorer.map.map_drawing import axis_names_of, coloured_by
from explorer.map.viewport import Viewport
from explorer.session.rows.row_search import map_title

if TYPE_CHECKING:
    from explorer.session.maps.projection import Projection
    from explorer.session.maps.scene import Scene
    from explorer.table.table import Table

__all__ = ["draw_screen_figure"]

_MOST_PIXELS = 100_000_000  # a server has other sessions too


def draw_screen_figure(
    table: Table,
    projection: Projection,
    scene: Scene,
    sight: Viewport,
    scale: float = 1.0,
    plain: bool = False,
) -> MapFigure:
    """Draw what is in sight; seconds for many pixels, so not on the event loop.

    Parameters
    ----------
    table : Table
    projection : Projection
    scene : Scene
    sight : Viewport
        The part of the map, and its size in pixels of the screen.
    scale : float
        Pixels of the picture for each of them.
    plain : bool
        Whether the map stands alone, without axes, legend, title and caption.

    Raises
    ------
    EmbeddingError
        Without a map, or if the picture is too large.
    """
    shown, embedding = projection.map(), projection.embedding()
    if shown is None or embedding is None:
        raise EmbeddingError("there is no map yet: save it when it is made")
    painting = scene.painting(shown)
    width, height = check_size((sight.width, sight.height), scale, painting.colour)
    if width * height > _MOST_PIXELS:
        raise EmbeddingError(
            f"a picture of {width:,} × {height:,} pixels is too large for a server: "
            "choose fewer pixels"
        )
    frame = scene.draw(shown, Viewport(sight.x_range, sight.y_range, width, height))
    caption = caption_of(scene.drawn_rows(shown, frame), embedding.provenance, embedding.scores)
    theme = scene.theme()
    alone = MapFigure.of(frame, caption, embedding.provenance, theme=theme, scale=scale)
    if plain:
        return alone
    selected, visible = scene.selected(shown), scene.visible(shown)
    mask = visible if selected is None else selected if visible is None else selected & visible
    column = None if painting.title else scene.color().column
    about = coloured_by(shown.columns, column, painting.colour, frame.viewport, mask)
    about = replace(about, title=painting.title) if painting.title else about
    return replace(
        alone,
        title=map_title(table.features, embedding),
        axes=axis_names_of(embedding.provenance, shown.table),
        caption=caption,
        legend=legend_of(frame, painting.colour, theme, about),
    )
