"""TableProfiles: the profiles of a table as they become known, for all who look at it.

A small table is counted at once in this process. A larger one is counted in a process of its own,
what somebody looks at first, and everybody who listens is told of each feature.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import FeatureError, unknown_name
from explorer.core.jobs.events import Done, Event, Failed, Profiled, Progress
from explorer.profile.profile import FeatureProfile
from explorer.profile.profile_store import ProfileStore
from explorer.profile.summary import EXACT_CELLS, FeatureSummary, summarize
from explorer.table.coding import BinnedColumn, bin_numbers
from explorer.table.profiling import exact_profiles

if TYPE_CHECKING:
    from explorer.features.kind import Feature
    from explorer.profile.background import ProfileJob
    from explorer.table.table_columns import TableColumns

__all__ = ["FeatureSummaries", "TableProfiles"]

logger = logging.getLogger(__name__)

# Counted at once when the table is opened: about half a second on two cores.
_SMALL_CELLS = 4_000_000
_SMALL_COLUMNS = 200
_MOMENT_CELLS = 1_000_000
_WIDE = 200  # columns: fewer are counted by the other process within seconds
_QUICK_CELLS = 2_000_000  # summarised at once: about half a second, so that progress is seen

Listener = Callable[[frozenset[str]], None]


class TableProfiles:
    """What is known of the features of a table.

    Parameters
    ----------
    columns : TableColumns

    Attributes
    ----------
    summaries : FeatureSummaries
        What each feature's strip shows.
    failed : str
        Why counting ended before its end, in words; empty while it has not.
    progress : Progress or None
        How far the job is; None before it starts and after it ended.
    """

    def __init__(self, columns: TableColumns) -> None:
        self._columns = columns
        self.summaries = FeatureSummaries(columns, self)
        self._lock = threading.RLock()
        self._known: dict[str, FeatureProfile] = {}
        self._changes = 0
        self._listeners: list[Listener] = []
        self._job: ProfileJob | None = None
        self._started = self._counted = self._starting = False
        self._recounted: set[str] = set()
        self.failed = ""
        self.progress: Progress | None = None
        columns.listen(self._column_changed)

    @cached_property
    def small(self) -> bool:
        """Whether the table is counted at once."""
        columns = len(self._columns.names)
        return columns <= _SMALL_COLUMNS and self._columns.num_rows * columns <= _SMALL_CELLS

    @property
    def running(self) -> bool:
        """Whether features are being counted."""
        return self._job is not None or self._starting

    def get(self, name: str) -> FeatureProfile | None:
        """Return what is known of a feature, exact or of a sample; None while nothing is."""
        if self.small:
            self._count_small()
        with self._lock:
            return self._known.get(name)

    def finished(self) -> dict[str, FeatureProfile]:
        """Return all that are known now."""
        if self.small:
            self._count_small()
        with self._lock:
            return dict(self._known)

    def count_changes(self) -> int:
        """Return how often what is known has changed: between equal numbers nothing has."""
        if self.small:
            self._count_small()
        with self._lock:
            return self._changes

    def count_exact(self) -> int:
        """Return how many are known of all rows."""
        with self._lock:
            return sum(profile.sampled is None for profile in self._known.values())

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call this with the names of newly known features, from any thread.

        Returns a function that ends it.
        """
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def start(self, first: Sequence[str] = ()) -> None:
        """Begin to count, unless that is done or under way.

        What is kept from before is known at once.
        """
        with self._lock:
            if self._started:
                return
            self._started, self.failed = True, ""
        if self.small:
            self._count_small()
            return
        self._starting = True
        try:
            self._start_job(first)
        finally:
            self._starting = False

    def _start_job(self, first: Sequence[str]) -> None:
        features = self._columns.features
        passing = self._columns.source.mutable_columns & set(self._columns.names)
        lasting = {
            name: feature
            for name, feature in features.items()
            if name not in self._columns.source.mutable_columns
        }
        self._learn(
            ProfileStore(self._columns.cache, self._columns.source.identity())
            .get(lasting.values())
            .values()
        )
        # row labels are counted here: the other process would keep them for good
        self._learn(
            exact_profiles(self._columns, {name: features[name] for name in passing}).values()
        )
        missing = [name for name in lasting if name not in self._known]
        self._summarize(missing)
        with self._lock:
            if missing and self._started:
                from explorer.profile.background import ProfileJob

                self._job = ProfileJob(
                    self._columns.cache, self._columns.source, features, missing, first, self._hear
                )

    @cached_property
    def summarized_first(self) -> bool:
        """Whether the many columns of a wide table are summarised before they are profiled.

        Whether a column can be projected follows from its summary, which takes a tenth of the time
        of its profile.
        """
        columns = len(self._columns.names)
        return columns > _WIDE and self._columns.num_rows * columns <= EXACT_CELLS

    def _summarize(self, names: Sequence[str]) -> None:
        """Summarise a wide table here, before another process counts the rest."""
        if not self.summarized_first:
            return
        at_once = max(1, _QUICK_CELLS // max(self._columns.num_rows, 1))
        for first in range(0, len(names), at_once):
            if not self._started:
                return  # stopped meanwhile
            batch = names[first : first + at_once]
            self.summaries.load(batch)
            self._tell(frozenset(batch))

    def prefer(self, names: Sequence[str]) -> None:
        """Count these next: somebody looks at them.

        Where that takes a moment it is done here, by the calling thread.
        """
        with self._lock:
            job, wanted = self._job, [name for name in names if not self._is_exact(name)]
        if not wanted:
            return
        if self._columns.num_rows * len(wanted) <= _MOMENT_CELLS:
            features = {name: self._columns.features[name] for name in wanted}
            self._learn(exact_profiles(self._columns, features).values())
        elif job is not None:
            job.prefer(wanted)

    def stop(self) -> None:
        """Stop counting until somebody asks to go on; what is finished is kept."""
        self.close()
        with self._lock:
            self._started, self.progress = False, None
        self._tell(frozenset())

    def forget(self, name: str, again: bool = True) -> None:
        """Forget the profile of a feature whose values have changed; count it again if asked."""
        with self._lock:
            self._known.pop(name, None)
            self._changes += 1
            if self._started:
                self._recounted.add(name)
        if not again:
            return
        feature = self._columns.features[name]
        self._learn(exact_profiles(self._columns, {name: feature}).values())

    def relabel(self, feature: Feature) -> None:
        """Take the words of a feature, which say nothing of its figures."""
        with self._lock:
            if feature.name in self._known:
                profile = self._known[feature.name]
                self._known[feature.name] = replace(profile, label=feature.label, unit=feature.unit)
                self._changes += 1
        self._tell(frozenset([feature.name]))

    def close(self) -> None:
        """Stop counting; what is finished is kept."""
        with self._lock:
            job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _column_changed(self, name: str, other_values: bool) -> None:
        if not other_values:
            self.relabel(self._columns.features[name])
            return
        counted = self._started or bool(self._known)  # else it is counted when asked for
        self.summaries.forget(name, again=counted and name not in self._columns.cleared)

    def _is_exact(self, name: str) -> bool:
        profile = self._known.get(name)
        return profile is not None and profile.sampled is None

    def _count_small(self) -> None:
        with self._lock:
            if not self._counted:
                features = self._columns.features
                listed = {name: features[name] for name in self._columns.names}
                self._known = exact_profiles(self._columns, listed)
                self._counted = True
                self._changes += 1

    def _hear(self, event: Event) -> None:
        if isinstance(event, Profiled):
            self._take(FeatureProfile.from_document(event.document))
            return
        if isinstance(event, Progress):
            self.progress = event  # told with the features that it counts
            return
        if isinstance(event, Done | Failed):
            self.failed = event.message if isinstance(event, Failed) else ""
            self.progress = self._job = None
            self._started = False  # so that one can go on after a failure
        self._tell(frozenset())

    def _take(self, profile: FeatureProfile) -> None:
        """Learn what the job counted, which began with what the catalogue said by then."""
        with self._lock:
            outdated = profile.name in self._recounted
        if not outdated:
            feature = self._columns.features[profile.name]
            self._learn([replace(profile, label=feature.label, unit=feature.unit)])

    def _learn(self, profiles: Iterable[FeatureProfile]) -> None:
        fresh = {profile.name: profile for profile in profiles}
        with self._lock:
            # an exact one is never replaced by a sample that was under way
            fresh = {
                name: profile
                for name, profile in fresh.items()
                if profile.sampled is None or not self._is_exact(name)
            }
            self._known |= fresh
            self._changes += 1
        if fresh:
            self._tell(frozenset(fresh))

    def _tell(self, names: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            listener(names)


class FeatureSummaries(Mapping[str, FeatureSummary]):
    """What each feature's strip shows.

    From its profile when that is known, else counted quickly when asked for.

    Parameters
    ----------
    columns : TableColumns
    profiles : TableProfiles
    """

    def __init__(self, columns: TableColumns, profiles: TableProfiles) -> None:
        self._columns, self._profiles = columns, profiles
        self._lock = threading.Lock()
        self._quick: dict[str, FeatureSummary] = {}
        self._counted: tuple[int, dict[str, FeatureSummary], Mapping[str, FeatureSummary]] = (
            -1,
            self._quick,
            {},
        )

    def __getitem__(self, name: str) -> FeatureSummary:
        profile = self._profiles.get(name)
        if profile is not None:
            return profile.summary
        self.load([name])
        if name in self._quick:
            return self._quick[name]
        profile = self._profiles.get(name)  # it may have become known just now
        if profile is None:
            raise unknown_name("feature", name, self._columns.features)
        return profile.summary

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns.features)

    def __len__(self) -> int:
        return len(self._columns.features)

    def bins(self, name: str) -> BinnedColumn:
        """Return a column of numbers coded by the bins of its strip; kept for the next time."""
        columns, histogram = self._columns, self[name].histogram
        if histogram is None:
            raise FeatureError(
                f"{name!r} has no histogram: it is {columns.features[name].kind}, or has no "
                "finite value"
            )
        edges = np.asarray(histogram.edges, np.float64)
        return columns.results.code(
            ("bins", name), lambda: bin_numbers(columns.numbers(name), edges)
        )

    def counted(self) -> Mapping[str, FeatureSummary]:
        """Return those that are known now, exact or of a sample.

        It is the same object until another is known, since a page asks for it many times.
        """
        # read before what they count: a change that comes meanwhile is seen the next time
        changes, quick = self._profiles.count_changes(), self._quick
        seen, seen_quick, counted = self._counted
        if seen != changes or seen_quick is not quick:
            profiles = self._profiles.finished()
            counted = MappingProxyType(
                {**quick, **{name: profile.summary for name, profile in profiles.items()}}
            )
            self._counted = changes, quick, counted
        return counted

    def forget(self, name: str, again: bool = True) -> None:
        """Count a feature again, since it or what the catalogue says of it has changed.

        Or only forget it.
        """
        with self._lock:
            self._quick = {key: value for key, value in self._quick.items() if key != name}
        self._profiles.forget(name, again)

    def peek(self, name: str) -> FeatureSummary:
        """Return what is known now.

        Of a feature that nobody has counted, that it varies on a sample of no rows.
        """
        profile = self._profiles.get(name)
        if profile is not None:
            return profile.summary
        return self._quick.get(name) or _uncounted(
            name, self._columns.features[name].kind, self._columns.num_rows
        )

    def load(self, names: Sequence[str]) -> None:
        """Count those that nobody has counted yet in one pass."""
        with self._lock:
            missing = [
                name
                for name in names
                if name not in self._quick and self._profiles.get(name) is None
            ]
            if missing:
                # another dict: readers do not wait for the lock
                self._quick = {
                    **self._quick,
                    **summarize(self._columns.source, self._columns.features, missing),
                }


@lru_cache(maxsize=10_000)
def _uncounted(name: str, kind: str, rows: int) -> FeatureSummary:
    return FeatureSummary(
        name=name, kind=kind, rows=rows, sampled=1, distinct=2, distinct_exact=False
    )
