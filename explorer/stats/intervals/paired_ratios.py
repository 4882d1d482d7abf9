"""Ratios adjusted for a value, or a ratio, of the same units before the experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.stats.covariates import AdjustedMeans
from explorer.stats.estimate import Estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["PairedRatio", "paired_ratio"]


class PairedRatio(NamedTuple):
    """The difference of two adjusted ratios.

    Parameters
    ----------
    estimate : Estimate
        The first less the second, tested by the normal distribution.
    first, second : AdjustedMeans
        Ratio, variance, slope and units of either arm.
    """

    estimate: Estimate
    first: AdjustedMeans
    second: AdjustedMeans


def paired_ratio(
    sums: ArrayLike,
    other_sums: ArrayLike,
    centre: ArrayLike | None = None,
    shift: ArrayLike | None = None,
) -> PairedRatio:
    """Estimate the first of two ratios less the second, adjusted for values from before.

    A ratio R = N̄/D̄ moves with its units as the mean of L = (N − R D)/D̄ does (delta method; Deng,
    Knoblich & Lu 2018, doi:10.1145/3219819.3219919), and the covariate P as the mean of M: X
    itself, or (X − P Z)/Z̄ for a ratio X̄/Z̄. So N̄/D̄ is adjusted as a mean is: R − θ (P −
    centre), θ = cov(L, M)/var(M) in the arm, as in `adjusted_difference`. Its variance is that of L
    − θ M, (var(L) − θ cov(L, M)) (n − 1)/(n − 2)/n. Both variances and the covariance are quadratic
    forms in the covariances of (N, D, X, Z), which is why second-order sums suffice.

    Parameters
    ----------
    sums, other_sums : array-like of shape (..., 10) or (..., 15)
        Of either arm, over units with all of num, den, x (and xden): n; the sums of each; then
        those of their products, by rows of the upper triangle: num², num·den, num·x, (num·xden,)
        den², den·x, and so on.
    centre : array-like of shape (...), optional
        The covariate, or its ratio, over the units of all arms; without it over these two.
    shift : array-like of shape (3,) or (4,), optional
        Constants that were taken from num, den, x (and xden) before summing, so that large values
        keep their digits.

    Returns
    -------
    difference : PairedRatio
        NaN where a denominator's mean is 0 or an arm has fewer than three units. The slope is 0
        where the covariate does not vary, and the ratio as it is.

    Raises
    ------
    ValueError
        Sums of another length.
    """
    arms = [np.asarray(arm_sums, dtype=np.float64) for arm_sums in (sums, other_sums)]
    features = {10: 3, 15: 4}.get(arms[0].shape[-1], 0)
    if not features or arms[1].shape[-1] != arms[0].shape[-1]:
        raise ValueError(
            "a paired ratio needs 10 sums an arm, or 15 with a denominator before, "
            f"came {arms[0].shape[-1]} and {arms[1].shape[-1]}"
        )
    moved = np.zeros(features) if shift is None else np.asarray(shift, dtype=np.float64)
    with np.errstate(all="ignore"):
        middle = centre if centre is not None else _before(_means(arms[0] + arms[1], moved))
        first, second = (
            _adjusted(arm, moved, np.asarray(middle, dtype=np.float64)) for arm in arms
        )
        error = np.sqrt(first.variance + second.variance)
        return PairedRatio(Estimate.of(first.mean - second.mean, error), first, second)


def _adjusted(
    sums: NDArray[np.float64], shift: NDArray[np.float64], centre: NDArray[np.float64]
) -> AdjustedMeans:
    n, means, covariance = sums[..., 0], _means(sums, shift), _covariance(sums, shift.size)
    ratio, before = means[..., 0] / means[..., 1], _before(means)
    zeros, ones = np.zeros_like(n), np.ones_like(n)
    of_ratio, of_before = (
        [ones / means[..., 1], -ratio / means[..., 1], zeros],
        [zeros, zeros, ones],
    )
    if shift.size == 4:
        of_ratio, of_before = (
            [*of_ratio, zeros],
            [zeros, zeros, ones / means[..., 3], -before / means[..., 3]],
        )
    gradient, gradient_before = np.stack(of_ratio, axis=-1), np.stack(of_before, axis=-1)
    var_now, together, var_then = (
        np.einsum("...i,...ij,...j", a, covariance, b)
        for a, b in (
            (gradient, gradient),
            (gradient, gradient_before),
            (gradient_before, gradient_before),
        )
    )
    # a covariate without spread leaves the rounding of its square
    size = np.einsum(
        "...i,...i",
        np.square(gradient_before),
        np.square(means) + np.diagonal(covariance, axis1=-2, axis2=-1),
    )
    slope = np.where(var_then > 1e-12 * size, together / var_then, 0.0)
    left = np.maximum(var_now - slope * together, 0.0) * (n - 1) / (n - 2)
    value = ratio - slope * np.where(slope != 0, before - centre, 0.0)
    defined = (n > 2) & np.isfinite(value)
    return AdjustedMeans(
        np.where(defined, value, np.nan), np.where(defined, left / n, np.nan), slope, n
    )


def _before(means: NDArray[np.float64]) -> NDArray[np.float64]:
    return means[..., 2] if means.shape[-1] == 3 else np.asarray(means[..., 2] / means[..., 3])


def _means(sums: NDArray[np.float64], shift: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(sums[..., 1 : 1 + shift.size] / sums[..., :1] + shift)


def _covariance(sums: NDArray[np.float64], features: int) -> NDArray[np.float64]:
    """Return the covariances, ddof = 1, of shape (..., features, features)."""
    n, totals = sums[..., :1, None], sums[..., 1 : 1 + features]
    rows, columns = np.triu_indices(features)
    products = np.empty((*sums.shape[:-1], features, features))
    products[..., rows, columns] = products[..., columns, rows] = sums[..., 1 + features :]
    return np.asarray((products - totals[..., :, None] * totals[..., None, :] / n) / (n - 1))
