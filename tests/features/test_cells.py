from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from explorer.features.cells import columns_of, levels, vectors, without_sentinels
from explorer.sources.source import open_source

TEXT = ["b", "a", None, "b", "c", "a", "b", ""]


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([TEXT[:3], TEXT[3:]]),
        pa.chunked_array(
            [pa.array(TEXT[:3]).dictionary_encode(), pa.array(TEXT[3:]).dictionary_encode()]
        ),
        pa.chunked_array([pa.array(TEXT, pa.large_string())]).slice(0, 8),
    ],
)
def test_levels_are_those_of_pandas_however_the_text_is_stored(column: pa.ChunkedArray) -> None:
    codes, labels, counts = levels(column)
    expected = pd.Series(TEXT).value_counts()
    assert dict(zip(labels, counts, strict=True)) == expected.to_dict()
    assert labels == ["b", "a", "", "c"]
    assert [labels[code] if code >= 0 else None for code in codes] == TEXT


def test_unused_repeated_and_null_entries_of_a_dictionary_are_no_levels() -> None:
    indices = pa.array([0, 1, 3, 2, None])
    column = pa.chunked_array(
        [pa.DictionaryArray.from_arrays(indices, pa.array(["x", "y", "x", None, "unused"]))]
    )
    codes, labels, counts = levels(column)
    assert (labels, counts.tolist()) == (["x", "y"], [2, 1])
    assert codes.tolist() == [0, 1, -1, 0, -1]


def test_nan_is_missing_among_levels() -> None:
    codes, labels, _ = levels(pa.chunked_array([[2.0, np.nan, 1.5, None]]))
    assert sorted(labels) == ["1.5", "2"]
    assert (codes < 0).tolist() == [False, True, False, True]


def test_no_rows_have_no_levels() -> None:
    codes, labels, counts = levels(pa.chunked_array([], pa.string()))
    assert (codes.size, labels, counts.size) == (0, [], 0)


def test_sentinels_become_null_in_text_and_in_numbers() -> None:
    text = without_sentinels(pa.chunked_array([["a", "-9", None]]), (-9, "?"))
    assert text.to_pylist() == ["a", None, None]
    whole = without_sentinels(pa.chunked_array([[1, -9, None]]), (-9.0, "?"))
    assert whole.to_pylist() == [1, None, None]
    times = without_sentinels(pa.chunked_array([pa.array([0, 5], pa.timestamp("s"))]), (0,))
    assert times.null_count == 1


def test_slices_and_missing_lists_keep_their_places() -> None:
    lists = pa.array([[9, 9], [1, 2], None, [3, None]], pa.list_(pa.int16(), 2))
    for column in (lists.slice(1), lists.cast(pa.list_(pa.int16())).slice(1)):
        found = vectors(pa.chunked_array([column.slice(0, 1), column.slice(1)]), "v")
        np.testing.assert_array_equal(found, [[1, 2], [np.nan, np.nan], [3, np.nan]])


def test_columns_come_in_the_order_asked_and_samples_share_their_rows() -> None:
    values = np.arange(1000)
    source = open_source(pa.table({"a": values, "b": values * 2, "c": values * 3}))
    assert [name for name, _ in columns_of(source, ["c", "a"])] == ["c", "a"]
    sample = dict(columns_of(source, ["a", "b"], sample_rows=50))
    np.testing.assert_array_equal(2 * sample["a"].to_numpy(), sample["b"].to_numpy())
    assert len(sample["a"]) == 50
