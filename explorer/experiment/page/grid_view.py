"""A grid of experiments: one row each, with a verdict for every metric and arm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import param

from explorer.core.errors import ExplorerError
from explorer.experiment.controller import ExperimentController
from explorer.experiment.page.files import TYPES, grid_file
from explorer.experiment.page.grid_rows import GridRows
from explorer.state import actions
from explorer.ui.analysis.analysis_job import AnalysisJob
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from explorer.session.session import Session
    from projections.errors import Progress

__all__ = ["ExperimentGridView"]

_READ = {"tab", "experiment", "filters", "maps", "catalogue", "selections"}
_WINDOW = 60  # experiments that are sent at first
_MOST_SENT = 400
_computing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="grid")


class ExperimentGridView(SessionComponent):
    """A grid of experiments."""

    _files = "grid_view"

    card = param.Dict(default={}, doc="Ledger, columns and palette.")
    window = param.Dict(default={}, doc="The experiments that are in sight, in their order.")
    busy = param.String(default="", doc="What is being computed, and how far it is.")
    stopped = param.Boolean(default=False, doc="Whether somebody has stopped it.")
    error = param.String(default="", doc="Why there is none, or what could not be done.")
    saved = param.Dict(default={}, doc="A file to save.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(session, schedule, **params)
        self._experimenting = session.part(ExperimentController)
        self._listed: dict[str, Any] = {"start": 0, "stop": _WINDOW, "sort": "table", "search": ""}
        self._job: AnalysisJob[str, GridRows] = AnalysisJob(
            self,
            schedule,
            self._compute,
            lambda _: self._windows.submit(dict(self._listed)),
            name="a grid of experiments",
            pool=_computing,
            shown="card",
        )
        self._windows: LatestTask[dict[str, Any], dict[str, Any]] = LatestTask(
            schedule, self._window, self._show_window
        )

    @property
    def asked_for(self) -> bool:
        """Whether a column names experiments: the grid is then shown in place of one of them."""
        return self._experimenting.settings.experiments is not None

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session while the tab is shown; called on the event loop."""
        if not changed & _READ:
            return
        if not self.asked_for:
            if self._job.running:
                self._job.cancel()
        elif self._experimenting.wanting:
            self._job.clear(card={}, window={})
        else:
            self._job.ask(self._experimenting.grid_key)

    # --- what the page sends

    def on_stop(self) -> None:
        """Stop what is being computed; what is shown stays, and says when it is stale."""
        self._job.stop()

    def on_compute(self) -> None:
        """Compute what was stopped."""
        self._job.restart()

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
            self._session.state.act(actions.set_experiment, unit=unit)
        except ExplorerError as error:
            self.error = str(error)

    def on_save(self, form: str) -> None:
        """Hand out the grid as a file."""
        rows = self._job.result
        if rows is None:
            return
        try:
            data = grid_file(rows.grid, form)
        except ExplorerError as error:
            self.error = str(error)
            return
        self._hand_file(f"experiments.{form}", TYPES[form], data)

    # --- in a thread

    def _compute(self, _: str, progress: Progress) -> tuple[GridRows, dict[str, Any]]:
        rows = GridRows(self._experimenting.grid(progress))
        return rows, {"card": rows.card()}

    def _window(self, listed: dict[str, Any]) -> dict[str, Any]:
        rows = self._job.result
        if rows is None:
            return {}
        pair = listed.get("metric"), listed.get("arm")
        if listed["sort"] == "z" and pair != (None, None) and pair not in rows.pairs:
            listed = {**listed, "metric": None, "arm": None}  # a metric that is gone
        return rows.window(**listed)

    # --- on the event loop

    def _show_window(self, window: dict[str, Any]) -> None:
        self.window = window
