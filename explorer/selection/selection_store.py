"""SelectionStore: the saved selections of one table among the user's documents.

One bit for each row.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import SelectionError
from explorer.selection.saved_selection import SavedSelection, id_of_rows
from explorer.selection.table_documents import TableDocuments

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.core.documents import Transaction

__all__ = ["SelectionStore"]

_FORM = 1


class SelectionStore(TableDocuments):
    """The saved selections of one table; safe for several threads and processes."""

    kind, files, error = "selections", "*.rows", SelectionError

    def listed(self) -> tuple[list[SavedSelection], list[str]]:
        """Return what is saved, the oldest first, and a sentence for each that cannot be read."""
        with self._reading() as documents:
            result = documents.listed(self.collection)
        saved, trouble = [], list(self._not_imported)
        for document in result:
            try:
                saved.append(self._saved(document.body))
            except (ValueError, KeyError, TypeError) as error:
                trouble.append(
                    f"the saved selection {document.key} cannot be read ({error}): it is left out"
                )
        return sorted(saved, key=lambda selection: (selection.time, selection.name)), trouble

    def get(self, name: str) -> SavedSelection | None:
        """Return what is saved under an id, None when nothing is."""
        return next((saved for saved in self.listed()[0] if saved.id == name), None)

    def mask(self, saved: SavedSelection) -> NDArray[np.bool_]:
        """Return the rows, (num_rows,) bool.

        Raises
        ------
        SelectionError
            When it is gone or damaged.
        """
        with self._reading() as documents:
            result = documents.get(self.collection, saved.id)
        if result is None:
            raise SelectionError(
                f"the saved selection {saved.name!r} is not there any more: save it again"
            )
        bits = np.frombuffer(result.data, np.uint8)
        if id_of_rows(self.fingerprint, bits) != saved.id:
            raise SelectionError(
                f"the saved selection {saved.name!r} is damaged: remove it, and save it again"
            )
        return np.unpackbits(bits, count=self.num_rows).view(np.bool_)

    def save(self, saved: SavedSelection, mask: NDArray[np.bool_]) -> SavedSelection:
        """Keep rows, (num_rows,) bool; returns what was saved, with its id.

        Raises
        ------
        SelectionError
            When the name is taken, the same rows are saved already, the folder cannot be written or
            the disk is full; nothing has changed then.
        """
        bits = np.packbits(mask)
        selection = replace(
            saved, id=id_of_rows(self.fingerprint, bits), count=int(np.count_nonzero(mask))
        )
        with self._writing() as documents:
            same = documents.get(self.collection, selection.id)
            if same is not None:
                existing = same.body.get("name", "")
                raise SelectionError(
                    f"these rows are saved already, as {existing!r}: rename that one"
                )
            self._need_free(documents, selection)
            self._put(documents, selection, bits.tobytes())
        return selection

    def rename(self, saved: SavedSelection, name: str) -> SavedSelection:
        """Give another name; see `save`."""
        renamed = replace(saved, name=name)
        with self._writing() as documents:
            result = documents.get(self.collection, saved.id)
            if result is None:
                raise SelectionError(f"the saved selection {saved.name!r} is not there any more")
            self._need_free(documents, renamed)
            self._put(documents, renamed, result.data)
        return renamed

    def remove(self, saved: SavedSelection) -> None:
        """Remove a selection; one that is gone already is no error."""
        with self._writing() as documents:
            documents.remove(self.collection, saved.id)

    def _put(self, documents: Transaction, saved: SavedSelection, bits: bytes) -> None:
        body = {"form": _FORM, "rows": self.num_rows, **asdict(saved)}
        documents.put(self.collection, saved.id, body, bits)

    def _need_free(self, documents: Transaction, saved: SavedSelection) -> None:
        """Refuse a name that another selection has at this moment."""
        for document in documents.listed(self.collection):
            if document.body.get("name") == saved.name and document.key != saved.id:
                raise SelectionError(
                    f"a selection called {saved.name!r} is saved already: choose another name"
                )

    def _saved(self, body: dict[str, Any]) -> SavedSelection:
        body = dict(body)
        form, rows = body.pop("form"), body.pop("rows")
        if form != _FORM or rows != self.num_rows:
            raise ValueError("of another version, or of a table of another length")
        return SavedSelection(**body)

    def _import(self, documents: Transaction, path: Path) -> None:
        """Read a file of an earlier version: a line of JSON, then the packed rows."""
        line, _, bits = path.read_bytes().partition(b"\n")
        saved = self._saved(json.loads(line))
        if documents.get(self.collection, saved.id) is None:
            self._put(documents, saved, bits)
