"""Profiling a table: the work itself, and the job that does it in a process of its own."""

from __future__ import annotations

import dataclasses
import logging
import threading
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.core.jobs.events import Done, Event, Failed, Profiled, Progress
from explorer.core.jobs.process import WorkerProcess, ended_in_words, worker_environment
from explorer.features.kind import Feature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from explorer.core.cache import Cache
    from explorer.profile.feature_queue import FeatureQueue
    from explorer.profile.profile import FeatureProfile
    from explorer.profile.profile_store import ProfileStore
    from explorer.sources.source import ArrowSource

__all__ = ["ProfileJob", "features_from_documents", "profile_into"]

logger = logging.getLogger(__name__)

_LONG = 1_000_000  # rows from which few columns are taken at a time
_AT_ONCE = {True: 8, False: 96}  # few enough that what is looked at next has not to wait long
# Conventions: below this a column is counted in a second, and a sample in front would only be in
# the way.
_SAMPLED_FROM = 4_000_000
_SAMPLE_ROWS = 200_000


def profile_into(
    source: ArrowSource, features: Mapping[str, Feature], wanted: FeatureQueue, store: ProfileStore
) -> Iterator[FeatureProfile]:
    """Profile features, those on screen first; in long tables these from a stated sample first.

    Parameters
    ----------
    source : ArrowSource
    features : mapping of str to Feature
    wanted : FeatureQueue
        May be told to prefer others at any time, from any thread.
    store : ProfileStore
        Exact profiles are kept there as soon as they are finished.

    Yields
    ------
    FeatureProfile
    """
    from explorer.profile.counting.counting import count_features

    sampled: set[str] = set()
    most = _AT_ONCE[source.num_rows > _LONG]
    while len(wanted):
        looked_at = [name for name in wanted.preferred() if name not in sampled]
        if source.num_rows > _SAMPLED_FROM and looked_at:
            sampled.update(looked_at)
            yield from count_features(source, features, looked_at, sample_rows=_SAMPLE_ROWS)
            continue
        finished = []
        for profile in count_features(source, features, wanted.take(most)):
            finished.append(profile)
            yield profile
        store.put(finished, features)


def features_from_documents(documents: Sequence[Mapping[str, Any]]) -> dict[str, Feature]:
    """Build features from their fields as JSON gives them."""
    features = {}
    for document in documents:
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in document.items()
        }
        features[str(document["name"])] = Feature(**plain)
    return features


class ProfileJob:
    """Profiles a table in a worker process of its own, beside whatever is projected.

    Parameters
    ----------
    cache : Cache
    source : ArrowSource
    features : mapping of str to Feature
    wanted : sequence of str
        What is still to be counted, in order.
    first : sequence of str
        What somebody looks at.
    on_event : callable
        Called from a thread with `Profiled` for each feature, `Progress`, and at the end `Done` or
        `Failed`.
    """

    def __init__(
        self,
        cache: Cache,
        source: ArrowSource,
        features: Mapping[str, Feature],
        wanted: Sequence[str],
        first: Sequence[str],
        on_event: Callable[[Event], None],
    ) -> None:
        self._on_event = on_event
        self._cache, self._source = cache, source
        self._asked = {
            "features": [dataclasses.asdict(features[name]) for name in wanted],
            "first": list(first),
        }
        self._worker: WorkerProcess | None = None
        self._ended = False
        self._lock = threading.Lock()
        threading.Thread(target=self._start, name="profile-start", daemon=True).start()

    def prefer(self, names: Sequence[str]) -> None:
        """Count these next."""
        with self._lock:
            if self._worker is None:
                self._asked["first"] = list(names)
            else:
                self._worker.send({"prefer": list(names)})

    def cancel(self) -> None:
        """Stop at once; what is finished is kept."""
        with self._lock:
            self._ended = True
            worker = self._worker
        if worker is not None:
            worker.kill()

    def _start(self) -> None:
        try:
            described = self._source.describe(hashed=False)
            environment = worker_environment(self._cache.folder.absolute())
            with self._lock:
                if self._ended:
                    return
                self._worker = WorkerProcess(
                    environment, lambda _, event: self._hear(event), self._on_end
                )
                self._worker.send(
                    {
                        "task": "profile",
                        "source": described,
                        "cache": str(self._cache.folder.absolute()),
                        **self._asked,
                    }
                )
        except Exception as error:
            logger.exception("the profile could not be started")
            self._end(Failed.of(error, "counting"))

    def _hear(self, event: Event) -> None:
        if isinstance(event, Profiled | Progress):
            self._on_event(event)
        elif isinstance(event, Done | Failed):
            self._end(event)
            self.cancel()

    def _on_end(self, _worker: WorkerProcess, code: int) -> None:
        self._end(Failed(ended_in_words(code, _("what was counted is kept: continue counting"))))

    def _end(self, event: Event) -> None:
        with self._lock:
            ended, self._ended = self._ended, True
        if not ended:
            self._on_event(event)
