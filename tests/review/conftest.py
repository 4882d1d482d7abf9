"""Reviews of a table; and a real PostgreSQL of the tests' own, where its programs are installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from explorer.review.review_store import open_store
from explorer.review.table_reviews import TableReviews


def _program(name):
    found = shutil.which(name)
    older = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found or (str(older[-1]) if older else None)


def _as_user():
    """Return the user to run as: PostgreSQL refuses to run as root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": name}
    pytest.skip("PostgreSQL does not run as root, and there is no other user")


@pytest.fixture(scope="session")
def postgres():
    """Return the URL of an empty server; skipped where PostgreSQL is not installed."""
    initdb, control = _program("initdb"), _program("pg_ctl")
    if not initdb or not control:
        pytest.skip("PostgreSQL is not installed: these tests need initdb and pg_ctl")
    who = _as_user()
    folder = Path(tempfile.mkdtemp(prefix="explorer-pg-"))
    if who:
        shutil.chown(folder, who["user"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder, **who}
    try:
        subprocess.run(
            [initdb, "-D", folder / "data", "-U", "explorer", "-A", "trust", "--no-sync"], **quiet
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        subprocess.run(
            [control, "-D", folder / "data", "-w", "-o", options, "-l", folder / "log", "start"],
            **quiet,
        )
        yield f"postgresql://explorer@127.0.0.1:{port}"
        subprocess.run([control, "-D", folder / "data", "-m", "immediate", "stop"], **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _database(server):
    import pg8000.native

    host, port = server.rsplit("@", 1)[1].split(":")
    name = f"t{next(tempfile._get_candidate_names())}".lower()
    with pg8000.native.Connection(
        "explorer", host=host, port=int(port), database="postgres"
    ) as connection:
        connection.run(f'CREATE DATABASE "{name}"')
    return f"{server}/{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    """Return the address of a new store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'reviews.db'}"
    return _database(request.getfixturevalue("postgres"))


@pytest.fixture
def store(url):
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def reviews(people, tmp_path):
    made = TableReviews(people, str(tmp_path / "reviews.db"))
    yield made
    made.close()
