"""Nested communities; the oracles are planted clusters and what nested means."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from projections import ProjectionError, nested_communities
from projections.communities import find_communities, modularity
from projections.layout.fuzzy_graph import fuzzy_graph
from projections.neighbors.nearest_neighbors import nearest_neighbors
from projections.nesting import nested_in_graph


def blobs(rng, k, n=1500, d=8):
    centres = rng.normal(scale=6.0, size=(k, d))
    labels = rng.integers(0, k, n)
    return (centres[labels] + rng.normal(size=(n, d))).astype(np.float32), labels


@pytest.mark.parametrize("k", [3, 6, 20])
def test_planted_clusters_are_a_level(rng, k):
    X, labels = blobs(rng, k)
    found = nested_communities(X)
    assert max(adjusted_rand_score(labels, level) for level in found) > 0.99


def test_finer_regions_lie_within_coarser_ones(rng):
    levels = nested_communities(rng.normal(size=(1200, 5)))
    assert [level.max() + 1 for level in levels] == sorted(level.max() + 1 for level in levels)
    assert len(levels) == 3
    for coarse, fine in pairwise(levels):
        for label in range(fine.max() + 1):
            assert len(np.unique(coarse[fine == label])) == 1
    for level in levels:
        assert (np.diff(np.bincount(level)) <= 0).all()


def test_joining_small_communities_costs_hardly_any_modularity(rng):
    X, _ = blobs(rng, 5, d=3)
    found = nearest_neighbors(X, 15)
    graph = fuzzy_graph(found.indices, found.distances)
    (level,) = nested_in_graph(graph, [20])
    # at the resolution at which a search of its own finds as many
    for resolution in np.geomspace(0.3, 30, 25):
        own = find_communities(graph, resolution)
        if own.max() >= level.max():
            break
    assert modularity(graph, level, resolution) > 0.97 * modularity(graph, own, resolution)


def test_equal_rows_are_together_and_the_order_of_columns_does_not_matter(rng):
    X = rng.integers(0, 3, size=(900, 5)).astype(np.float32)
    _, kinds = np.unique(X, axis=0, return_inverse=True)
    levels = nested_communities(X)
    for level in levels:
        for kind in range(kinds.max() + 1):
            assert len(np.unique(level[kinds == kind])) == 1
    for level, other in zip(levels, nested_communities(X[:, ::-1].copy()), strict=True):
        np.testing.assert_array_equal(level, other)


def test_rows_that_do_not_part_form_no_regions(rng):
    assert nested_communities(np.ones((50, 3))) == []
    assert nested_communities(np.zeros((1, 2))) == []
    assert nested_communities(np.array([[0.0], [1.0]])) == []
    few = nested_communities(rng.normal(size=(12, 3)))
    assert all(level.max() < 4 for level in few)


def test_bad_input_is_refused_in_words():
    with pytest.raises(ProjectionError, match="finite"):
        nested_communities(np.array([[np.nan, 1.0]] * 5))
    with pytest.raises(ProjectionError, match="n_neighbors"):
        nested_communities(np.ones((5, 2)), n_neighbors=1)
    with pytest.raises(ProjectionError, match="at least one number"):
        nested_communities(np.random.default_rng(0).normal(size=(50, 2)), ())
    with pytest.raises(ProjectionError, match="n_communities"):
        nested_communities(np.random.default_rng(0).normal(size=(50, 2)), (1,))
