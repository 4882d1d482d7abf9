"""Experiments without any effect: how often anything is coloured, read once or at 18 looks; and how often intervals hold the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from error_rate import ErrorRate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from explorer.experiments.block import Block

TOPIC = "experiments"
LOOKS, STEP = 18, 400
REGIONS = 30


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the rates of all simulations here."""
    yield from running(20 if quick else 400)


def running(runs: int) -> Iterator[ErrorRate]:
    """Count the runs in which anything is coloured at any of 18 looks at two equal arms."""
    case = f"running, A/A, {LOOKS} looks at {STEP} to {LOOKS * STEP:,} units"
    kinds = ("verdict of the whole", "verdict of a segment", "deviation of a segment", "verdict of a region", "region differs from the whole",
             "sample ratio mismatch")  # fmt: skip
    found = np.zeros((runs, len(kinds)), bool)
    for run in range(runs):
        units = simulated(np.random.default_rng(run), LOOKS * STEP)
        for look in range(1, LOOKS + 1):
            found[run] |= coloured(units, look * STEP, running=True)
    for kind, seen in zip(kinds, found.T, strict=True):
        yield ErrorRate(TOPIC, case, kind, int(seen.sum()), runs, 0.05)
    yield ErrorRate(TOPIC, case, "anything coloured", int(found.any(axis=1).sum()), runs, 0.05)


def simulated(rng: np.random.Generator, n: int, arms: int = 2) -> dict[str, NDArray[Any]]:
    """Return units without any effect: arms, metrics, two columns of segments and a region of a map."""
    level = rng.normal(size=n)
    return {
        "arm": rng.integers(0, arms, n).astype(np.int8), "normal": level + rng.normal(size=n), "skewed": rng.exponential(size=n),
        "share": (rng.random(n) < 0.2).astype(float), "device": rng.choice(4, n, p=[0.5, 0.3, 0.15, 0.05]).astype(np.int32),
        "country": rng.integers(0, 12, n).astype(np.int32),
        "region": np.clip((level + 2.5) / 5 * REGIONS, 0, REGIONS - 1).astype(np.int32),
    }  # fmt: skip


def coloured(units: dict[str, NDArray[Any]], n: int, running: bool) -> list[bool]:
    """Return what is coloured of the first n units, in the order of the kinds above."""
    from explorer.experiments.experiment import judged
    from explorer.experiments.family import judge_groups
    from explorer.experiments.metric import Metric
    from explorer.experiments.trial import Segments, Trial
    from explorer.experiments.units import Log

    some = {name: values[:n] for name, values in units.items()}
    arms = tuple("ABCDE"[: int(units["arm"].max()) + 1])
    metrics = (
        Metric("normal", "mean", "normal", primary=True), Metric("skewed", "mean", "skewed"), Metric("share", "proportion", "share"),
    )  # fmt: skip
    log = Log(arms, some["arm"], None, n, some.__getitem__)
    trial = Trial(log, metrics, dict.fromkeys(arms, 1.0), (0.05, 0.001), running)
    segments = {
        name: Segments(some[name], [str(i) for i in range(some[name].max() + 1)])
        for name in ("device", "country")
    }
    blocks, _, _ = judged(trial, segments)
    regions = trial.grouped("", Segments(some["region"], [str(i) for i in range(REGIONS)]), on_map=True)
    wholes = [block for block in blocks if not block.by]
    judge_groups(regions, wholes, trial.alpha)
    grouped = [block for block in blocks if block.by]
    return [
        any(map(_verdict, wholes)), any(map(_verdict, grouped)), any(map(_deviates, grouped)), any(map(_verdict, regions)),
        any(map(_deviates, regions)),
        trial.ratio.mismatch or any("sample ratio" in words for block in blocks + tuple(regions) for words in block.distrust),
    ]  # fmt: skip


def _verdict(block: Block) -> bool:
    return any(strength > 0 for _, strength in block.verdicts)


def _deviates(block: Block) -> bool:
    return block.deviation_adjusted is not None and bool((block.deviation_adjusted <= 0.05).any())
