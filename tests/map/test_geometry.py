import numpy as np
import pytest

from explorer.core.errors import EmbeddingError
from explorer.map.geometry import box_mask, lasso_mask, pick


def even_odd(xy, polygon):
    """Cross every edge with every row, in float64."""
    xy, polygon = np.asarray(xy, float), np.asarray(polygon, float)
    odd = np.zeros(len(xy), bool)
    for (ax, ay), (bx, by) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        spans = (ay > xy[:, 1]) != (by > xy[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            at = ax + (bx - ax) * (xy[:, 1] - ay) / (by - ay)
        odd ^= spans & (xy[:, 0] < at)
    return odd


def star(n, turns=1, size=8.0):
    angle = np.linspace(0, 2 * np.pi * turns, n, endpoint=False)
    radius = size * (0.7 + 0.3 * np.sin(5.3 * angle))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


@pytest.mark.parametrize(
    "polygon",
    [
        [(-8, -8), (9, -7), (0, 9)],
        star(120),
        star(60, turns=2),  # crosses itself: even-odd leaves holes
        star(30, size=0.2),
        star(40, size=1e6),
        [(-20, -20), (20, -20), (20, 20), (-20, 20)],
        [(0, -20), (0, 20), (1e-3, 20), (1e-3, -20)],
        [(30, 30), (31, 30), (30, 31)],
        [(-5, 0), (5, 0), (5, 0), (-5, 0)],
        np.random.default_rng(3).uniform(-12, 12, (50, 2)),
    ],
    ids=[
        "triangle",
        "lasso",
        "two turns",
        "tiny",
        "huge",
        "all",
        "sliver",
        "elsewhere",
        "flat",
        "scribble",
    ],
)
def test_a_lasso_holds_the_rows_of_the_even_odd_rule(store_of, blobs, polygon):
    found = lasso_mask(store_of(blobs), polygon)
    assert found.dtype == np.bool_
    assert np.array_equal(found, even_odd(blobs, polygon))


def test_random_lassos_agree_with_brute_force(store_of):
    rng = np.random.default_rng(5)
    xy = rng.standard_normal((5000, 2))
    xy[::9] = np.nan
    store = store_of(xy.astype(np.float32))
    kept = np.nan_to_num(xy.astype(np.float32), nan=1e9)
    for _ in range(60):
        polygon = rng.standard_normal((rng.integers(3, 12), 2)) * 10 ** rng.uniform(-2, 1)
        assert np.array_equal(lasso_mask(store, polygon), even_odd(kept, polygon))


def test_of_two_lassos_that_share_an_edge_a_row_on_it_is_in_exactly_one(store_of):
    grid = (
        np.stack(np.meshgrid(np.arange(9), np.arange(9)), axis=-1).reshape(-1, 2).astype(np.float32)
    )
    store = store_of(grid)
    left = lasso_mask(store, [(0, 0), (4, 0), (4, 8), (0, 8)])
    right = lasso_mask(store, [(4, 0), (8, 0), (8, 8), (4, 8)])
    assert not (left & right).any()
    assert np.array_equal(left | right, (grid < 8).all(axis=1))


def test_a_lasso_around_everything_holds_all_rows_with_coordinates(store_of, blobs):
    blobs[::5] = np.nan
    found = lasso_mask(store_of(blobs), [(-99, -99), (99, -99), (99, 99), (-99, 99)])
    assert np.array_equal(found, np.isfinite(blobs[:, 0]))


@pytest.mark.parametrize("far", [False, True], ids=["float32", "float64 with origin"])
def test_a_box_is_closed(store_of, far):
    xy = np.random.default_rng(0).integers(0, 20, (30_000, 2)) / 7.0 + (1e6 if far else 0)
    xy = xy if far else xy.astype(np.float32)
    store = store_of(xy)
    x = np.zeros((len(xy), 2))
    x[store.order] = np.stack(
        [store.origin[0] + store.x.astype(float), store.origin[1] + store.y.astype(float)], axis=1
    )
    x_range, y_range = (x[0, 0], x[:, 0].max()), tuple(sorted(x[1:3, 1]))
    expected = (
        (x[:, 0] >= x_range[0])
        & (x[:, 0] <= x_range[1])
        & (x[:, 1] >= y_range[0])
        & (x[:, 1] <= y_range[1])
    )
    assert expected.any()
    assert np.array_equal(box_mask(store, x_range, y_range), expected)
    assert np.array_equal(box_mask(store, x_range[::-1], y_range[::-1]), expected)


def test_picking_finds_the_nearest_row_in_the_ellipse(store_of, blobs):
    blobs[::11] = np.nan
    store = store_of(blobs)
    rng = np.random.default_rng(0)
    masks = [None, rng.random(len(blobs)) < 0.1]
    for case in range(100):
        x, y = (
            blobs[rng.integers(len(blobs))] + rng.standard_normal(2)
            if case % 2
            else rng.uniform(-15, 15, 2)
        )
        if not np.isfinite(x + y):
            continue
        rx, ry = 10 ** rng.uniform(-2, 0.5, 2)
        mask = masks[case % 3 == 0]
        distance = np.hypot((blobs[:, 0] - x) / rx, (blobs[:, 1] - y) / ry)
        distance = np.where(
            np.isfinite(distance) & (True if mask is None else mask), distance, np.inf
        )
        found = pick(
            store, float(x), float(y), rx, ry, None if mask is None else store.arrange(mask)
        )
        if distance.min() > 1:
            assert found is None
        else:
            assert distance[found] == pytest.approx(distance.min(), rel=1e-12)


def test_of_equally_near_rows_the_first_is_picked(store_of):
    store = store_of(np.array([[5, 5], [1, 1], [-1, 1], [1, 1]], np.float32))
    assert pick(store, 0.0, 1.0, 1.0) == 1
    assert pick(store, 0.0, 1.0, 0.999) is None


def test_nothing_is_in_a_store_without_rows(store_of):
    store = store_of(np.full((4, 2), np.nan))
    assert lasso_mask(store, [(0, 0), (1, 0), (0, 1)]).tolist() == [False] * 4
    assert box_mask(store, (0, 1), (0, 1)).tolist() == [False] * 4
    assert pick(store, 0, 0, 1) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda s: lasso_mask(s, [(0, 0), (1, 1)]),
        lambda s: lasso_mask(s, [(0, 0), (1, 1), (np.nan, 0)]),
        lambda s: lasso_mask(s, np.zeros((4, 3))),
        lambda s: box_mask(s, (0, np.nan), (0, 1)),
        lambda s: box_mask(s, (0, 1, 2), (0, 1)),
        lambda s: pick(s, 0, 0, 0),
        lambda s: pick(s, 0, 0, 1, np.nan),
        lambda s: pick(s, 0, 0, 1, 1, np.ones(3, np.bool_)),
    ],
)
def test_shapes_that_are_none_are_refused(store_of, blobs, call):
    with pytest.raises(EmbeddingError):
        call(store_of(blobs))


def test_an_edge_decides_alike_for_both_lassos_that_have_it(store_of):
    """In opposite directions a formula may round to either side: tenths met by eighths often do."""
    rng = np.random.default_rng(0)
    for ax, ay, bx, by in rng.integers(-20, 20, (60, 4)) / 10:
        low, high = min(ay, by), max(ay, by)
        if low == high:
            continue
        y = np.arange(-16, 16) / 8
        rows = np.stack([ax + (bx - ax) * ((y - ay) / (by - ay)), y], axis=1).astype(np.float32)
        store = store_of(rows)
        left = lasso_mask(
            store, [(-99, low), (-99, high), *sorted([(ax, ay), (bx, by)], key=lambda p: -p[1])]
        )
        right = lasso_mask(
            store, [(99, high), (99, low), *sorted([(ax, ay), (bx, by)], key=lambda p: p[1])]
        )
        between = (rows[:, 1] >= low) & (rows[:, 1] < high)
        assert np.array_equal(left ^ right, between)
