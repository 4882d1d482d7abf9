"""FrameRenderer: draws what a page asks for, and sends only the pictures that it has not kept."""

from __future__ import annotations

import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.map.raster.frame import EncodedFrame
    from explorer.map.viewport import Viewport
    from explorer.session.maps.pane import Pane
    from explorer.session.maps.scene import Account

__all__ = ["FrameRenderer", "FrameRequest", "RenderedFrame"]

# Of all that a page keeps, in four bytes each: eight pictures of a large screen, sixty of a small
# one.
_PIXELS = 16 << 20


@dataclass(frozen=True)
class FrameRequest:
    """What the page asks for.

    Attributes
    ----------
    drawn, sight : Viewport
        The rectangle to draw, with a border around what is in sight; and what is in sight.
    sequence : int
        Of the requests of a page.
    moving : bool
        Whether the view is being moved: the picture may be coarser, and rows are not counted.
    packed : bool
        Whether the line is slow.
    received : float
        Seconds, when the request came.
    """

    drawn: Viewport
    sight: Viewport
    sequence: int
    moving: bool
    packed: bool
    received: float


@dataclass(frozen=True, eq=False)
class RenderedFrame:
    """A picture of the first map and, where there is one, of the second.

    Attributes
    ----------
    request : FrameRequest
    pictures : tuple of EncodedFrame
    data : tuple of bytes
        Of each picture; empty where the page has them.
    account : Account or None
        None while the view moves.
    sent_as : int or None
        Number of the frame in which the page has them.
    """

    request: FrameRequest
    pictures: tuple[EncodedFrame, ...]
    data: tuple[bytes, ...]
    account: Account | None
    sent_as: int | None = None

    def info(self, number: int) -> dict[str, Any]:
        """Return what the page has to know of it, as plain JSON."""
        request, account, first = self.request, self.account, self.pictures[0]
        return {
            "id": number,
            "seq": request.sequence,
            "moving": request.moving,
            "packed": request.packed,
            "account": account
            and {
                "in_view": account.in_view,
                "outside": account.outside,
                "hidden": account.hidden,
            },
            "seconds": time.perf_counter() - request.received,
            "ends": first.ends,
            **_extent(first),
            "second": _extent(self.pictures[1]) if len(self.pictures) > 1 else None,
        }


class FrameRenderer:
    """Draws the map, and the one beside it, for one page.

    The page keeps pictures at rest, those not shown for longest leaving first; it drops what is not
    in the list that comes with each frame. One that it has is named, not sent again. Pictures are
    recognised as the same objects, which `explorer.session.maps.scene` keeps as long as it can.

    Parameters
    ----------
    first, second : Pane
        The second has a map only where one is asked for.
    """

    def __init__(self, first: Pane, second: Pane) -> None:
        self._first, self._second = first, second
        # by the number of the frame: pixels, and the pictures
        self._sent: OrderedDict[int, tuple[int, tuple[weakref.ref[EncodedFrame], ...]]] = (
            OrderedDict()
        )

    def render(self, request: FrameRequest) -> RenderedFrame | None:
        """Draw what is asked for; None while there is no map. In a thread."""
        scene, shown, second = self._first.scene, self._first.map(), self._second.map()
        if shown is None:
            return None
        pictures = [scene.encoded_frame(shown, request.drawn, request.moving)]
        if second is not None:
            pictures.append(self._second.scene.encoded_frame(second, request.drawn, request.moving))
        account = None if request.moving else scene.account(shown, request.sight)
        sent_as = self.sent_as(*pictures)
        data: tuple[bytes, ...] = ()
        if sent_as is None:
            data = tuple(picture.data(request.packed) for picture in pictures)
        return RenderedFrame(request, tuple(pictures), data, account, sent_as)

    def at_hand(self, request: FrameRequest) -> RenderedFrame | None:
        """Return what is asked for where the page has it; None where something is to be drawn.

        At once, on the event loop.
        """
        shown = self._first.map()
        if shown is None or request.moving or self._second.map() is not None:
            return None
        cached = self._first.scene.cached_frame(shown, request.drawn, request.sight)
        sent_as = None if cached is None else self.sent_as(cached[0])
        if cached is None or sent_as is None:
            return None
        return RenderedFrame(request, cached[:1], (), cached[1], sent_as)

    def sent_as(self, *pictures: EncodedFrame) -> int | None:
        """Return the number of the frame in which the page has these pictures; None without."""
        for number, (_, sent) in list(self._sent.items()):
            if len(sent) == len(pictures) and all(
                reference() is picture for reference, picture in zip(sent, pictures, strict=True)
            ):
                return number
        return None

    def message(self, frame: RenderedFrame, number: int) -> dict[str, Any]:
        """Return what the page is sent: bytes, unless it has them, and what there is to know.

        Parameters
        ----------
        frame : RenderedFrame
        number : int
            Of this frame.
        """
        if frame.sent_as is not None:
            if frame.sent_as in self._sent:
                self._sent.move_to_end(frame.sent_as)
            return {"frame_info": self._info(frame, number)}
        if not frame.request.moving:
            self._keep(number, frame.pictures)
        first, second = (*frame.data, b"")[:2]
        return {"frame": first, "second": second, "frame_info": self._info(frame, number)}

    def forget(self) -> None:
        """Take note that the page has lost what it kept."""
        self._sent.clear()

    def _info(self, frame: RenderedFrame, number: int) -> dict[str, Any]:
        return {**frame.info(number), "again": frame.sent_as, "kept": list(self._sent)}

    def _keep(self, number: int, pictures: tuple[EncodedFrame, ...]) -> None:
        size = sum(picture.viewport.width * picture.viewport.height for picture in pictures)
        self._sent[number] = size, tuple(weakref.ref(picture) for picture in pictures)
        while len(self._sent) > 1 and sum(size for size, _ in self._sent.values()) > _PIXELS:
            self._sent.popitem(last=False)


def _extent(picture: EncodedFrame) -> dict[str, Any]:
    drawn = picture.viewport
    return {
        "form": picture.form,
        "width": drawn.width,
        "height": drawn.height,
        "x_range": list(drawn.x_range),
        "y_range": list(drawn.y_range),
    }
