"""Pictures of all rows by predicted and actual, and by predicted and residual.

With axes in words and their counts as CSV.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.csv_text import columns_csv
from explorer.core.gettext import _
from explorer.map.paint import rgba
from explorer.map.paint.color import Scale
from explorer.map.paint.marks import spread
from explorer.map.paint.picture import png_bytes
from explorer.map.paint.shade import count_levels, count_span
from explorer.ui.plots.ticks import ticks_of

if TYPE_CHECKING:
    from explorer.map.paint.palettes import Theme
    from explorer.performance.density import PredictionDensity

__all__ = ["density_card", "density_csv"]

_CROWDED = 0.25  # share of cells with rows from which the picture is filled by itself
_RADIUS = 1.0  # cells


def density_card(
    density: PredictionDensity, name: str, theme: Theme, unit: str = ""
) -> dict[str, Any]:
    """Return one picture.

    Parameters
    ----------
    density : PredictionDensity
    name : {"actual", "residual"}
    theme : Theme
    unit : str
        Of the truth.

    Returns
    -------
    dict
        Plain JSON: picture, axes with ticks as shares of their length, where its line of reference
        runs, and the account of all rows.
    """
    levels = count_levels(density.counts, None, count_span(density.counts, Scale("rank")))
    crowded = np.count_nonzero(density.counts) > density.counts.size * _CROWDED
    # a lone row is to be seen
    picture = spread(rgba.shade_levels(levels, theme.density, theme), 0.0 if crowded else _RADIUS)
    total = int(density.counts.sum(dtype=np.int64))
    text = _("all {total:,} rows").format(total=total)
    if density.beyond:
        text += _(", {beyond:,} of them beyond the axes and drawn at the edge").format(
            beyond=density.beyond
        )
    return {
        "name": name,
        "src": f"data:image/png;base64,{base64.b64encode(png_bytes(picture[::-1])).decode()}",
        "words": text,
        "x": _axis(density.x, "predicted", unit),
        "y": _axis(density.y, "actual" if name == "actual" else _("actual minus predicted"), unit),
        "diagonal": name == "actual",
    }


def _axis(ends: tuple[float, float], label: str, unit: str) -> dict[str, Any]:
    low, high = ends
    ticks = ticks_of(np.array(ends))
    step = 2 if len(ticks.at) > 5 else 1  # these pictures are small
    marks = list(zip(ticks.at, ticks.words, strict=True))[::step]
    return {
        "label": label,
        "unit": unit,
        "ticks": [[(at - low) / (high - low), label] for at, label in marks],
    }


def density_csv(density: PredictionDensity) -> str:
    """Return the cells that hold rows: their middles, and how many."""
    height, width = density.counts.shape
    row, column = np.nonzero(density.counts)

    def middle(ends: tuple[float, float], place: Any, cells: int) -> Any:
        return ends[0] + (place + 0.5) * (ends[1] - ends[0]) / cells

    return columns_csv(
        {
            "x": middle(density.x, column, width),
            "y": middle(density.y, row, height),
            "rows": density.counts[row, column],
        }
    )
