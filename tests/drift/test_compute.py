import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import explorer
from explorer.core.errors import ModelError, UnknownName
from explorer.drift.compute import drift

RNG = np.random.default_rng(0)
WEEKS, ROWS = 40, 400
START = pd.Timestamp("2026-01-05")


def stream(shuffled=False, **columns):
    week = np.repeat(np.arange(WEEKS), ROWS)
    n = len(week)
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "at": START + pd.to_timedelta(week * 7 + random.uniform(0, 7, n), unit="D"),
            "height": random.normal(170, 10, n),
            "pay": random.lognormal(0, 1, n),
            "city": random.choice(["Oslo", "Rome", "Lima"], n, p=[0.5, 0.3, 0.2]),
            **{f"other_{i}": random.normal(size=n) for i in range(10)},
            "member": random.random(n) < 0.4,
            "gap": np.where(random.random(n) < 0.1, np.nan, random.normal(size=n)),
            "fixed": 7.0,
        }
    )
    for name, make in columns.items():
        frame[name] = make(frame, week)
    return (
        frame.sample(frac=1, random_state=0) if shuffled else frame.sort_values("at", kind="stable")
    )


def cells(found, feature):
    return [cell for cell in found.chunks if cell.feature == feature]


def test_a_stable_stream_has_no_alarm_and_every_figure():
    found = drift(explorer.open_table(stream()), "at")
    assert found.alarms == ()
    others = tuple(f"other_{i}" for i in range(10))
    assert found.features == ("height", "pay", "city", *others, "member", "gap", "fixed")
    assert found.left_out == {"at": "the times"}
    assert sum(chunk.reference for chunk in found.timetable) == 13
    assert "no alarm" in found.words
    table = found.to_arrow()
    assert table.num_rows == len(found.chunks) == 16 * WEEKS
    assert set(table["statistic"].to_pylist()) == {"wasserstein", "jensen_shannon", "other values"}
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert {"alarms", "chunks", "performance", "method", "notes"} <= set(document)
    assert document["chunks"][0]["feature"] == "height"


@pytest.mark.parametrize("shuffled", [False, True])
def test_the_distance_is_scipys_whatever_the_order_of_rows(shuffled):
    frame = stream(shuffled)
    found = drift(explorer.open_table(frame), "at")
    week = (frame["at"] - START).dt.days // 7
    for name in ("height", "pay"):
        values = frame[name]
        reference = values[week < 13]
        for cell, one in list(zip(cells(found, name), range(WEEKS), strict=True))[13:]:
            expected = stats.wasserstein_distance(reference, values[week == one]) / reference.std()
            assert abs(cell.value - expected) <= cell.bound + 1e-9
            assert cell.bound < 0.01
            assert cell.rows == ROWS
            assert cell.mean == pytest.approx(values[week == one].mean())


@pytest.mark.parametrize(
    ("feature", "make", "statistics", "words"),
    [
        (
            "height",
            lambda f, w: f.height + 5 * (w >= 20),
            {"wasserstein"},
            "standard deviations",
        ),
        ("pay", lambda f, w: f.pay * np.where(w >= 20, 3, 1), {"wasserstein"}, ""),
        (
            "city",
            lambda f, w: np.where((w >= 20) & (f.pay > 1), "Kyiv", f.city),
            {"jensen_shannon"},
            "1 new level",
        ),
        ("gap", lambda f, w: np.where((w >= 20) & f.member, np.nan, f.gap), {"missing"}, "missing"),
        (
            "height",
            lambda f, w: np.where((w >= 20) & f.member, np.nan, f.height),
            {"missing"},
            "0 % in the reference",
        ),
        (
            "fixed",
            lambda f, w: np.where((w >= 20) & (f.pay > 3), 8.0, 7.0),
            {"other values"},
            "differ from 7, the only value",
        ),
        (
            "fixed",
            lambda f, w: np.where((w >= 20) & (f.pay > 3), "b", "a"),
            {"other values"},
            "differ from a, the only value",
        ),
    ],
)
def test_what_changes_in_week_20_is_named_that_week(feature, make, statistics, words):
    found = drift(explorer.open_table(stream(**{feature: make})), "at")
    assert {alarm.feature for alarm in found.alarms} == {feature}
    first = found.alarms[0]
    assert first.chunk == "2026-05-25"
    assert first.statistic in statistics
    assert words in first.words
    assert first.score >= 1
    assert any(cell.alarm for cell in cells(found, feature))


