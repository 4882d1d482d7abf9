import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from explorer.map.raster import pool
from explorer.map.raster.aggregate import by
from explorer.map.raster.pool import ReadyZeros
from explorer.map.viewport import Viewport


def test_results_come_in_the_order_of_the_parts():
    assert pool.run(lambda part: part * part, list(range(20))) == [
        part * part for part in range(20)
    ]
    assert pool.run(lambda part: part, []) == []


def test_one_part_runs_on_the_caller_s_thread():
    assert pool.run(lambda _: threading.current_thread(), [0]) == [threading.current_thread()]


def test_an_error_in_a_part_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        pool.run(lambda part: 1 // part, [0, 1])


@pytest.mark.parametrize("size", [0, 1, 7])
def test_shares_cover_everything_once(size):
    seen = []
    pool.share(size, lambda part: seen.extend(range(size)[part]))
    assert sorted(seen) == list(range(size))


@pytest.fixture
def zeros(monkeypatch):
    """For arrays of any size, made ready before refill returns."""

    def at_once(function, part):
        done = Future()
        done.set_result(function(part))
        return done

    monkeypatch.setattr(pool, "later", at_once)
    return ReadyZeros(least=0, most=1 << 20)


def test_what_is_taken_is_zero_and_nobody_elses(zeros):
    zeros.refill(1000)
    first, second = zeros.take(1000), zeros.take(1000)
    first[:] = 7
    zeros.refill(1000)
    third = zeros.take(1000)
    assert not second.any()
    assert not third.any()
    for array, other in ((first, second), (first, third), (second, third)):
        assert not np.shares_memory(array, other)


def test_another_size_is_made_when_it_is_asked_for(zeros):
    zeros.refill(1000)
    assert zeros.take(10).tolist() == [0] * 10
    zeros.refill(10)
    assert zeros.take(10).size == 10


def test_what_is_ready_is_handed_out(zeros, monkeypatch):
    zeros.refill(1000)
    monkeypatch.setattr(np, "zeros", None)  # so that making one now would fail
    assert not zeros.take(1000).any()


def test_only_sizes_worth_it_are_made_ready(monkeypatch):
    asked = []
    monkeypatch.setattr(pool, "later", lambda _function, part: asked.append(part.size))
    zeros = ReadyZeros(least=400, most=4000)
    for size in (99, 1001, 0):
        zeros.refill(size)
    assert asked == []
    zeros.refill(100)
    assert asked == [100]


def test_nobody_waits_for_an_array_that_is_not_ready(monkeypatch):
    never = Future()
    monkeypatch.setattr(pool, "later", lambda _function, _part: never)
    zeros = ReadyZeros(least=0)
    zeros.refill(1000)
    assert not zeros.take(1000).any()


def test_an_array_that_cannot_be_made_ready_is_no_error(monkeypatch):
    def ended(_function, _part):
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    monkeypatch.setattr(pool, "later", ended)
    zeros = ReadyZeros(least=0)
    zeros.refill(1000)
    assert not zeros.take(1000).any()


def test_threads_that_take_at_once_get_arrays_of_their_own():
    zeros = ReadyZeros(least=0)
    start = threading.Barrier(4)

    def work(number):
        start.wait()
        held = []
        for _ in range(200):
            array = zeros.take(5000)
            assert not array.any()
            array[:] = number
            zeros.refill(5000)
            held = [*held[-3:], array]
            assert all((array == number).all() for array in held)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work, number) for number in range(1, 5)]:
            done.result()


def test_counts_by_category_are_the_callers_to_write_to(store_of, blobs, monkeypatch, zeros):
    monkeypatch.setattr(pool, "zeros", zeros)
    store = store_of(blobs)
    codes = store.arrange((np.arange(20_000) % 3).astype(np.uint8))
    view = Viewport((-1.0, 1.0), (-1.0, 1.0), 200, 150)
    first = by(store, view, codes, 3)
    kept = first.copy()
    assert kept.any()
    first[:] = 9
    for _ in range(3):
        found = by(store, view, codes, 3)
        assert np.array_equal(found, kept)
        found += 1
