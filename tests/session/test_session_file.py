import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import ExplorerError
from explorer.session.session import Session
from explorer.session.session_file import fit_to_table, read_session, session_document
from explorer.session.sessions import Autosave, SessionStore
from explorer.state import actions
from explorer.state.convert import as_json

VERSION_1 = json.loads(
    (Path(__file__).parents[1] / "state" / "documents" / "version_1.json").read_text()
)


def rich(session):
    """Choose something of everything."""
    act = session.state.act
    act(actions.toggle_feature, name="age", on=True)
    act(actions.set_policy, scale="robust", transform={"height": "log"})
    act(actions.set_color, column="age")
    act(actions.add_filter, id="f", expression="age is not null")
    act(actions.select, selection={"expression": "height is not null"})
    act(
        actions.store_group,
        which="a",
        rows={"expression": "height is not null"},
        count=session.rows.selection().count(),
        name="tall",
    )
    act(actions.look_at, name="age")
    return session


def test_a_session_file_opens_to_the_same_state(new_session):
    session = rich(new_session())
    text = json.dumps(session_document(session))
    other = new_session()
    state, notes = fit_to_table(read_session(text), other.table, other.resolver)
    other.state.act(actions.restore, state=state)
    assert notes == [note for note in notes if "group A" in note]
    assert other.state.document == session.state.document
    other.state.undo()
    assert other.state.document.features == ("height", "weight", "pulse")


def test_its_steps_acted_out_again_give_the_same_state(new_session):
    session = rich(new_session())
    other = new_session()
    for name, arguments in json.loads(json.dumps(session_document(session)))["history"]:
        other.state.act(getattr(actions, name), **arguments)
    seen = {"theme", "tab", "feature"}  # where one looks is no step
    one, two = (as_json(each.state.document, "it") for each in (session, other))
    assert {key: one[key] for key in one.keys() - seen} == {
        key: two[key] for key in two.keys() - seen
    }


@pytest.mark.parametrize("case", VERSION_1["cases"], ids=lambda case: case["about"])
def test_a_session_file_of_version_1_opens(case, fake_queue):
    then, columns = case["document"], ("year", "runtime", "score", "genre", "naïve é", "b.c")
    frame = pd.DataFrame({name: np.arange(9.0) for name in columns})
    frame["genre"] = ["drama", "comedy", "crime"] * 3
    session = Session(explorer.open_table(frame), fake_queue, {"features": ["year"]})
    file = {"form": "explorer-session-1", "table": {}, "state": then, "history": case["history"]}
    state, notes = fit_to_table(read_session(json.dumps(file)), session.table, session.resolver)
    session.state.act(actions.restore, state=state)
    now = as_json(session.state.document, "it")
    assert now["features"] == [name for name in then["features"] if name in columns]
    assert now["policy"] == then["policy"]
    assert now["method"] == then["method"]
    assert now["models"] == then["models"]
    before = then["experiment"]
    assert {**now["experiment"], "metrics": []}.items() >= {
        name: [] if name == "metrics" else value
        for name, value in before.items()
        if name not in ("wall",)
    }.items()
    # what was drawn on a map that is not there is left out, and said so
    lost = [entry["id"] for entry in then["filters"] if entry["id"] in ("rows:1", "column:test")]
    assert [entry["id"] for entry in now["filters"]] == [
        entry["id"] for entry in then["filters"] if entry["id"] not in lost
    ]
    assert all(any(f"filter {name} " in note for note in notes) for name in lost)


def test_a_session_of_changed_data_opens_and_says_what_no_longer_fits(
    new_session, people, fake_queue
):
    session = rich(new_session())
    document = session_document(session)
    frame = pd.DataFrame({"height": np.linspace(150, 200, 50), "weight": np.linspace(50, 90, 50)})
    other = Session(explorer.open_table(frame), fake_queue, {"features": ["weight"]})
    state, notes = fit_to_table(document, other.table, other.resolver)
    other.state.act(actions.restore, state=state)
    assert other.state.document.features == ("height", "weight")
    assert other.state.document.filters == ()
    assert other.state.document.color.column is None
    said = "\n".join(notes)
    assert "the session is of other data" in said
    assert "not in this table: pulse, age" in said
    assert "filter f does not fit this table" in said
    assert "the colour was age" in said
    assert f"group A had {document['state']['groups']['a']['count']:,} rows, now 50" in said


def test_rows_drawn_on_a_map_that_is_not_there_are_left_out_in_words(new_session):
    session = new_session()
    document = session_document(session)
    document["state"]["selection"] = {"box": [[0, 1], [0, 1]], "embedding": "0" * 32}
    state, notes = fit_to_table(document, session.table, session.resolver)
    assert state.selection is None
    assert any(note.startswith("the selection is left out") for note in notes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"form": "explorer-session-1"}',
        '{"form": "explorer-session-1", "state": 1, "table": {}}',
    ],
)
def test_what_is_no_session_file_is_refused_in_words(text):
    with pytest.raises(ExplorerError, match=r"not a (complete )?session file"):
        read_session(text)


def test_a_session_is_saved_by_itself_and_found_after_a_restart(
    new_session, people, tmp_path, until
):
    sessions = SessionStore(tmp_path)
    session = new_session()
    session.user = "ada"
    Autosave(session, sessions)
    assert sessions.at_table(people.title, people.fingerprint) == []  # it did nothing yet
    rich(session)
    until(lambda: sessions.at_table(people.title, people.fingerprint))
    session.state.act(actions.toggle_feature, name="pulse", on=False)
    session.close()  # what waits is written now
    (kept,) = SessionStore(tmp_path).at_table(people.title, people.fingerprint)
    assert (kept["who"], kept["changed"]) == ("ada", False)
    assert "3 features" in kept["words"]
    assert SessionStore(tmp_path).load(kept["key"])["state"] == as_json(
        session.state.document, "it"
    )
    assert sessions.at_table("another table", "x") == []
    assert sessions.at_table(people.title, "x")[0]["changed"]


def test_a_session_that_cannot_be_saved_says_so_and_goes_on(new_session, tmp_path):
    (tmp_path / "file").write_text("a file")
    session = new_session()
    autosave = Autosave(session, SessionStore(tmp_path / "file"))
    session.state.act(actions.toggle_feature, name="age", on=True)
    autosave.flush()
    assert "cannot be saved" in session.notes[-1]
    with pytest.raises(ExplorerError, match="no longer exists"):
        SessionStore(tmp_path / "none").load("x")
