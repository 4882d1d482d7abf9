"""Database: the connection to a store, with its errors in words."""

from __future__ import annotations

import os
import re
import struct
import threading
import time
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from explorer.core.errors import ExplorerError, StoreError
from explorer.core.folders import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext

__all__ = ["Database", "store_url"]

_WAIT_SECONDS = 10.0  # for another writer, who takes milliseconds
_RECONNECT_SECONDS = 5.0  # for a server that was reached before: a restart takes about one second
_DEFAULT = "reviews.db"
# "starting up", "shutting down", "terminated":
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_SERVER_STOPS = ("57P01", "57P02", "57P03")

_T = TypeVar("_T")


def store_url(url: str | os.PathLike[str] | None = None) -> str:
    """Return where a store is: the URL given, else ``EXPLORER_STORE``, else the user's SQLite.

    A path of a file stands for an SQLite store there.
    """
    given = os.fspath(url) if url is not None else os.environ.get("EXPLORER_STORE", "")
    if not given:
        return f"sqlite:///{(data_folder() / _DEFAULT).as_posix()}"
    return (
        given
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", given)
        else f"sqlite:///{Path(given).as_posix()}"
    )


class Database:
    """An SQLite file or a PostgreSQL database.

    Parameters
    ----------
    url : str
        ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
        ``postgresql://user:password@host/name``.

    Raises
    ------
    StoreError
        A URL that is none, another kind of database, or a driver that is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        # SQLite has one writer: threads of this process take turns here, and do not poll for each
        # other's lock
        self._turn = threading.Lock()
        self._reached = False
        self.engine = self._open()
        event.listen(self.engine, "handle_error", _mark_broken)

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite store; None for one in memory or on a server."""
        inside = self.url.database
        return Path(inside) if self.is_sqlite and inside and inside != ":memory:" else None

    def read(self, work: Callable[[Connection], _T]) -> _T:
        """Read, once more on a new connection when the first one breaks.

        Parameters
        ----------
        work : callable
            Takes a connection, and returns what it has read.
        """

        def once() -> _T:
            with self.engine.connect() as connection:
                return work(connection)

        with self.store_errors("read"):
            return self._repeated(once)

    def write(self, work: Callable[[Connection], _T]) -> _T:
        """Write in one transaction: all of it is on the disk when this returns, or nothing is.

        When the connection breaks, the work is done once more on a new one. Where it broke within
        the commit, the first transaction may have been kept: the work must then find its rows by
        their ids, and not write them again.

        Parameters
        ----------
        work : callable
            Takes a connection.
        """
        committing = False

        def once() -> _T:
            nonlocal committing
            with self._transaction() as connection:
                result = work(connection)
                committing = True
                connection.commit()
            return result

        try:
            return self._repeated(once)
        except (SQLAlchemyError, OSError, struct.error) as error:
            with self.store_errors("written", unchanged=not committing):
                raise error

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def store_errors(self, done: str, *, unchanged: bool = True) -> Iterator[None]:
        """Turn errors of the database into `StoreError` in words.

        Parameters
        ----------
        done : {"read", "written"}
        unchanged : bool
            Whether it is certain that nothing was written.
        """
        try:
            yield
        except ExplorerError:
            raise
        except (SQLAlchemyError, OSError, struct.error) as error:
            if _is_broken(error):
                raise StoreError(self._broken_words(error, done, unchanged)) from error
            if isinstance(error, DBAPIError):
                raise StoreError(self._words(error, done)) from error
            if not isinstance(error, SQLAlchemyError):
                raise
            raise StoreError(f"the store {self.name} cannot be {done}: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Open a transaction, which is rolled back unless the block commits it."""
        with self._turn if self.is_sqlite else nullcontext(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def _repeated(self, once: Callable[[], _T]) -> _T:
        try:
            result = once()
        except (SQLAlchemyError, OSError, struct.error) as error:
            # a server that was never reached is named at once, and not waited for
            if not self._reached or not _is_broken(error):
                raise
            self._reconnect()
            result = once()
        self._reached = True
        return result

    def _reconnect(self) -> None:
        """Wait until the server takes a connection again."""
        until = time.monotonic() + _RECONNECT_SECONDS
        while True:
            try:
                with self.engine.connect():
                    return
            except (SQLAlchemyError, OSError, struct.error) as error:
                if not _is_broken(error) or time.monotonic() > until:
                    self._reached = (
                        False  # what comes next is told at once, until the server is there again
                    )
                    raise
            time.sleep(0.1)

    def _open(self) -> Engine:
        if not self.is_sqlite:
            engine = create_engine(self.url, pool_pre_ping=True)
            close = engine.dialect.do_close

            def close_quietly(connection: Any) -> None:
                # the farewell to a server that is gone cannot be sent: the pool would log a
                # traceback of it
                with suppress(Exception):
                    close(connection)

            vars(engine.dialect).update(do_close=close_quietly, do_terminate=close_quietly)
            return engine
        file, url = self.file, self.url
        if file is not None and file.exists() and not _may_write(file):
            # without a log beside it nobody is writing: then it is read as it is, also from a
            # read-only disk
            still = "" if Path(f"{file}-wal").exists() else "&immutable=1"
            url = make_url(f"sqlite:///file:{file.absolute().as_posix()}?mode=ro{still}&uri=true")
        elif file is not None:
            self._make_folder(file)
        engine = create_engine(
            url, connect_args={"timeout": _WAIT_SECONDS, "check_same_thread": False}
        )
        event.listen(engine, "connect", _settled)
        return engine

    def _make_folder(self, file: Path) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the folder {file.parent} of the store cannot be made ({error.strerror}): "
                "name another with --store"
            ) from error

    def _words(self, error: DBAPIError, done: str) -> str:
        message = str(error.orig)
        for sign, reason in _REASONS:
            if sign in message.lower():
                return f"the store {self.name} {reason}; nothing was {done}"
        return f"the store {self.name} cannot be {done}: {message}"

    def _broken_words(self, error: Exception, done: str, unchanged: bool) -> str:
        reason = _server_words(getattr(error, "orig", None) or error)
        if "can't create a connection" in reason.lower():
            reason = "check host, port and that the server runs"
        if done == "read":
            end = "try again"
        elif unchanged:
            end = "nothing was changed, try again"
        else:
            end = "whether this was written is not known, look before you try again"
        return f"the store {self.name} cannot be reached: {reason}; {end}"


_REASONS = (
    ("database is locked", "is locked by another program for more than 10 s: "
     "try again when it has finished"),
    ("readonly database", "is read-only: ask for the right to write it, "
     "or name another with --store"),
    ("disk is full", "is on a full disk: make room and try again"),
    ("disk i/o error", "cannot be used, its disk may be full or broken: make room and try again"),
    ("not a database", "is no database, or a damaged one: restore it from a copy, "
     "or name another with --store"),
    ("malformed", "is damaged: restore it from a copy, or name another with --store"),
    ("unable to open database file", "cannot be opened: "
     "check that the folder exists and may be read and written"),
    ("password authentication failed", "refuses the password: check user and password"),
    ("does not exist", "does not exist there: create the database first"),
)  # fmt: skip


def _checked(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError(
            f"{url!r} is no address of a store: expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        ) from error
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"a store is SQLite or PostgreSQL, came {address.get_backend_name()!r}")
    if address.get_backend_name() == "postgresql" and not address.username:
        raise StoreError(f"{url!r} names no user: expected postgresql://USER:PASSWORD@HOST/NAME")
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+pg8000")
    try:
        address.get_dialect().import_dbapi()
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError(
            "PostgreSQL needs pg8000, which is not installed: "
            "pip install highdim-explorer[postgres]"
        ) from error
    return address


def _may_write(file: Path) -> bool:
    return os.access(file, os.W_OK) and os.access(file.absolute().parent, os.W_OK)


def _settled(connection: Any, _: Any) -> None:
    """Let readers and a writer work at once; a commit is on the disk before it is confirmed."""
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


def _mark_broken(context: ExceptionContext) -> None:
    """Let the pool drop a connection that the driver does not report as broken."""
    if _is_broken(context.original_exception):
        context.is_disconnect = True


def _is_broken(error: BaseException) -> bool:
    """Say whether a connection broke, or could not be made, as while a server restarts."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and _is_broken(error.orig))
    if isinstance(error, OSError | struct.error):  # pg8000 lets some through as they are
        return not isinstance(error, ExplorerError)
    if _server_fields(error).get("C") in _SERVER_STOPS:
        return True
    return type(error).__name__ == "InterfaceError" and any(
        sign in str(error).lower() for sign in ("can't create a connection", "network error")
    )


def _server_fields(error: BaseException) -> dict[str, str]:
    """Return what PostgreSQL says of an error, by its protocol; empty for other errors."""
    said = error.args[0] if error.args else None
    return said if isinstance(said, dict) else {}


def _server_words(error: BaseException) -> str:
    return _server_fields(error).get("M") or str(error) or type(error).__name__
