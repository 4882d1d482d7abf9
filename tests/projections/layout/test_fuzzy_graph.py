import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array

from projections.layout.fuzzy_graph import fuzzy_graph, memberships, n_pieces
from projections.neighbors.nearest_neighbors import nearest_neighbors


def as_matrix(graph):
    n = len(graph.indptr) - 1
    return csr_array((graph.weights, graph.indices, graph.indptr), shape=(n, n))


def umap_learn(X, found):
    """The fuzzy set that umap-learn builds from the same neighbours, each row its own first one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap.umap_ import fuzzy_simplicial_set

    own = np.arange(len(X))[:, None]
    indices = np.hstack([own, found.indices])
    distances = np.hstack([np.zeros_like(own, dtype=np.float32), found.distances])
    graph, _sigmas, _rhos = fuzzy_simplicial_set(
        X,
        indices.shape[1],
        np.random.RandomState(0),
        "euclidean",
        knn_indices=indices,
        knn_dists=distances,
    )
    return graph


def test_the_graph_is_that_of_umap_learn(rng, clusters):
    few = rng.integers(0, 3, size=(300, 5)).astype(
        np.float32
    )  # equal rows, neighbours at distance 0
    for X, k in ((clusters, 14), (clusters * np.float32(1e-4), 3), (few, 9)):
        found = nearest_neighbors(X, k)
        ours = as_matrix(fuzzy_graph(found.indices, found.distances))
        assert abs(ours - umap_learn(X, found)).max() < 2e-5


def test_the_graph_is_symmetric_and_its_weights_are_shares(clusters):
    found = nearest_neighbors(clusters, 8)
    graph = fuzzy_graph(found.indices, found.distances)
    matrix = as_matrix(graph)
    assert abs(matrix - matrix.T).max() == 0
    assert (graph.weights >= 0).all()
    assert (graph.weights <= 1).all()
    assert (
        matrix.has_canonical_format or len(set(zip(*matrix.nonzero(), strict=True))) == matrix.nnz
    )
    assert (graph.indptr.dtype, graph.indices.dtype, graph.weights.dtype) == (
        np.int64,
        np.int32,
        np.float32,
    )


def test_memberships_sum_to_the_logarithm_of_the_neighbours(rng):
    distances = np.sort(rng.uniform(1, 2, size=(50, 14)).astype(np.float32), axis=1)
    np.testing.assert_allclose(memberships(distances).sum(axis=1), np.log2(15), atol=1e-4)


def test_neighbours_all_at_one_distance_have_full_weight():
    assert (memberships(np.zeros((3, 4), dtype=np.float32)) == 1).all()
    assert (memberships(np.full((3, 4), 2.5, dtype=np.float32)) == 1).all()


@pytest.mark.parametrize("n", [1, 3])
def test_pieces_are_counted(rng, n):
    X = np.concatenate([rng.normal(size=(30, 2)) + 1000 * i for i in range(n)]).astype(np.float32)
    found = nearest_neighbors(X, 10)
    assert n_pieces(fuzzy_graph(found.indices, found.distances)) == n
