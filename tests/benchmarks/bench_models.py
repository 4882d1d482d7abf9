"""Models: time and memory for millions of rows, beside scikit-learn and a plain NumPy DeLong.

    python tests/benchmarks/bench_models.py [--only auc,density,compare,cover] [--rows 10000000]
        [--runs 1000]

Prints
 auc      AUC of two models with DeLong's covariance, their intervals and the paired test, on
          columns in memory, beside scikit-learn's roc_auc_score (values alone) for both, and
          DeLong's by NumPy's argsort; in turns. The bar is 4 s
 density  predicted against actual, and residuals, of all rows as counts of 240 × 240 cells each.
          The bar is 1 s; every row is counted
 compare  every figure, pair, curve and calibration of two models from a table in memory, and peak
          memory
 cover    share of 95 % intervals that hold the difference of two models, by metric, over runs of
          500 rows in units of 5: by row and by unit
"""

from __future__ import annotations

import resource
import statistics
import time
import warnings

import numpy as np
from shared.sections import run_sections, section_parser


def main() -> None:
    parser = section_parser(__doc__, SECTIONS)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    from explorer.core.compiled_code import prepare_numba

    prepare_numba()
    from explorer.performance.precompile import warm_models

    warm_models()
    run_sections(chosen, SECTIONS)


def scored(n, seed=0):
    """Truth, and the probabilities of two models that say nearly the same; float64."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=n)
    truth = rng.random(n) < 1 / (1 + np.exp(1 - signal))
    return truth, [1 / (1 + np.exp(1 - signal - rng.normal(0, noise, n))) for noise in (0.8, 0.5)]


def timed(works, repeats):
    """Run calls in turns; return the median seconds of each (clock, processors) and its result."""
    seconds, found = {name: [] for name in works}, {}
    for _ in range(repeats):
        for name, work in works.items():
            start, busy = time.perf_counter(), time.process_time()
            found[name] = work()
            seconds[name].append((time.perf_counter() - start, time.process_time() - busy))
    return {
        name: tuple(map(statistics.median, zip(*some, strict=True)))
        for name, some in seconds.items()
    }, found


def numpy_delong(truth, scores):
    """DeLong's difference of two AUC and its standard error, by midranks as in Sun & Xu 2014."""

    def midranks(x):
        _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
        return (np.cumsum(counts) - (counts - 1) / 2)[place]

    ones = int(truth.sum())
    zeros = truth.size - ones
    tx = [(midranks(s)[truth] - midranks(s[truth])) / zeros for s in scores]
    ty = [1 - (midranks(s)[~truth] - midranks(s[~truth])) / ones for s in scores]
    values = [float(one.mean()) for one in tx]
    variance = np.var(tx[1] - tx[0], ddof=1) / ones + np.var(ty[1] - ty[0], ddof=1) / zeros
    return values[1] - values[0], float(np.sqrt(variance))


def auc(chosen):
    from sklearn.metrics import roc_auc_score

    from explorer.stats.classification.delong import paired_auc

    truth, scores = scored(chosen.rows)

    def ours():
        found = paired_auc(truth, scores)
        found.interval()
        return found, found.difference(1, 0)

    works = {
        "ours: AUC, intervals, paired test": ours,
        "scikit-learn: two AUC alone": lambda: [roc_auc_score(truth, score) for score in scores],
        "NumPy: two AUC and the paired test": lambda: numpy_delong(truth, scores),
    }
    seconds, found = timed(works, chosen.repeats)
    print(
        f"auc: {chosen.rows:,} rows, two models, in memory; median of {chosen.repeats} in turns; "
        "the bar is 4 s"
    )
    for name, one in seconds.items():
        print(f"  {name:<36} {one[0]:6.2f} s, of processors {one[1]:.2f} s", flush=True)
    mine, gap = found["ours: AUC, intervals, paired test"]
    told = found["scikit-learn: two AUC alone"]
    plain = found["NumPy: two AUC and the paired test"]
    print(
        f"  AUC differ from scikit-learn's by {np.abs(mine.values - told).max():.1e}; difference "
        f"{float(gap.value):.6f} ± {float(gap.error):.2e}, "
        f"NumPy's {plain[0]:.6f} ± {plain[1]:.2e}"
    )


