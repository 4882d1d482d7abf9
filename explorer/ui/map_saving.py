"""Saving the map: from what the page asks for to the bytes of a file, or to an error."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.errors import EmbeddingError, ExplorerError
from explorer.map.export.output import FORMATS, figure_bytes
from explorer.map.viewport import Viewport
from explorer.session.maps.screen_figure import draw_screen_figure

if TYPE_CHECKING:
    from explorer.session.maps.projection import Projection
    from explorer.session.maps.scene import Scene
    from explorer.table.table import Table

__all__ = ["PictureFile", "PictureRequest", "make_picture", "picture_pool"]

logger = logging.getLogger(__name__)

picture_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="figure")
"""Pictures of all sessions are made one after the other.

Each takes seconds and much memory, and frames must not wait.
"""

_SCALES = (1, 2, 4)


@dataclass(frozen=True)
class PictureRequest:
    """What to save: a part of the map, its size on the screen, format and pixels.

    And whether the map stands alone.
    """

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    size: tuple[int, int]
    form: str
    scale: float
    plain: bool


@dataclass(frozen=True)
class PictureFile:
    """A file, or the trouble that there was."""

    name: str = ""
    media: str = ""
    data: bytes = b""
    trouble: str = ""


def make_picture(
    table: Table, projection: Projection, scene: Scene, request: PictureRequest
) -> PictureFile:
    """Make the file; whatever goes wrong is told, since a person waits for it."""
    try:
        if request.form not in FORMATS or request.scale not in _SCALES:
            raise EmbeddingError(
                f"a map is saved as {', '.join(FORMATS)} at 1, 2 or 4 times its pixels"
            )
        sight = Viewport(request.x_range, request.y_range, *request.size)
        figure = draw_screen_figure(table, projection, scene, sight, request.scale, request.plain)
        data = figure_bytes(figure, request.form)
    except ExplorerError as error:
        message = str(error)
        return PictureFile(trouble=f"{message[:1].upper()}{message[1:]}.")
    except MemoryError:
        return PictureFile(
            trouble="There is not enough memory for this picture: choose fewer pixels."
        )
    except Exception:
        logger.exception("a picture of the map could not be made")
        return PictureFile(trouble="The picture could not be made; the server's log says why.")
    name = f"{table.title.split(' ')[0].lower()}-map.{request.form}"
    return PictureFile(name, FORMATS[request.form], data)
