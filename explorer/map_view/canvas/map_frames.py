"""Frames of the maps of a session, from what the page asks for to what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.map_view.canvas.rendered_frame import RenderedFrame

if TYPE_CHECKING:
    from explorer.map_view.canvas.client_frame_cache import ClientFrameCache
    from explorer.map_view.canvas.rendered_frame import FrameRequest
    from explorer.session.session import Session

__all__ = ["cached_picture", "picture_of"]


def picture_of(
    session: Session, view: FrameRequest, sent: ClientFrameCache
) -> RenderedFrame | None:
    """Draw what is looked at, in a thread; None while there is no map."""
    shown, second = session.projection.map(), session.second_map.map()
    if shown is None:
        return None
    screens = [session.scene.encoded_frame(shown, view.drawn, view.moving)]
    if second is not None:
        screens.append(session.second_scene.encoded_frame(second, view.drawn, view.moving))
    account = None if view.moving else session.scene.account(shown, view.sight)
    known = sent.number(tuple(screens))
    data = () if known is not None else tuple(screen.data(view.packed) for screen in screens)
    return RenderedFrame(view, tuple(screens), data, account, known)


def cached_picture(
    session: Session, view: FrameRequest, sent: ClientFrameCache
) -> RenderedFrame | None:
    """Return what is looked at where the page has it and nothing is to be drawn; None elsewhere.

    At once, on the event loop.
    """
    shown = session.projection.map()
    if shown is None or view.moving or session.second_map.wanted:
        return None
    found = session.scene.cached_frame(shown, view.drawn, view.sight)
    known = None if found is None else sent.number(found[:1])
    return (
        None
        if found is None or known is None
        else RenderedFrame(view, found[:1], (), found[1], known)
    )
