"""Serve the workbench: one process, many people, one queue of long jobs."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import secrets
import socket
import sys
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.core.folders import data_folder
from explorer.core.stopping import listen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.review.table_reviews import TableReviews
    from explorer.session.downloads import Downloads
    from explorer.table.table import Table

__all__ = ["ServeOptions", "check_password", "check_port", "serve"]

logger = logging.getLogger(__name__)

_LARGEST_MESSAGE = 64 << 20  # bytes: files of verdicts and sessions come as one message
_LARGEST_REQUEST = 1 << 20  # bytes of what is posted: a name and a password
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ServeOptions:
    """Where and for whom the page is served.

    Parameters
    ----------
    port : int
        TCP port; 0 takes a free one.
    address : str
        Interface to listen on; "localhost" is not reachable from other machines.
    allow_origin : sequence of str
        Hosts (``host`` or ``host:port``) whose pages may open the websocket.
    prefix : str
        Path before the page's own, behind a proxy.
    basic_auth : str or None
        A password, or a JSON file of user: password.
    browser : bool
        Open a browser when the server is up.
    xy : tuple of str or None
        Two columns with ready coordinates.
    store : str or None
        Where reviews are kept, as of `explorer.open_store`.
    max_sessions : int
        Pages that may be open at once; 0 for any number.
    """

    port: int = 5006
    address: str = "localhost"
    allow_origin: Sequence[str] = ()
    prefix: str = ""
    basic_auth: str | None = None
    browser: bool = True
    xy: tuple[str, str] | None = None
    store: str | None = None
    max_sessions: int = 100


def check_password(options: ServeOptions) -> None:
    """Refuse a file of passwords that is not there, or that holds something else.

    A path to no file would be taken for a password.
    """
    accounts = options.basic_auth or ""
    if os.path.isfile(accounts):  # noqa: PTH113  (a Path raises where a password is too long for a name)
        from explorer.app.passwords import read_users

        read_users(Path(accounts))
    elif accounts.lower().endswith(".json"):
        raise ExplorerError(
            f"no file {accounts!r} of user: password: give the path of one to --basic-auth, "
            "or a password that does not "
            "end in .json"
        )


def check_port(options: ServeOptions) -> int:
    """Return the port to serve on; one in use is refused in words before anything is loaded."""
    family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        # as the server does it: a port in the short wait after its last owner is free
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.address, options.port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ExplorerError(
                f"port {options.port} on {options.address} cannot be used ({reason}): "
                "stop what runs there, or pass another one with --port (0 takes a free one)"
            ) from error
        return int(probe.getsockname()[1])


def serve(
    open_table: Callable[[], Table], options: ServeOptions, say: Callable[[str], None]
) -> None:
    """Serve the workbench on a table until interrupted.

    Parameters
    ----------
    open_table : callable
        Opens the table; called once, before the page is loaded.
    options : ServeOptions
    say : callable
        Takes the lines a person reads: the address, warnings.

    Raises
    ------
    ExplorerError
        If the table cannot be opened, the port cannot be used, or the file of passwords is not
        there.
    """
    check_password(options)
    port = check_port(options)
    if options.store is not None:
        from explorer.review.review_store import open_store

        open_store(options.store).close()  # refused in words now, and not at the first verdict
    table = open_table()
    from explorer.compare.compute import sample_ahead
    from explorer.jobs.queue import JobQueue
    from explorer.review.table_reviews import TableReviews
    from explorer.session.downloads import Downloads

    reviews, stopped = TableReviews(table, options.store), threading.Event()
    downloads = Downloads(table.columns.cache.folder / "downloads")
    with JobQueue(table.columns.cache) as queue:
        queue.warm()
        page, first_maps = _page_of(table, queue, options, reviews, downloads)
        first_maps()
        threading.Thread(
            target=sample_ahead, args=(table, stopped), name="sample", daemon=True
        ).start()
        try:
            _run(page, port, options, say, downloads)
        finally:
            stopped.set()
            downloads.close()
            table.profiles.close()
            reviews.close()


def _page_of(
    table: Table, queue: Any, options: ServeOptions, reviews: TableReviews, downloads: Downloads
) -> tuple[Callable[[], Any], Callable[[], None]]:
    from explorer.session.start import choose_start

    start = choose_start(table)
    ready = _Ready(table, options.xy) if options.xy else None
    if ready is not None:
        ready()  # columns that are no coordinates are refused before there is an address

    def page() -> Any:
        from explorer.app.workbench_page import WorkbenchPage

        shown = None if ready is None else ready()
        return WorkbenchPage(table, queue, start, shown, reviews, downloads).template()

    def first_maps() -> None:
        """Compute the first maps while Panel loads, so that the first person finds them there."""
        from explorer.session.session import Session

        if ready is None:
            Session(table, queue, start.document).projection.open()

    return page, first_maps


class _Ready:
    """The map of two columns with ready coordinates, made again when it has left the cache."""

    def __init__(self, table: Table, xy: tuple[str, str]) -> None:
        self._table, self._xy = table, xy
        self._lock = threading.Lock()
        self._key = ""

    def __call__(self) -> tuple[str, Path]:
        """Return key and folder of its entry."""
        from explorer.embedding.embedding_columns import embedding_from_columns
        from explorer.jobs.task import store_embedding

        with self._lock:
            folder = self._table.columns.cache.get("embeddings", self._key) if self._key else None
            if folder is None:
                embedding = embedding_from_columns(self._table.source, *self._xy)
                self._key, folder = (
                    embedding.provenance["key"],
                    store_embedding(self._table.columns.cache, embedding),
                )
            return self._key, folder


def _run(
    page: Callable[[], Any],
    port: int,
    options: ServeOptions,
    say: Callable[[str], None],
    downloads: Downloads,
) -> None:
    import panel as pn

    from explorer.app.download_handler import DownloadHandler
    from explorer.app.headers import safe_headers
    from explorer.app.logins import PasswordLogins
    from explorer.app.session_limit import limit_sessions
    from explorer.session.downloads import PATTERN

    host = "localhost" if options.address in (*_LOCAL, "0.0.0.0") else options.address
    address = f"http://{host}:{port}/{options.prefix.strip('/')}"
    if options.address not in _LOCAL and not options.basic_auth:
        say(
            f"warning: {options.address} may be reached by others and there is no password: "
            "everyone sees this table (--basic-auth)"
        )
    origins = [f"{name}:{port}" for name in ("localhost", "127.0.0.1", options.address)] + list(
        options.allow_origin
    )
    more: dict[str, Any] = {"prefix": options.prefix} if options.prefix else {}
    if options.basic_auth:
        more |= {
            "auth_provider": PasswordLogins(options.basic_auth),
            "cookie_secret": _cookie_secret(),
        }
    logging.getLogger("bokeh.server").setLevel(logging.WARNING)
    server = pn.serve(
        {"/": page},
        port=port,
        address=options.address,
        websocket_origin=origins,
        show=False,
        verbose=False,
        start=False,
        title="Explorer",
        extra_patterns=[(PATTERN, DownloadHandler, {"downloads": downloads})],
        websocket_max_message_size=_LARGEST_MESSAGE,
        http_server_kwargs={"max_body_size": _LARGEST_REQUEST},
        **more,
    )
    server._tornado.add_transform(safe_headers(options.allow_origin))
    if options.max_sessions:
        limit_sessions(server._tornado, options.max_sessions)
    listen()  # Panel took Ctrl+C
    server.start()
    threading.Thread(target=_warm_page, name="warm", daemon=True).start()
    say(f"Explorer is at {address}  (Ctrl+C stops it)")
    if options.browser:
        threading.Timer(0.5, webbrowser.open, [address]).start()
    try:
        server.io_loop.start()
    finally:
        server.stop()


def _cookie_secret() -> str:
    """Return the secret that signs the cookies of logins.

    It is kept where only the user can read it, so that logins outlive a restart.
    """
    secret_file = data_folder() / "cookie-secret"
    secret_file.parent.mkdir(parents=True, exist_ok=True)
    if not secret_file.exists():
        _write_once(secret_file, secrets.token_hex(32))
    secret = secret_file.read_text(encoding="ascii").strip()
    if len(secret) < 64 or (os.name == "posix" and secret_file.stat().st_mode & 0o077):
        raise ExplorerError(
            f"{secret_file} must hold 64 digits and be readable by its owner alone: remove it, "
            "and start again"
        )
    return secret


def _write_once(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all.

    One that is there by then is left as it is.
    """
    partial_file = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    number = os.open(partial_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(text)
        with contextlib.suppress(FileExistsError):  # another server was first
            os.link(partial_file, path)
    finally:
        partial_file.unlink()


def _warm_page() -> None:
    """Load what the first page and the first gestures need, after the address is printed."""
    import explorer.app.workbench_page  # noqa: F401
    from explorer.map.precompile import warm_kernels

    warm_kernels()
    # for the first plot of the Feature tab: else it is loaded on the event loop, at the first click
    importlib.import_module("holoviews.plotting.bokeh")
