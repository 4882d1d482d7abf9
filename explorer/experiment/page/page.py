"""The Experiment tab: arms against the control in every metric, in the whole and by segment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import param
from panel.custom import Child

from explorer.compare.controller import CompareController
from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.experiment.controller import ExperimentController
from explorer.experiment.page.cards import result_card
from explorer.experiment.page.chosen_cell import ChosenCell, choose_cell, units_needed_text
from explorer.experiment.page.detail import CellDetail, ExperimentDetail
from explorer.experiment.page.files import TYPES, experiment_file
from explorer.experiment.page.grid_view import ExperimentGridView
from explorer.experiment.page.segments_table import SegmentList
from explorer.experiment.page.setup import (
    column_choices,
    likely_control,
    setup_card,
    suggested_name,
)
from explorer.features.metric import Metric
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.table.units.segment_rows import segment_definition
from explorer.ui.analysis.analysis_job import AnalysisJob
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.session.session import Session
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["TAB", "ExperimentPage"]

TAB: actions.Tab = "Experiment"
_READ = {"tab", "experiment", "filters", "maps", "catalogue", "selections"}
_WINDOW = 60  # segments that are sent at first
_computing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="experiment")


class _Request(NamedTuple):
    """What is to be computed: the key of the controller, and a seed to shuffle the arms."""

    key: str
    seed: int | None = None


class ExperimentPage(SessionComponent):
    """The Experiment tab.

    Parameters
    ----------
    session, schedule
        As `SessionComponent` has them.
    wait : bool
        Whether the browser is still to be told of this view: until its script says it is ready, its
        plots are sent nothing.
    effect_map : Component, optional
        Stands beside the table and follows the same look; default: the one of this session.
    """

    _files = "page"
    _base_styles = ("ui/base", "ui/analysis/analysis")

    setup = param.Dict(default={}, doc="How the experiment is read.")
    offers = param.Dict(default={}, doc="Columns that can be chosen.")
    result = param.Dict(
        default={}, doc="Gates, ledger, families, and a line for each metric and arm."
    )
    segments = param.Dict(default={}, doc="Segments of one column, as far as they are in sight.")
    detail = param.Dict(
        default={}, doc="What is looked at, its figures, and the words of the plots."
    )
    busy = param.String(default="", doc="What is being computed, and how far it is.")
    stopped = param.Boolean(default=False, doc="Whether somebody has stopped it.")
    error = param.String(default="", doc="Why something could not be done.")
    answer = param.Dict(default={}, doc="Whether a metric was taken over, and why not.")
    needed = param.Dict(default={}, doc="How many units an effect needs.")
    saved = param.Dict(default={}, doc="A file to save.")
    forest = Child(doc="Forest plot.")
    values = Child(doc="Distributions of both arms.")
    curve = Child(doc="Differences of the quantiles.")
    over_time = Child(doc="Effect over time.")
    effect_map = Child(default=None, allow_None=True, doc="The effect map.")
    grid = Child(doc="A grid of many experiments, which stands in place of one.")
    grid_shown = param.Boolean(default=False, doc="Whether the grid is shown.")

    def __init__(
        self,
        session: Session,
        schedule: Schedule,
        wait: bool = False,
        effect_map: Any = None,
        **params: Any,
    ) -> None:
        self._ready = not wait
        self._experimenting = session.part(ExperimentController)
        self._effect_map = _effect_map(session, schedule) if effect_map is None else effect_map
        self._grid = ExperimentGridView(session, schedule)
        self._listed: dict[str, Any] = {"start": 0, "stop": _WINDOW, "search": ""}
        self._list: SegmentList | None = None
        self._plots = ExperimentDetail(session.table, session.state)
        super().__init__(
            session,
            schedule,
            effect_map=self._effect_map,
            grid=self._grid,
            **self._plots.places,
            **params,
        )
        self._setups: LatestTask[None, tuple[dict[str, Any], dict[str, Any]]] = LatestTask(
            schedule,
            lambda _: (
                setup_card(session.table, session.rows, self._experimenting),
                column_choices(session.table),
            ),
            self._show_setup,
        )
        self._arms: LatestTask[str, tuple[str, str | None]] = LatestTask(
            schedule,
            lambda variant: (variant, _control_of(session.table, variant)),
            self._take_arms,
        )
        self._job: AnalysisJob[_Request, Experiment] = AnalysisJob(
            self,
            schedule,
            self._compute,
            lambda _: self._look(),
            name="an experiment",
            pool=_computing,
            fail=lambda error: None if self._effect_map is None else self._effect_map.fail(error),
        )
        self._windows: LatestTask[dict[str, Any], dict[str, Any]] = LatestTask(
            schedule, self._window, self._show_segments
        )
        self._details: LatestTask[tuple[Experiment, ChosenCell], CellDetail] = LatestTask(
            schedule, lambda request: self._plots.read(*request), self._show_detail, _computing
        )
        self.refresh(frozenset({"tab"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if self._effect_map is not None and "tab" not in changed and not self._grid.asked_for:
            self._effect_map.refresh(changed)
        if self._session.state.document.tab != TAB:
            return
        if changed & _READ:
            self._setups.submit(None)
            self._ask()
            self._grid.refresh(changed)
        if changed & {"experiment", "theme", "views"} and self._job.result is not None:
            self._look()
        if "tab" in changed and self._effect_map is not None and not self._grid.asked_for:
            self._effect_map.refresh(changed)

    # --- what the page sends

    def on_ready(self) -> None:
        """Send the plots what was put off: the browser now has them."""
        self._ready = True
        self._look()

    def on_stop(self) -> None:
        """Stop what is being computed; what is shown stays, and says when it is stale."""
        request = self._job.key
        self._job.stop(stale=request is None or request.seed is None)

    def on_compute(self) -> None:
        """Compute what was stopped."""
        self._job.restart()

    def on_set(self, **options: Any) -> None:
        """Change how the experiment is read."""
        variant = options.get("variant")
        if not isinstance(variant, str) or variant == self._experimenting.settings.variant:
            self._act(**options)
        else:
            self._arms.submit(variant)

    def on_back(self) -> None:
        """Go back from an experiment read alone to the grid that it was opened from."""
        try:
            self._session.state.act(actions.show_experiments)
        except ExplorerError as error:
            self.error = str(error)

    def on_metric(self, place: int | None, metric: dict[str, Any]) -> None:
        """Take over a metric at its place, a new one without.

        What is wrong with it is said beside it, and nothing changes.
        """
        turn = self.answer.get("turn", 0) + 1
        given = {name: value for name, value in metric.items() if value is not None}
        try:
            given["name"] = given.get("name") or suggested_name(
                given["kind"],
                given.get("column", ""),
                given.get("denominator"),
                given.get("quantile"),
            )
            metrics = list(self._experimenting.settings.metrics)
            start = len(metrics) if place is None else place
            metrics[start : start + 1] = [Metric(**given)]
            self._session.state.act(actions.set_experiment, metrics=tuple(metrics))
        except (ExplorerError, TypeError, KeyError) as error:
            self.answer = {"turn": turn, "words": str(error)}
            return
        self.answer = {"turn": turn, "words": ""}

    def on_drop_metric(self, place: int) -> None:
        """Leave out a metric."""
        metrics = self._experimenting.settings.metrics
        self._act(metrics=[metric for number, metric in enumerate(metrics) if number != place])

    def on_look(self, **look: str | None) -> None:
        """Look at another metric, arm, column of segments or segment; what is not given stays."""
        if "by" in look:
            look = {"segment": None, **look}
            self._listed |= {"start": 0, "stop": _WINDOW, "search": ""}
        self._act(look={**as_json(self._experimenting.settings.look, "look"), **look})

    def on_window(self, start: int, stop: int, sort: actions.SegmentOrder, search: str) -> None:
        """Send the segments that have come into sight, or are asked for in another order."""
        self._listed = {
            "start": start,
            "stop": min(stop, start + 4 * _WINDOW),
            "search": search,
        }
        self._session.state.act(actions.set_experiment_view, segments=sort)
        self._windows.submit(dict(self._listed))

    def on_plot(self, name: actions.ExperimentPlotName) -> None:
        """Show another plot of what is looked at."""
        self._session.state.act(actions.set_experiment_view, plot=name)

    def on_noise(self, seed: int | None) -> None:
        """Shuffle the arms and compute everything again; None goes back to the real ones."""
        if self._job.result is not None and self._job.key is not None:
            self._start(_Request(self._job.key.key, seed))

    def on_need(self, effect: str) -> None:
        """Say how many units it takes to find an effect."""
        if self._job.result is not None:
            self.needed = {
                "text": effect,
                "words": units_needed_text(self._job.result, self._chosen_cell, effect),
            }

    def on_select(self, compare: bool = False) -> None:
        """Select the rows of the segment looked at, and compare them if that is asked for."""
        look = self._chosen_cell
        try:
            rows = segment_definition(self._session.table, look.by, look.segment)
            self._session.state.act(actions.select, selection=rows)
            if compare:
                unit = self._experimenting.settings.unit
                if unit is not None:  # rows of one unit are not independent there either
                    self._session.state.act(actions.set_compare, unit=unit)
                self._session.part(CompareController).show()
        except ExplorerError as error:
            self.error = str(error)

    def on_save(self, form: str) -> None:
        """Hand out the experiment as a file."""
        if self._job.result is None:
            return
        document, seed = self._session.state.document, self.result.get("noise", {}).get("seed")
        try:
            data = experiment_file(
                self._job.result,
                self._chosen_cell,
                form,
                self._session.table.title,
                document.theme,
                seed,
            )
        except ExplorerError as error:
            self.error = str(error)
            return
        self._hand_file(f"experiment{'' if seed is None else '-a-a'}.{form}", TYPES[form], data)

    def on_save_plot(self, name: str) -> None:
        """Hand out the numbers that a plot draws."""
        figure = self._plots.figures.get(name)
        if figure is not None and not figure.empty:
            self._hand_file(f"experiment-{name}.csv", TYPES["csv"], figure.csv.encode())

    # --- in a thread

    def _compute(self, request: _Request, progress: Progress) -> tuple[Experiment, dict[str, Any]]:
        experiment = self._experimenting.compute(request.seed, progress)
        return experiment, {"result": result_card(experiment, request.seed)}

    def _window(self, listed: dict[str, Any]) -> dict[str, Any]:
        experiment = self._job.result
        if experiment is None or not self._chosen_cell.by:
            return {}
        look, some = self._chosen_cell, self._list
        if some is None or (some.experiment, some.by, some.metric, some.arm) != (
            experiment,
            look.by,
            look.metric,
            look.arm,
        ):
            some = self._list = SegmentList(experiment, look.by, look.metric, look.arm)
        sort = self._session.state.document.views.experiment.segments
        return {**some.window(**listed, sort=sort), "chosen": look.segment}

    # --- on the event loop

    @property
    def _chosen_cell(self) -> ChosenCell:
        if self._job.result is None:
            return ChosenCell("", "", "", "")
        return choose_cell(self._job.result, self._experimenting.settings.look)

    def _ask(self) -> None:
        """Compute what is asked for now, unless it is there or on its way."""
        self.grid_shown = self._grid.asked_for
        if self.grid_shown or self._experimenting.wanting:
            self._job.clear(result={}, segments={}, detail={})
        elif self._job.key is None or self._job.key.key != self._experimenting.key:
            self._start(_Request(self._experimenting.key))

    def _start(self, request: _Request) -> None:
        seed = request.seed
        message = (
            "computing" if seed is None else _("shuffling the arms, seed {seed}").format(seed=seed)
        )
        self._job.start(request, message)

    def _look(self) -> None:
        if self._job.result is not None and self._ready:
            self._windows.submit(dict(self._listed))
            self._details.submit((self._job.result, self._chosen_cell))

    def _show_setup(self, shown: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self.param.update(setup=shown[0], offers=shown[1])

    def _show_segments(self, segments: dict[str, Any]) -> None:
        self.segments = segments

    def _show_detail(self, detail: CellDetail) -> None:
        if detail.experiment is self._job.result:
            self._plots.push(detail)
            self.detail = detail.card

    def _act(self, **options: Any) -> None:
        try:
            self._session.state.act(actions.set_experiment, **options)
            self.error = ""
        except ExplorerError as error:
            self.error = str(error)
            self.setup = {**self.setup, "turn": self.setup.get("turn", 0) + 1}

    def _take_arms(self, arms: tuple[str, str | None]) -> None:
        """Take over another column of arms, with its control where its name says so.

        A declared allocation was of other arms.
        """
        variant, control = arms
        by = [column for column in self._experimenting.settings.by if column != variant]
        self._act(variant=variant, control=control, allocation=None, by=by)


def _control_of(table: Table, variant: str) -> str | None:
    try:
        return likely_control(table.columns.levels(variant).labels)
    except ExplorerError:
        return None  # computing says in words what is wrong with the column


def _effect_map(session: Session, schedule: Schedule) -> Any:
    """Return the map of the effect, which stands beside the table."""
    from explorer.experiment.effect_map.effect_map_view import EffectMapView

    return EffectMapView(session, schedule, follows=True)
