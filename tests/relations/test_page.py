import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from explorer.relations.page import TAB, RelationsPage
from explorer.session.session import Session
from explorer.state import actions, document
from explorer.table.table import open_table


@pytest.fixture(autouse=True)
def tab(monkeypatch):
    """Have the tab among those of the page."""
    monkeypatch.setattr(document, "TABS", (*document.TABS, TAB))


@pytest.fixture
def shown(open_view):
    """Open the page on its tab."""

    def show(session):
        view = open_view(RelationsPage, session)
        session.state.act(actions.set_tab, name=TAB)
        return view

    return show


@pytest.fixture
def view(session, shown):
    return shown(session)


@pytest.fixture
def related(own_folders, shown):
    """A page about features that repeat others or are missing together; one row is far out."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"a": rng.normal(size=900)})
    frame["a_again"] = frame["a"]
    frame["nearly_a"] = frame["a"] + 0.05 * rng.normal(size=900)
    frame["b"] = rng.normal(size=900)
    frame["c"] = rng.normal(size=900)
    frame["d"] = rng.normal(size=900)
    frame.loc[100:160, ["c", "d"]] = np.nan
    frame.loc[161:170, "d"] = np.nan
    frame.loc[42, ["b", "c"]] = [12.0, -12.0]
    frame.insert(4, "sum", frame["a"] + frame["b"])
    frame["id"] = [f"r{k}" for k in range(900)]
    frame["group"] = np.array(["x", "y", "z"])[rng.integers(0, 3, 900)]
    numbers = [name for name in frame if name not in ("id", "group")]
    session = Session(open_table(frame), None, {"features": numbers})
    return frame, session, shown(session)


def cards(view):
    return [
        view.chosen,
        view.choices,
        view.near,
        view.inflation,
        view.matrix,
        view.pair,
        view.relation,
        view.missing,
        view.unusual,
        view.relevance,
        view.error,
    ]


def test_nothing_is_read_before_somebody_looks(session, idle, send, open_view):
    made = open_view(RelationsPage, session)
    session.state.act(actions.toggle_feature, name="age", on=True)
    send(made, "see", section="near")
    send(made, "see", section="pair")
    idle(made)
    assert cards(made) == [{}] * 11
    session.state.act(actions.set_tab, name=TAB)
    assert made.chosen["names"] == ["height", "weight", "pulse", "age"]
    assert made.near == {}


def test_sections_are_computed_when_seen_and_are_of_the_features_ticked_then(
    view, session, idle, send
):
    for section in ("near", "inflation", "matrix", "missing"):
        send(view, "see", section=section)
    idle(view)
    before = view.chosen["key"]
    assert {view.near["key"], view.inflation["key"], view.matrix["key"], view.missing["key"]} == {
        before
    }
    session.state.act(actions.toggle_feature, name="age", on=True)
    assert view.chosen["key"] != before == view.matrix["key"]
    send(view, "see", section="matrix")
    idle(view)
    assert view.matrix["key"] == view.chosen["key"]
    assert "age" in view.matrix["names"]
    assert view.near["key"] == before
    json.dumps(cards(view), allow_nan=False)


def test_a_section_that_is_seen_again_is_not_computed_again(view, idle, monkeypatch, send):
    send(view, "see", section="matrix")
    idle(view)
    monkeypatch.setattr(view, "_compute_section", lambda *_: pytest.fail("it was computed again"))
    send(view, "see", section="matrix")
    idle(view)
    assert "error" not in view.matrix


def test_near_duplicates_have_a_representative_and_the_others_can_be_unticked(related, idle, send):
    frame, session, view = related
    send(view, "see", section="near")
    idle(view)
    (group,) = view.near["groups"]
    others = {one["name"]: one for one in group["others"]}
    assert {group["leader"], *others} == {"a", "a_again", "nearly_a"}
    assert view.near["drop"] == list(others)
    assert others.get("a_again", {"same": "a"})["same"] == "a"
    for name, one in others.items():
        assert float(one["pearson"]) == pytest.approx(
            frame[name].corr(frame[group["leader"]]), abs=0.006
        )
    send(view, "drop", names=view.near["drop"])
    assert session.state.document.features == (group["leader"], "b", "sum", "c", "d")


def test_inflation_is_listed_from_the_largest_and_exact_relations_in_words(related, idle, send):
    frame, session, view = related
    send(view, "see", section="inflation")
    idle(view)
    assert view.inflation["bound"] == ["a + a_again + b + sum"]
    session.state.act(actions.set_features, names=["b", "c", "a", "nearly_a"])
    send(view, "see", section="inflation")
    idle(view)
    complete = frame[["b", "c", "a", "nearly_a"]].dropna()
    expected = pd.Series(np.diag(np.linalg.inv(complete.corr())), complete.columns).sort_values(
        ascending=False
    )
    assert [one["name"] for one in view.inflation["rows"]][2:] == list(expected.index)[2:]
    written = {one["name"]: float(one["value"].replace(",", "")) for one in view.inflation["rows"]}
    assert written == pytest.approx(expected.to_dict(), abs=0.06)
    assert {one["name"] for one in view.inflation["rows"] if one["high"]} == {"a", "nearly_a"}
    assert f"on {len(complete)} rows without a missing cell, of all 900" in view.inflation["words"]


def test_what_cannot_be_computed_says_so_and_holds_nothing_up(
    own_folders, shown, idle, monkeypatch, caplog, send
):
    session = Session(
        open_table(pd.DataFrame({"a": [1.0, np.nan], "b": [np.nan, 2.0]})),
        None,
        {"features": ["a", "b"]},
    )
    view = shown(session)
    send(view, "see", section="inflation")
    send(view, "see", section="matrix")
    idle(view)
    assert "needs rows without a missing cell" in view.inflation["error"]
    assert view.matrix["spearman"] == [[None, None], [None, None]]

    def broken(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr(view._together, "missing", broken)
    send(view, "see", section="missing")
    send(view, "see", section="near")
    idle(view)
    assert "the log of the server says why" in view.missing["error"]
    assert "a defect" in caplog.text
    assert view.near["groups"] == []


def test_missing_cells_are_told_with_rows_that_can_be_shown(related, idle, send):
    frame, session, view = related
    send(view, "see", section="missing")
    idle(view)
    absent = frame.isna()
    (nested,) = view.missing["nested"]
    assert (nested["inner"], nested["outer"]) == ("c", "d")
    told = [*view.missing["nested"], *view.missing["always"], *view.missing["patterns"]]
    for one in told:
        send(view, "select", definition=one["definition"])
        assert session.rows.selection().count() == one["rows"]
    pairs = {one["words"]: one for one in view.missing["pairs"]}
    assert pairs["c, d"]["both"] == (absent["c"] & absent["d"]).sum()
    assert pairs["c, d"]["other"] == (absent["d"] & ~absent["c"]).sum()
    assert [one["rows"] for one in view.missing["patterns"]] == [61, 10]


def test_a_pattern_is_of_exactly_these_features_whatever_their_names(
    own_folders, shown, idle, send
):
    frame = pd.DataFrame(
        np.random.default_rng(0).normal(size=(80, 3)), columns=['a "b"', "null", "two words"]
    )
    frame.iloc[:20, 0] = np.nan
    frame.iloc[10:30, 1] = np.nan
    frame.iloc[25:27, 2] = np.nan
    session = Session(open_table(frame), None, {"features": list(frame)})
    view = shown(session)
    send(view, "see", section="missing")
    idle(view)
    patterns = frame.isna().value_counts()
    assert len(view.missing["patterns"]) == len(patterns) - 1
    for one in view.missing["patterns"]:
        send(view, "select", definition=one["definition"])
        rows = session.rows.selection().rows()
        assert len(rows) == one["rows"]
        assert len(frame.iloc[rows].isna().drop_duplicates()) == 1


def test_the_first_two_features_are_the_first_pair_and_any_other_can_be_chosen(
    view, session, idle, send
):
    send(view, "size", width=300, height=200)
    send(view, "see", section="pair")
    idle(view)
    assert (view.pair["one"], view.pair["other"], view.pair["width"]) == ("height", "weight", 300)
    assert view.relation["by"] == ""
    send(view, "pair", one="age", other="since")
    send(view, "shade", name="log")
    send(view, "whole", on=True)
    send(view, "group", column="city")
    idle(view)
    assert (view.pair["one"], view.pair["other"], view.pair["shade"]) == ("age", "since", "log")
    assert view.pair["whole"]
    assert (view.relation["one"], view.relation["by"]) == ("age", "city")
    json.dumps(cards(view), allow_nan=False)
    send(view, "see", section="pair")
    idle(view)
    assert view.pair["one"] == "age"


def test_the_pair_follows_filters_and_the_selection(view, session, frame, idle, send):
    send(view, "see", section="pair")
    session.state.act(actions.add_filter, id="x", expression="age >= 40")
    idle(view)
    shown = (frame["age"] >= 40).sum()
    assert view.pair["hidden"] == 600 - shown
    assert view.relation["spearman"]["n"] == shown
    send(view, "box", x=[3.0, 9.0], y=[3.0, 9.0], mode="replace")
    idle(view)
    inside = frame["height"].between(3, 9) & frame["weight"].between(3, 9) & (frame["age"] >= 40)
    assert session.rows.selection().count() == inside.sum()
    assert f"{inside.sum()} of {inside.sum()} selected rows drawn" in view.pair["words"]
    send(view, "box", x=[3.0, 9.0], y=[3.0, 6.0], mode="remove")
    assert session.rows.selection().count() == (inside & ~frame["weight"].between(3, 6)).sum()
    send(view, "clear")
    assert session.rows.selection() is None


def test_a_pair_that_cannot_be_drawn_says_why(view, idle, send):
    send(view, "pair", one="nothing", other="age")
    idle(view)
    assert "'nothing' cannot be an axis" in view.pair["error"]
    send(view, "pair", one="age", other="age")
    idle(view)
    assert "must be different" in view.relation["error"]


def test_unusual_rows_come_on_request_with_what_makes_them_so(related, idle, send):
    _, session, view = related
    send(view, "see", section="unusual")
    idle(view)
    assert view.unusual == {}
    send(view, "unusual")
    idle(view)
    first = view.unusual["robust"]["rows"][0]
    assert first["row"] == 42
    assert {part["name"] for part in first["parts"]} >= {"b", "c"}
    assert len(view.unusual["robust"]["rows"]) == 20
    assert view.unusual["robust"]["clean"] == "Gaussian features would give 2.5 %"
    assert "of all 900 rows" in view.unusual["of"]
    assert any(
        "follows from features before it" in note for note in view.unusual["robust"]["notes"]
    )
    send(view, "pick", row=42)
    idle(view)
    assert session.rows.selection().rows().tolist() == [42]
    for by in ("robust", "ecod"):
        send(view, "far", by=by)
        idle(view)
        assert (
            session.rows.selection().count()
            == view.unusual[by]["beyond"]
            == view.unusual[by]["select"]
        )
    json.dumps(view.unusual, allow_nan=False)


def test_clean_rows_are_hardly_more_than_expected_beyond_the_cutoff(own_folders, shown, idle, send):
    cells = np.random.default_rng(0).normal(size=(6_000, 4))
    session = Session(
        open_table(pd.DataFrame(cells, columns=list("abcd"))), None, {"features": list("abcd")}
    )
    view = shown(session)
    send(view, "unusual")
    idle(view)
    for by in ("robust", "ecod"):
        rate = view.unusual[by]["beyond"] / 6_000
        assert abs(rate - 0.025) < 0.008


def test_rows_that_nothing_names_cannot_all_be_selected_and_that_is_said(
    own_folders, shown, idle, send
):
    cells = np.random.default_rng(0).standard_t(2, size=(3_000, 3))
    session = Session(
        open_table(pd.DataFrame(cells, columns=list("abc"))), None, {"features": list("abc")}
    )
    view = shown(session)
    send(view, "unusual")
    idle(view)
    send(view, "far", by="robust")
    idle(view)
    assert view.error["section"] == "unusual"
    assert "mark one as identifier" in view.error["words"]
    row = view.unusual["robust"]["rows"][0]["row"]
    send(view, "pick", row=row)
    idle(view)
    assert session.rows.selection().rows().tolist() == [row]
    assert view.error == {}


def test_features_are_held_against_a_target_and_lead_to_their_tab(related, idle, send):
    _, session, view = related
    send(view, "target", name="a")
    idle(view)
    rows = {one["name"]: one for one in view.relevance["rows"]}
    assert [one["strength"] for one in view.relevance["rows"][:3]] == sorted(
        (one["strength"] for one in view.relevance["rows"][:3]), reverse=True
    )
    assert rows["a_again"]["leak"]
    assert not rows["b"]["leak"]
    assert view.relevance["target"] == "a"
    json.dumps(view.relevance, allow_nan=False)
    send(view, "target", name="id")
    idle(view)
    assert view.relevance["error"]
    send(view, "look", name="sum")
    assert (session.state.document.tab, session.state.document.feature) == ("Feature", "sum")


def test_features_counted_so_far_stand_in_and_that_is_said(new_session, shown):
    view = shown(new_session(features=[]))
    assert not view.chosen["ticked"]
    assert "are used" in view.chosen["words"]
    assert "height" in view.chosen["names"]


def test_a_table_of_one_feature_has_no_pair_and_says_so(own_folders, shown, idle, send):
    frame = pd.DataFrame({"x": np.arange(20.0), "id": [f"r{k}" for k in range(20)]})
    view = shown(Session(open_table(frame), None, {"features": ["x"]}))
    for section in ("pair", "missing"):
        send(view, "see", section=section)
    idle(view)
    assert view.pair == {"error": "a pair needs two numeric features"}
    assert view.missing["words"] == "no feature is known to miss a value"


def test_columns_are_offered_by_what_can_be_done_with_them(view):
    offered = {what: [name for name, _ in columns] for what, columns in view.choices.items()}
    assert "since" in offered["numbers"]
    assert "city" not in offered["numbers"]
    assert offered["groups"] == ["city", "member"]
    assert "person_id" not in offered["targets"]
    assert "vector" not in [*offered["numbers"], *offered["targets"]]


def test_on_another_tab_nothing_is_computed_and_what_changed_is_seen_on_return(
    view, session, idle, monkeypatch, send
):
    send(view, "see", section="pair")
    idle(view)
    session.state.act(actions.set_tab, name="Map")
    drawn, before = view.pair, view.chosen
    monkeypatch.setattr(view, "_pictures", replace_with_failing())
    session.state.act(actions.add_filter, id="x", expression="age >= 40")
    session.state.act(actions.toggle_feature, name="age", on=True)
    assert view.pair is drawn
    assert view.chosen == before
    monkeypatch.undo()
    monkeypatch.setattr(document, "TABS", (*document.TABS, TAB))
    session.state.act(actions.set_tab, name=TAB)
    idle(view)
    assert view.pair["hidden"] > 0
    assert "age" in view.chosen["names"]


def replace_with_failing():
    class Failing:
        def ask(self, request):
            pytest.fail(f"{request} was asked for")

    return Failing()


def test_what_the_catalogue_calls_missing_brings_new_sections(view, session, monkeypatch):
    before = view.chosen["key"]
    features = session.table.features
    told = {**features, "pulse": replace(features["pulse"], sentinels=(-1.0,))}
    monkeypatch.setattr(type(session.table), "features", property(lambda _: told))
    view.refresh(frozenset(["catalogue"]))
    assert view.chosen["key"] != before


def test_the_pair_and_the_target_of_a_link_are_shown_as_they_were(
    view, session, new_session, shown, idle, send
):
    send(view, "pair", one="height", other="age")
    send(view, "shade", name="log")
    send(view, "whole", on=True)
    send(view, "group", column="city")
    send(view, "target", name="age")
    idle(view)
    assert view.relation["by"] == "city"
    other = shown(new_session(session.link()))
    send(other, "see", section="pair")
    idle(other)
    assert (other.pair["shade"], other.pair["whole"]) == ("log", True)
    assert [other.pair, other.relation, other.relevance] == [
        view.pair,
        view.relation,
        view.relevance,
    ]
    assert not session.state.can_undo
