"""How often drift alarms are false, and how soon they are true (--only SECTIONS).

Simulated years: 50 features (36 numbers, normal and skewed; 14 with five levels), 2 % of cells
missing, 13 reference weeks and 52 watched ones of 2,000 rows, or 8 reference weeks of days. Chunks
differ from each other beyond chance where said: a deviation of each feature of so many standard
deviations, which lasts from chunk to chunk with the correlation said.

 stable  share of years with any alarm at all; the bar is .05 + 2 standard errors
 three   the rule "mean ± 3 sd of the reference chunks" on the same years
 shift   .2 sd in one of 50 features: share of runs that name it in the first week
 creep   .05 sd a month (4.35 weeks): share of runs that have found it within 4 months, and the
         median week
"""

from __future__ import annotations

import argparse
import time
from typing import NamedTuple

import numpy as np

from explorer.drift.analysis.chunk_tests import judge_chunks
from explorer.drift.analysis.feature_drift import ChunkReferences, measure_levels, measure_numbers
from explorer.drift.analysis.tallies import LevelTally, NumberTally
from explorer.drift.compute import SAMPLE
from explorer.stats.bins import quantile_bins
from explorer.stats.precompile import warm_inference

TESTS = ("distance", "creep", "missing", "range")
NUMBERS, LEVELS, ROWS = 36, 14, 2_000
YEARS = {
    "independent weeks": {},
    "weeks differ by .03 sd": {"tau": 0.03},
    "weeks differ by .05 sd, correlation .6": {"tau": 0.05, "phi": 0.6},
    "features differ in that, .02 to .1 sd, correlation .4": {
        "tau": 0.045,
        "unequal": 0.6,
        "phi": 0.4,
    },
    "days with weekly seasons of .3 sd": {"seasons": 7},
    "days with seasons, differ by .03 sd, correlation .5": {"seasons": 7, "tau": 0.03, "phi": 0.5},
}


def main() -> None:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=[*SECTIONS], metavar="SECTIONS"
    )
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument(
        "--years", default="", metavar="WORDS", help="only stable years with these words"
    )
    chosen = parser.parse_args()
    warm_inference()
    for name in chosen.only:
        start = time.perf_counter()
        SECTIONS[name](chosen)
        print(f"  ({name}: {time.perf_counter() - start:.0f} s)\n", flush=True)


def lasting(rng, phi: float, shape: tuple[int, int]) -> np.ndarray:
    """First-order autoregressions of variance 1."""
    noise = rng.standard_normal(shape)
    for t in range(1, shape[0]):
        noise[t] = phi * noise[t - 1] + np.sqrt(1 - phi**2) * noise[t]
    return noise


class Watched(NamedTuple):
    """What the rules said of one simulated year.

    Parameters
    ----------
    called, effects : ndarray of shape (new chunks, features, 4)
        By test, as in ``TESTS``.
    distance : ndarray of shape (chunks, features)
        That of each chunk from the reference.
    reference : ndarray of shape (chunks,), bool
    """

    called: np.ndarray
    effects: np.ndarray
    distance: np.ndarray
    reference: np.ndarray


