"""Seconds of the statistics of models, beside scikit-learn and SciPy (--only SECTIONS).

curves       ROC, precision–recall and gain at every threshold; scikit-learn's beside them
calibration  CORP with the recalibration line, the consistency band, the binned error;
             scikit-learn's isotonic regression beside it
figures      confusion, residual sums and weighted sums by 500 slices
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from explorer.stats.precompile import warm_inference


def main() -> None:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=[*SECTIONS], metavar="SECTIONS"
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    chosen = parser.parse_args()
    warm_inference()
    for name in chosen.only:
        print(f"{name}: {chosen.rows:,} rows")
        SECTIONS[name](chosen.rows)
        print(flush=True)


def clocked(words: str, work, repeats: int = 3):
    """Print the median of the seconds of some runs; return what the last one gave."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - start)
    print(f"  {words:<72} {np.median(seconds):6.2f} s", flush=True)
    return found


def scored(rows: int):
    rng = np.random.default_rng(0)
    truth = rng.random(rows) < 0.3
    return rng, truth, truth + rng.standard_normal(rows), 0.9 * truth + rng.standard_normal(rows)


def curves(rows: int) -> None:
    from sklearn import metrics

    from explorer.stats.classification.score_counts import score_counts
    from explorer.stats.classification.threshold_curves import (
        gain_of_counts,
        precision_recall_of_counts,
        roc_of_counts,
    )

    _, truth, a, _ = scored(rows)
    counts = clocked("rows counted by score", lambda: score_counts(truth, a))
    clocked(
        "ROC, precision–recall and gain from the counts, thinned to 2,000 points",
        lambda: [
            make(counts).thinned()
            for make in (roc_of_counts, precision_recall_of_counts, gain_of_counts)
        ],
    )
    clocked(
        "scikit-learn: roc_curve and precision_recall_curve",
        lambda: (
            metrics.roc_curve(truth, a, drop_intermediate=False),
            metrics.precision_recall_curve(truth, a),
        ),
        1,
    )


def calibration(rows: int) -> None:
    from sklearn.isotonic import IsotonicRegression

    from explorer.stats.classification.binned_error import binned_error
    from explorer.stats.classification.consistency_band import consistency_band
    from explorer.stats.classification.corp import corp_of_counts
    from explorer.stats.classification.score_counts import score_counts

    rng = np.random.default_rng(0)
    p = rng.random(rows)
    truth = rng.random(rows) < p
    counts = clocked("rows counted by probability", lambda: score_counts(truth, p))
    clocked(
        "isotonic curve, parts of the Brier score, recalibration line",
        lambda: corp_of_counts(counts),
    )
    clocked("consistency band of 1,000 draws", lambda: consistency_band(counts))
    clocked("binned error beside its chance level", lambda: binned_error(counts))
    clocked("scikit-learn: IsotonicRegression alone", lambda: IsotonicRegression().fit(p, truth), 1)


def figures(rows: int) -> None:
    from explorer.stats.classification.confusion import confusion
    from explorer.stats.ranking.propensity import item_values
    from explorer.stats.ranking.ranked_lists import ranked_lists

    rng = np.random.default_rng(0)
    truth, called, cell = (rng.integers(0, k, rows) for k in (3, 3, 500))
    hit, unit = rng.random(rows) < 0.05, rng.integers(0, rows // 20, rows)
    propensity = rng.uniform(0.01, 1, rows)
    clocked(
        "confusion of 3 classes in 500 slices",
        lambda: confusion(truth, called, 3, cell=cell, cells=500),
    )
    clocked(
        "values of 500 items from propensities", lambda: item_values(hit, propensity, cell, 500)
    )
    clocked(
        "the same with errors between units", lambda: item_values(hit, propensity, cell, 500, unit)
    )
    lists, position = unit, rng.integers(1, 21, rows)
    clocked(
        "reciprocal ranks, NDCG and success of lists of 20",
        lambda: ranked_lists(lists, position, hit),
    )


SECTIONS = {"curves": curves, "calibration": calibration, "figures": figures}

if __name__ == "__main__":
    main()
