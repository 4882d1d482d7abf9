import json

import numpy as np
import pytest

from explorer.core.errors import CatalogueError, UnknownName
from explorer.feature.page import FeaturePage
from explorer.state import actions
from explorer.state.filter import Filter


@pytest.fixture
def view(session, open_view):
    made = open_view(FeaturePage, session)
    session.state.act(actions.look_at, name="pulse")
    return made


def columns(view, element):
    """Return what an element of the histogram holds: 0 all, 1 population, 2 selection, 3 normal."""
    return view.histogram.object.renderers[element].data_source.data


def test_nothing_is_built_before_somebody_looks(session, open_view):
    made = open_view(FeaturePage, session)
    session.state.act(actions.toggle_feature, name="age", on=True)
    assert (made.histogram, made.feature) == (None, {})
    session.state.act(actions.set_tab, name="Feature")
    assert made.histogram is not None
    assert made.feature["name"] == session.state.document.features[0]


def test_a_link_shows_the_feature_that_was_shown_unasked(session, new_session, open_view):
    view = open_view(FeaturePage, session)
    session.state.act(actions.set_tab, name="Feature")
    session.state.act(actions.toggle_feature, name="height", on=False)
    receiver = open_view(FeaturePage, new_session(session.link()))
    assert receiver.feature["name"] == view.feature["name"] == "height"


def test_looking_at_a_feature_shows_it_in_the_plots_that_are_there(view, session):
    panes = view.histogram, view.qq
    for name in ("height", "age", "since", "city", "flat", "nothing", "vector", "pulse"):
        session.state.act(actions.look_at, name=name)
        assert view.feature["name"] == name
        json.dumps([view.feature, view.chart, view.marks], allow_nan=False)
        shown = session.profile(name).histograms.get("linear")
        counts = shown.counts if shown is not None and name not in ("city",) else []
        np.testing.assert_array_equal(columns(view, 1)["top"], counts)
    assert (view.histogram, view.qq) == panes


def test_an_unknown_feature_is_refused_in_words(view):
    with pytest.raises(UnknownName, match="pulse"):
        view.show("puls")


def test_until_the_browser_is_ready_nothing_follows_the_first_build(session, send, open_view, idle):
    session.state.act(actions.look_at, name="pulse")
    session.state.act(actions.select, selection={"expression": "height > 4"})
    view = open_view(FeaturePage, session, wait=True)
    idle(view)
    first, title = columns(view, 1)["top"], view.histogram.object.renderers[1].glyph.fill_color
    assert columns(view, 2)["top"].size == 0  # the counts came, and were put off too
    for name in ("height", "age"):
        session.state.act(actions.look_at, name=name)
    session.state.act(actions.set_theme, theme="dark")
    view.show("weight")
    assert view.feature["name"] == "pulse"
    assert columns(view, 1)["top"] is first
    assert view.histogram.object.renderers[1].glyph.fill_color == title
    send(view, "ready")
    idle(view)
    assert view.feature["name"] == "age"
    edges = session.profile("age").histograms["linear"].edges
    assert columns(view, 1)["right"][-1] == edges[-1]
    assert columns(view, 2)["top"].size > 0
    assert view.histogram.object.renderers[1].glyph.fill_color != title
    session.state.act(actions.look_at, name="weight")
    assert view.feature["name"] == "weight"


def test_while_another_tab_is_open_the_plots_wait(view, session, idle):
    session.state.act(actions.set_tab, name="Map")
    before = columns(view, 1)["top"]
    session.state.act(actions.look_at, name="age", tab=None)
    session.state.act(actions.add_filter, id="x", expression="age >= 40")
    idle(view)
    assert (view.feature["name"], columns(view, 1)["top"] is before) == ("pulse", True)
    session.state.act(actions.set_tab, name="Feature")
    idle(view)
    assert view.feature["name"] == "age"
    assert columns(view, 1)["top"].sum() == session.rows.population().count()


def test_the_head_says_when_filters_do_not_narrow_the_figures(view, session):
    assert view.marks["basis"] == "exact · 600 rows"
    session.state.act(actions.add_filter, id="x", expression="age >= 40")
    assert view.marks["basis"] == "exact · all 600 rows, filters do not change these figures"
    session.state.act(actions.remove_filter, id="x")
    assert view.marks["basis"] == "exact · 600 rows"


def test_the_scale_is_remembered_and_left_aside_where_a_feature_has_none(view, session, send):
    send(view, "scale", name="log")
    assert view.chart["scale"] == "log"
    np.testing.assert_array_equal(
        columns(view, 1)["top"], session.profile("pulse").histograms["log"].counts
    )
    session.state.act(actions.look_at, name="since")
    assert view.chart["scale"] == "linear"
    session.state.act(actions.look_at, name="height")
    assert view.chart["scale"] == "log"


def test_the_normal_can_be_left_out(view, send):
    assert columns(view, 3)["x"].size > 0
    send(view, "normal", on=False)
    assert columns(view, 3)["x"].size == 0


