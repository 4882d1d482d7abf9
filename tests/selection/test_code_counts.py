"""Counts of codes; the oracle is NumPy's bincount."""

import numpy as np
import pytest

from explorer.selection.code_counts import code_counts


@pytest.mark.parametrize("size", [1, 5, 200, 5_000, 100_000])
@pytest.mark.parametrize("rows", [0, 1, 7, 20_001])
def test_counts_are_those_of_bincount(size, rows):
    rng = np.random.default_rng(size + rows)
    codes = rng.integers(0, size, rows).astype(np.uint8 if size <= 256 else np.int32)
    mask = rng.random(rows) < 0.4
    for chosen in (None, mask, np.zeros(rows, bool), np.ones(rows, bool)):
        wanted = np.bincount(codes if chosen is None else codes[chosen], minlength=size)
        found = code_counts(codes, size, chosen)
        np.testing.assert_array_equal(found, wanted)
        assert found.dtype == np.int64
