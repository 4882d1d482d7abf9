"""Verdicts of skewed means, ratios, adjusted means and quantiles: type I error, tails, coverage."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
from rates.error_rate import ErrorRate
from scipy import stats

from explorer.experiment.analysis import skewed
from explorer.experiment.analysis.effects import effects_of, mean_arms
from explorer.experiment.analysis.experiment_analysis import ExperimentAnalysis
from explorer.experiment.analysis.order_statistics import Clusters, quantiles_of, values_by_cell
from explorer.experiment.analysis.skewed import SkewedValues
from explorer.experiment.analysis.sums import VALUES, cell_sums
from explorer.experiment.analysis.units import ExperimentLog
from explorer.features.metric import Metric
from explorer.stats.testing import permutation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explorer.experiment.analysis.effects import Effects

    Draw = Callable[[np.random.Generator, int], np.ndarray]

SHAPES: dict[str, Draw] = {
    "lognormal, σ 0.5": lambda rng, n: rng.lognormal(0, 0.5, n),
    "lognormal, σ 1": lambda rng, n: rng.lognormal(0, 1, n),
    "lognormal, σ 1.5": lambda rng, n: rng.lognormal(0, 1.5, n),
    "lognormal, σ 2": lambda rng, n: rng.lognormal(0, 2, n),
    "exponential": lambda rng, n: rng.exponential(1, n),
    "gamma, shape 0.3": lambda rng, n: rng.gamma(0.3, 1, n),
    "revenue, 5 % pay": lambda rng, n: np.where(rng.random(n) < 0.05, rng.lognormal(3, 1, n), 0.0),
    "Pareto, α 2.5": lambda rng, n: rng.pareto(2.5, n),
    "Poisson, mean 0.5": lambda rng, n: rng.poisson(0.5, n).astype(float),
    "Bernoulli, 1 %": lambda rng, n: (rng.random(n) < 0.01).astype(float),
    "uniform": lambda rng, n: rng.random(n),
    "normal, 2 % at 10": lambda rng, n: np.where(
        rng.random(n) < 0.02, rng.normal(10, 1, n), rng.normal(size=n)
    ),
    "Student's t, 3 df": lambda rng, n: rng.standard_t(3, n),
}
# A calibration needs no small p-values: an exact test of 999 draws rejects as often as one of
# 19,999. Every table has draws of its own: with the seed that the product keeps, the error of the
# same 999 draws would be in all tables.
_DRAWS = ((999, 10**12),)
_seeds = itertools.count()

SIZES = (
    (100, 100), (1_000, 100), (500, 500), (1_500, 500), (2_000, 2_000), (5_000, 500),
    (20_000, 2_000),
)  # fmt: skip
LARGE = ((50_000, 50_000), (50_000, 5_000))
"""Of the heaviest shape, with fewer runs."""


class Judged:
    """What many tables were told; of the same distribution in both arms unless a truth is given."""

    def __init__(self) -> None:
        self.tally: Counter[str] = Counter()

    def add(self, effects: Effects, truth: float = 0.0) -> None:
        """Count a table of one cell."""
        self.tally["tables"] += 1
        p, value = float(effects.estimate.p_value[0]), float(effects.estimate.value[0])
        if 0 in effects.refused or effects.few[0] or np.isnan(p):
            return
        low, high = effects.interval(0.95)
        self.tally["judged"] += 1
        self.tally["own"] += 0 in effects.own
        self.tally["below"] += p <= 0.05 and value < 0
        self.tally["above"] += p <= 0.05 and value > 0
        self.tally["held"] += bool(low[0] <= truth <= high[0])

    def error(
        self, case: str, at_most: float = 0.06, at_least: float = 0.04
    ) -> Iterator[ErrorRate]:
        """Yield how often a judged table was called different, where one in twenty was judged."""
        judged, tables = self.tally["judged"], self.tally["tables"]
        how = (
            f"{self.tally['own'] / max(judged, 1):.0%} own test, {1 - judged / tables:.0%} "
            "no verdict"
        )
        if judged >= tables / 20:
            wrong = self.tally["below"] + self.tally["above"]
            yield ErrorRate(
                "skewness", case, f"called different; {how}", wrong, judged, at_most, at_least
            )
        else:
            yield ErrorRate("skewness", case, "no verdict", tables - judged, tables)

    def coverage(self, case: str, at_least: float = 0.94, at_most: float = 1.0) -> ErrorRate:
        """Return how often the interval held the truth."""
        return ErrorRate(
            "skewness",
            case,
            "interval holds the truth",
            self.tally["held"],
            self.tally["judged"],
            at_most,
            at_least,
        )


def means(
    draw: Draw, sizes: tuple[int, int], runs: int, other: Draw | None = None, truth: float = 0.0
) -> Judged:
    """Judge tables of two arms; ``other`` draws the treatment's, where that does something."""
    rng, found = np.random.default_rng(0), Judged()
    n, m = sizes
    cells = np.repeat(np.array([0, 1], np.int32), sizes)
    for _ in range(runs):
        values = np.concatenate([draw(rng, n), (other or draw)(rng, m)])
        sums = cell_sums(cells, 2, VALUES, (values,), (float(values[::7].mean()),)).shaped(1, 2)
        found.add(SkewedValues(values, cells, sums).tested(effects_of(mean_arms(sums), 1)), truth)
    return found


