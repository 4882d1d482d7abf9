import logging
import threading

from explorer.ui.page_loop import LatestTask


def test_answers_come_in_order_and_the_newest_request_replaces_the_one_that_waits(until):
    begun, go, shown = threading.Event(), threading.Event(), []

    def work(request):
        begun.set()
        go.wait(10)
        return request * 10

    latest = LatestTask(lambda callback: callback(), work, shown.append)
    latest.submit(1)
    begun.wait(10)
    for request in (2, 3, 4):
        latest.submit(request)
    go.set()
    until(lambda: 40 in shown)
    assert shown == [10, 40]
    latest.submit(5)
    until(lambda: 50 in shown)


def test_asking_returns_at_once_and_the_answer_comes_by_the_schedule(until):
    scheduled, threads = [], []
    latest = LatestTask(
        scheduled.append,
        lambda _: threads.append(threading.current_thread()),
        lambda _: threads.append("shown"),
    )
    latest.submit(None)
    until(lambda: scheduled)
    assert threads != ["shown"]
    assert threads[0] is not threading.current_thread()
    scheduled[0]()
    assert threads[1] == "shown"


def test_a_defect_is_logged_and_the_next_request_is_answered(until, caplog):
    shown = []
    latest = LatestTask(lambda callback: callback(), lambda x: 1 / x, shown.append)
    with caplog.at_level(logging.ERROR):
        latest.submit(0)
        until(lambda: "a view could not be drawn" in caplog.text)
        latest.submit(2)
        until(lambda: shown == [0.5])
    assert "ZeroDivisionError" in caplog.text


def test_an_answer_that_cannot_be_brought_back_does_not_end_all_answers(until, caplog):
    shown, refused = [], [1]

    def schedule(callback):
        if refused:
            refused.pop()
            raise RuntimeError("no page to bring it to")
        callback()

    latest = LatestTask(schedule, lambda x: x, shown.append)
    with caplog.at_level(logging.ERROR):
        latest.submit(1)
        until(lambda: "no page to bring it to" in caplog.text)
        latest.submit(2)
        until(lambda: shown == [2])


def test_what_comes_after_is_called_now_where_nothing_is_asked_for():
    called = []
    latest = LatestTask(lambda callback: callback(), lambda x: x, lambda _: None)
    latest.when_idle(lambda: called.append("now"))
    assert called == ["now"]


def test_what_comes_after_waits_for_the_last_answer_even_if_that_fails(until, caplog):
    begun, go, order = threading.Event(), threading.Event(), []

    def work(request):
        begun.set()
        go.wait(10)
        if request == 2:
            raise ValueError("a defect")
        return request

    latest = LatestTask(lambda callback: callback(), work, order.append)
    latest.submit(1)
    assert begun.wait(10)
    latest.when_idle(lambda: order.append("replaced"))
    latest.submit(2)
    latest.when_idle(lambda: order.append("after"))
    assert order == []
    with caplog.at_level(logging.ERROR):
        go.set()
        until(lambda: "after" in order)
    assert order == [1, "after"]
    latest.submit(3)
    until(lambda: 3 in order and not latest.busy)
    assert order == [1, "after", 3]


def test_an_answer_at_hand_is_shown_now_and_none_of_before_comes_after_it(until):
    begun, go, shown = threading.Event(), threading.Event(), []

    def work(request):
        begun.set()
        go.wait(10)
        return request

    latest = LatestTask(lambda callback: callback(), work, shown.append)
    latest.submit("underway")
    assert begun.wait(10)
    latest.submit("waiting")
    latest.show_now("at hand")
    assert shown == ["at hand"]
    go.set()
    until(lambda: not latest.busy)
    latest.submit("asked later")
    until(lambda: "asked later" in shown)
    assert shown == ["at hand", "asked later"]
