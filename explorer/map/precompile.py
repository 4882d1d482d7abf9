"""Compile, or load from disk, every kernel of the map before a person waits for it."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import numpy as np

from explorer.expressions.ranges import warm_ranges
from explorer.map.geometry import box_mask, lasso_mask, pick
from explorer.map.map_store import build_store
from explorer.map.paint.color import Categorical, Colour, Continuous, Density, Scale
from explorer.map.pyramid import build_pyramid
from explorer.map.raster.aggregate import in_view
from explorer.map.raster.frame import frame
from explorer.map.raster.value_counts import warm_value_counts
from explorer.map.viewport import Viewport
from explorer.selection.code_counts import warm_code_counts
from explorer.stats.radix import warm_radix
from projections.quality.warm_plane import warm_plane

__all__ = ["kernels_ready", "warm_kernels"]

kernels_ready = threading.Event()
"""Set once every kernel is loaded in this process: until then a first frame may take seconds."""

_TRIANGLE = np.array([[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]])


def warm_kernels() -> None:
    """Draw, select and pick on a map of a few points.

    It takes a second, or half a minute when nothing is compiled.
    """
    xy = np.random.default_rng(0).random((64, 2), dtype=np.float32)
    colours: list[Colour] = [
        Density(),
        *(Continuous(xy[:, 0].copy(), Scale(kind)) for kind in ("linear", "log", "rank")),
        Categorical((np.arange(64) % 3).astype(np.uint8), 3),
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = build_store(xy, Path(folder) / "map")
        half = np.arange(64) < 32
        for colour in colours:
            for selection in (None, half):
                for shown in (None, half):
                    for side in (64, 4):  # fewer rows than pixels, and more
                        frame(
                            store,
                            Viewport((0.0, 1.0), (0.0, 1.0), side, side),
                            colour,
                            selection,
                            shown,
                        )
            for context in (False, True):
                pyramid = build_pyramid(store, colour, half.view(np.uint8), context, cells=128)
                pyramid.aggregate(Viewport((0.0, 1.0), (0.0, 1.0), 32, 32))
        for shown in (None, half):
            in_view(store, Viewport((0.0, 1.0), (0.0, 0.5), 64, 64), shown)
        lasso_mask(store, _TRIANGLE)
        box_mask(store, (0.2, 0.8), (0.2, 0.8))
        pick(store, 0.5, 0.5, 0.1, 0.1)
        del store
    warm_value_counts()
    warm_radix()
    warm_code_counts()
    warm_ranges()
    kernels_ready.set()
    warm_plane()  # nobody compares two maps before the first is drawn
