"""A view of the Models tab that reads the table anew when what it asks for has changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar

import param

from explorer.core.errors import ExplorerError
from explorer.ui.analysis.analysis_columns import column_offers, setup_card
from explorer.ui.analysis.analysis_files import TYPES, file_bytes
from explorer.ui.analysis.analysis_job import AnalysisJob
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.session.model_analysis import ModelAnalysis
    from explorer.session.session import Session
    from explorer.state.document import Document
    from explorer.state.model_settings import ModelView
    from projections.errors import Progress

__all__ = ["AnalysisView"]

_READ = {"tab", "models", "filters", "maps", "catalogue", "selections"}
_computing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="read-view")


class AnalysisView(SessionComponent):
    """Base of the views that are read as a whole.

    Subclasses name their section of the state, say what is shown of what was found (`_card`), and
    take it over (`_take`).

    Parameters
    ----------
    session, schedule
        As `SessionComponent` has them.
    analysis : ModelAnalysis
        What the view reads.
    """

    _base_styles = ("ui/base", "ui/analysis/analysis")
    _view: ClassVar[ModelView]
    _change: ClassVar[Callable[..., Document]]
    """The action that changes how the table is read."""
    _sent: ClassVar[tuple[str, ...]] = ("setup", "offers", "result")
    __abstract = True

    setup = param.Dict(default={}, doc="How the table is read.")
    offers = param.Dict(default={}, doc="Columns that can be chosen.")
    result = param.Dict(default={}, doc="What was found, as the view shows it.")
    busy = param.String(default="", doc="What is being computed, and how far it is.")
    stopped = param.Boolean(default=False, doc="Whether somebody has stopped it.")
    error = param.String(default="", doc="Why something could not be done.")
    saved = param.Dict(default={}, doc="A file to save.")

    def __init__(
        self,
        session: Session,
        schedule: Schedule,
        analysis: ModelAnalysis[Any, Any],
        **params: Any,
    ) -> None:
        self._reading = analysis
        super().__init__(session, schedule, **params)
        self._setups: LatestTask[None, tuple[dict[str, Any], dict[str, Any]]] = LatestTask(
            schedule,
            lambda _: (self._setup_card(), column_offers(session.table.features)),
            self._show_setup,
        )
        self._job: AnalysisJob[str, Any] = AnalysisJob(
            self, schedule, self._computed, self._show, name=self._view, pool=_computing
        )
        self.refresh(frozenset({"tab"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        if document.tab != "Models" or document.models.view != self._view:
            return
        if changed & _READ:
            self._setups.submit(None)
            self._ask()
        if "theme" in changed and self._job.result is not None:
            self._draw()

    # --- what subclasses say

    def _card(self, result: Any) -> dict[str, Any]:
        """Return what ``result`` holds of what was found; JSON. Called in a thread."""
        raise NotImplementedError

    def _take(self, result: Any) -> None:
        """Take over what was found, after ``result``; on the event loop."""

    def _leave(self) -> None:
        """Nothing is asked for any more; on the event loop."""

    def _draw(self) -> None:
        """Draw the plots of what was found."""
        raise NotImplementedError

    # --- what the page sends

    def on_ready(self) -> None:
        """Send everything again: what was sent before the browser knew this view may be lost."""
        for name in self._sent:
            held = getattr(self, name)
            if held:
                setattr(self, name, {**held, "sent": held.get("sent", 0) + 1})
        if self._job.result is not None:
            self._draw()

    def on_set(self, **options: Any) -> None:
        """Change how the table is read."""
        try:
            self._session.state.act(self._change, **options)
            self.error = ""
        except ExplorerError as error:
            self.error = str(error)
            self.setup = {**self.setup, "turn": self.setup.get("turn", 0) + 1}

    def on_stop(self) -> None:
        """Stop what is being computed; what is shown stays, and says so."""
        self._job.stop()

    def on_compute(self) -> None:
        """Compute what was stopped."""
        self._job.restart()

    def on_save(self, form: str) -> None:
        """Hand out everything as a file."""
        if self._job.result is not None:
            self._hand_file(f"{self._view}.{form}", TYPES[form], file_bytes(self._job.result, form))

    # --- in a thread

    def _setup_card(self) -> dict[str, Any]:
        session, reading = self._session, self._reading
        return setup_card(session.table, session.rows, reading.settings, reading.wanting)

    def _computed(self, _: str, progress: Progress) -> tuple[Any, dict[str, Any]]:
        result = self._reading.compute(progress)
        return result, {"result": self._card(result)}

    # --- on the event loop

    def _ask(self) -> None:
        """Compute what is asked for now, unless it is there or on its way."""
        if self._reading.wanting:
            self._job.clear(result={})
            self._leave()
        else:
            self._job.ask(self._reading.key, "reading")

    def _show(self, result: Any) -> None:
        self._take(result)
        self._draw()

    def _show_setup(self, shown: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self.param.update(setup=shown[0], offers=shown[1])
