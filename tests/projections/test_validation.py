import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from projections.errors import ProjectionError
from projections.validation import as_matrix, check_integer, check_number


def test_float_arrays_pass_without_a_copy():
    for dtype in (np.float32, np.float64):
        X = np.ones((3, 2), dtype=dtype)
        assert as_matrix(X) is X


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (np.int64, np.float64),
        (np.uint8, np.float64),
        (np.bool_, np.float32),
        (np.float16, np.float32),
        (object, np.float64),
    ],
)
def test_other_numbers_become_floats(given, dtype):
    X = as_matrix(np.array([[1, 0], [1, 1]]).astype(given))
    assert X.dtype == dtype
    np.testing.assert_array_equal(X, [[1, 0], [1, 1]])


def test_lists_and_data_frames_are_arrays():
    np.testing.assert_array_equal(
        as_matrix([[1, 2], [3, 4]]), as_matrix(pd.DataFrame({"a": [1, 3], "b": [2, 4]}))
    )


def test_values_that_are_not_finite_are_counted_by_column():
    X = np.zeros((10, 4))
    X[[1, 2], 1], X[3, 3], X[4, 3] = np.nan, np.inf, -np.inf
    with pytest.raises(
        ProjectionError, match=r"column 1: 2 NaN, 0 infinite, column 3: 0 NaN, 2 infinite"
    ):
        as_matrix(X)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.zeros(3), "2 dimensions"),
        (np.zeros((3, 0)), "minimum of 1 is required"),
        ([["a"], ["b"]], "dtype"),
        ([[1.0], [1.0, 2.0]], "equal length"),
        (np.zeros((2, 2), dtype=complex), "real numbers"),
        (np.array([["a", 1], ["b", 2]], dtype=object), "numbers"),
        (scipy.sparse.eye_array(3), "toarray"),
        ([[{}]], "must hold numbers"),
    ],
)
def test_what_is_no_matrix_of_numbers_ends_in_one_line(X, words):
    with pytest.raises(ProjectionError, match=words) as caught:
        as_matrix(X)
    assert "\n" not in str(caught.value)


def test_parameters_out_of_range_are_named_with_their_value():
    assert check_integer("k", np.int64(3), 1) == 3
    for value in (0, 2.0, True, "2", None):
        with pytest.raises(ProjectionError, match="k must be an integer"):
            check_integer("k", value, 1)
    assert check_number("d", 1, 0.0, 1.0) == 1.0
    for value in (-0.1, 1.1, float("nan"), False, "0"):
        with pytest.raises(ProjectionError, match="d must be a number"):
            check_number("d", value, 0.0, 1.0)
