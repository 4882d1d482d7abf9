"""A column decoded once: what is read of its files is what was written."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from explorer.sources.columns import column_as_numbers, open_columns, write_columns

TYPED = {
    "int8": pa.array([1, None, -3, 4] * 50, pa.int8()),
    "float64 without a hole": pa.array(np.arange(200.0)),
    "float32": pa.array([None, *np.arange(199.0)], pa.float32()),
    "time": pa.array([None if i % 7 == 0 else i for i in range(200)], pa.timestamp("us", "UTC")),
    "date": pa.array(range(200), pa.date32()),
    "duration": pa.array([*range(199), None], pa.duration("ms")),
    "boolean": pa.array([True, None, False, True] * 50),
    "text": pa.array(["a", None, "", "b"] * 50),
    "nothing but holes": pa.nulls(200, pa.float64()),
}


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize(
    "cuts", [(0, 200), (0, 1, 3, 3, 77, 200), (0, 0)], ids=["one", "several", "no rows"]
)
def test_a_column_is_the_same_after_it_was_written(name, cuts, tmp_path):
    schema = pa.schema(
        [pa.field("x", TYPED[name].type, metadata={"unit": "m"})], metadata={"of": "a table"}
    )
    whole = pa.RecordBatch.from_arrays([TYPED[name]], schema=schema)
    write_columns(tmp_path / "x.arrow", schema, (whole.slice(a, b - a) for a, b in pairwise(cuts)))
    found = open_columns(tmp_path / "x.arrow")
    found.validate(full=True)
    assert found.schema.equals(schema, check_metadata=True)
    assert found.column(0).to_pylist() == TYPED[name].to_pylist()[: cuts[-1]]


def test_a_column_of_fixed_width_is_one_array_mapped_from_its_file(tmp_path):
    schema = pa.schema([("x", pa.float64())])
    pieces = [
        pa.RecordBatch.from_arrays([pa.array(np.full(100, float(k)))], schema=schema)
        for k in range(5)
    ]
    write_columns(tmp_path / "x.arrow", schema, pieces)
    before = pa.total_allocated_bytes()
    found = column_as_numbers(open_columns(tmp_path / "x.arrow").column(0), "x")
    assert pa.total_allocated_bytes() <= before  # what other tests left may go meanwhile
    np.testing.assert_array_equal(found, np.repeat(np.arange(5.0), 100))
