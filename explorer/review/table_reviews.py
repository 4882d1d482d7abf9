"""What a store of reviews holds of one table, in memory; shared by all sessions."""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.review.opinion import opinions_of
from explorer.review.review_store import open_store
from explorer.review.verdict import set_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from explorer.review.approval import Approval
    from explorer.review.opinion import Opinion
    from explorer.review.review_store import ReviewStore
    from explorer.review.verdict import Verdict
    from explorer.table.feature_set import FeatureSet
    from explorer.table.table import Table

__all__ = ["ReviewContents", "TableReviews"]

logger = logging.getLogger(__name__)

_CLOSE_WITHIN = 60.0  # seconds for what is still to be written
_LOOK_EVERY = 2.0  # seconds: what others wrote is seen after this
# Two servers may write at once, and the later number be there first: so many are read again.
_OVERLAP = 500


@dataclass(frozen=True)
class ReviewContents:
    """What was read of one review.

    Parameters
    ----------
    verdicts : tuple of Verdict
        All of them, oldest first.
    opinions : mapping of str to Opinion
    approvals : mapping of str to sequence of Approval
        By version: "core@3".
    quorum : int
    """

    verdicts: tuple[Verdict, ...] = ()
    opinions: Mapping[str, Opinion] = field(default_factory=dict)
    approvals: Mapping[str, Sequence[Approval]] = field(default_factory=dict)
    quorum: int = 1


class TableReviews:
    """Reads and writes a store in a thread of its own, so that a page never waits for it.

    Parameters
    ----------
    table : Table
    url : str, optional
        As of `open_store`.
    """

    def __init__(self, table: Table, url: str | None = None) -> None:
        self._table, self.url = table, url
        self.failed = ""
        """Why the store could not be opened or read the last time; empty when it could."""
        self.sets: tuple[FeatureSet, ...] = ()
        """All sets of the store, by name and version."""
        self._seen: dict[str, ReviewContents] = {}
        self._wanted: set[str] = set()
        self._mark: tuple[tuple[int, ...], frozenset[str]] | None = None
        self._store: ReviewStore | None = None
        self._tasks: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """Where the store is; empty while it is not open."""
        return "" if self._store is None else self._store.name

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call this, from the store's thread, after a change; returns the way to stop it."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def seen(self, review: str) -> ReviewContents:
        """Return what is known of a review; it is read soon when it is not.

        "core" or "core@3", "" for verdicts of no set.
        """
        name = set_name(review)
        if name not in self._wanted:
            self._wanted.add(name)
            self._ask(self._renew)
        return self._seen.get(name, ReviewContents())

    def reader(self) -> ReviewStore:
        """Return a store of the same address for another thread; its user closes it."""
        return open_store(self.url)

    def write(
        self, work: Callable[[ReviewStore], Any], done: Callable[[Any, str], None] | None = None
    ) -> None:
        """Do something with the store, soon.

        Parameters
        ----------
        work : callable
        done : callable, optional
            Takes the result and why it failed (empty when it did not), in the store's thread.
            Without an error, what was written is on the disk and can be seen.
        """

        def task() -> None:
            result, why = None, ""
            try:
                result = work(self._opened())
            except ExplorerError as error:
                why = str(error)
            except Exception:
                logger.exception("a review could not be written")
                why = "this could not be kept; the log of the server says why"
            try:
                self._renew()
            finally:
                if done is not None:
                    done(result, why)

        self._ask(task)

    def close(self) -> None:
        """Finish what is waiting, and close the store."""
        if self._thread is not None:
            self._tasks.put(None)
            self._thread.join(timeout=_CLOSE_WITHIN)

    # --- in the store's thread

    def _ask(self, task: Callable[[], None]) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="reviews", daemon=True)
                self._thread.start()
        self._tasks.put(task)

    def _run(self) -> None:
        while True:
            try:
                task = self._tasks.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                task = self._renew if self._listeners else _nothing
            if task is None:
                break
            try:
                task()
            except Exception:
                logger.exception("the store of reviews could not be followed")
        if self._store is not None:
            self._store.close()

    def _opened(self) -> ReviewStore:
        if self._store is None:
            self._store = open_store(self.url)
        return self._store

    def _renew(self) -> None:
        """Read again what has changed, and tell those who listen."""
        failed = ""
        try:
            store = self._opened()
            mark = (store.newest(), frozenset(self._wanted))
            if mark == self._mark and not self.failed:
                return
            self.sets = tuple(store.sets())
            since = max(self._mark[0][0] - _OVERLAP, 0) if self._mark else 0
            self._seen = {name: self._read(store, name, since) for name in tuple(self._wanted)}
            self._mark = mark
        except ExplorerError as error:
            failed = str(error)
        except Exception:
            logger.exception("the store of reviews could not be read")
            failed = "the store of reviews cannot be read; the log of the server says why"
        if failed and failed == self.failed:
            return
        self.failed = failed
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:
                logger.exception(
                    "one of those who follow a review failed"
                )  # the others are told all the same

    def _read(self, store: ReviewStore, name: str, since: int) -> ReviewContents:
        """Read what is new of a review, or all of it the first time."""
        before = self._seen.get(name)
        new = store.verdicts(
            in_set=name,
            fingerprint=self._table.fingerprint,
            after=since if before is not None else 0,
        )
        if before is None:
            verdicts, opinions = new, opinions_of(new)
        else:
            seen_ids = {verdict.id for verdict in before.verdicts}
            fresh = [verdict for verdict in new if verdict.id not in seen_ids]
            # opinions that nothing was added to stay the same objects: who shows them need not look
            # again
            verdicts = (
                sorted([*before.verdicts, *fresh], key=lambda verdict: verdict.time)
                if fresh
                else list(before.verdicts)
            )
            judged = {verdict.feature for verdict in fresh}
            opinions = {
                **before.opinions,
                **opinions_of(verdict for verdict in verdicts if verdict.feature in judged),
            }
        versions = [feature_set.id for feature_set in self.sets if feature_set.name == name]
        return ReviewContents(
            tuple(verdicts),
            opinions,
            {version: store.approvals(version) for version in versions},
            store.quorum(name) if name else 1,
        )


def _nothing() -> None:
    """Nobody listens."""
