"""The queue of jobs and the worker processes that do them."""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError, JobError
from explorer.core.jobs.events import Cancelled, Done, Event, Failed, Finished, Progress
from explorer.core.jobs.process import WorkerProcess, ended_in_words, worker_environment
from explorer.jobs.task import map_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.core.cache import Cache
    from explorer.embedding.projection_spec import ProjectionSpec
    from explorer.sources.source import ArrowSource

__all__ = ["Job", "JobQueue"]

logger = logging.getLogger(__name__)


class Job:
    """A piece of work asked of a `JobQueue`: cancel it, or wait for its end."""

    def __init__(self, owner: JobQueue, on_event: Callable[[Event], None]) -> None:
        self._owner = owner
        self._on_event = on_event
        self._message: dict[str, Any] = {}
        self._worker: WorkerProcess | None = None
        self._finished: list[Finished] = []  # told so far, for those who join later
        self._progress: Progress | None = None  # told last, for the same
        self._leader: Job | None = None  # whose work this one shares
        self._followers: list[Job] = []
        self._ended = False  # its last event is on the way
        self._delivered = threading.Event()  # its last event was delivered

    def cancel(self) -> None:
        """Stop the work at once; "cancelled" is its last event. Does nothing when it has ended."""
        self._owner._cancel(self)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the last event was delivered; False when the timeout (seconds) came first."""
        return self._delivered.wait(timeout)

    @property
    def ended(self) -> bool:
        """Whether the last event was delivered."""
        return self._delivered.is_set()


class JobQueue:
    """Runs jobs in worker processes, one job at a time in each, in the order they were asked for.

    Who asks for what is already waited for or in work shares that work: ten people who open one
    table make one job, and it goes on until the last of them has cancelled.

    Every method returns at once. Events are delivered in order from one thread of the queue, never
    while a lock is held; the last one of a job is "done", "error" or "cancelled", and nothing
    follows it. An exception in a callback is logged and goes no further.

    Parameters
    ----------
    cache : Cache
        Where finished embeddings are kept and found.
    spare : bool, default True
        Keep one more process that has everything imported, so that a cancel (a kill) costs the next
        job no start-up. It is started when the first result is there, not to compete with it.
    at_once : int, default 1
        Jobs that may run at the same time; a projection uses all cores by itself.
    """

    def __init__(self, cache: Cache, spare: bool = True, at_once: int = 1) -> None:
        self._cache = cache
        self._at_once = at_once
        self._most = at_once + int(spare)
        self._lock = threading.RLock()
        self._jobs: set[Job] = set()  # without their last event
        self._waiting: deque[Job] = deque()
        self._idle: list[WorkerProcess] = []
        self._busy: dict[WorkerProcess, Job] = {}
        self._dying: list[WorkerProcess] = []
        self._closed = False
        self._outbox: queue.SimpleQueue[tuple[Job, Event] | None] = queue.SimpleQueue()
        self._postman = threading.Thread(target=self._deliver, name="job-events", daemon=True)
        self._postman.start()

    def __enter__(self) -> JobQueue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Start the first worker now, before there is a job for it."""
        with self._lock:
            if not (self._closed or self._idle or self._busy):
                self._idle.append(self._start())

    def project(
        self,
        source: ArrowSource,
        requests: Sequence[ProjectionSpec],
        on_event: Callable[[Event], None],
    ) -> Job:
        """Compute embeddings of a table in order, in one job that shares equal feature matrices.

        Parameters
        ----------
        source : ArrowSource
            The table; its fingerprint is taken in a thread, in case that takes long.
        requests : sequence of ProjectionSpec
            Say, PCA first, then UMAP. Those already in the cache are answered without a worker.
        on_event : callable
            Receives `Progress`, `Finished`, `Failed`, `Cancelled`, `Done`.

        Returns
        -------
        Job

        Raises
        ------
        JobError
            If the queue is closed.
        """
        job = Job(self, on_event)
        with self._lock:
            if self._closed:
                raise JobError("the queue of jobs is closed: no new job can start")
            self._jobs.add(job)
        threading.Thread(
            target=self._prepare,
            args=(job, source, list(requests)),
            name="job-prepare",
            daemon=True,
        ).start()
        return job

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers that are alive, for measuring their memory."""
        with self._lock:
            return [worker.pid for worker in [*self._idle, *self._busy]]

    def close(self) -> None:
        """Cancel all jobs and end all processes.

        The last events are delivered before it returns.
        """
        with self._lock:
            self._closed = True
            for job in tuple(self._jobs):
                self._cancel(job)
            workers = [*self._idle, *self._dying]
            for worker in workers:
                worker.kill()
        for worker in workers:
            worker.join(timeout=5)
        self._outbox.put(None)
        if threading.current_thread() is not self._postman:
            self._postman.join(timeout=5)

    # --- Before a worker
    # -------------------------------------------------------------------------------------------

    def _prepare(self, job: Job, source: ArrowSource, requests: list[ProjectionSpec]) -> None:
        try:
            missing = self._answer_from_cache(job, source, requests)
            if missing:
                job._message = {
                    "source": source.describe(),
                    "requests": [spec.document() for spec in missing],
                    "cache": str(self._cache.folder.absolute()),
                }
        except ExplorerError as error:
            self._send(job, Failed.of(error))
        except Exception as error:
            logger.exception("a job failed before it reached a worker")
            self._send(job, Failed.of(error))
        else:
            self._enqueue(job)

    def _answer_from_cache(
        self, job: Job, source: ArrowSource, requests: list[ProjectionSpec]
    ) -> list[ProjectionSpec]:
        missing = []
        for spec in requests:
            key = spec.key(source.fingerprint)
            folder = self._cache.get("embeddings", key)
            if folder is None or map_error(folder):
                missing.append(spec)
            else:
                self._send(job, Finished(key, folder))
        return missing

    def _enqueue(self, job: Job) -> None:
        with self._lock:
            if not job._message:  # everything was in the cache
                self._send(job, Done())
            elif not job._ended and (leader := self._same_work(job)) is not None:
                self._follow(job, leader)
            elif not job._ended:
                self._waiting.append(job)
                self._dispatch()
                if job._worker is None:
                    self._send(job, Progress("waiting", 0, len(self._waiting)))

    def _same_work(self, job: Job) -> Job | None:
        """Return a job that does all that this one asks for, if there is one."""
        requests = job._message["requests"]
        for other_job in (*self._busy.values(), *self._waiting):
            same_table = other_job._message["source"] == job._message["source"]
            if same_table and all(
                request in other_job._message["requests"] for request in requests
            ):
                return other_job
        return None

    def _follow(self, job: Job, leader: Job) -> None:
        for event in leader._finished:
            self._send(job, event)
        if leader._progress is not None:
            self._send(job, leader._progress)
        job._leader = leader
        leader._followers.append(job)

    def _succeed(self, job: Job, heir: Job) -> None:
        """Hand the work of a job that nobody waits for any more to the next one who does."""
        heir._leader, heir._message = None, job._message
        heir._finished, heir._progress = job._finished, job._progress
        heir._followers, job._followers = (
            [follower for follower in job._followers if follower is not heir],
            [],
        )
        for follower in heir._followers:
            follower._leader = heir
        if job in self._waiting:
            self._waiting[self._waiting.index(job)] = heir
        elif job._worker is not None and self._busy.get(job._worker) is job:
            heir._worker, self._busy[job._worker] = job._worker, heir

    # --- workers

    def _start(self) -> WorkerProcess:
        return WorkerProcess(
            worker_environment(self._cache.folder.absolute()), self._on_event, self._on_end
        )

    def _dispatch(self) -> None:
        while self._waiting and len(self._busy) < self._at_once:
            try:
                worker = self._idle.pop(0) if self._idle else self._start()
            except OSError as error:  # the system gives no more processes or memory
                self._send(self._waiting.popleft(), Failed.of(error))
                continue
            if not worker.send(self._waiting[0]._message):
                self._dying.append(worker)  # it died while it was idle: the next one takes the job
                continue
            job = self._waiting.popleft()
            job._worker, self._busy[worker] = worker, job

    def _keep_spare(self) -> None:
        if not self._closed and len(self._idle) + len(self._busy) < self._most:
            try:
                self._idle.append(self._start())
            except OSError:
                logger.warning("no spare worker could be started", exc_info=True)

    def _cancel(self, job: Job) -> None:
        with self._lock:
            if job._ended:
                return
            followers, job._followers = job._followers, []
            self._send(job, Cancelled())
            job._followers = followers
            if job._leader is not None:
                job._leader._followers.remove(job)
                return
            if followers:
                self._succeed(job, followers[0])
                return
            if job in self._waiting:
                self._waiting.remove(job)
            worker = job._worker
            if worker is not None and self._busy.pop(worker, None) is not None:
                self._dying.append(worker)
                worker.kill()
                if not self._closed:
                    self._dispatch()

    def _on_event(self, worker: WorkerProcess, event: Event) -> None:
        with self._lock:
            job = self._busy.get(worker)
            if job is None:
                return  # the last words of a worker whose job was cancelled
            self._send(job, event)
            if isinstance(event, Done | Failed):
                self._idle.append(worker)
                del self._busy[worker]
                self._dispatch()
            if not isinstance(event, Progress):
                self._keep_spare()

    def _on_end(self, worker: WorkerProcess, code: int) -> None:
        with self._lock:
            killed = worker in self._dying
            job = self._busy.pop(worker, None)
            for group in (self._idle, self._dying):
                if worker in group:
                    group.remove(worker)
            if job is not None:
                logger.error("worker %d ended by itself with code %d", worker.pid, code)
                self._send(job, Failed(ended_in_words(code)))
            # A worker that dies with nothing to do is not replaced before there is a job: no
            # endless starting.
            if (job is not None or killed) and not self._closed:
                self._dispatch()
                self._keep_spare()

    # --- events

    def _send(self, job: Job, event: Event) -> None:
        with self._lock:
            if not job._ended:
                job._ended = isinstance(event, Done | Failed | Cancelled)
                if job._ended:
                    self._jobs.discard(job)
                if isinstance(event, Finished):
                    job._finished.append(event)
                if isinstance(event, Progress):
                    job._progress = event
                self._outbox.put((job, event))
                for follower in tuple(job._followers):
                    self._send(follower, event)

    def _deliver(self) -> None:
        while (letter := self._outbox.get()) is not None:
            job, event = letter
            try:
                job._on_event(event)
            except Exception:
                logger.exception("the callback of a job failed at %r", event.kind)
            if isinstance(event, Done | Failed | Cancelled):
                job._delivered.set()
