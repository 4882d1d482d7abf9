"""The experiment that a session reads from its table, on the map, or a grid of many."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from explorer.core.cache import key_of
from explorer.core.errors import ExperimentError, unknown_name
from explorer.core.gettext import _
from explorer.experiment.analysis.effect_map_regions import named_regions
from explorer.experiment.compute import experiment
from explorer.experiment.compute_grid import experiment_wall
from explorer.state import actions
from explorer.state.experiment_settings import CLUSTERS

if TYPE_CHECKING:
    from explorer.experiment.analysis.effect_map import EffectMap
    from explorer.experiment.analysis.effect_map_regions import Labelled
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.analysis.experiment_grid import ExperimentGrid
    from explorer.session.session import Session
    from explorer.state.experiment_settings import ExperimentSettings
    from projections.errors import Progress

__all__ = ["FOUND", "ExperimentController"]

FOUND = "experiment_found"
"""What listeners of a session hear when an experiment was computed."""

_READ_BY = (
    "variant",
    "control",
    "metrics",
    "allocation",
    "by",
    "unit",
    "time",
    "status",
    "alpha",
    "planned",
)
_OFFERED = 1_000  # names among which one is looked for that is nearly what was asked for
_GRID_READ_BY = (
    "experiments",
    "variant",
    "control",
    "metrics",
    "allocation",
    "unit",
    "status",
    "alpha",
    "planned",
)


class ExperimentController:
    """The experiment of a session.

    `compute`, `on_map` and `grid` take a while and are called from a thread.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._table, self._state, self._rows = session.table, session.state, session.rows
        self._projection, self._regions = session.projection, session.regions
        self._notify = session.notify
        self._lock = threading.Lock()
        self._experiment: tuple[str, Experiment] | None = None
        self._noise: tuple[str, int, Experiment] | None = None
        self._on_map: tuple[str, EffectMap] | None = None
        self._grid_lock = threading.Lock()
        self._grid: tuple[str, ExperimentGrid] | None = None

    @property
    def settings(self) -> ExperimentSettings:
        """How the experiment is read: a section of the state."""
        return self._state.document.experiment

    @property
    def wanting(self) -> str:
        """What is still to be named before anything can be computed; empty when all is."""
        settings = self.settings
        if settings.variant is None:
            return _("name the column of the arms")
        if settings.control is None:
            return _("name the control")
        return "" if settings.metrics else _("name a metric")

    @property
    def experiment(self) -> Experiment | None:
        """The experiment as it was computed last, whatever was asked since; None before.

        With its arms shuffled where that was asked.
        """
        noise = self._noise
        if noise is not None and self._experiment is not None and noise[0] == self._experiment[0]:
            return noise[2]
        return None if self._experiment is None else self._experiment[1]

    @property
    def current(self) -> bool:
        """Whether what was computed is what is asked for now, of the rows of the filters."""
        return self._experiment is not None and self._experiment[0] == self._key()

    @property
    def key(self) -> str:
        """What is asked for now, of the rows that the filters leave now, in a few letters."""
        return self._key()

    @property
    def grid_key(self) -> str:
        """The grid that is asked for now, of the rows of the filters, in a few letters."""
        return self._key(_GRID_READ_BY)

    def compute(self, seed: int | None = None, progress: Progress | None = None) -> Experiment:
        """Compute what is asked for, of the rows that the filters leave, or return it.

        Parameters
        ----------
        seed : int, optional
            Shuffle the arms: what is coloured then is noise, on the map too, until the
            experiment itself is asked for again.
        progress : callable, optional
            As `explorer.experiment` has it; where it returns False, `Cancelled` is raised.

        Raises
        ------
        ExplorerError
            In words, where it cannot be read so.
        """
        if self.settings.experiments is not None:
            raise ExperimentError("a grid of experiments is shown: open one of them")
        with self._lock:
            key, before = self._key(), self.experiment
            if self._experiment is None or self._experiment[0] != key:
                if self.wanting:
                    raise ExperimentError(self.wanting)
                self._experiment = key, self._computed(progress)
            self._noise = None if seed is None else (key, seed, self._shuffled(key, seed, progress))
            experiment = self.experiment
        assert experiment is not None
        if experiment is not before:
            self._notify(FOUND)
        return experiment

    def _shuffled(self, key: str, seed: int, progress: Progress | None) -> Experiment:
        noise = self._noise
        if noise is not None and noise[:2] == (key, seed):
            return noise[2]
        assert self._experiment is not None
        return self._experiment[1].shuffled(seed, progress)

    def grid(self, progress: Progress | None = None) -> ExperimentGrid:
        """Compute the grid that is asked for, of the rows that the filters leave, or return it.

        ``progress`` as `explorer.experiment_wall` has it; where it returns False, `Cancelled` is
        raised.

        Raises
        ------
        ExplorerError
            In words, where no column names experiments, or they cannot be read so.
        """
        with self._grid_lock:
            key, settings = self.grid_key, self.settings
            if self._grid is None or self._grid[0] != key:
                if not settings.experiments or not settings.variant or self.wanting:
                    raise ExperimentError(self.wanting or "name the column of the experiments")
                made = experiment_wall(
                    self._table,
                    settings.experiments,
                    settings.variant,
                    settings.control,
                    list(settings.metrics),
                    settings.allocation,
                    settings.unit,
                    settings.alpha,
                    status=settings.status,
                    planned=settings.planned,
                    where=self._rows.population(),
                    progress=progress,
                )
                self._grid = key, made
            return self._grid[1]

    def open_one(self, name: str, metric: str | None = None, arm: str | None = None) -> None:
        """Read one experiment of the grid alone, and look at a metric in an arm.

        By a filter on the column that names it.

        Raises
        ------
        ExplorerError
            Where there is no grid, or no experiment of this name in it.
        """
        table, column = self._table, self.settings.experiments
        if column is None:
            raise ExperimentError(
                "there is no grid to open an experiment of: name the column of the experiments"
            )
        levels = table.columns.levels(column)
        if name not in levels.places:
            raise unknown_name("experiment", name, levels.labels[:_OFFERED])
        condition: dict[str, Any] = {"levels": [name]}
        if table.columns.is_number(column):  # the strip of a number filters by a range
            value = float(table.columns.numbers(column)[levels.codes == levels.places[name]][0])
            condition = {"range": [value, value]}
        looked = {
            key: value for key, value in (("metric", metric), ("arm", arm)) if value is not None
        }
        self._state.act(actions.open_experiment, look=looked, **condition)

    def on_map(self) -> EffectMap:
        """Compute the experiment in the hexagons of the map shown, or return it where it is there.

        Raises
        ------
        ExplorerError
            Without an experiment or a map, or where the map was made from columns that the
            treatment may have changed.
        """
        experiment, shown = self.experiment, self._projection.map()
        if experiment is None:
            raise ExperimentError(self.wanting or "compute the experiment first")
        if shown is None:
            raise ExperimentError(
                "there is no map yet: project features that were measured before the assignment"
            )
        about = [
            self._experiment and self._experiment[0],
            self._noise and self._noise[1],
            self._projection.shown_key(),
            self.settings.regions,
            self._table.columns.edit_count,
        ]
        with self._lock:
            key = key_of(about)
            if self._on_map is None or self._on_map[0] != key:
                self._on_map = key, experiment.on_map(shown, self._asked_regions())
            return self._on_map[1]

    def _key(self, read_by: tuple[str, ...] = _READ_BY) -> str:
        settings = self.settings
        read = {name: getattr(settings, name) for name in read_by}
        return key_of([read, self._rows.population_key])

    def _computed(self, progress: Progress | None) -> Experiment:
        settings = self.settings
        if settings.variant is None:
            raise ExperimentError(self.wanting)
        return experiment(
            self._table,
            settings.variant,
            settings.control,
            list(settings.metrics),
            allocation=settings.allocation,
            by=list(settings.by),
            unit=settings.unit,
            time=settings.time,
            status=settings.status,
            alpha=settings.alpha,
            planned=settings.planned,
            where=self._rows.population(),
            progress=progress,
        )

    def _asked_regions(self) -> int | Labelled:
        """Return the regions asked for on the map shown, as `Experiment.on_map` takes them.

        Raises
        ------
        ExperimentError
            While the map's named regions are being found, or where it has none.
        """
        chosen, key = self.settings.regions, self._projection.shown_key()
        if isinstance(chosen, int):
            return chosen
        if key is None:
            raise ExperimentError("there is no map yet, so that it has no regions")
        finder = self._regions
        regions = finder.get(key)
        if regions is None or not regions.complete:
            finder.request(key)
            raise ExperimentError(
                finder.failure(key)
                or "the regions of this map are being found: the effect on them follows"
            )
        return named_regions(regions, CLUSTERS[chosen])
