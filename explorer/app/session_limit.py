"""How many pages a server has open at once.

A visitor beyond that is told so, and is let in when somebody leaves.
"""

from __future__ import annotations

import logging
from importlib import resources
from typing import TYPE_CHECKING, Any

from bokeh.protocol.exceptions import ProtocolError
from bokeh.util.token import get_session_id
from tornado.routing import Matcher, Rule
from tornado.web import HTTPError, RequestHandler

if TYPE_CHECKING:
    from bokeh.server.contexts import ApplicationContext
    from bokeh.server.session import ServerSession
    from bokeh.server.tornado import BokehTornado
    from tornado.httputil import HTTPServerRequest

__all__ = ["limit_sessions"]

logger = logging.getLogger(__name__)

# seconds until a visitor asks again: Bokeh lets go of a session 15 to 32 s after its page was
# closed
_AGAIN = 20
_OPENS_SESSION = (
    "",
    "autoload.js",
    "ws",
)  # below the prefix; nothing else that is served needs a session


def limit_sessions(server: BokehTornado, most: int) -> None:
    """Let a server have so many sessions of its page at most.

    Parameters
    ----------
    server : BokehTornado
        Serves one page, at "/".
    most : int
        Sessions, also those whose page was closed and that are not let go yet.
    """
    page = (
        resources.files("explorer.app.templates").joinpath("full.html").read_text(encoding="utf-8")
    )
    message = page.format(most=most, again=_AGAIN)
    limit = _Limit(server._applications["/"], most, server.prefix)
    server.add_handlers(".*", [Rule(limit, _FullHandler, {"message": message})])


class _NoPlaceError(HTTPError, ProtocolError):
    """What Tornado answers a page with, and for which Bokeh closes a websocket."""


class _Limit(Matcher):
    """Matches requests that need a session when all are taken, and refuses them.

    Those that came together with the last one are refused too.
    """

    def __init__(self, context: ApplicationContext, most: int, prefix: str) -> None:
        self._context, self._most, self._prefix = context, most, prefix
        self._coming: set[str] = set()
        self._told = False
        self._create = context.create_session_if_needed
        context.create_session_if_needed = self._create_in_place

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return no arguments for the handler of refusals, or None where the request may go on."""
        path = request.path.removeprefix(self._prefix).strip("/")
        # a page that lost its server asks by HEAD whether it is back
        if request.method != "GET" or path not in _OPENS_SESSION:
            return None
        return {} if self._is_full(_session_of(request) if path == "ws" else None) else None

    async def _create_in_place(
        self, session_id: Any, request: HTTPServerRequest | None = None, token: str | None = None
    ) -> ServerSession:
        """Create a session as Bokeh does, where there is a place.

        Many requests are matched before the first is answered.
        """
        if self._is_full(session_id):
            raise _NoPlaceError(503, reason="All places are taken: try again in half a minute")
        self._coming.add(session_id)
        try:
            return await self._create(session_id, request, token)
        finally:
            self._coming.discard(session_id)

    def _is_full(self, session_id: Any) -> bool:
        sessions = self._coming.union(session.id for session in self._context.sessions)
        if session_id in sessions:
            return False
        full = len(sessions) >= self._most
        if full and not self._told:
            logger.warning(
                "all %d sessions are taken, and a visitor was asked to wait (--max-sessions)",
                self._most,
            )
        self._told = full
        return full


def _session_of(request: HTTPServerRequest) -> str | None:
    """Return the session that a websocket asks for, by the token in its subprotocols.

    The token may be any text.
    """
    token = request.headers.get("Sec-WebSocket-Protocol", "").rpartition(",")[2].strip()
    try:
        return str(get_session_id(token))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


class _FullHandler(RequestHandler):
    def initialize(self, message: str) -> None:
        self._message = message

    def get(self) -> None:
        self.set_status(503)
        self.set_header("Retry-After", str(_AGAIN))
        self.set_header("Cache-Control", "no-store")
        self.finish(self._message)

    def _log(self) -> None:
        """Log nothing: visitors ask again and again, and the log was told once."""
