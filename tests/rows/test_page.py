import base64
import io

import pandas as pd
import pytest

from explorer.rows import export_card as row_export
from explorer.rows.page import RowsPage
from explorer.session.downloads import Downloads
from explorer.state import actions


@pytest.fixture
def view(session, until, open_view):
    made = open_view(RowsPage, session)
    until(lambda: made.page)
    return made


def test_a_head_sorts_up_then_down_then_not_at_all(view, session, frame, until, send):
    wanted = frame["weight"].sort_values(kind="stable")
    send(view, "page", first=0, size=10)
    send(view, "sort", column="weight")
    until(lambda: [row["row"] for row in view.page["rows"]] == wanted.index[:10].tolist())
    send(view, "page", first=20, size=10)
    until(lambda: view.page["first"] == 20)
    send(view, "sort", column="weight")
    until(lambda: view.page["rows"][0]["row"] == wanted.index[-1])
    assert view.page["first"] == 0  # another order begins at its beginning
    send(view, "sort", column="weight")
    until(lambda: view.page["order"] == "in the order of the table")
    send(view, "sort", column="age")
    send(view, "sort", column=None)
    until(lambda: view.page["order"] == "in the order of the table")


def test_another_selection_is_listed_from_its_beginning(view, session, frame, until, send):
    send(view, "page", first=100, size=25)
    until(lambda: view.page["first"] == 100)
    session.state.act(actions.select, selection={"expression": "member"})
    until(lambda: view.page["count"] == int(frame["member"].sum()))
    assert (view.page["first"], view.page["selected"]) == (0, True)
    send(view, "invert")
    until(lambda: view.page["count"] == int((~frame["member"]).sum()))


def test_columns_are_added_taken_out_and_set_back(view, session, until, send):
    send(view, "columns", names=["age", "city"])
    until(lambda: [column["name"] for column in view.page["columns"]] == ["age", "city"])
    assert view.columns["chosen"]
    assert ["city", "city"] in view.columns["names"]
    send(view, "columns", names=None)
    until(lambda: len(view.page["columns"]) == 4)
    assert not view.columns["chosen"]


def test_a_row_and_a_column_are_looked_at(view, session, send):
    send(view, "go", row=17)
    assert session.state.document.row == 17
    assert view.looked == {"row": 17}
    assert session.messages["fly"] == {"row": 17, "zoom": False}
    send(view, "feature", name="age")
    assert (session.state.document.feature, session.state.document.tab) == ("age", "Feature")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_listed_rows_are_handed_out_as_a_file(
    view, session, frame, until, tmp_path, form, send
):
    session.downloads = Downloads(tmp_path)
    session.state.act(actions.select, selection={"expression": "member and age > 60"})
    send(view, "export", form=form)
    until(lambda: "path" in view.saved)
    path = session.downloads.take(view.saved["path"].split("/")[1])
    read = pd.read_csv(path) if form == "csv" else pd.read_parquet(path)
    wanted = frame[frame["member"] & (frame["age"] > 60)]
    assert read["row"].tolist() == wanted.index.tolist()
    assert read["person_id"].tolist() == wanted["person_id"].tolist()
    assert "vector" not in read.columns
    assert path.name == f"table-selected-{len(wanted)}-rows.{form}"


def test_without_such_a_server_a_file_comes_as_a_message_unless_it_is_too_large(
    view, session, frame, until, monkeypatch, send
):
    send(view, "export", form="csv")
    until(lambda: "data" in view.saved)
    data = base64.b64decode(view.saved["data"].removeprefix("data:text/csv;base64,"))
    assert pd.read_csv(io.BytesIO(data))["row"].tolist() == list(range(600))
    monkeypatch.setattr(row_export, "_MOST_SENT", 3)
    send(view, "export", form="csv")
    until(lambda: "too many for this server to send (3 at most)" in view.saved.get("error", ""))
    session.state.act(actions.select, selection={"expression": "age > 999"})
    send(view, "export", form="csv")
    until(lambda: "no row to save" in view.saved.get("error", ""))
    send(view, "export", form="xlsx")
    until(lambda: "not 'xlsx'" in view.saved.get("error", ""))
