"""The comparison of models that a session reads from its table, and where one is better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.errors import ModelError
from explorer.core.gettext import _
from explorer.performance.compute import compare_models
from explorer.performance.model_comparison import ModelComparison
from explorer.session.model_analysis import ModelAnalysis
from explorer.state.model_settings import PerformanceSettings

if TYPE_CHECKING:
    from explorer.performance.pair_map import PairMap
    from explorer.session.maps.projection import Projection
    from explorer.session.rows.row_selection import RowSelection
    from explorer.state.state import State
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["REGIONS", "PerformanceController"]

REGIONS = 100
"""Hexagons of the map, about."""

_NEEDED = {
    "truth": _("name the column of what happened, the truth"),
    "predictions": _("name the column of a model's predictions"),
}


class PerformanceController(ModelAnalysis[PerformanceSettings, ModelComparison]):
    """The comparison of models of a session.

    `compute` and `on_map` take a while and are called from a thread.

    Parameters
    ----------
    table : Table
    state : State
    rows : RowSelection
    projection : Projection
    """

    def __init__(
        self, table: Table, state: State, rows: RowSelection, projection: Projection
    ) -> None:
        super().__init__(
            table,
            state,
            rows,
            lambda models: models.performance,
            _read,
            _NEEDED,
        )
        self._projection = projection

    @property
    def wanting(self) -> str:
        """What is still to be named before anything can be computed; empty when all is."""
        return super().wanting or self._level_wanting()

    def _level_wanting(self) -> str:
        """Ask which level of a truth in words counts as 1."""
        table, settings = self._table, self.settings
        name = settings.truth
        chosen = settings.kind != "binary" or settings.positive is not None
        if chosen or name is None or name not in table.features:
            return ""
        plain = table.features[name].kind == "boolean" or table.columns.is_number(name)
        return (
            ""
            if plain
            else _("choose which level of {label} counts as 1").format(
                label=table.features[name].label
            )
        )

    def on_map(
        self, comparison: ModelComparison, a: str, b: str, metric: str | None = None
    ) -> tuple[str, PairMap]:
        """Compare two models in hexagons of the map shown; with the key of its embedding.

        Raises
        ------
        ExplorerError
            Without a map, or where the figure cannot be read region by region.
        """
        key, shown = self._projection.shown_key(), self._projection.map()
        if shown is None or key is None:
            raise ModelError("there is no map yet: tick features and project them")
        return key, comparison.on_map(shown, a, b, metric, REGIONS)

    def rows_of_region(self, key: str, pair_map: PairMap, number: int) -> dict[str, Any]:
        """Return the definition of the rows in a hexagon: a lasso, chosen by the truth."""
        drawn = {"lasso": pair_map.hexagons.polygon(number), "embedding": key}
        return {**drawn, "color": self.settings.truth, "name": str(pair_map.labels[number])}


def _read(table: Table, *, progress: Progress | None = None, **settings: Any) -> ModelComparison:
    return compare_models(table, **settings).measure(progress)
