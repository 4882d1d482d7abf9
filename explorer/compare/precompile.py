"""Compile the kernels that compare groups, or load them from disk, before they are needed."""

from __future__ import annotations

import numpy as np

from explorer.compare.group_figures import number_figures
from explorer.compare.stepping import quantize
from explorer.profile.counting.tally import split_groups, tally_of_values

__all__ = ["warm_comparing"]


def warm_comparing() -> None:
    """Compare a few numbers of either width, sorted and in steps."""
    values = np.random.default_rng(0).normal(size=300)
    half = np.arange(150, dtype=np.uint32)
    narrow = values.astype(np.float32).astype(np.float64)
    for left, right in (
        (values, narrow),
        (narrow, values),
    ):  # each side is sorted at the width that holds it
        tally_of_values(left.copy(), right.copy())
    for some in (values, narrow):
        in_a = np.arange(300) < 150
        number_figures(tally_of_values(*split_groups([some], in_a, ~in_a)), 0.05)
        made = quantize(some)
        number_figures(made.tally(half, None, False), 0.05)
        for array in (made.codes, made.values):
            array.flags.writeable = False  # as they are read from the cache
        number_figures(made.tally(half, None, False), 0.05)
