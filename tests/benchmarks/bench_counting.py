"""Counting columns, beside NumPy's sort and SciPy's moments: one core, then two threads.

    python tests/benchmarks/bench_counting.py [--long] [--repeats 3]

Prints nanoseconds a cell (least of the repeats): our order and NumPy's sort, then everything that
is counted of a column and NumPy's sort with SciPy's moments, which tell less. Then the seconds that
counting a table of 2,000,000 × 50 takes beside reading it from Parquet. --long adds columns of 20
million cells.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import stats

from explorer.core.compiled_code import prepare_numba

prepare_numba()

from explorer.profile.counting.cell_order import sorted_keys  # noqa: E402
from explorer.profile.counting.counts import count_numbers  # noqa: E402  numba's cache is prepared first

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (20_000, 131_072, 2_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--long", action="store_true", help="columns of 20 million cells too")
    chosen = parser.parse_args()
    for n in (*SIZES, 20_000_000) if chosen.long else SIZES:
        print(f"{n:,} cells, ns a cell      order   np.sort | counted   np.sort + scipy")
        for name, make in kinds().items():
            one_column(name, make(np.random.default_rng(0), n), chosen.repeats)
    for dtype in (np.float32, np.float64):
        whole_table(dtype, chosen.repeats)


def kinds() -> dict[str, Callable[[np.random.Generator, int], np.ndarray]]:
    return {
        "normal": lambda rng, n: rng.normal(size=n),
        "lognormal": lambda rng, n: rng.lognormal(size=n),
        "Cauchy": lambda rng, n: rng.standard_cauchy(n),
        "uniform": lambda rng, n: rng.random(n),
        "two scales": lambda rng, n: np.where(
            rng.random(n) < 0.5, 2e9 * rng.random(n), rng.normal(1e9, 1, n)
        ),
        "rounded to .001": lambda rng, n: rng.normal(size=n).round(3),
        "20 values": lambda rng, n: np.floor(rng.random(n) * 20),
        "ascending": lambda rng, n: np.sort(rng.normal(size=n)),
        "wide integers": lambda rng, n: rng.integers(-(2**60), 2**60, n),
        "counts, integers": lambda rng, n: rng.poisson(4, n),
        "float32": lambda rng, n: rng.normal(size=n).astype(np.float32),
    }


def one_column(name: str, cells: np.ndarray, repeats: int) -> None:
    column = pa.chunked_array([cells])
    runs: tuple[Callable[[], object], ...] = (
        lambda: sorted_keys([cells]),
        lambda: np.sort(cells),
        lambda: count_numbers(column, name, mergeable=False),
        lambda: (np.sort(cells), stats.describe(cells.astype(np.float64))),
    )
    best = [least(run, repeats) / cells.size * 1e9 for run in runs]
    print(f"  {name:22} {best[0]:9.1f} {best[1]:9.1f} | {best[2]:7.1f} {best[3]:10.1f}")


def least(run: Callable[[], object], repeats: int) -> float:
    run()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def whole_table(dtype: type, repeats: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        write(path, dtype)
        names = pq.read_schema(path).names

        def read() -> None:
            for _ in pq.ParquetFile(path).iter_batches(131_072, use_threads=True):
                pass

        def count() -> None:
            table = pq.read_table(path)
            with ThreadPoolExecutor(2) as pool:
                list(
                    pool.map(lambda name: count_numbers(table[name], name, mergeable=False), names)
                )

        print(f"2,000,000 × 50 {np.dtype(dtype).name}, two threads:", end=" ")
        print(
            f"reading {least(read, repeats):.2f} s, reading and counting "
            f"{least(count, repeats):.2f} s"
        )


def write(path: Path, dtype: type) -> None:
    """Write half normal and half other columns, 2 million rows in row groups of 131,072."""
    rng = np.random.default_rng(0)
    makes = list(kinds().values())[:7]
    with pq.ParquetWriter(
        path, pa.schema([(f"f{i}", pa.from_numpy_dtype(dtype)) for i in range(50)])
    ) as file:
        for start in range(0, 2_000_000, 131_072):
            n = min(131_072, 2_000_000 - start)
            made = [(makes[i % 7] if i % 2 else makes[0])(rng, n).astype(dtype) for i in range(50)]
            file.write_table(pa.table({f"f{i}": cells for i, cells in enumerate(made)}))


if __name__ == "__main__":
    main()
