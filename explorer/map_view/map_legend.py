"""The legend of the map: what its colours mean, and the controls that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core import number_format as figures
from explorer.core.gettext import _
from explorer.map.paint.color import Categorical, Continuous
from explorer.map.paint.palettes import PALETTES, ramp
from explorer.map.raster.value_counts import value_counts
from explorer.session.rows.level_filter import kept_levels
from explorer.session.rows.strips import count_strip
from explorer.ui.plots.ticks import times_in_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.map.map import Map
    from explorer.map.paint.palettes import Theme
    from explorer.session.maps.painting import Painting
    from explorer.session.maps.pane import Pane
    from explorer.session.maps.scene import Scene
    from explorer.session.rows.row_selection import RowSelection
    from explorer.state.document import Color
    from explorer.table.coding import CategoricalColumn
    from explorer.table.table import Table

__all__ = ["legend_card", "search_levels"]

_BARS = 36
_FOUND = 40  # levels that a search lists


def legend_card(table: Table, rows: RowSelection, scene: Scene, shown: Map) -> dict[str, Any]:
    """Return the legend of the colours of a map, as plain JSON."""
    color, painting = scene.color(), scene.painting(shown)
    if painting.title:
        return _layer(painting, scene.visible(shown), scene.theme())
    if color.column is None:
        return _density(color, scene, painting)
    feature = table.features[color.column]
    base = {"title": feature.label, "unit": feature.unit}
    if painting.levels is not None:
        levels = _levels(table, rows, painting, color.column, scene)
        total = len(painting.levels.labels)
        return {**base, "kind": "categorical", "how": "rows", "levels": levels, "total": total}
    return {
        **base,
        "how": _("mean per pixel"),
        **_continuous(painting, scene.visible(shown), feature, color, scene.theme()),
    }


def _layer(painting: Painting, visible: NDArray[np.bool_] | None, theme: Theme) -> dict[str, Any]:
    """Return the legend of a share from 0 to 1 that is drawn in place of a column."""
    colour = painting.colour
    assert isinstance(colour, Continuous)
    present = colour.values if visible is None else colour.values[visible]
    known = present[np.isfinite(present)]
    mean = _("mean {mean:.2f}").format(mean=known.mean()) if known.size else _("no row has a value")
    counts = np.histogram(known, _BARS, (0.0, 1.0))[0]
    return {
        "kind": "continuous",
        "title": painting.title,
        "unit": "",
        "how": mean,
        "counts": counts.tolist(),
        "fixed": True,
        "stops": _stops(ramp(colour.palette, theme), colour.invert),
        "scales": [],
        "low": "0",
        "high": "1",
        "note": painting.words,
    }


def search_levels(table: Table, rows: RowSelection, pane: Pane, text: str) -> dict[str, Any]:
    """Return the levels of the colour's column whose name has a text in it, the largest first."""
    column, shown = pane.scene.color().column, pane.map()
    levels = None if shown is None or column is None else pane.scene.painting(shown).levels
    if column is None or levels is None:
        return {"text": text, "levels": [], "count": 0}
    wanted = text.casefold()
    codes = [code for code, label in enumerate(levels.labels) if wanted in label.casefold()]
    counts, kept = (
        count_strip(table, rows, column).shown,
        kept_levels(rows.column_filter(column), levels),
    )
    listed = [
        {
            "code": code,
            "label": levels.labels[code],
            "count": int(counts[code]),
            "hidden": not kept[code],
        }
        for code in codes[:_FOUND]
    ]
    return {"text": text, "levels": listed, "count": len(codes)}


def _density(color: Color, scene: Scene, painting: Painting) -> dict[str, Any]:
    return {
        **_controls(color, painting),
        "kind": "continuous",
        "title": _("Rows per pixel"),
        "unit": "",
        "how": "",
        "counts": [],
        "stops": _stops(ramp(color.palette, scene.theme()), color.reverse),
        "scales": ["rank", "log", "linear"],
        "density": True,
        "low": "few",
        "high": "many",
    }


def _controls(color: Color, painting: Painting) -> dict[str, Any]:
    return {
        "scale": painting.scale,
        "reverse": color.reverse,
        "palette": color.palette,
        "palettes": list(PALETTES),
        "clip": None if color.clip is None else list(color.clip),
        "center": color.center,
        "locked": None if color.locked is None else list(color.locked),
        "ends": painting.ends and list(painting.ends),
    }


