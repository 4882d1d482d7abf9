"""What the test for groups costs, and what it finds in one cloud and in five clusters.

    python tests/benchmarks/bench_regions.py [--rows 5000] [--columns 2 6 30 200 1000 5000]

Prints seconds of CPU of one call, the largest memory it took besides the rows (of a second call),
clouds simulated, and what was found.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc

import numpy as np

from explorer.core.compiled_code import prepare_numba

prepare_numba()

from explorer.map.regions.grouping import find_grouping  # noqa: E402  numba's cache is prepared first

N_CLUSTERS = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--columns", type=int, nargs="+", default=[2, 6, 30, 200, 1_000, 5_000])
    chosen = parser.parse_args()
    rng = np.random.default_rng(0)
    for d in (2, 30):  # compiled
        find_grouping(rng.standard_normal((300, d), dtype=np.float32))
    print(f"{'columns':>8}  {'rows are':12} {'CPU s':>6} {'MB':>6} {'clouds':>6}  groups")
    for d in chosen.columns:
        one = rng.standard_normal((chosen.rows, d), dtype=np.float32)
        centres = clusters(d, rng)
        for name, X in (
            ("one cloud", one),
            ("5 clusters", one + centres[np.arange(chosen.rows) % N_CLUSTERS]),
        ):
            start = time.process_time()
            found = find_grouping(X)
            spent = time.process_time() - start
            tracemalloc.start()
            find_grouping(X)
            most = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
            print(
                (
                    f"{d:8,}  {name:12} {spent:6.2f} {most:6.0f} {found.clouds:6}  "
                    f"{'yes' if found.found else 'no'}"
                ),
                flush=True,
            )


def clusters(d: int, rng: np.random.Generator) -> np.ndarray:
    """Return centres at least 4 standard deviations apart: a pentagon, turned at random."""
    angle = 2 * np.pi * np.arange(N_CLUSTERS) / N_CLUSTERS
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 2 / np.sin(np.pi / N_CLUSTERS)
    return (circle @ np.linalg.qr(rng.normal(size=(d, 2)))[0].T).astype(np.float32)


if __name__ == "__main__":
    main()
