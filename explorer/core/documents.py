"""Documents: what people made, kept in one SQLite file for many threads, processes and servers."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections import defaultdict
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from explorer.core.errors import StoreError
from explorer.core.folders import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Document", "DocumentStore", "Transaction", "import_json", "user_documents"]

logger = logging.getLogger(__name__)

_FILE = "documents.db"
_FORM = 1
_WAIT_SECONDS = 60.0  # for other writers, each of whom takes milliseconds
_TABLE = """
CREATE TABLE IF NOT EXISTS documents (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    changed REAL NOT NULL,
    body TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (collection, key)
)
"""


@dataclass(frozen=True)
class Document:
    """What is kept under a key.

    Attributes
    ----------
    key : str
    body : dict
        JSON.
    data : bytes
        Beside the JSON, such as packed rows; empty where it was not asked for.
    changed : float
        Seconds since 1970-01-01 UTC.
    """

    key: str
    body: dict[str, Any]
    data: bytes
    changed: float


class Transaction:
    """Reads and changes of one moment.

    Made by `DocumentStore.reading` and `DocumentStore.writing`.
    """

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = (
            connection  # None: there is no file yet, so that there is nothing to read
        )

    def get(self, collection: str, key: str) -> Document | None:
        """Return a document, None when there is none of this key, or one that is no JSON object."""
        query = "SELECT key, body, data, changed FROM documents WHERE collection = ? AND key = ?"
        return next(self._query(query, (collection, key)), None)

    def listed(self, collection: str, *, data: bool = False) -> list[Document]:
        """Return the documents of a collection, the one that was put last at the end.

        What is no JSON object is left out.

        Parameters
        ----------
        collection : str
        data : bool
            Read what stands beside the JSON, too.
        """
        read = "data" if data else "x''"
        query = (
            f"SELECT key, body, {read}, changed FROM documents WHERE collection = ? ORDER BY place"
        )
        return list(self._query(query, (collection,)))

    def collections(self, start: str) -> list[str]:
        """Return the collections whose names begin with a text."""
        query = "SELECT DISTINCT collection FROM documents WHERE substr(collection, 1, ?) = ?"
        rows = self._connection.execute(query, (len(start), start)) if self._connection else ()
        return sorted(name for (name,) in rows)

    def put(self, collection: str, key: str, body: Mapping[str, Any], data: bytes = b"") -> None:
        """Keep a document; an earlier one of this key is replaced.

        Raises
        ------
        ValueError
            A body that JSON cannot hold, such as NaN.
        """
        text = json.dumps(body, allow_nan=False)
        query = (
            "INSERT OR REPLACE INTO documents (collection, key, changed, body, data) "
            "VALUES (?, ?, ?, ?, ?)"
        )
        self._writer.execute(query, (collection, key, time.time(), text, data))

    def remove(self, collection: str, key: str) -> None:
        """Remove a document; none there is no error."""
        self._writer.execute(
            "DELETE FROM documents WHERE collection = ? AND key = ?", (collection, key)
        )

    def keep_newest(self, collection: str, count: int) -> None:
        """Remove all documents of a collection but the `count` that were put last."""
        query = (
            "DELETE FROM documents WHERE collection = ? AND place NOT IN "
            "(SELECT place FROM documents WHERE collection = ? ORDER BY place DESC LIMIT ?)"
        )
        self._writer.execute(query, (collection, collection, count))

    @property
    def _writer(self) -> sqlite3.Connection:
        assert self._connection is not None, "this transaction only reads"
        return self._connection

    def _query(self, query: str, values: tuple[str, ...]) -> Iterator[Document]:
        for key, body, data, changed in (
            self._connection.execute(query, values) if self._connection else ()
        ):
            try:
                document = json.loads(body)
            except ValueError:
                continue
            if isinstance(document, dict):
                yield Document(key, document, data, changed)


class DocumentStore:
    """Documents by collection and key in an SQLite file.

    A change is on the disk when `writing` ends: it survives that the process is killed (write-ahead
    log, synchronous). Changes of several processes follow one another; each sees what the one
    before has written.

    Parameters
    ----------
    path : Path
        The file; it appears with the first change.
    """

    _turns: ClassVar[defaultdict[Path, threading.Lock]] = defaultdict(threading.Lock)

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def last_change(self) -> tuple[tuple[int, ...], ...]:
        """Return when, in ns, and how the file and its log of changes were last written to.

        It is another after each change, but for changes within one tick of the file system's clock;
        empty while there is no file.
        """
        stamps = []
        for path in (self.path, Path(f"{self.path}-wal")):
            try:
                status = path.stat()
            except OSError:
                continue
            stamps.append((status.st_mtime_ns, status.st_size, status.st_ino))
        return tuple(stamps)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Read documents as they are at one moment.

        Raises
        ------
        StoreError
            When the file is damaged or may not be read.
        """
        if not self.path.exists():
            yield Transaction(None)
            return
        with self._store_errors("read"), closing(self._reader()) as connection:
            connection.execute("BEGIN")
            yield Transaction(connection)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Read and change documents while nobody else changes any.

        All changes are kept when the block ends, or none.

        Raises
        ------
        StoreError
            When the folder cannot be written, the disk is full, or the file is damaged.
        """
        # threads take turns here, since SQLite lets who waits poll
        with self._store_errors("written"), self._turns[self.path.absolute()]:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield Transaction(connection)
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()

    def import_files(
        self, folder: Path, pattern: str, keep: Callable[[Transaction, Path], None]
    ) -> list[str]:
        """Take over files in which an earlier Explorer kept documents, the oldest first.

        They then end in ``.imported``.

        Parameters
        ----------
        folder : Path
        pattern : str
            Of the names of the files.
        keep : callable
            Reads a file and puts it; a `ValueError`, `KeyError` or `TypeError` leaves the file
            where it is.

        Returns
        -------
        list of str
            A sentence for each file that could not be read.
        """
        try:
            paths = sorted(
                folder.glob(pattern), key=lambda path: (path.stat().st_mtime_ns, path.name)
            )
        except OSError:
            return []
        trouble = []
        for path in paths:
            try:
                with self.writing() as documents:
                    keep(documents, path)
                with self._store_errors("written"):
                    path.rename(path.with_name(f"{path.name}.imported"))
            except (ValueError, KeyError, TypeError, StoreError) as error:
                trouble.append(
                    f"{path} cannot be read ({error}): it is left where it is; move it away"
                )
        return trouble

    def _reader(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.OperationalError as error:
            # a full disk has no room for the index of the log, which who has the file alone keeps
            # in memory (https://www.sqlite.org/wal.html#noshm)
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL):
                raise
            return self._connect(alone=True)

    def _connect(self, *, alone: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            if alone:
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            form = connection.execute("PRAGMA user_version").fetchone()[0]
            if form > _FORM:
                raise sqlite3.DatabaseError(f"it is of version {form}, made by a newer Explorer")
            connection.execute("PRAGMA synchronous = FULL")
            if form < _FORM:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA user_version = {_FORM}")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _store_errors(self, done: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, StoreError):
                raise
            reason = getattr(error, "strerror", None) or error
            raise StoreError(
                f"{self.path} cannot be {done} ({reason}): make room, ask for permission, or move "
                "a damaged file away; "
                "nothing was changed"
            ) from error


def user_documents(folder: Path | None = None) -> DocumentStore:
    """Return the documents of the user.

    Row labels, saved selections, kept comparisons and sessions.

    Parameters
    ----------
    folder : Path, optional
        Default: the user's data folder.
    """
    return DocumentStore((folder or data_folder()) / _FILE)


def import_json(store: DocumentStore, collection: str, folder: Path) -> None:
    """Take over the JSON files in which an earlier Explorer kept a collection.

    They are named ``TIME-KEY.json``.
    """

    def keep(documents: Transaction, path: Path) -> None:
        body = json.loads(path.read_text(encoding="utf-8"))
        key = path.stem.partition("-")[2]
        if not isinstance(body, dict) or not key:
            raise ValueError("no document")
        if documents.get(collection, key) is None:
            documents.put(
                collection, key, {name: value for name, value in body.items() if name != "form"}
            )

    for message in store.import_files(folder, "*.json", keep):
        logger.warning("%s", message)
