"""Models, weak slices and repeated rows: how often they are wrong on simulated tables."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rates.error_rate import ErrorRate

import explorer
from explorer.features.segments import Segments
from explorer.performance.model_predictions import ModelPredictions
from explorer.performance.performance import measure_models
from explorer.performance.slice import slices_of
from explorer.stats.classification.delong import paired_auc
from explorer.table.units.repeated_rows import repeated_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

TOPIC = "models"


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the rates; quick in some seconds."""
    yield from _pairs(30 if quick else 600)
    yield from _undeclared(3 if quick else 100)
    yield from _delong(200 if quick else 2_000)
    yield from _slices(5 if quick else 200)
    yield from _detected(3 if quick else 100)


def _logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-x)))


def _pairs(runs: int) -> Iterator[ErrorRate]:
    """Two models that are equally good; the noise of each is the same for all rows of a unit."""
    cases = {"600 rows that stand alone": (600, 1), "60 units of 10 rows, by unit": (60, 10)}
    for case, (units, rows) in cases.items():
        counts: Counter[str] = Counter()
        rng = np.random.default_rng(1)
        for _ in range(runs):
            unit = np.repeat(np.arange(units, dtype=np.int32), rows)
            own = rng.normal(size=(3, units))[:, unit]
            truth = own[0] + 0.3 * rng.normal(size=unit.size) > 0
            scores = {name: _logistic(own[0] + own[i]) for i, name in ((1, "a"), (2, "b"))}
            found = measure_models(
                ModelPredictions(
                    kind="binary",
                    rows=np.arange(unit.size),
                    truth=truth,
                    values=scores,
                    forms=dict.fromkeys(scores, "probability"),
                    levels=("0", "1"),
                    unit=unit if rows > 1 else None,
                )
            )[1]
            for one in found:
                counts[one.metric] += one.p_value <= 0.05
            counts["any"] += any(one.verdict in ("better", "worse") for one in found)
        for metric in ("roc_auc", "neg_log_loss", "accuracy"):
            yield ErrorRate(
                TOPIC, case, f"equal models, p ≤ .05: {metric}", counts[metric], runs, 0.07
            )
        yield ErrorRate(
            TOPIC, case, "equal models, any verdict of two families", counts["any"], runs, 0.10
        )


def _undeclared(runs: int) -> Iterator[ErrorRate]:
    """Two models that are equally good forecast events day after day; nobody names the unit."""
    asked = {
        "kind": "binary",
        "truth": "happened",
        "predictions": {"plain": "plain", "deluxe": "deluxe"},
    }
    for unit, said in ((None, "no unit given"), ("none", "said to be independent")):
        rng, told = np.random.default_rng(6), 0
        for _ in range(runs):
            table = explorer.open_table(_forecasts(rng))
            found = explorer.compare_models(table, unit=unit, **asked)
            told += any("strong evidence" in one.words for one in found.paired)
        case = f"paired comparison, repeated rows, {said}"
        yield ErrorRate(
            TOPIC, case, "strong evidence shown", told, runs, 0.0 if unit is None else 1.0
        )


def _forecasts(rng: np.random.Generator) -> pd.DataFrame:
    events, days = [(40, 60), (72, 60), (300, 10)][rng.integers(3)]
    event = np.repeat(np.arange(events), days)
    truth = (rng.random(events) < 0.4)[event]
    sure = [
        rng.normal(size=events)[event] + 0.3 + 0.3 * rng.normal(size=event.size) for _ in range(2)
    ]
    first, second = (_logistic((2 * truth - 1) * one) for one in sure)
    number = rng.permutation(events) + 1_000
    names = [_words(rng, events), np.array([f"Q-{one}" for one in number]), number][rng.integers(3)]
    frame = pd.DataFrame(
        {
            "event": names[event],
            "day": np.tile(np.arange(days), events),
            "happened": truth,
            "plain": first,
            "deluxe": second,
        }
    )
    return frame.sample(frac=1, random_state=0) if rng.random() < 0.5 else frame


def _delong(runs: int) -> Iterator[ErrorRate]:
    rng = np.random.default_rng(2)
    for n in (100, 1_000):
        held = 0
        for _ in range(runs):
            truth = rng.random(n) < 0.3
            score = rng.normal(size=n) + truth
            low, high = paired_auc(truth, [score], None).interval()
            held += bool(low[0] <= 0.7602499389 <= high[0])  # Φ(1 / √2)
        yield ErrorRate(
            TOPIC,
            f"{n:,} rows, AUC .76",
            "DeLong's 95 % interval holds the truth",
            held,
            runs,
            1.0,
            0.93,
        )


def _slices(runs: int) -> Iterator[ErrorRate]:
    """No slice differs from the rest: it is drawn at random."""
    shapes = {"calibrated, half ones": 0.0, "calibrated, one in ten": 2.5}
    for shape, shift in shapes.items():
        yield from _slices_of(runs, f"2 columns of 10 slices, 1,000 rows, {shape}", shift)
    yield from _slices_of(runs, "2 columns of 10 slices, 1,000 rows, lognormal numbers", None)


