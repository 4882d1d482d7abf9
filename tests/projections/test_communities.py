"""Communities of graphs; oracles are brute force over all partitions, and planted ones."""

import itertools

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score

from projections.communities import community_graph, find_communities, modularity, number_by_size
from projections.layout.fuzzy_graph import Graph


def graph_of(matrix):
    """Return the graph of a symmetric matrix of weights."""
    rows, columns = np.nonzero(matrix)
    indptr = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(matrix)))))
    return Graph(indptr, columns.astype(np.int32), matrix[rows, columns].astype(np.float32))


def random_graph(rng, n, density=0.4):
    weights = np.triu(rng.integers(1, 9, (n, n)) * (rng.random((n, n)) < density), 1).astype(float)
    return weights + weights.T


def planted(rng, sizes, inside, outside):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    chance = np.where(labels[:, None] == labels, inside, outside)
    edges = np.triu(rng.random(chance.shape) < chance, 1)
    return (edges | edges.T).astype(float), labels


def by_definition(matrix, labels, resolution):
    """Newman's Q written out over all pairs."""
    total, strength = matrix.sum(), matrix.sum(axis=1)
    same = labels[:, None] == labels
    return ((matrix - resolution * np.outer(strength, strength) / total) * same).sum() / total


def partitions(n):
    """Yield every partition of n rows, as labels."""
    for labels in itertools.product(*(range(i + 1) for i in range(n))):
        if all(label <= max(labels[:i], default=-1) + 1 for i, label in enumerate(labels)):
            yield np.array(labels, np.int32)


@pytest.mark.parametrize("resolution", [0.5, 1.0, 3.0])
def test_modularity_is_newmans_sum_over_all_pairs(rng, resolution):
    for n in (4, 9, 20):
        matrix, labels = random_graph(rng, n), rng.integers(0, 4, n).astype(np.int32)
        assert modularity(graph_of(matrix), labels, resolution) == pytest.approx(
            by_definition(matrix, labels, resolution), abs=1e-6
        )


def test_on_small_graphs_nearly_the_best_of_all_partitions_is_found(rng):
    found, best = [], []
    for _ in range(12):
        matrix = random_graph(rng, 7)
        graph = graph_of(matrix)
        for resolution in (0.7, 1.0, 1.5):
            found.append(modularity(graph, find_communities(graph, resolution), resolution))
            best.append(max(by_definition(matrix, labels, resolution) for labels in partitions(7)))
    assert all(one <= most + 1e-6 for one, most in zip(found, best, strict=True))
    assert np.mean(np.isclose(found, best, atol=1e-6)) > 0.8
    assert min(one - most for one, most in zip(found, best, strict=True)) > -0.05


def test_planted_communities_are_recovered(rng):
    matrix, labels = planted(rng, [60, 50, 40, 30], 0.5, 0.02)
    found = find_communities(graph_of(matrix))
    assert adjusted_rand_score(labels, found) == 1.0
    assert np.bincount(found).tolist() == [60, 50, 40, 30]


def test_more_resolution_gives_more_and_smaller_communities(rng):
    matrix, _ = planted(rng, [100] * 4, 0.2, 0.02)
    graph = graph_of(matrix)
    counts = [find_communities(graph, resolution).max() + 1 for resolution in (0.1, 1.0, 5.0, 40.0)]
    assert counts == sorted(counts)
    assert counts[0] < 4 < counts[-1]


def test_every_community_is_in_one_piece(rng):
    for density in (0.02, 0.05):
        matrix = random_graph(rng, 120, density)
        for resolution in (0.3, 1.0, 4.0):
            found = find_communities(graph_of(matrix), resolution)
            for label in range(found.max() + 1):
                inside = np.flatnonzero(found == label)
                assert connected_components(coo_array(matrix[np.ix_(inside, inside)]))[0] == 1


def test_the_same_seed_gives_the_same_communities(rng):
    graph = graph_of(random_graph(rng, 200, 0.05))
    np.testing.assert_array_equal(
        find_communities(graph, random_state=3), find_communities(graph, random_state=3)
    )


def test_a_condensed_graph_has_the_modularity_of_its_communities(rng):
    graph = graph_of(random_graph(rng, 60, 0.2))
    labels = find_communities(graph, 2.0)
    small = community_graph(graph, labels)
    own = np.arange(labels.max() + 1, dtype=np.int32)
    assert modularity(small, own) == pytest.approx(modularity(graph, labels), abs=1e-9)
    assert small.weights.sum() == pytest.approx(graph.weights.sum())


def test_edges_of_no_weight_are_none():
    # two pairs, and many edges of weight 0 between all of them
    indptr = np.arange(0, 17, 4)
    indices = np.tile(np.arange(4, dtype=np.int32), 4)
    weights = np.zeros(16, np.float32)
    weights[[1, 4, 11, 14]] = 1
    assert find_communities(Graph(indptr, indices, weights)).tolist() == [0, 0, 1, 1]
    assert find_communities(Graph(indptr, indices, weights * 0)).tolist() == [0, 1, 2, 3]


def test_labels_are_numbered_by_size_then_by_first_row():
    assert number_by_size(np.array([7, 3, 3, 5, 7, 9, 3])).tolist() == [1, 0, 0, 2, 1, 3, 0]
