"""ClientFrameCache: which pictures at rest a page still has, so that they are not sent again."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.map.paint.encoded_frame import EncodedFrame
    from explorer.map_view.canvas.rendered_frame import RenderedFrame

__all__ = ["ClientFrameCache"]

# Of all that a page keeps, in four bytes each: eight pictures of a large screen, sixty of a small
# one.
_PIXELS = 16 << 20


class ClientFrameCache:
    """Numbers of the frames that a page keeps, the least recently shown leaving first.

    It drops what is not in the list it is told.

    A picture is known by its screens, which `explorer.map.recent` keeps as long as it can; one that
    has left there is sent again.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[int, tuple[weakref.ref[EncodedFrame], ...]]] = (
            OrderedDict()
        )

    def number(self, screens: tuple[EncodedFrame, ...]) -> int | None:
        """Return the number of the frame in which these screens were sent.

        None when the page does not have them. In any thread.
        """
        for number, (_, known) in list(self._kept.items()):
            if len(known) == len(screens) and all(
                a() is b for a, b in zip(known, screens, strict=True)
            ):
                return number
        return None

    def message(self, picture: RenderedFrame, number: int) -> dict[str, Any]:
        """Return what the page is to be told of a picture.

        Its bytes, unless it has them, and what there is to know of it.

        Parameters
        ----------
        picture : RenderedFrame
        number : int
            Of this frame.
        """
        info = picture.info(number)
        if picture.known is not None:
            if picture.known in self._kept:
                self._kept.move_to_end(picture.known)
            return {"frame_info": {**info, "again": picture.known, "kept": list(self._kept)}}
        if not picture.view.moving:
            self._keep(number, picture.screens)
        first, *others = picture.data
        info = {**info, "again": None, "kept": list(self._kept)}
        return {"frame": first, "second": others[0] if others else b"", "frame_info": info}

    def forget(self) -> None:
        """Take note that the page has lost what it kept."""
        self._kept.clear()

    def _keep(self, number: int, screens: tuple[EncodedFrame, ...]) -> None:
        size = sum(screen.viewport.width * screen.viewport.height for screen in screens)
        self._kept[number] = size, tuple(weakref.ref(screen) for screen in screens)
        while len(self._kept) > 1 and sum(size for size, _ in self._kept.values()) > _PIXELS:
            self._kept.popitem(last=False)
