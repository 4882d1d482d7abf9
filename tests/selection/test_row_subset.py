import json

import numpy as np
import pytest

from explorer.core.cache import Cache
from explorer.core.errors import SelectionError
from explorer.selection.row_subset import RowSubset, keep_rows, read_rows
from explorer.selection.selection import Selection


def chosen(rows, n=20, fingerprint="f"):
    return Selection.of_rows(rows, n, fingerprint)


def test_the_same_rows_have_the_same_id_and_others_another():
    first, again = RowSubset.of(chosen([1, 5])), RowSubset.of(chosen([5, 1, 1]))
    assert first.id == again.id
    assert (first.count, first.name) == (2, "2 chosen")
    assert RowSubset.of(chosen([1, 6])).id != first.id
    assert RowSubset.of(chosen([1, 5], fingerprint="g")).id != first.id


def test_a_subset_comes_back_from_its_json_with_how_it_was_chosen():
    mask = np.arange(20) < 4
    selection = Selection(mask, "f", {"expression": "a < 4"}, seen={"a": "made the group"})
    subset = RowSubset.of(selection, "4 selected")
    again = RowSubset(**json.loads(json.dumps(subset.document())))
    assert again == subset
    assert again.definition == {"expression": "a < 4"}
    assert again.seen == {"a": "made the group"}


def test_rows_are_found_again_by_their_id_and_other_rows_are_refused(tmp_path):
    cache, selection = Cache(tmp_path), chosen([0, 3, 19])
    subset = RowSubset.of(selection)
    assert read_rows(cache, subset, 20) is None
    keep_rows(cache, selection, subset)
    keep_rows(cache, selection, subset)
    np.testing.assert_array_equal(read_rows(cache, subset, 20), selection.mask)
    assert read_rows(cache, subset, 200) is None  # of a table of another length
    subset.check(selection.mask, "f")
    with pytest.raises(SelectionError, match=r"made of 3 rows .* now gives 1 rows"):
        subset.check(chosen([4]).mask, "f")


@pytest.mark.parametrize("wrong", [{"id": "../x"}, {"count": -1}])
def test_what_is_no_subset_is_refused(wrong):
    with pytest.raises(SelectionError, match="need an id"):
        RowSubset(**{"id": "abc", "count": 1, **wrong})
