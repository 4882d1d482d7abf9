import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from explorer.map.raster import aggregate, pool
from explorer.map.raster.aggregate import by
from explorer.map.raster.spare import Spare
from explorer.map.viewport import Viewport


@pytest.fixture
def spare(monkeypatch):
    """A spare for arrays of any size, made ready before refill returns."""

    def at_once(function, part):
        done = Future()
        done.set_result(function(part))
        return done

    monkeypatch.setattr(pool, "later", at_once)
    return Spare(least=0, most=1 << 20)


def test_what_is_taken_is_zero_and_nobody_elses(spare):
    spare.refill(1000)
    first, second = spare.take(1000), spare.take(1000)
    first[:] = 7
    spare.refill(1000)
    third = spare.take(1000)
    assert not second.any()
    assert not third.any()
    for one, other in ((first, second), (first, third), (second, third)):
        assert not np.shares_memory(one, other)


def test_another_size_is_made_when_it_is_asked_for(spare):
    spare.refill(1000)
    assert spare.take(10).tolist() == [0] * 10
    spare.refill(10)
    assert spare.take(10).size == 10


def test_what_is_ready_is_handed_out(spare, monkeypatch):
    spare.refill(1000)
    monkeypatch.setattr(np, "zeros", None)  # so that making one now would fail
    assert not spare.take(1000).any()


def test_only_sizes_worth_it_are_made_ready(monkeypatch):
    asked = []
    monkeypatch.setattr(pool, "later", lambda _function, part: asked.append(part.size))
    spare = Spare(least=400, most=4000)
    for size in (99, 1001, 0):
        spare.refill(size)
    assert asked == []
    spare.refill(100)
    assert asked == [100]


def test_nobody_waits_for_an_array_that_is_not_ready(monkeypatch):
    never = Future()
    monkeypatch.setattr(pool, "later", lambda _function, _part: never)
    spare = Spare(least=0)
    spare.refill(1000)
    assert not spare.take(1000).any()


def test_an_array_that_cannot_be_made_ready_is_no_error(monkeypatch):
    def ended(_function, _part):
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    monkeypatch.setattr(pool, "later", ended)
    spare = Spare(least=0)
    spare.refill(1000)
    assert not spare.take(1000).any()


def test_threads_that_take_at_once_get_arrays_of_their_own():
    spare = Spare(least=0)
    start = threading.Barrier(4)

    def work(number):
        start.wait()
        kept = []
        for _ in range(200):
            array = spare.take(5000)
            assert not array.any()
            array[:] = number
            spare.refill(5000)
            kept = [*kept[-3:], array]
            assert all((one == number).all() for one in kept)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work, number) for number in range(1, 5)]:
            done.result()


def test_counts_by_category_are_the_callers_to_write_to(store_of, blobs, monkeypatch, spare):
    monkeypatch.setattr(aggregate, "spare", spare)
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
