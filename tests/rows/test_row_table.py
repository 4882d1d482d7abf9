"""Pages of rows; the oracle is pandas."""

import numpy as np
import pytest

from explorer.features.kind import countable
from explorer.rows.row_table import RowTable, default_columns, listed_columns
from explorer.state import actions
from explorer.ui.strip_card import rows_in_words


@pytest.fixture
def table(session):
    return RowTable(session.table, session.state, session.rows, session.projection)


def rows_of(page):
    return [row["row"] for row in page["rows"]]


def sort(session, column, descending=False):
    session.state.act(actions.set_table, sort=column, descending=descending)


def test_without_a_selection_all_rows_are_listed_as_they_come(table, session):
    page = table.page(0, 20)
    assert rows_of(page) == list(range(20))
    assert (page["count"], page["words"], page["order"]) == (
        600,
        "all 600 rows: none is selected",
        "in the order of the table",
    )
    assert rows_of(table.page(590, 20)) == list(range(580, 600))
    assert table.page(10**9, 20)["first"] == 580
    assert table.page(-5, 20)["first"] == 0


def test_columns_of_their_own_accord_are_title_colour_and_the_features_of_the_map(table, session):
    parts = session.table, session.state, session.projection
    assert default_columns(*parts) == ["person_id", "height", "weight", "pulse"]
    session.color_by("city")
    page = table.page(0, 5)
    assert [column["name"] for column in page["columns"]] == [
        "person_id",
        "city",
        "height",
        "weight",
        "pulse",
    ]
    session.state.act(actions.set_table, columns=["age", "vector"])
    assert listed_columns(*parts) == ["age", "vector"]
    assert table.page(0, 5)["rows"][1]["cells"][1] == "[2, 3]"
    assert [column["sorts"] for column in table.page(0, 5)["columns"]] == [True, False]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    "column", ["height", "pulse", "age", "city", "member", "since", "person_id", "nothing", "flat"]
)
def test_an_order_is_of_all_rows_stable_and_puts_missing_cells_last(
    table, session, frame, column, descending
):
    sort(session, column, descending)
    wanted = (
        frame[column].sort_values(kind="stable", na_position="last", ascending=not descending).index
    )
    pages = [table.page(first, 77) for first in range(0, 600, 77)]
    assert [row for page in pages for row in rows_of(page)] == wanted.tolist()
    missing = int(frame[column].isna().sum())
    assert pages[0]["order"].endswith(f", {missing:,} without a value last") == bool(missing)


def test_the_selection_is_listed_within_the_filters(table, session, frame):
    session.state.act(actions.add_filter, id="f", expression="age >= 40")
    shown = frame[frame["age"] >= 40]
    page = table.page(0, 5)
    assert (
        page["words"]
        == f"{rows_in_words(len(shown)).replace(' rows', '')} rows shown of 600: none is selected"
    )
    session.state.act(actions.select, selection={"expression": "member"})
    sort(session, "weight", descending=True)
    wanted = shown[shown["member"]].sort_values("weight", ascending=False, kind="stable")
    page = table.page(0, 1000)
    assert rows_of(page) == wanted.index.tolist()
    assert page["words"] == f"{len(wanted)} selected rows of 600"
    assert page["order"] == "by weight, largest first"
    assert table.place_of(int(wanted.index[3])) == 3
    assert table.place_of(int(frame.index[frame["age"] < 40][0])) is None
    session.state.act(actions.select, selection={"expression": "age > 999"})
    assert table.page(0, 10)["rows"] == []


def test_cells_are_short_words_and_missing_ones_none(table, session, frame):
    session.state.act(
        actions.set_table,
        columns=["height", "age", "city", "member", "since", "pulse", "boundless"],
    )
    for row in table.page(0, 40)["rows"]:
        known = frame.loc[row["row"]]
        height, age, city, member, since, pulse, _ = row["cells"]
        assert (float(height), int(age)) == (pytest.approx(known["height"], rel=1e-3), known["age"])
        assert (city, member) == (
            None if known["city"] != known["city"] else known["city"],
            "yes" if known["member"] else "no",
        )
        assert since == str(known["since"].date())
        assert (pulse is None) == bool(np.isnan(known["pulse"]))


def test_an_order_is_made_once_for_a_selection_and_a_column(table, session):
    sort(session, "weight")
    first = table._listing()
    session.state.act(actions.set_table, columns=["age"])
    assert table._listing() is first
    session.state.act(actions.select, selection={"expression": "member"})
    assert table._listing() is not first
    session.rows.clear_selection()
    assert table._listing() is first


def test_every_countable_column_can_be_listed(table, session):
    names = [name for name, one in session.table.features.items() if countable(one)]
    session.state.act(actions.set_table, columns=names)
    page = table.page(580, 30)
    assert all(len(row["cells"]) == len(names) for row in page["rows"])
