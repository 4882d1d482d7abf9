import base64
import io

import pandas as pd
import pytest

from explorer.expressions.expression import parse_expression
from explorer.rows import export_card as row_export
from explorer.rows.panel import RowsPanel
from explorer.state import actions
from explorer.ui import strip_card
from explorer.ui.filter_entry import quote_name
from explorer.ui.strip_card import rows_in_words


@pytest.fixture
def view(session, until, open_view):
    made = open_view(RowsPanel, session)
    until(lambda: made.rows)
    return made


def strip(view, column):
    return next(s for s in view.rows["strips"] if s["column"] == column)


def test_an_expression_filters_and_its_chip_counts(view, frame, until, send):
    send(view, "filter", expression="age >= 50")
    n = int((frame["age"] >= 50).sum())
    until(lambda: view.rows["count"] == f"{n} of 600 shown")
    (chip,) = view.rows["filters"]
    assert (chip["text"], chip["on"], chip["words"]) == (
        "age >= 50",
        True,
        f"{n} rows of the table",
    )
    send(view, "switch", name=chip["id"], on=False)
    until(lambda: view.rows["count"] == "600 of 600 shown")
    send(view, "unfilter", name=chip["id"])
    until(lambda: view.rows["filters"] == [])


@pytest.mark.parametrize(
    ("expression", "words"),
    [("aeg > 3", "did you mean 'age'"), ("age >", "cannot be parsed"), ("city > 3", "city")],
)
def test_a_wrong_expression_is_said_and_nothing_is_filtered(
    view, session, until, expression, words, send
):
    send(view, "filter", expression=expression)
    until(lambda: view.rows["error"])
    assert words in view.rows["error"]
    assert "\n" not in view.rows["error"]
    assert session.state.document.filters == ()
    send(view, "filter", expression="age > 3")
    until(lambda: view.rows["error"] == "")


def test_levels_hide_and_come_back(view, session, frame, until, send):
    assert [
        level["label"] for level in strip(view, "city")["levels"]
    ] == session.table.columns.levels("city").labels[:12]
    first, second = session.table.columns.levels("city").labels[:2]
    send(view, "levels", column="city", level=first, on=False)
    send(view, "levels", column="city", level=None, on=False)
    n = int((frame["city"].notna() & (frame["city"] != first)).sum())
    until(lambda: view.rows["count"] == f"{n} of 600 shown")
    until(lambda: [level["on"] for level in strip(view, "city")["levels"]] == [False] + 11 * [True])
    assert strip(view, "city")["levels"][0]["shown"] == (frame["city"] == first).sum()
    send(view, "levels", column="city", level=first, on=True)
    send(view, "levels", column="city", level=None, on=True)
    assert session.state.document.filters == ()
    assert second in frame["city"].unique()


def test_a_brush_keeps_a_range_and_reaches_beyond_the_bars_at_their_ends(
    view, session, frame, until, send
):
    edges = strip(view, "pulse")["edges"]
    send(view, "range", column="pulse", ends=[edges[0], edges[20]])
    n = int((frame["pulse"] <= edges[20]).sum())
    until(lambda: view.rows["count"] == f"{n} of 600 shown")
    assert session.state.document.filters[0].range[0] == frame["pulse"].min()
    until(lambda: strip(view, "pulse")["brushed"])
    send(view, "range", column="pulse", ends=None)
    until(lambda: view.rows["count"] == "600 of 600 shown")
    send(view, "range", column="pulse", ends=None)


def test_a_range_of_whole_numbers_ends_on_values(view, session, frame, until, send):
    send(view, "add_strip", column="age")
    until(lambda: len(view.rows["strips"]) == 5)
    edges = strip(view, "age")["edges"]
    assert edges[0] % 1 == 0.5
    send(view, "range", column="age", ends=[edges[3], edges[9]])
    low, high = edges[3] + 0.5, edges[9] - 0.5
    until(lambda: strip(view, "age")["range"] == f"{low:g} – {high:g}")
    until(lambda: view.rows["count"] == f"{frame['age'].between(low, high).sum()} of 600 shown")
    send(view, "range", column="age", ends=[low + 0.1, low + 0.2])
    assert session.state.document.filters[0].range == (low + 0.1, low + 0.2)


