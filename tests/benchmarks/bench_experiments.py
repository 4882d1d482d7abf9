"""Experiments: chance verdicts, coverage of intervals, time for millions of rows, beside SciPy.

    python tests/benchmarks/bench_experiments.py [--only noise,cover,speed,scipy] [--runs 1000]
        [--rows 10000000] [--folder DIR]

Prints
 noise   simulated A/A tests, 20 metrics × 20 segments: share of runs with any coloured cell, for
         metrics that are independent, and that are correlated at .8; the bar is .065 at most, and
         .03 at least where all is independent
 cover   effects of known size in the whole and in segments: share of nominal 95 % intervals that
         hold the truth, over all cells; and of false-coverage-rate intervals, over the coloured
         cells; power by size of effect
 speed   rows × 10 metrics (6 means, 2 shares, a ratio, a median) × 50 segments × 1,000 hexagons of
         a map, cold from Parquet in a fresh cache, without and with a unit column (a quarter as
         many units); a further column of segments, warm; peak memory
 scipy   the means and shares of that table beside pandas' group-by with SciPy's and statsmodels'
         tests for each cell, in turns
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from shared.sections import run_sections, section_parser

METRICS, SEGMENTS, UNITS = 20, 20, 8_000


def main() -> None:
    parser = section_parser(__doc__, SECTIONS)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", help="where tables and their caches are written")
    parser.add_argument("--cold", choices=["rows", "units"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    if chosen.cold:
        cold(chosen)
        return
    run_sections(chosen, SECTIONS)


def simulated(rng, correlation, effects=None):
    """Normal metrics at units with segments, as a judged experiment.

    effects: (metrics, segments) in standard deviations.
    """
    from explorer.experiment.analysis.experiment import judge_experiment
    from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
    from explorer.experiment.analysis.units import ExperimentLog
    from explorer.features.metric import Metric
    from explorer.features.segments import Segments

    common = rng.standard_normal(UNITS)
    values = (
        np.sqrt(1 - correlation) * rng.standard_normal((METRICS, UNITS))
        + np.sqrt(correlation) * common
    )
    arm, codes = (
        rng.integers(0, 2, UNITS).astype(np.int8),
        rng.integers(0, SEGMENTS, UNITS).astype(np.int32),
    )
    if effects is not None:
        values += effects[:, codes] * arm
    columns = {f"m{i}": row for i, row in enumerate(values)}
    log = ExperimentLog(("A", "B"), arm, None, UNITS, columns.__getitem__)
    metrics = tuple(Metric(name, "mean", name, goal="increase") for name in columns)
    analysis = ExperimentAnalysis(log, metrics, {"A": 1, "B": 1}, (0.05, 0.001))
    blocks, families, _ = judge_experiment(
        analysis, {"segment": Segments(codes, [f"s{i}" for i in range(SEGMENTS)])}
    )
    return blocks, families, codes


def noise(chosen):
    print(
        f"noise: {chosen.runs:,} A/A runs of {UNITS:,} units, {METRICS} metrics × {SEGMENTS} "
        "segments"
    )
    for words, correlation in (("independent", 0.0), ("correlated .8", 0.8)):
        any_, whole, cells = 0, 0, []
        for run in range(chosen.runs):
            blocks, _, _ = simulated(np.random.default_rng(run), correlation)
            counts = [sum(strength > 0 for _, strength in block.verdicts) for block in blocks]
            any_ += sum(counts) > 0
            whole += sum(counts[:METRICS]) > 0
            cells.append(sum(counts))
        error = np.sqrt(0.05 * 0.95 / chosen.runs)
        print(
            f"  {words:<14} any coloured cell {any_ / chosen.runs:.3f} of runs (± {error:.3f}), "
            f"in the whole {whole / chosen.runs:.3f}; "
            f"coloured cells a run {np.mean(cells):.3f} of {METRICS * (SEGMENTS + 1)}",
            flush=True,
        )


def cover(chosen):
    from explorer.stats.intervals.power import detectable_effect

    runs = max(chosen.runs // 4, 50)
    nominal, selected, powers = [], [], {0.0: [], 2.0: [], 3.0: [], 4.0: [], 6.0: []}
    small = np.sqrt(4 / UNITS)
    for run in range(runs):
        rng = np.random.default_rng(run)
        sizes = rng.choice(list(powers), METRICS) * small
        mixed = sizes[:, None] + np.where(
            rng.random((METRICS, 1)) < 0.3, rng.normal(0, 6 * small, (METRICS, SEGMENTS)), 0
        )
        blocks, _, codes = simulated(rng, 0.3, mixed)
        shares = np.bincount(codes, minlength=SEGMENTS) / UNITS
        for i, block in enumerate(blocks):
            truth = np.array([mixed[i] @ shares]) if i < METRICS else mixed[i - METRICS]
            low, high = block.effects.interval(0.95)
            nominal.append(((low <= truth) & (truth <= high)).mean())
            low, high = block.effects.interval(block.coverage)
            shown = np.array([strength > 0 for _, strength in block.verdicts])
            selected.extend(((low <= truth) & (truth <= high))[shown])
            if i < METRICS:
                powers[round(float(sizes[i] / small), 6)].append(shown[0])
    error = np.sqrt(0.05 * 0.95 / len(selected))
    print(
        f"cover: {runs:,} runs, effects from 0 to 6 standard errors of the whole, three metrics "
        "in ten with effects that differ between segments"
    )
    print(f"  nominal 95 % intervals hold the truth in {np.mean(nominal):.4f} of all cells")
    print(
        f"  false-coverage-rate intervals in {np.mean(selected):.4f} of {len(selected):,} "
        f"coloured cells (bar .95 − 2 × {error:.4f})"
    )
    print(
        "  coloured in the whole, by size in standard errors: "
        + ", ".join(f"{size:g}: {np.mean(hits):.2f}" for size, hits in powers.items())
    )
    print(
        f"  (found with a power of .8 without correction: {float(detectable_effect(1.0)):.2f})",
        flush=True,
    )


def written(folder, rows):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / f"experiment-{rows}.parquet"
    if path.exists():
        return path
    rng, writer = np.random.default_rng(0), None
    for start in range(0, rows, 1_000_000):
        n = min(1_000_000, rows - start)
        unit = rng.integers(0, rows // 4, n)
        columns = {
            "arm": pa.DictionaryArray.from_arrays(
                pa.array((unit % 2).astype(np.int8)), pa.array(["A", "B"])
            ),
            "unit": unit,
            "x": rng.normal(size=n).astype(np.float32),
            "y": rng.normal(size=n).astype(np.float32),
        }
        for name, factor in (("place", 7919), ("device", 104_729)):
            codes = pa.array((unit // 2 * factor % 50).astype(np.int32))
            columns[name] = pa.DictionaryArray.from_arrays(
                codes, pa.array([f"{name} {i}" for i in range(50)])
            )
        columns |= {f"mean{i}": rng.gamma(2, 1, n) for i in range(6)} | {
            f"share{i}": (rng.random(n) < 0.1).astype(np.int8) for i in range(2)
        }
        columns |= {
            "minutes": rng.poisson(3, n).astype(np.float64),
            "plays": 1.0 + rng.poisson(2, n),
        }
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()
    return path


def metrics_of_table():
    from explorer import Metric

    found = [
        Metric(f"mean{i}", "mean", f"mean{i}", goal="increase", primary=i == 0) for i in range(6)
    ]
    found += [Metric(f"share{i}", "proportion", f"share{i}") for i in range(2)]
    return [
        *found,
        Metric("ratio", "ratio", "minutes", denominator="plays"),
        Metric("median", "quantile", "mean0", quantile=0.5),
    ]


def cold(chosen):
    """One cold run in a process of its own; prints seconds and peak memory."""
    import explorer
    from explorer.experiment.precompile import warm_experiments

    folder = Path(chosen.folder)
    warm_experiments()
    explorer.experiment  # noqa: B018 - what is imported once a process is no part of the figure
    import scipy.stats  # noqa: F401
    import statsmodels.stats.multitest  # noqa: F401

    m = explorer.open_map(folder / f"map-{chosen.rows}")
    start = time.perf_counter()
    table = explorer.open_table(folder / f"experiment-{chosen.rows}.parquet")
    opened = time.perf_counter() - start
    unit = "unit" if chosen.cold == "units" else None
    found = explorer.experiment(
        table, "arm", "A", metrics_of_table(), {"A": 1, "B": 1}, by="place", unit=unit
    )
    whole = time.perf_counter() - start
    m.fingerprint = table.fingerprint
    effects = found.on_map(m, 1_000)
    total = time.perf_counter() - start
    warm = []
    for name in ("device", "place", "device"):
        again = time.perf_counter()
        from explorer.table.units.segments_of import segments_of

        found.analysis.grouped(name, segments_of(table, name))
        warm.append(time.perf_counter() - again)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"  {chosen.cold:<6} opened {opened:.1f} s, whole and segments {whole:.1f} s, with "
        f"{len(effects.labels):,} hexagons {total:.1f} s; "
        f"another column of segments {warm[0]:.2f} s, one known {warm[1]:.2f} s; "
        f"{found.n_units:,} units; peak {peak:.1f} GB",
        flush=True,
    )


def speed(chosen):
    import explorer

    print(f"speed: {chosen.rows:,} rows × 10 metrics × 50 segments × 1,000 hexagons, cold")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as scratch:
        folder = Path(scratch)
        path = written(folder, chosen.rows)
        os.environ["EXPLORER_CACHE"] = str(folder / "cache")
        import pyarrow.parquet as pq

        xy = pq.read_table(path, columns=["x", "y"])
        explorer.build_map(
            np.column_stack([xy["x"].to_numpy(), xy["y"].to_numpy()]), folder / f"map-{chosen.rows}"
        )
        del xy
        gc.collect()
        for kind in ("rows", "units"):
            for turn in range(chosen.repeats):
                environment = {**os.environ, "EXPLORER_CACHE": str(folder / f"cache-{kind}-{turn}")}
                command = [
                    sys.executable,
                    __file__,
                    "--cold",
                    kind,
                    "--folder",
                    str(folder),
                    "--rows",
                    str(chosen.rows),
                ]
                subprocess.run(command, env=environment, check=True)


def scipy(chosen):
    import pandas as pd
    from scipy import stats
    from statsmodels.stats.proportion import confint_proportions_2indep

    import explorer

    rows = min(chosen.rows, 2_000_000)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as scratch:
        path = written(Path(scratch), rows)
        table, frame = explorer.open_table(path), pd.read_parquet(path)
        metrics = metrics_of_table()[:8]

        def ours():
            return explorer.experiment(table, "arm", "A", metrics, by="place")

        def theirs():
            found = {}
            for metric in metrics:
                for place, group in frame.groupby("place", observed=True):
                    sides = [group[metric.column][group.arm == arm] for arm in "BA"]
                    if metric.kind == "mean":
                        found[metric.name, place] = stats.ttest_ind(*sides, equal_var=False)
                    else:
                        found[metric.name, place] = confint_proportions_2indep(
                            sides[0].sum(),
                            len(sides[0]),
                            sides[1].sum(),
                            len(sides[1]),
                            method="newcomb",
                        )
            return found

        ours(), theirs()
        times = {ours: [], theirs: []}
        for _ in range(chosen.repeats):
            for run, seconds in times.items():
                start = time.perf_counter()
                result = run()
                seconds.append(time.perf_counter() - start)
                if run is ours:
                    mine = result
                else:
                    other = result
        worst = max(
            abs(cell.p_value / other[cell.metric, cell.segment].pvalue - 1)
            for cell in mine.cells
            if cell.by and cell.metric.startswith("mean")
        )
        a, b = (statistics.median(seconds) for seconds in times.values())
        print(f"scipy: {rows:,} rows, 8 metrics × 50 segments, medians of {chosen.repeats}")
        print(
            f"  ours {a:.2f} s (with ratios of samples, families and lifts), pandas with SciPy "
            f"and statsmodels {b:.2f} s: {b / a:.1f}×; "
            f"largest relative difference of a p-value {worst:.1e}",
            flush=True,
        )


SECTIONS = {"noise": noise, "cover": cover, "speed": speed, "scipy": scipy}

if __name__ == "__main__":
    main()
