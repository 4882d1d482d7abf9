import json

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness

from projections import PCA, Cancelled, Scores, scores
from projections.errors import ProjectionError


@pytest.fixture
def data(rng):
    X = rng.normal(size=(400, 6)).astype(np.float32)
    Y = (X[:, :2] + 0.5 * rng.normal(size=(400, 2))).astype(np.float32)
    return X, Y


def neighbours(Z, k):
    distances = ((Z[:, None].astype(float) - Z[None].astype(float)) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1)[:, :k]


@pytest.mark.parametrize("k", [5, 15])
def test_trustworthiness_and_continuity_are_those_of_scikit_learn(data, k):
    X, Y = data
    found = scores(X, Y, n_neighbors=k, n_anchors=400)
    np.testing.assert_allclose(
        found.trustworthiness.value, trustworthiness(X, Y, n_neighbors=k), atol=1e-9
    )
    np.testing.assert_allclose(
        found.continuity.value, trustworthiness(Y, X, n_neighbors=k), atol=1e-9
    )
    control = PCA(2).fit_transform(X)
    np.testing.assert_allclose(
        found.trustworthiness.pca, trustworthiness(X, control, n_neighbors=k), atol=1e-6
    )


def test_neighbours_kept_are_those_counted_by_hand(data):
    X, Y = data
    found = scores(X, Y, n_anchors=400)
    assert list(found.neighbors_kept) == [15, 150]
    for k, score in found.neighbors_kept.items():
        by_hand = [
            len(np.intersect1d(a, b)) / k
            for a, b in zip(neighbours(X, k), neighbours(Y, k), strict=True)
        ]
        np.testing.assert_allclose(score.value, np.mean(by_hand), atol=1e-12)
        assert score.chance == k / 399
        if k == 15:
            np.testing.assert_allclose(found.per_point[1], by_hand, atol=1e-6)


def test_the_figures_are_those_of_zadu():
    """Of zadu 0.5.4 (Jeon et al. 2023, doi:10.1109/VIS54172.2023.00048).

    It calls the second figure lcmc, less chance.
    """
    rng = np.random.default_rng(7)
    X = rng.normal(size=(400, 6)) * [3, 2, 1, 1, 0.5, 0.5]
    Y = X[:, :2] + 0.3 * rng.normal(size=(400, 2))
    for k, trust, continuity, kept in (
        (15, 0.9377519893899204, 0.96303050397878, 0.39373934837092733),
        (150, 0.9709544412607449, 0.9769629417382998, 0.4868268170426066),
    ):
        found = scores(X, Y, n_neighbors=k, n_anchors=400)
        assert found.trustworthiness.value == pytest.approx(trust, abs=1e-9)
        assert found.continuity.value == pytest.approx(continuity, abs=1e-9)
        assert found.neighbors_kept[k].value - k / 399 == pytest.approx(kept, abs=1e-9)
    # of random pairs here, of all pairs there
    assert found.distance_correlation.value == pytest.approx(0.9442155335782555, abs=0.01)
    assert found.distance_correlation.low < 0.9442155335782555 < found.distance_correlation.high


def test_some_anchors_estimate_what_all_give(data):
    X, Y = data
    all_rows, some = scores(X, Y, n_anchors=400), scores(X, Y, n_anchors=200)
    rows, kept = some.per_point
    np.testing.assert_array_equal(kept, all_rows.per_point[1][rows])
    assert (np.diff(rows) > 0).all()
    assert (some.n_anchors, some.n_samples) == (200, 400)
    for name in ("trustworthiness", "continuity", "triplet_accuracy", "distance_correlation"):
        score = getattr(some, name)
        assert score.low < score.value < score.high
        assert score.low - 0.02 < getattr(all_rows, name).value < score.high + 0.02


def test_a_perfect_map_scores_1_and_a_shuffled_one_what_chance_gives(rng):
    X = rng.normal(size=(1000, 2))
    figures = ("trustworthiness", "continuity", "triplet_accuracy", "distance_correlation")
    perfect, shuffled = scores(X, X * 3 + 1), scores(X, rng.permutation(X))
    for score in (*(getattr(perfect, name) for name in figures), *perfect.neighbors_kept.values()):
        np.testing.assert_allclose([score.value, score.pca], 1.0, atol=1e-3)
    for score in (
        *(getattr(shuffled, name) for name in figures),
        *shuffled.neighbors_kept.values(),
    ):
        assert abs(score.value - score.chance) < 0.03


