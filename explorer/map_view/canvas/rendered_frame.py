"""What the page asks of a map, and the frame that answers it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.map.paint.encoded_frame import EncodedFrame
    from explorer.map.viewport import Viewport
    from explorer.session.maps.scene import Account

__all__ = ["FrameRequest", "RenderedFrame"]


@dataclass(frozen=True)
class FrameRequest:
    """What the page asks for: the drawn rectangle with its border, and the rectangle in sight.

    Attributes
    ----------
    packed : bool
        Whether the line is slow.
    asked : float
        Seconds, when the request came.
    """

    drawn: Viewport
    sight: Viewport
    sequence: int
    moving: bool
    packed: bool
    asked: float


@dataclass(frozen=True, eq=False)
class RenderedFrame:
    """A frame of the first map and, where there is one, of the second.

    Attributes
    ----------
    data : tuple of bytes
        Of each; empty when the page has them.
    known : int or None
        Number of the frame in which the page has them.
    """

    view: FrameRequest
    screens: tuple[EncodedFrame, ...]
    data: tuple[bytes, ...]
    account: Account | None
    known: int | None = None

    def info(self, number: int) -> dict[str, Any]:
        """Return what the page has to know of it, as plain JSON."""
        view, account, first = self.view, self.account, self.screens[0]
        counted = account and {
            "in_view": account.in_view,
            "outside": account.outside,
            "hidden": account.hidden,
        }
        return {
            "id": number,
            "seq": view.sequence,
            "moving": view.moving,
            "packed": view.packed,
            "account": counted,
            "seconds": time.perf_counter() - view.asked,
            "ends": first.ends,
            **_covers(first),
            "second": _covers(self.screens[1]) if len(self.screens) > 1 else None,
        }


def _covers(screen: EncodedFrame) -> dict[str, Any]:
    drawn = screen.viewport
    return {
        "form": screen.form,
        "width": drawn.width,
        "height": drawn.height,
        "x_range": list(drawn.x_range),
        "y_range": list(drawn.y_range),
    }
