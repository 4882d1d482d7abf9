"""Real worker processes on 300 rows; all of them print rubbish to stdout all the time."""

import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import JobError
from explorer.core.jobs.events import Cancelled, Done, Failed, Finished, Progress
from explorer.core.jobs.process import WorkerProcess, worker_environment
from explorer.embedding.embedding import open_embedding
from explorer.embedding.projection_spec import ProjectionSpec
from explorer.features.matrix.spec import MatrixSpec
from explorer.jobs.queue import JobQueue
from explorer.map.map_store import open_store
from explorer.sources.source import open_source
from projections.errors import ProjectionError

PATIENCE = 60  # seconds: compiled kernels may be missing, and the machine busy

RUBBISH = """
import os, sys, threading, time

def chatter():
    while not os.path.sameopenfile(1, 2):  # until the worker has taken stdout for itself
        time.sleep(0.001)
    for _ in range(100):
        print("printed by a library", flush=True)
        os.write(1, b'{"kind": "done"}\\n{"kind": "error"')
        time.sleep(0.01)

if "explorer.jobs.worker" in " ".join(sys.orig_argv):
    threading.Thread(target=chatter, daemon=True).start()
"""


class Listener:
    """Keeps what a job tells."""

    def __init__(self):
        self.events = []
        self.threads = set()
        self._news = threading.Condition()

    def __call__(self, event):
        with self._news:
            self.events.append(event)
            self.threads.add(threading.current_thread())
            self._news.notify_all()

    def wait_for(self, fits):
        with self._news:
            assert self._news.wait_for(lambda: any(fits(e) for e in self.events), PATIENCE), (
                self.events
            )

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def source(cache):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 4)) + 6 * rng.integers(0, 2, size=(300, 1))
    return open_source(pd.DataFrame(values, columns=list("abcd")), cache)


@pytest.fixture(scope="module")
def queue(cache, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rubbish")
    (folder / "sitecustomize.py").write_text(RUBBISH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        with JobQueue(cache) as queue:
            queue.warm()
            yield queue
    assert queue.pids == []


def spec(method="umap", seed=0, features="abcd", **parameters):
    return ProjectionSpec(MatrixSpec(tuple(features)), method, parameters, seed)


def endless(seed):
    return spec(seed=seed, n_epochs=100_000_000)


def run(queue, source, *requests):
    listener = Listener()
    job = queue.project(source, requests, listener)
    assert job.wait(PATIENCE), listener.events
    return listener


def in_layout(event):
    return isinstance(event, Progress) and event.stage == "layout"


def test_pca_comes_first_then_umap_and_both_are_whole_in_the_cache(queue, source, cache):
    requests = [spec("pca"), spec("umap")]
    listener = run(queue, source, *requests)
    assert isinstance(listener.events[-1], Done), listener.events[-1]
    told = listener.of(Finished)
    assert [event.preview for event in told] == [True, True, False, False]
    assert [event.key for event in told] == 2 * [
        request.key(source.fingerprint) for request in requests
    ]
    for event, request in zip(told, 2 * requests, strict=True):
        assert event.preview or event.folder == cache.get("embeddings", event.key)
        embedding = open_embedding(event.folder / "embedding.parquet")
        assert embedding.method == request.method
        assert (embedding.scores == {}) == np.isnan(embedding.trust).all() == event.preview
        assert len(embedding.rows) == open_store(event.folder / "map").n == 300
        embedding.check(source.fingerprint)
    stages = [event.stage for event in listener.of(Progress)]
    order = [
        stage for i, stage in enumerate(stages) if stage not in stages[:i] and stage != "waiting"
    ]
    assert order == ["matrix", "pca", "map", "prepare", "neighbors", "graph", "layout", "scores"]


def test_one_matrix_serves_both_projections(queue, source):
    listener = run(
        queue, source, spec("pca", features="abc"), spec("umap", features="abc", n_epochs=5)
    )
    ends = [e for e in listener.of(Progress) if e.stage == "matrix" and e.done == e.total]
    assert len({event.key for event in ends}) == 1


def test_progress_says_seconds_and_what_is_left(queue, source):
    listener = run(queue, source, spec(seed=11))
    progress = [event for event in listener.of(Progress) if event.stage != "waiting"]
    seconds = [event.seconds for event in progress]
    assert seconds == sorted(seconds)
    shares = [event.share for event in progress]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(event.eta is not None and event.eta >= 0 for event in progress)
    assert {event.key for event in progress} == {spec(seed=11).key(source.fingerprint)}


def test_what_is_in_the_cache_is_answered_without_a_worker(queue, source, cache):
    run(queue, source, spec("pca"))
    with JobQueue(cache) as other:
        listener = run(other, source, spec("pca"))
        assert other.pids == []
    assert [event.kind for event in listener.events] == ["embedding", "done"]


def test_events_come_from_one_thread_that_is_not_the_callers(queue, source):
    first, second = run(queue, source, spec("pca")), run(queue, source, spec("pca"))
    assert len(first.threads | second.threads) == 1
    assert threading.current_thread() not in first.threads


def test_a_cancel_in_the_middle_is_quick_leaves_nothing_and_the_queue_goes_on(queue, source, cache):
    listener = Listener()
    job = queue.project(source, [endless(1)], listener)
    listener.wait_for(in_layout)
    started = time.perf_counter()
    job.cancel()
    assert job.wait(PATIENCE)
    assert time.perf_counter() - started < 0.5
    assert isinstance(listener.events[-1], Cancelled)
    assert cache.get("embeddings", endless(1).key(source.fingerprint)) is None
    assert not any(
        entry.key.startswith(endless(1).key(source.fingerprint)) for entry in cache.entries()
    )
    job.cancel()
    assert isinstance(run(queue, source, spec(seed=2)).events[-1], Done)
    assert len(listener.of(Cancelled)) == 1


def test_jobs_wait_for_their_turn_and_a_waiting_one_can_be_cancelled(queue, source):
    busy, waiting, after = Listener(), Listener(), Listener()
    first = queue.project(source, [endless(3)], busy)
    busy.wait_for(in_layout)
    second = queue.project(source, [endless(4)], waiting)
    third = queue.project(source, [spec(seed=5)], after)
    waiting.wait_for(lambda event: isinstance(event, Progress) and event.stage == "waiting")
    after.wait_for(lambda event: isinstance(event, Progress) and event.stage == "waiting")
    second.cancel()
    assert second.wait(PATIENCE)
    assert waiting.events[-1] == Cancelled()
    first.cancel()
    assert third.wait(PATIENCE)
    assert isinstance(after.events[-1], Done)


def test_a_killed_worker_is_an_error_in_words_and_the_next_job_works(queue, source):
    listener = Listener()
    job = queue.project(source, [spec("pca", seed=6), endless(6)], listener)
    listener.wait_for(in_layout)
    (victim,) = [worker.pid for worker in queue._busy]
    os.kill(victim, signal.SIGKILL)
    assert job.wait(PATIENCE)
    assert isinstance(listener.events[-1], Failed)
    assert listener.events[-1].message == (
        "the worker process ended with signal 9 (perhaps out of memory); the server goes on; try "
        "fewer rows or features"
    )
    assert [event.preview for event in listener.of(Finished)] == [True]
    assert isinstance(run(queue, source, spec(seed=7)).events[-1], Done)
    assert victim not in queue.pids


def test_a_worker_killed_while_idle_is_replaced(queue, source, until):
    run(queue, source, spec("pca", seed=8))
    killed = queue.pids
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not set(killed) & set(queue.pids), PATIENCE * 4)
    assert isinstance(run(queue, source, spec("pca", seed=9)).events[-1], Done)


def test_what_cannot_be_projected_is_an_error_in_one_line(queue, source):
    failed = run(queue, source, spec("pca", features=["a", "zz"])).events[-1]
    assert isinstance(failed, Failed)
    assert failed.message.startswith("no feature 'zz'")
    assert "Traceback" in failed.traceback
    # a parameter that no table allows is refused before a job is made
    with pytest.raises(ProjectionError, match="n_neighbors must be an integer of at least 2"):
        spec(n_neighbors=1)


def test_a_callback_that_raises_harms_nobody(queue, source, caplog):
    def broken(event):
        raise ZeroDivisionError("in the page")

    assert queue.project(source, [spec("pca")], broken).wait(PATIENCE)
    assert "the callback of a job failed" in caplog.text
    assert isinstance(run(queue, source, spec("pca")).events[-1], Done)


def test_a_table_that_is_gone_before_the_job_starts_is_an_error_event(queue, cache, tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 1.0, 2.0]}).to_parquet(path)
    source = open_source(str(path), cache)
    path.unlink()
    assert isinstance(run(queue, source, spec("pca", features="ab")).events[-1], Failed)


