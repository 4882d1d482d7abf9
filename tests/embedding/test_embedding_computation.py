import json

import numpy as np
import pandas as pd
import pytest
import sklearn.decomposition
from sklearn.preprocessing import StandardScaler

from explorer.core.cache import Cache
from explorer.core.errors import EmbeddingError, FeatureError, TableChanged, UnknownName
from explorer.embedding.cached import cached_embedding, find_embedding
from explorer.embedding.embedding_computation import compute_embedding, trust_of, with_stability
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.features.matrix.spec import MatrixSpec
from explorer.sources.source import open_source
from projections import Cancelled, ProjectionError

NAMES = ("a", "b", "c", "d")


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 4)) * [1, 2, 3, 4] + 6 * rng.integers(0, 2, size=(300, 1))
    return pd.DataFrame(values, columns=list(NAMES))


def test_pca_is_scikit_learns_on_the_standardised_columns(cache, frame):
    made = compute_embedding(open_source(frame, cache), ProjectionSpec(MatrixSpec(NAMES), "pca"))
    oracle = sklearn.decomposition.PCA(2).fit(StandardScaler().fit_transform(frame))
    expected = oracle.transform(StandardScaler().fit_transform(frame)) * np.sqrt(
        299 / 300
    )  # ddof=1 against ddof=0
    for axis in range(2):
        assert abs(np.corrcoef(made.xy[:, axis], expected[:, axis])[0, 1]) > 0.99999
        np.testing.assert_allclose(made.xy[:, axis].std(), expected[:, axis].std(), rtol=1e-4)
    loadings = made.provenance["loadings"]
    assert loadings["columns"] == list(NAMES)
    np.testing.assert_allclose(
        np.abs(loadings["components"]), np.abs(oracle.components_), atol=1e-5
    )
    np.testing.assert_allclose(
        made.provenance["explained_variance_ratio"], oracle.explained_variance_ratio_, rtol=1e-5
    )


def test_provenance_tells_the_whole_story_in_json(cache, frame):
    frame.loc[:9, "a"] = np.nan
    source = open_source(frame, cache)
    spec = ProjectionSpec(MatrixSpec(NAMES, where="b > 0"), "umap", {"n_epochs": 20}, 3)
    made = compute_embedding(source, spec)
    story = json.loads(json.dumps(made.provenance, allow_nan=False))
    kept = np.flatnonzero(frame["b"] > 0)
    np.testing.assert_array_equal(made.rows, kept)
    assert story["table"] == {"name": source.name, "fingerprint": source.fingerprint, "rows": 300}
    assert story["rows"]["used"] == len(kept)
    assert story["rows"]["left_out"] == 300 - len(kept)
    assert story["rows"]["imputed"] == int(np.count_nonzero(kept < 10)) == made.imputed_rows
    assert story["method"]["name"] == "umap"
    assert story["method"]["parameters"]["n_epochs"] == 20
    assert story["method"]["parameters"]["n_neighbors"] == 15
    assert story["method"]["random_state"] == 3
    assert story["key"] == spec.key(source.fingerprint)
    assert {"numpy", "numba", "schema"} <= set(story["versions"])
    assert {"matrix", "neighbors", "graph", "layout", "scores"} <= set(story["stage_seconds"])
    assert story["matrix"]["spec"]["where"] == "b > 0"
    assert (
        made.scores["neighbors_kept"]["15"]["value"] > made.scores["neighbors_kept"]["15"]["chance"]
    )


def test_placed_rows_are_told_apart(cache, frame):
    spec = ProjectionSpec(MatrixSpec(NAMES), "umap", {"n_epochs": 20, "landmarks": 200})
    made = compute_embedding(open_source(frame, cache), spec)
    assert made.placed_rows == 100 == made.provenance["rows"]["placed"]
    assert made.optimised.shape == (300,)


def test_the_same_request_gives_the_same_bits(cache, frame):
    source = open_source(frame, cache)
    spec = ProjectionSpec(MatrixSpec(NAMES), "umap", {"n_epochs": 20})
    one, other = compute_embedding(source, spec), compute_embedding(source, spec)
    assert one.xy.tobytes() == other.xy.tobytes()
    assert one.trust.tobytes() == other.trust.tobytes()


def test_trust_is_exact_for_scored_rows_and_the_mean_of_the_eight_nearest_elsewhere():
    rng = np.random.default_rng(0)
    xy = rng.normal(size=(500, 2)).astype(np.float32)
    anchors = rng.choice(500, 60, replace=False)
    kept = rng.random(60, dtype=np.float32)
    trust = trust_of(xy, anchors, kept)
    assert trust.dtype == np.float32
    np.testing.assert_array_equal(trust[anchors], kept)
    for row in np.setdiff1d(np.arange(500), anchors):
        nearest = np.argsort(((xy[anchors] - xy[row]) ** 2).sum(axis=1))[:8]
        assert trust[row] == pytest.approx(kept[nearest].mean(), abs=1e-6)


