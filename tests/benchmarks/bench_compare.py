"""Comparing two groups of rows in every feature: time to the order and to all figures.

    python tests/benchmarks/bench_compare.py [--only long,wide,huge,scipy,noise] [--long]
        [--folder DIR] [--repeats 3]

Data are normal numbers made here, some of them shifted in a group of a tenth, a third or half of
the rows. Prints
 long    10,000,000 rows × 100 features (with --long; else 2,000,000 × 100): first comparison,
         which puts the columns into steps, then warm ones: the order of all features, and with the
         20 largest effects exact
 wide    1,000,000 rows × 1,000 features (with --long; else 200,000 × 1,000), the same
 huge    20,000,000 rows × 50 features and 2,000,000 × 800 (with --long; else 8,000,000 × 25): the
         order of a sample, drawn for the first time and kept; all rows for the first time, warm,
         and with the steps out of the page cache, beside the reading rate of the disk; what
         20,000,000 × 800 would take by the cells, which is an extrapolation
 scipy   AUC, Kolmogorov and Wasserstein distance of 1,000,000 rows × 5 features beside SciPy's, in
         turns
 noise   how often a comparison of groups of pure noise shows anything: random groups, and groups
         drawn on a map of half of the features
"""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from shared.sections import run_sections, section_parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from explorer.table.table import Table


def main() -> None:
    parser = section_parser(__doc__, SECTIONS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--long", action="store_true", help="needs 20 GB of disk")
    parser.add_argument("--folder", help="where tables and their caches are written")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    run_sections(chosen, SECTIONS)


def table_of(folder: Path, rows: int, features: int) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from explorer.core.cache import Cache
    from explorer.table.table import open_table

    rng, path, writer = np.random.default_rng(0), folder / "numbers.parquet", None
    for start in range(0, rows, 500_000):
        n = min(500_000, rows - start)
        group = (np.arange(start, start + n) % 10 == 0).astype(np.float32)
        block = {
            f"x{j}": rng.standard_normal(n, dtype=np.float32) + np.float32(0.3 / (1 + j)) * group
            for j in range(features)
        }
        part = pa.table(block)
        writer = writer or pq.ParquetWriter(
            path, part.schema, compression="none", use_dictionary=False
        )
        writer.write_table(part)
    if writer is not None:
        writer.close()
    return open_table(str(path), cache=Cache(folder / "cache", limit_bytes=40 * 10**9))


def timed(work: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _sized(chosen: argparse.Namespace, rows: int, features: int) -> None:
    from explorer.compare.compute import compare

    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="bench-compare-") as folder:
        table = table_of(Path(folder), rows, features)
        table.fingerprint  # noqa: B018  hashed once, whatever is done with the table
        every = np.arange(rows)
        first = timed(lambda: compare(table, every % 10 == 0, exact=False), 1)
        print(
            f"{rows:,} rows × {features:,} features: first comparison, columns put into steps "
            f"{first:.1f} s"
        )
        for words, mask in (
            ("a tenth", every % 10 == 0),
            ("a third", every % 3 == 0),
            ("half", every % 2 == 0),
        ):
            order = timed(lambda mask=mask: compare(table, mask, exact=False), chosen.repeats)
            full = timed(lambda mask=mask: compare(table, mask), 1)
            print(
                (
                    f"  A is {words:8} order of all features {order:6.2f} s (bar: 2 s)   and the "
                    f"20 largest exact {full:6.2f} s"
                ),
                flush=True,
            )
        found = compare(table, every % 10 == 0)
        print(f"  first in order: {', '.join(row.feature for row in found.rows[:5])}")


def long(chosen: argparse.Namespace) -> None:
    _sized(chosen, 10_000_000 if chosen.long else 2_000_000, 100)


def wide(chosen: argparse.Namespace) -> None:
    _sized(chosen, 1_000_000 if chosen.long else 200_000, 1_000)


TARGET = 20_000_000, 800


def huge(chosen: argparse.Namespace) -> None:
    for rows, features in (
        ((20_000_000, 50), (2_000_000, 800)) if chosen.long else ((8_000_000, 25),)
    ):
        with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="bench-compare-") as folder:
            _of_size(Path(folder), rows, features, chosen.repeats)


def _of_size(folder: Path, rows: int, features: int, repeats: int) -> None:
    from explorer.compare import compute as comparing
    from explorer.compare.precompile import warm_comparing

    warm_comparing()
    table, every = table_of(folder, rows, features), np.arange(rows)
    path, cache = folder / "numbers.parquet", table.columns.cache
    table.fingerprint  # noqa: B018
    shares = {"one in 1,000": every % 1000 == 0, "a tenth": every % 10 == 0, "half": every % 2 == 0}
    print(
        f"{rows:,} rows × {features:,} features; load before it {os.getloadavg()[0]:.1f} on "
        f"{os.cpu_count()} cores"
    )
    print(f"  {'disk, the file read past the page cache':58} {_disk_rate(path):8.0f} MB/s")
    by_cells = TARGET[0] * TARGET[1] / (rows * features)
    by_features = TARGET[1] / features

    def line(
        words: str, a: str, work: Callable[[Any], object], scale: float, again: int = 1
    ) -> None:
        used, wall = time.process_time(), timed(lambda: work(shares[a]), again)
        cores = (time.process_time() - used) / again
        told = (
            f"× {scale:.0f} = {wall * scale:.0f} s extrapolated to 20,000,000 × 800"
            if scale
            else ""
        )
        print(f"  {f'{words}; A {a}':58} {wall:8.2f} s {cores:8.2f} core s   {told}", flush=True)

    def order(mask: Any, wanted: int = 1) -> None:
        shown = []

        def show(found: Any) -> None:
            shown.append(found.sample)
            if len(shown) == wanted:
                raise _ShownError

        try:
            comparing.compare(table, mask, preview=show)
        except _ShownError:
            return
        raise AssertionError("no sample was shown")

    def own_rows(mask: Any) -> None:
        order(mask, 2)

    def by_steps(mask: Any) -> object:
        return comparing.compare(table, mask, exact=False)

    comparing._COUNTED_CELLS = 0  # as in a table of the target's size
    line("sample drawn for the first time, order", "a tenth", order, by_cells)
    table = _opened_again(path, cache)
    line("sample kept, order", "a tenth", order, by_features, repeats)
    line("sample kept, order", "one in 1,000", order, by_features, repeats)
    line("the same, then with own rows read from the file", "one in 1,000", own_rows, by_cells)
    line("all rows for the first time, put into steps", "a tenth", by_steps, by_cells)
    line(
        "sample kept, then with own rows by their steps",
        "one in 1,000",
        own_rows,
        by_features,
        repeats,
    )
    for a in shares:
        line("all rows, warm", a, by_steps, by_cells, repeats)
    for a in ("one in 1,000", "half"):
        del table  # its maps of the files would hold them
        _forget(folder / "cache")
        table = _opened_again(path, cache)
        line("all rows, steps not in the page cache", a, by_steps, by_cells)
    line(
        "all rows and the 20 largest exact",
        "a tenth",
        lambda mask: comparing.compare(table, mask),
        0,
    )


