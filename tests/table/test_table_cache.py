"""Made once by many threads; coded columns within a limit."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from explorer.table import table_cache
from explorer.table.table_cache import TableCache


def test_ten_threads_make_a_thing_once_and_share_it():
    kept, made, together = TableCache(), [], threading.Barrier(10)

    def make():
        made.append(threading.get_ident())
        return object()

    def ask(_):
        together.wait(20)
        return kept.get("pick", make)

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(ask, range(10)))
    assert len(made) == 1
    assert len({id(one) for one in found}) == 1


def test_a_slow_making_keeps_no_other_name_waiting():
    kept, slow, begun = TableCache(), threading.Event(), threading.Event()

    def make():
        begun.set()
        return slow.wait(20)

    waiting = threading.Thread(target=kept.get, args=("slow", make))
    waiting.start()
    assert begun.wait(20)
    assert kept.get("quick", lambda: 1) == 1
    assert (kept.peek("quick"), kept.peek("slow")) == (1, None)
    slow.set()
    waiting.join(20)
    assert kept.peek("slow") is True


def test_making_one_thing_may_make_another_and_itself_be_asked_for():
    kept = TableCache()
    assert kept.get("b", lambda: kept.get("a", lambda: 2) + 1) == 3
    assert (kept.peek("a"), kept.peek("b")) == (2, 3)


def test_a_making_that_fails_is_tried_again():
    kept = TableCache()
    with pytest.raises(ZeroDivisionError):
        kept.get("x", lambda: 1 / 0)
    assert kept.get("x", lambda: 5) == 5
    assert kept.get("x", lambda: 6) == 5


def test_what_is_none_is_made_once_too():
    kept, made = TableCache(), []
    for _ in range(2):
        assert kept.get("nothing", lambda: made.append(1)) is None
    assert made == [1]


def test_what_is_put_takes_the_place_of_what_was_made():
    kept = TableCache()
    kept.get("x", lambda: 1)
    kept.put("x", 2)
    assert kept.get("x", lambda: 3) == 2


def test_what_is_forgotten_is_made_again_and_nothing_else():
    kept = TableCache()
    for name in ("relevance", "relevance a b", "relevances", "pick"):
        kept.put(name, 1)
    kept.forget("relevance", "never made")
    assert [
        kept.get(name, lambda: 2) for name in ("relevance", "relevance a b", "relevances", "pick")
    ] == [
        2,
        2,
        1,
        1,
    ]


class Coded:
    def __init__(self, size):
        self.codes = np.zeros(size, np.uint8)


def test_codes_stay_within_the_limit_the_latest_used_longest(monkeypatch):
    monkeypatch.setattr(table_cache, "_CODED_BYTES", 100)
    kept = TableCache()
    first = kept.code(("levels", "a"), lambda: Coded(40))
    kept.code(("bins", "b"), lambda: Coded(40))
    assert kept.code(("levels", "a"), lambda: Coded(1)) is first  # used again: b is now the oldest
    kept.code(("numbers", "c"), lambda: np.zeros(5))  # an array counts its own bytes: 40
    assert list(kept.coded) == [("levels", "a"), ("numbers", "c")]
    assert kept.code(("levels", "a"), lambda: Coded(1)) is first


def test_a_column_larger_than_the_limit_is_kept_alone(monkeypatch):
    monkeypatch.setattr(table_cache, "_CODED_BYTES", 100)
    kept = TableCache()
    kept.code(("levels", "a"), lambda: Coded(40))
    large = kept.code(("levels", "b"), lambda: Coded(1_000))
    assert list(kept.coded) == [("levels", "b")]
    assert kept.code(("levels", "b"), lambda: Coded(1)) is large


def test_many_threads_coding_at_once_break_no_limit(monkeypatch):
    monkeypatch.setattr(table_cache, "_CODED_BYTES", 500)
    kept = TableCache()
    with ThreadPoolExecutor(8) as pool:
        sizes = list(
            pool.map(
                lambda i: kept.code(("levels", f"{i % 40}"), lambda: Coded(50)).codes.size,
                range(800),
            )
        )
    assert sizes == [50] * 800
    assert 0 < sum(one.codes.nbytes for one in map(kept.coded.peek, kept.coded)) <= 500


def test_a_column_is_forgotten_in_every_coding():
    kept = TableCache()
    for key in (("levels", "a"), ("bins", "a"), ("levels", "b")):
        kept.code(key, lambda: Coded(1))
    kept.forget_column("a")
    assert list(kept.coded) == [("levels", "b")]


def test_what_is_forgotten_while_it_is_made_is_not_kept():
    kept, cells = TableCache(), ["old"]

    def make_while_forgotten(forget):
        made = list(cells)
        cells[0] = "new"
        forget()
        return made

    assert kept.code(
        ("levels", "a"), lambda: make_while_forgotten(lambda: kept.forget_column("a"))
    ) == ["old"]
    assert kept.code(("levels", "a"), lambda: list(cells)) == ["new"]
    cells[0] = "old"
    assert kept.get(
        "relevance a", lambda: make_while_forgotten(lambda: kept.forget("relevance"))
    ) == ["old"]
    assert kept.get("relevance a", lambda: list(cells)) == ["new"]


def test_a_single_thing_stays_single_while_others_are_forgotten():
    kept = TableCache()

    def make():
        kept.forget("relevance")
        kept.forget_column("a")
        return object()

    assert kept.get("book", make) is kept.get("book", make)
