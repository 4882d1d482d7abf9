"""What is confirmed stays when processes are killed: python tests/benchmarks/bench_documents.py [--writers 8 --changes 400 --kills 200].

Writers label rows, save selections and sessions, edit a catalogue and write verdicts, all in one data folder, while one of them is killed (signal 9) at
a random moment again and again. Printed are the confirmed changes of each kind and how many of them are lost: the promise is 0.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from kill_writers import MOST_CHANGES, MOST_WRITERS, lost, run


def main() -> int:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    for name, value in (("writers", 8), ("changes", 400), ("kills", 200), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=value)
    asked = parser.parse_args()
    if asked.writers > MOST_WRITERS or asked.changes > MOST_CHANGES:
        parser.error(f"at most {MOST_WRITERS} writers of {MOST_CHANGES:,} changes")
    with tempfile.TemporaryDirectory() as name:
        start = time.perf_counter()
        confirmed = run(Path(name), asked.writers, asked.changes, asked.kills, asked.seed)
        seconds = time.perf_counter() - start
        gone = lost(Path(name), confirmed)
        whole = sqlite3.connect(Path(name) / "documents.db").execute("PRAGMA integrity_check").fetchone()[0]
    print(f"{asked.writers} writers, {confirmed['kills'][0][0]} kills, {seconds:.0f} s; integrity: {whole}")
    for kind, count in gone.items():
        print(f"{kind:10} {len(confirmed[kind]):7,} confirmed, {count} lost")
    return 1 if any(gone.values()) or whole != "ok" else 0


if __name__ == "__main__":
    sys.exit(main())
