"""Profiling tables, beside reading them, DuckDB's SUMMARIZE and fg-data-profiling, each run in a process of its own.

    python tests/benchmarks/bench_profile.py [--only mixed,wide,...] [--repeats 3] [--scale 1] [--peers PYTHON] [--html]
                                             [--long] [--tall] [--folder DIR]

Prints medians of seconds, ratios and peak memory (getrusage) of:
 mixed      2,000,000 × 50 Parquet of numbers, texts and times: Table.profile in a fresh cache, reading the same batches,
            and SUMMARIZE, taking turns; per cell beside fg-data-profiling's minimal description of 200,000 × 20
 wide       `explorer profile` of 20,000 × 5,000; with --html its pages too
 long       5 and 10 million rows × 4 in blocks that are merged; with --long 50 and 100 million × 10 (4 GB on disk)
 tall       800 columns of 4 million rows, reckoned from 8; with --tall of 20 million, from 16
 sampled    redundancy, ECOD, robust distances and transforms on 100,000 random rows of the mixed table
 agreement  moments beside SciPy's on the same cells
--scale .1 takes a tenth of the rows, to try it out. Tables are written below --folder, by default a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from peers import peer_run, peers_python, run, say

SECTIONS = ("mixed", "wide", "long", "tall", "sampled", "agreement")
GROUP = 131_072
SHOWN = 16  # strips on the screen at once
TALL_COLUMNS = 800


def main() -> None:
    if sys.argv[1:2] == ["--task"]:
        TASKS[sys.argv[2]](json.loads(sys.argv[3]))
        return
    chosen = _arguments()
    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="bench-profile-") as folder:
        chosen.work = Path(folder)
        for section in SECTIONS:
            if section in chosen.only:
                start = time.perf_counter()
                globals()[section](chosen)
                print(f"  ({section}: {time.perf_counter() - start:.0f} s in all)\n", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=SECTIONS, metavar="SECTIONS")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="times the rows of every table")
    parser.add_argument("--peers", metavar="PYTHON", help="a Python that has duckdb and fg-data-profiling")
    parser.add_argument("--folder", help="where tables are written")
    for flag in ("--html", "--long", "--tall"):
        parser.add_argument(flag, action="store_true")
    chosen = parser.parse_args()
    if unknown := set(chosen.only) - set(SECTIONS):
        parser.error(f"--only: {', '.join(sorted(unknown))}: choose from {', '.join(SECTIONS)}")
    return chosen


# What this process does: it stays small, since children inherit its peak.


def mixed(chosen: argparse.Namespace) -> None:
    path, rows = _mixed_table(chosen), _rows(2_000_000, chosen)
    python = peers_python(chosen.peers)
    read, ours, duckdb = [], [], []
    for turn in range(chosen.repeats + 1):
        for found, one in ((read, lambda: _task("read", path=str(path))), (ours, lambda: _profiled(chosen, path))):
            found.append(one())
        if python and turn:
            duckdb.append(peer_run(python, "duckdb", path))
    read, ours = read[1:], ours[1:]
    print(f"{rows:,} × 50, Parquet of {path.stat().st_size / 1e6:,.0f} MB, medians of {chosen.repeats}, two cores")
    base = _line("reading the batches (pyarrow)", read)
    _line("Table.profile, fresh cache", ours, base, "bar: 3 × reading")
    print(f"    of which {_parts(ours)}")
    _line("Table.profile again, from the cache", [one["again"] for one in ours])
    if duckdb:
        _line(f"SUMMARIZE, {duckdb[0]['version']}", duckdb, base, f"{_ratio(duckdb, ours)} of ours; bar: slower")
    if python:
        _beside_profiling(chosen, python)


def _beside_profiling(chosen: argparse.Namespace, python: str) -> None:
    path = chosen.work / "described.parquet"
    rows = _rows(200_000, chosen)
    _task("write", path=str(path), kind="mixed", rows=rows, columns=20)
    ours, theirs = [], []
    for _ in range(chosen.repeats):
        ours.append(_task("count", path=str(path), cache=_fresh(chosen)))
        theirs.append(peer_run(python, "profiling", path))
    print(f"{rows:,} × 20, per-feature figures")
    base = _line("ours, with reading", ours)
    _line(f"{theirs[0]['version']}, minimal, without", theirs, base, "bar: 15 × ours")


def wide(chosen: argparse.Namespace) -> None:
    path, rows = chosen.work / "wide.parquet", _rows(20_000, chosen)
    _task("write", path=str(path), kind="mixed", rows=rows, columns=5_000)
    read = [_task("read", path=str(path))]
    document = chosen.work / "wide.json"
    command = [sys.executable, "-m", "explorer", "profile", str(path), "--json", str(document)]
    found = run(command, {"EXPLORER_CACHE": _fresh(chosen), "NUMBA_CACHE_DIR": _numba()})
    profile = json.loads(document.read_text(encoding="utf-8"))
    print(f"{rows:,} × 5,000, Parquet of {path.stat().st_size / 1e6:,.0f} MB")
    base = _line("reading the batches (pyarrow)", read)
    told = [{"seconds": found["wall"], "peak": profile["peak_bytes"]}]
    _line("explorer profile --json, with start", told, base, "bar: 60 s, 2 GB")
    analysed = sum(one["seconds"] for one in profile["features"])
    per_feature = 1e3 * analysed / max(1, len(profile["features"]))
    print(f"    analysis after counting {per_feature:.1f} ms a feature; JSON {document.stat().st_size / 1e6:,.0f} MB")
    _task_parts(chosen, path)
    if chosen.html:
        _pages(chosen, path)


def _task_parts(chosen: argparse.Namespace, path: Path) -> None:
    found = _task("profile", path=str(path), cache=_fresh(chosen))
    _line("Table.profile, fresh cache", [found])
    print(f"    of which {_parts([found])}")
    _line("Table.profile again, from the cache", [found["again"]])


def _pages(chosen: argparse.Namespace, path: Path) -> None:
    report = chosen.work / "report"
    command = [sys.executable, "-m", "explorer", "profile", str(path), "--html", str(report)]
    found = run(command, {"EXPLORER_CACHE": _fresh(chosen), "NUMBA_CACHE_DIR": _numba()})
    _line("explorer profile --html, with start", [found])
    index = (report / "index.html").stat().st_size / 1e6
    total = sum(one.stat().st_size for one in report.rglob("*") if one.is_file()) / 1e6
    print(f"    index {index:.2f} MB (bar: 3 MB), all pages {total:,.0f} MB")


def long(chosen: argparse.Namespace) -> None:
    """How cost grows with rows: blocks are merged, so memory should not grow at all."""
    most, columns = (100_000_000, 10) if chosen.long else (10_000_000, 4)
    taken = []
    for rows in (_rows(most // 2, chosen), _rows(most, chosen)):
        path = chosen.work / "long.parquet"
        _room_for(chosen, rows * columns * 4)
        _task("write", path=str(path), kind="float32", rows=rows, columns=columns)
        read = [_task("read", path=str(path))]
        # below 33,554,432 rows a column would be counted whole: the tenth of the table takes the same way
        ours = [_task("profile", path=str(path), cache=_fresh(chosen), blocks=True)]
        print(f"{rows:,} × {columns} float32, in blocks")
        _line("Table.profile, fresh cache", ours, _line("reading the batches (pyarrow)", read), "bar: 1.5 GB")
        print(f"    of which {_parts(ours)}")
        taken.append(ours[0])
        path.unlink()
    time_ratio, memory_ratio = taken[1]["seconds"] / taken[0]["seconds"], taken[1]["peak"] / taken[0]["peak"]
    print(f"  twice the rows: {time_ratio:.2f} × the time, {memory_ratio:.2f} × the memory")


def tall(chosen: argparse.Namespace) -> None:
    """20,000,000 × 800, reckoned from fewer columns: what a column costs does not depend on the others."""
    rows, columns = (_rows(20_000_000, chosen), 16) if chosen.tall else (_rows(4_000_000, chosen), 8)
    path = chosen.work / "tall.parquet"
    _room_for(chosen, rows * columns * 8)
    _task("write", path=str(path), kind="mixed", rows=rows, columns=columns)
    read = [_task("read", path=str(path))]
    ours = [_task("profile", path=str(path), cache=_fresh(chosen))]
    first = _task("strips", path=str(path), cache=_fresh(chosen), columns=min(columns, SHOWN))
    print(f"{rows:,} × {columns}")
    base = _line("reading the batches (pyarrow)", read)
    _line("Table.profile, fresh cache", ours, base)
    print(f"    of which {_parts(ours)}")
    _line(f"strips of {first['rows']:,} random rows, {min(columns, SHOWN)} features", [first], None, "bar: 10 s")
    print(f"    opening {first['opened']:.2f} s")
    each = ours[0]["seconds"] / columns
    minutes = each * TALL_COLUMNS / 60
    print(f"  {each:.2f} s a column; {TALL_COLUMNS} columns ≈ {minutes:.1f} min, at 20,000,000 rows ≈ {minutes * 20_000_000 / rows:.1f} min (bar: 25 min, 2 GB)")
    path.unlink()


def sampled(chosen: argparse.Namespace) -> None:
    found = [_task("sampled", path=str(_mixed_table(chosen)), rows=_rows(100_000, chosen)) for _ in range(chosen.repeats)]
    print(f"{found[0]['rows']:,} random rows × {found[0]['columns']} numeric features of the mixed table, bar: 5 s in all")
    for name in found[0]["parts"]:
        print(f"    {name:38} {statistics.median(one['parts'][name] for one in found):7.2f} s")
    _line("in all", found)


def agreement(chosen: argparse.Namespace) -> None:
    found = _task("agreement", path=str(_mixed_table(chosen)))
    print(f"moments of {found['columns']} features of {found['rows']:,} rows, largest relative difference from SciPy's")
    for name, (difference, feature) in found["differences"].items():
        print(f"    {name:16} {difference:8.1e}  ({feature})   bar: 1e-9")


def _task(name: str, **settings: Any) -> dict[str, Any]:
    return run([sys.executable, __file__, "--task", name, json.dumps(settings)], {"NUMBA_CACHE_DIR": _numba()})


def _profiled(chosen: argparse.Namespace, path: Path) -> dict[str, Any]:
    return _task("profile", path=str(path), cache=_fresh(chosen))


def _fresh(chosen: argparse.Namespace) -> str:
    return tempfile.mkdtemp(dir=chosen.work, prefix="cache-")


def _numba() -> str:
    """Return where compiled kernels are kept, though caches are fresh."""
    from explorer.cache import prepare_numba

    prepare_numba()
    return os.environ["NUMBA_CACHE_DIR"]


def _rows(rows: int, chosen: argparse.Namespace) -> int:
    return max(1_000, int(rows * chosen.scale))


def _mixed_table(chosen: argparse.Namespace) -> Path:
    path: Path = chosen.work / "mixed.parquet"
    if not path.exists():
        _task("write", path=str(path), kind="mixed", rows=_rows(2_000_000, chosen), columns=50)
    return path


def _room_for(chosen: argparse.Namespace, size: int) -> None:
    free = shutil.disk_usage(chosen.work).free
    if free < 1.5 * size:
        raise SystemExit(f"{size / 1e9:.1f} GB are to be written and {free / 1e9:.1f} GB are free: name another --folder")


def _line(name: str, found: list[dict[str, Any]], base: float | None = None, words: str = "") -> float:
    seconds = statistics.median(one["seconds"] for one in found)
    peak = max((one.get("peak", 0) for one in found), default=0)
    ratio = f"{seconds / base:6.2f} ×" if base else " " * 8
    print(f"  {name:40} {seconds:7.2f} s {ratio} {peak / 1e9:6.2f} GB  {words}".rstrip(), flush=True)
    return seconds


def _ratio(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> str:
    return f"{statistics.median(x['seconds'] for x in one) / statistics.median(x['seconds'] for x in other):.2f} ×"


def _parts(found: list[dict[str, Any]]) -> str:
    names = found[0]["parts"]
    return ", ".join(f"{name} {statistics.median(one['parts'][name] for one in found):.2f} s" for name in names)


# What children do.


def write(settings: dict[str, Any]) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng, rows, columns = np.random.default_rng(0), settings["rows"], settings["columns"]
    makes = _kinds() if settings["kind"] == "mixed" else {"float32": _kinds()["float32"]}
    writer = None
    for start in range(0, rows, GROUP):
        n = min(GROUP, rows - start)
        made = {f"{kind} {i}": make(rng, n) for i, (kind, make) in zip(range(columns), _repeated(makes), strict=False)}
        block = pa.table(made)
        writer = writer or pq.ParquetWriter(settings["path"], block.schema)
        writer.write_table(block)
    if writer is not None:
        writer.close()
    say()


def _repeated(makes: dict[str, Any]) -> Any:
    while True:
        yield from makes.items()


def _kinds() -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    levels = np.array([f"level {i}" for i in range(12)])
    return {
        "normal": lambda rng, n: rng.normal(size=n),
        "float32": lambda rng, n: rng.lognormal(size=n).astype(np.float32),
        "counts": lambda rng, n: rng.poisson(4, n),
        "few values": lambda rng, n: np.floor(rng.random(n) * 20) / 4,
        "rounded": lambda rng, n: rng.normal(20, 5, n).round(2),
        "missing": lambda rng, n: pa.array(rng.gamma(2, 3, n), mask=rng.random(n) < 0.1),
        "text": lambda rng, n: pa.array(levels[(rng.random(n) ** 2 * 12).astype(int)]),
        "time": lambda rng, n: (rng.integers(0, 365 * 86_400, n) + 1_600_000_000).astype("datetime64[s]"),
        "integer": lambda rng, n: rng.integers(0, 10_000_000, n).astype(np.int32),
        "uniform": lambda rng, n: rng.random(n),
    }  # fmt: skip


def read(settings: dict[str, Any]) -> None:
    import pyarrow.parquet as pq

    start, rows = time.perf_counter(), 0
    for batch in pq.ParquetFile(settings["path"]).iter_batches(GROUP):
        rows += batch.num_rows
    say(seconds=time.perf_counter() - start, rows=rows)


def profile(settings: dict[str, Any]) -> None:
    """Profile once, and again from the cache; the parts are timed by what each of them is called through."""
    from explorer.profiles import counting
    from explorer.workbench import profiling

    _warm(settings["cache"])
    if settings.get("blocks"):
        counting._WHOLE_ROWS = 1 << 20
    parts = {"counting": 0.0, "keeping": 0.0}
    keep = profiling.ProfileStore.put

    def timed(store: Any, profiles: Any, features: Any) -> None:
        start = time.perf_counter()
        keep(store, profiles, features)
        parts["keeping"] += time.perf_counter() - start

    profiling.ProfileStore.put = timed
    table, start = _open(settings), time.perf_counter()
    done = [start]
    table.profile(progress=lambda *_: done.append(time.perf_counter()))
    end = time.perf_counter()
    parts["counting"] = done[-1] - start
    parts["redundancy and the rest"] = end - done[-1]
    table, start = _open(settings), time.perf_counter()
    table.profile()
    say(seconds=end - done[0], parts=parts, again={"seconds": time.perf_counter() - start})


def count(settings: dict[str, Any]) -> None:
    from explorer.profiles.counting import count_features

    _warm(settings["cache"])
    table, start = _open(settings), time.perf_counter()
    found = list(count_features(table.source, table.features, table.column_names))
    say(seconds=time.perf_counter() - start, columns=len(found))


def strips(settings: dict[str, Any]) -> None:
    from explorer.jobs.profiling import _SAMPLE_ROWS
    from explorer.profiles.counting import count_features

    _warm(settings["cache"])
    start = time.perf_counter()
    table = _open(settings)
    opened = time.perf_counter() - start
    rows = min(_SAMPLE_ROWS, table.num_rows)
    names = table.column_names[: settings["columns"]]
    start = time.perf_counter()
    found = list(count_features(table.source, table.features, names, sample_rows=rows))
    say(seconds=time.perf_counter() - start, opened=opened, rows=rows, columns=len(found))


def _open(settings: dict[str, Any]) -> Any:
    import explorer
    from explorer.cache import Cache

    table = explorer.open_table(settings["path"], cache=Cache(Path(settings["cache"])))
    assert table.features
    return table


def _warm(cache: str) -> None:
    """Load every kernel on a small table of the same kinds."""
    import numpy as np
    import pyarrow as pa

    import explorer
    from explorer.cache import Cache

    rng = np.random.default_rng(1)
    made = {name: make(rng, 20_000) for name, make in _kinds().items()}
    explorer.open_table(pa.table(made), cache=Cache(Path(cache))).profile()


def sampled_task(settings: dict[str, Any]) -> None:
    import numpy as np

    from explorer.profiles.correlation import sampled_numbers
    from explorer.profiles.distribution import Distribution
    from explorer.profiles.ecod import ecod
    from explorer.profiles.multivariate import robust_distances
    from explorer.profiles.redundancy import correlations
    from explorer.profiles.suggestion import try_transforms

    _warm(tempfile.mkdtemp(dir=Path(settings["path"]).parent))
    table = _open({**settings, "cache": tempfile.mkdtemp(dir=Path(settings["path"]).parent)})
    names = [name for name, feature in table.features.items() if feature.kind == "numeric"]
    rows, parts = min(settings["rows"], table.num_rows), {}
    cells: list[Any] = []

    def draw() -> None:
        cells.extend(one for _, one in sampled_numbers(table.source, names, rows, table.features))

    def transforms() -> None:
        for one in cells:
            try_transforms(Distribution.of(one[np.isfinite(one)]).thinned(2_048))

    runs = {
        "drawing the rows": draw,
        "Spearman, redundancy (draws its own)": lambda: correlations(table.source, names, rows, features=table.features),
        "ECOD": lambda: ecod(np.column_stack(cells)),
        "robust distances (MinCovDet)": lambda: robust_distances(np.column_stack(cells)),
        "transforms, all six of each": transforms,
    }
    for name, one in runs.items():
        start = time.perf_counter()
        one()
        parts[name] = time.perf_counter() - start
    say(seconds=sum(parts.values()), parts=parts, rows=rows, columns=len(names))


def agreement_task(settings: dict[str, Any]) -> None:
    import numpy as np
    import pyarrow.parquet as pq
    from scipy import stats

    table = _open({**settings, "cache": tempfile.mkdtemp(dir=Path(settings["path"]).parent)})
    worst: dict[str, tuple[float, str]] = {}
    names = [name for name, feature in table.features.items() if feature.kind == "numeric"]
    for name, ours in table.profile(names).items():
        cells = pq.read_table(settings["path"], columns=[name])[name].drop_null().to_numpy().astype(np.float64)
        theirs = (cells.mean(), cells.std(ddof=1), stats.skew(cells), stats.kurtosis(cells), cells.min(), cells.max())
        told = ("mean", "std", "skewness", "excess_kurtosis", "min", "max")
        for figure, value in zip(told, theirs, strict=True):
            apart = abs(getattr(ours, figure) - value) / abs(value) if value else abs(getattr(ours, figure))
            worst[figure] = max(worst.get(figure, (0.0, "")), (float(apart), name))
    say(differences=worst, rows=table.num_rows, columns=len(names))


TASKS = {
    "write": write, "read": read, "profile": profile, "count": count, "strips": strips,
    "sampled": sampled_task, "agreement": agreement_task,
}  # fmt: skip

if __name__ == "__main__":
    main()
