import json
import threading

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import explorer
from explorer.compare import compute as comparing
from explorer.compare.compute import compare
from explorer.core.cache import Cache
from explorer.core.errors import ComparisonError, UnknownName
from explorer.table.table import open_table
from projections import Cancelled


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    n = 3_000
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("wxyz"))
    group = np.arange(n) % 3 == 0
    frame["x"] += 0.6 * group
    frame["near_x"] = frame["x"] + 0.05 * rng.normal(size=n)
    frame["colour"] = np.where(rng.random(n) < np.where(group, 0.7, 0.4), "red", "blue")
    frame["flag"] = rng.random(n) < 0.5
    frame["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(n), unit="h")
    frame["gap"] = np.where(group & (rng.random(n) < 0.5), np.nan, rng.normal(size=n))
    frame["constant"], frame["empty"] = 1.0, np.nan
    frame["note"] = [f"text {i}" for i in range(n)]
    frame["third"] = group.astype(int)
    frame["who"] = np.arange(n) % 600
    return frame


@pytest.fixture
def table(frame, tmp_path):
    return open_table(frame, cache=Cache(tmp_path))


def test_every_figure_of_a_number_is_that_of_another_library(table, frame):
    found = compare(table, "third = 1", features=["x"])["x"]
    a, b = frame.loc[frame["third"] == 1, "x"], frame.loc[frame["third"] == 0, "x"]
    scale = np.sqrt((a.var() + b.var()) / 2)
    expected = {
        "n_a": len(a),
        "n_b": len(b),
        "mean_a": a.mean(),
        "mean_b": b.mean(),
        "std_a": a.std(),
        "std_b": b.std(),
        "median_a": a.median(),
        "median_b": b.median(),
        "auc": stats.mannwhitneyu(a, b).statistic / len(a) / len(b),
        "ks": stats.ks_2samp(a, b).statistic,
        "standardized_difference": (a.mean() - b.mean()) / scale,
        "wasserstein": stats.wasserstein_distance(a, b) / scale,
    }
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9), name
    assert found.cliffs_delta == 2 * found.auc - 1
    assert found.exact


def test_the_largest_sure_effect_comes_first_and_p_values_are_corrected_together(table):
    found = compare(table, np.arange(3_000) % 3 == 0)
    assert [row.feature for row in found.rows][:2] == ["third", "x"] or found.rows[
        0
    ].feature == "third"
    lows = [row.effect_low for row in found.rows if row.effect_low == row.effect_low]
    assert lows == sorted(lows, reverse=True)
    tests = [(row.p_value, row.p_adjusted) for row in found.rows if row.p_value == row.p_value]
    tests += [
        (row.missing_p, row.missing_p_adjusted)
        for row in found.rows
        if row.missing_p == row.missing_p
    ]
    p_values, adjusted = np.array(tests).T
    np.testing.assert_allclose(adjusted, stats.false_discovery_control(p_values), rtol=1e-12)
    significant = {row.feature for row in found.rows if row.p_adjusted <= 0.05}
    assert significant == {"third", "x", "near_x", "colour"}
    assert found["gap"].missing_p_adjusted < 1e-6
    assert found["gap"].missing_difference == pytest.approx(0.5, abs=0.05)


def test_every_kind_has_its_figures_or_a_word_why_not(table):
    found = compare(table, "third = 1")
    assert {row.feature for row in found.rows} == set(table.column_names)
    assert found["colour"].cramers_v > 0.2
    assert {share.level for share in found["colour"].levels} == {"red", "blue"}
    assert abs(found["flag"].cliffs_delta) < 0.05
    assert found["when"].auc == pytest.approx(0.5, abs=0.01)
    assert (found["constant"].auc, found["constant"].p_adjusted) == (0.5, 1.0)
    assert (found["empty"].n_a, found["empty"].missing_a) == (0, 1_000)
    assert found["note"].note == "compared by the share of missing cells only"


def test_what_made_a_group_is_described_and_never_tested(table):
    found = compare(table, "third = 1 and x > 0")
    assert found["third"].seen == "made the group"
    assert found["x"].seen == "made the group"
    assert found["near_x"].seen.endswith("with x, which made the group")
    for row in found.seen:
        assert not row.tested
        assert np.isnan([row.p_value, row.p_adjusted, row.missing_p, row.missing_p_adjusted]).all()
        assert row.effect_low >= 0
    assert "x" not in {row.feature for row in found.unseen}
    assert all(row.tested for row in found.unseen)


