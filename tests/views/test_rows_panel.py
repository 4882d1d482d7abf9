import base64
import io

import pandas as pd
import pytest

from explorer.views import rows_panel
from explorer.views.rows_panel import RowsPanel


@pytest.fixture
def view(session, at_once, until):
    made = RowsPanel(session, at_once)
    session.listen(made.refresh)
    until(lambda: made.rows)
    return made


def send(view, kind, **message):
    view._handle_msg({"type": kind, **message})


def strip(view, column):
    return next(s for s in view.rows["strips"] if s["column"] == column)


@pytest.fixture
def settled(view, until):
    return lambda: until(lambda: not view._counts._busy)


def test_an_expression_filters_and_its_chip_counts(view, frame, until):
    send(view, "filter", expression="age >= 50")
    n = int((frame["age"] >= 50).sum())
    until(lambda: view.rows["count"] == f"{n} of 600 shown")
    (chip,) = view.rows["filters"]
    assert (chip["text"], chip["on"], chip["words"]) == ("age >= 50", True, f"{n} rows of the table")
    send(view, "switch", name=chip["id"], on=False)
    until(lambda: view.rows["count"] == "600 of 600 shown")
    send(view, "unfilter", name=chip["id"])
    until(lambda: view.rows["filters"] == [])


@pytest.mark.parametrize(
    ("expression", "words"),
    [("aeg > 3", "did you mean 'age'"), ("age >", "cannot be parsed"), ("city > 3", "city")],
)
def test_a_wrong_expression_is_said_and_nothing_is_filtered(view, session, until, expression, words):
    send(view, "filter", expression=expression)
    until(lambda: view.rows["error"])
    assert words in view.rows["error"]
    assert "\n" not in view.rows["error"]
    assert session.state.document["filters"] == []
    send(view, "filter", expression="age > 3")
    until(lambda: view.rows["error"] == "")


def test_levels_hide_and_come_back(view, session, frame, until):
    assert [level["label"] for level in strip(view, "city")["levels"]] == session.table.levels("city").labels[
        :12
    ]
    first, second = session.table.levels("city").labels[:2]
    send(view, "levels", column="city", level=first, on=False)
    send(view, "levels", column="city", level=None, on=False)
    n = int((frame["city"].notna() & (frame["city"] != first)).sum())
    until(lambda: view.rows["count"] == f"{n} of 600 shown")
    until(lambda: [level["on"] for level in strip(view, "city")["levels"]] == [False] + 11 * [True])
    assert strip(view, "city")["levels"][0]["shown"] == (frame["city"] == first).sum()
    send(view, "levels", column="city", level=first, on=True)
    send(view, "levels", column="city", level=None, on=True)
    assert session.state.document["filters"] == []
    assert second in frame["city"].unique()


def test_a_brush_keeps_a_range_and_reaches_beyond_the_bars_at_their_ends(view, session, frame, until):
    edges = strip(view, "pulse")["edges"]
    send(view, "range", column="pulse", ends=[edges[0], edges[20]])
    n = int((frame["pulse"] <= edges[20]).sum())
    until(lambda: view.rows["count"] == f"{n} of 600 shown")
    assert session.state.document["filters"][0]["range"][0] == frame["pulse"].min()
    until(lambda: strip(view, "pulse")["brushed"])
    send(view, "range", column="pulse", ends=None)
    until(lambda: view.rows["count"] == "600 of 600 shown")
    send(view, "range", column="pulse", ends=None)


def test_strips_count_the_selection_inside_what_is_shown(view, session, frame, until):
    session.state.act("select", selection={"expression": "member"})
    n = int(frame["member"].sum())
    until(lambda: view.rows["selection"])
    assert view.rows["selection"] == {
        "count": n,
        "words": f"member · {100 * n / 600:.1f} % of the rows shown",
    }
    assert sum(level["selected"] for level in strip(view, "city")["levels"]) <= n
    assert sum(strip(view, "height")["selected"]) == n
    send(view, "clear")
    until(lambda: view.rows["selection"] is None)


def test_keep_turns_the_selection_into_a_filter(view, session, frame, until):
    session.state.act("select", selection={"expression": "member"})
    send(view, "keep")
    until(lambda: view.rows["count"] == f"{frame['member'].sum()} of 600 shown")
    assert session.state.document["selection"] is None


def test_a_filter_whose_map_is_gone_stays_visible_and_says_so(view, session, until):
    session.state.act("add_filter", id="rows", rows={"box": [[0, 1], [0, 1]], "embedding": "0" * 32})
    until(lambda: view.rows["filters"])
    assert (
        view.rows["filters"][0]["words"]
        == "the selection was drawn on a map that is not in the cache: draw it again"
    )
    until(lambda: view.rows["notes"])


def test_saved_rows_are_those_of_the_selection(view, session, frame, until, monkeypatch):
    session.state.act("select", selection={"expression": "member and age > 60"})
    send(view, "export")
    until(lambda: view.saved)
    assert (view.saved["name"], view.saved["turn"]) == ("selected-rows.csv", 1)
    data = base64.b64decode(view.saved["data"].removeprefix("data:text/csv;base64,"))
    saved = pd.read_csv(io.BytesIO(data)).set_index("row")
    expected = frame[frame["member"] & (frame["age"] > 60)]
    assert saved.index.tolist() == expected.index.tolist()
    assert saved["person_id"].tolist() == expected["person_id"].tolist()
    monkeypatch.setattr(rows_panel, "_MOST_SAVED", 3)
    send(view, "export")
    until(lambda: any("too many for a file" in note for note in session.notes))
    assert view.saved["turn"] == 1
