"""Profiles: grades of known shapes by the number of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from error_rate import ErrorRate

from explorer.profiles.distribution import Distribution
from explorer.profiles.gaussian import check_gaussian

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
                yield ErrorRate("profiles", case, "graded close or workable", said, runs, at_most=0.05)
            if name == "30 % zeros":
                silent = sum(not any("spike" in words for words in one.reasons) for one in found)
                yield ErrorRate("profiles", case, "no word of the spike", silent, runs, at_most=0.05)
