"""Profiles: grades of known shapes, the band of the QQ plot and outlier rates, by rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rates.error_rate import ErrorRate

from explorer.profile.checks.gaussian import check_gaussian
from explorer.profile.checks.outliers import find_outliers
from explorer.profile.checks.qq import qq_points
from explorer.profile.counting.distribution import Distribution

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["error_rates"]


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the rows; see bench_error_rates.py."""
    runs = 60 if quick else 1_000
    rng = np.random.default_rng(0)
    shapes = {
        "normal": lambda n: rng.normal(size=n),
        "uniform": lambda n: rng.random(n),
        "two normals 4 sd apart": lambda n: rng.normal(size=n) + 4 * rng.integers(0, 2, n),
        "30 % zeros": lambda n: np.where(np.arange(n) % 10 < 3, 0.0, rng.normal(size=n)),
    }
    for name, draw in shapes.items():
        for n in (30, 100, 1_000):
            found = [check_gaussian(Distribution.of(draw(n))) for _ in range(runs)]
            said = sum(one.grade in ("close", "workable") for one in found)
            case = f"{name}, {n:,} rows"
            if name == "normal":
                wrong = sum(one.grade == "not" for one in found)
                yield ErrorRate("profiles", case, "graded not", wrong, runs, at_most=0.025)
            else:
                yield ErrorRate(
                    "profiles", case, "graded close or workable", said, runs, at_most=0.05
                )
            if name == "30 % zeros":
                silent = sum(not any("spike" in words for words in one.reasons) for one in found)
                yield ErrorRate(
                    "profiles", case, "no word of the spike", silent, runs, at_most=0.05
                )
    yield from _qq_bands(300 if quick else 4_000)
    yield from _outliers(40 if quick else 400)


def _qq_bands(runs: int) -> Iterator[ErrorRate]:
    """Yield how often all points of a normal sample lie in the simultaneous 95 % band."""
    rng = np.random.default_rng(1)
    for n in (10, 30, 100, 1_000, 10_000):
        inside = 0
        some = max(runs // 10, 50) if n == 10_000 else runs
        for _ in range(some):
            found = qq_points(Distribution.of(rng.normal(5, 2, size=n)))
            inside += bool(((found.low <= found.observed) & (found.observed <= found.high)).all())
        event = "all points lie in the QQ band"
        yield ErrorRate(
            "profiles", f"normal, {n:,} rows", event, inside, some, at_least=0.94, at_most=0.96
        )


def _outliers(runs: int) -> Iterator[ErrorRate]:
    """Yield the cells of normal samples beyond each fence.

    Promised is the rate of a normal that the page shows, within a tenth.
    """
    rng = np.random.default_rng(2)
    for n in (100, 1_000, 10_000):
        found = [find_outliers(Distribution.of(rng.normal(5, 2, size=n))) for _ in range(runs)]
        for words, count, expected in (
            ("Tukey's fences", sum(one.tukey_count for one in found), found[0].tukey_expected),
            ("3.5 modified z-scores", sum(one.mad_count for one in found), found[0].mad_expected),
        ):
            event = f"cell beyond {words} (a normal: {expected:.2%})"
            limits = (1.1 * expected, 0.9 * expected) if n == 10_000 else (1.0, 0.0)
            yield ErrorRate("profiles", f"normal, {n:,} rows", event, count, n * runs, *limits)
