"""Population stability index, beside the value that it has by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Psi", "coarse_bins", "psi"]


class Psi(NamedTuple):
    """The index of each chunk; all arrays of shape (...), float64.

    Parameters
    ----------
    value : ndarray
        NaN where chunk or reference has no row.
    limit : ndarray
        What it exceeds in 5 % of cases when nothing has changed: (1/n + 1/m) · χ² of B − 1 degrees
        of freedom (Yurdakul & Naranjo 2020, doi:10.21314/JRMV.2020.227), B the bins that occur in
        either. The usual .1 and .25 know nothing of how many rows there are.
    """

    value: NDArray[np.float64]
    limit: NDArray[np.float64]


def psi(counts: ArrayLike, reference: ArrayLike, confidence: float = 0.95) -> Psi:
    """Return Σ (p − q) ln(p / q), a bin without rows in one of the two having half a row there.

    Parameters
    ----------
    counts, reference : array-like of shape (..., bins)
        Rows by frozen bins of the reference, with those below, above and missing; broadcast against
        each other.
    confidence : float
        In (0, 1): of the limit.
    """
    from scipy.special import chdtri

    a, b = np.broadcast_arrays(
        np.asarray(counts, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    )
    n, m = a.sum(axis=-1), b.sum(axis=-1)
    occurs = a + b > 0
    with np.errstate(all="ignore"):
        p, q = (
            np.where(counts_of_bins > 0, counts_of_bins, 0.5) / size[..., None]
            for counts_of_bins, size in ((a, n), (b, m))
        )
        value = np.where(occurs, (p - q) * np.log(p / q), 0.0).sum(axis=-1)
        df = occurs.sum(axis=-1) - 1.0
        limit = np.where(df > 0, (1 / n + 1 / m) * chdtri(np.maximum(df, 1.0), 1 - confidence), 0.0)
    defined = (n > 0) & (m > 0)
    return Psi(np.where(defined, value, np.nan), np.where(defined, limit, np.nan))


def coarse_bins(
    counts: NDArray[np.int64],
    missing: NDArray[np.int64],
    reference: NDArray[np.int64],
    bins: int = 10,
) -> NDArray[np.int64]:
    """Join fine bins to about ten of as many reference rows, and those below, above, missing.

    Parameters
    ----------
    counts : ndarray of shape (..., fine), int64
        By bin of `explorer.stats.bins`; the first and the last are outside the reference.
    missing : ndarray of shape (...), int64
    reference : ndarray of shape (fine,), int64
        Of the reference, which decides what is joined.
    bins : int
        At most so many inside; fewer where values are shared by many rows.

    Returns
    -------
    joined : ndarray of shape (..., b + 3), int64
        Below, inside by rising value, above, missing.
    """
    inside = reference[1:-1]
    middle = np.cumsum(inside) - inside / 2
    code = np.minimum((middle * bins / max(float(inside.sum()), 1.0)).astype(np.int64), bins - 1)
    starts = (
        np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]]))
        if inside.size
        else np.empty(0, int)
    )
    parts = [counts[..., :1]]
    if starts.size:
        parts.append(np.add.reduceat(counts[..., 1:-1], starts, axis=-1))
    above = counts[..., -1:] if counts.shape[-1] > 1 else np.zeros_like(parts[0])
    return np.concatenate([*parts, above, np.asarray(missing)[..., None]], axis=-1)