class _ShownError(Exception):
    """The order that was waited for is there."""


def _opened_again(path: Path, cache: Any) -> Table:
    """Return the table as a new process has it: nothing of it in memory."""
    from explorer.table.table import open_table

    return open_table(str(path), cache=cache)


def _forget(folder: Path) -> None:
    """Let files leave the page cache, as far as nobody has mapped them."""
    gc.collect()
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _disk_rate(path: Path) -> float:
    _forget(path.parent)
    start, size = time.perf_counter(), 0
    with path.open("rb", buffering=0) as file:
        while part := file.read(1 << 24):
            size += len(part)
            if size > 4e9:
                break
    return size / 1e6 / (time.perf_counter() - start)


def scipy(chosen: argparse.Namespace) -> None:
    from scipy import stats

    from explorer.compare.compute import compare

    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        table = table_of(Path(folder), 1_000_000, 5)
        mask = np.arange(1_000_000) % 10 == 0
        columns = [table.columns.numbers(name) for name in table.column_names]
        compare(table, mask)
        ours, theirs, worst = [], [], 0.0
        for _ in range(chosen.repeats):
            ours.append(timed(lambda: compare(table, mask), 1))
            start = time.perf_counter()
            figures = [
                (
                    stats.mannwhitneyu(x[mask], x[~mask]).statistic / mask.sum() / (~mask).sum(),
                    stats.ks_2samp(x[mask], x[~mask], method="asymp").statistic,
                    stats.wasserstein_distance(x[mask], x[~mask]),
                )
                for x in columns
            ]
            theirs.append(time.perf_counter() - start)
        found = compare(table, mask)
        for name, (auc, ks, distance) in zip(table.column_names, figures, strict=True):
            row = found[name]
            scale = np.sqrt((row.std_a**2 + row.std_b**2) / 2)
            for here, there in ((row.auc, auc), (row.ks, ks), (row.wasserstein * scale, distance)):
                worst = max(worst, abs(here / there - 1))
        a, b = statistics.median(ours), statistics.median(theirs)
        print(f"1,000,000 × 5, medians of {chosen.repeats}, taking turns")
        print(f"  all figures, intervals, tests {a:6.2f} s")
        print(
            f"  SciPy: U, D, W₁ alone         {b:6.2f} s, {b / a:.1f} × as long; largest "
            f"relative difference {worst:.1e}"
        )


def noise(chosen: argparse.Namespace) -> None:
    import pandas as pd

    from explorer.compare.compute import compare
    from explorer.map.map import build_map
    from explorer.table.table import open_table

    rng = np.random.default_rng(1)
    runs = 400
    shown = {"random groups": 0, "drawn on a map of half of the features": 0}
    described = 0
    for run in range(runs):
        table = open_table(
            pd.DataFrame(rng.normal(size=(500, 20)), columns=[f"x{j}" for j in range(20)])
        )
        found = compare(table, rng.random(500) < 0.3, margin=0.0)
        shown["random groups"] += any(row.p_adjusted <= 0.05 for row in found.rows)
        with tempfile.TemporaryDirectory() as folder:
            drawn = build_map(
                table.project([f"x{j}" for j in range(10)], method="pca"),
                Path(folder) / "map",
                table,
            )
            (x0, x1), y_range = drawn.extent
            middle = float(
                np.median(table.project([f"x{j}" for j in range(10)], method="pca").xy[:, 0])
            )
            group = drawn.box((middle, x1), y_range)
        found = compare(table, group, margin=0.0)
        shown["drawn on a map of half of the features"] += any(
            row.p_adjusted <= 0.05 for row in found.unseen
        )
        described += any(row.p_value == row.p_value for row in found.seen)
        del x0, run
    bound = 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)
    print(
        f"pure noise, 500 rows × 20 features, {runs} runs, margin 0: share that shows anything "
        f"(bar: ≤ {bound:.3f})"
    )
    for words, count in shown.items():
        print(f"  {words:40} {count / runs:.3f}")
    print(f"  descriptive lists with a p-value         {described} of {runs} (bar: 0)")


SECTIONS: dict[str, Callable[[argparse.Namespace], None]] = {
    "long": long,
    "wide": wide,
    "huge": huge,
    "scipy": scipy,
    "noise": noise,
}

if __name__ == "__main__":
    main()
