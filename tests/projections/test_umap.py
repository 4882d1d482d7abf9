import pickle
import time
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from projections import UMAP, scores
from projections.errors import Cancelled, ProjectionError

QUICK = {"n_epochs": 30}


def test_digits_are_mapped_as_well_as_by_umap_learn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import umap

        X = load_digits().data[:800]
        theirs = scores(X, umap.UMAP(random_state=0, n_jobs=1).fit_transform(X))
    ours = scores(X, UMAP().fit_transform(X))
    assert ours.trustworthiness.value >= 0.97 * theirs.trustworthiness.value
    assert ours.neighbors_kept[15].value >= 0.97 * theirs.neighbors_kept[15].value
    assert ours.triplet_accuracy.value >= 0.97 * theirs.triplet_accuracy.value


def test_the_fastest_mode_is_as_good(clusters):
    label = np.arange(600) % 6
    Y = UMAP(random_state=None).fit_transform(clusters)
    centres = np.array([Y[label == c].mean(axis=0) for c in range(6)])
    nearest = ((Y[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == label).mean() > 0.99


def test_the_same_seed_gives_the_same_bits_whatever_the_order_of_columns_and_rows_and_the_threads(
    clusters, rng
):
    Y = UMAP(**QUICK).fit_transform(clusters)
    columns, rows = rng.permutation(10), rng.permutation(600)
    np.testing.assert_array_equal(UMAP(**QUICK, n_jobs=1).fit_transform(clusters), Y)
    np.testing.assert_array_equal(UMAP(**QUICK).fit_transform(clusters[:, columns]), Y)
    np.testing.assert_array_equal(UMAP(**QUICK).fit_transform(clusters[rows]), Y[rows])
    np.testing.assert_array_equal(UMAP(**QUICK).fit_transform(np.asfortranarray(clusters)), Y)
    assert not np.array_equal(UMAP(**QUICK, random_state=1).fit_transform(clusters), Y)


def test_copies_of_rows_share_a_position_and_change_nothing(clusters):
    Y = UMAP(**QUICK).fit_transform(clusters)
    copies = np.repeat(np.arange(600), np.arange(600) % 4 + 1)
    np.testing.assert_array_equal(UMAP(**QUICK).fit_transform(clusters[copies]), Y[copies])


def test_fitted_rows_keep_their_positions_and_new_ones_go_to_their_cluster(clusters, rng):
    umap = UMAP(**QUICK).fit(clusters)
    Y, distance = umap.transform(clusters[::-1], return_distance=True)
    np.testing.assert_array_equal(Y, umap.embedding_[::-1])
    assert (distance == 0).all()
    new = clusters + rng.normal(scale=0.1, size=clusters.shape)
    assert np.median(np.linalg.norm(umap.transform(new) - umap.embedding_, axis=1)) < 1


def test_rows_outside_the_fitted_data_are_told_by_their_distance(clusters, rng):
    umap = UMAP(**QUICK).fit(clusters[:500])
    _Y, inside = umap.transform(clusters[500:], return_distance=True)
    _Y, outside = umap.transform(clusters[500:] + 50, return_distance=True)
    assert np.median(inside) < 1.2
    assert outside.min() > 5


def test_rows_beside_the_landmarks_are_placed(clusters):
    umap = UMAP(landmarks=200, **QUICK).fit(clusters)
    assert umap.optimised_.sum() == 200
    assert np.isfinite(umap.embedding_).all()
    assert {"prepare", "start", "neighbors", "graph", "layout", "place"} == set(umap.stage_seconds_)
    assert any("200 distinct rows" in note for note in umap.notes_)
    np.testing.assert_array_equal(umap.transform(clusters), umap.embedding_)
    label = np.arange(600) % 6
    centres = np.array(
        [umap.embedding_[(label == c) & umap.optimised_].mean(axis=0) for c in range(6)]
    )
    nearest = ((umap.embedding_[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == label)[~umap.optimised_].mean() > 0.95


@pytest.fixture
def many(monkeypatch):
    """Lets 600 rows count as many."""
    monkeypatch.setattr("projections.umap.LANDMARKS_ABOVE", 300)
    monkeypatch.setattr("projections.umap.N_LANDMARKS", 150)
    monkeypatch.setattr("projections.umap_fit._ARRANGED_ABOVE", 100)
    monkeypatch.setattr("projections.neighbors.partition.ROWS_PER_CELL", 24)


@pytest.mark.usefixtures("many")
def test_the_layout_of_many_rows_starts_from_landmarks_and_shows_them(clusters):
    shown = []
    umap = UMAP(**QUICK).fit(clusters, preview=lambda *map_: shown.append(map_))
    ((first, optimised),) = shown
    assert optimised.sum() == 150
    assert umap.optimised_.all()
    assert list(umap.stage_seconds_) == [
        "prepare",
        "landmarks",
        "place",
        "neighbors",
        "graph",
        "layout",
    ]
    assert any(
        "150 distinct rows, chosen at random, were laid out first" in note for note in umap.notes_
    )
    label = np.arange(600) % 6
    for Y in (first, umap.embedding_):
        assert Y.shape == (600, 2)
        centres = np.array([Y[label == c].mean(axis=0) for c in range(6)])
        assert (((Y[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1) == label).mean() > 0.95
    np.testing.assert_array_equal(umap.transform(clusters), umap.embedding_)


@pytest.mark.usefixtures("many")
def test_many_rows_too_are_mapped_the_same_whatever_their_order_and_the_threads(clusters, rng):
    Y, rows = UMAP(**QUICK).fit_transform(clusters), rng.permutation(600)
    np.testing.assert_array_equal(UMAP(**QUICK, n_jobs=1).fit_transform(clusters), Y)
    np.testing.assert_array_equal(UMAP(**QUICK).fit_transform(clusters[rows]), Y[rows])


@pytest.mark.usefixtures("many")
def test_nothing_is_shown_before_the_end_where_all_rows_are_laid_out_at_once(clusters):
    shown = []
    umap = UMAP(landmarks=None, **QUICK).fit(clusters, preview=lambda *map_: shown.append(map_))
    assert "landmarks" not in umap.stage_seconds_
    UMAP(**QUICK).fit(clusters[:300], preview=lambda *map_: shown.append(map_))
    UMAP(landmarks=100, **QUICK).fit(clusters, preview=lambda *map_: shown.append(map_))
    assert shown == []


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("stage", ["landmarks", "place", "neighbors", "layout"])
def test_cancel_leaves_no_fit_in_the_stages_of_many_rows(clusters, stage):
    umap = UMAP(**QUICK)
    with pytest.raises(Cancelled, match=stage):
        umap.fit(clusters, progress=lambda now, *_: now != stage)
    assert not hasattr(umap, "embedding_")


def test_fewer_rows_than_neighbours_are_noted(rng):
    umap = UMAP(n_neighbors=15, **QUICK).fit(rng.normal(size=(6, 3)))
    assert umap.notes_[0].startswith("n_neighbors was reduced from 15 to 6")
    assert np.isfinite(umap.embedding_).all()


def test_separate_pieces_are_noted(rng):
    X = np.concatenate([rng.normal(size=(50, 3)), rng.normal(size=(50, 3)) + 1000])
    umap = UMAP(**QUICK).fit(X)
    assert any("2 separate pieces" in note for note in umap.notes_)
    assert np.isfinite(umap.embedding_).all()


def outlier(rng):
    X = rng.normal(size=(200, 5))
    X[3] = 1e300
    return X


HARD = {
    "all rows identical": lambda _: np.full((50, 4), 3.3),
    "two distinct rows": lambda _: np.repeat([[0.0, 1.0], [2.0, 1.0]], 20, axis=0),
    "three distinct rows": lambda _: np.repeat(np.eye(3), 20, axis=0),
    "constant columns": lambda rng: np.column_stack([rng.normal(size=100), np.ones((100, 3))]),
    "one feature": lambda rng: rng.normal(size=(100, 1)),
    "5,000 features": lambda rng: rng.normal(size=(60, 5000)),
    "many equal rows": lambda rng: np.concatenate([np.zeros((300, 5)), rng.normal(size=(30, 5))]),
    "an enormous outlier": outlier,
    "integers near 2**53": lambda rng: 2**53 - rng.integers(0, 1000, size=(200, 3)),
    "float64 far from zero": lambda rng: 1e12 + rng.normal(size=(200, 3)),
    "tiny": lambda rng: 1e-200 * rng.normal(size=(100, 3)),
    "a line of equal steps": lambda _: np.arange(300.0).reshape(-1, 1) @ np.ones((1, 6)),
    "four rows": lambda rng: rng.normal(size=(4, 3)),
    "booleans": lambda rng: rng.random(size=(300, 6)) > 0.5,
}


@pytest.mark.parametrize("name", HARD)
def test_hard_data_end_in_a_sound_map(name, rng):
    X = HARD[name](rng)
    umap = UMAP(n_epochs=50).fit(X)
    Y = umap.embedding_
    assert Y.shape == (len(X), 2)
    assert np.isfinite(Y).all()
    n_distinct = len(np.unique(X, axis=0))
    assert len(np.unique(Y, axis=0)) == n_distinct
    assert np.abs(Y).max() < 1000
    np.testing.assert_array_equal(umap.transform(X), Y)
    _Y, distance = umap.transform(X + 1, return_distance=True) if X.dtype != bool else (None, Y)
    assert np.isfinite(distance).all()


def test_float64_far_from_zero_keeps_its_shape(rng):
    X = rng.normal(size=(300, 3))
    kept = scores(X, UMAP().fit_transform(X + 2.0**40)).neighbors_kept[15].value
    assert kept > 0.9 * scores(X, UMAP().fit_transform(X)).neighbors_kept[15].value


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"n_neighbors": 1}, "n_neighbors must be an integer of at least 2, got 1"),
        ({"n_components": 0}, "n_components"),
        ({"min_dist": 1.5}, "min_dist"),
        ({"n_epochs": 0}, "n_epochs"),
        ({"landmarks": "all"}, "landmarks"),
        ({"random_state": -1}, "random_state"),
        ({"n_jobs": 0}, "n_jobs"),
    ],
)
def test_parameters_are_checked_in_fit_and_named(parameters, words, clusters):
    with pytest.raises(ProjectionError, match=words):
        UMAP(**parameters).fit(clusters)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.zeros((0, 3)), "at least 4 rows, got 0"),
        (np.zeros((3, 3)), "at least 4 rows, got 3"),
        (np.zeros(9), "2 dimensions"),
        (np.array([[0.0, np.nan]] * 9), "column 1: 9 NaN"),
        (np.array([[0.0, np.inf]] * 9), "9 infinite"),
    ],
)
def test_data_that_cannot_be_mapped_end_in_one_line(X, words):
    with pytest.raises(ProjectionError, match=words):
        UMAP().fit(X)