def test_closing_cancels_ends_every_process_and_takes_no_more(source, cache):
    queue = JobQueue(cache, spare=False)
    listener = Listener()
    queue.project(source, [endless(12)], listener)
    listener.wait_for(lambda event: isinstance(event, Progress) and event.stage != "waiting")
    (pid,) = queue.pids
    queue.close()
    assert listener.events[-1] == Cancelled()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(JobError, match="closed"):
        queue.project(source, [spec("pca")], listener)


def test_a_worker_whose_server_is_gone_ends_in_the_middle_of_its_job(source, cache):
    begun, codes = threading.Event(), []
    worker = WorkerProcess(
        worker_environment(cache.folder),
        lambda _, event: begun.set() if in_layout(event) else None,
        lambda _, code: codes.append(code),
    )
    requests = [endless(13).document()]
    assert worker.send(
        {"source": source.describe(), "requests": requests, "cache": str(cache.folder)}
    )
    assert begun.wait(PATIENCE)
    worker._close_stdin()
    worker.join(10)
    assert codes == [0]


def test_who_asks_for_work_under_way_shares_it_until_the_last_has_cancelled(queue, source):
    requests = [spec("pca", seed=77), endless(77)]
    first, second = Listener(), Listener()
    one = queue.project(source, requests, first)
    first.wait_for(in_layout)
    two = queue.project(source, requests, second)
    second.wait_for(in_layout)
    previews = [event.key for event in first.of(Finished) if event.preview]
    assert [event.key for event in second.of(Finished)] == previews
    # who joins hears at once how far the work is, not that he waits
    assert second.of(Progress)[0].stage != "waiting"
    one.cancel()
    first.wait_for(lambda event: isinstance(event, Cancelled))
    heard = len(second.of(Progress))
    second.wait_for(lambda _: len(second.of(Progress)) > heard)
    two.cancel()
    second.wait_for(lambda event: isinstance(event, Cancelled))
    assert run(queue, source, spec("pca", seed=78)).of(Done)