def test_seasons_are_matched_where_the_reference_has_them():
    def weekend(frame, week):
        return frame.height + 10 * (frame["at"].dt.day_of_week >= 5)

    found = drift(explorer.open_table(stream(height=weekend)), "at", chunk="day")
    assert "same season" in found.seasons
    assert found.alarms == ()
    short = drift(explorer.open_table(stream(height=weekend).head(1_400)), "at", chunk="day")
    assert "not matched" in short.seasons


def test_a_reference_can_be_named_and_rows_left_out():
    table = explorer.open_table(stream(height=lambda f, w: f.height + 5 * (w < 10)))
    found = drift(table, "at", reference="at >= '2026-05-25'", where="member")
    assert found.where == "member"
    assert found.n_rows == explorer.where(table, "member").count()
    # twenty weeks lie between: a season may explain them
    assert found.alarms == ()
    assert {alarm.feature for alarm in found.seasonal} == {"height"}
    assert "shorter than a year" in found.seasons
    early = {str((START + pd.Timedelta(weeks=i)).date()) for i in range(10)}
    # a moving mean comes back slowly
    assert {alarm.chunk for alarm in found.seasonal if alarm.statistic == "wasserstein"} <= early
    assert "at >= '2026-05-25'" in found.reference


def test_performance_falls_where_the_truth_turns_away_and_is_estimated_without():
    def score(frame, week):
        return 1 / (1 + np.exp(-(frame.height - 170) / 10))

    def truth(frame, week):
        chance = np.where(week < 20, frame.score, 0.5)
        happened = np.random.default_rng(2).random(len(week)) < chance
        return np.where(week >= 25, np.nan, happened.astype(float))

    found = drift(
        explorer.open_table(stream(score=score, truth=truth)),
        "at",
        truth="truth",
        prediction="score",
    )
    area = next(one for one in found.performance if one.metric == "roc_auc")
    assert area.expected == pytest.approx(0.72, abs=0.05)
    assert (area.value[20:25] < 0.6).all()
    assert np.isnan(area.value[25:]).all()
    assert np.isfinite(area.estimate).all()
    roles = {cell.feature: cell.role for cell in found.chunks}
    assert (roles["score"], roles["truth"], roles["height"]) == ("prediction", "truth", "feature")


def test_a_classifier_sees_a_change_that_no_feature_shows_alone():
    def pair(frame, week):
        return (frame.height - 170) / 10 * np.where(week >= 20, -1, 1) + 0.3 * frame.gap.fillna(0)

    table = explorer.open_table(stream(other=pair))
    found = drift(table, "at", features=["height", "other"])
    assert found.alarms == ()
    seen = found.multivariate
    late = [cell.auc for cell in seen.cells if cell.start >= pd.Timestamp("2026-05-25").timestamp()]
    early = [cell.auc for cell in seen.cells if cell.reference]
    assert min(late) > 0.8
    assert max(early) < 0.65
    assert seen.expected == pytest.approx(0.5, abs=0.05)
    likely = found.probability()
    assert likely.shape == (table.num_rows,)
    week = (table.columns.numbers("at") - START.timestamp()) // (7 * 86_400)
    assert likely[week >= 20].mean() > likely[week < 13].mean() + 0.1


def test_what_cannot_be_read_is_refused_in_words():
    table = explorer.open_table(stream())
    with pytest.raises(UnknownName, match="height"):
        drift(table, "at", features=["heigth"])
    with pytest.raises(ModelError, match="1000rows"):
        drift(table, "height")
    with pytest.raises(ModelError, match="city"):
        drift(table, "city", chunk="100rows")
    with pytest.raises(ModelError, match=r"nothing is left|too few rows|has a time"):
        drift(table, "at", where="height > 1000 or height < 120")
    with pytest.raises(ModelError, match="probability"):
        drift(table, "at", truth="city", prediction="height")
    assert drift(table, "height", chunk="1000rows", features=["pay"]).chunk == "1000rows"


