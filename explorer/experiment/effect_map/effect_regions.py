"""The regions in which a session reads its experiment on the map, and their rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.experiment.analysis.effect_map_regions import named_regions
from explorer.state.experiment_settings import CLUSTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.experiment.analysis.effect_map import EffectMap
    from explorer.experiment.controller import ExperimentController
    from explorer.map.map import Map
    from explorer.map.regions.region import Regions
    from explorer.session.maps.projection import Projection
    from explorer.session.maps.region_finder import RegionFinder
    from explorer.session.rows.row_selection import RowSelection

__all__ = ["EffectRegions", "effect_regions"]


@dataclass(frozen=True, eq=False)
class EffectRegions:
    """An effect map of a session.

    Parameters
    ----------
    effect_map : EffectMap
    key : str
        Of the embedding that it lies on.
    level : int, optional
        Of the map's named regions; None: hexagons.
    rows : ndarray of shape (regions,), int64
        Rows of each region that the filters leave: as many as a click selects.
    inside : sequence of str
        Named region that most rows of each hexagon lie in, as far as these are known; empty else.
    """

    effect_map: EffectMap
    key: str
    level: int | None
    rows: NDArray[np.int64]
    inside: Sequence[str]

    def name(self, number: int) -> str:
        """Return a region's name, or "H12 · Drama 71 %" of a hexagon that lies in that region."""
        label, inside = self.effect_map.labels[number], self.inside[number]
        return f"{label} · {inside}" if inside else label

    def definition(self, finder: RegionFinder, number: int, metric: str) -> dict[str, Any]:
        """Return what selects the rows of a region, in this session and from a link.

        A hexagon is a lasso: of neighbours a row on an edge is in one. The column of the metric
        goes with it as that which the map was coloured by, since it had a part in choosing the
        region.

        Raises
        ------
        ExplorerError
            Where the map's regions have changed meanwhile.
        """
        column = self.effect_map.block(metric, self.effect_map.blocks[0].arm).measured.metric.column
        hexagons = self.effect_map.hexagons
        if self.level is not None or hexagons is None:
            chosen = finder.definition(self.key, self.level or 0, number)
            return {**chosen, "named_by": list(dict.fromkeys([*chosen["named_by"], column]))}
        drawn = {"lasso": hexagons.polygon(number), "embedding": self.key}
        return {**drawn, "color": column, "name": self.name(number)}

    def chosen(self, selection: Mapping[str, Any] | None) -> list[int]:
        """Return the regions that a selection is made of; none of something else."""
        parts = [] if selection is None else selection.get("or", [selection])
        if not all(part.get("embedding") == self.key for part in parts):
            return []
        hexagons = self.effect_map.hexagons
        if self.level is None and hexagons is not None:
            shapes = {
                tuple(hexagons.polygon(number)[0]): number
                for number in range(len(self.effect_map.labels))
            }
            numbers = [shapes.get(tuple(part["lasso"][0])) for part in parts if "lasso" in part]
        else:
            numbers = [
                part["region"][1] for part in parts if part.get("region", [None])[0] == self.level
            ]
        return (
            [number for number in numbers if number is not None]
            if len(numbers) == len(parts)
            else []
        )


def effect_regions(
    controller: ExperimentController,
    projection: Projection,
    finder: RegionFinder,
    rows: RowSelection,
) -> EffectRegions:
    """Read the experiment on the map shown; takes a while, so not on the event loop.

    Raises
    ------
    ExplorerError
        In words, where there is nothing to be read, or not on this map.
    """
    if not controller.current:
        controller.compute()
    key = projection.shown_key()
    effect_map = controller.on_map()
    if key is None or key != projection.shown_key():
        raise ExperimentError("another map came meanwhile: it is read next")
    level = CLUSTERS.get(str(controller.settings.regions))
    regions = finder.get(key)
    if level is not None and regions is not None:
        level = min(level, len(regions.levels) - 1)
    population = rows.population()
    counts = effect_map.counts
    if population is not None:
        inside = effect_map.codes[population.mask & (effect_map.codes >= 0)]
        counts = np.bincount(inside, minlength=len(effect_map.labels))
    made = EffectRegions(effect_map, key, level, counts, [""] * len(effect_map.labels))
    if level is not None:
        return made
    return replace(made, inside=_inside(effect_map, projection.map(), finder.get(key)))


def _inside(effect_map: EffectMap, shown: Map | None, regions: Regions | None) -> list[str]:
    """Return the named region that each hexagon lies in, where the map's regions are known.

    It takes no part in any figure.
    """
    if (
        regions is None
        or not regions.complete
        or not regions.levels
        or shown is None
        or effect_map.hexagons is None
    ):
        return [""] * len(effect_map.labels)
    codes, labels = named_regions(regions)
    owners = effect_map.hexagons.owners(shown.store.arrange(codes), len(labels))
    level = regions.levels[min(1, len(regions.levels) - 1)]
    return [labels[owner] if owner >= 0 and level[owner].name else "" for owner in owners]
