"""The trust of a region against scikit-learn's neighbours, on pure noise and on clusters."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors

from explorer.core.cache import Cache
from explorer.core.errors import EmbeddingError
from explorer.embedding import reference as reference_module
from explorer.embedding.embedding_columns import embedding_from_columns
from explorer.embedding.embedding_computation import compute_embedding
from explorer.embedding.lasso_trust import lasso_trust
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.embedding.reference import reference_of
from explorer.features.matrix.matrix import build_matrix
from explorer.features.matrix.spec import MatrixSpec
from explorer.sources.source import open_source
from projections import Cancelled

N = 3_000


class Made:
    """A table, its map, and circles drawn on it."""

    def __init__(self, X, folder, method="pca", **spec):
        self.frame = pd.DataFrame(X, columns=[f"f{i}" for i in range(X.shape[1])])
        self.cache = Cache(folder)
        self.source = open_source(self.frame, self.cache)
        self.spec = MatrixSpec(tuple(self.frame.columns), **spec)
        parameters = {"n_epochs": 100} if method == "umap" else {}
        self.map = compute_embedding(self.source, ProjectionSpec(self.spec, method, parameters))

    def circle(self, row, share):
        """Select the rows nearest to a row on the map."""
        gaps = ((self.map.xy - self.map.xy[row]) ** 2).sum(axis=1)
        return self.mask(np.argsort(gaps)[: int(share * len(self.map))])

    def mask(self, places):
        mask = np.zeros(self.source.num_rows, dtype=bool)
        mask[self.map.rows[places]] = True
        return mask

    def trust(self, mask, **given):
        return lasso_trust(self.source, self.map, mask, self.cache, **given)


def noise(d, n=N):
    return np.random.default_rng(0).normal(size=(n, d))


def clusters(n=N):
    rng = np.random.default_rng(0)
    of = rng.integers(0, 8, n)
    return rng.normal(scale=4, size=(8, 10))[of] + rng.normal(size=(n, 10)), of


@pytest.fixture(scope="module")
def of_noise(tmp_path_factory):
    return Made(noise(50), tmp_path_factory.mktemp("noise"))


@pytest.fixture(scope="module")
def of_clusters(tmp_path_factory):
    X, of = clusters()
    return Made(X, tmp_path_factory.mktemp("clusters"), "umap"), of


def test_shares_are_those_of_scikit_learn_s_neighbours(tmp_path):
    X = noise(5, 800)
    X[::7, 2] = np.nan
    made = Made(X, tmp_path, where="f0 > -1", missing="drop", weights={"f1": 2.0})
    mask = made.circle(3, 0.2)
    found = made.trust(mask)
    matrix, inside = build_matrix(made.source, made.spec), mask[made.map.rows]
    for rows, share in ((matrix.X, found.in_features), (made.map.xy, found.on_map)):
        near = NearestNeighbors(n_neighbors=15).fit(rows).kneighbors(return_distance=False)
        assert share == pytest.approx(inside[near][inside].mean(), abs=1e-3)
    m, n_inside = len(made.map), int(inside.sum())
    assert found.chance == (n_inside - 1) / (m - 1)
    assert (found.n_rows, found.n_looked_at, found.n_among, found.exact) == (
        n_inside,
        n_inside,
        m,
        True,
    )
    assert found.low == found.in_features == found.high  # all rows were looked at
    assert found.trust_inside == pytest.approx(made.map.trust[inside].mean())
    assert found.trust_outside == pytest.approx(made.map.trust[~inside].mean())


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1])
def test_regions_of_a_pca_of_pure_noise_are_the_map_s_doing(of_noise, share):
    for row in range(0, 50, 10):
        found = of_noise.trust(of_noise.circle(row, share))
        assert found.verdict == "apart", found.words
        assert "NOT neighbours in the features" in found.words


def test_no_region_of_a_umap_of_pure_noise_is_called_a_neighbourhood(tmp_path):
    made = Made(noise(50, 2_000), tmp_path, "umap")
    reference = reference_of(made.source, made.map, made.cache)
    for share in (0.02, 0.1, 0.3):
        for row in range(0, 50, 10):
            found = made.trust(made.circle(row, share), reference=reference)
            assert found.verdict in ("apart", "partly"), found.words


def test_planted_clusters_are_neighbours_in_the_features(of_clusters):
    made, of = of_clusters
    for cluster in range(8):
        found = made.trust(made.mask(np.flatnonzero(of == cluster)))
        assert found.verdict == "together", found.words
        assert found.in_features > 0.9
        assert found.words.startswith("These rows are neighbours in the features too. ")


def test_a_random_half_of_a_cluster_is_held_against_what_the_map_shows_of_it(of_clusters):
    made, of = of_clusters
    rng = np.random.default_rng(0)
    some = made.mask(np.flatnonzero((of == 2) & (rng.random(len(of)) < 0.5)))
    found = made.trust(some)
    assert found.in_features == pytest.approx(0.5, abs=0.05)
    assert found.on_map == pytest.approx(0.5, abs=0.08)
    assert found.verdict == "together"


def test_rows_strewn_over_the_map_are_no_region_of_it(of_clusters):
    made, of = of_clusters
    found = made.trust(made.mask(np.random.default_rng(0).choice(len(of), 300, replace=False)))
    assert found.verdict == "scattered"
    assert found.in_features == pytest.approx(found.chance, abs=0.03)


def test_of_many_rows_a_thousand_are_looked_at_with_an_interval(of_noise):
    mask = of_noise.circle(0, 0.5)
    found = of_noise.trust(mask)
    assert (found.n_looked_at, found.n_rows) == (1_000, 1_500)
    assert found.low < found.in_features < found.high
    assert "Checked: 1,000 of 1,500 rows, among all 3,000." in found.words
    assert found == of_noise.trust(mask)
    others = [of_noise.trust(mask, seed=seed) for seed in range(1, 20)]
    every = np.mean([one.in_features for one in others])
    assert found.in_features != others[0].in_features
    assert sum(one.low <= every <= one.high for one in others) >= 16  # of 19, 18 are expected


def test_beyond_the_most_rows_a_sample_is_searched_and_said(of_clusters, monkeypatch):
    made, of = of_clusters
    mask = made.mask(np.flatnonzero(of == 1))
    exact = made.trust(mask)
    monkeypatch.setattr(reference_module, "MOST_ROWS", 1_000)
    found = made.trust(mask)
    assert (found.n_among, found.exact, found.verdict) == (1_000, False, exact.verdict)
    assert (
        found.n_looked_at == exact.n_looked_at
    )  # rows of the region that are not in the sample are read too
    assert found.in_features == pytest.approx(exact.in_features, abs=0.05)
    assert "among a random sample of 1,000." in found.words


def test_a_sample_holds_each_row_of_the_map_s_matrix_where_it_says(of_clusters, monkeypatch):
    made, _of = of_clusters
    monkeypatch.setattr(reference_module, "MOST_ROWS", 500)
    found = reference_of(made.source, made.map, made.cache)
    np.testing.assert_array_equal(found.X, build_matrix(made.source, made.spec).X[found.places])
    assert len(np.unique(found.places)) == 500
    assert not found.exact
    at = found.where(np.arange(N))
    np.testing.assert_array_equal(found.places[at[at >= 0]], np.flatnonzero(at >= 0))
    assert (at == -2).sum() == N - 500


def test_wide_matrices_are_searched_in_fewer_rows(of_clusters, monkeypatch):
    made, of = of_clusters
    monkeypatch.setattr(reference_module, "_MOST_CELLS", 10_000)
    found = made.trust(made.mask(np.flatnonzero(of == 1)))
    assert found.n_among == 1_000
    monkeypatch.setattr("explorer.embedding.lasso_trust._PAIRS_TIMES_COLUMNS", 1.0)
    assert made.trust(made.mask(np.flatnonzero(of == 1))).n_looked_at == 200


def test_a_small_region_is_judged_by_as_many_neighbours_as_it_can_have(of_clusters):
    made, _of = of_clusters
    found = made.trust(made.circle(0, 6 / N))
    assert (found.n_rows, found.n_neighbors) == (6, 5)
    assert made.trust(made.circle(0, 2 / N)).n_neighbors == 1


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([], "0 rows of the map are selected"),
        ([5], "1 row of the map is selected"),
        (slice(None), "All rows of the map are"),
    ],
)
def test_what_is_no_part_of_the_map_has_no_verdict(of_noise, places, words):
    found = of_noise.trust(
        of_noise.mask(np.array(places) if isinstance(places, list) else places)
        if places
        else np.zeros(N, bool)
    )
    assert found.verdict == ""
    assert words in found.words


def test_few_rows_of_a_large_map_have_no_verdict(of_noise, monkeypatch):
    monkeypatch.setattr(reference_module, "MOST_ROWS", 60)
    found = of_noise.trust(of_noise.circle(0, 4 / N))
    assert found.verdict == ""
    assert "compared with 60 rows drawn at random" in found.words


def test_copies_of_rows_prefer_no_one(tmp_path):
    made = Made(np.repeat(noise(3, 10), 100, axis=0), tmp_path)
    half = np.zeros(1_000, dtype=bool)
    half[::2] = True  # of all copies of a row one half
    found = made.trust(half)
    assert found.in_features == pytest.approx(0.5, abs=0.05)


def test_the_document_is_json(of_noise):
    document = json.loads(
        json.dumps(of_noise.trust(of_noise.circle(0, 0.1)).document(), allow_nan=False)
    )
    assert document["verdict"] == "apart"
    empty = of_noise.trust(np.zeros(N, bool)).document()
    assert json.loads(json.dumps(empty, allow_nan=False))["in_features"] is None


def test_what_cannot_be_judged_is_refused_in_words_and_false_cancels(of_noise):
    with pytest.raises(EmbeddingError, match=r"shape \(3000,\), got bool \(7,\)"):
        of_noise.trust(np.ones(7, bool))
    ready = embedding_from_columns(of_noise.source, "f0", "f1")
    with pytest.raises(EmbeddingError, match="it is not known which features"):
        lasso_trust(of_noise.source, ready, of_noise.circle(0, 0.1), of_noise.cache)
    with pytest.raises(Cancelled):
        of_noise.trust(of_noise.circle(0, 0.1), progress=lambda *_: False)
