import json

import numpy as np
import pandas as pd
import pytest
from scipy import spatial
from scipy.spatial import cKDTree

from explorer.core.cache import Cache
from explorer.core.errors import EmbeddingError
from explorer.embedding.aligned import aligned_embedding, aligned_key, laid_by, laid_onto
from explorer.embedding.embedding import Embedding, open_embedding
from explorer.embedding.embedding_computation import compute_embedding
from explorer.embedding.feature_shares import shares_of
from explorer.embedding.map_alignment import MapAlignment
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.embedding.shared_rows import content_of, shared_rows
from explorer.features.matrix.spec import MatrixSpec
from explorer.sources.source import open_source

TABLE = {"name": "films", "fingerprint": "ab" * 16, "rows": 500}


def embedding(xy, rows=None, **provenance):
    xy = np.asarray(xy, dtype=np.float32)
    rows = np.arange(len(xy)) if rows is None else rows
    story = {"name": "a map", "key": "k", "table": TABLE, "notes": ["a note"], **provenance}
    return Embedding(xy, rows, np.linspace(0, 1, len(xy), dtype=np.float32), {"x": 1}, story)


@pytest.fixture
def two():
    rng = np.random.default_rng(0)
    first = rng.normal(size=(300, 2)) * [4, 1]
    second = (first @ [[0, 1], [1, 0]] + 0.2 * rng.normal(size=first.shape))[::-1] * 7 + 40
    return embedding(first, name="first", key="one"), embedding(
        second[::-1], name="second", key="two"
    )


def test_the_rows_lie_as_near_to_the_first_as_scipy_lays_them(two):
    first, second = two
    found = aligned_embedding(second, first)
    _in_unit, aligned, disparity = spatial.procrustes(
        first.xy.astype(float), second.xy.astype(float)
    )
    assert found.provenance["aligned"]["disparity"] == pytest.approx(disparity, abs=1e-6)
    ours = found.xy - found.xy.mean(0)
    np.testing.assert_allclose(
        ours / np.linalg.norm(ours), aligned / np.linalg.norm(aligned), atol=1e-5
    )
    assert np.linalg.norm(ours) == pytest.approx(
        np.linalg.norm(first.xy - first.xy.mean(0)), rel=1e-5
    )
    assert np.corrcoef(found.xy[:, 0], first.xy[:, 0])[0, 1] > 0.98


def test_neighbours_trust_scores_and_rows_stay(two):
    first, second = two
    found = aligned_embedding(second, first)
    for name in ("rows", "trust", "optimised"):
        np.testing.assert_array_equal(getattr(found, name), getattr(second, name))
    assert found.scores == second.scores
    near = [cKDTree(one.xy).query(one.xy, k=6)[1][:, 1:] for one in (second, found)]
    assert np.mean(near[0] == near[1]) > 0.99  # but for rounding


def test_only_rows_on_both_decide_and_all_of_the_second_are_laid():
    rng = np.random.default_rng(1)
    xy = rng.normal(size=(400, 2))
    first = embedding(xy[:250], np.arange(250))
    second = embedding(2 * xy[100:] + 1, np.arange(100, 400))
    both = shared_rows(first, second)
    np.testing.assert_array_equal(both.rows, np.arange(100, 250))
    np.testing.assert_array_equal(both.first, first.xy[100:])
    np.testing.assert_array_equal(both.second, second.xy[:150])
    found = aligned_embedding(second, first)
    assert found.provenance["aligned"]["n_rows"] == 150
    np.testing.assert_allclose(found.xy, xy[100:], atol=1e-5)


def test_the_provenance_says_to_what_and_how_far(two, tmp_path):
    first, second = two
    found = aligned_embedding(second, first)
    assert found.name == "second, aligned to first"
    story = found.provenance["aligned"]
    assert (story["key"], story["to"], story["name"]) == ("two", "one", "first")
    assert np.linalg.det(story["matrix"]) == pytest.approx(-1)
    assert found.provenance["notes"][0] == "a note"
    assert found.provenance["notes"][1].startswith(
        "turned and mirrored, scaled and moved onto 'first' by 300 rows, which leaves"
    )
    assert second.provenance["notes"] == ["a note"]
    found.save(tmp_path / "e.parquet")
    assert open_embedding(tmp_path / "e.parquet").provenance == found.provenance


def test_the_key_follows_from_what_the_maps_are(two):
    first, second = two
    key = aligned_embedding(second, first).provenance["key"]
    assert key == aligned_key(second, first)
    moved = second.xy.copy()
    moved[5] += 1e-3  # a first map and the finished one have the same key and other coordinates
    keys = {key, aligned_key(first, second), aligned_key(embedding(moved, key="two"), first)}
    assert len(keys) == 3
    renamed = embedding(second.xy, name="another", key="other")
    assert content_of(renamed) == content_of(second) != content_of(first)