def test_distance_correlation_is_spearman_s_and_triplets_are_counted(data):
    X, Y = data
    found = scores(X, Y)
    i, j, k = np.random.default_rng(1).integers(0, 400, size=(3, 100_000))

    def gaps(Z, a, b):
        return np.linalg.norm(Z[a] - Z[b], axis=1)

    expected = spearmanr(gaps(X, i, j), gaps(Y, i, j)).statistic
    assert abs(found.distance_correlation.value - expected) < 0.03
    apart = (i != j) & (i != k) & (j != k)
    i, j, k = i[apart], j[apart], k[apart]
    same = (gaps(X, i, j) < gaps(X, i, k)) == (gaps(Y, i, j) < gaps(Y, i, k))
    assert abs(found.triplet_accuracy.value - same.mean()) < 0.02


def test_a_map_on_one_spot_scores_what_chance_gives(data):
    X, _Y = data
    found = scores(X, np.zeros((400, 2)))
    assert abs(found.neighbors_kept[15].value - found.neighbors_kept[15].chance) < 1e-9
    for score in (found.trustworthiness, found.continuity, found.triplet_accuracy):
        assert abs(score.value - score.chance) < 0.03
    assert found.distance_correlation.value == 0


def test_copies_of_a_row_on_one_spot_count_as_kept(rng):
    X = np.repeat(rng.normal(size=(20, 3)), 20, axis=0)
    found = scores(X, X[:, :2], n_neighbors=10)
    assert found.neighbors_kept[10].value == 1
    assert found.trustworthiness.value == 1
    assert found.continuity.value == 1


def test_the_document_is_json_and_holds_the_figures(data):
    X, Y = data
    found = scores(X, Y)
    document = json.loads(json.dumps(found.document()))
    assert isinstance(found, Scores)
    for score in (found.neighbors_kept[15], found.triplet_accuracy, found.distance_correlation):
        assert score.pca_low < score.pca < score.pca_high
    assert document["neighbors_kept"]["15"]["value"] == found.neighbors_kept[15].value
    assert set(document["continuity"]) == {
        "value",
        "low",
        "high",
        "chance",
        "pca",
        "pca_low",
        "pca_high",
    }


def test_the_seed_decides_and_threads_do_not(data):
    X, Y = data
    one = scores(X, Y, n_anchors=50, n_jobs=1)
    assert one == scores(X, Y, n_anchors=50, n_jobs=2)
    assert one != scores(X, Y, n_anchors=50, random_state=1)


@pytest.mark.parametrize("n", [4, 10, 40])
def test_few_rows_are_scored_with_fewer_neighbours(rng, n):
    found = scores(rng.normal(size=(n, 3)), rng.normal(size=(n, 2)))
    assert 2 * found.n_neighbors < n
    assert all(np.isfinite(score.value) for score in found.neighbors_kept.values())


@pytest.mark.parametrize(
    ("X", "Y", "words"),
    [
        (np.zeros((9, 2)), np.zeros((8, 2)), "same rows, got 9 and 8"),
        (np.zeros((3, 2)), np.zeros((3, 2)), "at least 4 rows"),
        (np.zeros((9, 2)), np.full((9, 2), np.nan), "Y must be finite"),
    ],
)
def test_what_cannot_be_scored_ends_in_one_line(X, Y, words):
    with pytest.raises(ProjectionError, match=words):
        scores(X, Y)


def test_rows_that_are_all_equal_have_finite_scores():
    found = scores(np.zeros((20, 3)), np.zeros((20, 2)))
    assert np.isfinite(found.trustworthiness.value)
    assert found.distance_correlation.value == 0


def test_progress_counts_anchors_and_false_cancels(data):
    seen = []
    scores(*data, n_anchors=50, progress=lambda *step: seen.append(step))
    assert seen[-1] == ("scores", 50, 50)
    with pytest.raises(Cancelled):
        scores(*data, n_anchors=50, progress=lambda *_: False)


def test_many_copies_are_ranked_as_one_by_one(rng):
    """Ties by the thousand: against the mean over random orders of equally far rows."""
    X = rng.integers(0, 3, size=(150, 2)).astype(float)
    Y = X + np.array([0.0, 0.5])
    found = scores(X, Y, n_neighbors=10, n_anchors=150)
    assert found.trustworthiness.value == pytest.approx(1.0)
    assert found.continuity.value == pytest.approx(1.0)
    shuffled = scores(X, Y[rng.permutation(150)], n_neighbors=10, n_anchors=150)
    apart = [
        trustworthiness(X, Y_, n_neighbors=10)
        for Y_ in (Y + 1e-6 * rng.normal(size=Y.shape) for _ in range(3))
    ]
    assert shuffled.trustworthiness.value < min(apart)