def year(
    seed,
    tau=0.0,
    phi=0.0,
    unequal=0.0,
    seasons=1,
    moved=None,
    numbers=NUMBERS,
    levels=LEVELS,
    rows=ROWS,
    known=None,
    new=52,
) -> Watched:
    """Simulate one year, and watch it as `explorer.drift` does."""
    rng = np.random.default_rng(seed)
    known = known or (13 if seasons == 1 else 56)
    chunks, m = known + new, numbers + levels
    season, reference = np.arange(chunks) % seasons, np.arange(chunks) < known
    off = lasting(rng, phi, (chunks, m)) * tau * np.exp(rng.normal(0, unequal, m))
    if seasons > 1:
        off += rng.normal(0, 0.3, (seasons, m))[season]
    if moved is not None:
        off[known:, 0] += moved(np.arange(1, new + 1))
    missing = np.arange(rows) < rng.binomial(rows, 0.02, (chunks, m))[..., None]
    chunk, against = (
        np.repeat(np.arange(chunks, dtype=np.int32), rows),
        ChunkReferences(reference, season),
    )
    found = []
    for j in range(m):
        values = rng.standard_normal((chunks, rows), dtype=np.float32) + off[:, j : j + 1].astype(
            np.float32
        )
        if j >= numbers:
            code = np.where(missing[:, j], -1, np.searchsorted([-1.5, -0.5, 0.3, 1.2], values))
            tally = LevelTally(chunks)
            tally.add(["a", "b", "c", "d", "e"], code.ravel(), chunk)
            found.append(measure_levels(str(j), "feature", tally, against))
            continue
        if j % 3 == 2:
            values = np.exp(values)
        values = np.where(missing[:, j], np.nan, values.astype(np.float64))
        first = values[:known].ravel()
        sample = first[:: max(len(first) // SAMPLE, 1)]
        tally = NumberTally(quantile_bins(sample), chunks, float(np.nanmedian(sample)))
        tally.add(values.ravel(), chunk)
        found.append(measure_numbers(str(j), "feature", tally, against))
    return said(found, against)


def said(found, against) -> Watched:
    """Put judgements in arrays."""
    fresh = ~against.reference
    shape = int(fresh.sum()), len(found), len(TESTS)
    called, effects = np.zeros(shape, bool), np.full(shape, np.nan)
    for one in judge_chunks(found, against, np.ones(len(fresh), bool)):
        place = slice(None), int(one.feature), TESTS.index(one.test)
        called[place], effects[place] = one.alarm[fresh], one.value[fresh]
    return Watched(
        called, effects, np.column_stack([one.value for one in found]), against.reference
    )


def stable(chosen) -> None:
    runs = chosen.runs
    for words, how in ((words, how) for words, how in YEARS.items() if chosen.years in words):
        any_, by_test = 0, np.zeros(len(TESTS))
        for seed in range(runs):
            called = year(seed, **how).called
            any_ += called.any()
            by_test += called.any(axis=(0, 1))
        error = np.sqrt(0.05 * 0.95 / runs)
        print(
            (
                f"stable: {words}: any alarm in {any_ / runs:.4f} of {runs} years (bar "
                f"{0.05 + 2 * error:.3f}); "
            )
            + ", ".join(
                f"{test} {count / runs:.4f}" for test, count in zip(TESTS, by_test, strict=True)
            ),
            flush=True,
        )


def three(chosen) -> None:
    runs = min(chosen.runs, 50)
    any_ = 0
    for seed in range(runs):
        _, _, distance, reference = year(seed)
        mean, sd = distance[reference].mean(axis=0), distance[reference].std(axis=0, ddof=1)
        any_ += (distance[~reference] > mean + 3 * sd).any()
    print(
        (
            f"three: mean + 3 sd of 13 reference weeks alarms in {any_ / runs:.2f} of {runs} "
            "stable years"
        ),
        flush=True,
    )


def shift(chosen) -> None:
    runs = chosen.runs
    for words, how in (("independent weeks", {}), ("weeks differ by .02 sd", {"tau": 0.02})):
        for known in (8, 13, 26):
            found = [
                year(seed, known=known, new=1, moved=lambda t: 0.2 + 0 * t, **how).called[0]
                for seed in range(runs)
            ]
            named = np.mean([called[0].any() for called in found])
            others = np.mean([called[1:].any() for called in found])
            print(
                (
                    f"shift: .2 sd, {known} reference weeks, {words}: named in the first week in "
                    f"{named:.3f} of {runs} runs, another feature in {others:.3f}"
                ),
                flush=True,
            )


def creep(chosen) -> None:
    runs = chosen.runs
    for words, how in (
        ("independent weeks", {}),
        ("weeks differ by .03 sd, correlation .4", {"tau": 0.03, "phi": 0.4}),
    ):
        weeks = []
        for seed in range(min(runs, 200)):
            called = (
                year(seed, new=18, moved=lambda t: 0.05 * t / 4.35, **how).called[:, 0].any(axis=1)
            )
            weeks.append(int(called.argmax()) + 1 if called.any() else 99)
        print(
            (
                f"creep: .05 sd a month, {words}: found within 4 months (17 weeks) in "
                f"{np.mean(np.array(weeks) <= 17):.3f} of {len(weeks)} runs, median week "
                f"{np.median(weeks):.0f}"
            ),
            flush=True,
        )


SECTIONS = {"stable": stable, "three": three, "shift": shift, "creep": creep}

if __name__ == "__main__":
    main()
