"""Peers that are no dependencies: DuckDB and fg-data-profiling, in an environment of their own.

    python tests/benchmarks/shared/peers.py duckdb FILE           SUMMARIZE on two threads
    python tests/benchmarks/shared/peers.py profiling FILE        minimal description, no report

is what `peer_run` starts with the peers' Python: one JSON line of seconds (without imports),
columns and versions.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
FOLDER = HERE.parents[3] / "bench-results" / "peers"
PACKAGES = ("duckdb", "fg-data-profiling")


def peers_python(named: str | None = None) -> str | None:
    """Return a Python that has the peers, named or made under bench-results, or None."""
    if named:
        return named
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    try:
        if not python.exists():
            print(f"making {FOLDER} with {' and '.join(PACKAGES)}")
            venv.create(FOLDER, with_pip=True, clear=True)
        has = [str(python), "-c", "import duckdb, data_profiling"]
        if subprocess.run(has, capture_output=True, check=False).returncode:
            install = [str(python), "-m", "pip", "install", "-qq", *PACKAGES]
            subprocess.run(install, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(
            f"without peers, which could not be installed ({error}); name a Python that has "
            "them: --peers PYTHON"
        )
        return None
    return str(python)


def peer_run(python: str, task: str, path: Path) -> dict[str, Any]:
    """Run one of the tasks above in a child of its own."""
    return run([python, str(HERE), task, str(path)])


def run(command: list[str], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a child; return the JSON of its last line, its peak memory in bytes and its seconds.

    The peak is the child's own only where this process is small: Linux hands a parent's peak on.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    ) as child:
        out, err = child.communicate()
    if child.returncode:
        raise RuntimeError(
            f"{' '.join(command[1:4])} ended with {child.returncode}: {err.strip()[-2000:]}"
        )
    lines = [line for line in out.splitlines() if line.startswith("{")]
    return {"wall": time.perf_counter() - start, **json.loads(lines[-1] if lines else "{}")}


def say(**figures: Any) -> None:
    """Print what a child found, and the most memory it held."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps({"peak": peak if sys.platform == "darwin" else peak * 1024, **figures}),
        flush=True,
    )


def main() -> None:
    task, path = sys.argv[1:]
    with contextlib.redirect_stdout(sys.stderr):
        figures = {"duckdb": summarize, "profiling": describe}[task](path)
    say(**figures)


def summarize(path: str) -> dict[str, Any]:
    import duckdb

    query = f"SUMMARIZE SELECT * FROM read_parquet('{path}')"
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(
            f"SELECT count(*) FROM read_parquet('{path}')"
        ).fetchall()  # what starting costs
        start = time.perf_counter()
        rows = connection.execute(query).fetchall()
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "columns": len(rows), "version": f"DuckDB {duckdb.__version__}"}


def describe(path: str) -> dict[str, Any]:
    """Describe a frame in memory: reading it is not in the seconds."""
    import warnings

    warnings.simplefilter("ignore")
    import duckdb
    import numpy as np
    import pandas as pd
    from data_profiling import ProfileReport, __version__

    def described(frame: pd.DataFrame) -> Any:
        return ProfileReport(frame, minimal=True, progress_bar=False).get_description()

    described(pd.DataFrame({"warm": np.arange(100.0), "up": list("ab") * 50}))
    frame = duckdb.read_parquet(path).df()
    start = time.perf_counter()
    found = described(frame)
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "columns": len(found.variables),
        "version": f"fg-data-profiling {__version__}",
    }


if __name__ == "__main__":
    main()
