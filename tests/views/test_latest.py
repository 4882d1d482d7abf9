import logging
import threading

from explorer.views.latest import Latest


def test_answers_come_in_order_and_the_newest_request_replaces_the_one_that_waits(until):
    begun, go, shown = threading.Event(), threading.Event(), []

    def work(request):
        begun.set()
        go.wait(10)
        return request * 10

    latest = Latest(lambda callback: callback(), work, shown.append)
    latest.ask(1)
    begun.wait(10)
    for request in (2, 3, 4):
        latest.ask(request)
    go.set()
    until(lambda: 40 in shown)
    assert shown == [10, 40]
    latest.ask(5)
    until(lambda: 50 in shown)


def test_asking_returns_at_once_and_the_answer_comes_by_the_schedule(until):
    scheduled, threads = [], []
    latest = Latest(
        scheduled.append,
        lambda _: threads.append(threading.current_thread()),
        lambda _: threads.append("shown"),
    )
    latest.ask(None)
    until(lambda: scheduled)
    assert threads != ["shown"]
    assert threads[0] is not threading.current_thread()
    scheduled[0]()
    assert threads[1] == "shown"


def test_a_defect_is_logged_and_the_next_request_is_answered(until, caplog):
    shown = []
    latest = Latest(lambda callback: callback(), lambda x: 1 / x, shown.append)
    with caplog.at_level(logging.ERROR):
        latest.ask(0)
        until(lambda: "a view could not be drawn" in caplog.text)
        latest.ask(2)
        until(lambda: shown == [0.5])
    assert "ZeroDivisionError" in caplog.text
