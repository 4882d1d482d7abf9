"""PostgreSQL that is restarted at once, again and again, while several writers give verdicts.

python tests/benchmarks/bench_postgres.py [--writers 5] [--verdicts 200] [--restarts 10]

It starts a server of its own on the loopback address (initdb and pg_ctl must be installed),
restarts it with ``pg_ctl restart -m immediate``, which is what a crash of the machine does, and
counts what the store holds afterwards. A writer that is told of an error gives the same verdict
again, as a person would.
"""

from __future__ import annotations

import argparse
import logging
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from explorer.core.errors import StoreError
from explorer.review.review_store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Counts(NamedTuple):
    """What became of the verdicts."""

    confirmed: int
    lost: int
    doubled: int
    told: Counter[str]
    """Errors that a writer was told, by their words."""
    surprises: list[str]
    """Errors of another kind, of more than one line, or with a traceback in the log."""


def program(name: str) -> str | None:
    """Return a program of PostgreSQL; None where it is not installed."""
    older = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(older[-1]) if older else None)


@contextmanager
def server() -> Iterator[tuple[str, Callable[[], None]]]:
    """Start a server that commits to the disk; yield its address and a way to restart it."""
    initdb, control = program("initdb"), program("pg_ctl")
    assert initdb, "PostgreSQL is not installed"
    assert control, "PostgreSQL is not installed"
    who = {"user": "postgres"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="explorer-pg-"))
    name = who.get("user") or pwd.getpwuid(os.geteuid()).pw_name
    if who:
        shutil.chown(folder, name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*words: str | Path) -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)

    data = folder / "data"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    try:
        run(initdb, "-D", data, "-U", "explorer", "-A", "trust", "--no-sync")
        run(control, "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
        try:
            yield (
                f"postgresql://explorer@127.0.0.1:{port}/postgres",
                lambda: run(
                    control, "-D", data, "-w", "-l", folder / "log", "-m", "immediate", "restart"
                ),
            )
        finally:
            run(control, "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(writers: int, per_writer: int, restarts: int) -> Counts:
    """Let writers give verdicts while the server is restarted, and read what is kept."""
    records = _Records()
    logging.getLogger().addHandler(records)
    confirmed: list[str] = []
    told: Counter[str] = Counter()
    surprises: list[str] = []
    with server() as (url, restart):
        store = open_store(url)

        def write(writer: int) -> None:
            for number in range(per_writer):
                while not _written(f"{writer} {number}", writer):
                    time.sleep(0.05)

        def _written(feature: str, writer: int) -> bool:
            try:
                given = store.verdict(
                    feature, "keep", reason="as seen", reviewer=f"writer {writer}"
                )
            except StoreError as error:
                told[str(error).partition(": ")[2]] += 1
                surprises.extend([str(error)] if "\n" in str(error) else [])
                return "not known" in str(error) and bool(_kept(feature))
            except Exception as error:  # noqa: BLE001  counted, and shown at the end
                surprises.append(repr(error))
                return False
            confirmed.append(given.id)
            return True

        def _kept(feature: str) -> list[str]:
            while True:
                try:
                    return [one.id for one in store.verdicts(feature)]
                except StoreError as error:
                    told[str(error).partition(": ")[2]] += 1
                    time.sleep(0.05)

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
        for thread in threads:
            thread.start()
        for place in range(restarts):
            share = (place + 0.5) / restarts * writers * per_writer
            while len(confirmed) < share and any(thread.is_alive() for thread in threads):
                time.sleep(0.005)
            restart()
        for thread in threads:
            thread.join()
        kept = store.verdicts()
        store.close()
    logging.getLogger().removeHandler(records)
    found = {one.id for one in kept}
    of_feature = Counter(one.feature for one in kept)
    return Counts(
        len(confirmed),
        sum(key not in found for key in confirmed),
        sum(count - 1 for count in of_feature.values()),
        told,
        surprises + records.tracebacks,
    )


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.tracebacks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.tracebacks.append(self.format(record))


def main() -> int:
    """Print the counts; 1 when something confirmed is lost or doubled, or an error had no words."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=5)
    parser.add_argument("--verdicts", type=int, default=200)
    parser.add_argument("--restarts", type=int, default=10)
    asked = parser.parse_args()
    start = time.perf_counter()
    counts = measure(asked.writers, asked.verdicts, asked.restarts)
    print(
        f"{asked.writers} writers, {asked.verdicts} verdicts each, {asked.restarts} restarts, "
        f"{time.perf_counter() - start:.0f} s: {counts.confirmed} confirmed, {counts.lost} lost, "
        f"{counts.doubled} doubled, {counts.told.total()} errors told, {len(counts.surprises)} "
        "tracebacks or other errors"
    )
    for words, count in counts.told.most_common():
        print(f"  {count} x {words}")
    for surprise in counts.surprises[:5]:
        print(surprise)
    return int(bool(counts.lost or counts.doubled or counts.surprises))


if __name__ == "__main__":
    sys.exit(main())
