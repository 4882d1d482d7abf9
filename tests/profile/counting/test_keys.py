from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from explorer.profile.counting.keys import KeyCode

CELLS = [
    np.array([-np.inf, -1e308, -1.0, -5e-324, 0.0, 5e-324, 1.0, np.nextafter(1.0, 2.0), np.inf]),
    np.array([-np.inf, -1.0, -1e-45, 0.0, 1e-45, 1.0, np.inf], dtype=np.float32),
    np.array([-(2**31), -1, 0, 1, 2**31 - 1], dtype=np.int32),
    np.array([0, 1, 2**31, 2**32 - 1], dtype=np.uint32),
    np.array([-(2**63), -1, 0, 1, 2**53, 2**53 + 1, 2**63 - 1]),
    np.array([0, 1, 2**63, 2**64 - 1], dtype=np.uint64),
]


@pytest.mark.parametrize("cells", CELLS, ids=lambda cells: cells.dtype.name)
def test_keys_rise_with_the_cells_and_lead_back_to_them(cells: np.ndarray) -> None:
    code = KeyCode(cells.dtype)
    keys = code.keys(cells)
    assert keys.dtype == np.dtype(f"i{cells.itemsize}")
    assert all(low < high for low, high in pairwise(keys.tolist()))
    np.testing.assert_array_equal(code.values(keys), cells)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_zeros_have_one_key(dtype: type) -> None:
    assert np.unique(KeyCode(np.dtype(dtype)).keys(np.array([0.0, -0.0], dtype=dtype))).size == 1


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_minus_one_is_not_zero_among_integers(dtype: type) -> None:
    assert KeyCode(np.dtype(dtype)).keys(np.array([-1, 0], dtype=dtype)).tolist() == [-1, 0]
