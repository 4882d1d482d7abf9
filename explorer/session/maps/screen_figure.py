"""The map on screen as a figure, with its colours and filters, at any number of pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.core.errors import EmbeddingError
from explorer.map.export.caption import Drawn, caption_of
from explorer.map.export.legend import legend_of
from explorer.map.export.map_figure import MapFigure, check_size
from explorer.map.map_drawing import axis_names_of, coloured_by
from explorer.map.viewport import Viewport
from explorer.session.rows.row_search import map_title
from explorer.session.rows.selection_resolver import describe_definition

if TYPE_CHECKING:
    from explorer.map.map import Map
    from explorer.map.raster.frame import Frame
    from explorer.session.session import Session

__all__ = ["draw_screen_figure", "drawn_rows"]

_MOST_PIXELS = 100_000_000  # a server has other sessions too


def draw_screen_figure(
    session: Session, sight: Viewport, scale: float = 1.0, plain: bool = False
) -> MapFigure:
    """Draw what is in sight; seconds for many pixels, so not on the event loop.

    Parameters
    ----------
    session : Session
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
    shown, embedding, scene = (
        session.projection.map(),
        session.projection.embedding(),
        session.scene,
    )
    if shown is None or embedding is None:
        raise EmbeddingError("there is no map yet: save when it is there")
    painting = scene.painting(shown)
    width, height = check_size((sight.width, sight.height), scale, painting.colour)
    if width * height > _MOST_PIXELS:
        raise EmbeddingError(
            f"a picture of {width:,} × {height:,} pixels is too large for a server: "
            "choose fewer pixels"
        )
    made = scene.draw(shown, Viewport(sight.x_range, sight.y_range, width, height))
    words = caption_of(drawn_rows(session, shown, made), embedding.provenance, embedding.scores)
    theme = scene.theme()
    alone = MapFigure.of(made, words, embedding.provenance, theme=theme, scale=scale)
    if plain:
        return alone
    selected, visible = scene.selected(shown), scene.visible(shown)
    mask = visible if selected is None else selected if visible is None else selected & visible
    column = None if painting.title else session.state.document.color.column
    about = coloured_by(shown.columns, column, painting.colour, made.viewport, mask)
    about = replace(about, title=painting.title) if painting.title else about
    return replace(
        alone,
        title=map_title(session.table, embedding),
        axes=axis_names_of(embedding.provenance, shown.table),
        caption=words,
        legend=legend_of(made, painting.colour, theme, about),
    )


def drawn_rows(session: Session, shown: Map, made: Frame) -> Drawn:
    """Return the account of all rows for the caption of a frame of a session's map."""
    account, numbers = session.scene.account(shown, made.viewport), made.levels.aggregate
    document = session.state.document
    selection, filters = document.selection, document.active_filters

    def label(name: str) -> str:
        return session.table.features[name].label if name in session.table.features else name

    return Drawn(
        table=session.table.source.name,
        rows=account.rows,
        in_view=account.in_view,
        outside=account.outside,
        hidden=account.hidden,
        without=account.without,
        coloured=None if numbers.context is None else numbers.n_coloured,
        selected="" if selection is None else describe_definition(selection, label),
        filtered="; ".join(describe_definition(entry.definition, label) for entry in filters),
    )