def test_strips_count_the_selection_inside_what_is_shown(view, session, frame, until, send):
    session.state.act(actions.select, selection={"expression": "member"})
    n = int(frame["member"].sum())
    until(lambda: view.rows["selection"])
    selection = dict(view.rows["selection"])
    offer = selection.pop("map")
    assert f"a map of these {n} rows alone, by UMAP of the 3 ticked features" in offer["title"]
    assert offer["why_not"] == ""
    assert selection == {
        "count": n,
        "words": f"member · {100 * n / 600:.1f} % of the rows shown",
        "size": f"{n} rows × {frame.shape[1] + 1} columns",
    }
    assert sum(level["selected"] for level in strip(view, "city")["levels"]) <= n
    assert sum(strip(view, "height")["selected"]) == n
    send(view, "clear")
    until(lambda: view.rows["selection"] is None)


def test_keep_turns_the_selection_into_a_filter(view, session, frame, until, send):
    session.state.act(actions.select, selection={"expression": "member"})
    send(view, "keep")
    until(lambda: view.rows["count"] == f"{frame['member'].sum()} of 600 shown")
    assert session.state.document.selection is None
    until(lambda: view.rows["filters"][0]["text"] == f"member · {frame['member'].sum()} rows")


def test_a_filter_whose_map_is_gone_stays_visible_and_says_so(view, session, until):
    session.state.act(
        actions.add_filter, id="rows", rows={"box": [[0, 1], [0, 1]], "embedding": "0" * 32}
    )
    until(lambda: view.rows["filters"])
    assert (
        view.rows["filters"][0]["words"]
        == "the selection was drawn on a map that is not in the cache: draw it again, or share the "
        "link anew from where it was made"
    )
    until(lambda: view.rows["notes"])


def test_saved_rows_are_those_of_the_selection(view, session, frame, until, monkeypatch, send):
    session.state.act(actions.select, selection={"expression": "member and age > 60"})
    send(view, "export", form="csv")
    until(lambda: "data" in view.saved)
    assert view.saved["name"].endswith("-rows.csv")
    data = base64.b64decode(view.saved["data"].removeprefix("data:text/csv;base64,"))
    saved = pd.read_csv(io.BytesIO(data)).set_index("row")
    expected = frame[frame["member"] & (frame["age"] > 60)]
    assert saved.index.tolist() == expected.index.tolist()
    assert saved["person_id"].tolist() == expected["person_id"].tolist()
    monkeypatch.setattr(row_export, "_MOST_SENT", 3)
    send(view, "export", form="csv")
    until(lambda: "too many for this server" in view.saved.get("error", ""))
    assert "data" not in view.saved


def test_a_histogram_says_what_is_beyond_its_bars_and_what_is_missing(
    view, session, frame, until, send
):
    send(view, "add_strip", column="boundless")
    until(lambda: len(view.rows["strips"]) == 5)
    shown = strip(view, "boundless")
    edges = shown["edges"]
    below, above = (
        int((frame["boundless"] < edges[0]).sum()),
        int((frame["boundless"] > edges[-1]).sum()),
    )
    assert above >= 3
    assert shown["outside"] == f"{below + above} outside the chart"
    assert shown["where"].endswith(f"{above} above {shown['high']}")
    missing = int(frame["pulse"].isna().sum())
    assert strip(view, "pulse")["outside"].endswith(f"{missing} missing")
    edges = strip(view, "pulse")["edges"]
    send(view, "range", column="pulse", ends=[edges[0], edges[20]])
    until(lambda: strip(view, "pulse")["brushed"])
    assert strip(view, "pulse")["outside"].endswith(
        "missing · a range hides the rows without a value"
    )
    assert strip(view, "pulse")["range"] == f"≤ {edges[20]:.4g}"
    assert view.rows["filters"][0]["text"] == f"pulse: ≤ {edges[20]:.4g}"
    send(view, "range", column="pulse", ends=[edges[20], edges[-1]])
    until(lambda: strip(view, "pulse")["range"] == f"≥ {edges[20]:.4g}")


def test_a_level_is_kept_alone_and_all_come_back(view, session, frame, until, send):
    first, second = session.table.columns.levels("city").labels[:2]
    assert not strip(view, "city")["some_off"]
    send(view, "only", column="city", level=second)
    until(lambda: view.rows["count"] == f"{(frame['city'] == second).sum()} of 600 shown")
    assert strip(view, "city")["some_off"]
    send(view, "only", column="city", level=None)
    until(lambda: view.rows["count"] == f"{frame['city'].isna().sum()} of 600 shown")
    send(view, "all", column="city")
    until(lambda: view.rows["count"] == "600 of 600 shown")
    assert session.state.document.filters == ()
    assert first != second


