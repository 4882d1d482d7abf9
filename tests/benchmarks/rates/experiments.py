"""Experiments without any effect: how often anything is coloured, and whether intervals hold.

Read once, or at 18 looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rates.error_rate import ErrorRate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from explorer.experiment.analysis.block import CellBlock
    from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis

TOPIC = "experiments"
LOOKS, STEP = 18, 400
REGIONS, TESTS = 30, 10
KINDS = (
    "primary metric coloured", "other metric coloured", "segment coloured",
    "segment told from the whole", "region coloured", "region told from the whole",
    "experiment of a grid coloured", "sample ratio mismatch",
)  # fmt: skip


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the rates of all simulations here."""
    yield from running(5 if quick else 400)
    yield from final(40 if quick else 1_000)
    yield from several_arms(60 if quick else 2_000)
    yield from coverage(40 if quick else 1_000)


def running(runs: int) -> Iterator[ErrorRate]:
    """Count the runs in which anything is coloured at any of 18 looks at two equal arms."""
    case = f"running, A/A, {LOOKS} looks at {STEP} to {LOOKS * STEP:,} units"
    found, missed = np.zeros((runs, len(KINDS)), bool), np.zeros(runs, bool)
    for run in range(runs):
        units = simulated(np.random.default_rng(run), LOOKS * STEP)
        for look in range(1, LOOKS + 1):
            some = {name: values[: look * STEP] for name, values in units.items()}
            analysis = trial_of(some, running=True)
            found[run] |= coloured(analysis, some)
            low, high = analysis.whole[0].interval()
            missed[run] |= not low[0] <= 0 <= high[0]
    yield from rates(case, found)
    yield ErrorRate(TOPIC, case, "anything coloured", int(found.any(axis=1).sum()), runs, 0.05)
    yield ErrorRate(
        TOPIC, case, "an interval misses the truth at some look", int(missed.sum()), runs, 0.05
    )


def final(runs: int) -> Iterator[ErrorRate]:
    """Count the runs in which anything is coloured at a single look at two equal arms."""
    found = np.zeros((runs, len(KINDS)), bool)
    for run in range(runs):
        units = simulated(np.random.default_rng(10_000 + run), 4_000)
        found[run] = coloured(trial_of(units), units)
    yield from rates("final, A/A, 4,000 units", found)


def several_arms(runs: int) -> Iterator[ErrorRate]:
    """Count the runs that colour an equal arm of five: all equal, or with one that differs."""
    from explorer.experiment.analysis.family import judge_whole

    for words, shift in (("all equal", 0.0), ("one differs by 6 standard errors", 6.0)):
        wrong, together = np.zeros((runs, 2), bool), 0
        for run in range(runs):
            units = simulated(np.random.default_rng(20_000 + run), 2_000, arms=5)
            size = shift * np.sqrt(2 / 400)
            for name, one in (("normal", np.sqrt(2)), ("skewed", 1.0)):
                units[name] = units[name] + size * one * (units["arm"] == 1)
            blocks = trial_of(units).whole
            judge_whole(blocks, (0.05, 0.001))
            equal = [
                block
                for block in blocks
                if not (shift and block.arm == "B" and block.measured.metric.name != "share")
            ]
            wrong[run] = [
                any(strong(block) for block in equal if block.measured.metric.primary is primary)
                for primary in (True, False)
            ]
            first = blocks[0].arms_p
            together += first is not None and bool(first[0] <= 0.05)
        case = f"final, 5 arms of 400 units, {words}"
        for kind, seen in zip(
            (
                "an equal arm of the primary metric coloured",
                "an equal arm of another metric coloured",
            ),
            wrong.T,
            strict=True,
        ):
            if not shift or kind.endswith("primary metric coloured"):
                yield ErrorRate(TOPIC, case, kind, int(seen.sum()), runs, 0.05)
        if not shift:
            yield ErrorRate(TOPIC, case, "all arms together told apart", together, runs, 0.05, 0.03)


def coverage(runs: int) -> Iterator[ErrorRate]:
    """Count the intervals of a difference that hold the truth."""
    from explorer.features.metric import Metric

    metrics = (
        Metric("normal", "mean", "normal"),
        Metric("skewed", "mean", "skewed"),
        Metric("share", "proportion", "share"),
        Metric("ratio", "ratio", "skewed", denominator="plays"),
        Metric("median", "quantile", "skewed", quantile=0.5),
    )
    for n in (400, 4_000):
        inside = np.zeros((runs, len(metrics)), bool)
        for run in range(runs):
            rng = np.random.default_rng(30_000 + run)
            units = simulated(rng, n)
            units["plays"] = 1.0 + rng.poisson(2, n)
            for place, block in enumerate(trial_of(units, metrics=metrics).whole):
                low, high = block.effects.interval(0.95)
                inside[run, place] = low[0] <= 0 <= high[0]
        for metric, held in zip(metrics, inside.T, strict=True):
            yield ErrorRate(
                TOPIC,
                f"final, {metric.name}, {n:,} units",
                "interval holds the truth",
                int(held.sum()),
                runs,
                1.0,
                0.94,
            )