def not_used(draw: Draw, sizes: tuple[int, int], runs: int) -> dict[str, int]:
    """Count how often other tests call equal arms different: why a permutation is used.

    Hall's cubic transformation (1992, doi:10.1111/j.2517-6161.1992.tb01876.x) of t with the
    skewness of the difference, and the bootstrap of t.
    """
    rng, found = (
        np.random.default_rng(0),
        dict.fromkeys(("Welch's t", "Hall's transformation", "bootstrap of t"), 0),
    )

    def student(a: np.ndarray, b: np.ndarray, shift: float = 0.0) -> np.ndarray:
        error = np.sqrt(a.var(axis=-1, ddof=1) / a.shape[-1] + b.var(axis=-1, ddof=1) / b.shape[-1])
        return np.asarray((b.mean(axis=-1) - a.mean(axis=-1) - shift) / error)

    for _ in range(runs):
        a, b = draw(rng, sizes[0]), draw(rng, sizes[1])
        t, error = float(student(a, b)), np.sqrt(a.var(ddof=1) / a.size + b.var(ddof=1) / b.size)
        skew = (stats.moment(b, 3) / b.size**2 - stats.moment(a, 3) / a.size**2) / error**3
        hall = t + skew * t**2 / 3 + skew**2 * t**3 / 27 + skew / 6
        drawn = student(
            a[rng.integers(0, a.size, (199, a.size))],
            b[rng.integers(0, b.size, (199, b.size))],
            b.mean() - a.mean(),
        )
        tail = min((drawn <= t).sum(), (drawn >= t).sum())
        found["Welch's t"] += abs(t) > 1.96
        found["Hall's transformation"] += abs(hall) > 1.96
        found["bootstrap of t"] += 2 * (1 + tail) / 200 <= 0.05
    return found


def metrics(sizes: tuple[int, int], runs: int) -> dict[str, Judged]:
    """Judge ratios, adjusted metrics and capped ones of tables without a difference."""
    wanted = (
        Metric("ratio", "ratio", "revenue", denominator="visits"),
        Metric("adjusted mean", "mean", "revenue", pre="before"),
        Metric("adjusted ratio", "ratio", "revenue", denominator="visits", pre="before"),
        Metric("capped mean", "mean", "revenue", cap=20.0),
    )
    rng, found = np.random.default_rng(0), {metric.name: Judged() for metric in wanted}
    arm = np.repeat(np.array([0, 1], np.int8), sizes)
    for _ in range(runs):
        visits, person = 1.0 + rng.poisson(2, arm.size), rng.normal(size=arm.size)
        columns = {
            "visits": visits,
            "before": np.exp(person),
            "revenue": visits * np.exp(person + rng.normal(size=arm.size)),
        }
        analysis = ExperimentAnalysis(
            ExperimentLog(("A", "B"), arm, None, arm.size, columns.__getitem__),
            wanted,
            None,
            (0.05, 0.001),
        )
        for block in analysis.whole:
            found[block.measured.metric.name].add(block.effects)
    return found


def quantiles(
    draw: Draw, other: Draw, sizes: tuple[int, int], q: float, truth: float, runs: int
) -> Judged:
    """Judge a quantile of values that tie."""
    rng, found = np.random.default_rng(0), Judged()
    cells = np.repeat(np.array([0, 1], np.int32), sizes)
    for _ in range(runs):
        values = np.concatenate([draw(rng, sizes[0]), other(rng, sizes[1])])
        some = quantiles_of(values_by_cell(values, cells, 2), 2, q)
        found.add(some.tested(effects_of(some.arms, 1)), truth)
    return found


