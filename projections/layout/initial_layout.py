"""Where a layout begins: the principal components, on a canvas of the size that UMAP works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from projections.pca import PCA

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["pca_start"]

# Most rows then lie on a canvas about 10 wide, as in umap-learn. Between 1 and 3 the quality was
# the same on digits, films and
# 100,000 clustered rows.
_SPREAD = 3.0
_EDGE = 10.0
_NOISE = 1e-4

# Rows a hundred times farther out than the median row, if they are few, have no say in the
# directions.
_FAR = 1e4
_FEW = 0.01


def pca_start(
    X: NDArray[np.float32], n_components: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return starting positions from the principal components.

    Kobak and Linderman 2021, doi:10.1038/s41587-020-00809-z.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float32
        Centred on the median of each column (see `projections.neighbors.canonical.Canonical`), at
        least two different rows.
    n_components : int
        Dimensions of the layout; those beyond the rank of `X` start at 0.
    rng : numpy.random.Generator
        For a noise of 1e-4 that lets rows on one spot part.

    Returns
    -------
    ndarray of shape (n_samples, n_components), float32
        Standard deviation 3 along the first axis, at most 10 from the origin along each but for the
        noise.
    """
    squares = np.einsum("ij,ij->i", X, X, dtype=np.float64)
    near = squares <= _FAR * np.median(squares)
    if near.mean() < 1 - _FEW or near.sum() < 2:
        near = np.ones(len(X), dtype=np.bool_)
    pca = PCA(n_components).fit(X[near])
    positions = pca.transform(X).astype(np.float64)
    deviation = float(np.sqrt(pca.explained_variance_[0])) or 1.0
    positions = np.clip(positions * (_SPREAD / deviation), -_EDGE, _EDGE)
    positions += rng.normal(scale=_NOISE, size=positions.shape)
    return positions.astype(np.float32)
