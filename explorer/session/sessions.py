"""Sessions that are saved by themselves in the user's data folder."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from explorer.core.documents import import_json, user_documents
from explorer.core.errors import ExplorerError, StoreError
from explorer.core.gettext import _
from explorer.session.session_file import FORM, session_document

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.session.session import Session

__all__ = ["Autosave", "SessionStore"]

logger = logging.getLogger(__name__)

_COLLECTION = "sessions"
_MOST = 200
_AFTER = 1.5  # seconds of rest before a state is written
_LOOKS = {"theme", "tab", "feature", "row", "viewport", "table"}


class SessionStore:
    """The sessions of a user's data folder.

    Parameters
    ----------
    folder : Path, optional
        The user's data folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._documents = user_documents(folder)
        import_json(self._documents, _COLLECTION, self._documents.path.parent / _COLLECTION)

    def put(self, key: str, document: dict[str, Any], who: str) -> None:
        """Keep a session document; the earlier one of this key is replaced."""
        with self._documents.writing() as documents:
            documents.put(_COLLECTION, key, {"session": document, "who": who})
            documents.keep_newest(_COLLECTION, _MOST)

    def at_table(self, title: str, fingerprint: str) -> list[dict[str, Any]]:
        """Return key, time, person and summary of the sessions at a table.

        Those at a former state of a table of this title count too.
        """
        try:
            with self._documents.reading() as documents:
                stored = documents.listed(_COLLECTION)
        except StoreError as error:
            logger.warning("sessions: %s", error)
            return []
        listed = []
        for document in reversed(stored):
            session = document.body.get("session") or {}
            if session.get("form") != FORM:
                continue
            table, state = session["table"], session["state"]
            if table["title"] != title and table["fingerprint"] != fingerprint:
                continue
            changed = bool(table["fingerprint"]) and table["fingerprint"] != fingerprint
            listed.append(
                {
                    "key": document.key,
                    "time": session["time"],
                    "who": document.body.get("who", ""),
                    "words": _words(state),
                    "changed": changed,
                }
            )
        return listed

    def load(self, key: str) -> dict[str, Any]:
        """Return a session document.

        Raises
        ------
        ExplorerError
            When it is not there any more.
        """
        with self._documents.reading() as documents:
            stored = documents.get(_COLLECTION, key)
        if stored is None:
            raise ExplorerError("this session no longer exists")
        document: dict[str, Any] = stored.body["session"]
        return document


class Autosave:
    """Writes a session when it has rested for a moment after a change.

    A session that did nothing is not kept.

    Parameters
    ----------
    session : Session
    sessions : SessionStore
    """

    def __init__(self, session: Session, sessions: SessionStore) -> None:
        self.key = uuid4().hex[:16]
        self.failed = ""
        self._session, self._sessions = session, sessions
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        session.state.subscribe(lambda changed, _: self._changed(changed))
        session.on_close(self.flush)

    def flush(self) -> None:
        """Write now what is waiting to be written."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            self._write()

    def _changed(self, changed: frozenset[str]) -> None:
        if changed <= _LOOKS:
            return
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(_AFTER, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def _write(self) -> None:
        try:
            self._sessions.put(
                self.key,
                session_document(self._session),
                self._session.user,
            )
            self.failed = ""
        except StoreError as error:
            self.failed = f"this session cannot be saved: {error}"
            self._session.show_note(self.failed)


def _words(state: dict[str, Any]) -> str:
    parts = [f"{len(state['features']):,} features", state.get("set") or ""]
    parts += [f"{len(state['filters']):,} filters"] if state["filters"] else []
    parts += ["a selection"] if state["selection"] else []
    parts += [
        _("group {name}").format(name=which.upper())
        for which, group in state["groups"].items()
        if group
    ]
    return " · ".join(filter(None, parts))
