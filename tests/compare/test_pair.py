import numpy as np
import pytest

from explorer.compare.pair import pair_of
from explorer.core.errors import ComparisonError, TableError
from explorer.selection.selection import Selection


def selection(*rows, n=6, table="t"):
    return Selection.of_rows(np.array(rows), n, table)


def test_without_b_the_rest_is_compared():
    pair = pair_of(selection(0, 2))
    assert pair.rest
    assert (pair.count_a, pair.count_b, pair.overlap) == (2, 4, 0)
    assert pair.definitions == ({"rows": [0, 2]}, {"not": {"rows": [0, 2]}})


def test_rows_in_both_count_in_a_and_this_is_said():
    pair = pair_of(selection(0, 1, 2), selection(1, 2, 3, 4))
    assert not (pair.a & pair.b).any()
    assert np.flatnonzero(pair.b).tolist() == [3, 4]
    assert pair.overlap == 2
    assert pair.notes == ["2 rows are in both groups: they count in A alone"]


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ((), None, "group A has no rows"),
        ((0, 1, 2, 3, 4, 5), None, "all rows are in A"),
        ((0, 1), (), "without rows"),
        ((0, 1), (0, 1), "all its 2 rows are in A too"),
    ],
    ids=["empty", "full", "empty b", "a = b"],
)
def test_groups_that_cannot_be_compared_are_refused_in_words(a, b, words):
    with pytest.raises(ComparisonError, match=words):
        pair_of(selection(*a), None if b is None else selection(*b))


def test_groups_of_different_tables_are_refused():
    with pytest.raises(TableError, match="different tables"):
        pair_of(selection(0), selection(1, table="other"))
