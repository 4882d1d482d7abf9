"""Database: the connection to a store, with its errors in words."""

from __future__ import annotations

import os
import re
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from explorer.cache import data_folder
from explorer.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL, Connection, Engine

__all__ = ["Database", "store_url"]

_WAIT_SECONDS = 10.0  # for another writer, who takes milliseconds
_DEFAULT = "reviews.db"


def store_url(url: str | os.PathLike[str] | None = None) -> str:
    """Return where a store is: the URL given, else ``EXPLORER_STORE``, else SQLite in the user's data folder.

    A path of a file stands for an SQLite store there.
    """
    given = os.fspath(url) if url is not None else os.environ.get("EXPLORER_STORE", "")
    if not given:
        return f"sqlite:///{(data_folder() / _DEFAULT).as_posix()}"
    return given if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", given) else f"sqlite:///{Path(given).as_posix()}"


class Database:
    """An SQLite file or a PostgreSQL database.

    Parameters
    ----------
    url : str
        ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or ``postgresql://user:password@host/name``.

    Raises
    ------
    StoreError
        A URL that is none, another kind of database, or a driver that is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        # SQLite has one writer: threads of this process take turns here, and do not poll for each other's lock
        self._turn = threading.Lock()
        self.engine = self._open()

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite store; None for one in memory or on a server."""
        inside = self.url.database
        return Path(inside) if self.is_sqlite and inside and inside != ":memory:" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that only reads."""
        with self.told("read"), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction: all of it is on the disk when the block ends, or nothing is."""
        with (
            self.told("written"),
            self._turn if self.is_sqlite else _nothing(),
            self.engine.connect() as connection,
        ):
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with _committed(connection):
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def told(self, done: str) -> Iterator[None]:
        """Turn errors of the database into `StoreError` in words."""
        try:
            yield
        except DBAPIError as error:
            raise StoreError(self._words(error, done)) from error
        except SQLAlchemyError as error:
            raise StoreError(f"the store {self.name} cannot be {done}: {error}") from error

    def _open(self) -> Engine:
        if not self.is_sqlite:
            return create_engine(self.url, pool_pre_ping=True)
        file, url = self.file, self.url
        if file is not None and file.exists() and not _may_write(file):
            # without a log beside it nobody is writing: then it is read as it is, also from a read-only disk
            still = "" if Path(f"{file}-wal").exists() else "&immutable=1"
            url = make_url(f"sqlite:///file:{file.absolute().as_posix()}?mode=ro{still}&uri=true")
        elif file is not None:
            self._make_folder(file)
        engine = create_engine(url, connect_args={"timeout": _WAIT_SECONDS, "check_same_thread": False})
        event.listen(engine, "connect", _settled)
        return engine

    def _make_folder(self, file: Path) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the folder {file.parent} of the store cannot be made ({error.strerror}): name another with --store"
            ) from error

    def _words(self, error: DBAPIError, done: str) -> str:
        told = str(error.orig)
        for sign, words in _REASONS:
            if sign in told.lower():
                return f"the store {self.name} {words}; nothing was {done}"
        return f"the store {self.name} cannot be {done}: {told}"


_REASONS = (
    ("database is locked", "is locked by another program for more than 10 s: try again when it has finished"),
    ("readonly database", "is read-only: ask for the right to write it, or name another with --store"),
    ("disk is full", "is on a full disk: make room and try again"),
    ("not a database", "is no database, or a damaged one: restore it from a copy, or name another with --store"),
    ("malformed", "is damaged: restore it from a copy, or name another with --store"),
    ("unable to open database file", "cannot be opened: check that the folder exists and may be read and written"),
    ("can't create a connection", "cannot be reached: check host, port and that the server runs"),
    ("password authentication failed", "refuses the password: check user and password"),
    ("does not exist", "does not exist there: create the database first"),
)  # fmt: skip


def _checked(url: str) -> URL:
    try:
        found = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError(
            f"{url!r} is no address of a store: expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        ) from error
    if found.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"a store is SQLite or PostgreSQL, came {found.get_backend_name()!r}")
    if found.get_backend_name() == "postgresql" and not found.username:
        raise StoreError(f"{url!r} names no user: expected postgresql://USER:PASSWORD@HOST/NAME")
    if found.drivername in ("postgresql", "postgres"):
        found = found.set(drivername="postgresql+pg8000")
    try:
        found.get_dialect().import_dbapi()
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError(
            "PostgreSQL needs pg8000, which is not installed: pip install highdim-explorer[postgres]"
        ) from error
    return found


def _may_write(file: Path) -> bool:
    return os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK)


def _settled(connection: Any, _: Any) -> None:
    """Let readers and a writer work at once, and let a commit be on the disk before it is confirmed."""
    # transactions begin where we say so, see `writing`
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for setting in (
            "busy_timeout = 10000",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {setting}")
    finally:
        cursor.close()


@contextmanager
def _committed(connection: Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


@contextmanager
def _nothing() -> Iterator[None]:
    yield
