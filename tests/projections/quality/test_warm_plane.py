"""Warming compiles what comparing two maps needs, so that nobody waits for it."""

import numpy as np

from projections.neighbors import plane_tree, search
from projections.quality import alignment, changes
from projections.quality.warm_plane import warm_plane


def compiled():
    kernels = {
        kernel
        for module in (alignment, changes, plane_tree, search)
        for kernel in vars(module).values()
        if hasattr(kernel, "signatures")
    }
    return {kernel.py_func.__name__: len(kernel.signatures) for kernel in kernels}


def test_after_warming_two_maps_are_compared_without_compiling(rng):
    warm_plane()
    before = compiled()
    assert len(before) > 10
    first, second = rng.normal(size=(2, 3_000, 2)).astype(np.float32)
    for values in (first, second):
        values.flags.writeable = False
    alignment.procrustes(first, second, scaling="size").apply(second)
    for looked_at in (None, 500):
        found = changes.neighbor_change(first, second, n_looked_at=looked_at)
    changes.spread(first, found.rows, found.changed)
    assert compiled() == before
