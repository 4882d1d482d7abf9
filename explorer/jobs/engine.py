"""The projection engine, made ready before somebody waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["warm_engine"]


def warm_engine(go_on: Callable[[], bool] = lambda: True) -> None:
    """Import the engine and compile its kernels, or load them from disk, by tiny projections.

    Parameters
    ----------
    go_on : callable
        Asked again and again; False gives it up.
    """
    import numpy as np

    import projections

    rng = np.random.default_rng(0)
    try:
        # few columns are searched by a tree, more by comparing all pairs, many rows by cells
        for rows, columns in ((64, 6), (64, 3)):
            points = rng.normal(size=(rows, columns)).astype(np.float32)
            umap = projections.UMAP(n_epochs=2).fit(points, progress=lambda *_: go_on())
            projections.scores(points, umap.embedding_)
    except projections.Cancelled:
        return
