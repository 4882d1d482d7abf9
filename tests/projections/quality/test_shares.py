import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from projections import PCA, Cancelled, feature_shares
from projections.errors import ProjectionError


@pytest.fixture
def data(rng):
    X = rng.normal(size=(900, 5)) * [3.0, 2.0, 1.0, 0.0, 0.1]
    return X, X[:, :2].copy()  # a map of the first two columns alone


def by_hand(X, Y, k):
    def near(Z):
        return NearestNeighbors(n_neighbors=k).fit(Z).kneighbors(return_distance=False)

    return np.mean([len(set(a) & set(b)) / k for a, b in zip(near(X), near(Y), strict=True)])


def test_the_features_of_the_map_have_the_largest_shares_and_the_others_none(data):
    X, Y = data
    shares = feature_shares(X, Y)
    values = [share.value for share in shares]
    assert np.argsort(values)[::-1][:2].tolist() == [0, 1]
    assert min(values[:2]) > 0.5
    assert values[3] == 0  # constant
    assert shares[4].low < 0.05
    for share in shares:
        assert share.low <= share.value <= share.high


def test_a_share_is_what_is_lost_by_hand(data, rng):
    X, Y = data
    kept = by_hand(X, Y, 15)
    lost = []
    for _ in range(5):
        shuffled = X.copy()
        shuffled[:, 0] = rng.permutation(X[:, 0])
        lost.append(1 - by_hand(shuffled, Y, 15) / kept)
    share = feature_shares(X, Y)[0]
    assert share.value == pytest.approx(np.mean(lost), abs=0.05)


def test_columns_of_a_feature_are_shuffled_together(data):
    X, Y = data
    together = feature_shares(X, Y, groups=[[0, 1], [2]])
    assert len(together) == 2
    assert together[0].value > max(share.value for share in feature_shares(X, Y)[:2])


def test_a_repeated_feature_shares_with_its_copy(rng):
    X = rng.normal(size=(800, 3))
    Y = PCA(2).fit_transform(X)
    alone = feature_shares(X, X[:, :2])[0].value
    doubled = feature_shares(np.column_stack((X, X[:, 0])), X[:, :2])[0].value
    assert doubled < alone
    assert len(feature_shares(X, Y, n_rows=200)) == 3


def test_many_columns_and_the_same_seed_give_the_same(rng):
    X = rng.normal(size=(300, 40)).astype(np.float32)
    Y = X[:, :2]
    one, other = (
        feature_shares(X, Y, groups=[list(range(20)), list(range(20, 40))]) for _ in range(2)
    )
    assert one == other


def test_false_cancels_and_what_does_not_fit_is_refused(data):
    X, Y = data
    with pytest.raises(Cancelled):
        feature_shares(X, Y, progress=lambda _stage, done, _total: done < 2)
    with pytest.raises(ProjectionError, match="same rows"):
        feature_shares(X, Y[:-1])


def test_rows_that_are_all_equal_have_shares_of_nothing():
    assert all(
        np.isfinite([s.value, s.low, s.high]).all()
        for s in feature_shares(np.ones((20, 2)), np.ones((20, 2)))
    )
