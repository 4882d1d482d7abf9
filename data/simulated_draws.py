"""Random draws of the simulated tables, all from uniform numbers of NumPy's PCG64.

The stream of uniform numbers is promised to stay the same; the methods of `numpy.random.Generator`
for other distributions may change with a release of NumPy (NEP 19), and with them the tables.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

__all__ = ["Draws", "Floats", "capped_lognormal_mean", "chosen"]

Floats = npt.NDArray[np.float64]
Shape = int | tuple[int, ...]

_SMALLEST = 2.0**-53  # the least uniform number above 0, whose normal quantile is finite


class Draws:
    """A stream of draws of its own.

    Parameters
    ----------
    seed : int
        ≥ 0.
    *stream : int
        Whole numbers ≥ 0 that name the stream; streams of different names are independent.
    """

    def __init__(self, seed: int, *stream: int) -> None:
        self._generator = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(seed, spawn_key=stream))
        )

    def uniform(self, shape: Shape) -> Floats:
        """Draw from [0, 1)."""
        return self._generator.random(shape)

    def normal(self, shape: Shape) -> Floats:
        """Draw from the normal distribution with mean 0 and standard deviation 1."""
        return ndtri(np.maximum(self.uniform(shape), _SMALLEST))

    def exponential(self, shape: Shape) -> Floats:
        """Draw from the exponential distribution with mean 1."""
        return -np.log1p(-self.uniform(shape))

    def choice(self, weights: npt.ArrayLike, shape: Shape) -> npt.NDArray[np.int64]:
        """Draw positions in `weights`, each in proportion to its weight.

        Parameters
        ----------
        weights : array_like, shape (k,)
            Not negative, of any sum above 0.
        shape : int or tuple of int

        Returns
        -------
        ndarray of int64
            From 0 to k − 1.
        """
        return chosen(weights, self.uniform(shape))


def chosen(weights: npt.ArrayLike, uniform: Floats) -> npt.NDArray[np.int64]:
    """Return the places in `weights` at which uniform numbers fall; never one of weight 0."""
    steps = np.cumsum(np.asarray(weights, dtype=float))
    steps /= steps[-1]
    return np.searchsorted(steps, uniform, side="right")


def capped_lognormal_mean(location: npt.ArrayLike, spread: float, cap: float) -> Floats:
    """Return the mean of min(exp(location + spread·Z), cap) for a standard normal Z.

    Parameters
    ----------
    location : array_like
        Mean of the logarithm.
    spread : float
        Its standard deviation.
    cap : float
        Above 0, in the unit of the variable.

    Returns
    -------
    ndarray of float64, shape of `location`

    Notes
    -----
    exp(μ + σ²/2) Φ(z − σ) + cap (1 − Φ(z)) with z = (ln cap − μ)/σ, the limited expected value of
    actuaries (Klugman, Panjer & Willmot 2012, Loss Models, appendix A; ISBN 978-1-118-31532-3).
    """
    location = np.asarray(location, dtype=float)
    z = (np.log(cap) - location) / spread
    return np.exp(location + spread**2 / 2) * ndtr(z - spread) + cap * ndtr(-z)
