"""Alignment against SciPy's two Procrustes functions, and where there is little to align by."""

import json
import tracemalloc

import numpy as np
import pytest
from scipy import spatial
from scipy.linalg import orthogonal_procrustes

from projections import procrustes
from projections.errors import ProjectionError


def turned(X, degrees, mirrored=False):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return X @ turn @ np.diag([1.0, -1.0 if mirrored else 1.0])


@pytest.fixture
def maps(rng):
    X = rng.normal(size=(400, 2)) * [3, 1]
    return X, turned(X, 70, mirrored=True) * 0.4 + [5, -9] + 0.1 * rng.normal(size=X.shape)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_disparity_matrix_and_points_are_those_of_scipy(rng, d):
    X = rng.normal(size=(300, d))
    Y = X @ rng.normal(size=(d, d)) + rng.normal(size=(300, d)) + 7
    found = procrustes(X, Y)
    in_unit, aligned, disparity = spatial.procrustes(X, Y)
    assert found.disparity == pytest.approx(disparity, abs=1e-12)
    matrix, kept = orthogonal_procrustes(Y - Y.mean(0), X - X.mean(0))
    np.testing.assert_allclose(found.matrix, matrix, atol=1e-12)
    assert found.scale == pytest.approx(kept / ((Y - Y.mean(0)) ** 2).sum())
    size = np.linalg.norm(X - X.mean(0))
    np.testing.assert_allclose((found.apply(Y) - X.mean(0)) / size, aligned, atol=1e-12)
    assert found.distance == pytest.approx(
        size * np.sqrt(((in_unit - aligned) ** 2).sum() / 300), rel=1e-9
    )


def test_no_turn_near_the_one_found_and_no_scale_or_shift_is_better(maps):
    X, Y = maps
    found = procrustes(X, Y)

    def left(points):
        return ((points - X) ** 2).sum()

    best = left(found.apply(Y))
    for degrees in (-2, 2, 90, 180):
        assert left(turned(found.apply(Y) - X.mean(0), degrees) + X.mean(0)) > best
    for scale, shift in ((1.02, 0), (0.98, 0), (1, 0.05)):
        assert left((found.apply(Y) - X.mean(0)) * scale + X.mean(0) + shift) > best


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_moved_turned_mirrored_and_scaled_map_comes_back(rng, dtype):
    X = rng.normal(size=(1000, 2)).astype(dtype)
    Y = (turned(X, 200, mirrored=True) * 31 + [4000, -70]).astype(dtype)
    found = procrustes(X, Y)
    back = found.apply(Y)
    assert back.dtype == dtype
    np.testing.assert_allclose(back, X, atol=1e-4 if dtype is np.float32 else 1e-11)
    assert found.disparity < 1e-9
    assert found.scale == pytest.approx(1 / 31)
    assert np.linalg.det(found.matrix) == pytest.approx(-1)


def test_without_reflection_it_is_a_pure_turn_as_good_as_any(maps):
    X, Y = maps
    found = procrustes(X, Y, reflection=False)
    assert np.linalg.det(found.matrix) == pytest.approx(1)
    tried = [
        ((turned((Y - Y.mean(0)) * found.scale, degrees) + X.mean(0) - X) ** 2).sum()
        for degrees in np.arange(0, 360, 0.5)
    ]
    assert ((found.apply(Y) - X) ** 2).sum() <= min(tried) + 1e-9
    assert found.disparity > procrustes(X, Y).disparity


def test_the_size_of_the_first_map_is_kept_where_least_squares_would_shrink(rng):
    X, Y = rng.normal(size=(2, 5000, 2))  # nothing in common
    squares, size, none = (procrustes(X, Y, scaling=scaling) for scaling in (True, "size", False))
    assert squares.scale < 0.1
    assert size.scale == pytest.approx(
        np.linalg.norm(X - X.mean(0)) / np.linalg.norm(Y - Y.mean(0))
    )
    assert none.scale == 1
    np.testing.assert_array_equal(squares.matrix, size.matrix)
    assert squares.disparity == size.disparity == none.disparity > 0.99
    for found in (squares, size, none):
        gaps = np.linalg.norm(found.apply(Y) - X, axis=1)
        assert found.distance == pytest.approx(np.sqrt((gaps**2).mean()))
    assert squares.distance < size.distance


