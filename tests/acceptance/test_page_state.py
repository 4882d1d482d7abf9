"""A link, a reload and undo open exactly what was shown."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from explorer.core.compiled_code import prepare_numba
from explorer.core.errors import ExplorerError
from explorer.feature.feature_list import FeatureList
from explorer.feature.page import FeaturePage
from explorer.feature.projection_status import projection_status
from explorer.map_view.map_overlay import map_overlay
from explorer.relations.controller import RelationsController
from explorer.review.controller import ReviewController
from explorer.review.review_store import open_store
from explorer.review.table_reviews import TableReviews
from explorer.rows.panel import RowsPanel
from explorer.session.rows.row_search import map_title
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.feature_set import FeatureSet
from explorer.table.likely_models import likely_models
from explorer.table.selecting import where
from explorer.table.table import open_table
from tests.browser.conftest import address_in, read_lines


def finish(queue):
    """Let every job that was asked for make its maps."""
    for job in list(queue.jobs):
        if not (job.ended or job.cancelled):
            job.finish()


def test_the_map_chosen_in_the_menu_is_the_one_that_a_link_opens(session, new_session, fake_queue):
    first = session.projection.shown_key()
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    finish(fake_queue)
    session.projection.show(first)
    receiver = new_session(session.link())
    receiver.projection.open()
    fake_queue.jobs[-1].finish()
    assert receiver.projection.shown_key() == first
    assert receiver.projection.embedding().name == "UMAP of 3 features"
    assert receiver.state.document.features == session.state.document.features


def test_a_link_opens_the_same_map_when_the_table_starts_with_other_features(
    session, new_session, fake_queue
):
    session.color_by("age")
    receiver = new_session(session.link(), features=["sleep", "age"])
    receiver.projection.open()
    fake_queue.jobs[-1].finish()
    assert receiver.projection.shown_key() == session.projection.shown_key()
    assert receiver.state.document.features == ("height", "weight", "pulse")


def test_the_second_map_of_a_link_is_made_where_it_is_not_known(session, new_session, fake_queue):
    first = session.projection.shown_key()
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    finish(fake_queue)
    session.second_map.show(embedding=first)
    receiver = new_session(session.link())
    receiver.projection.open()
    finish(fake_queue)
    assert (receiver.projection.shown_key(), receiver.second_map.other) == (
        session.projection.shown_key(),
        first,
    )


def test_the_small_pca_is_of_the_features_of_its_map_or_not_there(session, fake_queue):
    first = session.projection.shown_key()
    assert map_overlay(session)["thumbnail"]["key"] == session.projection.keys()["pca"]
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    # until the first new map comes, the former one is shown
    assert session.projection.shown_key() == first
    assert map_overlay(session)["thumbnail"] is None
    finish(fake_queue)
    session.projection.show(first)
    pca = map_overlay(session)["thumbnail"]["key"]
    assert dict(session.projection.available())[pca].name == "PCA of 3 features"


def test_choosing_a_map_does_not_stop_what_is_projected(session, fake_queue):
    first = session.projection.shown_key()
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    job = fake_queue.jobs[-1]
    job.finish(0)
    session.projection.show(first)
    assert not job.cancelled
    job.finish(1)
    assert session.projection.shown_key() == first
    assert "UMAP of 4 features" in [one.name for _, one in session.projection.available()]


def test_cancel_says_which_map_is_shown_instead_and_a_link_opens_that_one(
    session, new_session, fake_queue
):
    first = session.projection.shown_key()
    session.state.act(actions.toggle_feature, name="age", on=True)
    session.projection.project()
    session.projection.cancel()
    assert (
        session.projection.job.shown()["text"] == "UMAP cancelled: the map shown is the one before"
    )
    assert session.projection.shown_key() == first
    assert session.projection.settings().features == ("height", "weight", "pulse")
    session.projection.project()
    fake_queue.jobs[-1].finish(0)
    fake_queue.jobs[-1].finish(1, preview=True)
    session.projection.cancel()
    assert (
        session.projection.job.shown()["text"]
        == "UMAP cancelled: the map shown is the PCA of the same features"
    )
    assert session.projection.embedding().name == "PCA of 4 features"
    receiver = new_session(session.link())
    receiver.projection.open()
    fake_queue.jobs[-1].finish()
    assert receiver.projection.embedding().name == "PCA of 4 features"


@pytest.fixture(scope="module")
def labelled(own_folders, tmp_path_factory):
    """A table whose columns have labels: two of them the same one."""
    catalogue = tmp_path_factory.mktemp("catalogue") / "catalogue.yaml"
    catalogue.write_text(
        "features:\n  yr: {label: Year}\n  n_cast: {label: Cast listed}\n"
        "  a_score: {label: Score}\n  b_score: {label: Score}\n"
    )
    columns = {
        "yr": range(1990, 2010),
        "n_cast": range(20),
        "a_score": range(20),
        "b_score": range(20),
    }
    return open_table(
        pa.table({name: list(values) for name, values in columns.items()}), catalogue=catalogue
    )


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Year >= 2000", 10),
        ("yr >= 2000", 10),
        ('"Cast listed" > 5', 14),
        ('Year between 1990 and 1994 and "Cast listed" <> 3', 4),
    ],
)
def test_a_filter_takes_the_names_that_are_shown(labelled, text, rows):
    assert where(labelled, text).count() == rows


def test_a_label_of_two_columns_is_refused_with_their_names(labelled):
    with pytest.raises(ExplorerError, match=r"label of 2 columns \(a_score, b_score\)"):
        where(labelled, "Score > 5")
    with pytest.raises(
        ExplorerError, match='a name of several words stands in double quotes: "Cast listed"'
    ):
        where(labelled, "Cast listed > 5")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Yaer >= 2000", r"no column 'Yaer': did you mean 'yr' \(Year\)\?"),
        ('"Cast lsted" > 5', r"did you mean 'n_cast' \(Cast listed\)\?"),
        ("scroe > 5", r"'a_score' \(Score\)"),
        ("Year = 'x'", "\"yr\" is 'Year'"),
        ("yr = 'x'", "\"yr\" is 'Year'"),
    ],
)
def test_an_error_of_a_filter_names_a_column_as_it_is_written_and_as_it_is_shown(
    labelled, text, error
):
    with pytest.raises(ExplorerError, match=error):
        where(labelled, text)


def test_the_filter_is_kept_by_column_and_shown_by_label(labelled, fake_queue, until):
    session = Session(labelled, fake_queue, {"features": ["yr"]})
    panel = RowsPanel(session, lambda function: function())
    panel.on_filter('"Cast listed" > 5')
    until(lambda: panel.rows.get("filters"))
    assert session.state.document.filters[0].expression == '"n_cast" > 5'
    assert panel.rows["filters"][0]["text"] == '"Cast listed" > 5'


def test_a_map_of_one_feature_is_called_by_its_label(labelled):
    assert map_title(labelled.features, labelled.project(["yr"], method="pca")) == "PCA of Year"


@contextmanager
def server(table, folder, port=0):
    """Start a server on a table, and kill it without a word at the end."""
    environment = {**os.environ, "EXPLORER_CACHE": str(folder / "cache"), "PYTHONUNBUFFERED": "1"}
    command = [
        sys.executable,
        "-m",
        "explorer",
        "serve",
        str(table),
        "--port",
        str(port),
        "--no-browser",
    ]
    log = folder / "log.txt"
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        )
    lines = queue.Queue()
    threading.Thread(target=read_lines, args=(process, lines), daemon=True).start()
    try:
        yield address_in(lines, log)
    finally:
        process.kill()
        process.wait(timeout=60)


@pytest.mark.browser
def test_the_page_comes_back_by_itself_after_its_server(browser, frame, tmp_path):
    table = tmp_path / "people.parquet"
    frame[["height", "weight", "pulse", "sleep", "age", "city"]].to_parquet(table)
    narrowed = f"{(frame['age'] >= 40).sum():,} of 600 shown"
    prepare_numba()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    entry = page.get_by_label("Filter expression")
    with server(table, tmp_path) as address:
        page.goto(address, timeout=120_000)
        page.get_by_role("combobox", name="Embedding").wait_for()
        entry.fill("age >= 40")
        entry.press("Enter")
        page.get_by_title("Light or dark").click()
        page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
        page.get_by_text(narrowed).wait_for()
        page.wait_for_function("() => location.search.includes('s=')")
        entry.press_sequentially("height > 3 and wei")
        link = page.url
    page.get_by_role("alert").get_by_text("Connection lost; trying again …").wait_for()
    with server(table, tmp_path, port=int(address.rstrip("/").rsplit(":", 1)[1])):
        page.get_by_role("alert").wait_for(state="detached", timeout=60_000)
        page.get_by_role("combobox", name="Embedding").wait_for()
        assert page.url == link
        page.get_by_text(narrowed).wait_for()
        page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
        expect = pytest.importorskip("playwright.sync_api").expect
        expect(entry).to_have_value("height > 3 and wei")
        # it is alive, and typing goes on where it was
        page.keyboard.type("ght > 1")
        page.keyboard.press("Enter")
        page.get_by_text("height > 3 and weight > 1").first.wait_for()
    context.close()


@pytest.mark.parametrize(
    ("columns", "truth", "kind", "predictions"),
    [
        (
            {
                "clf_target": "binary",
                "y_pred_proba": "share",
                "y_pred": "binary",
                "rooms": "number",
            },
            "clf_target",
            "binary",
            {"y_pred_proba", "y_pred"},
        ),
        (
            {
                "sales": "number",
                "forecast_sales": "number",
                "salesForecast2": "number",
                "price": "number",
            },
            "sales",
            "regression",
            {"forecast_sales", "salesForecast2"},
        ),
        (
            {
                "kind": "classes",
                "predicted_kind": "classes",
                "kind_prob": "share",
                "city": "classes",
            },
            "kind",
            "multiclass",
            {"predicted_kind"},
        ),
        (
            {
                "label": "binary",
                "xgb": "share",
                "rf": "number",
                "what": "number",
                "prob_a": "share",
            },
            "label",
            "binary",
            {"xgb", "prob_a"},
        ),
        ({"age": "number", "income": "number"}, None, None, set()),
    ],
)
def test_a_truth_and_its_predictions_are_found_by_names_and_values(
    columns, truth, kind, predictions
):
    rng = np.random.default_rng(0)
    make = {
        "binary": lambda: rng.integers(0, 2, 300),
        "share": lambda: rng.random(300),
        "number": lambda: rng.normal(50, 9, 300),
        "classes": lambda: rng.choice(["a", "b", "c"], 300),
    }
    table = open_table(pa.table({name: make[what]() for name, what in columns.items()}))
    found = likely_models(table)
    assert (found.truth, found.kind, set(found.predictions)) == (truth, kind, predictions)


def test_all_usable_features_of_a_wide_table_are_known_before_they_are_profiled(
    fake_queue, until, monkeypatch, showing
):
    # the other process counts nothing here
    monkeypatch.setattr(
        "explorer.profile.background.ProfileJob", lambda *_: SimpleNamespace(cancel=lambda: None)
    )
    monkeypatch.setattr("explorer.table.table_profiles._QUICK_CELLS", 10_000)
    rng = np.random.default_rng(0)
    columns = {f"c{k:04d}": rng.normal(size=40).round(3) for k in range(1_000)}
    wide = open_table(
        pa.table({**columns, "flat": np.ones(40), "id": [f"r{k}" for k in range(40)]})
    )
    session = Session(wide, fake_queue, {"features": ["c0001"]})
    with showing:
        view = FeatureList(session, under(showing))
    seen = []
    view.param.watch(lambda event: seen.append(label_of_all(event.new)), "status")
    wide.profiles.start()
    until(lambda: label_of_all(view.status) == "all usable · 1,000")
    assert any(label.endswith("so far") for label in seen)
    view.on_set("all")
    assert len(session.state.document.features) == 1_000
    wide.profiles.close()


def under(lock):
    """Run what a thread brings as a page does: one after the other."""

    def schedule(function):
        with lock:
            function()

    return schedule


def label_of_all(status):
    return next((one["label"] for one in status.get("sets", []) if one["key"] == "all"), "")


def test_a_verdict_by_key_has_no_reason_but_what_the_reviewer_wrote(labelled, fake_queue, tmp_path):
    store = f"sqlite:///{tmp_path / 'store.sqlite'}"
    session = Session(
        labelled,
        fake_queue,
        {"features": ["yr"]},
        makers={ReviewController: partial(ReviewController, reviews=TableReviews(labelled, store))},
    )
    session.user = "ada"
    given = threading.Event()
    session.part(ReviewController).decide(["yr"], "keep", lambda *_: given.set())
    assert given.wait(60)
    kept = open_store(store)
    (verdict,) = kept.verdicts()
    assert verdict.reason == ""
    (frozen,) = kept.evidence(verdict.evidence).values()
    assert "distinct" in frozen.title
    kept.close()
    session.part(ReviewController).reviews.close()


def test_a_transform_of_a_feature_that_is_not_ticked_ticks_it_in_one_step(session):
    page = FeaturePage(session, lambda function: function())
    session.state.act(actions.look_at, name="age")
    page.refresh(frozenset({"feature", "tab"}))
    page.on_transform("log")
    document = session.state.document
    assert (document.features[-1], document.policy.transform) == ("age", {"age": "log"})
    session.state.undo()
    assert session.state.document.features == ("height", "weight", "pulse")


def test_a_selection_says_how_many_of_its_rows_the_filters_hide(session, frame, until):
    panel = RowsPanel(session, lambda function: function())
    session.state.act(actions.add_filter, id="f", expression="age > 50")
    session.state.act(actions.select, selection={"expression": "height > 2"})
    panel.refresh(frozenset({"selection", "filters"}))
    whole, left = (frame["height"] > 2).sum(), ((frame["height"] > 2) & (frame["age"] > 50)).sum()
    words = f"the filters hide {whole - left:,} more of {whole:,}"
    until(lambda: words in (panel.rows.get("selection") or {}).get("words", ""))


def test_strips_that_somebody_works_with_stay(people, fake_queue, until, monkeypatch):
    own = [["height", "weight"], ["city", "height"]]
    monkeypatch.setattr("explorer.rows.panel.default_strips", lambda *_: own[0])
    monkeypatch.setattr(
        type(people.profiles), "count_exact", lambda _: 3
    )  # the others are being counted
    session = Session(people, fake_queue, {"features": ["height"]})
    panel = RowsPanel(session, lambda function: function())
    shown = lambda: [strip["column"] for strip in panel.rows.get("strips", [])]  # noqa: E731
    until(lambda: shown() == own[0])
    session.state.act(actions.add_filter, id="column:height", column="height", range=[0.0, 3.0])
    own[0] = own[1]
    panel.refresh(frozenset({"filters"}))
    until(lambda: panel.rows["filters"])
    assert shown() == ["height", "weight"]


def test_labels_of_ones_own_are_no_features_with_missing_cells(frame, fake_queue):
    table = open_table(frame[["height", "pulse", "mostly"]])
    table.label(where(table, "height > 2"), "tall", "yes")
    table.profile()
    session = Session(table, fake_queue, {"features": ["height", "pulse"]})
    assert table.profiles.finished()["tall"].missing
    together = RelationsController(session.table, session.state)
    names, _ = together.missing(together.chosen())
    assert "mostly" in names
    assert "tall" not in names


def test_sets_of_another_table_are_not_offered(session):
    kept = [
        FeatureSet("here", ["height", "age"]),
        FeatureSet("films", ["height", "gross", "runtime"]),
    ]
    session.part(ReviewController).reviews = SimpleNamespace(
        sets=kept, name="sets", seen=lambda _: None, close=lambda: None
    )
    offered = projection_status(
        session, session.state.document, {"start": [], "all": []}, "", None
    )["kept"]
    assert [one["name"] for one in offered] == ["here@1"]
