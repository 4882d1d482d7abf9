import base64
import io
from functools import partial

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from explorer.feature.feature_list import FeatureList
from explorer.rows import labels_card as row_labels
from explorer.rows.panel import RowsPanel
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"a": RNG.normal(size=400), "b": RNG.normal(size=400), "c": RNG.choice(list("xyz"), 400)}
)
HIGH = FRAME["a"] > 1


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    return open_table(FRAME)


@pytest.fixture
def new_session(table, fake_queue):
    """Make the sessions of several people at one table."""
    return partial(Session, table, fake_queue, {"features": ["a", "b"]})


@pytest.fixture
def session(new_session):
    return new_session()


@pytest.fixture
def new_view(until, open_view):
    def make(session):
        view = open_view(RowsPanel, session)
        until(lambda: view.rows)
        return view

    return make


@pytest.fixture
def view(new_view, session):
    view = new_view(session)
    session.state.act(actions.select, selection={"expression": "a > 1"})
    return view


def levels(view):
    columns = view.rows["labels"]["columns"]
    return {
        one["name"]: {level["name"]: level["count"] for level in one["levels"]} for one in columns
    }


def test_naming_the_selection_makes_a_column_that_everybody_sees(
    view, new_view, new_session, until, table, send
):
    other = new_view(new_session())
    send(view, "label", column="segment", level="high", author="Ann")
    for one in (view, other):
        until(lambda one=one: levels(one) == {"segment": {"high": int(HIGH.sum())}})
    (column,) = other.rows["labels"]["columns"]
    assert column["levels"][0]["words"].startswith("Ann, 20")
    assert column["levels"][0]["words"].endswith(f"a > 1 ({HIGH.sum()} rows)")
    until(lambda: any(one[0] == "segment" for one in other.columns["names"]))
    assert table.source.column("segment").null_count == (~HIGH).sum()


def test_only_rows_that_the_filters_leave_are_labelled(view, until, table, send):
    send(view, "filter", expression="b > 0")
    until(lambda: view.rows["filters"])
    send(view, "label", column="segment", level="high", author="Ann")
    until(lambda: levels(view) == {"segment": {"high": int((HIGH & (FRAME["b"] > 0)).sum())}})
    assert table.labels.columns["segment"].seen.keys() == {"a", "b"}


def test_what_cannot_be_is_said_and_the_next_label_takes_the_words_away(view, until, send):
    send(view, "label", column="c", level="high", author="Ann")
    until(lambda: view.rows["labels"]["turn"] == 1)
    assert "'c', which is in the table already" in view.rows["labels"]["error"]
    send(view, "label", column="segment", level="high", author="Ann")
    until(lambda: view.rows["labels"]["turn"] == 2)
    assert view.rows["labels"]["error"] == ""
    send(view, "relabel", column="segment", level="hihg", name="low")
    until(lambda: "did you mean 'high'" in view.rows["labels"]["error"])


def test_levels_are_renamed_taken_away_and_selected(view, session, until, send):
    send(view, "label", column="segment", level="high", author="Ann")
    until(lambda: levels(view))
    send(view, "relabel", column="segment", level="high", name="top")
    until(lambda: levels(view) == {"segment": {"top": int(HIGH.sum())}})
    send(view, "clear")
    send(view, "pick_level", column="segment", level="top")
    until(lambda: (view.rows["selection"] or {}).get("count") == HIGH.sum())
    send(view, "color", column="segment")
    assert session.state.document.color.column == "segment"
    send(view, "unlabel", column="segment", level="top")
    until(lambda: levels(view) == {})
    until(
        lambda: view.rows["selection"]["count"] == 0
    )  # the page goes on with a label that is gone
    send(view, "filter", expression="segment = 'top'")
    until(lambda: view.rows["count"] == "0 of 400 shown")


def test_labels_asked_for_at_once_are_all_made(view, until, send):
    for place in range(10):
        send(view, "label", column=f"column {place}", level="high", author="Ann")
    until(lambda: len(levels(view)) == 10)
    assert set(levels(view)) == {f"column {place}" for place in range(10)}


def test_files_hold_the_labelled_rows(view, session, until, monkeypatch, send):
    send(view, "label", column="segment", level="high", author="Ann")
    until(lambda: levels(view))
    for form, read in [
        ("csv", pd.read_csv),
        ("parquet", lambda file: pq.read_table(file).to_pandas()),
    ]:
        send(view, "export_labels", form=form)
        until(lambda form=form: view.saved.get("name") == f"row-labels.{form}")
        found = read(io.BytesIO(base64.b64decode(view.saved["data"].split(",")[1])))
        assert found["row"].tolist() == np.flatnonzero(HIGH).tolist()
        assert set(found["segment"]) == {"high"}
    monkeypatch.setattr(row_labels, "_MOST_SAVED", 3)
    send(view, "export_labels", form="csv")
    until(lambda: "too many for a file" in view.saved.get("error", ""))
    assert "data" not in view.saved


def test_a_label_is_in_the_list_of_features_and_cannot_be_ticked(
    view, session, until, send, open_view
):
    features = open_view(FeatureList, session)
    send(view, "label", column="segment", level="high", author="Ann")
    until(lambda: len(features.features) == 4)
    assert features.features[-1]["name"] == "segment"
    until(lambda: any(place == 3 for place, *_ in features.looks))
    session.state.act(actions.set_features, names=["a", "segment"])
    features.on_project()
    assert "a row label, which may change" in str(features.status)
