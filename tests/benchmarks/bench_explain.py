"""Explaining a selection: seconds to the first sentence, and to exact figures.

    python tests/benchmarks/bench_explain.py [--rows 1000000] [--columns 60] [--folder DIR]

A table of normal, skewed and whole numbers, yes and no, categories, times, a title and an
identifier, a tenth of the cells of some columns missing; six groups of rows differ in a part of the
columns, and ten columns are said to have drawn the map. Prints
 ahead    what is read before anybody selects: columns in steps, which features follow from those of
          the map; the second time they come from the cache
 groups   a third of the rows at random, an islet, an islet less a third of its rows, 352 rows:
          seconds to the first sentence (bar: .5), to the last one (bar: 2), and processor seconds
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.table.table import Table

DRAWING = 10  # columns that drew the map
READ = 150_000_000  # cells that may be read for exact figures, as on the page


def columns_of(rows: int, columns: int, group: NDArray[np.int64]) -> dict[str, Any]:
    import pyarrow as pa

    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(rows, 6)).astype(np.float32)
    made: dict[str, Any] = {}
    numbers = columns - 16
    for j in range(numbers):
        values = hidden @ rng.normal(size=6).astype(np.float32) / 2
        values += rng.normal(size=rows).astype(np.float32)
        if j < DRAWING:
            values += 4 * (group == j % 6)
        if j % 9 == 0:
            values = np.exp(values / 3)
        elif j % 7 == 3:
            values = np.round(values * 4)
        made[f"x{j}"] = pa.array(values, mask=rng.random(rows) < 0.1 if j % 5 == 0 else None)
    for j in range(8):
        shares = rng.dirichlet(np.ones(5 + 4 * j))
        codes = rng.choice(len(shares), rows, p=shares) + 2 * (group == j % 6)
        names = np.array([f"level {k}" for k in range(len(shares))])
        made[f"category {j}"] = pa.array(names[codes % len(shares)]).dictionary_encode()
    for j in range(4):
        made[f"yes {j}"] = pa.array(rng.random(rows) < 0.2 + 0.3 * (group == j))
    for j in range(2):
        seconds = 1.6e9 + 1e8 * rng.random(rows) + 5e7 * (group == j)
        made[f"time {j}"] = pa.array(seconds.astype(np.int64) * 1000, pa.timestamp("ms"))
    made["title"] = pa.array([f"Row number {row}" for row in range(rows)])
    made["id"] = pa.array(np.arange(rows))
    return made


def table_of(folder: Path, columns: dict[str, Any]) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from explorer.core.cache import Cache
    from explorer.table.table import open_table

    path = folder / "rows.parquet"
    if not path.exists():
        pq.write_table(pa.table(columns), path)
    return open_table(str(path), cache=Cache(folder / "cache", limit_bytes=10**10))


def explained(table: Table, chosen: NDArray[np.bool_], seen: dict[str, str]) -> None:
    from explorer.compare.compute import selection_of
    from explorer.compare.explanation.compute import explain_selection

    selection, first = selection_of(table, chosen, "A"), []
    start, processor = time.perf_counter(), time.process_time()

    def preview(explanation: Any) -> None:
        first.append((time.perf_counter() - start, len(explanation.sentence)))

    found = explain_selection(table, selection, seen=seen, most_cells=READ, preview=preview)
    last = time.perf_counter() - start
    began = first[0][0] if first else last
    print(
        f"  {chosen.sum():>9,} rows: first sentence {began:.2f} s (bar: .5)   exact {last:.2f} s "
        f"(bar: 2)   processor {time.process_time() - processor:.2f} s\n    {found.sentence}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=60)
    parser.add_argument("--folder", help="where the table and its cache are written")
    asked = parser.parse_args()
    from explorer.compare.explanation.compute import prepare_explanations
    from explorer.compare.precompile import warm_comparing

    warm_comparing()
    group = np.random.default_rng(1).integers(0, 6, asked.rows)
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="bench-explain-") as folder:
        columns = columns_of(asked.rows, asked.columns, group)
        seen = {f"x{j}": "drew this map" for j in range(DRAWING)}
        print(
            f"{asked.rows:,} rows × {len(columns)} columns, {os.cpu_count()} cores, "
            f"load {os.getloadavg()[0]:.1f}"
        )
        for when in ("first time", "from the cache"):
            table = table_of(Path(folder), columns)
            start = time.perf_counter()
            prepare_explanations(table, seen)
            print(f"  ahead, {when}: {time.perf_counter() - start:.1f} s", flush=True)
        rows = np.arange(asked.rows)
        for chosen in (
            np.random.default_rng(2).random(asked.rows) < 1 / 3,
            group == 1,
            (group == 2) & (rows % 3 > 0),
            np.isin(rows, np.flatnonzero(group == 3)[:352]),
        ):
            explained(table, chosen, seen)
        print(f"  load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