def _slices_of(runs: int, case: str, shift: float | None) -> Iterator[ErrorRate]:
    rng, n, labels = np.random.default_rng(3), 1_000, [str(i) for i in range(10)]
    counts: Counter[str] = Counter()
    metrics: set[str] = set()
    for _ in range(runs):
        if shift is None:
            numbers = {
                "truth": np.exp(1.2 * rng.normal(size=n)),
                "values": {"m": np.exp(0.5 * rng.normal(size=n))},
            }
            predicted = ModelPredictions(
                kind="regression", rows=np.arange(n), forms={"m": "number"}, **numbers
            )
        else:
            chance = _logistic(1.5 * rng.normal(size=n) - shift)
            predicted = ModelPredictions(
                kind="binary",
                rows=np.arange(n),
                truth=rng.random(n) < chance,
                values={"m": chance},
                forms={"m": "probability"},
                levels=("0", "1"),
            )
        parts = {
            name: Segments(rng.integers(0, 10, n).astype(np.int32), labels) for name in ("u", "v")
        }
        found = slices_of(predicted, parts)
        metrics |= {one.metric for one in found}
        told = {one.metric for one in found if one.verdict in ("better", "worse")}
        counts.update(told)
        counts["any"] += bool(told)
    for metric in sorted(metrics):
        yield ErrorRate(TOPIC, case, f"any slice told apart: {metric}", counts[metric], runs, 0.05)
    yield ErrorRate(TOPIC, case, "any slice told apart, in any figure", counts["any"], runs, 0.05)


def _detected(runs: int) -> Iterator[ErrorRate]:
    for order in ("as drawn", "by the truth", "by country"):
        rng = np.random.default_rng(4)
        wrong = sum(_look(_independent(rng, order))[0] for _ in range(runs))
        yield ErrorRate(
            TOPIC,
            f"rows alone, countries and ages predict, sorted {order}",
            "a unit is proposed",
            wrong,
            runs,
            0.05,
        )
    named = {
        "member": "called so",
        "event_id": "called so",
        "sample": "codes",
        "question": "words",
        "number": "whole numbers",
    }
    for name, words in named.items():
        # words that are only alike within a level may predict, and are no units by design
        for alike in (1.0,) if name == "question" else (1.0, 0.3):
            rng = np.random.default_rng(5)
            missed = sum(name != _look(_repeated(rng, name, alike))[1] for _ in range(runs))
            most = 0.1 if alike == 1.0 or words == "called so" else 0.7
            case = f"repeated rows, {name} ({words}), intraclass {alike:g}"
            yield ErrorRate(TOPIC, case, "the unit is not proposed", missed, runs, most)


def _look(frame: pd.DataFrame) -> tuple[bool, str]:
    found = repeated_rows(explorer.open_table(frame), frame["y"].to_numpy(), without=["y"])
    proposed = found is not None and found.matters
    return proposed, (found.unit or "") if found is not None else ""


def _words(rng: np.random.Generator, n: int) -> NDArray[np.str_]:
    return np.array(["".join(rng.choice(list("abcdefghij"), 8)) for _ in range(n)])


def _independent(rng: np.random.Generator, order: str) -> pd.DataFrame:
    n, levels = int(rng.choice([500, 2_000, 8_000])), int(rng.choice([12, 60, 200]))
    country, age = rng.integers(0, levels, n), rng.integers(18, 90, n)
    score = (
        rng.choice([1, 3]) * rng.normal(size=levels)[country] + (age - 50) / 10 + rng.normal(size=n)
    )
    frame = pd.DataFrame(
        {
            "country": _words(rng, levels)[country],
            "age": age,
            "visits": rng.poisson(3, n),
            "y": score,
        }
    )
    if rng.random() < 0.7:
        frame["y"] = (score > rng.choice([0, 2])).astype(int)
    return (
        frame
        if order == "as drawn"
        else frame.sort_values({"by the truth": "y", "by country": "country"}[order])
    )


def _repeated(rng: np.random.Generator, name: str, alike: float) -> pd.DataFrame:
    units, rows = [(72, 30), (300, 10), (1_000, 4)][rng.integers(3)]
    unit = (
        np.repeat(np.arange(units), rows)
        if rng.random() < 0.5
        else rng.integers(0, units, units * rows)
    )
    y = np.sqrt(alike) * rng.normal(size=units)[unit] + np.sqrt(1 - alike) * rng.normal(
        size=unit.size
    )
    numbers = rng.permutation(units) + 1_000
    cells = {"sample": np.array([f"S-{i}" for i in numbers]), "question": _words(rng, units)}.get(
        name, numbers
    )
    frame = pd.DataFrame({name: cells[unit], "age": rng.integers(18, 90, unit.size), "y": y})
    return frame.assign(y=(y > 0.5).astype(int)) if rng.random() < 0.5 else frame
