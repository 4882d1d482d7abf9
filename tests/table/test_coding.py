"""The oracles are pandas' value_counts, factorize and cut."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from explorer.table.coding import MOST_COLOURS, bin_numbers, code_categories


def label(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "(empty)" if value == "" else str(value)


def text(n_levels, n=4000, seed=0):
    """Text whose levels have different counts, with missing cells."""
    rng = np.random.default_rng(seed)
    codes = np.minimum(rng.geometric(2 / n_levels, n), n_levels)
    return pd.Series([None if rng.random() < 0.03 else f"level {c}" for c in codes], dtype=object)


COLUMNS = {
    "text": text(8),
    "many levels": text(60),
    "empty strings": pd.Series(["", "a", None, "a", ""]),
    "booleans": pd.Series([True, False, None, True, True], dtype=object),
    "whole numbers": pd.Series([3, 1, 1, 2, 1, 2]),
    "floats with NaN": pd.Series([0.5, np.nan, 0.5, 2.0]),
    "all missing": pd.Series([None, None], dtype=object),
    "no row": pd.Series([], dtype=object),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_levels_and_their_counts_are_those_of_pandas(name):
    series = COLUMNS[name]
    found = code_categories(pa.array(series, from_pandas=True))
    expected = series.value_counts(dropna=True)
    assert dict(zip(found.labels, found.counts[:-1].tolist(), strict=True)) == {
        label(v): c for v, c in expected.items()
    }
    assert (np.diff(found.counts[:-1]) <= 0).all()
    assert found.counts[-1] == series.isna().sum()
    assert found.values == [v for v in found.values if v in set(series.dropna())]


@pytest.mark.parametrize("name", COLUMNS)
def test_codes_name_the_level_of_every_row(name):
    series = COLUMNS[name]
    found = code_categories(pa.array(series, from_pandas=True))
    named = [None if code == len(found.labels) else found.labels[code] for code in found.codes]
    assert named == [None if pd.isna(v) else label(v) for v in series]


def test_levels_of_equal_count_keep_the_order_of_appearance():
    assert code_categories(np.array(["b", "a", "c", "a", "b", "c"], dtype=object)).labels == [
        "b",
        "a",
        "c",
    ]


def test_numpy_arrow_chunked_and_dictionary_columns_are_coded_alike():
    series = text(30)
    plain = pa.array(series, from_pandas=True)
    categories = pa.array(series.astype("category"))
    unused = pa.DictionaryArray.from_arrays(
        pa.array([1, None, 1], pa.int8()), pa.array(["never", "seen"])
    )
    expected = code_categories(plain)
    # chunks that bring dictionaries of their own
    chunked = pa.chunked_array(
        [plain.slice(i, 500).dictionary_encode() for i in range(0, 4000, 500)]
    )
    for same in (series.to_numpy(), pa.chunked_array([plain[:1000], plain[1000:]]), chunked):
        found = code_categories(same)
        np.testing.assert_array_equal(found.codes, expected.codes)
        assert found.labels == expected.labels
    assert sorted(code_categories(categories).labels) == sorted(expected.labels)
    assert (code_categories(unused).labels, code_categories(unused).counts.tolist()) == (
        ["seen"],
        [2, 1],
    )
    assert code_categories(pa.chunked_array([], pa.string())).labels == []


def test_beyond_sixteen_levels_the_rest_and_missing_share_the_last_colour():
    series = text(60)
    found = code_categories(pa.array(series, from_pandas=True))
    largest = series.value_counts().head(MOST_COLOURS)
    colours = found.colours()
    assert colours.dtype == np.uint8
    assert found.n_colours == MOST_COLOURS == 16
    assert sorted(np.bincount(colours)[:16].tolist(), reverse=True) == largest.tolist()
    assert np.bincount(colours)[16] == len(series) - largest.sum()


def test_a_hundred_thousand_levels_are_coded():
    values = np.random.default_rng(0).permutation(np.repeat(np.arange(100_000), 2)).astype("U")
    found = code_categories(values)
    assert len(found.labels) == 100_000
    np.testing.assert_array_equal(np.array(found.labels)[found.codes], values)


def test_an_empty_text_and_one_that_reads_like_it_have_two_names():
    assert code_categories(pa.array(["", "a", "", "(empty)"])).labels == [
        "(empty text)",
        "a",
        "(empty)",
    ]
    assert code_categories(pa.array(["", "a"])).labels == ["(empty)", "a"]


def test_times_that_pythons_calendar_does_not_have_are_levels_too():
    far = pa.array([400_000_000_000, None, -400_000_000_000, 400_000_000_000], pa.timestamp("s"))
    found = code_categories(far)
    assert found.labels == ["14645-06-30 15:06:40", "-10706-07-03 08:53:20"]
    assert found.codes.tolist() == [0, 2, 1, 0]


def test_bins_are_those_of_numpy_and_pandas():
    rng = np.random.default_rng(0)
    values = np.round(rng.normal(size=3000), 1)  # many of them on an edge
    values[::50] = np.nan
    values[1::300] = np.inf
    values[2::300] = -np.inf
    edges = np.linspace(-2.0, 2.0, 41)
    codes = bin_numbers(values, edges).codes
    np.testing.assert_array_equal(
        np.bincount(codes, minlength=43)[:40], np.histogram(values[np.isfinite(values)], edges)[0]
    )
    cut = pd.cut(values, edges, right=False, labels=False)
    cut[values == edges[-1]] = 39
    cut[np.isnan(values)], cut[values < -2.0], cut[values > 2.0] = 40, 41, 42
    np.testing.assert_array_equal(codes, cut.astype(np.uint8))


def test_as_many_as_253_bins_keep_their_own_codes_for_missing_below_and_above():
    edges = np.arange(254.0)
    values = np.array([0.0, 252.5, 253.0, np.nan, -0.1, -np.inf, 253.1, np.inf])
    assert bin_numbers(values, edges).codes.tolist() == [0, 252, 252, 253, 254, 254, 255, 255]