def test_the_loadings_of_a_pca_are_those_of_the_axes_as_they_lie_now(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(400, 4)) @ rng.normal(size=(4, 4)), columns=list("abcd"))
    source = open_source(frame, Cache(tmp_path))
    pca = compute_embedding(source, ProjectionSpec(MatrixSpec(tuple("abcd")), "pca"))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    first = Embedding(pca.xy @ turn, pca.rows, pca.trust, {}, {**pca.provenance, "name": "turned"})
    found = aligned_embedding(pca, first)
    np.testing.assert_allclose(found.xy, first.xy, atol=1e-5)
    # a PCA's coordinates are the centred matrix times its axes
    scaled = (frame - frame.mean()) / frame.std()
    axes = np.array(found.provenance["loadings"]["components"])
    np.testing.assert_allclose(scaled.to_numpy() @ axes.T, found.xy, atol=1e-4)
    shares = shares_of(source, found, Cache(tmp_path))
    assert len(shares) == 4


def test_maps_of_other_tables_or_rows_are_refused(two):
    first, second = two
    other = embedding(second.xy, table={**TABLE, "fingerprint": "cd" * 16})
    with pytest.raises(EmbeddingError, match="open the table it was made from"):
        aligned_embedding(other, first)
    with pytest.raises(EmbeddingError, match="no row in common"):
        aligned_embedding(embedding(second.xy[:9], np.arange(400, 409)), first)
    with pytest.raises(EmbeddingError, match="no row in common"):
        aligned_embedding(embedding(np.full((300, 2), np.nan)), first)
    with pytest.raises(EmbeddingError, match="came a ndarray: pass what"):
        aligned_embedding(second.xy, first)


def test_a_new_map_is_turned_back_onto_the_one_shown_and_its_distances_keep_their_order(two):
    first, second = two
    found = laid_onto(second, first, "new")
    assert (found.provenance["key"], found.name) == ("new", "second")
    spread = np.linalg.norm(first.xy - first.xy.mean(0))
    assert np.linalg.norm(found.xy - first.xy) < 0.2 * spread
    before, after = spatial.distance.pdist(second.xy), spatial.distance.pdist(found.xy)
    np.testing.assert_allclose(after / before, after[0] / before[0], rtol=1e-3)


def test_axes_of_a_pca_are_reversed_and_never_turned():
    rng = np.random.default_rng(1)
    xy = rng.normal(size=(60, 2)) * [3, 1]
    loadings = {"columns": ["a", "b"], "components": [[0.8, 0.6], [-0.6, 0.8]]}
    first = embedding(xy, name="shown", key="one")
    second = embedding(xy * [1, -1] + 5, method={"name": "pca"}, loadings=loadings, key="two")
    found = laid_onto(second, first, "new")
    np.testing.assert_array_equal(found.xy, second.xy * [1, -1])
    np.testing.assert_array_equal(
        found.provenance["loadings"]["components"], [[0.8, 0.6], [0.6, -0.8]]
    )
    assert found.provenance["aligned"]["to"] == "one"
    assert found.provenance["notes"][-1] == "axis 2 reversed, so that rows lie as on 'shown'"
    same = laid_onto(embedding(xy, method={"name": "pca"}), first, "new")
    np.testing.assert_array_equal(same.xy, first.xy)
    assert same.provenance["notes"] == ["a note"]


@pytest.mark.parametrize("method", ["umap", "pca"])
@pytest.mark.parametrize("rows", [300, 2])
def test_numbers_from_a_link_lay_a_map_as_the_other_map_did(two, method, rows):
    first, second = two
    first = embedding(first.xy[:rows], np.arange(rows), name="first", key="one")
    second = embedding(second.xy, name="second", key="two", method={"name": method})
    made = laid_onto(second, first, "new")
    sent = json.loads(json.dumps(MapAlignment.of(made.provenance).document()))
    again = laid_by(second, MapAlignment.from_document(sent), "one", "new")
    np.testing.assert_array_equal(again.xy, made.xy)
    assert again.provenance == made.provenance


def test_numbers_of_a_link_turn_mirror_scale_and_move_and_do_nothing_else():
    with pytest.raises(EmbeddingError, match="orthogonal matrix, came"):
        MapAlignment(matrix=((1.0, 0.5), (0.0, 1.0)))
    for wrong in ({"scale": 0.0}, {"translation": (float("nan"), 0.0)}, {"n_rows": -1}):
        with pytest.raises(EmbeddingError, match="finite numbers, a scale above 0"):
            MapAlignment(**wrong)


@pytest.mark.parametrize("rows", [[0, 1, 2], [2, 3, 4]])
def test_with_too_few_rows_in_common_a_new_map_stays_as_it_is(rows):
    xy = [[0, 0], [1, 0], [0, 2]]
    first, second = embedding(xy, np.array([3, 4, 5])), embedding(xy, np.array(rows), key="two")
    found = laid_onto(second, first, "new")
    np.testing.assert_array_equal(found.xy, second.xy)
    assert found.provenance["key"] == "new"
    assert "aligned" not in found.provenance
