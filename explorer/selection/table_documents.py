"""TableDocuments: what people made of the rows of one table, among the user's documents."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from explorer.core.documents import user_documents
from explorer.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from explorer.core.documents import Transaction
    from explorer.core.errors import ExplorerError

__all__ = ["TableDocuments"]


class TableDocuments(ABC):
    """Documents of one table; safe for several threads and processes.

    Parameters
    ----------
    fingerprint : str
        Of the table's rows.
    num_rows : int
    folder : Path, optional
        The user's data folder.

    Attributes
    ----------
    kind : str
        Of the documents, in the plural.
    files : str
        Pattern of the files in which an earlier Explorer kept them.
    error : type
        What an error of the store becomes.
    """

    kind: ClassVar[str]
    files: ClassVar[str]
    error: ClassVar[type[ExplorerError]]

    def __init__(self, fingerprint: str, num_rows: int, folder: Path | None = None) -> None:
        self.fingerprint, self.num_rows = fingerprint, num_rows
        self.documents = user_documents(folder)
        self.collection = f"{self.kind}/{fingerprint[:32]}"
        earlier = self.documents.path.parent / self.collection
        self._not_imported = self.documents.import_files(earlier, self.files, self._import)

    @abstractmethod
    def _import(self, documents: Transaction, path: Path) -> None:
        """Take over a file of an earlier version."""

    @contextmanager
    def _reading(self) -> Iterator[Transaction]:
        with self._store_errors(), self.documents.reading() as documents:
            yield documents

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        with self._store_errors(), self.documents.writing() as documents:
            yield documents

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            raise self.error(f"{self.kind}: {error}") from error
