"""What is confirmed stays when processes are killed.

    python tests/benchmarks/bench_documents.py [--writers 8 --changes 400 --kills 200]

Writers label rows, save selections and sessions, edit a catalogue and write verdicts, all in one
data folder, while one of them is killed (signal 9) at a random moment again and again. Printed are
the confirmed changes of each kind and how many of them are lost: the promise is 0.

With --server, a server at which five people do the same is killed 0 to 0.4 s after they began, and
another one opens its data folder: --kills times (1,000 when not given: ten minutes). A server is
its session objects with a thread for each person, without the web server; see
shared/kill_servers.py. Printed is also what is there twice, in part, or cannot be read, and how
many files half written are left behind.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from shared import kill_writers
from shared.kill_writers import MOST_CHANGES, MOST_WRITERS


def main() -> int:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    for name, value in (("writers", 8), ("changes", 400), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--kills", type=int, help="default: 200 of writers, 1,000 of servers")
    parser.add_argument(
        "--server", action="store_true", help="kill servers at which five people write"
    )
    asked = parser.parse_args()
    if asked.writers > MOST_WRITERS or asked.changes > MOST_CHANGES:
        parser.error(f"at most {MOST_WRITERS} writers of {MOST_CHANGES:,} changes")
    with tempfile.TemporaryDirectory() as name:
        if asked.server:
            return _servers(Path(name), 1_000 if asked.kills is None else asked.kills, asked.seed)
        return _writers(Path(name), asked)


def _writers(folder: Path, asked: argparse.Namespace) -> int:
    start = time.perf_counter()
    kills = 200 if asked.kills is None else asked.kills
    confirmed = kill_writers.run(folder, asked.writers, asked.changes, kills, asked.seed)
    seconds = time.perf_counter() - start
    gone = kill_writers.lost(folder, confirmed)
    whole = sqlite3.connect(folder / "documents.db").execute("PRAGMA integrity_check").fetchone()[0]
    print(
        f"{asked.writers} writers, {confirmed['kills'][0][0]} kills, {seconds:.0f} s; integrity: "
        f"{whole}"
    )
    for kind, count in gone.items():
        print(f"{kind:10} {len(confirmed[kind]):7,} confirmed, {count} lost")
    return 1 if any(gone.values()) or whole != "ok" else 0


def _servers(folder: Path, kills: int, seed: int) -> int:
    from shared import kill_servers  # loads what a server loads

    start = time.perf_counter()
    found = kill_servers.run(folder, kills, seed)
    seconds = time.perf_counter() - start
    clients = kill_servers.CLIENTS
    print(
        f"{found.kills:,} servers killed while {clients} people wrote, {seconds:.0f} s; drafts "
        f"left: {found.drafts}"
    )
    for kind in kill_servers.KINDS:
        counts = f"{found.lost[kind]} lost, {found.doubled[kind]} doubled, {found.torn[kind]} torn"
        print(
            f"{kind:10} {found.begun[kind]:7,} begun {found.confirmed[kind]:7,} confirmed, {counts}"
        )
    for words in found.trouble[:20]:
        print(words)
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