def test_transform_needs_a_fit_and_its_columns(clusters):
    with pytest.raises(ProjectionError, match="not fitted"):
        UMAP().transform(clusters)
    umap = UMAP(**QUICK).fit(clusters)
    with pytest.raises(ProjectionError, match="X has 9 features, but UMAP is expecting 10"):
        umap.transform(clusters[:, :9])
    assert umap.transform(clusters[:0]).shape == (0, 2)


def test_every_stage_reports_and_none_goes_backwards(clusters):
    heard = []
    umap = UMAP(landmarks=300, **QUICK).fit(clusters, progress=lambda *event: heard.append(event))
    assert {stage for stage, _done, _total in heard} >= set(umap.stage_seconds_)
    assert all(0 <= done <= total for _stage, done, total in heard if total)
    layout = [done for stage, done, _total in heard if stage == "layout"]
    assert layout == sorted(layout)


@pytest.mark.parametrize("stage", ["prepare", "start", "neighbors", "graph", "layout", "place"])
def test_cancel_in_any_stage_leaves_the_estimator_unfitted(clusters, stage):
    umap = UMAP(landmarks=300, **QUICK)
    with pytest.raises(Cancelled, match=stage):
        umap.fit(clusters, progress=lambda now, *_: now != stage)
    assert not hasattr(umap, "embedding_")
    with pytest.raises(ProjectionError, match="not fitted"):
        umap.transform(clusters)


