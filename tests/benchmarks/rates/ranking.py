"""Rankings and estimates by propensities: equal arms, unequal arms, and coverage.

Units have 1 to 5 lists each and a rate of their own, so that lists of a unit are alike. Nothing is
played in more than half of the lists.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rates.error_rate import ErrorRate

from explorer.features.segments import Segments
from explorer.ranking.ranked_log import RankedLog
from explorer.stats.ranking.propensity import item_values, policy_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["error_rates"]

UNITS, K = 800, (1, 5, 10)
PLACES = np.arange(1, 30)
HIGH = 0.65 ** np.arange(29)
HIGH /= HIGH.sum()
LOW = np.where(PLACES >= 15, 1 / 15, 0.0)
PLAYS, ADDED = 0.40, 0.07
COVERS, FALSE = 0.95, 0.05


class _Log(NamedTuple):
    ranked: RankedLog
    arm: Segments


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the rates."""
    # statsmodels collects garbage in each of its corrections by Holm; what was there before is left
    gc.freeze()
    runs = 40 if quick else 800
    for units in (True, False):
        yield from _alike(runs, units)
    yield from _added(runs)
    yield from _weighted(60 if quick else 1_200)
    gc.unfreeze()


def _log(seed: int, added: float, units: bool) -> _Log:
    """Return a log of sessions, one row each.

    Arm B has all plays of A, and more of them low on the list.
    """
    rng = np.random.default_rng(seed)
    lists = rng.integers(1, 6, UNITS)
    unit = np.repeat(np.arange(UNITS, dtype=np.int32), lists)
    rate = rng.beta(2, 2 * (1 - PLAYS) / PLAYS, UNITS)[unit]
    arm = rng.integers(0, 2, UNITS).astype(np.int32)[unit]
    if not units:  # lists that stand alone
        arm = rng.integers(0, 2, unit.size).astype(np.int32)
        rate = np.full(unit.size, PLAYS)
    draw = rng.random(unit.size)
    place = np.where(draw < rate, rng.choice(PLACES, unit.size, p=HIGH), 0)
    more = (arm == 1) & (place == 0) & (rng.random(unit.size) < added / (1 - PLAYS))
    place = np.where(more, rng.choice(PLACES, unit.size, p=LOW), place)
    codes = np.arange(unit.size, dtype=np.int32)
    log = RankedLog(
        codes,
        unit.size,
        place,
        (place > 0).astype(float),
        unit if units else None,
        None,
        None,
        K,
        "count",
    )
    return _Log(log, Segments(arm, ["A", "B"]))


def _truth() -> dict[str, float]:
    """Return what the figures of A, the whole of an A/A log, are."""
    found = {"MRR": PLAYS * float(HIGH @ (1 / PLACES)), "any play": PLAYS}
    for k in K:
        found[f"success@{k}"] = PLAYS * float(HIGH[:k].sum())
        found[f"NDCG@{k}"] = PLAYS * float(HIGH[:k] @ (1 / np.log2(1 + PLACES[:k])))
    return found


def _alike(runs: int, units: bool) -> Iterator[ErrorRate]:
    """Arms that do not differ: false verdicts, and intervals of the whole."""
    case = (
        f"{UNITS} units of 1 to 5 lists" if units else f"about {3 * UNITS:,} lists that stand alone"
    )
    truth, held = _truth(), dict.fromkeys(_truth(), 0)
    primary = others = differences = 0
    for seed in range(runs):
        log, arms = _log(seed, 0.0, units)
        figures = log.whole()
        means = {"MRR": figures.mrr, "any play": figures.played}
        means |= {f"success@{k}": mean for k, mean in figures.success.items()} | {
            f"NDCG@{k}": mean for k, mean in figures.ndcg.items()
        }
        for name, mean in means.items():
            held[name] += mean.low <= truth[name] <= mean.high
        compared, _ = log.compared("arm", arms, None, "(missing)", "unit" if units else None)
        assert compared is not None
        called = {cell.metric: cell.verdict in ("better", "worse") for cell in compared.cells}
        primary += called.pop("mrr")
        others += any(called.values())
        differences += sum(
            cell.low <= 0 <= cell.high for cell in compared.cells if cell.metric == "mrr"
        )
    yield ErrorRate(
        "ranking", f"A/A, {case}", "MRR is called better or worse", primary, runs, FALSE
    )
    yield ErrorRate("ranking", f"A/A, {case}", "any other figure is called", others, runs, FALSE)
    yield ErrorRate(
        "ranking",
        f"A/A, {case}",
        "interval of the MRR difference holds 0",
        differences,
        runs,
        at_least=COVERS,
    )
    for name, count in held.items():
        yield ErrorRate(
            "ranking", case, f"interval of {name} holds the truth", count, runs, at_least=COVERS
        )


