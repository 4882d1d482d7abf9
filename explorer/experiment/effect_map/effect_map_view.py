"""The effect map: an experiment in the regions of the map shown, coloured by its effect."""

from __future__ import annotations

import base64
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import param

from explorer.compare.controller import CompareController
from explorer.core.errors import ExplorerError
from explorer.experiment.analysis.effect_map import unsure_columns
from explorer.experiment.controller import ExperimentController
from explorer.experiment.effect_map.effect_cards import effect_card
from explorer.experiment.effect_map.effect_figure import (
    EffectFigureRequest,
    effect_picture,
    effect_view,
)
from explorer.experiment.effect_map.effect_files import MEDIA, effect_file
from explorer.experiment.effect_map.effect_regions import effect_regions
from explorer.map.paint.picture import png_bytes
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.ui.component import SessionComponent
from explorer.ui.map_saving import picture_pool
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.effect_map.effect_regions import EffectRegions
    from explorer.map.viewport import Viewport
    from explorer.session.session import Session

__all__ = ["TAB", "EffectMapView"]

logger = logging.getLogger(__name__)

TAB: actions.Tab = "Experiment"
_READ = {
    "tab", "experiment", "experiment_found", "filters", "maps", "embedding", "projected",
    "catalogue", "theme", "selections",
}  # fmt: skip
# Rows of a map whose regions are found unasked, for the names of hexagons: beyond, it costs others
# too much.
_NAMES_UP_TO = 200_000

# Seconds of work for millions of rows: pictures of the map must not wait for it.
_slow = ThreadPoolExecutor(max_workers=1, thread_name_prefix="effect-map")


class _MapReading(NamedTuple):
    """An effect map and the page's words for it; only words where there is none."""

    card: dict[str, Any]
    regions: EffectRegions | None = None
    experiment: Experiment | None = None


class _PictureRequest(NamedTuple):
    """What is to be painted: an effect map as it was read, at a size in pixels and a scale."""

    read: _MapReading
    size: tuple[int, int]
    ratio: float


