"""A wall of experiments: one row each, with its sample ratio and a verdict for every metric and arm, corrected together."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import param

from explorer.core.errors import ExplorerError
from explorer.experiment.controller import ExperimentController
from explorer.experiment.page.files import TYPES, wall_written
from explorer.experiment.page.grid_rows import WallList
from explorer.ui.cancellable_progress import CancellableProgress, stale
from explorer.ui.component import Component
from explorer.ui.latest import LatestTask, Schedule
from projections.errors import Cancelled

if TYPE_CHECKING:
    from explorer.session.session import Session
    from projections.errors import Progress

__all__ = ["ExperimentWallView"]

logger = logging.getLogger(__name__)

_READ = {"tab", "experiment", "filters", "maps", "catalogue", "selections"}
_WINDOW = 60  # experiments that are sent at first
_MOST_SENT = 400
_computing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="wall")


class _Answer(NamedTuple):
    key: str
    rows: WallList | None = None
    card: dict[str, Any] = {}  # noqa: RUF012  never written to
    error: str = ""


class ExperimentWallView(Component):
    """A wall of experiments.

    Parameters
    ----------
    session : Session
    schedule : callable
        Runs a function on the page's event loop.
    """

    _files = "grid_view"

    card = param.Dict(default={}, doc="Ledger, columns and palette.")
    window = param.Dict(default={}, doc="The experiments that are in sight, in their order.")
    busy = param.String(default="", doc="What is being computed, and how far it is.")
    stopped = param.Boolean(default=False, doc="Whether somebody has stopped it.")
    error = param.String(default="", doc="Why there is none, or what could not be done.")
    saved = param.Dict(default={}, doc="A file to save.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(**params)
        self._session, self._experimenting = session, session.part(ExperimentController)
        self._rows: WallList | None = None
        self._asked: str | None = None
        self._listed: dict[str, Any] = {"start": 0, "stop": _WINDOW, "sort": "table", "search": ""}
        self._progress = CancellableProgress(schedule, lambda words: self.param.update(busy=words))
        self._work: LatestTask[tuple[str, Progress], _Answer] = LatestTask(
            schedule, self._computed, self._show, _computing
        )
        self._windows: LatestTask[dict[str, Any], dict[str, Any]] = LatestTask(
            schedule, self._window, self._show_window
        )

    @property
    def asked_for(self) -> bool:
        """Whether a column names experiments: the wall is then shown in place of one of them."""
        return self._experimenting.asked["experiments"] is not None

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session while the tab is shown; called on the event loop."""
        if not changed & _READ:
            return
        if not self.asked_for:
            self._leave()
        elif self._experimenting.wanting:
            self._leave()
            self._asked, self._rows = None, None
            self.param.update(card={}, window={}, stopped=False, error="")
        elif self._asked != (key := self._experimenting.wall_key):
            self._start(key)

    # --- what the page sends

    def on_stop(self) -> None:
        """Stop what is being computed; the wall that is shown stays, and says so where it is of another question."""
        self._progress.stop()
        self.param.update(busy="", stopped=True, card=stale(self.card))

    def on_compute(self) -> None:
        """Compute what was stopped."""
        if self._asked is not None:
            self._start(self._asked)

    def on_window(
        self,
        start: int,
        stop: int,
        sort: str,
        search: str,
        metric: str | None = None,
        arm: str | None = None,
    ) -> None:
        """Send the experiments that have come into sight, or are asked for in another order."""
        self._listed = {
            "start": start,
            "stop": min(stop, start + _MOST_SENT),
            "sort": sort,
            "search": search,
            "metric": metric,
            "arm": arm,
        }
        self._windows.submit(dict(self._listed))

    def on_open(self, name: str, metric: str | None = None, arm: str | None = None) -> None:
        """Read one experiment alone, and look at a metric in an arm of it."""
        try:
            self._experimenting.open_one(name, metric, arm)
        except ExplorerError as error:
            self.error = str(error)

    def on_set(self, unit: str) -> None:
        """Name the unit, or say that there is none."""
        try:
            self._session.state.act("set_experiment", unit=unit)
        except ExplorerError as error:
            self.error = str(error)

    def on_save(self, form: str) -> None:
        """Hand out the wall as a file."""
        if self._rows is None:
            return
        try:
            data = wall_written(self._rows.found, form)
        except ExplorerError as error:
            self.error = str(error)
            return
        self._hand_file(f"experiments.{form}", TYPES[form], data)

    # --- in a thread

    def _computed(self, asked: tuple[str, Progress]) -> _Answer:
        key, progress = asked
        try:
            rows = WallList(self._experimenting.wall(progress))
            return _Answer(key, rows, rows.card())
        except Cancelled:
            return _Answer("")
        except ExplorerError as error:
            return _Answer(key, error=str(error))
        except Exception:
            logger.exception("a wall of experiments could not be computed")
            return _Answer(key, error="this could not be computed; the log of the server says why")

    def _window(self, listed: dict[str, Any]) -> dict[str, Any]:
        rows = self._rows
        if rows is None:
            return {}
        pair = listed.get("metric"), listed.get("arm")
        if listed["sort"] == "z" and pair != (None, None) and pair not in rows.pairs:
            listed = {**listed, "metric": None, "arm": None}  # a metric that is gone
        return rows.window(**listed)

    # --- on the event loop

    def _start(self, key: str) -> None:
        self._asked = key
        self.param.update(busy="computing", stopped=False)
        self._work.submit((key, self._progress.begin()))

    def _leave(self) -> None:
        """Compute nothing that nobody waits for."""
        if self.busy:
            self._progress.stop()
            self._asked, self.busy = None, ""

    def _show(self, answer: _Answer) -> None:
        if answer.key != self._asked or self.stopped:
            return  # another is on its way, or none
        with param.parameterized.batch_call_watchers(self):
            self.busy, self.error = "", answer.error
            if answer.rows is None:
                self.card = stale(self.card)  # what is shown stays, and says so
                return
            self._rows, self.card = answer.rows, answer.card
        self._windows.submit(dict(self._listed))

    def _show_window(self, window: dict[str, Any]) -> None:
        self.window = window