def test_cancel_comes_in_time(clusters):
    calls = []
    with pytest.raises(Cancelled):
        UMAP(n_epochs=10**6).fit(
            clusters,
            progress=lambda _stage, done, _total: calls.append(time.perf_counter()) or done < 20,
        )
    assert len(calls) < 1000


def test_the_estimator_contract_is_kept(clusters):
    umap = UMAP(n_neighbors=5, **QUICK)
    assert repr(umap) == "UMAP(n_epochs=30, n_neighbors=5)"
    twin = clone(umap)
    assert twin.get_params() == umap.get_params()
    assert twin.fit(clusters) is twin
    np.testing.assert_array_equal(twin.fit(clusters).embedding_, umap.fit_transform(clusters))
    again = pickle.loads(pickle.dumps(umap))
    np.testing.assert_array_equal(again.transform(clusters + 1), umap.transform(clusters + 1))
    pipe = make_pipeline(StandardScaler(), UMAP(**QUICK)).fit(clusters)
    np.testing.assert_array_equal(pipe.transform(clusters), pipe[-1].embedding_)


def test_the_caller_s_array_may_be_read_only_and_is_left_alone(clusters):
    clusters.flags.writeable = False
    before = clusters.copy()
    UMAP(**QUICK).fit(clusters).transform(clusters)
    np.testing.assert_array_equal(clusters, before)


def test_parameters_come_by_place_and_an_iterator_is_refused(clusters):
    assert vars(UMAP(2, 15, 0.1, None, "auto", 0, None)) == vars(UMAP())
    with pytest.raises(ProjectionError, match="UMAP needs an array of all rows"):
        UMAP().fit(part for part in (clusters, clusters))
