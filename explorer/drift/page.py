"""The Drift view of the Models tab: features by chunk against a reference, and alarms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import panel as pn
import param
from panel.custom import Child

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.drift.analysis.chunks import chunking_of
from explorer.drift.cards import cell_card, drift_card
from explorer.drift.compute import can_order
from explorer.drift.controller import DriftController
from explorer.drift.figures import (
    DistributionFigure,
    SeriesFigure,
    distance_figure,
    distribution_figure,
    domain_figure,
    missing_figure,
    performance_figure,
)
from explorer.drift.plots import distribution_plot, series_plot
from explorer.state import actions
from explorer.ui.analysis.analysis_columns import column_offers, setup_card
from explorer.ui.analysis.analysis_files import TYPES, file_bytes
from explorer.ui.analysis.analysis_job import AnalysisJob, Outcome, outcome_of
from explorer.ui.cancellable_progress import CancellableProgress
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule
from explorer.ui.plots.plots import holoviews

if TYPE_CHECKING:
    from explorer.drift.analysis.drift import Drift
    from explorer.session.session import Session
    from explorer.state.model_settings import DriftOptions
    from projections.errors import Progress

__all__ = ["DriftView"]

_VIEW = "drift"
_READ = {"tab", "models", "filters", "maps", "catalogue", "selections"}
_PERIODS = ("hour", "day", "week", "month", "quarter", "year", "1000rows", "10000rows")
_computing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="drift-view")


class _ChunkView(NamedTuple):
    found: Drift
    card: dict[str, Any]
    figures: dict[str, SeriesFigure | DistributionFigure]


class DriftView(SessionComponent):
    """Drift of the Models tab."""

    _files = "page"
    _base_styles = ("ui/base", "ui/analysis/analysis")

    setup = param.Dict(default={}, doc="How the table is read.")
    offers = param.Dict(default={}, doc="Columns that can be chosen.")
    result = param.Dict(default={}, doc="The heat map, alarms, notes.")
    look = param.Dict(default={}, doc="One feature in one chunk: figures and words of the plots.")
    busy = param.String(default="", doc="What is being computed, and how far it is.")
    stopped = param.Boolean(default=False, doc="Whether somebody has stopped it.")
    error = param.String(default="", doc="Why something could not be done.")
    saved = param.Dict(default={}, doc="A file to save.")
    first = Child(doc="The upper plot.")
    second = Child(doc="The lower plot.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        self._monitoring = session.part(DriftController)
        self._ready, self._panel = False, "feature"
        self._timed = False
        self._taken: tuple[str | None, str | None] = None, None
        self._at: tuple[str, int] = ("", -1)
        self._figures: dict[str, SeriesFigure | DistributionFigure] = {}
        self._places = {
            name: pn.Column(sizing_mode="stretch_width", margin=0) for name in ("first", "second")
        }
        super().__init__(session, schedule, **self._places, **params)
        self._chunks, self._rows = (
            CancellableProgress(schedule, self._show_progress) for _ in range(2)
        )
        self._setups: LatestTask[None, tuple[dict[str, Any], dict[str, Any]]] = LatestTask(
            schedule, lambda _: self._read_setup(), self._show_setup
        )
        self._job: AnalysisJob[str, Drift] = AnalysisJob(
            self, schedule, self._compute, self._show, name="drift", pool=_computing
        )
        self._looks: LatestTask[tuple[Drift, str, int, str, Progress], Outcome[_ChunkView]] = (
            LatestTask(
                schedule,
                lambda request: outcome_of(
                    _("a plot of drift"), lambda: self._read_chunk(*request)
                ),
                self._show_look,
                _computing,
            )
        )
        self._maps: LatestTask[Progress, Outcome[Any]] = LatestTask(
            schedule,
            lambda progress: outcome_of(
                _("similarity of rows"), lambda: self._monitoring.likely(progress)
            ),
            self._show_map,
            _computing,
        )
        self.refresh(frozenset({"tab"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        if document.tab != "Models" or document.models.view != _VIEW:
            return
        if changed & _READ:
            if self._known_columns():
                self._schedule(self._fill_in_columns)
            self._setups.submit(None)
            self._ask()
        if "theme" in changed:
            self._look()

    def _known_columns(self) -> DriftOptions:
        """Return what nobody has named here and is known.

        The only column of times, and what the performance view reads; before these the columns to
        which a person gave the role.
        """
        settings = self._monitoring.settings
        roles = self._session.table.roles
        given = {name: role for name, role in roles.items() if role.given}
        taken: DriftOptions = {}
        times = [
            name
            for name, feature in self._session.table.features.items()
            if feature.kind == "temporal"
        ]
        said = [name for name in times if name in given and given[name].role == "time"]
        times = said if len(said) == 1 else times
        if not self._timed and not settings.time and len(times) == 1:
            taken["time"] = times[0]
        performance = self._session.state.document.models.performance
        truth, prediction = (
            performance.truth,
            next(iter(performance.predictions.values()), None),
        )
        if truth is None:
            pairs = [
                (role.of, name)
                for name, role in given.items()
                if role.role == "prediction"
                and role.of in given
                and self._session.table.features[role.of].kind in ("numeric", "boolean")
            ]
            truth, prediction = pairs[0] if pairs else (None, None)
        pair, own = (truth, prediction), (settings.truth, settings.prediction)
        fits = performance.kind != "multiclass" and own in ((None, None), self._taken)
        if truth and prediction and fits and pair != self._taken:
            taken["truth"], taken["prediction"] = truth, prediction
        return taken

    def _fill_in_columns(self) -> None:
        taken = self._known_columns()
        self._timed = True  # who takes the times off again wants none
        if "truth" in taken:
            self._taken = taken["truth"], taken["prediction"]
        if taken:
            self._session.state.act(actions.set_drift, **taken)

    # --- what the page sends

    def on_ready(self) -> None:
        """Send the plots what was put off: the browser now has them."""
        self._ready = True
        self._look()

    def on_set(self, **options: Any) -> None:
        """Change how the table is read."""
        if options.get("chunk", "") is None:
            options["chunk"] = "week"
        try:
            if "chunk" in options:
                chunking_of(options["chunk"])
            self._session.state.act(actions.set_drift, **options)
            self.error = ""
        except ExplorerError as error:
            self.error = str(error)
            self.setup = {**self.setup, "turn": self.setup.get("turn", 0) + 1}

    def on_stop(self) -> None:
        """Stop what is being computed; what is shown stays."""
        self._chunks.stop()
        self._rows.stop()
        if self._job.running:
            self._job.stop()
        else:
            self._panel, self.busy = "feature", ""
            self._look()

    def on_compute(self) -> None:
        """Compute what was stopped."""
        self._job.restart()

    def on_look(self, feature: str, place: int) -> None:
        """Look at a feature in a chunk."""
        self._at = feature, int(place)
        if self._panel != "feature" and feature:
            self._panel = "feature"
        self._look()

    def on_panel(self, name: str) -> None:
        """Show the feature, the performance over time, or what a classifier sees."""
        self._panel = name
        self._look()

    def on_select(self, place: int) -> None:
        """Select the rows of a chunk."""
        try:
            self._session.state.act(
                actions.select, selection=self._monitoring.rows_of_chunk(int(place))
            )
            self.error = ""
        except ExplorerError as error:
            self.error = str(error)

    def on_map(self, how: str) -> None:
        """Colour the map by the times, or by how much rows look like the new ones."""
        if self._job.result is None:
            return
        if how == "off":
            self._session.state.act(actions.set_layer, name=None)
        elif how == "time":
            self._session.state.act(actions.set_layer, name=None)
            self._session.state.act(actions.set_color, column=self._job.result.time)
            self._session.state.act(actions.set_tab, name="Map")
        else:
            self.busy = _("training the classifier")
            self._maps.submit(self._rows.begin())

    def on_save(self, form: str) -> None:
        """Hand out everything as a file."""
        if self._job.result is not None:
            self._hand_file(f"drift.{form}", TYPES[form], file_bytes(self._job.result, form))

    def on_save_plot(self, name: str) -> None:
        """Hand out the numbers that a plot draws."""
        if name in self._figures:
            self._hand_file(
                f"drift-{self._panel}-{name}.csv", TYPES["csv"], self._figures[name].csv.encode()
            )

    # --- in a thread

    def _read_setup(self) -> tuple[dict[str, Any], dict[str, Any]]:
        table = self._session.table
        offers = column_offers(table.features)
        named = [self._monitoring.settings.chunk]
        offers["times"] = [
            [name, feature.label]
            for name, feature in table.features.items()
            if can_order(table, name)
        ]
        offers["chunks"] = [[chunk, chunk] for chunk in dict.fromkeys([*_PERIODS, *named])]
        settings, wanting = self._monitoring.settings, self._monitoring.wanting
        return setup_card(table, self._session.rows, settings, wanting), offers

    def _compute(self, _: str, progress: Progress) -> tuple[Drift, dict[str, Any]]:
        drift = self._monitoring.compute(progress)
        card = drift_card(drift, self._session.table.features)
        at = dict(zip(("feature", "place"), self._cell_to_show(drift, card), strict=True))
        return drift, {"result": {**card, "at": at}}  # where the cursor begins

    def _read_chunk(
        self, drift: Drift, feature: str, place: int, panel: str, progress: Progress
    ) -> _ChunkView:
        theme = self._session.state.document.theme
        figures: dict[str, SeriesFigure | DistributionFigure]
        if panel == "multivariate":
            drift.tell_chunks(progress)
        if panel == "performance" and drift.performance:
            both = zip(("first", "second"), drift.performance, strict=False)
            figures = {
                name: performance_figure(drift, metric.metric, place, theme)
                for name, metric in both
            }
        elif panel == "multivariate":
            figures = {"first": domain_figure(drift, drift.multivariate, place, theme)}
        else:
            times = self._session.table.features[feature].kind == "temporal"
            figures = {
                "first": distance_figure(drift, feature, place, theme),
                "second": distribution_figure(drift, feature, place, theme, times),
            }
            missing = drift.measured[drift.features.index(feature)].missing
            if panel == "missing" and missing.any():
                figures["first"] = missing_figure(drift, feature, place, theme)
        card = {
            **cell_card(drift, feature, place),
            "panel": panel,
            "plots": {name: figure.caption for name, figure in figures.items()},
        }
        return _ChunkView(drift, card, figures)

    # --- on the event loop

    def _ask(self) -> None:
        """Compute what is asked for now, unless it is there or on its way."""
        if self._monitoring.wanting:
            self._job.clear(result={}, look={})
        else:
            self._job.ask(self._monitoring.key)

    def _show(self, _: Drift) -> None:
        self._at = self.result["at"]["feature"], self.result["at"]["place"]
        self._look()

    def _cell_to_show(self, drift: Drift, card: dict[str, Any]) -> tuple[str, int]:
        """Return what was looked at where it is still there.

        Else the first alarm, else the last chunk of the first feature.
        """
        feature, place = self._at
        if feature in drift.features and 0 <= place < len(drift.timetable):
            return self._at
        if card["alarms"]:
            return card["alarms"][0]["feature"], card["alarms"][0]["place"]
        judged = [i for i, chunk in enumerate(drift.timetable) if chunk.judged]
        return card["rows"][0]["feature"], judged[-1]

    def _look(self) -> None:
        progress = (
            self._chunks.begin()
        )  # what is looked at now does not wait for what was looked at before
        if self._job.result is not None and self._ready and self._at[0]:
            if self._panel == "multivariate" and "multivariate" not in self._job.result.__dict__:
                self.busy = _("comparing chunks with the reference")
            self._looks.submit((self._job.result, *self._at, self._panel, progress))

    def _show_progress(self, text: str) -> None:
        self.busy = text

    def _show_look(self, outcome: Outcome[_ChunkView]) -> None:
        looked = outcome.result
        if looked is None:
            if outcome.error:
                self.busy, self.error = "", outcome.error
            return
        self.busy = ""
        if looked.found is not self._job.result:
            return
        self._figures = looked.figures
        for name, place in self._places.items():
            figure = looked.figures.get(name)
            place[:] = (
                []
                if figure is None
                else [pn.pane.Bokeh(_drawn(figure), sizing_mode="stretch_width", margin=0)]
            )
        self.look = looked.card

    def _show_map(self, outcome: Outcome[Any]) -> None:
        if outcome.cancelled:
            return
        self.busy, self.error = "", outcome.error
        if not outcome.error:
            self._session.state.act(actions.set_layer, name=None)
            self._session.state.act(actions.set_layer, name="drift")
            self._session.state.act(actions.set_tab, name="Map")

    def _show_setup(self, shown: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self.param.update(setup=shown[0], offers=shown[1])


def _drawn(figure: SeriesFigure | DistributionFigure) -> Any:
    plot = series_plot(figure) if isinstance(figure, SeriesFigure) else distribution_plot(figure)
    return holoviews().renderer("bokeh").get_plot(plot).state
