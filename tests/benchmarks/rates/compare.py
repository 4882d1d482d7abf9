"""Compare: false discoveries, functions of what made the groups, and coverage of intervals."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from rates.error_rate import ErrorRate
from scipy.special import ndtr, ndtri
from scipy.stats import poisson

from explorer.compare.compute import compare
from explorer.compare.group_figures import level_figures, missing_figures, number_figures
from explorer.core.cache import Cache
from explorer.profile.counting.tally import tally_of_values
from explorer.table.table import open_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["error_rates"]

_ROWS = 3_000


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the rows; see bench_error_rates.py."""
    yield from _discovered(8 if quick else 400)
    yield from _tested(1 if quick else 40)
    yield from _coverage(60 if quick else 2_000)
    yield from _coverage_of_shares(60 if quick else 2_000)


def _discovered(runs: int) -> Iterator[ErrorRate]:
    """Yield the false discoveries among all.

    40 columns differ by just the margin and 10 by more; or none differs and the margin is 0.
    """
    rng = np.random.default_rng(2)
    first = np.arange(2_000) < 1_000
    steps = np.sqrt(2) * ndtri(
        (1 + np.repeat([0.05, 0.2], [40, 10])) / 2
    )  # of normals whose δ is .05 and .2
    false = found_in_all = found = some = 0
    for _ in range(runs):
        cells = rng.normal(size=(2_000, 50))
        for margin, shifts in ((0.05, steps), (0.0, np.zeros(50))):
            frame = pd.DataFrame(cells + first[:, None] * shifts).rename(columns="c{}".format)
            with tempfile.TemporaryDirectory() as folder:
                table = open_table(frame, cache=Cache(Path(folder)))
                rows = compare(table, first, margin=margin, unit="none").rows
            discovered = {row.feature for row in rows if row.p_adjusted <= 0.05}
            if margin:
                wrong = sum(f"c{i}" in discovered for i in range(40))
                false, found_in_all, found = (
                    false + wrong,
                    found_in_all + len(discovered),
                    found + len(discovered) - wrong,
                )
            else:
                some += bool(discovered)
    case = f"40 columns of δ .05 (the margin), 10 of .2; {runs:,} tables"
    yield ErrorRate(
        "compare", case, "discovery is false", false, max(found_in_all, 1), at_most=0.05
    )
    yield ErrorRate("compare", case, "column of δ .2 found (no promise)", found, 10 * runs)
    yield ErrorRate(
        "compare",
        "50 columns that do not differ, margin 0",
        "any column found",
        some,
        runs,
        at_most=0.05,
    )


def _tested(runs: int) -> Iterator[ErrorRate]:
    rng = np.random.default_rng(0)
    for k in (4, 12):
        discovered = functions = tested = free = described = partly = found_partly = 0
        for _ in range(runs):
            x = rng.normal(size=(_ROWS, k))
            names = [f"x{i}" for i in range(k)]
            made = _functions(x)
            nulls = {f"free{i}": rng.normal(size=_ROWS) for i in range(20)}
            part = np.sqrt(0.2) * x[:, 0] + np.sqrt(0.8) * rng.normal(size=_ROWS)
            frame = pd.DataFrame(
                {**dict(zip(names, x.T, strict=True)), **made, **nulls, "part": part}
            )
            with tempfile.TemporaryDirectory() as folder:
                table = open_table(frame, cache=Cache(Path(folder)))
                rows = (x[:, 0] > 0.3) & (x[:, 1] > 0)
                found = compare(table, rows, seen=dict.fromkeys(names, "drew this map"))
            functions += len(made)
            tested += sum(found[name].tested for name in made)
            free += len(nulls)
            described += sum(not found[name].tested for name in nulls)
            discovered += any(found[name].p_adjusted <= 0.05 for name in nulls)
            partly += 1
            found_partly += found["part"].p_adjusted <= 0.05
        case = f"map of {k} normal features, {_ROWS:,} rows, a box on it"
        yield ErrorRate(
            "compare", case, "any independent column found", discovered, runs, at_most=0.05
        )
        yield ErrorRate(
            "compare", case, "function of the features tested", tested, functions, at_most=0.0
        )
        yield ErrorRate(
            "compare", case, "independent column not tested", described, free, at_most=0.01
        )
        yield ErrorRate(
            "compare", case, "column with R² .2 on them differs (no promise)", found_partly, partly
        )


def _functions(x: NDArray[np.float64]) -> dict[str, NDArray[np.generic]]:
    a, b, c = x.T[:3]
    total = x.sum(axis=1)
    return {
        "sum": total,
        "half": total / 2,
        "component": x @ np.linalg.svd(x, full_matrices=False)[2][0],
        "square": a**2,
        "product": a * b,
        "product of three": a * b * c,
        "ratio": a / b,
        "log": np.log(np.abs(a)),
        "size": np.abs(b),
        "largest": x.max(axis=1),
        "norm": np.linalg.norm(x, axis=1),
        "above": total > 1,
        "either": np.where(a > 0, b, c),
        "bins": pd.cut(a, 5).astype(str),
        "bins of the sum": pd.qcut(total, 5).astype(str),
    }