def test_a_brush_filters_as_the_strips_do(view, session, frame, idle, send):
    send(view, "range", ends=[1.0, 3.0])
    (entry,) = session.state.document.filters
    assert entry == Filter(id="column:pulse", column="pulse", range=(1.0, 3.0))
    assert session.rows.population().count() == frame["pulse"].between(1, 3).sum()
    idle(view)
    assert columns(view, 0)["left"].tolist() == [1.0]
    # its own bars stay as they were, so that the range can be widened again
    np.testing.assert_array_equal(
        columns(view, 1)["top"], session.profile("pulse").histograms["linear"].counts
    )
    assert "under the other filters" in view.chart["whose"]
    send(view, "range", ends=None)
    assert session.state.document.filters == ()
    idle(view)
    assert columns(view, 0)["left"].size == 0


def test_a_brush_of_the_pointer_is_a_filter_in_the_unit_of_the_feature(view, session, send):
    from bokeh.events import SelectionGeometry

    send(view, "scale", name="log")
    model = view.histogram.object
    model._trigger_event(
        SelectionGeometry(model, geometry={"type": "rect", "x0": 0.5, "x1": 0.0}, final=True)
    )
    low, high = session.state.document.filters[0].range
    assert (low, high) == pytest.approx((1.0, 10**0.5))


def test_typed_ends_are_kept_exactly_and_an_empty_one_is_open(view, session, send):
    send(view, "keep", low=2.25, high=None)
    assert session.state.document.filters[0].range == (2.25, session.profile("pulse").max)
    send(view, "keep", low=5.0, high=1.5)
    assert session.state.document.filters[0].range == (1.5, 5.0)
    assert view.marks["fields"] == [1.5, 5.0]


@pytest.mark.parametrize(
    "typed", [(2.25, None), (None, -1e6), (1e6, None), (-1e6, 1e6), (5.0, 1.5)]
)
def test_the_fields_show_what_was_typed_even_beyond_the_data(view, session, frame, typed, send):
    send(view, "keep", low=typed[0], high=typed[1])
    low, high = typed if None in typed else sorted(typed)
    assert view.marks["fields"] == [low, high]
    inside = frame["pulse"].between(
        -np.inf if low is None else low, np.inf if high is None else high
    )
    assert session.rows.population().count() == inside.sum()


def test_a_brush_to_the_end_leaves_its_field_empty(view, session, send):
    profile = session.profile("pulse")
    send(view, "range", ends=[1.0, profile.max])
    assert view.marks["fields"] == [1.0, None]
    send(view, "range", ends=None)
    assert view.marks["fields"] == [None, None]


def test_filters_and_selection_are_counted_in_the_bars(view, session, frame, idle):
    session.state.act(actions.add_filter, id="x", expression="age >= 40")
    session.state.act(actions.select, selection={"expression": "height > 4"})
    idle(view)
    edges = session.profile("pulse").histograms["linear"].edges
    shown = frame[frame["age"] >= 40]
    chosen = shown[shown["height"] > 4]
    np.testing.assert_array_equal(
        columns(view, 1)["top"], np.histogram(shown["pulse"].dropna(), edges)[0]
    )
    counts = np.histogram(chosen["pulse"].dropna(), edges)[0]
    np.testing.assert_array_equal(columns(view, 2)["top"], counts[counts > 0])
    assert view.chart["whose"].startswith(
        f"{len(shown)} rows shown, {counts.sum()} of them selected"
    )
    session.rows.clear_selection()
    session.state.act(actions.remove_filter, id="x")
    idle(view)
    assert view.chart["whose"] == "all 600 rows"


def test_counts_of_a_feature_that_one_has_left_are_not_shown(view, session, idle):
    session.state.act(actions.select, selection={"expression": "height > 4"})
    idle(view)
    view._show_counts(("age", "linear", None))
    assert view._plots.bars.selected is not None


def test_a_category_shows_levels_that_filter(view, session, frame, idle, send):
    session.state.act(actions.look_at, name="city")
    idle(view)
    assert view.chart["kind"] == "levels"
    first = view.levels["levels"][0]
    assert first["shown"] == (frame["city"] == first["value"]).sum()
    send(view, "level", level=first["value"], on=False)
    assert session.rows.population().count() == (frame["city"] != first["value"]).sum()
    send(view, "level", level=first["value"], on=True)
    assert session.state.document.filters == ()
    send(view, "unfold")
    idle(view)
    assert len(view.levels["levels"]) > 12


def test_ticks_and_colours_reach_the_state_and_come_back(view, session, send):
    send(view, "tick", on=False)
    assert "pulse" not in session.state.document.features
    assert view.marks["ticked"] is False
    send(view, "color", on=True)
    assert session.state.document.color.column == "pulse"
    assert view.marks["colours"] is True
    session.state.act(actions.look_at, name="vector")
    send(view, "color", on=True)
    assert "no single value" in view.error["words"]


def test_a_transform_is_used_and_taken_back_and_others_stay(view, session, send):
    session.state.act(actions.set_policy, transform={"age": "sqrt"})
    send(view, "transform", name="rank")
    assert session.state.document.policy.transform == {"age": "sqrt", "pulse": "rank"}
    assert view.marks["transform"] == "rank"
    send(view, "transform", name=None)
    assert session.state.document.policy.transform == {"age": "sqrt"}


