"""Frames of the maps of a session, from what the page asks for to what is sent."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.map.paint.encoded_frame import Screen
    from explorer.map.viewport import Viewport
    from explorer.map_view.canvas.client_frame_cache import Sent
    from explorer.session.maps.scene import Account
    from explorer.session.session import Session

__all__ = ["Picture", "View", "picture_at_hand", "picture_of"]


@dataclass(frozen=True)
class View:
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
class Picture:
    """A frame of the first map and, where there is one, of the second.

    Attributes
    ----------
    data : tuple of bytes
        Of each; empty when the page has them.
    known : int or None
        Number of the frame in which the page has them.
    """

    view: View
    screens: tuple[Screen, ...]
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


def picture_of(session: Session, view: View, sent: Sent) -> Picture | None:
    """Draw what is looked at, in a thread; None while there is no map."""
    shown, second = session.projection.map(), session.second_map.map()
    if shown is None:
        return None
    screens = [session.scene.screen(shown, view.drawn, view.moving)]
    if second is not None:
        screens.append(session.second_scene.screen(second, view.drawn, view.moving))
    account = None if view.moving else session.scene.account(shown, view.sight)
    known = sent.number(tuple(screens))
    data = () if known is not None else tuple(screen.data(view.packed) for screen in screens)
    return Picture(view, tuple(screens), data, account, known)


def picture_at_hand(session: Session, view: View, sent: Sent) -> Picture | None:
    """Return what is looked at where the page has it and nothing is to be drawn; None elsewhere. At once, on the event loop."""
    shown = session.projection.map()
    if shown is None or view.moving or session.second_map.wanted:
        return None
    found = session.scene.at_hand(shown, view.drawn, view.sight)
    known = None if found is None else sent.number(found[:1])
    return None if found is None or known is None else Picture(view, found[:1], (), found[1], known)


def _covers(screen: Screen) -> dict[str, Any]:
    drawn = screen.viewport
    return {
        "form": screen.form,
        "width": drawn.width,
        "height": drawn.height,
        "x_range": list(drawn.x_range),
        "y_range": list(drawn.y_range),
    }