def test_rows_that_are_not_finite_on_either_decide_nothing_and_stay_so(maps):
    X, Y = (values.copy() for values in maps)
    X[3, 0], Y[7, 1], Y[9, 0] = np.nan, np.inf, -np.inf
    good = np.isfinite(X).all(1) & np.isfinite(Y).all(1)
    found, expected = procrustes(X, Y), procrustes(X[good], Y[good])
    assert found.n_rows == good.sum() == 397
    np.testing.assert_allclose(found.matrix, expected.matrix, atol=1e-13)
    assert found.disparity == pytest.approx(expected.disparity, abs=1e-13)
    assert not np.isfinite(found.apply(Y)[7]).all()
    assert np.isfinite(found.apply(Y)[good]).all()


def test_one_row_is_moved_onto_its_partner():
    found = procrustes([[3.0, 4.0]], [[-1.0, 2.0]])
    np.testing.assert_array_equal(found.apply([[-1.0, 2.0], [0.0, 2.0]]), [[3.0, 4.0], [4.0, 4.0]])
    assert (found.disparity, found.scale, found.n_rows) == (0.0, 1.0, 1)


@pytest.mark.parametrize("place", [0.0, 0.1, 1e6])
def test_a_map_at_one_point_is_only_moved(rng, place):
    X, point = rng.normal(size=(50, 2)), np.full((50, 2), place)
    for first, second, disparity in ((X, point, 1.0), (point, X, 1.0), (point, point, 0.0)):
        found = procrustes(first, second)
        np.testing.assert_array_equal(found.matrix, np.eye(2))
        assert (found.scale, found.disparity) == (1.0, disparity)
        np.testing.assert_allclose(found.apply(second).mean(0), first.mean(0), atol=1e-9)


def test_rows_on_a_line_are_laid_onto_the_line_without_a_mirror(rng):
    along = rng.normal(size=60)
    X, Y = np.outer(along, [1.0, 2.0]), np.outer(along, [-3.0, 0.5]) + 1
    found = procrustes(X, Y)
    np.testing.assert_allclose(found.apply(Y), X, atol=1e-12)
    assert found.disparity == pytest.approx(0, abs=1e-12)
    assert np.linalg.det(found.matrix) == pytest.approx(1)


def test_far_from_zero_nothing_is_lost(rng):
    X = rng.normal(size=(200_000, 2))
    Y = turned(X, 33)
    near, far = procrustes(X, Y), procrustes(X + 1e7, Y - 1e7)
    np.testing.assert_allclose(far.matrix, near.matrix, atol=1e-9)
    assert far.disparity < 1e-12


def test_many_rows_are_read_in_blocks_without_a_copy(rng):
    X = rng.normal(size=(1_000_000, 2)).astype(np.float32)
    Y = turned(X, 10).astype(np.float32)
    procrustes(X[:10], Y[:10])
    tracemalloc.start()
    found = procrustes(X, Y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.disparity < 1e-9
    assert peak < X.nbytes / 4


def test_the_document_is_json(maps):
    document = json.loads(json.dumps(procrustes(*maps).document()))
    assert document["n_rows"] == 400
    assert np.shape(document["matrix"]) == (2, 2)


@pytest.mark.parametrize(
    ("X", "Y", "given", "words"),
    [
        (np.zeros((3, 2)), np.zeros((4, 2)), {}, "same shape"),
        (np.zeros(3), np.zeros(3), {}, "same shape"),
        (np.full((3, 2), np.nan), np.zeros((3, 2)), {}, "no row of 3 is finite on both maps"),
        (np.zeros((0, 2)), np.zeros((0, 2)), {}, "no row of 0"),
        (
            np.zeros((3, 2)),
            np.zeros((3, 2)),
            {"scaling": "both"},
            "True, False or 'size', got 'both'",
        ),
        ([["a", "b"]], [["a", "b"]], {}, "numbers"),
    ],
)
def test_what_cannot_be_aligned_ends_in_one_line(X, Y, given, words):
    with pytest.raises(ProjectionError, match=words):
        procrustes(X, Y, **given)


def test_points_of_another_plane_are_refused(maps):
    with pytest.raises(ProjectionError, match=r"shape \(rows, 2\), got \(4, 3\)"):
        procrustes(*maps).apply(np.zeros((4, 3)))