def test_rows_are_selected_by_a_definition(view, session, frame, send):
    send(view, "select", definition={"expression": view.feature["missing"]["expression"]})
    assert session.rows.selection().count() == frame["pulse"].isna().sum()


def test_residuals_within_groups_are_checked_on_the_rows_shown(view, session, frame, idle, send):
    from explorer.profile.checks.gaussian import gaussian_within

    session.state.act(actions.add_filter, id="x", expression="age >= 40")
    send(view, "within", column="city")
    idle(view)
    used = frame[(frame["age"] >= 40) & frame["pulse"].notna() & frame["city"].notna()]
    direct = gaussian_within(
        used["pulse"].to_numpy(), used["city"].astype("category").cat.codes.to_numpy()
    )
    found = view.asked["within"]
    assert (found["grade"], found["reasons"]) == (direct.grade, list(direct.reasons))
    assert found["words"] == f"of {len(used)} rows within city"


def test_a_p_value_comes_on_request_with_its_words(view, session, frame, idle, send):
    from scipy.stats import shapiro

    assert "test" not in view.asked
    session.state.act(actions.look_at, name="mostly")
    send(view, "test")
    idle(view)
    p = shapiro(frame["mostly"].dropna()).pvalue
    assert view.asked["test"]["p"] == (
        "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".")
    )
    assert "Shapiro" in view.asked["test"]["words"]


def test_where_it_is_missing_is_asked_once_and_answered_for_the_next_feature_too(
    view, session, frame, idle, send
):
    send(view, "missing", column="city")
    idle(view)
    assert (
        sum(bar["missing"] for bar in view.asked["missing"]["bars"]) <= frame["pulse"].isna().sum()
    )
    session.state.act(actions.look_at, name="mostly")
    idle(view)
    assert (view.asked["missing"]["name"], view.asked["missing"]["column"]) == ("mostly", "city")
    send(view, "missing", column="")
    assert "missing" not in view.asked


def test_a_question_that_cannot_be_answered_is_answered_in_words(view, session, idle, send):
    session.state.act(actions.look_at, name="city")
    send(view, "within", column="member")
    idle(view)
    assert "city" in view.asked["within"]["error"]


def test_an_edit_reaches_the_session_as_the_catalogue_would_hold_it(
    view, session, monkeypatch, send
):
    edits = []
    monkeypatch.setattr(session, "edit_features", edits.append)
    send(view, "edit", attribute="valid_range", value="0, 10")
    send(view, "edit", attribute="sentinels", value="−999, unknown")
    send(view, "edit", attribute="unit", value=" ")
    send(view, "edit", attribute="role", value="target")
    assert edits == [
        {"pulse": {"valid_range": (0, 10)}},
        {"pulse": {"sentinels": (-999, "unknown")}},
        {"pulse": {"unit": None}},
        {"pulse": {"role": "target", "of": None}},
    ]
    assert view.error == {}


def test_a_refused_edit_is_said_beside_its_field(view, session, monkeypatch, send):
    send(view, "edit", attribute="valid_range", value="ten")
    assert (view.error["attribute"], view.error["value"]) == ("valid_range", "ten")
    assert (
        view.error["words"]
        == "expected two ends, such as 40 – 240; leave out an end that is open; came 'ten'"
    )

    def full(*_):
        raise CatalogueError("the disk is full")

    monkeypatch.setattr(session, "edit_features", full)
    send(view, "edit", attribute="unit", value="bpm")
    assert view.error["words"] == "the disk is full"


def test_the_theme_changes_the_colours_of_the_plots(view, session):
    bars = view.histogram.object.renderers[1].glyph
    light = bars.fill_color
    session.state.act(actions.set_theme, theme="dark")
    assert bars.fill_color != light


def test_after_the_suggested_transform_the_quantiles_are_straighter(new_session, open_view, send):
    import pandas as pd

    from explorer.session.session import Session
    from explorer.table.table import open_table

    cells = np.random.default_rng(0).lognormal(3, 0.6, 3_000)
    session = Session(
        open_table(pd.DataFrame({"income": cells})),
        None,
        {"features": ["income"], "tab": "Feature"},
    )
    view = open_view(FeaturePage, session)
    assert view.chart["can_after"] == "log"

    def bend():
        points = view.qq.object.renderers[2].data_source.data
        return 1 - np.corrcoef(points["x"], points["y"])[0, 1]

    before = bend()
    send(view, "after", on=True)
    assert bend() < before / 10
    assert view.chart["after"] is True
    points, band = (view.qq.object.renderers[k].data_source.data for k in (2, 0))
    half = band["x"].size // 2
    outside = (points["y"] < band["y"][:half]) | (points["y"] > band["y"][half:][::-1])
    assert view.chart["qq_words"].startswith(
        f"after log {outside.sum()} of {half} points lie outside"
    )
    send(view, "after", on=False)
    assert bend() == pytest.approx(before)