def density(chosen):
    from explorer.performance.density import prediction_densities

    rng = np.random.default_rng(0)
    truth = rng.gamma(2, size=chosen.rows)
    prediction = 0.7 * truth + rng.normal(0.6, 0.5, chosen.rows)
    seconds, found = timed(
        {
            "ours: both pictures": lambda: prediction_densities(truth, prediction, 240, 240),
            "NumPy: histogram2d, one picture": lambda: np.histogram2d(prediction, truth, 240),
        },
        chosen.repeats,
    )
    print(f"density: {chosen.rows:,} rows; the bar is 1 s")
    for name, one in seconds.items():
        print(f"  {name:<36} {one[0]:6.2f} s, of processors {one[1]:.2f} s", flush=True)
    counted = [int(one.counts.sum(dtype=np.int64)) for one in found["ours: both pictures"]]
    print(f"  rows in the pictures: {counted[0]:,} and {counted[1]:,}")


def compare(chosen):
    import pyarrow as pa

    import explorer

    truth, scores = scored(chosen.rows)
    unit = np.random.default_rng(1).integers(0, chosen.rows // 5, chosen.rows)
    table = explorer.open_table(
        pa.table({"truth": truth, "a": scores[0], "b": scores[1], "user_id": unit})
    )
    del scores
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for words, column in (("by row", None), ("by unit", "user_id")):
        start = time.perf_counter()
        found = explorer.compare_models(table, "truth", {"a": "a", "b": "b"}, unit=column)
        read = time.perf_counter()
        pairs = found.paired
        figures = time.perf_counter()
        for one in found.calibration.values():
            _ = one.corp, one.band, one.ece
        _ = found.curves
        end = time.perf_counter()
        print(
            f"compare {words}: {chosen.rows:,} rows read in {read - start:.1f} s, "
            f"{sum(map(len, found.models.values()))} figures and {len(pairs)} pairs in "
            f"{figures - read:.1f} s, curves and calibration in {end - figures:.1f} s",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"  peak memory {peak / 1e6:.1f} GB, {(peak - before) / 1e6:.1f} GB above the table and "
        "what made it"
    )


def cover(chosen):
    from explorer.performance.model_predictions import ModelPredictions
    from explorer.performance.performance import measured

    def drawn(n_units, seed):
        rng = np.random.default_rng(seed)
        unit = np.repeat(np.arange(n_units, dtype=np.int32), 5)
        signal = rng.normal(size=n_units)[unit] + 0.5 * rng.normal(size=unit.size)
        truth = rng.random(unit.size) < 1 / (1 + np.exp(-signal))
        own = rng.normal(size=n_units)[unit]
        scores = {
            "a": 1 / (1 + np.exp(-signal - own)),
            "b": 1 / (1 + np.exp(-signal - rng.normal(0, 0.5, unit.size))),
        }
        return truth, scores, unit

    def pairs(truth, scores, unit):
        given = ModelPredictions(
            kind="binary",
            rows=np.arange(truth.size),
            truth=truth,
            values=scores,
            forms=dict.fromkeys(scores, "probability"),
            levels=("0", "1"),
            unit=unit,
        )
        return {one.metric: one for one in measured(given)[1]}

    true = {
        name: one.difference for name, one in pairs(*drawn(400_000, 1_000_000)[:2], None).items()
    }
    held = {words: dict.fromkeys(true, 0) for words in ("row", "unit")}
    for run in range(chosen.runs):
        truth, scores, unit = drawn(100, run)
        for words, own in (("row", None), ("unit", unit)):
            for name, one in pairs(truth, scores, own).items():
                held[words][name] += one.low <= true[name] <= one.high
    print(
        f"cover: {chosen.runs:,} runs of 500 rows in 100 units; share of 95 % intervals that "
        f"hold the difference (± {np.sqrt(0.05 * 0.95 / chosen.runs):.3f})"
    )
    for name in true:
        print(
            f"  {name:<20} by row {held['row'][name] / chosen.runs:.3f}, by unit "
            f"{held['unit'][name] / chosen.runs:.3f}"
        )


SECTIONS = {"auc": auc, "density": density, "compare": compare, "cover": cover}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