class EffectMapView(SessionComponent):
    """The effect map.

    Parameters
    ----------
    session, schedule
        As `SessionComponent` has them.
    follows : bool
        Another view computes the experiment, with its progress and the way to stop it: this one
        reads it when it is there.
    """

    _files = "effect_map_view"

    card = param.Dict(default={}, doc="Regions, scale and ledger, or why there are none.")
    picture = param.String(default="", doc="The paint_regions map, as an address with a PNG in it.")
    sight = param.Dict(default={}, doc="What the picture shows; changes after it.")
    chosen = param.List(default=[], doc="Regions that are selected.")
    busy = param.Boolean(default=False, doc="Whether an effect map is being read.")
    saved = param.Dict(default={}, doc="A file to save, or why there is none.")

    def __init__(
        self, session: Session, schedule: Schedule, follows: bool = False, **params: Any
    ) -> None:
        super().__init__(session, schedule, **params)
        self._controller = session.part(ExperimentController)
        self._follows = follows
        self._read = _MapReading({})
        self._size: tuple[int, int, float] | None = None
        self._late, self._regions_known = False, session.regions.known
        self._reads: LatestTask[None, _MapReading] = LatestTask(
            schedule, lambda _: self._read_map(), self._show, _slow
        )
        self._pictures: LatestTask[_PictureRequest, tuple[str, dict[str, Any]]] = LatestTask(
            schedule, self._paint_picture, self._show_picture
        )
        self._compares: LatestTask[dict[str, Any], dict[str, Any]] = LatestTask(
            schedule, self._find_rows, self._compare
        )
        self._files_made: LatestTask[tuple[EffectFigureRequest, str], dict[str, Any]] = LatestTask(
            schedule, self._write_file, self._send_file, picture_pool
        )
        self.refresh(frozenset({"tab"}))

    @property
    def regions(self) -> EffectRegions | None:
        """The regions that are shown; None while there are none."""
        return self._read.regions

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        wanted = bool(changed & _READ) or ("regions" in changed and self._regions_changed())
        if self._session.state.document.tab != TAB:
            self._late = self._late or wanted
            return
        if self._late or wanted:
            self._late = self._follows and self._is_computed_elsewhere()
            # behind a grid of experiments nobody computes one, and nothing is waited for
            self.busy = not self._late or self._controller.settings.experiments is None
            if not self._late:
                self._reads.submit(None)
        if "selection" in changed:
            self._mark()

    def fail(self, text: str) -> None:
        """Say why the experiment could not be computed; on the event loop."""
        self._show(_MapReading({"status": "wanting", "words": text}))

    def _is_computed_elsewhere(self) -> bool:
        return not (self._controller.current or self._controller.wanting)

    def _regions_changed(self) -> bool:
        """Say whether the map's named regions are known, or cannot be, since last asked.

        Not how far they are.
        """
        before, self._regions_known = self._regions_known, self._session.regions.known
        return before != self._regions_known or self.regions is None

    # --- what the page sends

    def on_size(self, width: int, height: int, ratio: float) -> None:
        """Paint for a stage of so many pixels of the page, at the scale of the screen."""
        self._size = (max(int(width), 1), max(int(height), 1), min(max(float(ratio), 0.5), 3.0))
        self._paint()

    def on_pick(self, number: int, mode: actions.SelectMode) -> None:
        """Select the rows of a region."""
        chosen = self._definition(number)
        if chosen is not None:
            self._session.state.act(actions.select, selection=chosen, mode=mode)

    def on_compare(self, number: int) -> None:
        """Keep the rows of a region as group A and compare them with the rest."""
        chosen = self._definition(number)
        if chosen is not None:
            self._compares.submit(chosen)

    def on_look(self, **look: str) -> None:
        """Look at another metric or arm."""
        cell = as_json(self._controller.settings.look, "look")
        changed: Any = {**cell, **look}
        self._session.state.act(actions.set_experiment, look=changed)

    def on_regions(self, regions: int | actions.RegionLevel) -> None:
        """Read the experiment in about so many hexagons, or in the map's named regions."""
        self._session.state.act(actions.set_experiment, regions=regions)

    def on_feature(self, name: str) -> None:
        """Show a feature in its tab."""
        self._session.state.act(actions.look_at, name=name)

    def on_before(self, names: list[str]) -> None:
        """Write into the catalogue that columns were measured before the assignment."""
        for name in names:
            self._session.edit_feature(name, "assignment", "before")

    def on_save(self, form: str, scale: float = 2) -> None:
        """Hand out the cells as CSV or JSON, or the picture as PNG, SVG or PDF."""
        card, regions, experiment = self._read
        if regions is None or experiment is None or form not in MEDIA:
            return
        width, height, _ = self._size or (900, 700, 1.0)
        request = EffectFigureRequest(
            regions, experiment, card["metric"], card["arm"], (width, height), float(scale)
        )
        self._files_made.submit((request, form))

    # --- in a thread

    def _read_map(self) -> _MapReading:
        session, controller = self._session, self._controller
        try:
            regions = effect_regions(controller, session.projection, session.regions, session.rows)
            experiment = controller.experiment
            if experiment is None:
                return _MapReading({"status": "wanting", "words": controller.wanting})
            self._request_region_names(regions)
            theme = session.scene.theme().name
            card = effect_card(
                session.table.features, controller.settings, regions, experiment, theme
            )
            return _MapReading(card, regions, experiment)
        except ExplorerError as error:
            return _MapReading({**self._blocking_columns(), "words": str(error)})
        except Exception:
            logger.exception("an experiment could not be read on the map")
            return _MapReading(
                {
                    "status": "wanting",
                    "words": "this could not be computed; the log of the server says why",
                }
            )

    def _blocking_columns(self) -> dict[str, Any]:
        """Return which columns keep the map from being read, as far as that is the reason."""
        experiment, shown, features = (
            self._controller.experiment,
            self._session.projection.map(),
            self._session.table.features,
        )
        unsure = (
            {}
            if experiment is None or shown is None
            else unsure_columns(experiment.assignment, shown)
        )
        if not unsure:
            return {"status": "wanting"}
        columns = [
            {
                "name": name,
                "label": features[name].label if name in features else name,
                "said": said,
            }
            for name, said in unsure.items()
        ]
        return {"status": "blocked", "columns": columns}

    def _request_region_names(self, regions: EffectRegions) -> None:
        shown = self._session.projection.map()
        if shown is not None and shown.store.n <= _NAMES_UP_TO:
            self._session.regions.request(regions.key)

    def _paint_picture(self, request: _PictureRequest) -> tuple[str, dict[str, Any]]:
        regions, card, session = request.read.regions, request.read.card, self._session
        assert regions is not None
        view = effect_view(regions, request.size).scaled(request.ratio)
        rgba = effect_picture(
            session.projection,
            session.scene,
            regions,
            card["metric"],
            card["arm"],
            view,
            request.ratio,
        )
        return (
            f"data:image/png;base64,{base64.b64encode(png_bytes(rgba)).decode()}",
            _sight_document(view, request),
        )

    def _find_rows(self, chosen: dict[str, Any]) -> dict[str, Any]:
        """Find the rows before the event loop needs them: they are kept."""
        try:
            self._session.resolver.rows_of(chosen)
        except ExplorerError as error:
            logger.info("the rows of a region are not to be had: %s", error)
        return chosen

    def _write_file(self, wanted: tuple[EffectFigureRequest, str]) -> dict[str, Any]:
        (request, form), session = wanted, self._session
        try:
            return {
                "name": f"{session.table.title.split(' ')[0].lower()}-effect-map.{form}",
                "media": MEDIA[form],
                "data": effect_file(
                    session.table.features, session.projection, session.scene, request, form
                ),
            }
        except ExplorerError as error:
            return {"trouble": str(error)}
        except Exception:
            logger.exception("an effect map could not be written")
            return {"trouble": "the file could not be made; the server's log says why"}

    # --- on the event loop

    def _show(self, read: _MapReading) -> None:
        self._read = read
        self.param.update(card=read.card, busy=False)
        self._mark()
        self._paint()

    def _paint(self) -> None:
        if self.regions is not None and self._size is not None:
            self._pictures.submit(_PictureRequest(self._read, self._size[:2], self._size[2]))

    def _show_picture(self, painted: tuple[str, dict[str, Any]]) -> None:
        picture, sight = painted
        self.picture = picture
        self.sight = {**sight, "turn": self.sight.get("turn", 0) + 1}

    def _mark(self) -> None:
        regions = self.regions
        self.chosen = (
            [] if regions is None else regions.chosen(self._session.state.document.selection)
        )

    def _definition(self, number: int) -> dict[str, Any] | None:
        regions = self.regions
        if regions is None or not 0 <= number < len(regions.effect_map.labels):
            return None
        return regions.definition(self._session.regions, number, self._read.card["metric"])

    def _compare(self, chosen: dict[str, Any]) -> None:
        session = self._session
        try:
            session.state.act(actions.select, selection=chosen)
            session.part(CompareController).store("a", unit=self._controller.settings.unit)
        except ExplorerError as error:
            session.show_note(str(error))
            return
        session.part(CompareController).show()

    def _send_file(self, made: dict[str, Any]) -> None:
        turn = self.saved.get("turn", 0) + 1
        if "data" in made:
            coded = base64.b64encode(made["data"]).decode()
            made = {"name": made["name"], "data": f"data:{made['media']};base64,{coded}"}
        self.saved = {**made, "turn": turn}


def _sight_document(view: Viewport, request: _PictureRequest) -> dict[str, Any]:
    return {
        "x_range": list(view.x_range),
        "y_range": list(view.y_range),
        "width": request.size[0],
        "height": request.size[1],
    }