def rows_of_units(units: int, most: int, alike: float, q: float, step: float, runs: int) -> Judged:
    """Judge a quantile of rows, 1 to ``most`` of each unit, rounded down, without a difference."""
    rng, found = np.random.default_rng(0), Judged()
    for _ in range(runs):
        part = np.repeat(np.arange(2 * units, dtype=np.int32), rng.integers(1, most + 1, 2 * units))
        values = np.exp(
            np.sqrt(alike) * rng.normal(size=2 * units)[part]
            + np.sqrt(1 - alike) * rng.normal(size=part.size)
        )
        values = np.floor(values / step) * step if step else values
        cells = part % np.int32(2)
        some = quantiles_of(values_by_cell(values, cells, 2), 2, q, Clusters(values, cells, part))
        found.add(some.tested(effects_of(some.arms, 1)))
    return found


def poisson(mean: float) -> Draw:
    """Return how to draw counts."""
    return lambda rng, n: rng.poisson(mean, n).astype(float)


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the error rates, with few draws and another seed for each table."""

    def permuted(
        values: np.ndarray, treated: np.ndarray, draws: int
    ) -> permutation.PermutationTest:
        return permutation.permutation_test(values, treated, draws, next(_seeds))

    # the product's own number of draws is there again for whoever runs in the same process
    with patch.multiple(skewed, DRAWS=_DRAWS, permutation_test=permuted):
        yield from _error_rates(quick)


def _error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield every row: means by shape, size and tail, other metrics, known effects, quantiles."""
    runs = 60 if quick else 320
    for name, draw in SHAPES.items():
        every = Judged()
        for sizes in SIZES[1:3] if quick else SIZES:
            found = means(draw, sizes, runs)
            every.tally.update(found.tally)
            yield from found.error(f"{name}; {sizes[0]:,} : {sizes[1]:,}")
        for tail in ("below", "above"):
            count, judged = every.tally[tail], every.tally["judged"]
            yield ErrorRate(
                "skewness",
                f"{name}; all sizes",
                f"called different, {tail}",
                count,
                judged,
                0.035,
                0.015,
            )
    if not quick:
        for sizes in LARGE:
            yield from means(SHAPES["lognormal, σ 2"], sizes, 200).error(
                f"lognormal, σ 2; {sizes[0]:,} : {sizes[1]:,}"
            )
    for sizes in ((3_000, 300), (800, 800)):
        for name, found in metrics(sizes, runs).items():
            yield from found.error(f"{name}; {sizes[0]:,} : {sizes[1]:,}")
    base = SHAPES["lognormal, σ 1.5"]
    for sizes in ((1_000, 100), (500, 500)):
        for name, count in not_used(base, sizes, runs).items():
            case = f"lognormal, σ 1.5; {sizes[0]:,} : {sizes[1]:,}, {name} (not used)"
            yield ErrorRate("skewness", case, "called different", int(count), runs)
    for sizes in ((2_000, 2_000), (5_000, 500)):
        more = means(base, sizes, runs, lambda rng, n: 1.2 * base(rng, n), 0.2 * np.exp(1.5**2 / 2))
        yield more.coverage(f"lognormal, σ 1.5, + 20 %; {sizes[0]:,} : {sizes[1]:,}", 0.93)
    unlike = means(
        lambda rng, n: rng.normal(np.exp(0.5), 2, n), (5_000, 500), runs, SHAPES["lognormal, σ 1"]
    )
    yield from unlike.error("normal against lognormal σ 1 of the same mean; 5,000 : 500", 0.10, 0.0)
    for mean, other, q in (
        (2.0, 2.0, 0.5),
        (1.678, 1.678, 0.5),
        (2.0, 2.7, 0.5),
        (0.7, 0.7, 0.9),
        (40.0, 40.0, 0.5),
    ):
        truth = float(stats.poisson(other).ppf(q) - stats.poisson(mean).ppf(q))
        found = quantiles(poisson(mean), poisson(other), (400, 200), q, truth, runs)
        case = f"{q:.0%} of Poisson {mean:g} and {other:g}; 400 : 200"
        yield found.coverage(case, 0.95)
        if truth == 0:
            yield from found.error(case, 0.05, 0.0)
    for alike, q, step in ((0.8, 0.5, 0.0), (0.8, 0.9, 0.0), (0.2, 0.9, 0.0), (0.8, 0.5, 1.0)):
        case = f"{q:.0%} of rows, 100 units an arm, {alike:.0%} common" + (", tied" if step else "")
        found = rows_of_units(100, 20, alike, q, step, runs)
        yield from found.error(case, 0.07, 0.0)
        yield found.coverage(case, 0.93)
