"""The 15 nearest rows of every row on a map, beside SciPy's and scikit-learn's trees.

Then how far two maps differ.

    python tests/benchmarks/bench_neighbours_2d.py [--rows 17000 1000000 10000000]
        [--peers-below 2000000]

Prints seconds on all cores: making the tree and searching it for all rows, in the order of the
tree. scikit-learn searches on one core per process and is asked for 100,000 rows only, scaled up.
Then `procrustes`, `neighbor_change` of all rows, and of 100,000 with `spread`.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial import procrustes as scipy_procrustes
from sklearn.neighbors import KDTree

from explorer.core.compiled_code import prepare_numba

prepare_numba()

from projections import neighbor_change, procrustes  # noqa: E402  numba's cache is prepared first
from projections.neighbors.plane_tree import PlaneTree  # noqa: E402
from projections.quality.changes import spread  # noqa: E402
from projections.threads import run_blocks  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

K = 15
ASKED = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[17_000, 1_000_000, 10_000_000])
    parser.add_argument("--peers-below", type=int, default=2_000_000)
    chosen = parser.parse_args()
    search(clumps(1_000))
    compare(clumps(1_000), 500)
    print(
        f"{'rows':>12} {'ours':>22} {'SciPy cKDTree':>22} {'scikit-learn KDTree':>22}   (tree + "
        "search, s)"
    )
    for n in chosen.rows:
        xy = clumps(n)
        peers = (scipy_search, sklearn_search) if n < chosen.peers_below else ()
        told = [search(xy), *(peer(xy) for peer in peers)]
        print(f"{n:12,} " + " ".join(f"{tree:10.2f} + {found:9.2f}" for tree, found in told))
        compare(xy, ASKED)


def clumps(n: int) -> np.ndarray:
    """Rows in clumps of very different density, as UMAP leaves them."""
    rng = np.random.default_rng(0)
    centres, spreads = rng.uniform(-10, 10, (60, 2)), rng.uniform(0.05, 1.5, 60)
    of = rng.integers(0, 60, n)
    return (centres[of] + rng.standard_normal((n, 2)) * spreads[of, None]).astype(np.float32)


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def search(xy: np.ndarray) -> tuple[float, float]:
    started = time.perf_counter()
    tree = PlaneTree.of(xy)
    made = time.perf_counter() - started

    def some(start: int, stop: int) -> None:
        groups = tree.starts[start : stop + 1]
        part = slice(groups[0], groups[-1])
        tree.nearest(
            np.stack([tree.x[part], tree.y[part]], axis=1), K, tree.rows[part], groups - groups[0]
        )

    return made, seconds(lambda: run_blocks(some, len(tree.starts) - 1, 2_048, stage="search"))


def scipy_search(xy: np.ndarray) -> tuple[float, float]:
    order = PlaneTree.of(xy).rows
    started = time.perf_counter()
    tree = cKDTree(xy)
    made = time.perf_counter() - started
    return made, seconds(lambda: tree.query(xy[order], k=K + 1, workers=-1))


def sklearn_search(xy: np.ndarray) -> tuple[float, float]:
    started = time.perf_counter()
    tree = KDTree(xy)
    made = time.perf_counter() - started
    asked = xy[PlaneTree.of(xy).rows[:ASKED]]
    return made, seconds(lambda: tree.query(asked, k=K + 1)) * len(xy) / len(asked)


def compare(xy: np.ndarray, asked: int) -> None:
    other = (xy + 0.05 * np.random.default_rng(1).standard_normal(xy.shape)).astype(np.float32)
    told = {"procrustes": seconds(lambda: procrustes(xy, other))}
    if len(xy) > 1_000:
        told["SciPy's"] = seconds(lambda: scipy_procrustes(xy.astype(float), other.astype(float)))
    told["change, all rows"] = seconds(lambda: neighbor_change(xy, other, K))
    if len(xy) > asked:
        started = time.perf_counter()
        found = neighbor_change(xy, other, K, asked)
        spread(xy, found.rows, found.changed)
        told[f"of {asked:,}, spread"] = time.perf_counter() - started
    if len(xy) > 1_000:
        print(
            " " * 13 + ", ".join(f"{name} {value:.2f}" for name, value in told.items()), flush=True
        )


if __name__ == "__main__":
    main()
