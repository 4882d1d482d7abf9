import numpy as np
import pandas as pd
import pytest

from projections.errors import ProjectionError
from projections.target import Target


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([3, 1, 3, -1], [2, 1, 2, -1]),
        ([1.0, 2.0, np.nan, 1.0], [0, 1, -1, 0]),
        (["b", "a", None, "b"], [1, 0, -1, 1]),
        (np.array([True, False, True, True]), [1, 0, 1, 1]),
        (pd.Series(["x", "y", pd.NA, "x"], dtype="string"), [0, 1, -1, 0]),
    ],
)
def test_classes_are_numbered_and_missing_ones_are_unknown(y, classes):
    target = Target.of(y, 4)
    assert target.is_class
    known = [code for code in target.values.tolist() if code >= 0]
    assert [value < 0 for value in target.values] == [value < 0 for value in classes]
    assert len(set(known)) == len({value for value in classes if value >= 0})
    same = np.equal.outer(target.values, target.values)
    np.testing.assert_array_equal(same, np.equal.outer(classes, classes))


def test_fractions_are_numbers():
    target = Target.of([0.5, 1.0, 2.0], 3)
    assert not target.is_class
    assert target.values.tolist() == [0.5, 1.0, 2.0]


def test_what_is_no_target_is_refused():
    with pytest.raises(ProjectionError, match=r"one value for each of the 3 rows .* \(2,\)"):
        Target.of([1, 2], 3)
    with pytest.raises(ProjectionError, match="finite where it holds numbers, got 1 values"):
        Target.of([0.5, np.nan, 1.0], 3)


def test_copies_of_a_row_with_two_classes_are_unknown():
    target = Target.of([0, 0, 1, 1], 4)
    assert target.of_distinct(np.array([0, 0, 1, 0])).tolist() == [-1, 1]
