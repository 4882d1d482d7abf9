import numpy as np
from sklearn.decomposition import PCA

from projections.layout.initial_layout import pca_start
from projections.neighbors.canonical import Canonical


def test_the_start_is_the_plane_of_scikit_learn_s_pca(rng):
    X = (rng.normal(size=(200, 5)) * [5, 3, 1, 1, 1]).astype(np.float32)
    Y = pca_start(X, 2, rng)
    expected = PCA(2).fit_transform(X)
    correlation = np.corrcoef(Y.T, expected.T)[:2, 2:]
    np.testing.assert_allclose(np.abs(np.diag(correlation)), 1, atol=1e-3)
    assert abs(Y[:, 0].std() - 3) < 0.05
    assert Y.dtype == np.float32


def test_one_enormous_row_has_no_say(rng):
    X = rng.normal(size=(500, 4)) * [4, 2, 1, 1]
    with_outlier = X.copy()
    with_outlier[0] = 1e9
    plain, other = (
        pca_start(Canonical.of(Z).apply(Z), 2, np.random.default_rng(0)) for Z in (X, with_outlier)
    )
    correlation = np.corrcoef(plain[1:].T, other[1:].T)
    np.testing.assert_allclose(np.abs([correlation[0, 2], correlation[1, 3]]), 1, atol=0.02)
    assert np.abs(other).max() < 11


def test_dimensions_beyond_the_rank_are_all_but_zero_and_rows_on_one_spot_part(rng):
    Y = pca_start(np.repeat(np.arange(4, dtype=np.float32), 5)[:, None] - 2, 2, rng)
    assert 0 < np.abs(Y[:, 1]).max() < 1e-3
    assert len(np.unique(Y, axis=0)) == 20
