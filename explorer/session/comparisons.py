"""Comparisons: what was compared before, kept in the user's data folder, the newest first."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from explorer.cache import data_folder, key_of
from explorer.errors import ComparisonError
from explorer.session.kept_documents import KeptDocuments

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.groups.comparison import Comparison

__all__ = ["Comparisons"]

_FORM = 1
_MOST = 200  # files of one table; older ones go when a newer one is kept
_LISTED = ("name", "time", "n_a", "n_b")


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
        self._kept = KeptDocuments(self.folder, _FORM, (*_LISTED, "rows"), _MOST)

    def keep(self, found: Comparison, name: str) -> str:
        """Keep a comparison under a name, and return its key.

        Raises
        ------
        ComparisonError
            When it cannot be written; nothing half-written is left.
        """
        document = {"name": name, "time": time.time(), **found.document()}
        key = key_of(document)[:16]
        try:
            self._kept.put(key, document)
        except OSError as error:
            raise ComparisonError(
                f"the comparison is shown but could not be kept in {self.folder}: {error.strerror or error}"
            ) from error
        return key

    def listed(self) -> list[dict[str, Any]]:
        """Return key, name, time and counts of each, the newest first; a damaged file is passed over."""
        return [
            {"key": key, **{name: document[name] for name in _LISTED}}
            for key, document in self._kept.listed()
        ]

    def load(self, key: str) -> dict[str, Any]:
        """Return a comparison as JSON.

        Raises
        ------
        ComparisonError
            When there is none of this key, or its file is damaged.
        """
        document = self._kept.get(key)
        if document is None:
            raise ComparisonError("this comparison is not there any more: compare again")
        return document
