"""Compare: false discoveries among tested columns, functions of what made the groups, and coverage of intervals."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from error_rate import ErrorRate

from explorer.cache import Cache
from explorer.groups.figures import number_figures
from explorer.groups.tally import tally_of_values
from explorer.workbench.comparing import compare
from explorer.workbench.table import open_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["error_rates"]

_ROWS = 3_000


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the rows; see bench_error_rates.py."""
    yield from _tested(2 if quick else 40)
    yield from _coverage(100 if quick else 2_000)


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
            frame = pd.DataFrame({**dict(zip(names, x.T, strict=True)), **made, **nulls, "part": part})
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
        yield ErrorRate("compare", case, "any independent column found", discovered, runs, at_most=0.05)
        yield ErrorRate("compare", case, "function of the features tested", tested, functions, at_most=0.0)
        yield ErrorRate("compare", case, "independent column not tested", described, free, at_most=0.01)
        yield ErrorRate(
            "compare", case, "column with R² .2 on them differs (no promise)", found_partly, partly
        )


def _functions(x: NDArray[np.float64]) -> dict[str, NDArray[np.generic]]:
    a, b, c = x.T[:3]
    total = x.sum(axis=1)
    return {
        "sum": total, "half": total / 2, "component": x @ np.linalg.svd(x, full_matrices=False)[2][0], "square": a**2,
        "product": a * b, "product of three": a * b * c, "ratio": a / b, "log": np.log(np.abs(a)), "size": np.abs(b),
        "largest": x.max(axis=1), "norm": np.linalg.norm(x, axis=1), "above": total > 1, "either": np.where(a > 0, b, c),
        "bins": pd.cut(a, 5).astype(str), "bins of the sum": pd.qcut(total, 5).astype(str),
    }  # fmt: skip


def _coverage(runs: int) -> Iterator[ErrorRate]:
    rng = np.random.default_rng(1)
    # name, draws of A and B; true standardised difference, W₁ over the deviation, Cliff's delta
    cases = {
        "normal, equal": (lambda n: rng.normal(0, 1, n), lambda n: rng.normal(0, 1, n), 0.0, 0.0, 0.0),
        "normal, .5 apart": (lambda n: rng.normal(0.5, 1, n), lambda n: rng.normal(0, 1, n), 0.5, 0.5, 0.27633),
        "normal, sd 3 and 1": (
            lambda n: rng.normal(2, 3, n), lambda n: rng.normal(0, 1, n), 2 / 5**0.5, 1.04347, 0.47291
        ),
        "normal, 5 apart": (lambda n: rng.normal(5, 1, n), lambda n: rng.normal(0, 1, n), 5.0, 5.0, 0.99959),
        "exponential 2 and 1": (
            lambda n: rng.exponential(2, n), lambda n: rng.exponential(1, n), 1 / 2.5**0.5, 1 / 2.5**0.5, 1 / 3
        ),
    }  # fmt: skip
    for name, (draw_a, draw_b, d, distance, delta) in cases.items():
        for n_a, n_b in ((100, 100), (100, 900)):
            held = dict.fromkeys(("standardized", "wasserstein", "cliffs"), 0)
            for _ in range(runs):
                found = number_figures(tally_of_values(draw_a(n_a), draw_b(n_b)), 0.05)
                for figure, truth in (("standardized", d), ("wasserstein", distance), ("cliffs", delta)):
                    held[figure] += bool(found[f"{figure}_low"] <= truth <= found[f"{figure}_high"])
            for figure, count in held.items():
                yield ErrorRate(
                    "compare",
                    f"{name}, {n_a} : {n_b} rows",
                    f"{figure} interval holds the truth",
                    count,
                    runs,
                    at_least=0.93,
                )
