"""KeptDocuments: JSON files in a folder of the user's data, the newest first; older ones go when there are many."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from explorer.drafts import drafted

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["KeptDocuments"]


class KeptDocuments:
    """Documents by key, a file each; a file appears whole or not at all, and a damaged one is passed over.

    Parameters
    ----------
    folder : Path
        Made with the first document.
    form : int
        Of the documents; those of another form are passed over.
    needed : collection of str
        Entries that a whole document has.
    most : int
        Files that are kept.
    """

    def __init__(self, folder: Path, form: int, needed: Collection[str], most: int) -> None:
        self.folder = folder
        self._form, self._needed, self._most = form, {"form", *needed}, most
        self._lock = threading.Lock()

    def put(self, key: str, document: dict[str, Any]) -> None:
        """Keep a document; an earlier one of this key is replaced.

        Raises
        ------
        OSError
            When it cannot be written; nothing half-written is left, and the earlier one stays.
        """
        with self._lock:
            self.folder.mkdir(parents=True, exist_ok=True)
            name = f"{time.time_ns():020d}-{key}"
            before = [path for path in self._files() if _key(path) == key]
            with drafted(self.folder / f"{name}.json") as draft:
                text = json.dumps({"form": self._form, **document}, allow_nan=False)
                draft.write_text(text, encoding="utf-8")
            for path in [*before, *sorted(self._files())[: -self._most]]:
                path.unlink(missing_ok=True)

    def listed(self) -> list[tuple[str, dict[str, Any]]]:
        """Return keys and documents, the newest first."""
        found = [(_key(path), self._read(path)) for path in sorted(self._files(), reverse=True)]
        return [(key, document) for key, document in found if document is not None]

    def get(self, key: str) -> dict[str, Any] | None:
        """Return a document; None when there is none of this key, or its file is damaged."""
        for path in self._files():
            if _key(path) == key:
                return self._read(path)
        return None

    def forget(self, key: str) -> None:
        """Remove a document."""
        for path in self._files():
            if _key(path) == key:
                path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        try:
            return [path for path in self.folder.iterdir() if path.suffix == ".json"]
        except OSError:
            return []

    def _read(self, path: Path) -> dict[str, Any] | None:
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        whole = isinstance(document, dict) and self._needed <= document.keys()
        return document if whole and document["form"] == self._form else None


def _key(path: Path) -> str:
    return path.stem.partition("-")[2]