def _continuous(
    painting: Painting,
    visible: NDArray[np.bool_] | None,
    feature: Any,
    color: Color,
    theme: Theme,
) -> dict[str, Any]:
    colour, span = painting.colour, painting.span
    assert isinstance(colour, Continuous)
    assert span is not None
    assert painting.ends is not None
    low, high = span.low, span.high
    counts = value_counts(colour.values, _edges(low, high), visible)
    # a scale of one value: the rows that have it are the bar in the middle
    bars = (
        counts.bins
        if len(counts.bins) == _BARS
        else np.insert(np.zeros(_BARS - 1, int), _BARS // 2, counts.bins)
    )
    facts = [
        f"{count:,} {words}"
        for count, words in (
            (counts.below, "below"),
            (counts.above, "above"),
            (counts.missing, _("without a value, grey")),
            (counts.infinite, _("infinite, grey")),
        )
        if count
    ]
    drawn = bool(counts.bins.sum() or counts.below or counts.above)
    nothing = (
        not drawn and not np.isfinite(colour.values).any()
    )  # of all rows, whatever a filter leaves
    low_words, high_words = _ends_in_words(*painting.ends, feature)
    log = feature.kind != "temporal" and low > 0 and (not counts.below or painting.scale == "log")
    return {
        **_controls(color, painting),
        "kind": "continuous",
        "counts": bars.tolist(),
        "stops": _stops(ramp(colour.palette, theme), colour.invert),
        "palette": colour.palette,
        "scales": [name for name in ("linear", "log", "rank") if _possible(name, log, color)],
        "temporal": feature.kind == "temporal",
        "note": " · ".join(facts),
        "low": "" if nothing else ("≤ " if counts.below else "") + low_words,
        "high": "" if nothing else ("≥ " if counts.above else "") + high_words,
    }


def _edges(low: float, high: float) -> NDArray[np.float64]:
    """Return the edges of the bars, numbers of float32 as the values are.

    So the bar that begins at 0.1, as a person types it, holds the rows of 0.1.
    """
    first, last = np.float32(low), np.float32(high)
    if first < last:
        return np.linspace(first, last, _BARS + 1, dtype=np.float32).astype(np.float64)
    return np.array([first, np.nextafter(np.float64(first), np.inf)])


def _possible(scale: str, log: bool, color: Color) -> bool:
    if scale == "rank":
        return color.center is None and color.locked is None
    return scale == "linear" or log


def _ends_in_words(low: float, high: float, feature: Any) -> tuple[str, str]:
    """Write the ends of a scale in short: they share a line."""
    if feature.kind == "temporal":
        return times_in_words(low, high)
    return figures.brief(low, feature.kind), figures.brief(high, feature.kind)


def _levels(
    table: Table, rows: RowSelection, painting: Painting, column: str, scene: Scene
) -> list[dict[str, Any]]:
    colour, levels = painting.colour, painting.levels
    assert isinstance(colour, Categorical)
    assert levels is not None
    # counted under the filters of all other columns, as the strips beside the rows are
    counts, kept = (
        count_strip(table, rows, column).shown,
        kept_levels(rows.column_filter(column), levels),
    )
    entries = [
        (code, levels.labels[code], slice(code, code + 1)) for code in range(levels.n_colours)
    ]
    if int(levels.counts[levels.n_colours :].sum()):
        entries.append((levels.n_colours, _rest_in_words(levels), slice(levels.n_colours, None)))
    colors = colour.table(scene.theme())
    return [
        {
            "code": code,
            "label": label,
            "count": int(counts[places].sum()),
            "hidden": not kept[places].any(),
            "color": f"rgb({','.join(map(str, colors[code].tolist()))})",
        }
        for code, label, places in entries
    ]


def _rest_in_words(levels: CategoricalColumn) -> str:
    others = len(levels.labels) - levels.n_colours
    if not others:
        return "missing"
    return _("{others:,} other levels").format(others=others) + (
        (" " + _("and missing")) if levels.counts[-1] else ""
    )


def _stops(ramp: Any, invert: bool) -> list[str]:
    chosen = ramp[:: -15 if invert else 15]
    return [f"rgb({r},{g},{b})" for r, g, b in chosen.tolist()]
