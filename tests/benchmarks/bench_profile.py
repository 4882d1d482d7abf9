"""Profiling tables, beside reading them, DuckDB's SUMMARIZE and fg-data-profiling.

    python tests/benchmarks/bench_profile.py [--only mixed,many,...] [--repeats 3] [--scale 1]
        [--peers PYTHON] [--html] [--long] [--wide] [--folder DIR]

Each runs in a process of its own. Prints medians of seconds, ratios and peak memory (getrusage) of:
 mixed      2,000,000 × 50 Parquet of numbers, texts and times: Table.profile in a fresh cache,
            reading the same batches, and SUMMARIZE, taking turns; per cell beside
            fg-data-profiling's minimal description of 200,000 × 20
 many       `explorer profile` of 20,000 × 5,000; with --html its pages, and Table.profile part by
            part
 long       5 and 10 million rows × 4 in blocks that are merged; with --long 50 and
            100 million × 10 (4 GB on disk)
 wide       800 columns of 20 million rows, reckoned from 4 million × 8; with --wide from
            20 million × 16 (2 GB on disk)
 sampled    redundancy, ECOD, robust distances and transforms on 100,000 random rows of the mixed
            table
 agreement  moments beside SciPy's on the same cells
--scale .1 takes a tenth of the rows, to try it out. Tables are written below --folder, by default a
temporary folder.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.peers import peer_run, peers_python, run
from shared.sections import section_parser

if TYPE_CHECKING:
    import argparse

Found = list[dict[str, Any]]

SHOWN = 16  # strips on the screen at once
WIDE_ROWS, WIDE_COLUMNS = 20_000_000, 800


def main() -> None:
    chosen = _arguments()
    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="bench-profile-") as folder:
        chosen.work = Path(folder)
        for name in chosen.only:
            start = time.perf_counter()
            SECTIONS[name](chosen)
            print(
                f"  ({name}: {time.perf_counter() - start:.0f} s with making the table)\n",
                flush=True,
            )


def _arguments() -> argparse.Namespace:
    parser = section_parser(__doc__, SECTIONS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="times the rows of every table")
    parser.add_argument(
        "--peers", metavar="PYTHON", help="a Python that has duckdb and fg-data-profiling"
    )
    parser.add_argument("--folder", help="where tables are written")
    for flag in ("--html", "--long", "--wide"):
        parser.add_argument(flag, action="store_true")
    return parser.parse_args()


def mixed(chosen: argparse.Namespace) -> None:
    path, rows, python = _mixed_table(chosen), _rows(2_000_000, chosen), peers_python(chosen.peers)
    _read(path)
    read, ours, duckdb = [], [], []
    for _ in range(chosen.repeats):
        read += _read(path)
        ours += _profiled(chosen, path)
        duckdb += [peer_run(python, "duckdb", path)] if python else []
    print(f"{rows:,} × 50, Parquet of {_megabytes(path)}, medians of {chosen.repeats}")
    base = _line("reading the batches (pyarrow)", read)
    seconds = _line("Table.profile, fresh cache", ours, base, "bar: 3 × reading")
    _parts(ours)
    _line("Table.profile again, from the cache", [one["again"] for one in ours])
    if python:
        theirs = _line(f"SUMMARIZE, {duckdb[0]['version']}", duckdb, base)
        print(f"    SUMMARIZE takes {theirs / seconds:.1f} × ours (bar: 1 ×)")
        _beside_profiling(chosen, python, path, 50 * rows)


def _beside_profiling(chosen: argparse.Namespace, python: str, large: Path, cells: int) -> None:
    """Compare figures of each feature of tables in memory; neither side correlates here."""
    path, rows = _written(chosen, "described", 200_000, 20), _rows(200_000, chosen)
    ours, larger, theirs = [], [], []
    for _ in range(chosen.repeats):
        ours.append(_task("count", path=str(path), cache=_fresh(chosen)))
        theirs.append(peer_run(python, "profiling", path))
        larger.append(_task("count", path=str(large), cache=_fresh(chosen)))
    print(f"{rows:,} × 20, per-feature figures of a table in memory")
    base = _line("ours", ours)
    cell = _line(f"{theirs[0]['version']}, minimal", theirs, base) / (20 * rows)
    our_cell = _line(f"ours, {cells / 1e6:,.0f} million cells", larger) / cells
    words = (
        f"{1e9 * cell:.0f} ns; ours of the larger {1e9 * our_cell:.1f} ns: "
        f"{cell / our_cell:.0f} × less"
    )
    print(f"    a cell of it {words} (bar: 15 ×)")


def many(chosen: argparse.Namespace) -> None:
    path, document = _written(chosen, "many", 20_000, 5_000), chosen.work / "many.json"
    read, found = _read(path), _command(chosen, "profile", str(path), "--json", str(document))
    print(f"{_rows(20_000, chosen):,} × 5,000, Parquet of {_megabytes(path)}")
    base = _line("reading the batches (pyarrow)", read)
    _line(f"explorer profile --json ({_megabytes(document)})", found, base, "bar: 60 s, 2 GB")
    if chosen.html:
        ours, pages = _profiled(chosen, path), chosen.work / "pages"
        _line("Table.profile, fresh cache", ours, base)
        _parts(ours)
        _line("Table.profile again, from the cache", [ours[0]["again"]])
        _line(
            "explorer profile --html",
            _command(chosen, "profile", str(path), "--html", str(pages)),
            base,
        )
        sizes = {one: one.stat().st_size for one in pages.rglob("*") if one.is_file()}
        index = sizes[pages / "index.html"]
        print(
            f"    index {index / 1e6:.2f} MB (bar: 3 MB), all pages "
            f"{sum(sizes.values()) / 1e6:,.0f} MB"
        )


def long(chosen: argparse.Namespace) -> None:
    """How cost grows with rows: blocks are merged, so memory should not grow at all."""
    most, columns = (100_000_000, 10) if chosen.long else (10_000_000, 4)
    taken = []
    for rows in (most // 2, most):
        path = _written(chosen, "long", rows, columns, kind="float32")
        # below 33,554,432 rows a column would be counted whole; here shorter ones go in blocks too
        read, ours = _read(path), _profiled(chosen, path, blocks=True)
        print(f"{_rows(rows, chosen):,} × {columns} float32, in blocks")
        _line(
            "Table.profile, fresh cache",
            ours,
            _line("reading the batches (pyarrow)", read),
            "bar: 1.5 GB",
        )
        _parts(ours)
        taken += ours
        path.unlink()
    time_ratio, peak_ratio = (taken[1][of] / taken[0][of] for of in ("seconds", "peak"))
    print(f"    twice the rows: {time_ratio:.2f} × the time, {peak_ratio:.2f} × the memory")


def wide(chosen: argparse.Namespace) -> None:
    """What a column costs does not depend on how many others there are."""
    rows, columns = (20_000_000, 16) if chosen.wide else (4_000_000, 8)
    path = _written(chosen, "wide", rows, columns)
    read, ours = _read(path), _profiled(chosen, path)
    shown = _task("strips", path=str(path), cache=_fresh(chosen), columns=SHOWN)
    print(f"{_rows(rows, chosen):,} × {columns}")
    seconds = _line(
        "Table.profile, fresh cache", ours, _line("reading the batches (pyarrow)", read)
    )
    _parts(ours)
    _line(
        f"strips of {shown['rows']:,} random rows × {shown['columns']}",
        [shown],
        words="bar: 10 s at 20 million",
    )
    each = seconds / columns * WIDE_ROWS / _rows(rows, chosen)
    words = (
        f"{each:.2f} s a column of {WIDE_ROWS:,}: {each * WIDE_COLUMNS / 60:.1f} min for "
        f"{WIDE_COLUMNS}"
    )
    print(f"    opening {shown['opened']:.2f} s; reckoned {words} (bar: 25 min, 2 GB)")
    path.unlink()


def sampled(chosen: argparse.Namespace) -> None:
    path, rows = _mixed_table(chosen), _rows(100_000, chosen)
    found = [_task("sampled", path=str(path), rows=rows) for _ in range(chosen.repeats)]
    print(f"{rows:,} random rows × {found[0]['columns']} numeric features of the mixed table")
    for name in found[0]["parts"]:
        print(f"    {name:40} {statistics.median(one['parts'][name] for one in found):7.2f} s")
    _line("in all", found, words="bar: 5 s")


def agreement(chosen: argparse.Namespace) -> None:
    found = _task("agreement", path=str(_mixed_table(chosen)), columns=20)
    print(
        f"moments of {found['columns']} features: largest relative difference from NumPy's and "
        "SciPy's (bar: 1e-9)"
    )
    for name, (difference, feature) in found["differences"].items():
        print(f"    {name:16} {difference:8.1e}  {feature}")


SECTIONS = {
    "mixed": mixed, "many": many, "long": long, "wide": wide, "sampled": sampled,
    "agreement": agreement,
}  # fmt: skip


# This process stays small, since children inherit its peak: all work is theirs.


def _task(name: str, **settings: Any) -> dict[str, Any]:
    runs = Path(__file__).parent / "shared" / "profile_runs.py"
    return run(
        [sys.executable, str(runs), name, json.dumps(settings)], {"NUMBA_CACHE_DIR": _numba()}
    )


def _read(path: Path) -> Found:
    return [_task("read", path=str(path))]


def _profiled(chosen: argparse.Namespace, path: Path, *, blocks: bool = False) -> Found:
    return [_task("profile", path=str(path), cache=_fresh(chosen), blocks=blocks)]


def _command(chosen: argparse.Namespace, *arguments: str) -> Found:
    """Run `explorer` from its start to its end, in a fresh cache."""
    found = _task("command", arguments=arguments, cache=_fresh(chosen))
    return [{**found, "seconds": found["wall"]}]


def _written(
    chosen: argparse.Namespace, name: str, rows: int, columns: int, kind: str = "mixed"
) -> Path:
    path: Path = chosen.work / f"{name}.parquet"
    size, free = _rows(rows, chosen) * columns * 8, shutil.disk_usage(chosen.work).free
    if free < 2 * size:
        raise SystemExit(
            f"{name}: up to {size / 1e9:.1f} GB to write, {free / 1e9:.1f} GB free: pass --folder"
        )
    _task("write", path=str(path), kind=kind, rows=_rows(rows, chosen), columns=columns)
    return path


def _mixed_table(chosen: argparse.Namespace) -> Path:
    path: Path = chosen.work / "mixed.parquet"
    return path if path.exists() else _written(chosen, "mixed", 2_000_000, 50)


def _rows(rows: int, chosen: argparse.Namespace) -> int:
    return max(1_000, int(rows * chosen.scale))


def _fresh(chosen: argparse.Namespace) -> str:
    return tempfile.mkdtemp(dir=chosen.work, prefix="cache-")


def _numba() -> str:
    """Return where compiled kernels are kept, though caches are fresh."""
    from explorer.core.compiled_code import prepare_numba

    prepare_numba()
    return os.environ["NUMBA_CACHE_DIR"]


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB"


def _line(name: str, found: Found, base: float | None = None, words: str = "") -> float:
    seconds = statistics.median(one["seconds"] for one in found)
    peak = max(one.get("peak", 0) for one in found)
    ratio = f"{seconds / base:6.2f} ×" if base else ""
    memory = f"{peak / 1e9:5.2f} GB" if peak else ""
    print(f"  {name:42} {seconds:7.2f} s {ratio:8} {memory:8}  {words}".rstrip(), flush=True)
    return seconds


def _parts(found: Found) -> None:
    medians = {
        name: statistics.median(one["parts"][name] for one in found) for name in found[0]["parts"]
    }
    print(
        "    of which " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in medians.items())
    )


if __name__ == "__main__":
    main()
