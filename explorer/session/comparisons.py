"""Comparisons: what was compared before, kept in the user's data folder, the newest first."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from explorer.cache import data_folder, key_of
from explorer.errors import ComparisonError

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.groups.comparison import Comparison

__all__ = ["Comparisons"]

_FORM = 1
_MOST = 200  # files of one table; older ones go when a newer one is kept


class Comparisons:
    """The comparisons of one table, a file each.

    Parameters
    ----------
    fingerprint : str
        Of the table.
    folder : Path, optional
        The user's data folder without it.
    """

    def __init__(self, fingerprint: str, folder: Path | None = None) -> None:
        self.folder = (folder or data_folder()) / "comparisons" / fingerprint[:32]
        self._lock = threading.Lock()

    def keep(self, found: Comparison, name: str) -> str:
        """Keep a comparison under a name, and return its key.

        Raises
        ------
        ComparisonError
            When it cannot be written; nothing half-written is left.
        """
        document = {"form": _FORM, "name": name, "time": time.time(), **found.document()}
        key = key_of(document)[:16]
        try:
            with self._lock:
                self._write(f"{time.time_ns():020d}-{key}", document)
        except OSError as error:
            raise ComparisonError(
                f"the comparison is shown but could not be kept in {self.folder}: {error.strerror or error}"
            ) from error
        return key

    def listed(self) -> list[dict[str, Any]]:
        """Return key, name, time and counts of each, the newest first; a damaged file is passed over."""
        found = []
        for path in sorted(self._files(), reverse=True):
            document = _read(path)
            if document is not None:
                key = path.stem.split("-")[1]
                found.append(
                    {"key": key, **{name: document[name] for name in ("name", "time", "n_a", "n_b")}}
                )
        return found

    def load(self, key: str) -> dict[str, Any]:
        """Return a comparison as JSON.

        Raises
        ------
        ComparisonError
            When there is none of this key, or its file is damaged.
        """
        for path in self._files():
            if path.stem.endswith(f"-{key}"):
                document = _read(path)
                if document is not None:
                    return document
        raise ComparisonError("this comparison is not there any more: compare again")

    def _files(self) -> list[Path]:
        try:
            return [path for path in self.folder.iterdir() if path.suffix == ".json"]
        except OSError:
            return []

    def _write(self, name: str, document: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{name}.{os.getpid()}.part"
        try:
            draft.write_text(json.dumps(document, allow_nan=False), encoding="utf-8")
            draft.replace(self.folder / f"{name}.json")
        finally:
            draft.unlink(missing_ok=True)
        for path in sorted(self._files())[:-_MOST]:
            path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(document, dict) and {"form", "name", "time", "n_a", "n_b", "rows"} <= document.keys()
    return document if whole and document["form"] == _FORM else None
