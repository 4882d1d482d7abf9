"""SavedComparisons: what was compared before, kept in the user's data folder, the newest first."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from explorer.core.cache import key_of
from explorer.core.documents import import_json, user_documents
from explorer.core.errors import ComparisonError, StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.compare.comparison import Comparison

__all__ = ["SavedComparisons"]

logger = logging.getLogger(__name__)

_MOST = 200  # comparisons of one table; older ones go when a newer one is kept
_LISTED = ("name", "time", "n_a", "n_b")


class SavedComparisons:
    """The kept comparisons of one table, among the user's documents.

    Parameters
    ----------
    fingerprint : str
        Of the table.
    folder : Path, optional
        The user's data folder.
    """

    def __init__(self, fingerprint: str, folder: Path | None = None) -> None:
        self._documents = user_documents(folder)
        self._collection = f"comparisons/{fingerprint[:32]}"
        import_json(
            self._documents, self._collection, self._documents.path.parent / self._collection
        )

    def keep(self, comparison: Comparison, name: str) -> str:
        """Keep a comparison under a name, and return its key.

        Raises
        ------
        ComparisonError
            When it cannot be written; nothing half-written is left.
        """
        document = {"name": name, "time": time.time(), **comparison.document()}
        key = key_of(document)[:16]
        try:
            with self._documents.writing() as documents:
                documents.put(self._collection, key, document)
                documents.keep_newest(self._collection, _MOST)
        except StoreError as error:
            raise ComparisonError(
                f"the comparison is shown but could not be kept: {error}"
            ) from error
        return key

    def listed(self) -> list[dict[str, Any]]:
        """Return key, name, time and counts of each, newest first; damaged ones are left out."""
        try:
            with self._documents.reading() as documents:
                saved = documents.listed(self._collection)
        except StoreError as error:
            logger.warning("kept comparisons: %s", error)
            return []
        return [
            {"key": entry.key, **{name: entry.body[name] for name in _LISTED}}
            for entry in reversed(saved)
            if {*_LISTED, "rows"} <= entry.body.keys()
        ]

    def load(self, key: str) -> dict[str, Any]:
        """Return a comparison as JSON.

        Raises
        ------
        ComparisonError
            When there is none of this key, or it cannot be read.
        """
        try:
            with self._documents.reading() as documents:
                document = documents.get(self._collection, key)
        except StoreError as error:
            raise ComparisonError(str(error)) from error
        if document is None:
            raise ComparisonError("this comparison is not there any more: compare again")
        return document.body
