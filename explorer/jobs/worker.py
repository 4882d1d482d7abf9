"""The worker process: ``python -m explorer.jobs.worker``.

It reads one job a line from stdin and writes events, one JSON object a line, to a private duplicate
of stdout. What libraries print, from Python or from C, goes to stderr, so that no stray print can
damage the protocol. When stdin closes the server is gone, and the worker ends at once, in the
middle of a job too.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import logging
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.core.jobs.events import Done, Event, Failed, Profiled, Progress, event_line
from explorer.jobs.engine import warm_engine
from explorer.jobs.plan import Plan, Step
from explorer.profile.feature_queue import FeatureQueue
from projections.errors import ProjectionError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

logger = logging.getLogger(__name__)

Message = dict[str, Any]

_REPORT_EVERY = 0.1  # seconds between two reports within a stage: more would only fill the pipe


class Channel:
    """The private duplicate of stdout; taking it sends everything printed from now on to stderr."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._lines: IO[str] = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def send(self, event: Event) -> None:
        """Write an event; the process ends when nobody reads."""
        try:
            self._lines.write(event_line(event) + "\n")
        except BrokenPipeError:
            os._exit(0)


class Reporter:
    """Sends ``progress(stage, done, total)`` as `Progress` events.

    It never asks to stop, since a job is cancelled by ending its process.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._plan = Plan()
        self._stage = ""
        self._last_sent = 0.0

    def expect(self, steps: Sequence[Step]) -> None:
        """Take the steps of the whole job."""
        self._plan.expect(steps)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report where the work stands, not too often."""
        now = time.perf_counter()
        if stage == self._stage and done < total and now - self._last_sent < _REPORT_EVERY:
            return
        self._stage, self._last_sent = stage, now
        self._channel.send(self._plan.at(stage, int(done), int(total)))


def main() -> None:
    """Take jobs until stdin closes."""
    faulthandler.enable()  # a crash in compiled code leaves its traceback on stderr
    channel = Channel()
    jobs: queue.SimpleQueue[Message] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    _warm(jobs)
    while True:
        _work(jobs.get(), channel)


def _listen(jobs: queue.SimpleQueue[Message]) -> None:
    # A duplicate again: a library that reads stdin gets an end of file, not our jobs.
    lines = os.fdopen(os.dup(0), encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for line in lines:
        message = json.loads(line)
        if "prefer" in message:
            _preferred[:] = message["prefer"]  # the job may not have begun
            _wanted.prefer(_preferred)
        else:
            jobs.put(message)
    os._exit(0)


def _warm(jobs: queue.SimpleQueue[Message]) -> None:
    """Import the engine and load its compiled code, given up when a job comes."""
    importlib.import_module("explorer.jobs.task")
    warm_engine(jobs.empty)


_wanted = FeatureQueue(())
_preferred: list[str] = []


def _work(message: Message, channel: Channel) -> None:
    """Do one job; whatever happens, its last event says how it ended."""
    try:
        if message.get("task") == "profile":
            _profile(message, channel)
        else:
            _project(message, channel)
    except (ExplorerError, ProjectionError) as error:
        channel.send(Failed.of(error))
    except Exception as error:
        logger.exception("a job failed in a way nobody foresaw")
        channel.send(
            Failed.of(error, "counting" if message.get("task") == "profile" else "projection")
        )
    else:
        channel.send(Done())


def _profile(message: Message, channel: Channel) -> None:
    from explorer.core.cache import Cache
    from explorer.profile.background import features_from_documents, profile_into
    from explorer.profile.profile_store import ProfileStore
    from explorer.sources.widened import reopen_source

    global _wanted
    cache = Cache(Path(message["cache"]))
    source = reopen_source(message["source"], cache)
    features = features_from_documents(message["features"])
    _wanted = FeatureQueue(features, message["first"])
    _wanted.prefer(_preferred)  # after it can be told itself, so that nothing falls between
    started, total, done = time.perf_counter(), len(features), 0
    for profile in profile_into(source, features, _wanted, ProfileStore(cache, source.identity())):
        channel.send(Profiled(profile.document()))
        done += profile.sampled is None
        seconds = time.perf_counter() - started
        eta = seconds * (total - done) / done if done else None
        channel.send(Progress("profile", done, total, seconds, eta, share=done / total))


def _project(message: Message, channel: Channel) -> None:
    from explorer.core.cache import Cache
    from explorer.embedding.projection_spec import ProjectionSpec
    from explorer.jobs.task import project_into
    from explorer.sources.widened import reopen_source

    cache = Cache(Path(message["cache"]))
    source = reopen_source(message["source"], cache)
    requests = [ProjectionSpec.from_document(document) for document in message["requests"]]
    for finished in project_into(cache, source, requests, Reporter(channel), channel.send):
        channel.send(finished)


if __name__ == "__main__":
    main()
