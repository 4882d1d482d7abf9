"""Where one model beats another: the painted map, its regions, and what each says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.number_format import NONE, number, probability
from explorer.experiment.analysis.experiment_verdict import PALETTE
from explorer.experiment.analysis.hexagons import CORNERS
from explorer.experiment.effect_map.region_picture import (
    FEW,
    HATCHED,
    PLAIN,
    UNTRUSTED,
    Paint,
    density_of,
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
    found: PairMap, store: MapStore, theme: Theme, size: tuple[int, int], ratio: float
) -> tuple[bytes, dict[str, Any]]:
    """Paint the regions by their verdicts over the density of the rows.

    Parameters
    ----------
    found : PairMap
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
    hexagons = found.hexagons
    (right, up), x, y = hexagons.step, hexagons.x, hexagons.y
    extent = (
        float(x.min() - right),
        float(x.max() + right),
        float(y.min() - 2 * up),
        float(y.max() + 2 * up),
    )
    view = Viewport.fitted(extent, *size, margin=_MARGIN).scaled(ratio)
    colours = np.full((len(found.labels), 3), 205, np.uint8)
    kinds = np.full(len(found.labels), FEW, np.uint8)
    place = {label: i for i, label in enumerate(found.labels)}
    for one in found.regions:
        colours[place[one.region]] = np.frombuffer(bytes.fromhex(one.colour[1:]), np.uint8)
        kinds[place[one.region]] = _KINDS[one.verdict]
    under = density_of(store, view, theme)
    rgba = paint_regions(under, hexagons, found.owners, Paint(colours, kinds), theme, ratio)
    sight = {
        "x_range": list(view.x_range),
        "y_range": list(view.y_range),
        "width": size[0],
        "height": size[1],
    }
    return png_bytes(np.ascontiguousarray(rgba[::-1])), sight


def pair_map_card(found: PairMap) -> dict[str, Any]:
    """Return the lattice and the regions, with what is said where one points at one."""
    told = {one.region: one for one in found.regions}
    hexagons = found.hexagons
    shown = [
        ("better", 2),
        ("better", 1),
        ("worse", 1),
        ("worse", 2),
        ("inconclusive", 0),
        ("not enough data", 0),
    ]
    if any(one.verdict == "untrusted" for one in found.regions):
        shown.append(("untrusted", 0))
    looks = [PALETTE[key] for key in shown]  # type: ignore[index]
    a, b = (found.regions[0].a, found.regions[0].b) if found.regions else ("", "")
    return {
        "lattice": {
            "origin": list(hexagons.origin),
            "size": hexagons.size,
            "corners": [list(one) for one in CORNERS],
            "places": hexagons.places.tolist(),
            "owners": None if found.owners is None else found.owners.tolist(),
        },
        "cells": [_cell(label, told.get(label)) for label in found.labels],
        "words": found.words,
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


def _cell(label: str, one: PairRegion | None) -> dict[str, Any]:
    if one is None:
        return {
            "name": label,
            "rows": 0,
            "lines": [["", "no row here is compared"]],
            "colour": "#ffffff",
        }
    lines = [
        [one.a, _shown(one.value_a)],
        [one.b, _shown(one.value_b)],
        [
            f"{one.b} less {one.a}",
            f"{_shown(one.difference)} [{_shown(one.low)} … {_shown(one.high)}]",
        ],
        ["p adjusted", probability(one.p_adjusted) or NONE],
        ["", one.words],
    ]
    return {"name": label, "rows": one.n, "lines": lines, "colour": one.colour}


def _shown(value: float) -> str:
    return number(value) if value == value else NONE