def test_fewer_scored_rows_than_eight_are_all_taken():
    xy = np.float32([[0, 0], [1, 0], [5, 5]])
    np.testing.assert_allclose(
        trust_of(xy, np.array([0, 1]), np.float32([0.2, 0.4])), [0.2, 0.4, 0.3]
    )


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_progress_passes_all_stages_and_false_cancels_in_any(cache, frame, method):
    source = open_source(frame, cache)
    spec = ProjectionSpec(MatrixSpec(NAMES), method, {} if method == "pca" else {"n_epochs": 20})
    stages = []
    compute_embedding(source, spec, lambda stage, *_: stages.append(stage))
    order = list(dict.fromkeys(stages))
    assert order == (
        ["matrix", "pca", "scores"]
        if method == "pca"
        else ["matrix", "prepare", "neighbors", "graph", "layout", "scores"]
    )
    for name in order:
        with pytest.raises(Cancelled):
            compute_embedding(source, spec, lambda stage, *_, stop=name: stage != stop)


def test_what_does_not_fit_into_memory_is_refused_before_it_starts(cache, frame, monkeypatch):
    source = open_source(frame, cache)
    monkeypatch.setattr("explorer.embedding.embedding_computation.available_memory", lambda: 1_000)
    with pytest.raises(ProjectionError, match=r"needs about .* GB of memory, 0\.0 GB are free"):
        compute_embedding(source, ProjectionSpec(MatrixSpec(NAMES), "umap"))


def test_the_stability_over_seeds_comes_with_the_scores(cache, frame):
    source = open_source(frame, cache)
    made = compute_embedding(source, ProjectionSpec(MatrixSpec(NAMES), "umap", {"n_epochs": 20}))
    found = with_stability(source, made, 2).scores
    assert {name: found[name] for name in made.scores} == made.scores
    assert found["stability"]["seeds"] == (0, 1)
    assert 15 / 299 < found["stability"]["neighbors_shared"] <= 1
    assert json.loads(json.dumps(found))["stability"]["n_rows"] == 300
    with pytest.raises(EmbeddingError, match="fingerprint"):
        with_stability(open_source(frame[:200], cache), made, 2)
    pca = compute_embedding(source, ProjectionSpec(MatrixSpec(NAMES), "pca"))
    with pytest.raises(ProjectionError, match="measured of a UMAP by name"):
        with_stability(source, pca, 2)


def test_an_embedding_is_computed_once_and_then_found(cache, frame):
    source = open_source(frame, cache)
    spec = ProjectionSpec(MatrixSpec(NAMES), "pca")
    assert find_embedding(cache, spec.key(source.fingerprint)) is None
    first = cached_embedding(source, spec, cache)
    again = cached_embedding(source, spec, cache, lambda *_: pytest.fail("computed again"))
    assert again.xy.tobytes() == first.xy.tobytes()
    assert again.provenance == first.provenance


def test_a_cancelled_embedding_leaves_nothing_in_the_cache(cache, frame):
    source = open_source(frame, cache)
    entries = cache.entries()
    with pytest.raises(Cancelled):
        cached_embedding(
            source,
            ProjectionSpec(MatrixSpec(NAMES), "pca"),
            cache,
            lambda stage, *_: stage != "scores",
        )
    assert cache.entries() == entries


def test_what_cannot_be_projected_is_refused_in_words(cache):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [2.0, 1.0, 2.0], "k": [1.0, 1.0, 1.0]})
    source = open_source(frame, cache)
    with pytest.raises(UnknownName, match="there are: 'a'"):
        compute_embedding(source, ProjectionSpec(MatrixSpec(("a", "bb")), "pca"))
    with pytest.raises(FeatureError, match="'k' does not vary"):
        compute_embedding(source, ProjectionSpec(MatrixSpec(("k",)), "pca"))
    with pytest.raises(ProjectionError, match="at least 4 rows"):
        compute_embedding(source, ProjectionSpec(MatrixSpec(("a", "b")), "umap"))


@pytest.mark.parametrize("n", [2, 3, 5, 16])
def test_a_tiny_table_has_a_pca(cache, n):
    rng = np.random.default_rng(0)
    made = compute_embedding(
        open_source(pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc")), cache),
        ProjectionSpec(MatrixSpec(("a", "b", "c")), "pca"),
    )
    assert made.xy.shape == (n, 2)
    assert np.isfinite(made.xy).all()
    assert (made.scores == {}) == np.isnan(made.trust).all() == (n < 4)
    assert any("too few" in note for note in made.provenance["notes"]) == (n < 4)


def test_a_cache_that_cannot_be_written_costs_a_warning_and_not_the_result(tmp_path, frame, caplog):
    (tmp_path / "file").touch()
    broken = Cache(tmp_path / "file" / "cache")
    made = cached_embedding(
        open_source(frame, broken), ProjectionSpec(MatrixSpec(NAMES), "pca"), broken
    )
    assert len(made) == len(frame)
    assert "was not kept" in caplog.text


def test_a_file_that_was_rewritten_is_told_even_when_its_embedding_is_at_hand(
    cache, frame, tmp_path
):
    frame.to_parquet(tmp_path / "t.parquet")
    source, spec = (
        open_source(tmp_path / "t.parquet", cache),
        ProjectionSpec(MatrixSpec(NAMES), "pca"),
    )
    cached_embedding(source, spec, cache)
    frame.iloc[:-1].to_parquet(tmp_path / "t.parquet")
    with pytest.raises(TableChanged):
        cached_embedding(source, spec, cache)
