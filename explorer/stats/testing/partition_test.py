"""Partition test: whether a slice of the rows differs by more than a random one would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["auc_partition_p", "mean_partition_p", "pearson_p"]


def pearson_p(difference: ArrayLike, error: ArrayLike, skewness: ArrayLike) -> NDArray[np.float64]:
    """Return two-sided p-values of a permutation distribution by its error and skewness.

    By Pearson's type III curve.

    Its three moments are those of the permutations (Berry and Mielke 1983,
    doi:10.1080/03610928308828640); twice the smaller tail.
    """
    from scipy.stats import norm, pearson3

    with np.errstate(all="ignore"):
        z, skew = np.broadcast_arrays(
            np.asarray(difference) / np.asarray(error), np.asarray(skewness, np.float64)
        )
        flat = np.abs(skew) < 1e-3
        safe = np.where(flat | np.isnan(skew), 1.0, skew)
        tails = [
            np.where(flat, getattr(norm, tail)(z), getattr(pearson3, tail)(z, safe))
            for tail in ("cdf", "sf")
        ]
        p_value = np.minimum(2 * np.minimum(*tails), 1.0)
    return np.where(np.isfinite(z) & np.isfinite(skew), p_value, np.nan)


def mean_partition_p(
    values: NDArray[np.float64],
    n: NDArray[np.int64],
    difference: NDArray[np.float64],
    effect: float = 1.0,
) -> NDArray[np.float64]:
    """Return how often a random slice of so many rows has a mean so far from that of the rest.

    Student's t takes the spread of a slice from the slice alone: where large losses are rare, a
    slice that happens to have none has hardly any spread, and looks surely better. Here all rows
    say how values spread.

    Parameters
    ----------
    values : ndarray of shape (N,), float64
        Of all rows that lie in a slice.
    n : ndarray of shape (k,)
        Rows of each slice.
    difference : ndarray of shape (k,)
        Mean of the slice less that of the rest.
    effect : float
        Design effect of rows that belong together: the error is larger by its root.
    """
    whole = len(values)
    held = values - values.mean()
    variance, third = float((held**2).sum()) / max(whole - 1, 1), float((held**3).mean())
    if not variance > 0:
        return np.full(np.shape(difference), np.nan)
    share = n / whole
    with np.errstate(all="ignore"):
        error = np.sqrt(variance * effect / (n * (1 - share)))
        skewness = (
            third / variance**1.5 * (1 - 2 * share) / np.sqrt(n * (1 - share)) * np.sqrt(effect)
        )
    return pearson_p(difference, error, skewness)


def auc_partition_p(
    placed: tuple[NDArray[np.float64], NDArray[np.float64]],
    own: tuple[int, int],
    rest: tuple[int, int],
    difference: float,
    effect: float = 1.0,
) -> float:
    """Return the same of an AUC: from the placements of all rows of either class.

    DeLong et al. 1988, doi:10.2307/2531595.

    Parameters
    ----------
    placed : tuple of 2 ndarrays
        Placements of the ones, and of the zeros, in all rows: share of the other class that each is
        on the right side of.
    own, rest : tuple of 2 int
        Ones and zeros in the slice and in the rest.
    difference : float
    effect : float
        Design effect of rows that belong together.
    """
    means = [float(placements.mean()) for placements in placed]
    variances = [float(placements.var()) for placements in placed]
    thirds = [
        float(((placements - mean) ** 3).mean())
        for placements, mean in zip(placed, means, strict=True)
    ]
    # pairs within the slice, beyond what each row brings (Bamber 1975,
    # doi:10.1016/0022-2496(75)90001-2)
    pairs = max(means[0] * (1 - means[0]) - sum(variances), 0.0) / (own[0] * own[1])
    variance = pairs + sum(
        v * (1 / a + 1 / b) for v, a, b in zip(variances, own, rest, strict=True)
    )
    if not variance > 0:
        return float("nan")
    third = sum(m * (1 / a**2 - 1 / b**2) for m, a, b in zip(thirds, own, rest, strict=True))
    error = np.sqrt(variance * effect)
    return float(pearson_p(difference, error, third / variance**1.5 * np.sqrt(effect)))
