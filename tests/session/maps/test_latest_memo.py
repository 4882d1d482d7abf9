import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from explorer.session.maps.latest_memo import LatestMemo


def test_the_latest_of_each_stage_is_kept():
    memo, made = LatestMemo(), []

    def make(what):
        made.append(what)
        return what

    for stage, key in (("a", "1"), ("a", "1"), ("b", "1"), ("a", "2"), ("b", "1"), ("a", "1")):
        assert memo.get(stage, key, lambda stage=stage, key=key: make(stage + key)) == stage + key
    assert made == ["a1", "b1", "a2", "a1"]


def test_who_asks_while_it_is_made_waits_and_gets_the_same():
    memo, begun, go, made = LatestMemo(), threading.Event(), threading.Event(), []

    def make():
        made.append(object())
        begun.set()
        go.wait(10)
        return made[-1]

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(memo.get, "a", "1", make)
        assert begun.wait(10)
        others = [threads.submit(memo.get, "a", "1", make) for _ in range(2)]
        go.set()
        assert [one.result(10) for one in (first, *others)] == made * 3
    assert len(made) == 1


def test_another_key_waits_for_nobody_and_is_the_latest():
    memo, begun, go = LatestMemo(), threading.Event(), threading.Event()

    def slow():
        begun.set()
        go.wait(10)
        return "first"

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(memo.get, "a", "1", slow)
        assert begun.wait(10)
        assert memo.get("a", "2", lambda: "second") == "second"
        go.set()
        assert first.result(10) == "first"
    assert memo.get("a", "2", lambda: "again") == "second"


def test_a_failure_reaches_everyone_who_waits_and_is_not_kept():
    memo, begun, go = LatestMemo(), threading.Event(), threading.Event()

    def fail():
        begun.set()
        go.wait(10)
        raise ValueError("no such column")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(memo.get, "a", "1", fail)
        assert begun.wait(10)
        second = threads.submit(memo.get, "a", "1", fail)
        go.set()
        for one in (first, second):
            with pytest.raises(ValueError, match="no such column"):
                one.result(10)
    assert memo.get("a", "1", lambda: "now") == "now"


def test_at_hand_is_what_was_made_and_neither_what_is_being_made_nor_what_failed():
    memo, begun, go = LatestMemo(), threading.Event(), threading.Event()
    assert memo.peek("a", "1") is None
    memo.get("a", "1", lambda: "made")
    assert (memo.peek("a", "1"), memo.peek("a", "2")) == ("made", None)

    def make():
        begun.set()
        go.wait(10)
        raise ValueError("a defect")

    with ThreadPoolExecutor(1) as threads:
        made = threads.submit(memo.get, "b", "1", make)
        assert begun.wait(10)
        assert memo.peek("b", "1") is None
        go.set()
        with pytest.raises(ValueError, match="a defect"):
            made.result(10)
    assert memo.peek("b", "1") is None
