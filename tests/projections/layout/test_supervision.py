import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array

from projections.layout.fuzzy_graph import fuzzy_graph
from projections.layout.supervision import UNKNOWN, with_classes
from projections.neighbors.nearest_neighbors import nearest_neighbors


@pytest.mark.parametrize("target_weight", [0.0, 0.5, 0.9])
def test_the_graph_of_rows_with_classes_is_that_of_umap_learn(rng, clusters, target_weight):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap.umap_ import discrete_metric_simplicial_set_intersection as of_umap_learn

    found = nearest_neighbors(clusters, 14)
    graph = fuzzy_graph(found.indices, found.distances)
    classes = rng.integers(UNKNOWN, 3, size=600)
    plain = csr_array((graph.weights, graph.indices, graph.indptr), shape=(600, 600))
    theirs = of_umap_learn(plain.tocoo(copy=True), classes, far_dist=2.5 / (1 - target_weight))
    ours = with_classes(graph, classes, target_weight)
    matrix = csr_array((ours.weights, ours.indices, ours.indptr), shape=(600, 600))
    assert abs(matrix - theirs).max() < 1e-5
    assert abs(matrix - matrix.T).max() == 0


def test_at_the_largest_weight_no_edge_joins_two_classes(clusters):
    found = nearest_neighbors(clusters, 14)
    classes = np.arange(600) % 2
    graph = with_classes(fuzzy_graph(found.indices, found.distances), classes, 1.0)
    rows = np.repeat(np.arange(600), np.diff(graph.indptr))
    assert (classes[rows] == classes[graph.indices]).all()
