"""The oracle is Datashader's Canvas.points fed the stored coordinates."""

import datashader as ds
import numpy as np
import pandas as pd
import pytest

from explorer.core.errors import EmbeddingError
from explorer.map.raster import aggregate, pool
from explorer.map.raster import bands as cut
from explorer.map.raster.aggregate import (
    by,
    by_and_context,
    count,
    count_and_context,
    in_view,
    mean,
    mean_and_count,
    total,
)
from explorer.map.viewport import Viewport

K = 5


def data_units(store):
    if store.origin == (0.0, 0.0):
        return np.array(store.x), np.array(store.y)
    return store.origin[0] + store.x.astype(np.float64), store.origin[1] + store.y.astype(
        np.float64
    )


def columns(store, rng):
    """Values with missing ones, codes, and the frame Datashader draws."""
    x, y = data_units(store)
    values = rng.standard_normal(store.n).astype(np.float32)
    values[rng.random(store.n) < 0.2] = np.nan
    codes = rng.integers(0, K, store.n).astype(np.uint8)
    categories = pd.Categorical.from_codes(codes, [str(k) for k in range(K)])
    return values, codes, pd.DataFrame({"x": x, "y": y, "v": values, "c": categories})


def a_range(a, kind, rng):
    """One range of a kind: all rows, between two rows, tiny, empty, larger than everything."""
    low, high = sorted(map(float, rng.choice(a, 2)))
    span = float(a.max() - a.min()) + 1.0
    if kind == "extent":
        low, high = float(a.min()), float(a.max())
    elif kind == "tiny":
        width = span * 10.0 ** rng.uniform(-5, -1)
        low, high = low - width * rng.random(), low + width * rng.random()
    elif kind == "empty":
        low, high = float(a.max()) + 1.0, float(a.max()) + 2.0
    elif kind == "wide":
        low, high = float(a.min()) - span * rng.random(), float(a.max()) + span * rng.random()
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def viewports(store, rng, n):
    x, y = data_units(store)
    kinds = ["extent", "rows", "rows", "tiny", "empty", "wide"]
    for case in range(n):
        x_kind, y_kind = kinds[case % len(kinds)], kinds[case // len(kinds) % len(kinds)]
        size = rng.integers(1, 120, 2).tolist()
        yield Viewport(a_range(x, x_kind, rng), a_range(y, y_kind, rng), *size)


def embedding(name, rng):
    if name == "one row":
        return np.array([[2.5, -1.0]], np.float32)
    if name == "float64 far away":
        return rng.standard_normal((6000, 2)) * 1e-3 + 1234.5678
    xy = (rng.standard_normal((30_000, 2)) * 3).astype(np.float32)
    if name == "on a lattice":
        xy = np.round(xy)
    xy[::17] = np.nan
    return xy


@pytest.fixture(params=[False, True], ids=["one band", "bands"])
def bands(request, monkeypatch):
    """Draw the small test maps on one thread, and in bands as large ones are."""
    if request.param:
        monkeypatch.setattr(cut, "_FEW_ROWS", 0)
        monkeypatch.setattr(pool, "n_threads", lambda: 3)


@pytest.fixture(params=[0.0, np.inf], ids=["planes", "lists"])
def ways(request, monkeypatch):
    """Average all viewports as if rows were many beside the pixels, and as if they were few."""
    monkeypatch.setattr(aggregate, "_SPARSE", request.param)


@pytest.mark.usefixtures("bands", "ways")
@pytest.mark.parametrize("name", ["one row", "normal", "on a lattice", "float64 far away"])
def test_every_viewport_equals_datashader(store_of, name):
    rng = np.random.default_rng(0)
    store = store_of(embedding(name, rng))
    values, codes, frame = columns(store, rng)
    for v in viewports(store, rng, 72):
        canvas = ds.Canvas(v.width, v.height, v.x_range, v.y_range)
        expected = canvas.points(frame, "x", "y").values
        assert np.array_equal(count(store, v), expected)
        assert in_view(store, v) == expected.sum()
        expected_mean = canvas.points(frame, "x", "y", ds.mean("v")).values
        assert np.allclose(
            mean(store, v, values), expected_mean, rtol=1e-6, atol=1e-6, equal_nan=True
        )
        assert np.array_equal(
            by(store, v, codes, K), canvas.points(frame, "x", "y", ds.by("c", ds.count())).values
        )


@pytest.mark.usefixtures("bands", "ways")
def test_masked_rows_are_counted_apart(store_of):
    rng = np.random.default_rng(1)
    store = store_of(embedding("normal", rng))
    values, codes, frame = columns(store, rng)
    states = rng.integers(0, 3, store.n).astype(np.uint8)
    for v in viewports(store, rng, 36):
        canvas = ds.Canvas(v.width, v.height, v.x_range, v.y_range)
        chosen, others = (canvas.points(frame[states == s], "x", "y").values for s in (1, 0))
        assert np.array_equal(count(store, v, states == 1), chosen)
        assert in_view(store, v, states == 1) == chosen.sum()
        for found in (
            count_and_context(store, v, states),
            mean_and_count(store, v, values, states, context=True)[1:],
            (total(by(store, v, codes, K, states)), by_and_context(store, v, codes, K, states)[1]),
        ):
            assert np.array_equal(found[0], chosen)
            assert np.array_equal(found[1], others)
        expected = canvas.points(frame[states == 1], "x", "y", ds.mean("v")).values
        assert np.allclose(
            mean(store, v, values, states == 1), expected, rtol=1e-6, atol=1e-6, equal_nan=True
        )


def test_rows_on_the_upper_edge_belong_to_the_last_pixel(store_of):
    store = store_of(np.array([[0, 0], [1, 1], [0.5, 0.5]], np.float32))
    assert count(store, Viewport((0, 1), (0, 1), 2, 2)).tolist() == [[1, 0], [0, 2]]


@pytest.mark.usefixtures("ways")
def test_missing_values_leave_the_pixel_empty_but_counted(store_of):
    store = store_of(np.array([[0, 0], [1, 0], [1, 0]], np.float32))
    values = store.arrange(np.array([np.nan, 2, np.nan]))
    means, counts, _ = mean_and_count(store, Viewport((0, 1), (0, 0), 2, 1), values)
    assert np.array_equal(means, [[np.nan, 2]], equal_nan=True)
    assert counts.tolist() == [[1, 2]]


@pytest.mark.usefixtures("ways")
def test_sums_are_exact_where_float32_would_not_be(store_of):
    store = store_of(np.zeros((100_000, 2), np.float32))
    means = mean(store, Viewport((-1, 1), (-1, 1), 1, 1), np.full(100_000, 16_777_217.0))
    assert means[0, 0] == np.float32(16_777_217.0)


def test_codes_beyond_the_planes_are_other(store_of):
    store = store_of(np.zeros((4, 2), np.float32))
    codes = store.arrange(np.array([0, 1, 7, 255], np.uint8))
    assert by(store, Viewport((-1, 1), (-1, 1), 1, 1), codes, 3).tolist() == [[[1, 1, 2]]]


@pytest.mark.usefixtures("ways")
def test_a_store_without_rows_draws_nothing(store_of):
    store = store_of(np.empty((0, 2), np.float32))
    v = Viewport((0, 1), (0, 1), 4, 3)
    assert count(store, v).shape == (3, 4)
    assert count(store, v, np.empty(0, np.bool_)).sum() == in_view(store, v) == 0
    assert np.isnan(mean(store, v, np.empty(0))).all()
    assert by(store, v, np.empty(0, np.uint8), 2).sum() == 0


def test_a_viewport_finer_than_float64_stays_in_the_picture(store_of):
    store = store_of(np.full((10, 2), 1e6, np.float32))
    v = Viewport((1e6, np.nextafter(1e6, 2e6)), (1e6 - 1e-10, 1e6), 500, 500)
    assert count(store, v).sum() == 10


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s, v: count(s, v, np.ones(3, np.bool_)), "tile order"),
        (lambda s, v: count(s, v, np.ones(s.n)), "bool"),
        (lambda s, v: mean(s, v, np.ones(3)), "tile order"),
        (lambda s, v: by(s, v, np.ones(s.n, np.int64), 3), "uint8"),
        (lambda s, v: by(s, v, np.ones(s.n, np.uint8), 0), "1 to 256"),
        (lambda s, v: count(s, v.scaled(2**13)), "too large"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(store_of, blobs, call, words):
    store = store_of(blobs)
    with pytest.raises(EmbeddingError, match=words):
        call(store, Viewport((0, 1), (0, 1), 10, 10))
