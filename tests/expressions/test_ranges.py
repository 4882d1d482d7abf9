"""Cells in a range; the oracle is NumPy on the same cells as float64."""

import numpy as np
import pyarrow as pa
import pytest

from explorer.expressions.ranges import in_range
from explorer.sources.columns import column_as_numbers

RNG = np.random.default_rng(0)
COLUMNS = {
    "float32": pa.array(RNG.normal(size=999).astype(np.float32)),
    "float64 with NaN and infinity": pa.array([*RNG.normal(size=999), np.nan, np.inf, -np.inf]),
    "float64 with nulls": pa.array(
        [None if v < 0 else v for v in RNG.normal(size=999)], pa.float64()
    ),
    "int8": pa.array(RNG.integers(-128, 128, 999).astype(np.int8)),
    "uint64": pa.array(RNG.integers(0, 2**63, 999).astype(np.uint64) * np.uint64(2)),
    "booleans": pa.array(RNG.random(999) < 0.5),
    "times": pa.array(RNG.integers(0, 2**31, 999), pa.timestamp("s")),
    "nothing": pa.array([], pa.float32()),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_mask_is_that_of_comparing_float64(name):
    array = COLUMNS[name]
    cells = pa.chunked_array([array[:10], array[10:]]) if len(array) else pa.chunked_array([array])
    values = column_as_numbers(cells, name)
    some = values[np.isfinite(values)]
    low, high = np.quantile(some, [0.2, 0.7]).tolist() if some.size else (0.0, 1.0)
    # both ends are inside, also where an end is a float32 that no float64 literal writes
    for ends in ((low, high), *[(v, v) for v in some[:5].tolist()], (-np.inf, np.inf)):
        found = in_range(cells, *ends, lambda part: column_as_numbers(part, name))
        np.testing.assert_array_equal(found, (values >= ends[0]) & (values <= ends[1]))