def _added(runs: int) -> Iterator[ErrorRate]:
    """Arm B has 7 more plays in a hundred lists, at positions 15 to 29.

    This log was once read the wrong way round.
    """
    case = f"B adds {ADDED:.0%} plays low on the list, {UNITS} units"
    worse = better = held = 0
    gain = ADDED * float(LOW @ (1 / PLACES))
    for seed in range(runs):
        log, arms = _log(50_000 + seed, ADDED, True)
        compared, _ = log.compared("arm", arms, None, "(missing)", "unit")
        assert compared is not None
        cells = {cell.metric: cell for cell in compared.cells}
        worse += any(cell.verdict == "worse" for cell in cells.values())
        better += cells["any play"].verdict == "better"
        held += cells["mrr"].low <= gain <= cells["mrr"].high
    yield ErrorRate("ranking", case, "any figure is called worse", worse, runs, FALSE)
    yield ErrorRate("ranking", case, "any play is called better", better, runs, at_least=0.4)
    yield ErrorRate(
        "ranking",
        case,
        "interval of the MRR difference holds the truth",
        held,
        runs,
        at_least=COVERS,
    )


def _weighted(runs: int) -> Iterator[ErrorRate]:
    """One item, shown with chances that vary by context, whose rate may follow them; 2,000 rows."""
    size, context = 2_000, np.random.default_rng(1).normal(size=200_000)
    for spread in (0.5, 1.0, 1.5):
        for rate in (0.01, 0.1, 0.4):
            for slope in (-0.7, 0.7):
                rng = np.random.default_rng(
                    [int(10 * spread), int(100 * rate), int(10 * slope) + 10]
                )
                base = np.log(rate / (1 - rate))
                truth = float(_logistic(base + slope * context).mean())
                held = {"SNIPS": 0, "IPS": 0}
                for _ in range(runs):
                    z = rng.normal(size=size)
                    chance = _logistic(spread * z - 2)
                    shown = rng.random(size) < chance
                    hit = (rng.random(size) < _logistic(base + slope * z)).astype(float)
                    p = np.where(shown, chance, 1 - chance)
                    values = item_values(hit, p, (~shown).astype(np.int8), 2)
                    for name, (low, high) in (
                        ("SNIPS", values.snips_interval()),
                        ("IPS", values.ips_interval()),
                    ):
                        held[name] += bool(low[0] <= truth <= high[0])
                case = f"shown by logistic({spread} z - 2), rate {rate}, slope {slope}"
                for name, count in held.items():
                    yield ErrorRate(
                        "propensities",
                        case,
                        f"interval of {name} holds the truth",
                        count,
                        runs,
                        at_least=COVERS,
                    )
    yield from _weighted_units(runs)


def _weighted_units(runs: int) -> Iterator[ErrorRate]:
    """300 units of 5 rows that are alike, under a target policy."""
    held = 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        unit = np.repeat(np.arange(300), 5)
        rate = rng.beta(0.5, 4.5, 300)[unit]
        chance = _logistic(rng.normal(size=1_500) - 1)
        shown = rng.random(1_500) < chance
        values = policy_value(
            (rng.random(1_500) < rate)[shown].astype(float), chance[shown], 1.0, unit=unit[shown]
        )
        low, high = values.snips_interval()
        held += bool(low[0] <= 0.1 <= high[0])
    yield ErrorRate(
        "propensities",
        "300 units of 5 rows that are alike, rate 0.1",
        "interval of SNIPS holds the truth",
        held,
        runs,
        at_least=COVERS,
    )


def _logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-x))
