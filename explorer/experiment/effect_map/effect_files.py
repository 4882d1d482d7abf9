"""Files of an effect map: its cells as CSV and JSON, its picture as PNG, SVG and PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from explorer.core.csv_text import csv_bytes
from explorer.core.errors import ExperimentError
from explorer.core.output_file import json_text
from explorer.experiment.effect_map.effect_figure import effect_figure

if TYPE_CHECKING:
    from explorer.experiment.effect_map.effect_regions import EffectRegions
    from explorer.session.session import Session

__all__ = ["MEDIA", "EffectFileRequest", "effect_file"]

MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}
"""Media types by the ending of a file."""

_SCALES = (1, 2, 4)


class EffectFileRequest(NamedTuple):
    """What to write: an effect map, what of it is looked at, the form, and a picture's size."""

    regions: EffectRegions
    metric: str
    arm: str
    form: str
    size: tuple[int, int]
    scale: float

    def name(self, session: Session) -> str:
        """Return the name of the file."""
        return f"{session.table.title.split(' ')[0].lower()}-effect-map.{self.form}"


def effect_file(session: Session, wanted: EffectFileRequest) -> bytes:
    """Return the bytes of a file; seconds for a large picture, so not on the event loop.

    Raises
    ------
    ExplorerError
        Where the picture would be too large.
    """
    effect_map = wanted.regions.effect_map
    if wanted.form == "json":
        return json_text(effect_map.document()).encode()
    if wanted.form == "csv":
        return csv_bytes(effect_map.to_arrow())
    if wanted.scale not in _SCALES:
        raise ExperimentError(
            f"a picture is saved at {', '.join(map(str, _SCALES))} times its pixels; "
            f"came {wanted.scale:g}"
        )
    from explorer.map.export.output import figure_bytes

    figure = effect_figure(
        session, wanted.regions, wanted.metric, wanted.arm, wanted.size, wanted.scale
    )
    return figure_bytes(figure, wanted.form)
