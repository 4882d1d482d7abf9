"""Projecting the films, beside umap-learn and scikit-learn, in one process, taking turns.

    python tests/benchmarks/bench_projection.py [--repeats 3]

Prints seconds (median) and how many of 15 true neighbours stay, for the eleven start features of
the sample films: our PCA and UMAP (seeded, and fastest with random_state=None), scikit-learn's PCA
and umap-learn's defaults, then the same through `Table.project`, computed first and answered from
the cache. At last PCA of a sparse matrix of simulated counts, 68,000 cells x 2,000 genes of which
5 % are filled, beside scikit-learn's iterations.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import warnings
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

START = (
    "year runtime_min tomatometer rt_avg_rating critic_split log_reviews n_cast n_writers "
    "n_countries n_languages n_genres"
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as folder:
        import explorer

        explorer.Viewport  # noqa: B018  numba's cache stays where it is, before the cache moves
        os.environ["EXPLORER_CACHE"] = folder
        table = explorer.open_table(
            str(resources.files("explorer.samples").joinpath("films.parquet"))
        )
        engines(matrix_of(table), repeats)
        cached(table)
        sparse(repeats)


def matrix_of(table) -> np.ndarray:
    from explorer.features.matrix.matrix import build_matrix

    return build_matrix(table.source, table.matrix_spec(START.split())).X


def engines(X: np.ndarray, repeats: int) -> None:
    """Time the engines in turns, after one warm-up of each."""
    import umap
    from sklearn import decomposition

    from projections import PCA, UMAP, scores

    runs: dict[str, Callable[[], np.ndarray]] = {
        "PCA": lambda: PCA(2).fit_transform(X),
        "PCA, scikit-learn": lambda: decomposition.PCA(2).fit_transform(X),
        "UMAP, seeded": lambda: UMAP(random_state=0).fit_transform(X),
        "UMAP, random_state=None": lambda: UMAP(random_state=None).fit_transform(X),
        "UMAP, umap-learn": lambda: umap.UMAP().fit_transform(X),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    kept: dict[str, float] = {}
    for turn in range(repeats + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                Y = run()
            if turn:
                seconds[name].append(time.perf_counter() - start)
            if turn == repeats:
                kept[name] = scores(X, Y).neighbors_kept[15].value
    print(f"films, {X.shape[0]:,} × {X.shape[1]}, median of {repeats}")
    for name, values in seconds.items():
        print(
            f"  {name:26} {statistics.median(values):8.3f} s   of 15 true neighbours "
            f"{15 * kept[name]:.2f} stay"
        )
    for ours in ("UMAP, seeded", "UMAP, random_state=None"):
        ratio = statistics.median(seconds["UMAP, umap-learn"]) / statistics.median(seconds[ours])
        print(f"  {ours}: {ratio:.1f} times faster than umap-learn")


def sparse(repeats: int, n_cells: int = 68_000, n_genes: int = 2_000) -> None:
    """Time both in turns on log counts of six programmes of genes."""
    import numpy as np
    import scipy.sparse
    from sklearn import decomposition

    from projections import PCA

    rng = np.random.default_rng(0)
    rates = np.exp(rng.normal(size=(n_cells, 6)) * 0.7) @ rng.gamma(0.3, size=(6, n_genes))
    X = scipy.sparse.csr_array(rng.poisson(rates * (0.055 / rates.mean())).astype(np.float32))
    X.data = np.log1p(X.data)
    print(f"sparse {n_cells:,} x {n_genes:,}, {X.nnz / n_cells / n_genes:.1%} filled")
    for k in (2, 50):
        pair = (PCA(k), decomposition.PCA(k, svd_solver="arpack", random_state=0))
        seconds: tuple[list[float], list[float]] = ([], [])
        for _ in range(repeats):
            for pca, of in zip(pair, seconds, strict=True):
                start = time.perf_counter()
                pca.fit(X)
                of.append(time.perf_counter() - start)
        ours, theirs = map(statistics.median, seconds)
        gap = np.abs(pair[0].explained_variance_ / pair[1].explained_variance_ - 1).max()
        print(
            f"PCA({k}) {ours:.2f} s, scikit-learn {theirs:.2f} s, ratio {ours / theirs:.2f}, "
            f"variances differ by up to {gap:.0e}"
        )


def cached(table) -> None:
    """Time Table.project: matrix, projection, scores; then the same from the cache."""
    for method in ("pca", "umap"):
        times = []
        for _ in range(2):
            start = time.perf_counter()
            table.project(START.split(), method=method)
            times.append(time.perf_counter() - start)
        print(
            f"  Table.project, {method}: first {times[0]:.2f} s with scores, cached "
            f"{1000 * times[1]:.0f} ms"
        )


if __name__ == "__main__":
    main()
