"""Computed once by many threads, within a limit, and never kept when it was forgotten meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter

import pytest

from explorer.core.memo import BackgroundMemo, Memo


def test_ten_threads_compute_a_value_once_and_share_it():
    memo, made, together = Memo(), [], threading.Barrier(10)

    def make():
        made.append(1)
        return object()

    def ask(_):
        together.wait(20)
        return memo.get("key", make)

    with ThreadPoolExecutor(10) as pool:
        values = list(pool.map(ask, range(10)))
    assert len(made) == len({id(value) for value in values}) == 1


def test_a_slow_key_keeps_no_other_one_waiting():
    memo, slow, begun = Memo(), threading.Event(), threading.Event()

    def make():
        begun.set()
        return slow.wait(20)

    waiting = threading.Thread(target=memo.get, args=("slow", make))
    waiting.start()
    assert begun.wait(20)
    assert memo.get("quick", lambda: 1) == 1
    assert (memo.peek("quick"), memo.peek("slow")) == (1, None)
    slow.set()
    waiting.join(20)
    assert memo.peek("slow") is True


def test_an_error_reaches_the_caller_and_the_next_one_computes_again():
    memo = Memo()
    with pytest.raises(ZeroDivisionError):
        memo.get("key", lambda: 1 / 0)
    assert memo.get("key", lambda: 5) == 5
    assert memo.get("key", lambda: 6) == 5


def test_the_least_recently_used_leave_and_the_latest_stays():
    memo = Memo(10, len)
    for key in "ab":
        memo.get(key, lambda: "four")
    memo.get("a", lambda: pytest.fail("computed twice"))
    memo.get("c", lambda: "four")
    assert list(memo) == ["a", "c"]
    memo.get("d", lambda: "more than ten")
    assert list(memo) == ["d"]


@pytest.mark.parametrize("change", ["forget", "put"])
def test_what_was_changed_while_it_was_computed_is_not_kept(change):
    memo = Memo()

    def make():
        memo.forget("key".__eq__) if change == "forget" else memo.put("key", "put")
        return "old"

    assert memo.get("key", make) == "old"
    assert memo.get("key", lambda: "new") == ("new" if change == "forget" else "put")


def test_a_value_is_replaced_by_what_is_made_of_it():
    memo = Memo()
    assert memo.update("key", str.upper) is False
    memo.put("key", "value")
    assert memo.update("key", str.upper) is True
    assert memo.peek("key") == "VALUE"


def test_what_failed_or_is_being_computed_is_not_at_hand():
    memo, begun, go = Memo(), threading.Event(), threading.Event()

    def fail():
        begun.set()
        go.wait(10)
        raise ValueError("no such column")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(memo.get, "key", fail)
        assert begun.wait(10)
        assert memo.peek("key") is None
        second = threads.submit(memo.get, "key", fail)
        go.set()
        for failed in (first, second):
            with pytest.raises(ValueError, match="no such column"):
                failed.result(10)
    assert memo.peek("key") is None
    assert memo.get("key", lambda: "now") == "now"


nbytes = attrgetter("nbytes")


class Made:
    def __init__(self, nbytes=1):
        self.nbytes = nbytes


def test_what_is_asked_for_is_built_soon_and_then_there(until):
    memo, made = BackgroundMemo(1 << 20, nbytes), Made()
    assert memo.soon("a", lambda: made) is None
    until(lambda: memo.soon("a", lambda: pytest.fail("built twice")) is made)


def test_only_what_was_asked_for_last_is_built(until):
    memo, gate, built = BackgroundMemo(1 << 20, nbytes), threading.Event(), []

    def slow():
        gate.wait(10)
        return Made()

    def build(key):
        return lambda: (built.append(key), Made())[1]

    memo.soon("first", slow)
    until(lambda: memo._waiting is None)
    for key in "abc":
        memo.soon(key, build(key))
    gate.set()
    until(lambda: memo.soon("c", build("c")))
    assert built == ["c"]


def test_the_least_memoly_used_leave_and_the_latest_stays(until):
    memo = BackgroundMemo(10, nbytes)
    for key, size in (("a", 4), ("b", 4), ("c", 99)):
        memo.soon(key, lambda size=size: Made(size))
        until(lambda key=key: key in list(memo))
    assert list(memo) == ["c"]


def test_one_that_fails_is_no_harm(until, caplog):
    memo = BackgroundMemo(1 << 20, nbytes)
    memo.soon("bad", lambda: 1 / 0)
    until(lambda: not memo._busy)
    assert "could not be computed" in caplog.text
    memo.soon("good", Made)
    until(lambda: memo.soon("good", Made))


def test_one_that_is_needed_now_is_built_now_and_once():
    memo, made = BackgroundMemo(1 << 20, nbytes), Made()
    assert memo.get("a", lambda: made) is made
    assert memo.get("a", lambda: pytest.fail("built twice")) is made
    assert memo.soon("a", lambda: pytest.fail("built twice")) is made
