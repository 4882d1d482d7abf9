import numpy as np
import pytest

from explorer.session.rows.level_filter import kept_levels, legend_rows, level_filter
from explorer.state.filter import Filter
from explorer.table.coding import MOST_COLOURS, code_categories

LEVELS = code_categories(np.array(["a", "a", "a", "b", "b", "c", None], dtype=object))


@pytest.mark.parametrize("number", range(1, 16))
def test_what_a_filter_keeps_comes_back_whichever_list_is_shorter(number):
    kept = np.array([bool(number >> place & 1) for place in range(4)])
    condition = level_filter("x", kept, LEVELS)
    if kept.all():
        assert condition is None
    else:
        entry = Filter(id="column:x", **condition)
        np.testing.assert_array_equal(kept_levels(entry, LEVELS), kept)


def test_no_filter_one_that_is_off_and_a_range_keep_all_levels():
    entry = Filter(id="column:x", on=False, column="x", levels=("a",))
    for filter_entry in (
        None,
        entry,
        Filter(id="column:x", column="x", range=(0, 1)),
    ):
        assert kept_levels(filter_entry, LEVELS).all()


def test_a_level_that_is_gone_is_passed_over():
    entry = Filter(id="column:x", column="x", levels=("a", "gone"))
    assert kept_levels(entry, LEVELS).tolist() == [True, False, False, False]


def test_an_entry_of_the_legend_is_a_selection_of_its_rows(session, frame):
    shown = session.projection.map()
    assert session.scene.painting(shown).levels is None  # coloured by density
    session.color_by("city")
    levels = session.scene.painting(shown).levels
    labels = levels.labels
    for code in (-1, MOST_COLOURS + 1):
        assert legend_rows("city", levels, code) is None
    assert len(labels) > MOST_COLOURS
    first = session.resolver.rows_of(legend_rows("city", levels, 0))
    np.testing.assert_array_equal(first.mask, frame["city"] == labels[0])
    others = session.resolver.rows_of(legend_rows("city", levels, MOST_COLOURS))
    np.testing.assert_array_equal(others.mask, ~frame["city"].isin(labels[:MOST_COLOURS]))
