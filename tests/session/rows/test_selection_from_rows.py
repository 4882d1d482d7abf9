import numpy as np
import pandas as pd
import pytest

from explorer.core.errors import FeatureError
from explorer.session.rows.selection_from_rows import definition_of_rows
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table


def session_of(frame):
    return Session(open_table(frame), None, {})


def rows_of(session, rows, names=()):
    definition = definition_of_rows(session.table, session.resolver, np.array(rows), names)
    session.state.act(actions.select, selection=definition)
    return definition, session.rows.selection().rows().tolist()


def test_identifiers_name_rows_and_few_words_say_them(session):
    definition, rows = rows_of(session, [3, 500, 17])
    assert definition == {"column": "person_id", "levels": ["p0003", "p0500", "p0017"]}
    assert rows == [3, 17, 500]


def test_whole_numbers_name_rows_in_an_expression(own_folders):
    frame = pd.DataFrame({"id": np.arange(100, 300), "x": 0.5})
    definition, rows = rows_of(session_of(frame), [0, 199])
    assert definition == {"expression": '"id" in (100, 299)'}
    assert rows == [0, 199]


def test_in_a_long_table_texts_are_compared_and_not_coded(session, monkeypatch):
    monkeypatch.setattr("explorer.session.rows.selection_from_rows._MOST_CODED", 10)
    definition, rows = rows_of(session, [5, 6])
    assert definition == {"expression": "\"person_id\" in ('p0005', 'p0006')"}
    assert rows == [5, 6]


def test_an_identifier_that_repeats_is_no_name_then_the_cells_are(own_folders):
    cells = [1.5, np.nan, 2.5, np.inf, -np.inf, 1e-300]
    frame = pd.DataFrame({"id": ["it's"] * 6, 'a "quoted" name': cells, "b": np.arange(6.0)})
    session = session_of(frame)
    assert session.table.features["id"].kind != "numeric"
    for row in range(6):
        _, rows = rows_of(session, [row], ['a "quoted" name', "b"])
        assert rows == [row]
    assert rows_of(session, [0, 3, 4], ['a "quoted" name'])[1] == [0, 3, 4]


def test_many_rows_without_a_name_are_refused_in_words(own_folders):
    session = session_of(pd.DataFrame({"x": np.arange(60) / 7}))
    with pytest.raises(FeatureError, match="no column names each of these 51 rows"):
        definition_of_rows(session.table, session.resolver, np.arange(51), ["x"])
    assert rows_of(session, list(range(50)), ["x"])[1] == list(range(50))
