from __future__ import annotations

import numpy as np
import pyarrow as pa

from explorer.profile.present import StoredUnit, present_cells


def test_cells_without_gaps_are_not_copied() -> None:
    for dtype in (np.float64, np.float32, np.int64):
        cells = np.arange(1000, dtype=dtype)
        (array,) = present_cells(pa.chunked_array([pa.array(cells)]), "x", (-1,)).arrays
        assert array.dtype == dtype
        assert np.shares_memory(array, cells)


def test_missing_infinite_and_told_cells_are_left_out() -> None:
    cells = pa.array([1.0, None, np.nan, np.inf, -np.inf, -np.inf, -9.0, 2.0])
    for column in (pa.chunked_array([cells]), pa.chunked_array([cells[:3], cells[3:3], cells[3:]])):
        found = present_cells(column, "x", (-9,))
        assert np.concatenate(found.arrays).tolist() == [1, 2]
        assert (found.missing, found.infinite.tolist(), found.sentinel_counts.tolist()) == (
            3,
            [2, 1],
            [1],
        )


def test_a_slice_reads_its_own_bits() -> None:
    rng = np.random.default_rng(0)
    gone = rng.random(200) < 0.5
    whole = pa.array(np.arange(200.0), mask=gone)
    for first in range(0, 20):
        (array,) = present_cells(pa.chunked_array([whole[first:150]]), "x").arrays
        np.testing.assert_array_equal(
            array, np.flatnonzero(~gone[:150])[np.flatnonzero(~gone[:150]) >= first]
        )


def test_units_lead_to_seconds_and_back() -> None:
    assert StoredUnit(per_second=1_000_000).values(np.array([5_000_001])).tolist() == [5.000001]
    assert StoredUnit(seconds=86_400).values(np.array([2])).tolist() == [172_800]
    assert StoredUnit(seconds=86_400).stored(172_800, np.dtype(np.int32)) == 2
    assert np.isnan(StoredUnit(seconds=86_400).stored(172_801, np.dtype(np.int32)))
    assert np.isnan(StoredUnit().stored(300, np.dtype(np.int8)))
