"""Changed neighbours against scikit-learn's neighbours and sets counted by hand."""

import numpy as np
import pytest
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors

from projections import Cancelled, neighbor_change
from projections.errors import ProjectionError
from projections.quality.changes import spread


def by_hand(X, Y, k):
    near = [
        NearestNeighbors(n_neighbors=k).fit(Z).kneighbors(return_distance=False) for Z in (X, Y)
    ]
    return [
        1 - len(set(a) & set(b)) / k for a, b in zip(*map(np.ndarray.tolist, near), strict=True)
    ]


@pytest.fixture
def maps(rng):
    X = rng.normal(size=(900, 2)).astype(np.float32)
    return X, (X + 0.1 * rng.normal(size=X.shape)).astype(np.float32)


@pytest.mark.parametrize("k", [1, 5, 15])
def test_changes_are_those_of_sets_counted_by_hand(maps, k):
    found = neighbor_change(*maps, n_neighbors=k)
    expected = by_hand(*maps, k)
    np.testing.assert_allclose(found.changed, expected, atol=1e-6)
    assert found.share == pytest.approx(np.mean(expected))
    assert found.chance == 1 - k / 899
    np.testing.assert_array_equal(found.rows, np.arange(900))


def test_both_sides_see_the_same_change(maps):
    X, Y = maps
    np.testing.assert_array_equal(neighbor_change(X, Y).changed, neighbor_change(Y, X).changed)


def test_some_rows_looked_at_have_what_they_have_among_all(maps):
    every, some = neighbor_change(*maps), neighbor_change(*maps, n_looked_at=200, random_state=3)
    np.testing.assert_array_equal(some.changed, every.changed[some.rows])
    assert (len(some.rows), some.n_rows) == (200, 900)
    assert (np.diff(some.rows) > 0).all()
    assert abs(some.share - every.share) < 0.03
    other = neighbor_change(*maps, n_looked_at=200, random_state=4)
    assert other.rows.tolist() != some.rows.tolist()


def test_a_turned_and_scaled_map_changes_nothing_and_a_shuffled_one_all(rng):
    X = rng.integers(0, 2**20, size=(2_000, 2)).astype(
        np.float32
    )  # a quarter turn of whole numbers is exact
    assert neighbor_change(X, X[:, ::-1] * [-2, 2]).share == 0
    shuffled = neighbor_change(X, rng.permutation(X))
    assert shuffled.share == pytest.approx(shuffled.chance, abs=0.005)


def test_copies_on_one_spot_are_no_change(rng):
    spots = rng.normal(size=(40, 2))
    of = rng.permutation(np.repeat(np.arange(40), 50))
    moved = (spots[:, ::-1] * 3)[of]
    assert (
        neighbor_change(spots[of], moved).share == 0
    )  # 49 copies each, of which any 15 are the nearest


def test_a_map_on_one_spot_keeps_nobody_s_neighbours(rng):
    X = rng.normal(size=(500, 2))
    for change in (neighbor_change(X, np.zeros((500, 2))), neighbor_change(np.zeros((500, 2)), X)):
        assert change.share > 0.9


def test_only_the_row_that_moved_and_its_neighbours_change(rng):
    X = rng.normal(size=(1_000, 2))
    Y = X.copy()
    Y[17] += 50
    changed = neighbor_change(X, Y, n_neighbors=5).changed
    near = cKDTree(X).query(X, k=6)[1][:, 1:]
    had_it = (near == 17).any(axis=1)
    assert changed[17] > 0.5
    np.testing.assert_allclose(changed[had_it], 0.2, atol=1e-6)
    assert not changed[~had_it & (np.arange(1_000) != 17)].any()


def test_threads_do_not_decide(maps):
    one, two = (neighbor_change(*maps, n_jobs=n_jobs) for n_jobs in (1, 2))
    np.testing.assert_array_equal(one.changed, two.changed)


@pytest.mark.parametrize("n", [2, 3, 16])
def test_few_rows_are_compared_by_the_neighbours_they_have(rng, n):
    found = neighbor_change(*rng.normal(size=(2, n, 2)))
    assert found.n_neighbors == min(15, n - 1)
    assert found.share == 0  # all others are neighbours on both


def test_progress_counts_to_the_end_and_false_cancels(maps):
    for given in ({}, {"n_looked_at": 50}):
        seen = []
        neighbor_change(*maps, progress=lambda *step: seen.append(step), **given)  # noqa: B023
        assert {stage for stage, _, _ in seen} == {"change"}
        assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
        assert seen[-1][1] == seen[-1][2]
    with pytest.raises(Cancelled):
        neighbor_change(*maps, progress=lambda _, done, total: done < total)


def test_values_are_spread_as_the_mean_of_the_eight_nearest(maps, rng):
    xy = maps[0]
    rows = np.sort(rng.choice(900, 100, replace=False))
    values = rng.random(100, dtype=np.float32)
    expected = values[cKDTree(xy[rows]).query(xy, k=8)[1]].mean(axis=1)
    expected[rows] = values
    np.testing.assert_allclose(spread(xy, rows, values), expected, rtol=1e-6)
    np.testing.assert_allclose(
        spread(xy, rows[:3], values[:3])[~np.isin(np.arange(900), rows[:3])],
        values[:3].mean(),
        rtol=1e-6,
    )


@pytest.mark.parametrize(
    ("X", "Y", "given", "words"),
    [
        (np.zeros((9, 2)), np.zeros((8, 2)), {}, "same rows, got 9 and 8"),
        (np.zeros((9, 3)), np.zeros((9, 3)), {}, "X must have 2 columns, got 3"),
        (np.zeros((9, 2)), np.full((9, 2), np.nan), {}, "Y must be finite"),
        (np.zeros((1, 2)), np.zeros((1, 2)), {}, "at least 2 rows"),
        (np.zeros((9, 2)), np.zeros((9, 2)), {"n_neighbors": 0}, "n_neighbors"),
        (np.zeros((9, 2)), np.zeros((9, 2)), {"n_looked_at": 0}, "n_looked_at"),
    ],
)
def test_what_cannot_be_compared_ends_in_one_line(X, Y, given, words):
    with pytest.raises(ProjectionError, match=words):
        neighbor_change(X, Y, **given)
