"""Compile the kernels of counting, or load them from disk, before somebody waits for them."""

from __future__ import annotations

__all__ = ["warm_counting"]


def warm_counting() -> None:
    """Count a little of each kind of column, and check it for a Gaussian."""
    import numpy as np
    import pyarrow as pa

    from explorer.profile.checks.gaussian import check_gaussian
    from explorer.profile.counting.counts import count_numbers

    rng = np.random.default_rng(0)
    cells = rng.normal(size=20_000)
    missing = rng.random(cells.size) < 0.1
    columns = [
        pa.array(cells),
        pa.array(cells, mask=missing),
        pa.array(cells.astype(np.float32)),
        pa.array(cells.astype(np.float32), mask=missing),
        pa.array(np.round(cells)),
        pa.array(np.round(cells).astype(np.float32)),
        pa.array((cells * 1e6).astype(np.int32)),
        pa.array((cells * 1e12).astype(np.int64)),
        pa.array(cells > 0),
        pa.array(np.round(cells).astype(np.int64), mask=missing),
    ]
    for column in columns:
        first = count_numbers(pa.chunked_array([column]), "warm")
        first.merged(count_numbers(pa.chunked_array([column]), "warm"))
        count_numbers(pa.chunked_array([column]), "warm", mergeable=False)
    check_gaussian(first.distribution)
