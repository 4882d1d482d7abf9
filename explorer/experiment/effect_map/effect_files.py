"""Files of an effect map: its cells as CSV and JSON, its picture as PNG, SVG and PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.csv_text import csv_bytes
from explorer.core.errors import ExperimentError
from explorer.core.output_file import json_text
from explorer.experiment.effect_map.effect_figure import effect_figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.experiment.effect_map.effect_figure import EffectFigureRequest
    from explorer.features.kind import Feature
    from explorer.session.maps.projection import Projection
    from explorer.session.maps.scene import Scene

__all__ = ["MEDIA", "effect_file"]

MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}
"""Media types by the ending of a file."""

_SCALES = (1, 2, 4)


def effect_file(
    features: Mapping[str, Feature],
    projection: Projection,
    scene: Scene,
    request: EffectFigureRequest,
    form: str,
) -> bytes:
    """Return the bytes of a file; seconds for a large picture, so not on the event loop.

    Only a picture needs the map and its scene.

    Raises
    ------
    ExplorerError
        Where the picture would be too large.
    """
    effect_map = request.regions.effect_map
    if form == "json":
        return json_text(effect_map.document()).encode()
    if form == "csv":
        return csv_bytes(effect_map.to_arrow())
    if request.scale not in _SCALES:
        raise ExperimentError(
            f"a picture is saved at {', '.join(map(str, _SCALES))} times its pixels; "
            f"came {request.scale:g}"
        )
    from explorer.map.export.output import figure_bytes

    return figure_bytes(effect_figure(features, projection, scene, request), form)
