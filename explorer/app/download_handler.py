"""Send a file that was written for somebody, as fast as it is taken, and remove it."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bokeh.server.views.auth_request_handler import AuthRequestHandler
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.session.downloads import Downloads

__all__ = ["DownloadHandler"]

_PIECE = 1 << 20  # bytes


class DownloadHandler(AuthRequestHandler):
    """Answers the address of a file with the file.

    Only for those who are signed in, where the server asks for that.
    """

    def initialize(self, downloads: Downloads) -> None:
        """Take the files from here."""
        self._downloads = downloads

    @authenticated
    async def get(self, token: str) -> None:
        """Send the file of a token, once."""
        path = self._downloads.take(token, self.current_user)
        if path is None:
            raise HTTPError(
                404,
                reason="this file was fetched already, has waited too long, or was saved by "
                "another user: save it again",
            )
        try:
            self._head(path)
            await self._send(path)
        except StreamClosedError:
            pass  # who asked for it has left
        finally:
            self._downloads.drop(path)

    def _head(self, path: Path) -> None:
        kind = (
            "text/csv; charset=utf-8"
            if path.suffix == ".csv"
            else mimetypes.guess_type(path.name)[0]
        )
        self.set_header("Content-Type", kind or "application/octet-stream")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(path.name)}")
        self.set_header("Content-Length", str(path.stat().st_size))
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    async def _send(self, path: Path) -> None:
        loop: Any = IOLoop.current()
        with path.open("rb") as file:
            while piece := await loop.run_in_executor(None, file.read, _PIECE):
                self.write(piece)
                await self.flush()  # waits until it was taken: a slow reader costs no memory
