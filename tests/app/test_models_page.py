import base64
import io
import json

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.app.models_page import TAB, ModelsPage
from explorer.performance.page.page import PerformanceView
from explorer.session.session import Session
from explorer.state import actions

N = 900
ASKED = {
    "truth": "hit", "predictions": {"old": "score_old", "new": "score_new"}, "kind": "binary",
    "positive": None, "threshold": 0.5, "unit": None,
    "by": ["place", "age"], "look": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def scored(own_folders):
    rng = np.random.default_rng(0)
    signal = rng.normal(size=N)
    frame = pd.DataFrame(
        {
            "hit": rng.random(N) < 1 / (1 + np.exp(-signal)),
            "place": rng.choice(["u", "v"], N),
            "age": rng.integers(18, 80, N),
        }
    )
    frame["score_new"] = 1 / (1 + np.exp(-signal))
    frame["score_old"] = 1 / (1 + np.exp(-signal - rng.normal(0, 1.5, N)))
    frame["size"] = signal + rng.normal(size=N)
    frame["guess"] = signal
    return explorer.open_table(frame)


@pytest.fixture
def opened(scored, fake_queue, until, open_view, send):
    def open_performance(**performance):
        document = {"features": ["age"], "tab": TAB}
        session = Session(scored, fake_queue, document)
        view = open_view(PerformanceView, session)
        until(lambda: view.offers)
        send(view, "ready")
        if performance:
            session.state.act(actions.set_performance, **performance)
            until(lambda: view.result and view.detail)
        return session, view

    return open_performance


def saved_text(view):
    return base64.b64decode(view.saved["data"].split(",")[1]).decode()


def test_the_frame_makes_a_view_when_it_is_first_opened(scored, fake_queue, send, open_view):
    session = Session(scored, fake_queue, {"features": ["age"]})
    page = open_view(ModelsPage, session)
    assert list(page.performance) == []
    session.state.act(actions.set_tab, name=TAB)
    assert isinstance(page.performance[0], PerformanceView)
    assert page.strip["open"] == "performance"
    send(page, "view", name="performance")
    assert len(page.performance) == 1


def test_it_asks_for_what_is_missing_one_after_the_other(opened, until, send):
    session, view = opened()
    assert view.setup["wanting"] == "name the column of what happened, the truth"
    send(view, "set", truth="hit")
    until(lambda: view.setup["wanting"] == "name the column of a model's predictions")
    send(view, "suggest")
    until(lambda: view.result)
    assert set(view.result["models"]) == {"score_new", "score_old"}
    assert view.error == ""
    send(view, "drop", name="score_old")
    until(lambda: view.result["models"] == ["score_new"])
    session.state.undo()
    until(lambda: len(view.result["models"]) == 2)


def test_the_table_has_a_cell_for_each_model_and_one_for_each_difference(opened):
    session, view = opened(**ASKED)
    found = explorer.compare_models(session.table, "hit", ASKED["predictions"])
    rows = {row["metric"]: row for row in view.result["rows"]}
    assert set(rows) == set(found.models["old"])
    one = rows["roc_auc"]
    assert one["cells"][1]["value"] == f"{found.models['new']['roc_auc'].value:.4g}"
    assert one["differences"][0]["drawn"][0] == pytest.approx(found.paired[0].difference)
    assert (one["differences"][0]["glyph"], one["differences"][0]["method"]) == ("▲▲", "DeLong")
    assert view.result["colours"][0] != view.result["colours"][1]
    assert view.result["dashes"][0] != view.result["dashes"][1]


def test_calibration_and_slices_follow_the_figures(opened, until, send):
    session, view = opened(**ASKED)
    until(lambda: view.calibration and view.slices)
    assert [one[0] for one in view.calibration] == ["old", "new"]
    assert "slope" in view.calibration[0][1]
    assert {row["by"] for row in view.slices["rows"]} == {"place", "age"}
    row = next(row for row in view.slices["rows"] if row["slice"] == "u")
    send(view, "slice", by="place", label="u")
    assert session.rows.selection().count() == row["n"]


@pytest.mark.parametrize("plot", ["roc", "precision_recall", "gain", "reliability"])
def test_every_curve_has_its_words_and_its_numbers(opened, until, plot, send):
    session, view = opened(**ASKED)
    send(view, "plot", name=plot)
    until(lambda: view.detail["plot"] == plot)
    assert view.detail["drawn"] == ["old", "new"]
    assert view.detail["words"]
    send(view, "save_plot")
    numbers = pd.read_csv(io.StringIO(saved_text(view)))
    curve = numbers[numbers.part == "curve"]
    assert set(curve.model) == {"old", "new"}
    assert curve[["x", "y"]].min().min() >= 0
    assert curve[["x", "y"]].max().max() <= 1
    assert session.state.document.models.performance.look == plot


def test_the_confusion_is_that_of_the_threshold_looked_at(opened, until, send):
    session, view = opened(**ASKED)
    send(view, "plot", name="confusion")
    until(lambda: "confusion" in view.detail)
    send(view, "model", name="old")
    send(view, "threshold", value=0.7)
    until(lambda: view.detail["confusion"]["threshold"] == 0.7 and view.detail["model"] == "old")
    truth, score = (
        session.table.columns.numbers("hit") == 1,
        session.table.columns.numbers("score_old"),
    )
    told = [
        [int(((truth == t) & ((score >= 0.7) == c)).sum()) for c in (False, True)]
        for t in (False, True)
    ]
    assert view.detail["confusion"]["counts"] == told
    send(view, "save_plot")
    assert saved_text(view).splitlines()[0] == '"true","called","rows"'


def test_residuals_of_all_rows_are_pictures_with_axes(opened, until, send):
    _, view = opened(
        **{
            **ASKED,
            "truth": "size",
            "predictions": {"m": "guess", "n": "score_new"},
            "kind": "regression",
        }
    )
    until(lambda: view.detail.get("plot") == "residuals")
    actual, residual = view.detail["pictures"]
    assert actual["src"].startswith("data:image/png")
    assert actual["words"].startswith(f"all {N} rows")
    assert (actual["diagonal"], residual["diagonal"]) == (True, False)
    assert residual["x"]["ticks"]
    send(view, "save_plot")
    assert pd.read_csv(io.StringIO(saved_text(view))).rows.sum() == N


def test_a_column_that_cannot_be_read_is_said_and_what_was_shown_stays(opened, until, send):
    _, view = opened(**ASKED)
    send(view, "set", truth="age")
    until(lambda: view.error)
    assert "is to be 0 and 1" in view.error
    assert view.result["stale"]
    assert view.result["rows"]


def test_without_a_map_it_says_how_to_have_one(opened, until):
    _, view = opened(**ASKED)
    until(lambda: view.where)
    assert view.where["ready"] is False
    assert "project" in view.where["words"]


def test_everything_can_be_saved(opened, send):
    _, view = opened(**ASKED)
    send(view, "save", form="json")
    assert json.loads(saved_text(view))["models"]["new"]["roc_auc"]["exact"] is True
    for form, column in (("figures", "value"), ("pairs", "p_adjusted"), ("slices", "difference")):
        send(view, "save", form=form)
        assert column in pd.read_csv(io.StringIO(saved_text(view))).columns


def test_filters_define_what_is_compared(opened, until):
    session, view = opened(**ASKED)
    session.state.act(actions.add_filter, id="a", expression="place = 'u'")
    n = int(
        (
            session.table.columns.levels("place").codes
            == session.table.columns.levels("place").labels.index("u")
        ).sum()
    )
    until(lambda: view.result["words"].startswith(f"{n} rows"))
    assert "filters leave" in view.setup["population"]


@pytest.fixture
def mapped(scored, fake_queue, until, tmp_path, open_view, send):
    embedding = scored.project(["guess", "size"], method="pca")
    folder = tmp_path / "ready"
    folder.mkdir()
    embedding.save(folder / "embedding.parquet")
    explorer.build_map(embedding, folder / "map")
    session = Session(scored, fake_queue, {"features": ["guess", "size"], "tab": TAB})
    session.projection.open((embedding.provenance["key"], folder))
    view = open_view(PerformanceView, session)
    send(view, "ready")
    session.state.act(actions.set_performance, **ASKED)
    until(lambda: view.where.get("ready"))
    yield session, view
    session.close()


def test_a_region_of_the_map_selects_the_rows_that_it_counts(mapped, until, send):
    session, view = mapped
    assert view.picture[:4] == b"\x89PNG"
    assert (view.where["a"], view.where["b"]) == ("old", "new")
    cells = view.where["cells"]
    assert sum(cell["rows"] for cell in cells) == N
    send(view, "region", number=0)
    assert session.rows.selection().count() == cells[0]["rows"]
    send(view, "pair", a="new", b="old", metric="accuracy")
    until(lambda: view.where["metric"] == "accuracy")
    assert view.where["words"].startswith("old better than new")
    send(view, "save", form="regions")
    assert pd.read_csv(io.StringIO(saved_text(view))).n.sum() == N


def test_a_truth_in_words_asks_which_level_counts_as_1(opened, until, send):
    session, view = opened()
    send(view, "set", truth="place")
    send(view, "predict", name="new", column="score_new")
    until(lambda: view.setup["wanting"] == "choose which level of place counts as 1")
    assert view.error == ""
    send(view, "set", positive="u")
    until(lambda: view.result)
    assert session.state.document.models.performance.positive == "u"


def test_a_truth_of_yes_and_no_says_that_yes_counts_as_1(opened, until, send):
    session, view = opened()
    send(view, "set", truth="hit")
    until(lambda: view.setup["truth"] == "hit")
    assert view.setup["positive"] == "yes"
    assert session.state.document.models.performance.positive is None  # nobody chose it