def test_a_counter_is_not_judged_and_does_not_hide_what_else_changes():
    table = explorer.open_table(
        stream(count=lambda _, w: np.arange(len(w)), height=lambda f, w: f.height + 8 * (w >= 20))
    )
    found = drift(table, "at")
    assert {alarm.feature for alarm in found.alarms} == {"height"}
    assert any(note.startswith("count rises or falls") for note in found.notes)
    assert np.isnan([cell.score for cell in cells(found, "count")]).all()


def weeks_of(feature, n=2_400, chunks=24):
    """Rows of some chunks in order of time; the feature is made of the place of each chunk."""
    place = np.repeat(np.arange(chunks), n // chunks)
    times = pd.Timestamp("2026-01-05") + pd.to_timedelta(7 * place, unit="D")
    values = feature(place)
    other = np.random.default_rng(1).normal(size=(n, 3))
    return explorer.open_table(
        pd.DataFrame({"at": times, "x": values, **{f"o{i}": other[:, i] for i in range(3)}})
    )


RNG = np.random.default_rng(5)


@pytest.mark.parametrize(
    "feature",
    [
        lambda place: 2**53 + RNG.integers(0, 1_000, place.size) + 800 * (place >= 18),
        lambda place: RNG.normal(size=place.size) * 1e200 + 8e199 * 10 * (place >= 18),
        lambda place: (RNG.normal(size=place.size) + 2 * (place >= 18)) * 1e-300,
        lambda place: 1e12 + 1e-2 * RNG.normal(size=place.size) + 0.1 * (place >= 18),
    ],
)
def test_values_of_any_size_that_vary_are_not_taken_for_one_value(feature):
    found = explorer.drift(weeks_of(feature), "at")
    (one,) = [one for one in found.measured if one.feature == "x"]
    assert one.constant == ""
    assert one.statistic == "wasserstein"
    assert {alarm.chunk for alarm in found.alarms if alarm.feature == "x"} >= {"2026-05-11"}
    assert {alarm.feature for alarm in found.alarms} == {"x"}


def test_a_reference_of_infinite_values_costs_the_other_features_nothing():
    found = explorer.drift(
        weeks_of(lambda place: np.where(place < 18, np.inf, RNG.normal(size=place.size))), "at"
    )
    (one,) = [one for one in found.measured if one.feature == "x"]
    assert one.constant == "∞"
    assert np.isnan(one.mean[:18]).all()
    assert {alarm.feature for alarm in found.alarms} == {"x"}
    assert "differ from ∞" in found.alarms[0].words


def test_a_model_that_turns_wrong_is_said_though_no_feature_moves():
    table = weeks_of(lambda place: RNG.random(place.size))
    p = table.columns.numbers("x")
    place = np.repeat(np.arange(24), 100)
    y = np.where(place >= 18, RNG.random(p.size) >= p, RNG.random(p.size) < p)
    joined = pd.DataFrame({"at": table.source.column("at").to_pandas(), "p": p, "y": y})
    found = explorer.drift(explorer.open_table(joined), "at", prediction="p", truth="y")
    assert "roc_auc is worse than usual in 6 chunks, first 2026-05-11" in found.performance_words
    assert found.words.endswith(found.performance_words[1:])


def test_so_many_rows_may_be_a_number_and_one_chunk_asks_for_shorter_ones():
    table = weeks_of(lambda place: RNG.normal(size=place.size))
    assert len(explorer.drift(table, "at", 200).timetable) == 12
    with pytest.raises(ModelError, match="choose shorter chunks"):
        explorer.drift(table, "at", "2400rows")
    with pytest.raises(ModelError, match="a chunk is one of"):
        explorer.drift(table, "at", "99999999999999999999999rows")
