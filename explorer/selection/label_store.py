"""LabelDocuments: the label columns of one table among the user's documents."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from explorer.core.documents import user_documents
from explorer.core.errors import LabelError, StoreError
from explorer.selection.label_column import LabelColumn, LabelLevel, Labelling
from explorer.selection.table_documents import TableDocuments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from explorer.core.documents import Document, Transaction

__all__ = ["LabelDocuments", "any_labels"]

logger = logging.getLogger(__name__)

_FORM = 1


class LabelDocuments(TableDocuments):
    """The label columns of one table; safe for several threads and processes; a `LabelStore`.

    A document for each column, and one for each level with its packed rows.

    Attributes
    ----------
    trouble : list of str
        A sentence for each column that could not be read; it is left where it is.
    """

    kind, files, error = "labels", "*.json", LabelError

    def __init__(self, fingerprint: str, num_rows: int, folder: Path | None = None) -> None:
        super().__init__(fingerprint, num_rows, folder)
        self.trouble: list[str] = []

    def read_all(self) -> list[LabelColumn]:
        """Return every column, the oldest first; a damaged one is passed over with words."""
        self.trouble = list(self._not_imported)
        columns = []
        with self._reading() as documents:
            for document in documents.listed(self.collection):
                try:
                    columns.append(self._column(documents, document))
                except LabelError as error:
                    self.trouble.append(str(error))
        return columns

    def read(self, name: str) -> LabelColumn | None:
        """Return a column as it is kept now, None when there is none.

        Raises
        ------
        LabelError
            When it is damaged.
        """
        with self._reading() as documents:
            return self._read(documents, name)

    def change(
        self, name: str, change: Callable[[LabelColumn | None], LabelColumn | None]
    ) -> LabelColumn | None:
        """Change a column as it is at this moment, while nobody else changes it.

        Parameters
        ----------
        name : str
        change : callable
            Takes the column, None when there is none, and returns what is to be kept; None or no
            level removes it.

        Returns
        -------
        LabelColumn or None
            What is kept.

        Raises
        ------
        LabelError
            When the column is damaged, the folder cannot be written or the disk is full; nothing
            has changed then.
        """
        with self._writing() as documents:
            before = self._read(documents, name)
            after = change(before)
            self._keep(documents, name, before, after)
        return after if after is not None and after.levels else None

    def _keep(
        self,
        documents: Transaction,
        name: str,
        before: LabelColumn | None,
        after: LabelColumn | None,
    ) -> None:
        """Write the levels that are not as they were."""
        levels = self._levels(name)
        old = list(before.levels) if before else []
        new = list(after.levels) if after else []
        for level in old:
            if level.name not in {fresh_level.name for fresh_level in new}:
                documents.remove(levels, level.name)
        for place, level in enumerate(new):
            if place >= len(old) or level is not old[place]:
                body = {
                    "place": place,
                    "count": level.count,
                    "made": [asdict(labelling) for labelling in level.made],
                }
                documents.put(levels, level.name, body, level.packed)
        if not new:
            documents.remove(self.collection, name)
        elif before is None:
            documents.put(self.collection, name, {"form": _FORM, "rows": self.num_rows})

    def _levels(self, name: str) -> str:
        return f"{self.collection}/{name}"

    def _read(self, documents: Transaction, name: str) -> LabelColumn | None:
        document = documents.get(self.collection, name)
        return None if document is None else self._column(documents, document)

    def _column(self, documents: Transaction, document: Document) -> LabelColumn:
        try:
            if document.body["form"] != _FORM or document.body["rows"] != self.num_rows:
                raise ValueError("of another version, or of a table of another length")
            result = documents.listed(self._levels(document.key), data=True)
            levels = [
                LabelLevel(
                    entry.key, entry.data, int(entry.body["count"]), _labellings(entry.body["made"])
                )
                for entry in sorted(result, key=lambda entry: entry.body["place"])
            ]
            column = LabelColumn(document.key, self.num_rows, tuple(levels))
            column.codes()  # each level can be unpacked
        except (ValueError, KeyError, TypeError, LabelError) as error:
            raise LabelError(
                f"the labels {document.key!r} cannot be read ({error}): they are left out"
            ) from error
        return column

    def _import(self, documents: Transaction, path: Path) -> None:
        """Read a file of an earlier version: a column as JSON, with rows in base64."""
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["form"] != _FORM or document["rows"] != self.num_rows:
            raise ValueError("of another version, or of a table of another length")
        levels = [
            LabelLevel(
                level["name"],
                base64.b64decode(level["bits"], validate=True),
                int(level["count"]),
                _labellings(level["made"]),
            )
            for level in document["levels"]
        ]
        column = LabelColumn(document["column"], self.num_rows, tuple(levels))
        column.codes()  # each level can be unpacked
        if documents.get(self.collection, column.name) is None:
            self._keep(documents, column.name, None, column)


def any_labels(folder: Path | None = None) -> bool:
    """Say whether there are labels of any table, without asking which."""
    store = user_documents(folder)
    try:
        with store.reading() as documents:
            return bool(documents.collections(f"{LabelDocuments.kind}/")) or any(
                (store.path.parent / LabelDocuments.kind).glob("*/*.json")
            )
    except (StoreError, OSError) as error:
        logger.warning("row labels are left out: %s", error)
        return False


def _labellings(entries: list[dict[str, Any]]) -> tuple[Labelling, ...]:
    return tuple(Labelling(**entry) for entry in entries)
