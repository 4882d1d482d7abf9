"""Which engine lays out what, and that both do as they are asked."""

import pickle
import warnings

import numpy as np
import pytest
import scipy.sparse

from projections import UMAP, Cancelled, ProjectionError

QUICK = {"n_epochs": 30}


@pytest.mark.parametrize(
    ("parameters", "y", "words"),
    [
        ({"metric": "manhattan"}, None, "metric 'manhattan'"),
        ({"densmap": True}, None, "densmap"),
        ({}, np.linspace(0, 1, 120), "numbers as y"),
    ],
)
def test_what_the_native_engine_does_not_know_goes_to_umap_learn_and_is_said(
    clusters, parameters, y, words
):
    X = clusters[:120]
    umap = UMAP(**parameters, **QUICK).fit(X, y)
    assert umap.engine_ == "umap-learn"
    assert f"the native engine does not know {words}" in umap.notes_[0]
    assert umap.embedding_.shape == (120, 2)
    assert umap.embedding_.dtype == np.float32
    with pytest.raises(ProjectionError, match=f"does not know {words}.*engine at 'auto'"):
        UMAP(**parameters, **QUICK, engine="native").fit(X, y)


def test_umap_learn_gives_the_coordinates_that_it_gives_alone(rng):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import umap

        # in one piece: where the neighbours fall into pieces, umap-learn varies by itself
        X, new_rows = np.split(rng.normal(size=(240, 10)).astype(np.float32), [200])
        alone = umap.UMAP(metric="manhattan", random_state=3, n_jobs=1, **QUICK).fit(X)
        new = alone.transform(new_rows)
    ours = UMAP(metric="manhattan", random_state=3, **QUICK).fit(X)
    np.testing.assert_array_equal(ours.embedding_, alone.embedding_)
    np.testing.assert_array_equal(ours.transform(new_rows), new)
    back = ours.inverse_transform(ours.embedding_[:20])  # by chance; nearer than the means
    assert np.abs(back - X[:20]).mean() < 0.9 * np.abs(X[:20] - X.mean(axis=0)).mean()
    again = pickle.loads(pickle.dumps(ours))
    np.testing.assert_array_equal(again.embedding_, ours.embedding_)


def test_what_umap_learn_is_given_less_of_is_said_and_threads_are_passed_on(rng):
    umap = UMAP(engine="umap-learn", n_jobs=2, random_state=None, **QUICK)
    umap.fit(rng.normal(size=(12, 3)))
    assert "n_neighbors was reduced from 15 to 11" in umap.notes_[1]
    assert umap._umap_learn.n_jobs == 2


def test_a_sparse_matrix_is_laid_out_without_becoming_dense(clusters, monkeypatch):
    X = scipy.sparse.csr_array(np.where(clusters[:150] > 1, clusters[:150], 0))
    for form in (scipy.sparse.csr_array, scipy.sparse.csr_matrix):
        monkeypatch.setattr(form, "toarray", lambda _: pytest.fail("made dense"))
    umap = UMAP(**QUICK).fit(X)
    assert umap.engine_ == "umap-learn"
    assert umap.transform(X[:5]).shape == (5, 2)


def test_progress_of_umap_learn_is_told_and_can_cancel(clusters):
    heard = []
    UMAP(engine="umap-learn", n_epochs=200).fit(
        clusters, progress=lambda *event: heard.append(event)
    )
    assert heard[-1] == ("layout", 200, 200)
    umap = UMAP(engine="umap-learn", n_epochs=100_000)
    with pytest.raises(Cancelled):
        umap.fit(clusters, progress=lambda stage, done, _: stage != "layout" or done == 0)
    assert not hasattr(umap, "embedding_")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"metric": "manhatan"}, "did you mean 'manhattan'"),
        ({"metric": 3}, "metric must be a name"),
        ({"engine": "fast"}, "auto, native, umap-learn"),
        ({"densmap": 1}, "densmap"),
        ({"target_weight": 2}, "target_weight"),
        ({"engine": "umap-learn", "landmarks": 50}, "landmarks=50 is for the native engine"),
    ],
)
def test_wrong_parameters_are_named(clusters, parameters, words):
    with pytest.raises(ProjectionError, match=words):
        UMAP(**parameters).fit(clusters)


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
def test_the_native_engine_maps_directions_whatever_the_lengths(clusters, rng, metric):
    lengths = rng.uniform(0.5, 5.0, size=(600, 1))
    lengths[:200] = 2.0 ** rng.integers(-3, 4, size=(200, 1))  # of which no bit is lost
    umap = UMAP(metric=metric, **QUICK).fit(clusters)
    assert umap.engine_ == "native"
    positions = umap.transform(clusters[:200] * lengths[:200])
    np.testing.assert_array_equal(positions, umap.embedding_[:200])
    twin = UMAP(metric=metric, **QUICK).fit_transform(clusters[:, ::-1])
    np.testing.assert_array_equal(twin, umap.embedding_)
    moved = umap.transform(clusters * lengths + (1 if metric == "correlation" else 0))
    apart = np.linalg.norm(moved - umap.embedding_, axis=1)
    assert np.median(apart) < 0.05 * np.ptp(umap.embedding_)


def test_rows_without_direction_are_said(clusters):
    clusters[:3] = 0
    assert "3 rows have no direction" in UMAP(metric="cosine", **QUICK).fit(clusters).notes_[0]


@pytest.mark.parametrize("landmarks", ["auto", 300])
def test_classes_draw_rows_together_that_features_do_not(rng, landmarks):
    X = rng.normal(size=(600, 5))
    y = np.where(X[:, 0] > 0, "right", "left")

    def purity(umap):
        Y = umap.embedding_
        nearest = np.linalg.norm(Y[:, None] - Y[None], axis=2).argsort(axis=1)[:, 1:16]
        return (y[nearest] == y[:, None]).mean()

    plain = purity(UMAP(landmarks=landmarks).fit(X))
    with_y = UMAP(landmarks=landmarks).fit(X, y)
    assert with_y.engine_ == "native"
    assert purity(with_y) > plain + 0.1
    unknown = UMAP(landmarks=landmarks).fit(X, np.full(600, -1))
    assert purity(unknown) < plain + 0.05


def test_the_native_engine_has_no_way_back(clusters):
    umap = UMAP(**QUICK).fit(clusters)
    with pytest.raises(ProjectionError, match="engine='umap-learn'"):
        umap.inverse_transform(umap.embedding_)
