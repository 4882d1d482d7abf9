import numpy as np
import pandas as pd
import pytest
import scipy.sparse
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


@pytest.mark.parametrize("shape", [(300, 8), (8, 300)])
@pytest.mark.parametrize("n_components", [None, 0.8, 0.3])
def test_a_share_of_the_variance_or_none_keeps_as_many_as_scikit_learn(rng, shape, n_components):
    X = rng.normal(size=shape) * np.linspace(0.1, 3, shape[1])
    ours = PCA(n_components).fit(X)
    theirs = sklearn.decomposition.PCA(n_components, svd_solver="full").fit(X)
    assert ours.n_components_ == theirs.n_components_ == len(ours.components_)
    np.testing.assert_allclose(
        ours.explained_variance_ratio_, theirs.explained_variance_ratio_, atol=1e-12
    )


def test_whitened_coordinates_and_the_way_back_are_those_of_scikit_learn(rng):
    X = rng.normal(size=(200, 6)) * [1, 2, 3, 4, 5, 6] + 10
    for whiten in (False, True):
        ours = PCA(3, whiten=whiten).fit(X)
        theirs = sklearn.decomposition.PCA(3, svd_solver="full", whiten=whiten).fit(X)
        Y = ours.transform(X)
        signs = np.sign((ours.components_ * theirs.components_).sum(axis=1))
        np.testing.assert_allclose(Y, theirs.transform(X) * signs, atol=1e-9)
        np.testing.assert_allclose(
            ours.inverse_transform(Y), theirs.inverse_transform(Y * signs), atol=1e-9
        )
    assert ours.inverse_transform(Y.astype(np.float32)).dtype == np.float32
    with pytest.raises(ProjectionError, match="3 columns, one for each component, got 2"):
        ours.inverse_transform(Y[:, :2])


def test_parts_fitted_one_after_the_other_or_apart_and_merged_give_what_the_whole_gives(rng):
    X = rng.normal(size=(500, 6)) * [1, 2, 3, 4, 5, 6] + 1e4
    frame = pd.DataFrame(X, columns=list("abcdef"))
    whole = PCA(3).fit(frame)
    parts = [frame[:1], frame[1:7], frame[7:300], frame[300:]]
    in_turn = PCA(3)
    for part in parts:
        in_turn.partial_fit(part)
    apart = [PCA(3).partial_fit(part) for part in parts]
    merged = apart[0].merge(apart[1]).merge(apart[2]).merge(apart[3])
    assert apart[3].n_samples_ == 200  # left as it was
    for pca in (in_turn, merged, PCA(3).fit(frame[:300]).partial_fit(frame[300:])):
        assert pca.n_samples_ == 500
        assert pca.feature_names_in_.tolist() == list("abcdef")
        np.testing.assert_allclose(pca.components_, whole.components_, atol=1e-8)
        np.testing.assert_allclose(pca.explained_variance_, whole.explained_variance_, rtol=1e-9)


def test_what_cannot_be_merged_or_gone_on_from_is_refused_and_changes_nothing(rng):
    X = rng.normal(size=(30, 4))
    pca = PCA().fit(X)
    before = pca.components_
    with pytest.raises(ProjectionError, match=r"same features in the same order: 4 .* and 3"):
        pca.merge(PCA().fit(X[:, :3]))
    with pytest.raises(ProjectionError, match="not fitted"):
        pca.merge(PCA())
    with pytest.raises(ProjectionError, match="partial_fit needs the moments"):
        PCA().fit(X[:3]).partial_fit(X)
    with pytest.raises(ProjectionError, match="column 0: 1 NaN"):
        pca.partial_fit([[np.nan, 0, 0, 0]])
    with pytest.raises(ProjectionError, match="too large"):
        pca.partial_fit(np.full((2, 4), 1e300) * [[1], [-1]])
    assert pca.n_samples_ == 30
    np.testing.assert_array_equal(pca.components_, before)


@pytest.mark.parametrize("shape", [(900, 40), (40, 900), (600, 520)])
@pytest.mark.parametrize("n_components", [5, None, 0.6])
def test_a_sparse_matrix_gives_what_the_same_numbers_give_dense(rng, shape, n_components):
    X = scipy.sparse.random_array(shape, density=0.05, rng=rng, format="csc")
    ours, dense = PCA(n_components).fit(X), PCA(n_components).fit(X.toarray())
    assert ours.n_components_ == dense.n_components_
    np.testing.assert_allclose(ours.mean_, dense.mean_, atol=1e-12)
    np.testing.assert_allclose(ours.explained_variance_, dense.explained_variance_, atol=1e-9)
    np.testing.assert_allclose(
        ours.explained_variance_ratio_, dense.explained_variance_ratio_, atol=1e-9
    )
    Y = ours.transform(X)[:, :5]
    np.testing.assert_allclose(Y, dense.transform(X.toarray())[:, :5], atol=1e-6)
    assert ours.transform(X.astype(np.float32)).dtype == np.float32


def test_sparse_matrices_that_cannot_be_used_end_in_one_line(rng):
    X = scipy.sparse.random_array((50, 8), density=0.3, rng=rng, format="csr")
    X.data[3] = np.nan
    with pytest.raises(ProjectionError, match=f"column {X.indices[3]}: 1 NaN, 0 infinite"):
        PCA().fit(X)
    with pytest.raises(ProjectionError, match="X is too large"):
        PCA().fit(scipy.sparse.eye_array(600) * 1e300)
    with pytest.raises(ProjectionError, match=r"found up to 5,000 .* got 6,000 x 5,500"):
        PCA(None).fit(scipy.sparse.eye_array(6_000, 5_500))


@pytest.mark.parametrize("X", [np.zeros((600, 700)), np.ones((700, 600))])
def test_a_sparse_matrix_in_which_nothing_varies_is_one_point(X):
    pca = PCA().fit(scipy.sparse.csr_array(X))
    assert pca.explained_variance_.tolist() == pca.explained_variance_ratio_.tolist() == [0, 0]
    assert np.abs(pca.transform(X)).max() == 0


@pytest.mark.parametrize("n_components", [0, -1, 1.0, 1.5, 0.0, True, "2", np.nan])
def test_numbers_of_components_that_cannot_be_are_refused(n_components):
    with pytest.raises(ProjectionError, match="n_components"):
        PCA(n_components).fit(np.eye(3))


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
    assert pca.get_params() == {"n_components": 3, "whiten": False}
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
    with pytest.raises(ProjectionError, match="X has 2 features, but PCA is expecting 3"):
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
