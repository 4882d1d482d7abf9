import threading
from concurrent.futures import ThreadPoolExecutor

import param
import pytest

from explorer.core.errors import ExperimentError
from explorer.ui.analysis.analysis_job import AnalysisJob, outcome_of
from projections.errors import Cancelled


class View(param.Parameterized):
    busy = param.String(default="")
    stopped = param.Boolean(default=False)
    error = param.String(default="")
    result = param.Dict(default={})


@pytest.fixture
def job(at_once):
    """Make a job whose keys are functions of its progress."""
    view, shown, errors = View(), [], []
    with ThreadPoolExecutor(max_workers=1) as pool:

        def compute(key, progress):
            value = key(progress)
            return value, {"result": {"value": value}}

        made = AnalysisJob(
            view, at_once, compute, shown.append, name="a sum", pool=pool, fail=errors.append
        )
        yield made, view, shown, errors
        made.stop()


def endless(started, ended):
    def work(progress):
        started.set()
        while progress("rows", 1, 2):
            pass
        ended.set()
        raise Cancelled

    return work


def test_a_result_is_shown_and_the_same_key_is_not_computed_twice(job, until):
    job, view, shown, _ = job
    calls = []

    def three(_):
        calls.append(1)
        return 3

    job.ask(three, "adding")
    assert (view.busy, job.running) in (("adding", True), ("", False))
    until(lambda: shown == [3])
    job.ask(three)
    assert (calls, job.result, job.running, view.busy) == ([1], 3, False, "")
    assert view.result == {"value": 3}
    job.start(three)
    until(lambda: shown == [3, 3])


def test_a_newer_request_ends_the_one_under_way(job, until):
    job, view, shown, _ = job
    started, ended = threading.Event(), threading.Event()
    job.ask(endless(started, ended))
    assert started.wait(10)
    job.ask(lambda _: 5)
    until(lambda: shown == [5])
    assert ended.is_set()
    assert view.result == {"value": 5}


def test_what_is_stopped_leaves_the_last_result_as_stale_and_can_be_restarted(job, until):
    job, view, shown, _ = job
    started, ended = threading.Event(), threading.Event()
    job.ask(lambda _: 3)
    until(lambda: shown == [3])
    slow = endless(started, ended)
    job.ask(slow, "counting")
    assert started.wait(10)
    job.stop()
    assert (view.busy, view.stopped, job.running) == ("", True, False)
    assert view.result == {"value": 3, "stale": True}
    assert ended.wait(10)
    job.ask(slow)
    assert view.stopped  # stopped work does not begin by itself
    started.clear()
    job.restart()
    assert started.wait(10)
    assert not view.stopped
    assert job.result == 3


def test_a_result_that_comes_after_the_stop_is_not_shown(job, until):
    job, view, shown, _ = job
    started, go = threading.Event(), threading.Event()

    def late(_):
        started.set()
        go.wait(10)
        return 3

    job.ask(late)
    assert started.wait(10)
    job.stop()
    go.set()
    job.start(lambda _: 4)
    until(lambda: shown == [4])
    assert view.result == {"value": 4}


def test_what_is_cancelled_is_computed_when_it_is_asked_for_again(job, until):
    job, view, _, _ = job
    started, ended = threading.Event(), threading.Event()
    slow = endless(started, ended)
    job.ask(slow)
    assert started.wait(10)
    job.cancel()
    assert ended.wait(10)
    assert (view.busy, view.stopped, job.key) == ("", False, None)
    started.clear()
    job.ask(slow)
    assert started.wait(10)


def test_an_error_is_said_and_the_last_result_stays_as_stale(job, until):
    job, view, shown, errors = job
    job.ask(lambda _: 3)
    until(lambda: shown == [3])

    def refused(_):
        raise ExperimentError("name the control")

    job.ask(refused)
    until(lambda: view.error == "name the control")
    assert errors == ["name the control"]
    assert (view.busy, view.result, job.result) == ("", {"value": 3, "stale": True}, 3)
    job.ask(lambda _: 4)
    until(lambda: shown == [3, 4])
    assert (view.error, view.result) == ("", {"value": 4})


def test_clearing_forgets_the_result(job, until):
    job, view, shown, _ = job
    job.ask(lambda _: 3)
    until(lambda: shown == [3])
    job.clear(result={})
    assert (job.result, job.key, view.result) == (None, None, {})


def test_a_defect_goes_to_the_log_and_cancelled_work_has_no_outcome(caplog):
    def cancelled():
        raise Cancelled

    outcome = outcome_of("a quotient", lambda: 1 / 0)
    assert "the log of the server says why" in outcome.error
    assert "a quotient could not be computed" in caplog.text
    assert outcome_of("a sum", cancelled).cancelled
    assert outcome_of("a sum", lambda: 0).result == 0
    assert not outcome_of("a sum", lambda: 0).cancelled
