"""How often a map is said to have regions.

Of one cloud 1 time in 20 at most, of clusters nearly always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from rates.error_rate import ErrorRate

from explorer.map.regions.grouping import find_grouping

__all__ = ["error_rates"]

Made = Callable[[np.random.Generator], NDArray[np.float64]]

_N = 400


def _factors(rng: np.random.Generator, d: int = 6) -> NDArray[np.float64]:
    """Gaussian columns that two factors correlate."""
    return rng.normal(size=(_N, 2)) @ rng.normal(size=(2, d)) + 0.4 * rng.normal(size=(_N, d))


def _long_tails(rng: np.random.Generator, d: int) -> NDArray[np.float64]:
    """Draw from Student's t of several columns with 3 degrees of freedom: no Gaussian copula."""
    return rng.normal(size=(_N, d)) / np.sqrt(rng.chisquare(3, (_N, 1)) / 3)


def _three(rng: np.random.Generator, d: int) -> NDArray[np.float64]:
    """Three Gaussian clusters of equal size, each 4 standard deviations from the others."""
    centres = np.zeros((3, d))
    centres[:, :2] = [(0, 0), (4, 0), (2, 12**0.5)]
    turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return (centres[rng.integers(0, 3, _N)] + rng.normal(size=(_N, d))) @ turn


_ONE_CLOUD: dict[str, Made] = {
    "isotropic Gaussian, 2 columns": lambda rng: rng.normal(size=(_N, 2)),
    "isotropic Gaussian, 6 columns": lambda rng: rng.normal(size=(_N, 6)),
    "uniform cube, 6 columns": lambda rng: rng.uniform(size=(_N, 6)),
    "Gaussian, 6 columns correlated by 2 factors": _factors,
    "lognormal, 6 columns correlated by 2 factors": lambda rng: np.exp(_factors(rng) / 2),
    "Student t with 3 degrees of freedom, 6 columns": lambda rng: _long_tails(rng, 6),
    "counts, Poisson of mean 3, 6 columns": lambda rng: rng.poisson(3, (_N, 6)).astype(np.float64),
    "isotropic Gaussian, 100 columns": lambda rng: rng.normal(size=(_N, 100)),
    "lognormal, 30 columns correlated by 2 factors": lambda rng: np.exp(_factors(rng, 30) / 2),
    "Student t with 3 degrees of freedom, 30 columns": lambda rng: _long_tails(rng, 30),
    "counts, Poisson of mean 0.5, 100 columns": lambda rng: rng.poisson(0.5, (_N, 100)).astype(
        np.float64
    ),
}
_CLUSTERS: dict[str, Made] = {
    "3 clusters 4 sd apart, 2 columns": lambda rng: _three(rng, 2),
    "3 clusters 4 sd apart, 6 columns": lambda rng: _three(rng, 6),
    "3 clusters 4 sd apart, 100 columns": lambda rng: _three(rng, 100),
}


def error_rates(quick: bool) -> Iterator[ErrorRate]:
    """Yield the simulated rates."""
    runs, few = (3, 2) if quick else (200, 20)
    for seed, (case, made) in enumerate(_ONE_CLOUD.items()):
        found = _found(made, runs, seed)
        yield ErrorRate(
            "regions", f"{case}, {_N} rows", "regions in one cloud", found, runs, at_most=0.05
        )
    for seed, (case, made) in enumerate(_CLUSTERS.items()):
        found = _found(made, few, 100 + seed)
        yield ErrorRate(
            "regions", f"{case}, {_N} rows", "clusters have regions", found, few, at_least=0.95
        )


def _found(made: Made, runs: int, seed: int) -> int:
    found = 0
    for run in range(runs):
        rows = made(np.random.default_rng([seed, run]))
        scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
        found += find_grouping(scaled.astype(np.float32), run).found
    return found
