"""Warming compiles what a frame, a lasso and a pick need, so that nobody waits for it."""

import numpy as np

from explorer.map import geometry
from explorer.map.map_store import build_store
from explorer.map.paint.color import Categorical, Continuous
from explorer.map.precompile import kernels_ready, warm_kernels
from explorer.map.raster import bands, kernels
from explorer.map.raster.frame import frame
from explorer.map.viewport import Viewport


def compiled_variants():
    """Count the compiled signatures of every kernel."""
    modules = (kernels, bands)
    dispatchers = [
        value
        for module in modules
        for value in vars(module).values()
        if hasattr(value, "signatures")
    ]
    return {dispatcher.py_func.__name__: len(dispatcher.signatures) for dispatcher in dispatchers}


def test_after_warming_a_real_map_compiles_nothing_more(tmp_path):
    warm_kernels()
    assert kernels_ready.is_set()
    before = compiled_variants()
    assert before
    rng = np.random.default_rng(1)
    store = build_store(rng.normal(size=(5_000, 2)).astype(np.float32), tmp_path / "map")
    views = [Viewport((-2.0, 2.0), (-2.0, 2.0), width, 200) for width in (300, 10)]
    selection = store.arrange(rng.random(5_000) < 0.5)
    for colour in (
        Continuous(rng.random(5_000, dtype=np.float32)),
        Categorical(rng.integers(0, 4, 5_000).astype(np.uint8), 4),
    ):
        for view in views:
            frame(store, view, colour, selection)
    geometry.lasso_mask(store, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    geometry.pick(store, 0.0, 0.0, 0.1, 0.1)
    assert compiled_variants() == before
