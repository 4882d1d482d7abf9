"""Where one model beats another: the painted map, its regions, and what each says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.number_format import NONE, number, p_value
from explorer.experiment.analysis.experiment_verdict import PALETTE
from explorer.experiment.analysis.hexagons import CORNERS
from explorer.experiment.effect_map.region_picture import (
    FEW,
    HATCHED,
    PLAIN,
    UNTRUSTED,
    RegionPaint,
    draw_density,
    paint_regions,
)
from explorer.map.paint.picture import png_bytes
from explorer.map.viewport import Viewport

if TYPE_CHECKING:
    from explorer.map.map_store import MapStore
    from explorer.map.paint.palettes import Theme
    from explorer.performance.pair_map import PairMap, PairRegion

__all__ = ["pair_map_card", "pair_map_picture"]

_MARGIN = 0.02
_KINDS = {
    "better": PLAIN,
    "worse": PLAIN,
    "inconclusive": HATCHED,
    "not enough data": FEW,
    "untrusted": UNTRUSTED,
}


def pair_map_picture(
    pair_map: PairMap, store: MapStore, theme: Theme, size: tuple[int, int], ratio: float
) -> tuple[bytes, dict[str, Any]]:
    """Paint the regions by their verdicts over the density of the rows.

    Parameters
    ----------
    pair_map : PairMap
    store : MapStore
    theme : Theme
    size : tuple of 2 int
        Pixels of the page.
    ratio : float
        Pixels of the screen for each.

    Returns
    -------
    picture : bytes
        PNG.
    sight : dict
        Ranges that it shows, for the page.
    """
    hexagons = pair_map.hexagons
    (right, up), x, y = hexagons.step, hexagons.x, hexagons.y
    extent = (
        float(x.min() - right),
        float(x.max() + right),
        float(y.min() - 2 * up),
        float(y.max() + 2 * up),
    )
    view = Viewport.fitted(extent, *size, margin=_MARGIN).scaled(ratio)
    colours = np.full((len(pair_map.labels), 3), 205, np.uint8)
    kinds = np.full(len(pair_map.labels), FEW, np.uint8)
    place = {label: i for i, label in enumerate(pair_map.labels)}
    for region in pair_map.regions:
        colours[place[region.region]] = np.frombuffer(bytes.fromhex(region.colour[1:]), np.uint8)
        kinds[place[region.region]] = _KINDS[region.verdict]
    under = draw_density(store, view, theme)
    rgba = paint_regions(
        under, hexagons, pair_map.owners, RegionPaint(colours, kinds), theme, ratio
    )
    sight = {
        "x_range": list(view.x_range),
        "y_range": list(view.y_range),
        "width": size[0],
        "height": size[1],
    }
    return png_bytes(np.ascontiguousarray(rgba[::-1])), sight


def pair_map_card(pair_map: PairMap) -> dict[str, Any]:
    """Return the lattice and the regions, with what is said where one points at one."""
    by_label = {region.region: region for region in pair_map.regions}
    hexagons = pair_map.hexagons
    shown = [
        ("better", 2),
        ("better", 1),
        ("worse", 1),
        ("worse", 2),
        ("inconclusive", 0),
        ("not enough data", 0),
    ]
    if any(region.verdict == "untrusted" for region in pair_map.regions):
        shown.append(("untrusted", 0))
    looks = [PALETTE[key] for key in shown]  # type: ignore[index]
    a, b = (pair_map.regions[0].a, pair_map.regions[0].b) if pair_map.regions else ("", "")
    return {
        "lattice": {
            "origin": list(hexagons.origin),
            "size": hexagons.size,
            "corners": [list(corner) for corner in CORNERS],
            "places": hexagons.places.tolist(),
            "owners": None if pair_map.owners is None else pair_map.owners.tolist(),
        },
        "cells": [_cell(label, by_label.get(label)) for label in pair_map.labels],
        "words": pair_map.words,
        "a": a,
        "b": b,
        "key": [
            {
                "colour": look.colour,
                "glyph": look.glyph,
                "hatched": look.hatched,
                "words": look.words.replace("better", f"{b} better").replace(
                    "worse", f"{a} better"
                ),
            }
            for look in looks
        ],
    }


def _cell(label: str, region: PairRegion | None) -> dict[str, Any]:
    if region is None:
        return {
            "name": label,
            "rows": 0,
            "lines": [["", _("no row here is compared")]],
            "colour": "#ffffff",
        }
    lines = [
        [region.a, number(region.value_a)],
        [region.b, number(region.value_b)],
        [
            _("{b} minus {a}").format(b=region.b, a=region.a),
            f"{number(region.difference)} [{number(region.low)} … {number(region.high)}]",
        ],
        ["p adjusted", p_value(region.p_adjusted) or NONE],
        ["", region.words],
    ]
    return {"name": label, "rows": region.n, "lines": lines, "colour": region.colour}
