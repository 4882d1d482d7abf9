import threading
import time

import numpy as np
import pytest

from projections.errors import Cancelled, ProjectionError
from projections.threads import n_threads, run_blocks


def test_every_row_is_worked_on_once():
    seen = np.zeros(103, dtype=int)

    def work(start, stop):
        seen[start:stop] += 1

    run_blocks(work, 103, 10, stage="graph", n_jobs=3)
    assert (seen == 1).all()


def test_progress_starts_at_0_grows_and_ends_at_all():
    heard = []
    run_blocks(lambda *_: None, 25, 10, stage="graph", progress=lambda *event: heard.append(event))
    assert heard[0] == ("graph", 0, 25)
    assert heard[-1] == ("graph", 25, 25)
    assert [done for _stage, done, _total in heard] == sorted(
        done for _stage, done, _total in heard
    )


def test_cancel_drops_the_blocks_that_wait_and_leaves_no_thread():
    ran = []

    def work(start, stop):
        time.sleep(0.001)
        ran.append(start)

    before = threading.active_count()
    with pytest.raises(Cancelled):
        run_blocks(
            work, 1000, 1, stage="graph", n_jobs=2, progress=lambda _stage, done, _total: done < 2
        )
    assert len(ran) < 100
    assert threading.active_count() == before


def test_an_error_in_a_block_reaches_the_caller():
    def work(start, stop):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_blocks(work, 10, 5, stage="graph")


def test_n_jobs_is_a_count_or_all():
    assert n_threads(None) == n_threads(-1) >= 1
    assert n_threads(3) == 3
    for value in (0, -2, 1.5):
        with pytest.raises(ProjectionError, match="n_jobs"):
            n_threads(value)
