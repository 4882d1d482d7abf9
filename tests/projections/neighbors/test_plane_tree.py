"""The search on a plane against SciPy's tree: the same distances to the bit."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from projections.neighbors.plane_tree import LEAF, PlaneTree


def clumps(rng, n):
    centres, spreads = rng.uniform(-10, 10, (20, 2)), rng.uniform(0.01, 1.5, 20)
    of = rng.integers(0, 20, n)
    return centres[of] + rng.normal(size=(n, 2)) * spreads[of, None]


PLANES = {
    "clumps": clumps,
    "uniform": lambda rng, n: rng.random((n, 2)),
    "heavy tails": lambda rng, n: rng.standard_cauchy((n, 2)),
    "a line": lambda rng, n: np.outer(rng.normal(size=n), [1.0, 0.0]),
    "a lattice": lambda rng, n: rng.integers(0, 12, (n, 2)),
    "one point": lambda _rng, n: np.full((n, 2), 3.0),
    "far from zero": lambda rng, n: 1e6 + rng.random((n, 2)),
}


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("n", [17, 25, 3_000])
def test_distances_are_those_of_scipy(rng, plane, n):
    xy = np.ascontiguousarray(PLANES[plane](rng, n), dtype=np.float32)
    tree = PlaneTree.of(xy)
    found, squared = tree.nearest(xy, 15, np.arange(n, dtype=np.int32))
    distances, _rows = cKDTree(xy).query(xy, k=16)
    np.testing.assert_allclose(np.sqrt(squared), distances[:, 1:], rtol=1e-12)
    # the rows are those that lie so far away: itself never, and none twice
    gaps = xy[found].astype(np.float64) - xy[:, None].astype(np.float64)
    np.testing.assert_array_equal((gaps**2).sum(axis=2), squared)
    assert (found != np.arange(n)[:, None]).all()
    assert (np.diff(np.sort(found, axis=1), axis=1) > 0).all()


@pytest.mark.parametrize("plane", PLANES)
def test_leaves_searched_together_find_what_each_row_finds(rng, plane):
    xy = np.ascontiguousarray(PLANES[plane](rng, 2_000), dtype=np.float32)
    tree = PlaneTree.of(xy)
    points = xy[tree.rows]
    together = tree.nearest(points, 8, tree.rows, tree.starts)[1]
    alone = tree.nearest(points, 8, tree.rows)[1]
    np.testing.assert_array_equal(together, alone)


def test_queries_may_be_other_points_and_as_many_neighbours_as_there_are_rows(rng):
    xy, queries = (
        rng.normal(size=(40, 2)).astype(np.float32),
        rng.normal(size=(9, 2)).astype(np.float32) * 5,
    )
    found, squared = PlaneTree.of(xy).nearest(queries, 40)
    distances, rows = cKDTree(xy).query(queries, k=40)
    np.testing.assert_array_equal(found, rows)
    np.testing.assert_allclose(np.sqrt(squared), distances, rtol=1e-12)


def test_every_row_is_in_one_leaf_within_its_box(rng):
    xy = clumps(rng, 5_000).astype(np.float32)
    tree = PlaneTree.of(xy)
    assert sorted(tree.rows.tolist()) == list(range(5_000))
    np.testing.assert_array_equal(np.stack([tree.x, tree.y], axis=1), xy[tree.rows])
    sizes = np.diff(tree.starts)
    assert LEAF // 2 <= sizes.min() <= sizes.max() <= LEAF
    n_leaves = len(sizes)
    for leaf in range(n_leaves):
        own, box = (
            xy[tree.rows[tree.starts[leaf] : tree.starts[leaf + 1]]],
            tree.boxes[n_leaves + leaf],
        )
        np.testing.assert_array_equal(
            box, [own[:, 0].min(), own[:, 0].max(), own[:, 1].min(), own[:, 1].max()]
        )
    for node in range(1, n_leaves):
        low, high = (
            tree.boxes[2 * node : 2 * node + 2, ::2].min(0),
            tree.boxes[2 * node : 2 * node + 2, 1::2].max(0),
        )
        np.testing.assert_array_equal(tree.boxes[node], [low[0], high[0], low[1], high[1]])


def test_threads_do_not_decide_the_tree(rng):
    xy = clumps(rng, 20_000).astype(np.float32)
    one, two = PlaneTree.of(xy, 1), PlaneTree.of(xy, 2)
    np.testing.assert_array_equal(one.rows, two.rows)
    np.testing.assert_array_equal(one.boxes[1:], two.boxes[1:])


def test_the_rows_given_stay_as_they_are(rng):
    for xy in (
        rng.normal(size=(500, 2)).astype(np.float32),
        np.asfortranarray(rng.normal(size=(500, 2)).astype(np.float32)),
    ):
        before = xy.copy()
        PlaneTree.of(xy)
        np.testing.assert_array_equal(xy, before)
