"""The dialog "What the columns are": roles are confirmed, changed and taken back."""

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import UnknownName
from explorer.feature.columns.column_roles import ColumnRoles
from explorer.feature.columns.role_summary import example_values, role_summary
from explorer.features.catalogue.catalogue_edits import catalogue_key, open_edits
from explorer.session.session import Session
from explorer.session.start import choose_start
from explorer.state import actions


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(400, 3)), columns=["height", "width", "depth"])
    frame["event"] = (frame["height"] + rng.normal(0, 0.3, 400) > 0).astype(int)
    frame["price"] = [f"{price:,.2f}%" for price in rng.normal(5000, 900, 400)]
    return explorer.open_table(frame)


@pytest.fixture
def messages(monkeypatch):
    sent = []
    monkeypatch.setattr(ColumnRoles, "_send_msg", lambda _, message: sent.append(message))
    return sent


@pytest.fixture
def page(table, fake_queue, messages, at_once):
    start = choose_start(table)
    session = Session(table, fake_queue, start.document, "", start.reasons)
    session.user = "Ada"
    view = ColumnRoles(session, at_once)
    session.listen(view.refresh)
    view.on_open()
    return view, session


def test_the_line_counts_the_roles_and_names_the_few(table):
    summary = role_summary(table)
    assert summary["text"] == ("5 columns: 3 features, 1 target (event), 1 number in text (price)")
    assert summary["guessed"] == 5
    assert summary["texts"] == 1


def test_the_columns_come_when_it_is_opened_with_examples(page, messages, until):
    until(lambda: messages)
    columns = {column["name"]: column for column in messages[0]["columns"]}
    assert columns["event"]["role"] == "target"
    assert not columns["event"]["given"]
    assert columns["event"]["reason"]
    assert columns["event"]["block"] == ""
    assert sorted(messages[0]["examples"]["event"].split(", ")) == ["0", "1"]


def test_a_changed_role_is_kept_with_the_name_and_the_picked_features_follow(page, until):
    view, session = page
    assert session.state.document.features == ("height", "width", "depth")
    view.on_role(["width"], "identifier")
    until(lambda: session.state.document.features == ("height", "depth"))
    role = session.table.roles["width"]
    assert (role.role, role.given) == ("identifier", True)
    assert open_edits(catalogue_key(session.table.source)).history[-1].who == "Ada"
    until(lambda: view.status["can_undo"])
    view.on_undo()
    until(lambda: session.state.document.features == ("height", "width", "depth"))
    assert not session.table.roles["width"].given


def test_features_that_somebody_chose_stay(page, until):
    view, session = page
    session.state.act(actions.set_features, names=["height", "width"])
    view.on_role(["width"], "identifier")
    until(lambda: view.status["message"])
    assert session.state.document.features == ("height", "width")


def test_all_guesses_are_confirmed_in_one_step(page, until):
    view, session = page
    before = {name: role.role for name, role in session.table.roles.items()}
    view.on_confirm()
    until(lambda: view.summary["guessed"] == 0)
    assert {name: role.role for name, role in session.table.roles.items()} == before
    until(lambda: view.status["can_undo"])
    view.on_undo()
    until(lambda: view.summary["guessed"] == 5)


def test_texts_become_numbers_and_draw_the_map(page, until):
    view, session = page
    view.on_numbers()
    until(lambda: "price" in session.state.document.features)
    assert session.table.features["price"].kind == "numeric"


def test_what_a_prediction_predicts_is_kept(page, until):
    view, session = page
    view.on_role(["depth"], "prediction", "event")
    until(lambda: session.table.roles["depth"].role == "prediction")
    assert session.table.roles["depth"].of == "event"


def test_an_unknown_role_is_refused(page):
    with pytest.raises(UnknownName, match="target"):
        page[0].on_role(["depth"], "targets")


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"words": ["several words of text here"] * 3 + ["other words"]}, "1 column: "),
        ({"x": [], "y": []}, "2 columns: 2 features"),
        ({"when": pd.date_range("2020", periods=9)}, "1 column: 1 time (when)"),
    ],
)
def test_tables_without_a_feature_or_a_row_have_a_line_and_examples(columns, text):
    table = explorer.open_table(pd.DataFrame(columns))
    assert role_summary(table)["text"].startswith(text)
    assert set(example_values(table)) == set(columns)


def test_a_family_of_columns_stays_one_when_it_is_confirmed(
    tmp_path, monkeypatch, fake_queue, messages, at_once, until
):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    rng = np.random.default_rng(0)
    waves = pd.DataFrame(rng.normal(size=(200, 40)), columns=[f"wave_{400 + k}" for k in range(40)])
    pixels = pd.DataFrame(
        rng.integers(0, 200, (200, 64)), columns=[f"px_{k:02}" for k in range(64)]
    )
    table = explorer.open_table(pd.concat([waves, pixels], axis=1))
    before = table.column_blocks
    assert [block.role for block in before] == ["feature", "image"]
    start = choose_start(table)
    view = ColumnRoles(Session(table, fake_queue, start.document, "", start.reasons), at_once)
    view.on_open()
    view.on_confirm()
    until(lambda: all(role.given for role in table.roles.values()))
    assert table.column_blocks == before
    assert messages
