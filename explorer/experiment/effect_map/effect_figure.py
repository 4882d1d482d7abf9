"""The effect map of a session as a picture: on the page, and as a figure that stands by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.core.gettext import _
from explorer.experiment.effect_map.effect_measure import DifferenceFormat
from explorer.experiment.effect_map.effect_scale import scale_of
from explorer.experiment.effect_map.region_picture import (
    FEW,
    HATCHED,
    UNTRUSTED,
    draw_density,
    paint_regions,
    region_kinds,
    region_paint,
)
from explorer.map.export.caption import caption_of
from explorer.map.export.legend import Legend, Level
from explorer.map.export.map_figure import MapFigure, check_size
from explorer.map.map_drawing import axis_names_of
from explorer.map.paint.color import Density
from explorer.map.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.effect_map.effect_regions import EffectRegions
    from explorer.features.kind import Feature
    from explorer.map.map import Map
    from explorer.map.paint.palettes import Theme
    from explorer.map.raster.frame import Frame
    from explorer.session.maps.projection import Projection
    from explorer.session.maps.scene import Scene

__all__ = ["EffectFigureRequest", "effect_figure", "effect_picture", "effect_view"]

_MARGIN = 0.02
_MOST_PIXELS = 60_000_000  # a server has other sessions too
_TICKS = (-1.0, -0.5, 0.0, 0.5, 1.0)
_MIDDLE, _YELLOW = (217, 217, 217), (240, 229, 67)


class EffectFigureRequest(NamedTuple):
    """What to draw: an effect map, what of it is looked at, and its size on the page.

    ``scale`` is how many pixels of the figure there are for each pixel of the page.
    """

    regions: EffectRegions
    experiment: Experiment
    metric: str
    arm: str
    size: tuple[int, int]
    scale: float = 1.0


def effect_view(regions: EffectRegions, size: tuple[int, int]) -> Viewport:
    """Return the viewport that shows every hexagon whole, in so many pixels."""
    hexagons = regions.effect_map.hexagons
    if hexagons is None or not len(hexagons.places):
        return Viewport.fitted((0.0, 1.0, 0.0, 1.0), *size)
    (right, up), x, y = hexagons.step, hexagons.x, hexagons.y
    extent = (x.min() - right, x.max() + right, y.min() - 2 * up, y.max() + 2 * up)
    return Viewport.fitted(tuple(map(float, extent)), *size, margin=_MARGIN)  # type: ignore[arg-type]


def effect_picture(
    projection: Projection,
    scene: Scene,
    regions: EffectRegions,
    metric: str,
    arm: str,
    view: Viewport,
    scale: float = 1.0,
) -> NDArray[np.uint8]:
    """Paint an effect map over the rows that the filters leave.

    (height, width, 4) uint8, row 0 = top.

    Parameters
    ----------
    view : Viewport
    scale : float
        Its pixels for each pixel of the page.
    """
    shown, theme = projection.find_map(regions.key), scene.theme()
    return np.ascontiguousarray(
        _over(scene, shown, regions, metric, arm, view, scale, theme)[1][::-1]
    )


def effect_figure(
    features: Mapping[str, Feature],
    projection: Projection,
    scene: Scene,
    request: EffectFigureRequest,
) -> MapFigure:
    """Draw an effect map with axes, legend and caption.

    Takes seconds for many pixels, so not on the event loop.

    Raises
    ------
    ExplorerError
        Where the picture would be too large, or the map is no longer there.
    """
    regions, experiment, metric, arm, size, scale = request
    shown, theme = projection.find_map(regions.key), scene.theme()
    width, height = check_size(size, scale, Density())
    if width * height > _MOST_PIXELS:
        raise ExperimentError(
            f"a picture of {width:,} × {height:,} pixels is too large for a server: "
            "choose fewer pixels"
        )
    view = effect_view(regions, (width, height))
    under, rgba = _over(scene, shown, regions, metric, arm, view, scale, theme)
    caption = caption_of(
        scene.drawn_rows(shown, under),
        shown.provenance,
        shown.scores,
        notes=_notes(experiment, regions, metric, arm),
    )
    whole = MapFigure.of(
        replace(under, rgba=rgba), caption, shown.provenance, theme=theme, scale=scale
    )
    return replace(
        whole,
        title=f"{metric}: {arm} against {experiment.control}, by region",
        axes=axis_names_of(shown.provenance, shown.table),
        caption=caption,
        legend=_legend(features, regions, metric, arm, theme),
    )


def _over(
    scene: Scene,
    shown: Map,
    regions: EffectRegions,
    metric: str,
    arm: str,
    view: Viewport,
    scale: float,
    theme: Theme,
) -> tuple[Frame, NDArray[np.uint8]]:
    """Return the rows as a frame, and the regions painted over them; row 0 = lowest y."""
    effect_map = regions.effect_map
    under = draw_density(shown.store, view, theme, scene.visible(shown))
    if effect_map.hexagons is None:
        return under, under.rgba
    paint = region_paint(effect_map, metric, arm, theme.name)
    return under, paint_regions(under, effect_map.hexagons, effect_map.owners, paint, theme, scale)


def _legend(
    features: Mapping[str, Feature],
    regions: EffectRegions,
    metric: str,
    arm: str,
    theme: Theme,
) -> Legend:
    """Return the scale, and how many regions are drawn in another way than by it."""
    block = regions.effect_map.block(metric, arm)
    scale = scale_of(block)
    kinds = np.bincount(region_kinds(regions.effect_map, metric, arm), minlength=4)
    others = (
        (HATCHED, _("hatched: no difference from overall"), _MIDDLE),
        (FEW, _("○ not enough data"), theme.background),
        (UNTRUSTED, _("striped: not to be trusted"), _YELLOW),
    )
    measure = DifferenceFormat.of(block.measured.metric, features)
    return Legend(
        title=_("Effect minus overall effect"),
        unit=measure.unit.strip(),
        how=_("shrunken; below {low}, above {high}").format(
            low=scale.ends[0].split(" ")[0], high=scale.ends[1].split(" ")[0]
        ),
        ramp=scale.ramp(theme.name),
        ticks=tuple(
            ((place + 1) / 2, measure.signed(scale.deviation_at(place))) for place in _TICKS
        ),
        greys=tuple(
            Level(name, colour, int(kinds[kind])) for kind, name, colour in others if kinds[kind]
        ),
    )


def _notes(experiment: Experiment, regions: EffectRegions, metric: str, arm: str) -> list[str]:
    effect_map = regions.effect_map
    text = _("{metric} of {arm} against {control}: {summary}").format(
        metric=metric, arm=arm, control=experiment.control, summary=effect_map.words(metric, arm)
    )
    how = _(
        "Colour: the region's effect minus the overall effect, shrunken by adaptive "
        "shrinkage (Stephens 2017); not the number of rows"
    )
    trouble = (
        []
        if experiment.trusted or experiment.analysis is None
        else [_("Not to be trusted: {distrust}").format(distrust=experiment.analysis.distrust)]
    )
    return [text, how, *trouble, *effect_map.notes]