def test_times_and_categories_that_say_the_same_are_seen_too(frame, tmp_path):
    frame["hours"] = np.arange(3_000.0)
    frame["part"] = pd.cut(frame["hours"], 30).astype(str)
    frame["spelt"] = frame["colour"].str.upper()
    table = open_table(frame, cache=Cache(tmp_path))
    found = compare(table, "hours > 2000 and colour = 'red'")
    assert found["when"].seen == "r 1.00 with hours, which made the group"
    assert found["part"].seen.startswith("η ")
    assert found["spelt"].seen == "V 1.00 with colour, which made the group"
    assert {row.feature for row in found.seen} == {"hours", "colour", "when", "part", "spelt"}


def test_what_follows_from_the_same_features_is_computed_once_until_a_column_changes_its_kind(
    table, monkeypatch
):
    looked, explain_columns = [], comparing.explain_columns
    monkeypatch.setattr(
        comparing,
        "explain_columns",
        lambda *given, **more: looked.append(1) or explain_columns(*given, **more),
    )
    for rows in ("x > 0", "x > 1"):
        compare(table, rows)
    assert len(looked) == 1
    table.edit("y", "sentinels", [0])
    compare(table, "x > 0")
    assert len(looked) == 2


def test_a_group_drawn_on_a_map_knows_what_drew_the_map(table, tmp_path):
    embedding = table.project(["w", "x"], method="pca", where="y > -1")
    drawn = explorer.build_map(embedding, tmp_path / "map", table)
    (x0, x1), y_range = drawn.extent
    half = drawn.box((x0, (x0 + x1) / 2), y_range)
    found = compare(table, half & ~explorer.where(table, "flag"))
    assert {row.feature: row.seen for row in found.seen} == {
        "w": "drew this map",
        "x": "drew this map",
        "y": "drew this map",
        "near_x": found["near_x"].seen,
        "flag": "made the group",
    }
    bare = explorer.build_map(embedding.xy, tmp_path / "bare")
    assert bare.features is None


def test_where_nobody_knows_what_drew_the_map_nothing_is_tested(table, frame, tmp_path):
    drawn = explorer.build_map(frame[["w", "x"]].to_numpy(np.float32), tmp_path / "bare", table)
    found = compare(table, drawn.box((-1, 0), (-9, 9)))
    assert all("not known" in row.seen and not row.tested for row in found.rows)


def test_rows_of_a_unit_widen_intervals_and_silence_what_has_none(table):
    plain, found = compare(table, "third = 1", unit=None), compare(table, "third = 1", unit="who")
    assert found["x"].auc == plain["x"].auc
    assert found["x"].auc_low != plain["x"].auc_low
    assert np.isnan([found["x"].ks_low, found["x"].wasserstein_high, found["colour"].p_value]).all()
    copied = open_table(
        pd.DataFrame(
            {
                "v": np.repeat(np.arange(40.0) % 7, 50),
                "u": np.repeat(np.arange(40), 50),
                "g": np.repeat(np.arange(40) % 2, 50),
            }
        )
    )
    wide, narrow = (
        compare(copied, "g = 1", features=["v"], unit=unit, seen={})["v"] for unit in ("u", None)
    )
    assert wide.auc_high - wide.auc_low > 5 * (narrow.auc_high - narrow.auc_low)


def test_a_difference_that_another_column_explains_goes_away_within_it(tmp_path):
    rng = np.random.default_rng(0)
    age = rng.uniform(20, 80, 5_000)
    frame = pd.DataFrame({"age": age, "pressure": age + 5 * rng.normal(size=5_000)})
    frame["a"] = rng.random(5_000) < age / 100
    table = open_table(frame, cache=Cache(tmp_path))
    plain, within = (compare(table, "a", adjust=adjust)["pressure"] for adjust in (None, "age"))
    assert plain.effect_low > 0.3
    assert within.auc == plain.auc
    assert abs(2 * within.adjusted_auc - 1) < 0.1
    assert within.effect_low < 0.1