def _coverage(runs: int) -> Iterator[ErrorRate]:
    rng = np.random.default_rng(1)
    # name, draws of A and B; true standardised difference, W₁ over the deviation, Cliff's delta
    cases = {
        "normal, equal": (
            lambda n: rng.normal(0, 1, n),
            lambda n: rng.normal(0, 1, n),
            0.0,
            0.0,
            0.0,
        ),
        "normal, .5 apart": (
            lambda n: rng.normal(0.5, 1, n),
            lambda n: rng.normal(0, 1, n),
            0.5,
            0.5,
            0.27633,
        ),
        "normal, sd 3 and 1": (
            lambda n: rng.normal(2, 3, n),
            lambda n: rng.normal(0, 1, n),
            2 / 5**0.5,
            1.04347,
            0.47291,
        ),
        "normal, 5 apart": (
            lambda n: rng.normal(5, 1, n),
            lambda n: rng.normal(0, 1, n),
            5.0,
            5.0,
            0.99959,
        ),
        "exponential 2 and 1": (
            lambda n: rng.exponential(2, n),
            lambda n: rng.exponential(1, n),
            1 / 2.5**0.5,
            1 / 2.5**0.5,
            1 / 3,
        ),
        "Poisson 1 and .5": (
            lambda n: rng.poisson(1, n).astype(float),
            lambda n: rng.poisson(0.5, n).astype(float),
            0.5 / 0.75**0.5,
            0.5 / 0.75**0.5,
            _delta_of_counts(1, 0.5),
        ),
        "lognormal σ 1, twice": _lognormals(rng, 1.0),
        "lognormal σ 1.5, twice": _lognormals(rng, 1.5),
    }
    for name, (draw_a, draw_b, d, distance, delta) in cases.items():
        for n_a, n_b in ((100, 100), (100, 900), (900, 100)):
            held = dict.fromkeys(("standardized", "wasserstein", "cliffs"), 0)
            for _ in range(runs):
                found = number_figures(tally_of_values(draw_a(n_a), draw_b(n_b)), 0.05)
                truths = (d, distance, delta)
                for figure, truth in zip(held, truths, strict=True):
                    held[figure] += bool(found[f"{figure}_low"] <= truth <= found[f"{figure}_high"])
            for figure, count in held.items():
                no_promise = "lognormal" in name and figure in ("standardized", "wasserstein")
                words = "Cliff's δ (so AUC)" if figure == "cliffs" else figure
                yield _holds(
                    f"{name}; {n_a} : {n_b}", words, count, runs, 0.0 if no_promise else 0.93
                )


def _holds(case: str, figure: str, count: int, runs: int, at_least: float) -> ErrorRate:
    event = f"{figure} interval holds the truth" + ("" if at_least else " (no promise)")
    return ErrorRate("compare", case, event, count, runs, at_least=at_least)


def _lognormals(rng: np.random.Generator, sigma: float) -> tuple[Any, ...]:
    """Return draws of a lognormal variable and its double.

    The tail is too long for the deviation to be known from 100 rows.
    """
    d = np.exp(sigma**2 / 2) / np.sqrt(2.5 * (np.exp(sigma**2) - 1) * np.exp(sigma**2))
    delta = 2 * ndtr(np.log(2) / sigma / np.sqrt(2)) - 1
    return (
        lambda n: 2 * rng.lognormal(0, sigma, n),
        lambda n: rng.lognormal(0, sigma, n),
        d,
        d,
        delta,
    )


def _delta_of_counts(mean_a: float, mean_b: float) -> float:
    values = np.arange(60)
    a, b = poisson.pmf(values, mean_a), poisson.pmf(values, mean_b)
    return float((np.sign(values[:, None] - values) * np.outer(a, b)).sum())


def _coverage_of_shares(runs: int) -> Iterator[ErrorRate]:
    """Yield how often intervals of Cramér's V and of shares missing hold the truth."""
    rng = np.random.default_rng(3)
    for n_a, n_b in ((100, 100), (100, 900)):
        for a, b in (
            ((0.5, 0.3, 0.2), (0.5, 0.3, 0.2)),
            ((0.5, 0.3, 0.2), (0.4, 0.3, 0.3)),
            ((0.7, 0.2, 0.1), (0.3, 0.4, 0.3)),
            (tuple(np.full(10, 0.1)), tuple(np.linspace(0.02, 0.18, 10))),
        ):
            counts = rng.multinomial(n_a, a, runs), rng.multinomial(n_b, b, runs)
            labels, size = [str(i) for i in range(len(a))], n_a / (n_a + n_b)
            both = size * np.array(a) + (1 - size) * np.array(b)
            truth = np.sqrt(size * (1 - size) * ((np.array(a) - b) ** 2 / both).sum())
            found = [
                level_figures(one, other, labels, 0.05) for one, other in zip(*counts, strict=True)
            ]
            held = sum(
                bool(one["cramers_low"] <= truth + 1e-12 and truth <= one["cramers_high"])
                for one in found
            )
            case = f"{len(a)} levels, V {truth:.2f}; {n_a} : {n_b}"
            yield _holds(case, "Cramér's V", held, runs, 0.93)
        for p, q in ((0.02, 0.02), (0.3, 0.2), (0.01, 0.1), (0.9, 0.5)):
            gone = rng.binomial(n_a, p, runs), rng.binomial(n_b, q, runs)
            held = 0
            for one, other in zip(*(side.tolist() for side in gone), strict=True):
                shares = missing_figures(one, n_a, other, n_b, 0.05)
                held += shares.get("missing_low", 0.0) <= p - q <= shares.get("missing_high", 0.0)
            yield _holds(
                f"{p:.0%} and {q:.0%} missing; {n_a} : {n_b}", "share missing", held, runs, 0.93
            )
