"""The Performance view of the Models tab: which model is better, and where."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import param
from panel.custom import Child

from explorer.core.csv_text import csv_bytes
from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.core.output_file import json_text
from explorer.map.paint.palettes import category_colors
from explorer.performance.controller import PerformanceController
from explorer.performance.page.cards import (
    calibration_card,
    column_choices,
    result_card,
    setup_card,
    slices_card,
)
from explorer.performance.page.detail import ModelDetail, PerformanceDetail
from explorer.performance.page.pair_map_card import pair_map_card, pair_map_picture
from explorer.state import actions
from explorer.table.likely_models import likely_models
from explorer.table.units.segment_rows import segment_definition
from explorer.ui.analysis.analysis_job import AnalysisJob, outcome_of
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from explorer.performance.model_comparison import ModelComparison
    from explorer.performance.pair_map import PairMap
    from explorer.session.session import Session
    from projections.errors import Progress

__all__ = ["PerformanceView", "figures_csv"]

_TAB, _VIEW = "Models", "performance"
_READ = {"tab", "models", "filters", "catalogue", "selections", "labels"}
_MAP = {"tab", "models", "maps", "embedding", "projected", "theme"}
_computing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="models")


class _SlowResults(NamedTuple):
    """What takes longer than the figures, and follows them."""

    found: ModelComparison
    calibration: list[list[str]]
    slices: dict[str, Any]


class _PairMapPicture(NamedTuple):
    """The map of where b beats a; without a picture, why there is none."""

    words: str
    key: str = ""
    found: PairMap | None = None
    card: dict[str, Any] = {}  # noqa: RUF012
    picture: bytes = b""
    sight: dict[str, Any] = {}  # noqa: RUF012


class PerformanceView(SessionComponent):
    """The view of performance."""

    _files = "page"
    _base_styles = ("ui/base", "ui/analysis/analysis")

    setup = param.Dict(default={}, doc="What is compared.")
    offers = param.Dict(default={}, doc="Columns that can be chosen.")
    result = param.Dict(default={}, doc="A line for each figure, calibration, notes.")
    calibration = param.List(default=[], doc="A line for each model that states probabilities.")
    slices = param.Dict(default={}, doc="Slices, the weakest first.")
    detail = param.Dict(
        default={}, doc="What the plots show, in words; confusion and pictures of residuals."
    )
    where = param.Dict(default={}, doc="The map of where one model beats another.")
    picture = param.Bytes(default=b"", doc="The painted map, as PNG.")
    sight = param.Dict(default={}, doc="What the picture shows; changes after it.")
    busy = param.String(default="", doc="What is being computed, and how far it is.")
    stopped = param.Boolean(default=False, doc="Whether somebody has stopped it.")
    error = param.String(default="", doc="Why something could not be done.")
    saved = param.Dict(default={}, doc="A file to save.")
    curves = Child(doc="Curves of the models.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        self._performing = PerformanceController(
            session.table, session.state, session.rows, session.projection
        )
        self._map: _PairMapPicture | None = None
        self._ready = False
        self._size: tuple[int, int, float] = (420, 320, 1.0)
        self._pair: tuple[str, str, str | None] = ("", "", None)
        self._plots = PerformanceDetail(session.table, session.state, session.scene)
        super().__init__(session, schedule, curves=self._plots.place, **params)
        self._setups: LatestTask[None, tuple[dict[str, Any], dict[str, Any]]] = LatestTask(
            schedule,
            lambda _: (
                setup_card(session.table, session.rows, self._performing),
                column_choices(session.table.features),
            ),
            self._show_setup,
        )
        self._job: AnalysisJob[str, ModelComparison] = AnalysisJob(
            self, schedule, self._compute, self._show, name="models", pool=_computing
        )
        self._rests: LatestTask[ModelComparison, _SlowResults] = LatestTask(
            schedule, self._compute_slow_results, self._show_rest, _computing
        )
        self._details: LatestTask[ModelComparison, ModelDetail] = LatestTask(
            schedule, self._plots.read, self._show_detail, _computing
        )
        self._maps: LatestTask[ModelComparison, _PairMapPicture] = LatestTask(
            schedule, self._paint_pair_map, self._show_picture, _computing
        )
        self.refresh(frozenset({"tab"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        if document.tab != _TAB or document.models.view != _VIEW:
            return
        if changed & _READ:
            self._setups.submit(None)
            self._ask()
        if self._job.result is not None and "theme" in changed:
            colours = category_colors(len(self._job.result.models), document.theme)
            self.result = {**self.result, "colours": colours}
        if self._job.result is not None and changed & {"theme", "models", "tab"}:
            self._look()
        if self._job.result is not None and changed & _MAP:
            self._maps.submit(self._job.result)

    # --- what the page sends

    def on_ready(self) -> None:
        """Send the plots what was put off: the browser now has them."""
        self._ready = True
        self._look()

    def on_stop(self) -> None:
        """Stop what is being computed; what is shown stays, and says so."""
        self._job.stop()

    def on_compute(self) -> None:
        """Compute what was stopped."""
        self._job.restart()

    def on_set(self, **options: Any) -> None:
        """Change what is compared."""
        self._act(**options)

    def on_predict(self, name: str, column: str) -> None:
        """Add a model, or read another column for one that is there."""
        self._act(
            predictions={**self._performing.settings.predictions, name.strip() or column: column}
        )

    def on_drop(self, name: str) -> None:
        """Leave a model out."""
        predictions = self._performing.settings.predictions
        self._act(
            predictions={model: column for model, column in predictions.items() if model != name}
        )

    def on_suggest(self) -> None:
        """Take over what looks like a truth and its predictions; where nothing does, say so."""
        settings = self._performing.settings
        likely = likely_models(self._session.table, settings.truth)
        if not likely.predictions:
            self.error = _("No column looks like a prediction by its name and values: choose one.")
            return
        kind = {} if likely.kind is None or settings.truth is not None else {"kind": likely.kind}
        self._act(
            truth=likely.truth, predictions={name: name for name in likely.predictions}, **kind
        )

    def on_plot(self, name: str) -> None:
        """Show another plot."""
        self._act(look=name)

    def on_model(self, name: str) -> None:
        """Look at another model in reliability, confusion and residuals."""
        self._plots.model = name
        self._look()

    def on_threshold(self, value: float) -> None:
        """Look at the confusion at another threshold; what the table is made with stays."""
        self._plots.threshold = float(value)
        self._look()

    def on_pair(self, a: str, b: str, metric: str | None = None) -> None:
        """Show where b beats a on the map, by another figure."""
        self._pair = a, b, metric
        if self._job.result is not None:
            self._maps.submit(self._job.result)

    def on_size(self, width: int, height: int, ratio: float) -> None:
        """Paint the map for a stage of so many pixels."""
        self._size = max(int(width), 1), max(int(height), 1), min(max(float(ratio), 0.5), 3.0)
        if self._job.result is not None:
            self._maps.submit(self._job.result)

    def on_slice(self, by: str, label: str, mode: actions.SelectMode = "replace") -> None:
        """Select the rows of a slice."""
        try:
            chosen = segment_definition(self._session.table, by, label)
            self._session.state.act(actions.select, selection=chosen, mode=mode)
            self.error = ""
        except ExplorerError as error:
            self.error = str(error)

    def on_region(self, number: int, mode: actions.SelectMode = "replace") -> None:
        """Select the rows of a region of the map."""
        shown = self._map
        if shown is None or shown.found is None or not 0 <= number < len(shown.found.labels):
            return
        chosen = self._performing.rows_of_region(shown.key, shown.found, number)
        self._session.state.act(actions.select, selection=chosen, mode=mode)

    def on_save(self, form: str) -> None:
        """Hand out everything as JSON, or figures, pairs, slices or regions as CSV."""
        if self._job.result is None:
            return
        if form == "json":
            self._hand_file(
                "models.json", "application/json", json_text(self._job.result.document()).encode()
            )
        else:
            data = figures_csv(self._job.result, form, self._map)
            if data:
                self._hand_file(f"models-{form}.csv", "text/csv", data)

    def on_save_plot(self) -> None:
        """Hand out the numbers that the plot draws."""
        data = self._plots.csv
        if data:
            self._hand_file(
                f"models-{self.detail.get('plot', 'plot')}.csv", "text/csv", data.encode()
            )

    # --- in a thread

    def _compute(self, _: str, progress: Progress) -> tuple[ModelComparison, dict[str, Any]]:
        comparison = self._performing.compute(progress)
        result = result_card(comparison, self._session.scene.theme().name)
        return comparison, {"result": result, "calibration": [], "slices": {}}

    def _compute_slow_results(self, comparison: ModelComparison) -> _SlowResults:
        return _SlowResults(
            comparison,
            calibration_card(comparison),
            slices_card(comparison) if comparison.by else {},
        )

    def _paint_pair_map(self, comparison: ModelComparison) -> _PairMapPicture:
        a, b, metric = self._pair
        names = list(comparison.models)
        if len(names) < 2:
            return _PairMapPicture(
                _("two models are needed: name another to see where it is better")
            )
        if a not in names or b not in names or a == b:
            a, b = names[0], names[1]
        outcome = outcome_of(
            _("models on the map"), lambda: self._paint_pair(comparison, a, b, metric)
        )
        return outcome.result or _PairMapPicture(outcome.error)

    def _paint_pair(
        self, comparison: ModelComparison, a: str, b: str, metric: str | None
    ) -> _PairMapPicture:
        session = self._session
        key, where = self._performing.on_map(comparison, a, b, metric)
        width, height, ratio = self._size
        store = session.projection.find_map(key).store
        picture, sight = pair_map_picture(
            where, store, session.scene.theme(), (width, height), ratio
        )
        card = {
            **pair_map_card(where),
            "metrics": _additive(comparison),
            "metric": where.regions[0].metric if where.regions else "",
            "models": list(comparison.models),
        }
        return _PairMapPicture(where.words, key, where, {**card, "a": a, "b": b}, picture, sight)

    # --- on the event loop

    def _ask(self) -> None:
        """Compute what is asked for now, unless it is there or on its way."""
        if self._performing.wanting:
            self._job.clear(result={}, calibration=[], slices={}, detail={}, where={})
        else:
            self._job.ask(self._performing.key, "comparing")

    def _show(self, comparison: ModelComparison) -> None:
        self._look()
        self._rests.submit(comparison)
        self._maps.submit(comparison)

    def _show_rest(self, rest: _SlowResults) -> None:
        if rest.found is self._job.result:
            self.param.update(calibration=rest.calibration, slices=rest.slices)

    def _look(self) -> None:
        if self._job.result is not None and self._ready:
            self._details.submit(self._job.result)

    def _show_setup(self, shown: tuple[dict[str, Any], dict[str, Any]]) -> None:
        self.param.update(setup=shown[0], offers=shown[1])

    def _show_detail(self, detail: ModelDetail) -> None:
        if detail.found is self._job.result:
            self._plots.push(detail)
            self.detail = detail.card

    def _show_picture(self, painted: _PairMapPicture) -> None:
        self._map = painted
        self.where = {**painted.card, "words": painted.words, "ready": painted.found is not None}
        if painted.found is not None:
            self.picture = painted.picture
            self.sight = {**painted.sight, "turn": self.sight.get("turn", 0) + 1}

    def _act(self, **options: Any) -> None:
        try:
            self._session.state.act(actions.set_performance, **options)
            self.error = ""
        except ExplorerError as error:
            self.error = str(error)
            self.setup = {**self.setup, "turn": self.setup.get("turn", 0) + 1}


def _additive(comparison: ModelComparison) -> list[str]:
    """Return the figures that a map can show for every model."""
    from explorer.performance.scorer import additive_scorers

    additive = [additive_scorers(comparison.predicted, name) for name in comparison.predicted.names]
    return [scorer for scorer in additive[0] if all(scorer in others for others in additive)]


def figures_csv(comparison: ModelComparison, form: str, painted: _PairMapPicture | None) -> bytes:
    """Return the figures, pairs, slices or regions as CSV; nothing where there are none."""
    from dataclasses import asdict

    import pyarrow as pa

    if form == "figures":
        table = comparison.to_arrow()
    elif form == "regions":
        if painted is None or painted.found is None:
            return b""
        table = painted.found.to_arrow()
    else:
        rows = comparison.slices if form == "slices" else comparison.paired
        table = pa.Table.from_pylist([asdict(row) for row in rows])
    return csv_bytes(table)