def test_long_tables_are_ranked_in_steps_and_the_largest_effects_made_exact(table, monkeypatch):
    exact = compare(table, "third = 1")
    monkeypatch.setattr(comparing, "_SORTED_CELLS", 0)
    for found in (compare(table, "third = 1"), compare(table, "third = 1")):  # made, then read
        assert [row.feature for row in found.rows] == [row.feature for row in exact.rows]
        for row in found.rows:
            assert row.exact
            assert row.auc == pytest.approx(exact[row.feature].auc, rel=1e-9, nan_ok=True)


def test_figures_ranked_in_steps_say_so(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    table = open_table(
        pd.DataFrame(rng.normal(size=(70_000, 3)), columns=list("abc")), cache=Cache(tmp_path)
    )
    monkeypatch.setattr(comparing, "_SORTED_CELLS", 0)
    monkeypatch.setattr(comparing, "_REFINED", 1)
    mask = rng.random(70_000) < 0.4
    found = compare(table, mask)
    assert [row.exact for row in found.rows] == [True, False, False]
    assert found.rows[1].note == "ranked in 65,535 steps"
    assert found.notes == [
        "2 features with more than 65,534 different values were ranked in 65,535 steps"
    ]
    exact = compare(table, mask, exact=True)
    assert not exact.notes
    for row in found.rows:
        assert row.auc == pytest.approx(exact[row.feature].auc, abs=1e-5)
        assert row.mean_a == pytest.approx(exact[row.feature].mean_a, abs=1e-5)


def test_results_are_json_and_arrow(table):
    found = compare(table, "third = 1", unit="who")
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert len(document["rows"]) == len(found.rows) == found.to_arrow().num_rows
    assert "Obuchowski" in document["method"]
    assert document["groups"]["a"] == {"expression": "third = 1"}
    assert found.to_arrow()["auc"].to_pylist()[0] == found.rows[0].auc


def test_progress_counts_features_and_false_cancels(table):
    seen = []
    compare(table, "third = 1", progress=lambda *step: seen.append(step))
    assert seen[0] == ("compare", 0, 14)
    assert seen[-1] == ("compare", 14, 14)
    with pytest.raises(Cancelled):
        compare(table, "third = 1", progress=lambda _stage, done, _total: done < 3)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"a": "third = 2"}, ComparisonError, "group A has no rows"),
        ({"a": np.ones(3_000, bool)}, ComparisonError, "there is no rest"),
        ({"a": np.ones(5, bool)}, ComparisonError, r"shape \(3000,\), got bool \(5,\)"),
        ({"a": "x > 0", "features": ["q"]}, UnknownName, "no feature 'q'"),
        ({"a": "x > 0", "unit": "whom"}, UnknownName, "did you mean 'who'"),
        ({"a": "x > 0", "margin": 1.0}, ComparisonError, "margin must be"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(table, arguments, error, words):
    with pytest.raises(error, match=words):
        compare(table, **arguments)


def test_pure_noise_hardly_ever_shows_anything(tmp_path):
    """Random groups on independent noise: at 5 % at most one run in twenty shows something."""
    rng = np.random.default_rng(7)
    table = open_table(pd.DataFrame(rng.normal(size=(600, 12))), cache=Cache(tmp_path))
    shown = 0
    for _ in range(50):
        found = compare(table, rng.random(600) < 0.3, margin=0.0)
        shown += any(row.p_adjusted <= 0.05 for row in found.rows)
    assert shown <= 0.05 * 50 + 2 * np.sqrt(50 * 0.05 * 0.95)


def test_the_sample_of_a_long_table_is_drawn_before_anybody_asks(monkeypatch, tmp_path):
    frame = pd.DataFrame({"x": np.arange(500.0)})
    table = explorer.open_table(frame)
    drawn = []
    monkeypatch.setattr(
        type(table.columns), "sample", lambda _, progress: drawn.append(progress("sample", 0, 1))
    )
    comparing.sample_ahead(table, threading.Event())
    assert drawn == []  # compared at once: no sample is needed
    monkeypatch.setattr(comparing, "_SORTED_CELLS", 10)
    ended = threading.Event()
    ended.set()
    comparing.sample_ahead(table, ended)
    assert drawn == []
    comparing.sample_ahead(table, threading.Event())
    assert drawn == [True]
