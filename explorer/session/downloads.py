"""Downloads: files that were written for one person, handed out once, and removed."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PATTERN", "Downloads"]

PATTERN = r"/download/([A-Za-z0-9_-]{20,})/[^/]*"
"""Where a server hands them out, below the page."""

_WAITS = 600.0  # seconds for which a file that nobody fetches is kept


@dataclass(frozen=True)
class _Waiting:
    path: Path
    until: float
    owner: str | None


class Downloads:
    """Files that wait to be fetched; safe for several threads.

    A file is fetched once, within ten minutes, by its token; one with an owner by nobody else who
    is signed in.

    Parameters
    ----------
    folder : Path, optional
        Where they are written, on a disk with room for them; default: the system's place for
        temporary files.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._within = folder
        self._lock = threading.Lock()
        self._own: Path | None = None
        self._waiting: dict[str, _Waiting] = {}

    def offer(self, name: str, write: Callable[[Path], None], owner: str | None = None) -> str:
        """Write a file and return where it is handed out, relative to the page.

        Parameters
        ----------
        name : str
            Of the file, with its ending.
        write : callable
            Writes to the path that it is given; what it raises is passed on, and nothing is left.
        owner : str, optional
            The only user who may fetch it; None where nobody signs in.
        """
        self._sweep()
        token = secrets.token_urlsafe(24)
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "rows"
        place = self._folder() / token
        place.mkdir()
        try:
            write(place / plain)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        with self._lock:
            self._waiting[token] = _Waiting(place / plain, time.monotonic() + _WAITS, owner)
        return f"download/{token}/{plain}"

    def take(self, token: str, user: str | None = None) -> Path | None:
        """Return a file that waits, which is then the caller's to `drop`.

        None when this user has none of this token.
        """
        self._sweep()
        with self._lock:
            waiting = self._waiting.get(token)
            if waiting is None or waiting.owner not in (None, user):
                return None
            del self._waiting[token]
        return waiting.path if waiting.path.exists() else None

    def drop(self, path: Path) -> None:
        """Remove a file that was handed out."""
        shutil.rmtree(path.parent, ignore_errors=True)

    def close(self) -> None:
        """Remove all files."""
        with self._lock:
            own, self._own = self._own, None
            self._waiting.clear()
        if own is not None:
            shutil.rmtree(own, ignore_errors=True)

    def _folder(self) -> Path:
        with self._lock:
            if self._own is None or not self._own.is_dir():  # the folder may have been deleted
                within = self._within
                if within is not None:
                    with suppress(OSError):
                        within.mkdir(parents=True, exist_ok=True)
                usable = within if within is not None and within.is_dir() else None
                self._own = Path(tempfile.mkdtemp(prefix="download-", dir=usable))
            return self._own

    def _sweep(self) -> None:
        now = time.monotonic()
        with self._lock:
            late = [token for token, waiting in self._waiting.items() if waiting.until < now]
            gone = [self._waiting.pop(token) for token in late]
        for waiting in gone:
            self.drop(waiting.path)
