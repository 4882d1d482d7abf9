import numpy as np
import pytest

from explorer.table.units.numbering import number_integers


@pytest.mark.parametrize("different", [1, 50, 5_000, 60_000])
def test_integers_are_numbered_as_they_first_come(different):
    rng = np.random.default_rng(different)
    values = rng.integers(-(2**62), 2**62, different)[rng.integers(0, different, 100_000)]
    found, n = number_integers([(values[:777], None), (values[777:], None)])
    known: dict[int, int] = {}
    expected = [known.setdefault(int(value), len(known)) for value in values]
    assert n == len(known)
    assert found.tolist() == expected


def test_missing_ones_have_no_number_and_take_none():
    there = np.array([True, False, True, False])
    found, n = number_integers([(np.array([7, 7, 9, 9]), there)])
    assert (found.tolist(), n) == ([0, -1, 1, -1], 2)


def test_a_column_without_rows_has_no_units():
    found, n = number_integers([])
    assert (len(found), n) == (0, 0)
