"""Sample ratio mismatch: are the arms as large as allocated, in all and in each region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "SMALLEST_EXPECTED",
    "SampleRatio",
    "balance_by_region",
    "sample_ratio",
    "sequential_sample_ratio",
]

# Below this expectation χ² is no guide to its p-value: the customary rule (Cochran 1954,
# doi:10.2307/3001616).
SMALLEST_EXPECTED = 5

# Sum of the Dirichlet prior's parameters, about the declared shares: the default of the authors'
# own package (optimizely/ssrm). Its standard deviation is half a percentage point at equal shares
# of two arms: the mismatches that experiments have.
_CONCENTRATION = 10_000.0


@dataclass(frozen=True, eq=False)
class SampleRatio:
    """The test of the numbers of units in the arms against an allocation.

    Parameters
    ----------
    statistic : float
        χ²; inf where an arm that should have no unit has some.
    df : int
        Arms that should have units, less one.
    p_value : float
        NaN where there is no unit, or a single arm has all the weight.
    expected : ndarray of shape (k,), float64
        Units in each arm by the allocation.
    """

    statistic: float
    df: int
    p_value: float
    expected: NDArray[np.float64]


def sample_ratio(counts: ArrayLike, allocation: ArrayLike) -> SampleRatio:
    """Test the numbers of units in the arms against their allocation, by Pearson's χ².

    Pearson 1900 (doi:10.1080/14786440009463897). Fabijan et al. 2019 (doi:10.1145/3292500.3330722)
    say why no result is trusted before this test, and which faults it finds.

    Parameters
    ----------
    counts : array-like of shape (k,)
        Units in each arm.
    allocation : array-like of shape (k,)
        Weights, any scale. An arm of weight 0 should have no unit: one unit there is a mismatch (p
        = 0), and it is no degree of freedom.

    Returns
    -------
    found : SampleRatio

    Raises
    ------
    ValueError
        Weights of another number than the arms, below 0, not finite, or all 0.
    """
    units = np.asarray(counts, dtype=np.float64)
    expected = units.sum() * _shares(allocation, units.shape[-1])
    statistic, p_value = _goodness(units, expected)
    df = int((np.asarray(allocation, dtype=np.float64) > 0).sum()) - 1
    return SampleRatio(float(statistic), df, float(p_value), expected)


def sequential_sample_ratio(counts: ArrayLike, allocation: ArrayLike) -> NDArray[np.float64]:
    """Return p-values of the numbers of units in the arms that hold however often one looks.

    Lindon & Malek 2022 (Anytime-valid inference for multinomial count data, NeurIPS 35,
    arXiv:2011.03567): one over the Bayes factor of a Dirichlet prior about the allocation against
    the allocation itself, 1 at most. The Bayes factor is a martingale under the allocation, so that
    the chance that it ever exceeds 1/α is α at most (Ville 1939).

    Parameters
    ----------
    counts : array-like of shape (..., k)
        Units in each arm so far.
    allocation : array-like of shape (k,)
        As in `sample_ratio`.

    Returns
    -------
    p_value : ndarray of shape (...), float64
        NaN where there is no unit, or a single arm has all the weight; 0 where a unit was found in
        an arm of weight 0.
    """
    from scipy.special import gammaln

    units = np.asarray(counts, dtype=np.float64)
    shares = _shares(allocation, units.shape[-1])
    due = shares > 0
    stray = units[..., ~due].sum(axis=-1) > 0
    counted, prior = units[..., due], _CONCENTRATION * shares[due]
    n = counted.sum(axis=-1)
    log_factor = (gammaln(counted + prior) - gammaln(prior) - counted * np.log(shares[due])).sum(
        axis=-1
    ) - (gammaln(n + _CONCENTRATION) - gammaln(_CONCENTRATION))
    p_value = np.exp(-np.maximum(log_factor, 0.0))
    return np.where(stray, 0.0, np.where((n > 0) & (due.sum() > 1), p_value, np.nan))


def balance_by_region(
    counts: ArrayLike, allocation: ArrayLike | None = None
) -> tuple[float, NDArray[np.float64]]:
    """Test whether the arms are shared alike in all regions, and which region differs.

    Parameters
    ----------
    counts : array-like of shape (regions, arms)
        Units.
    allocation : array-like of shape (arms,), optional
        Weights that every region should have. Without it each region is held against the arm shares
        of the whole table: its χ² is divided by 1 − n_r/n, since the region is a part of the whole,
        which is exactly Pearson's test of the region against all the others.

    Returns
    -------
    omnibus : float
        p-value of regions × arms, without allocation (whether the whole fits it is for
        `sample_ratio` to say). NaN with fewer than two regions or arms. Regions with a NaN of their
        own are left out of it.
    p_value : ndarray of shape (regions,), float64
        NaN where an arm is expected to have fewer than 5 units in the region: too few for χ². 0
        where a unit was found in an arm of weight 0, however few there are.

    Raises
    ------
    ValueError
        As `sample_ratio`.
    """
    units = np.asarray(counts, dtype=np.float64)
    rows, total = units.sum(axis=1, keepdims=True), units.sum()
    with np.errstate(all="ignore"):
        whole = np.where(total > 0, units.sum(axis=0) / total, 0.0)
        shares = whole if allocation is None else _shares(allocation, units.shape[1])
        statistic, p_value = _goodness(
            units, rows * shares, 1 - rows[:, 0] / total if allocation is None else 1.0
        )
        large = _large(rows, shares)
        omnibus = _homogeneity(units[large & _large(rows, whole)])
    return omnibus, np.where(large | np.isinf(statistic), p_value, np.nan)


def _shares(allocation: ArrayLike, arms: int) -> NDArray[np.float64]:
    weights = np.asarray(allocation, dtype=np.float64)
    if weights.shape != (arms,):
        raise ValueError(
            f"an allocation needs a weight for each of the {arms} arms, came {weights.size}"
        )
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() == 0:
        raise ValueError(
            f"the weights of an allocation are numbers from 0, one at least above, came {weights}"
        )
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _goodness(
    units: NDArray[np.float64],
    expected: NDArray[np.float64],
    part: NDArray[np.float64] | float = 1.0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return χ² over the last axis and its p-value; infinite for units where none is expected."""
    from scipy.special import chdtrc

    with np.errstate(all="ignore"):
        due = expected > 0
        parts = np.where(due, (units - expected) ** 2 / expected, np.where(units > 0, np.inf, 0.0))
        statistic = parts.sum(axis=-1) / part
        df = due.sum(axis=-1) - 1
        stray = np.isinf(statistic)
        p_value = np.where(stray, 0.0, chdtrc(np.maximum(df, 1), np.where(stray, 0.0, statistic)))
        return statistic, np.where((df > 0) | stray, p_value, np.nan)


def _large(rows: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which regions, ``rows`` of shape (regions, 1), expect enough units in every arm."""
    enough = (rows * shares >= SMALLEST_EXPECTED) | (shares == 0)
    return np.asarray((rows[:, 0] > 0) & enough.all(axis=1))


def _homogeneity(units: NDArray[np.float64]) -> float:
    from scipy.special import chdtrc

    table = units[:, units.sum(axis=0) > 0]
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    if df <= 0:
        return float("nan")
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(chdtrc(df, ((table - expected) ** 2 / expected).sum()))
