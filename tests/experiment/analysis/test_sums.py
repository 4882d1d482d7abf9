import numpy as np
import pytest

from explorer.experiment.analysis.sums import (
    MISSING_PRE,
    PAIR,
    PAIR_PRE,
    PRE,
    VALUES,
    cell_counts,
    cell_sums,
)

N = 5_000


@pytest.fixture
def columns():
    rng = np.random.default_rng(0)
    made = rng.normal(50, 3, (3, N))
    made[:, ::11] = np.nan
    made[0, 5::13] = np.nan
    return made


@pytest.fixture
def codes():
    return np.random.default_rng(1).integers(-1, 7, N).astype(np.int32)


def power(name, values):
    """Σ of the product that a name says, as in "aab"."""
    letters = "abxy" if "a" in name or "b" in name else "xy"
    product = np.ones(len(next(iter(values.values()))))
    for letter in name:
        assert letter in letters
        product = product * values[letter]
    return product


@pytest.mark.parametrize(("names", "letters"), [(VALUES, "y"), (PAIR, "ab"), (PAIR_PRE, "abx")])
def test_sums_are_those_of_numpy_over_rows_that_miss_nothing(names, letters, columns, codes):
    shifts = (48.0, 50.5, 51.0)[: len(letters)]
    found = cell_sums(codes, 7, names, tuple(columns[: len(letters)]), shifts)
    there = ~np.isnan(columns[: len(letters)]).any(axis=0)
    for cell in range(7):
        rows = there & (codes == cell)
        values = {letter: columns[i, rows] - shifts[i] for i, letter in enumerate(letters)}
        for name in names:
            expected = rows.sum() if name == "n" else power(name, values).sum()
            assert found[name][cell] == pytest.approx(expected, rel=1e-10)


def test_rows_without_a_value_from_before_are_summed_apart(columns, codes):
    x, y = columns[0], columns[1]
    found = cell_sums(codes, 7, PRE + MISSING_PRE, (x, y), (50.0, 49.0))
    for cell in range(7):
        there = (codes == cell) & ~np.isnan(y)
        both = there & ~np.isnan(x)
        values = {"x": x[both] - 50.0, "y": y[both] - 49.0}
        row = found.table[cell]
        assert row[0] == both.sum()
        for i, name in enumerate(PRE[1:], 1):
            assert row[i] == pytest.approx(power(name, values).sum(), rel=1e-10)
        alone = y[there & np.isnan(x)] - 49.0
        np.testing.assert_allclose(
            row[12:], [alone.size, alone.sum(), (alone**2).sum()], rtol=1e-12
        )


def test_long_columns_are_summed_in_the_same_pieces_every_time():
    rng = np.random.default_rng(0)
    values, codes = rng.normal(size=3_000_000), rng.integers(0, 3, 3_000_000).astype(np.int32)
    first = cell_sums(codes, 3, VALUES, (values,), (0.0,)).table
    assert (cell_sums(codes, 3, VALUES, (values,), (0.0,)).table == first).all()
    np.testing.assert_allclose(first[:, 1], np.bincount(codes, values), rtol=1e-9)


def test_cells_are_counted_as_numpy_counts_them(codes):
    assert (cell_counts(codes, 7) == np.bincount(codes[codes >= 0], minlength=7)).all()


def test_no_rows_give_sums_of_nothing():
    assert (cell_sums(np.empty(0, np.int32), 2, VALUES, (np.empty(0),), (0.0,)).table == 0).all()
