"""The projection engine beside umap-learn and scikit-learn: time, memory, quality, growth.

    python tests/benchmarks/bench_scale.py [--only peer,quality,...] [--repeats 3] [--million]
        [--long] [--folder DIR]

Data are 60 curved clusters of 8 intrinsic dimensions in 30 features with noise, float32, made here.
Prints
 peer       UMAP of 100,000 rows, seeded and not, beside umap-learn's defaults, in turns in this
            process, after warm-up
 million    with --million the same of 1,000,000 rows, once each (umap-learn alone takes 5 to 15
            minutes), and our first map
 cold       the same 100,000 rows from the start of a process to its end, kernels compiled before
 quality    neighbours kept, trustworthiness and triplets beside umap-learn's over 3 seeds: digits,
            films, clusters, noise
 growth     seconds and memory a row at 10,000, 100,000, 1,000,000 rows and with --long 10,000,000;
            the forecast beside it
 pca        PCA from batches of a Parquet file of 2,000,000 × 50, with --long 10,000,000 × 50,
            beside reading it; components beside scikit-learn's
 transform  rows a second into a map of 100,000
 scores     seconds of the scores beside those of the fit
 imports    seconds of `import projections`
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from shared.sections import run_sections, section_parser

if TYPE_CHECKING:
    from collections.abc import Callable

START = (
    "year runtime_min tomatometer rt_avg_rating critic_split log_reviews n_cast n_writers "
    "n_countries n_languages n_genres"
)


def main() -> None:
    parser = section_parser(__doc__, SECTIONS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument(
        "--folder", help="where Parquet files are written (pca: 0.8 GB, with --long 4 GB)"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    if chosen.child:
        CHILDREN[chosen.child]()
        return
    run_sections(chosen, SECTIONS)


def clusters(n: int, d: int = 30, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n_clusters, intrinsic = 60, 8
    centres = rng.normal(scale=2.5, size=(n_clusters, d))
    straight, curved = rng.normal(size=(2, n_clusters, intrinsic, d)) / np.sqrt(intrinsic)
    label = rng.choice(n_clusters, size=n, p=rng.dirichlet(np.full(n_clusters, 2.0)))
    X = np.empty((n, d), dtype=np.float32)
    for cluster in range(n_clusters):
        rows = np.flatnonzero(label == cluster)
        z = rng.normal(size=(len(rows), intrinsic))
        bent = z @ straight[cluster] + 0.5 * np.sin(1.5 * z) @ curved[cluster]
        X[rows] = centres[cluster] + bent + rng.normal(scale=0.05, size=(len(rows), d))
    return X


class Watch:
    """Seconds of a piece of work, and the most memory beyond what was held before."""

    def __enter__(self) -> Watch:
        self._process, self._on = psutil.Process(), True
        self._before = self.peak = self._process.memory_info().rss
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        self._start = time.perf_counter()
        return self

    def _look(self) -> None:
        while self._on:
            self.peak = max(self.peak, self._process.memory_info().rss)
            time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self.seconds, self._on = time.perf_counter() - self._start, False
        self._thread.join()
        self.more = self.peak - self._before


def ours(seed: int | None = 0, **parameters: Any) -> Callable[[np.ndarray], np.ndarray]:
    from projections import UMAP

    return lambda X: UMAP(random_state=seed, **parameters).fit_transform(X)


def theirs(seed: int | None = None) -> Callable[[np.ndarray], np.ndarray]:
    import umap

    return lambda X: umap.UMAP(random_state=seed).fit_transform(X)


def warm() -> None:
    from projections.precompile import warm_projections

    warm_projections()
    theirs()(clusters(5_000))


def peer(chosen: argparse.Namespace) -> None:
    warm()
    _beside(100_000, chosen.repeats)
    if chosen.million:
        _beside(1_000_000, 1)


def _beside(n: int, repeats: int) -> None:
    X = clusters(n)
    runs = {"seeded": ours(0), "random_state=None": ours(None), "umap-learn": theirs()}
    taken: dict[str, list[Watch]] = {name: [] for name in runs}
    maps = {}
    for _ in range(repeats):
        for name, run in runs.items():
            with Watch() as watch:
                maps[name] = run(X)
            taken[name].append(watch)
    print(f"UMAP of {n:,} × {X.shape[1]}, medians of {repeats}, taking turns")
    base = statistics.median(one.seconds for one in taken["umap-learn"])
    for name, found in taken.items():
        seconds, more = (
            statistics.median(one.seconds for one in found),
            max(one.more for one in found),
        )
        print(
            (
                f"  {name:20} {seconds:8.2f} s  {base / seconds:6.1f} × as fast  "
                f"{more / 1e9:5.2f} GB more"
            ),
            end="  ",
        )
        print(_figures(X, maps[name]), flush=True)
    if n > 150_000:
        from projections import UMAP

        start = time.perf_counter()
        shown: list[float] = []
        UMAP().fit(X, preview=lambda *_: shown.append(time.perf_counter() - start))
        print(
            "  first map of all rows, landmarks laid out and the others placed: after "
            f"{shown[0]:.1f} s"
        )


def _figures(X: np.ndarray, Y: np.ndarray) -> str:
    from projections import scores

    found = scores(X, Y, n_anchors=int(min(2_000, 1e9 / len(X))))
    kept = found.neighbors_kept[15]
    return (
        f"kept@15 {kept.value:.4f} ({kept.low:.4f}–{kept.high:.4f})  trust "
        f"{found.trustworthiness.value:.4f}  "
        f"triplets {found.triplet_accuracy.value:.4f}"
    )


def cold(chosen: argparse.Namespace) -> None:
    taken: dict[str, list[float]] = {"ours": [], "umap-learn": []}
    for turn in range(chosen.repeats + 1):
        for name in taken:
            start = time.perf_counter()
            subprocess.run([sys.executable, __file__, "--child", name], check=True)
            if turn:  # the first compiles
                taken[name].append(time.perf_counter() - start)
    ratio = statistics.median(taken["umap-learn"]) / statistics.median(taken["ours"])
    print(f"100,000 × 30 from a cold process, medians of {chosen.repeats}, with making the data")
    for name, seconds in taken.items():
        print(f"  {name:20} {statistics.median(seconds):8.2f} s")
    print(f"  {ratio:.1f} × as fast (bar: 8 ×)")


def quality(chosen: argparse.Namespace) -> None:
    from sklearn.datasets import load_digits

    warm()
    noise = np.random.default_rng(0).normal(size=(100_000, 30)).astype(np.float32)
    tables = {
        "digits": load_digits().data.astype(np.float32),
        "films": films(),
        "clusters": clusters(100_000),
    }
    for name, X in {**tables, "noise": noise}.items():
        found = {
            who: [_measured(X, run(seed)) for seed in range(3)]
            for who, run in (("ours", ours), ("umap-learn", theirs))
        }
        print(
            f"{name}, {X.shape[0]:,} × {X.shape[1]}, means of 3 seeds: ours, umap-learn's, ratio "
            "(bar: .98)"
        )
        for figure in ("kept@15", "trustworthiness", "triplets"):
            a, b = (np.array([one[figure] for one in found[who]]) for who in found)
            ratios = a / b
            print(
                f"  {figure:16} {a.mean():.4f}  {b.mean():.4f}  {a.mean() / b.mean():.3f}  "
                f"(seeds {ratios.min():.3f}–{ratios.max():.3f})"
            )


def _measured(X: np.ndarray, run: Callable[[np.ndarray], np.ndarray]) -> dict[str, float]:
    from projections import scores

    found = scores(X, run(X))
    return {
        "kept@15": found.neighbors_kept[15].value,
        "trustworthiness": found.trustworthiness.value,
        "triplets": found.triplet_accuracy.value,
    }


def films() -> np.ndarray:
    import explorer
    from explorer.features.matrix.matrix import build_matrix

    table = explorer.open_table(str(resources.files("explorer.samples").joinpath("films.parquet")))
    return build_matrix(table.source, table.matrix_spec(START.split())).X


def growth(chosen: argparse.Namespace) -> None:
    from projections import UMAP
    from projections.cost import umap_bytes, umap_seconds

    warm()
    last = None
    print("UMAP, seeded: time and memory by rows; forecast: built-in, not fitted to this machine")
    for n in (10_000, 100_000, 1_000_000, 10_000_000)[: 4 if chosen.long else 3]:
        X = clusters(n)
        with Watch() as watch:
            umap = UMAP().fit(X)
        each = watch.seconds / n
        stages = umap_seconds(n, X.shape[1], {})
        forecast = sum(
            seconds for stage, seconds in stages.items() if stage not in ("matrix", "scores", "map")
        )
        grown = f"{each / last:.2f} × a row of the decade before" if last else ""
        memory = (
            f"{watch.more / 1e9:.2f} GB more (forecast {umap_bytes(n, X.shape[1], {}) / 1e9:.2f})"
        )
        print(
            f"  {n:>10,}: {watch.seconds:7.2f} s (forecast {forecast:.1f})  {1e6 * each:6.1f} µs "
            f"a row  {memory}  {grown}"
        )
        parts = ", ".join(
            f"{stage} {seconds:.2f}" for stage, seconds in umap.stage_seconds_.items()
        )
        print(
            (
                f"              {parts}; recall {umap.neighbors_recall_:.3f}; "
                f"{_figures(X, umap.embedding_)}"
            ),
            flush=True,
        )
        last = each


def pca(chosen: argparse.Namespace) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from sklearn import decomposition

    from projections import PCA

    rows = 10_000_000 if chosen.long else 2_000_000
    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="bench-pca-") as folder:
        path = Path(folder) / "wide.parquet"
        writer = None
        for seed in range(0, rows, 1_000_000):
            X = clusters(min(1_000_000, rows - seed), 50, 7) + np.float32(seed % 3)
            block = pa.table({f"x{j}": X[:, j] for j in range(50)})
            writer = writer or pq.ParquetWriter(path, block.schema)
            writer.write_table(block, row_group_size=131_072)
        writer.close()
        del X, block

        def batches() -> Any:
            for batch in pq.ParquetFile(path).iter_batches(131_072):
                yield np.column_stack(
                    [column.to_numpy(zero_copy_only=False) for column in batch.columns]
                )

        def read() -> None:
            for _ in batches():
                pass

        PCA(2).fit(clusters(5_000, 50))
        read()
        reading, fitting = [], []
        for _ in range(chosen.repeats):
            with Watch() as one:
                read()
            reading.append(one)
            with Watch() as one:
                found = PCA(2).fit(batches())
            fitting.append(one)
        base, seconds = (
            statistics.median(one.seconds for one in part) for part in (reading, fitting)
        )
        print(f"PCA of {rows:,} × 50 from Parquet batches, medians of {chosen.repeats}")
        print(
            f"  reading the batches  {base:6.2f} s, {max(o.more for o in reading) / 1e9:.2f} GB "
            "more"
        )
        print(
            f"  reading and PCA      {seconds:6.2f} s, {max(o.more for o in fitting) / 1e9:.2f} "
            f"GB more: {seconds / base:.2f} × (bar: 1.3 ×, .5 GB)"
        )
        some = np.concatenate([next_ for _, next_ in zip(range(8), batches(), strict=False)])
        here, there = (
            PCA(5).fit(some),
            decomposition.PCA(5, svd_solver="full").fit(some.astype(np.float64)),
        )
        cosines = np.abs((here.components_ * there.components_).sum(axis=1))
        print(
            f"  components beside scikit-learn's on {len(some):,} rows: cosine ≥ "
            f"{cosines.min():.7f} (bar: .99999)"
        )
        assert found.n_samples_ == rows


def transform(chosen: argparse.Namespace) -> None:
    from projections import UMAP

    X = clusters(400_000)
    umap = UMAP().fit(X[:100_000])
    umap.transform(X[-1_000:])
    taken = []
    for _ in range(chosen.repeats):
        start = time.perf_counter()
        umap.transform(X[100_000:], return_distance=True)
        taken.append(time.perf_counter() - start)
    print(
        f"transform: {300_000 / statistics.median(taken):,.0f} rows a second into a map of "
        "100,000 (bar: 100,000)"
    )


def scored(chosen: argparse.Namespace) -> None:
    from projections import UMAP, scores
    from projections.cost import anchors_for

    warm()
    for n in (17_472, 100_000, 1_000_000):
        X, fits, checks = clusters(n), [], []
        for _ in range(chosen.repeats):
            start = time.perf_counter()
            umap = UMAP().fit(X)
            middle = time.perf_counter()
            scores(X, umap.embedding_, n_anchors=anchors_for(n))
            fits.append(middle - start)
            checks.append(time.perf_counter() - middle)
        fit, check = statistics.median(fits), statistics.median(checks)
        print(
            f"  {n:>9,} rows: fit {fit:6.2f} s, scores of {anchors_for(n):,} anchors "
            f"{check:5.2f} s: {check / fit:.0%} of it (bar: 10 %)"
        )


def imports(chosen: argparse.Namespace) -> None:
    code = (
        "import time; t = time.perf_counter(); import projections; print(time.perf_counter() - t)"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    print(f"import projections: median {1000 * statistics.median(runs):.0f} ms of 5 (bar: 100 ms)")


def _cold_ours() -> None:
    ours()(clusters(100_000))


def _cold_theirs() -> None:
    theirs()(clusters(100_000))


CHILDREN = {"ours": _cold_ours, "umap-learn": _cold_theirs}
SECTIONS: dict[str, Callable[[argparse.Namespace], None]] = {
    "imports": imports, "peer": peer, "cold": cold, "quality": quality, "growth": growth,
    "pca": pca, "transform": transform, "scores": scored,
}  # fmt: skip

if __name__ == "__main__":
    main()
