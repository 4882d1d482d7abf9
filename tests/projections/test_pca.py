import numpy as np
import pytest
import sklearn.decomposition
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from projections import PCA
from projections.errors import Cancelled, ProjectionError


def assert_same_as_sklearn(ours, X, n_components):
    theirs = sklearn.decomposition.PCA(n_components, svd_solver="full").fit(X.astype(np.float64))
    cosines = np.abs((ours.components_ * theirs.components_).sum(axis=1))
    assert (cosines >= 0.99999).all()
    np.testing.assert_allclose(ours.explained_variance_, theirs.explained_variance_, rtol=1e-6)
    np.testing.assert_allclose(
        ours.explained_variance_ratio_, theirs.explained_variance_ratio_, rtol=1e-6
    )
    np.testing.assert_allclose(ours.mean_, theirs.mean_, rtol=1e-6, atol=1e-9)
    coordinates = theirs.transform(X.astype(np.float64)) * np.sign(
        (ours.components_ * theirs.components_).sum(axis=1)
    )
    np.testing.assert_allclose(
        ours.transform(X), coordinates, atol=1e-4 * np.abs(coordinates).max()
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(300, 8), (20, 200), (30, 30)])
def test_components_are_those_of_scikit_learn(rng, shape, dtype):
    X = (rng.normal(size=shape) * np.linspace(1, 3, shape[1]) + 5).astype(dtype)
    assert_same_as_sklearn(PCA(3).fit(X), X, 3)


def test_digits_are_those_of_scikit_learn():
    X = load_digits().data
    assert_same_as_sklearn(PCA(10).fit(X), X, 10)


@pytest.mark.parametrize("offset", [0.0, 1e7])
def test_batches_give_what_the_whole_gives(rng, offset):
    X = rng.normal(size=(500, 6)) * [1, 2, 3, 4, 5, 6] + offset
    whole, batches = PCA(3).fit(X), PCA(3).fit(iter(np.array_split(X, [3, 100, 101])))
    np.testing.assert_allclose(batches.components_, whole.components_, atol=1e-7)
    np.testing.assert_allclose(batches.explained_variance_, whole.explained_variance_, rtol=1e-7)
    in_batches = batches.transform(iter(np.array_split(X, 4)))
    np.testing.assert_allclose(in_batches, batches.transform(X), atol=1e-9)


def test_the_largest_loading_is_positive_and_of_equal_ones_the_first(rng):
    components = PCA(4).fit(rng.normal(size=(100, 6))).components_
    assert (components[np.arange(4), np.abs(components).argmax(axis=1)] > 0).all()
    a = rng.normal(size=200)
    pair = np.stack([a, -a], axis=1)
    assert PCA(1).fit(pair).components_[0, 0] > 0


@pytest.mark.parametrize(
    "X",
    [
        np.zeros((5, 3)),
        np.ones((5, 3)) * 7.3,
        np.arange(6.0).reshape(-1, 1),
        np.column_stack([np.arange(6.0), np.ones(6), np.ones(6)]),
        np.arange(10.0).reshape(2, 5),
    ],
    ids=["zeros", "constant", "one feature", "rank one", "two rows"],
)
def test_components_beyond_the_rank_are_zero_and_never_nan(X):
    pca = PCA(3)
    Y = pca.fit_transform(X)
    assert Y.shape == (len(X), 3)
    assert np.isfinite(Y).all()
    rank = np.linalg.matrix_rank(X - X.mean(axis=0), tol=1e-9)
    np.testing.assert_array_equal(pca.explained_variance_ > 0, np.arange(3) < rank)
    assert np.abs(Y[:, rank:]).max() == 0
    assert np.isfinite(pca.explained_variance_ratio_).all()


def test_the_estimator_contract_is_kept(rng):
    pca = PCA(n_components=3)
    assert repr(pca) == "PCA(n_components=3)"
    assert pca.get_params() == {"n_components": 3}
    assert clone(pca.set_params(n_components=2)).n_components == 2
    with pytest.raises(ProjectionError, match="n_components"):
        pca.set_params(n_neighbors=2)
    X = rng.normal(size=(30, 4))
    assert make_pipeline(StandardScaler(), PCA()).fit(X).transform(X).shape == (30, 2)


def test_input_dtype_is_kept_and_the_array_left_alone(rng):
    X = rng.normal(size=(30, 4)).astype(np.float32)
    X.flags.writeable = False
    assert PCA().fit_transform(X).dtype == np.float32
    assert PCA().fit_transform(X.astype(np.float64)).dtype == np.float64


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.zeros((0, 3)), "at least 2 rows, got 0"),
        (np.zeros((1, 3)), "got 1"),
        (iter([]), "used up"),
    ],
)
def test_too_few_rows_end_in_one_line(X, words):
    with pytest.raises(ProjectionError, match=words):
        PCA().fit(X)


def test_wrong_use_ends_in_one_line(rng):
    with pytest.raises(ProjectionError, match="not fitted"):
        PCA().transform(np.zeros((3, 2)))
    with pytest.raises(ProjectionError, match="n_components"):
        PCA(0).fit(np.zeros((3, 2)))
    with pytest.raises(ProjectionError, match="3 columns of the fit"):
        PCA().fit(rng.normal(size=(5, 3))).transform(np.zeros((2, 2)))
    with pytest.raises(ProjectionError, match="iterator"):
        PCA().fit_transform(iter([np.zeros((3, 2))]))
    with pytest.raises(ProjectionError, match="column 1: 1 NaN"):
        PCA().fit(iter([np.zeros((2, 2)), np.array([[0.0, np.nan]])]))


def test_progress_is_told_and_can_cancel(rng):
    heard = []
    PCA().fit(rng.normal(size=(50, 3)), progress=lambda *event: heard.append(event))
    assert heard[-1] == ("moments", 50, 50)
    pca = PCA()
    with pytest.raises(Cancelled):
        pca.fit(iter([np.zeros((9, 2))] * 9), progress=lambda _stage, done, _total: done < 20)
    assert not hasattr(pca, "components_")


@pytest.mark.parametrize("shape", [(50, 3), (3, 50)])
def test_values_whose_squares_overflow_end_in_one_line(rng, shape):
    X = rng.uniform(-1, 1, size=shape)
    for large in (X * 1e300, X * 1e308):
        for form in (large, iter([large])):
            with pytest.raises(ProjectionError, match="X is too large"):
                PCA().fit(form)
    np.testing.assert_allclose(
        PCA().fit_transform(X * 1e150) / 1e150, PCA().fit_transform(X), atol=1e-9
    )


def test_a_reader_may_use_its_memory_again():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4_000, 6))
    room = np.empty((500, 6))

    def batches():
        for start in range(0, 4_000, 500):
            room[:] = X[start : start + 500]
            yield room

    found = PCA(2).fit(batches())
    np.testing.assert_allclose(found.components_, PCA(2).fit(X).components_, atol=1e-12)


def test_an_error_of_the_reader_is_its_own():
    def batches():
        yield np.ones((10, 3))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        PCA(2).fit(batches())
