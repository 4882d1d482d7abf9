import threading
from operator import attrgetter

import pytest

from explorer.map.recent import BackgroundMemo

nbytes = attrgetter("nbytes")


class Made:
    def __init__(self, nbytes=1):
        self.nbytes = nbytes


def test_what_is_asked_for_is_built_soon_and_then_there(until):
    recent, made = BackgroundMemo(1 << 20, nbytes), Made()
    assert recent.soon("a", lambda: made) is None
    until(lambda: recent.soon("a", lambda: pytest.fail("built twice")) is made)


def test_only_what_was_asked_for_last_is_built(until):
    recent, gate, built = BackgroundMemo(1 << 20, nbytes), threading.Event(), []

    def slow():
        gate.wait(10)
        return Made()

    def build(key):
        return lambda: (built.append(key), Made())[1]

    recent.soon("first", slow)
    until(lambda: recent._waiting is None)
    for key in "abc":
        recent.soon(key, build(key))
    gate.set()
    until(lambda: recent.soon("c", build("c")))
    assert built == ["c"]


def test_the_least_recently_used_leave_and_the_latest_stays(until):
    recent = BackgroundMemo(10, nbytes)
    for key, size in (("a", 4), ("b", 4), ("c", 99)):
        recent.soon(key, lambda size=size: Made(size))
        until(lambda key=key: key in list(recent))
    assert list(recent) == ["c"]


def test_one_that_fails_is_no_harm(until, caplog):
    recent = BackgroundMemo(1 << 20, nbytes)
    recent.soon("bad", lambda: 1 / 0)
    until(lambda: not recent._busy)
    assert "could not be prepared" in caplog.text
    recent.soon("good", Made)
    until(lambda: recent.soon("good", Made))


def test_one_that_is_needed_now_is_built_now_and_once():
    recent, made = BackgroundMemo(1 << 20, nbytes), Made()
    assert recent.get("a", lambda: made) is made
    assert recent.get("a", lambda: pytest.fail("built twice")) is made
    assert recent.soon("a", lambda: pytest.fail("built twice")) is made
