"""How fast a stream is watched beside plain reading, and how that grows with rows.

    python tests/benchmarks/bench_drift.py --rows 1000000,10000000

50 features × 100 weeks from one Parquet file, each in a process of its own: pyarrow's
`iter_batches` over all columns, our reader alone, and `explorer.drift`; seconds, ratio to either
(bar 2.5), and the largest memory of each process. "Rounded" has two decimals, as measurements have,
and is written as pandas writes; "full digits" are random to the last bit and lie in the file as
they are: reading them is copying. Tables are random and written once into --folder. Of how often
alarms are false or late see bench_drift_rules.py.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FEATURES, ROWS, CHUNKS = 50, [1_000_000, 10_000_000], 100
KINDS = ("rounded", "full digits")
WAYS = ("pyarrow", "reader", "drift")


def main() -> None:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--rows", type=lambda text: [int(n) for n in text.split(",")], default=ROWS)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "explorer-bench-drift"
    )
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    for rows, kind in product(chosen.rows, [chosen.kind] if chosen.kind else KINDS):
        path = chosen.folder / f"{kind}-{rows}.parquet"
        if chosen.child:
            child(chosen.child, path)
        else:
            streaming(path, rows, kind)


def streaming(path: Path, rows: int, kind: str) -> None:
    if not path.exists():
        write(path, rows, kind)
    size = path.stat().st_size / 1e9
    print(f"{rows:,} rows × {FEATURES} features, {kind}, {size:.2f} GB of Parquet", flush=True)
    for turn in range(3):  # the first warms files and kernels
        found = {how: measured(how, path.parent, rows, kind) for how in WAYS}
        words = ", ".join(
            f"{how} {seconds:.2f} s ({mb:,.0f} MB)" for how, (seconds, mb) in found.items()
        )
        plain, own = (found["drift"][0] / found[how][0] for how in ("pyarrow", "reader"))
        print(
            (
                f"  turn {turn + 1}: {words}: {plain:.2f} × pyarrow's reading (bar 2.5), "
                f"{own:.2f} × ours"
            ),
            flush=True,
        )


def measured(how: str, folder: Path, rows: int, kind: str) -> tuple[float, float]:
    command = [
        sys.executable,
        __file__,
        "--child",
        how,
        "--folder",
        str(folder),
        "--rows",
        str(rows),
        "--kind",
        kind,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, mb = map(float, done.stdout.split())
    return seconds, mb


def write(path: Path, rows: int, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    names = [f"x{i}" for i in range(FEATURES)]
    schema = pa.schema(
        [("at", pa.timestamp("us", tz="UTC")), *((name, pa.float64()) for name in names)]
    )
    span = CHUNKS * 7 * 86_400 * 1_000_000
    group = 250_000
    with pq.ParquetWriter(
        path.with_suffix(".part"), schema, compression="snappy", use_dictionary=kind == "rounded"
    ) as out:
        for start in range(0, rows, group):
            n = min(group, rows - start)
            at = (1_767_571_200_000_000 + (start + np.arange(n)) * (span / rows)).astype(np.int64)
            columns = [
                random.normal(size=n) if i % 3 else random.lognormal(0, 1, n)
                for i in range(FEATURES)
            ]
            columns = [np.round(one, 2) for one in columns] if kind == "rounded" else columns
            out.write_table(
                pa.table([pa.array(at).cast(schema.field("at").type), *columns], schema=schema)
            )
    path.with_suffix(".part").rename(path)


def child(how: str, path: Path) -> None:
    import explorer
    from explorer.stats.precompile import warm_inference

    table = explorer.open_table(path)
    if how == "drift":
        warm_inference()
    start = time.perf_counter()
    if how == "pyarrow":
        for _ in pq.ParquetFile(path).iter_batches():
            pass
    elif how == "reader":
        for _ in table.source.batches():
            pass
    else:
        assert len(explorer.drift(table, "at").timetable) == CHUNKS
    print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
