import numpy as np
import pytest

from projections.neighbors.canonical import Canonical


def test_values_far_from_zero_keep_their_differences(rng):
    X = rng.normal(size=(50, 3))
    rows = Canonical.of(X + 2.0**53 / 1e6).apply(X + 2.0**53 / 1e6)
    near = Canonical.of(X).apply(X)

    def span(Z):
        return np.sort([np.ptp(column) for column in Z.T])

    np.testing.assert_allclose(span(rows), span(near), rtol=1e-5)
    assert rows.dtype == np.float32


def test_the_order_of_columns_and_rows_changes_no_row(rng):
    X = rng.normal(size=(40, 5)).astype(np.float32)
    X[:, 3] = X[:, 1] > 0  # two columns with the same values in other rows
    X[:, 4] = X[::-1, 3]
    columns, rows = rng.permutation(5), rng.permutation(40)
    Y = X[rows][:, columns]
    np.testing.assert_array_equal(Canonical.of(X).apply(X)[rows], Canonical.of(Y).apply(Y))


@pytest.mark.parametrize("unit", [1e-300, 1e-30, 1.0, 1e30, 1e300])
def test_distances_neither_vanish_nor_overflow_in_any_unit(rng, unit):
    X = rng.normal(size=(30, 2))
    rows = Canonical.of(X * unit).apply(X * unit).astype(np.float64)
    squares = ((rows[:, None] - rows[None]) ** 2).sum(2)
    assert np.isfinite(squares.astype(np.float32)).all()
    assert (squares[~np.eye(30, dtype=bool)] > 0).all()


def test_one_enormous_value_does_not_flatten_the_others(rng):
    X = rng.normal(size=(30, 2))
    X[7, 0] = 1e300
    rows = Canonical.of(X).apply(X)
    assert np.isfinite(rows).all()
    assert len(np.unique(rows, axis=0)) == 30


def test_the_caller_s_array_is_left_as_it_was(rng):
    X = rng.normal(size=(20, 3)).astype(np.float32)
    before = X.copy()
    Canonical.of(X).apply(X)
    np.testing.assert_array_equal(X, before)