def rates(case: str, found: NDArray[np.bool_]) -> Iterator[ErrorRate]:
    """Yield the rate of each kind of colour."""
    for kind, seen in zip(KINDS, found.T, strict=True):
        yield ErrorRate(TOPIC, case, kind, int(seen.sum()), len(found), 0.05)


def simulated(rng: np.random.Generator, n: int, arms: int = 2) -> dict[str, NDArray[Any]]:
    """Return units without any effect.

    Arms, metrics, two columns of segments, a region of a map and an experiment of a grid.
    """
    level = rng.normal(size=n)
    return {
        "arm": rng.integers(0, arms, n).astype(np.int8),
        "normal": level + rng.normal(size=n),
        "skewed": rng.exponential(size=n),
        "share": (rng.random(n) < 0.2).astype(float),
        "device": rng.choice(4, n, p=[0.5, 0.3, 0.15, 0.05]).astype(np.int32),
        "country": rng.integers(0, 12, n).astype(np.int32),
        "test": rng.integers(0, TESTS, n).astype(np.int32),
        "region": np.clip((level + 2.5) / 5 * REGIONS, 0, REGIONS - 1).astype(np.int32),
    }


def trial_of(
    units: dict[str, NDArray[Any]],
    running: bool = False,
    metrics: Sequence[Any] = (),
    grid: bool = False,
) -> ExperimentAnalysis:
    """Return the analysis of simulated units."""
    from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
    from explorer.experiment.analysis.units import ExperimentLog
    from explorer.features.metric import Metric

    arms = tuple("ABCDE"[: int(units["arm"].max()) + 1])
    wanted = tuple(metrics) or (
        Metric("normal", "mean", "normal", primary=True),
        Metric("skewed", "mean", "skewed"),
        Metric("share", "proportion", "share"),
    )
    log = ExperimentLog(arms, units["arm"], None, len(units["arm"]), units.__getitem__)
    allocation = None if grid else dict.fromkeys(arms, 1.0)
    return ExperimentAnalysis(log, wanted, allocation, (0.05, 0.001), running, of_grid=grid)


def coloured(analysis: ExperimentAnalysis, units: dict[str, NDArray[Any]]) -> list[bool]:
    """Return what of an experiment is coloured, in the order of the kinds above."""
    from explorer.experiment.analysis.experiment import judge_experiment
    from explorer.experiment.analysis.experiment_grid import judge_grid
    from explorer.experiment.analysis.family import judge_groups
    from explorer.features.segments import Segments

    groups = {
        name: Segments(units[name], [str(i) for i in range(units[name].max() + 1)])
        for name in ("device", "country", "region", "test")
    }
    blocks, _, _ = judge_experiment(
        analysis, {name: groups[name] for name in ("device", "country")}
    )
    regions = analysis.grouped("", groups["region"], on_map=True)
    wholes = [block for block in blocks if not block.by]
    judge_groups(regions, wholes, analysis.alpha)
    grid, _, checks = judge_grid(
        trial_of(units, analysis.running, grid=True), "test", groups["test"], analysis.allocation
    )
    segments = [block for block in blocks if block.by]
    mismatches = [
        words
        for block in (*blocks, *regions)
        for words in block.distrust
        if "sample ratio" in words
    ]
    return [
        any(strong(block) for block in wholes if block.measured.metric.primary),
        any(strong(block) for block in wholes if not block.measured.metric.primary),
        any(map(strong, segments)),
        any(map(deviates, segments)),
        any(map(strong, regions)),
        any(map(deviates, regions)),
        any(map(strong, grid)),
        bool(mismatches) or any(check.mismatch for check in checks.values()),
    ]


def strong(block: CellBlock) -> bool:
    """Tell whether any cell of a block is coloured."""
    return any(strength > 0 for _, strength in block.verdicts)


def deviates(block: CellBlock) -> bool:
    """Tell whether any segment or region of a block is told from the whole."""
    return block.deviation_adjusted is not None and bool((block.deviation_adjusted <= 0.05).any())