def test_levels_unfold_and_fold_again(view, frame, until, send):
    counts = frame["city"].value_counts(dropna=False)
    listed = [level["value"] for level in strip(view, "city")["levels"]]
    rest = 600 - int((frame["city"].isin(listed)).sum())
    assert strip(view, "city")["fold"] == f"+ {len(counts) - 12} more levels, {rest} rows"
    send(view, "unfold", column="city")
    until(lambda: len(strip(view, "city")["levels"]) == len(counts))
    assert sum(level["shown"] for level in strip(view, "city")["levels"]) == 600
    assert (strip(view, "city")["fold"], strip(view, "city")["beyond"]) == ("show fewer", "")
    send(view, "unfold", column="city")
    until(lambda: len(strip(view, "city")["levels"]) == 12)


def test_beyond_two_hundred_levels_an_unfolded_strip_says_how_many_more(
    view, until, monkeypatch, send
):
    monkeypatch.setattr(strip_card, "_UNFOLDED_LEVELS", 15)
    send(view, "unfold", column="city")
    until(lambda: len(strip(view, "city")["levels"]) == 15)
    rest = 600 - sum(level["shown"] for level in strip(view, "city")["levels"])
    assert strip(view, "city")["beyond"].startswith("… and ")
    assert strip(view, "city")["beyond"].endswith(f" more levels, {rest} rows")


def test_strips_are_added_and_taken_away_down_to_none(view, session, until, send):
    send(view, "add_strip", column="member")
    until(lambda: [s["column"] for s in view.rows["strips"]][-1] == "member")
    assert {level["label"] for level in strip(view, "member")["levels"]} == {"yes", "no"}
    for column in ("city", "height", "weight", "pulse", "member"):
        send(view, "remove_strip", column=column)
    until(lambda: view.rows["strips"] == [])
    assert session.state.document.strips == ()
    session.state.act(actions.set_strips, names=None)
    until(lambda: len(view.rows["strips"]) == 4)


def test_a_column_that_can_have_no_strip_is_a_note(view, session, until):
    session.state.act(actions.set_strips, names=["nothing", "vector", "age"])
    until(lambda: [s["column"] for s in view.rows["strips"]] == ["age"])
    until(lambda: any("'nothing' has no strip" in note for note in session.notes))


def test_the_field_offers_columns_and_an_example_that_is_accepted(view, session, frame, until):
    until(lambda: view.columns)
    assert view.columns["names"] == [[n, n, n] for n in [*frame.columns, "vector"]]
    offered = [name for name, _ in view.columns["strips"]]
    assert {"height", "city", "member", "since"} <= set(offered)
    assert not {"vector", "nothing", "person_id"} & set(offered)
    assert view.columns["example"].startswith("height >= ")
    kept = session.resolver.rows_of({"expression": view.columns["example"]}).count()
    assert 0 < kept < 600


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("year", "year"),
        ("IMDB rating", '"IMDB rating"'),
        ("select", '"select"'),
        ('a"b', '"a""b"'),
        ("1st", '"1st"'),
    ],
)
def test_names_that_need_quotes_are_written_in_them(name, text):
    assert quote_name(name) == text
    assert parse_expression(f"{text} >= 1").columns == (name,)


def test_one_row_is_not_one_rows():
    assert [rows_in_words(n) for n in (0, 1, 2, 1000)] == [
        "0 rows",
        "1 row",
        "2 rows",
        "1,000 rows",
    ]


def test_the_rows_of_a_filter_or_a_selection_are_mapped_by_a_button(view, session, until, send):
    assert view.rows["map"] is None
    session.state.act(actions.add_filter, id="f", expression="age > 50")
    until(lambda: view.rows["map"] is not None)
    send(view, "map_rows", which="shown")
    assert session.state.document.projected.rows.definition == {"expression": "age > 50"}
    session.state.act(actions.select, selection={"expression": "person_id = 'p0001'"})
    until(lambda: view.rows["selection"] and view.rows["selection"]["count"] < 2)
    assert "Too few rows for a map" in view.rows["selection"]["map"]["why_not"]
    send(view, "map_rows", which="selected")
    assert session.state.document.projected.rows.name.endswith("shown")
    assert any("Too few rows" in note for note in session.notes)
