"""Send Ctrl+C and SIGTERM at many moments: ``python tests/benchmarks/bench_stopping.py``.

Each command runs in a process group of its own, as in a terminal. Counted: moments at which the
process did not end with 130 or 143, printed a traceback, took over 8 s, or left a process behind.
Moments before the first line of `explorer.app.cli` or of the script that Panel serves are counted
apart, with the latest: Python, or Panel, is still starting and ends as it does. The page of a
server is opened as soon as it answers, so that maps are made when the signal comes.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from importlib import resources
from pathlib import Path
from urllib.request import urlopen

COMMANDS = {
    "demo": ["-m", "explorer", "demo", "--port", "{port}", "--no-browser"],
    "serve": ["-m", "explorer", "serve", "{films}", "--port", "{port}", "--no-browser"],
    "profile": ["-m", "explorer", "profile", "{films}"],
    "project": [
        "-m",
        "explorer",
        "project",
        "{films}",
        "--features",
        "year,runtime_min",
        "--out",
        "{out}",
    ],
    "panel": ["-m", "panel", "serve", "apps/explore.py", "--port", "{port}", "--args", "{films}"],
}
_PAGES = {"demo": "", "serve": "", "panel": "explore"}
_EXITS = {signal.SIGINT: 130, signal.SIGTERM: 143}
_LONGEST = 8.0


def stopped_at(
    command: list[str], after: float, number: signal.Signals, environment: dict[str, str]
) -> tuple[int | None, str, float, list[int]]:
    """Send a signal after some seconds; return exit code, output, seconds and who is left."""
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "EXPLORER_BENCH": (mark := str(random.random()))},
        start_new_session=True,
    )
    time.sleep(after)
    if process.poll() is None:
        os.killpg(process.pid, number)
    start = time.perf_counter()
    try:
        _, said = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        _, said = process.communicate()
        return None, said, 30.0, []
    seconds = time.perf_counter() - start
    time.sleep(0.3)
    return process.returncode, said, seconds, _left(mark)


def _free_port() -> int:
    with socket.create_server(("localhost", 0)) as server:
        return int(server.getsockname()[1])


def _open_page(address: str, ended: threading.Event) -> None:
    """Ask for a page until it is there."""
    while not ended.wait(0.1):
        with suppress(OSError, HTTPException), urlopen(address, timeout=30) as answer:
            answer.read()
            return


def _left(mark: str) -> list[int]:
    """Processes that carry a mark in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"EXPLORER_BENCH={mark}".encode() in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


def main() -> None:
    """Print one line a command, and each moment that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=60, help="of each command")
    parser.add_argument("--until", type=float, default=12.0, help="latest moment, in seconds")
    parser.add_argument("--cold", action="store_true", help="nothing is compiled: the first minute")
    parser.add_argument("--only", choices=COMMANDS, nargs="*", default=list(COMMANDS))
    given = parser.parse_args()
    films = resources.files("explorer.samples") / "films.parquet"
    draw = random.Random(0)
    for name in given.only:
        wrong, slowest, early = 0, 0.0, [0.0]
        for _ in range(given.moments):
            with tempfile.TemporaryDirectory() as folder:
                environment = {
                    **os.environ,
                    "EXPLORER_CACHE": folder + "/cache",
                    "EXPLORER_DATA": folder + "/data",
                }
                if given.cold:
                    environment.pop("NUMBA_CACHE_DIR", None)
                port, ended = _free_port(), threading.Event()
                given_words = {"films": films, "out": folder + "/map.parquet", "port": port}
                command = [part.format(**given_words) for part in COMMANDS[name]]
                if name in _PAGES:
                    address = f"http://localhost:{port}/{_PAGES[name]}"
                    threading.Thread(target=_open_page, args=(address, ended), daemon=True).start()
                number, after = draw.choice(list(_EXITS)), draw.uniform(0.05, given.until)
                code, said, seconds, left = stopped_at(command, after, number, environment)
                ended.set()
            slowest = max(slowest, seconds)
            told = (
                f"  {name} {number.name} after {after:.2f} s: {code}, {seconds:.1f} s, left "
                f"{left}\n{said}"
            )
            if seconds > _LONGEST or left:
                wrong += 1
                print(told, flush=True)
            elif _before(code, said, number):
                early.append(after)
            elif "Traceback" in said or code not in (
                0,
                _EXITS[number],
            ):  # 0: it had ended before the signal
                wrong += 1
                print(told, flush=True)
        print(
            f"{name}: {given.moments} moments, {wrong} wrong, slowest end {slowest:.1f} s; "
            f"{len(early) - 1} before it began (until {max(early):.2f} s)",
            flush=True,
        )


def _before(code: int | None, said: str, number: signal.Signals) -> bool:
    """Whether a process ended as Python does by itself, without a line of a command or a script."""
    began = re.search(r'File "[^"]*/(explorer/(?!__init__|__main__|_version|stopping)|apps/)', said)
    return code in (-number, 1) and not began and (code != 1 or "init_import_site" in said)


if __name__ == "__main__":
    main()
