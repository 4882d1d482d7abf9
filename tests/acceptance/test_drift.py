"""Drift alarms keep their rate, and say which rows and columns they are about."""

import json

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.app.cli import main
from explorer.core.errors import ModelError

START = pd.Timestamp("2025-01-06")


def weeks(levels, rows=100, seed=0, **columns):
    """A table of some rows a week; numbers are normal about the level of week and column."""
    random = np.random.default_rng(seed)
    week = np.repeat(np.arange(len(levels)), rows)
    frame = pd.DataFrame({f"x{j}": random.normal(levels[week, j]) for j in range(levels.shape[1])})
    frame.insert(
        0, "at", START + pd.to_timedelta(week * 7 + random.uniform(0, 7, len(week)), unit="D")
    )
    return explorer.open_table(frame.assign(**columns).sort_values("at", ignore_index=True))


def autoregression(random, phi, shape):
    noise = random.standard_normal(shape)
    for t in range(1, shape[0]):
        noise[t] = phi * noise[t - 1] + np.sqrt(1 - phi**2) * noise[t]
    return noise


@pytest.mark.parametrize(("phi", "tau"), [(0.5, 0.3), (0.8, 0.3), (0.8, 1.0)])
def test_levels_that_last_from_week_to_week_are_no_alarm(phi, tau):
    random, alarms = np.random.default_rng(1), 0
    for seed in range(12):
        table = weeks(tau * autoregression(random, phi, (65, 5)), seed=seed)
        found = explorer.drift(table, "at")
        alarms += bool(found.alarms)
    assert alarms <= 3  # 12 at .05: more than 3 in 1 case of 400


def test_a_season_that_a_quarter_cannot_know_is_no_alarm_and_is_said():
    levels = np.zeros((65, 6))
    # the reference lies about the warmest day, where the level hardly moves
    levels[:, :2] = 0.7 * np.cos(2 * np.pi * (np.arange(65)[:, None] - 8) / 52.18)
    table = weeks(levels, rows=200)
    found = explorer.drift(table, "at")
    assert found.alarms == ()
    assert found.seasonal
    assert "the reference is shorter than a year" in found.seasons.lower()
    assert "may be a season" in found.words
    assert [one["feature"] for one in found.document()["seasonal"]] == [
        one.feature for one in found.seasonal
    ]


def test_a_sudden_shift_is_an_alarm_though_the_reference_is_a_quarter():
    levels = np.zeros((40, 6))
    levels[20:, 2] = 0.6
    found = explorer.drift(weeks(levels, rows=200), "at")
    assert {one.feature for one in found.alarms} == {"x2"}
    assert found.alarms[0].start == pytest.approx((START + pd.Timedelta(weeks=20)).timestamp())


def test_hours_of_a_few_days_are_not_told_from_the_time_of_day():
    random = np.random.default_rng(2)
    hour = np.repeat(np.arange(60), 100)
    level = np.sin(2 * np.pi * hour / 24)
    frame = pd.DataFrame(
        {
            "at": START + pd.to_timedelta(hour, unit="h"),
            "x": random.normal(level),
            "y": random.normal(size=6000),
        }
    )
    found = explorer.drift(explorer.open_table(frame), "at", chunk="hour")
    assert found.alarms == ()
    assert "two weeks" in found.seasons


@pytest.fixture
def split():
    random, n = np.random.default_rng(3), 12_000
    return pd.DataFrame(
        {
            "row_id": np.arange(n) + 5,
            "part": np.where(np.arange(n) < 4_000, "train", "live"),
            "step": np.arange(n) * 10,
            "x": random.normal(size=n),
            "y": random.normal(size=n),
        }
    )


def test_labels_count_the_rows_of_the_table(split):
    found = explorer.drift(
        explorer.open_table(split), "row_id", "500rows", reference="part = 'train'"
    )
    labels = [chunk.label for chunk in found.timetable]
    assert labels[0] == "rows 1 to 500"
    assert labels[8] == "rows 4,001 to 4,500"
    assert labels[-1] == "rows 11,501 to 12,000"


def test_what_defines_the_reference_and_what_numbers_rows_is_left_out_and_said(split):
    found = explorer.drift(
        explorer.open_table(split), "row_id", "500rows", reference="part = 'train'"
    )
    assert found.features == ("x", "y")
    assert found.alarms == ()
    assert found.left_out["part"] == "says which rows are the reference"
    assert found.left_out["step"] == "numbers the rows"
    assert any("part" in note for note in found.notes)
    with pytest.raises(ModelError, match="says which rows are the reference"):
        explorer.drift(
            explorer.open_table(split),
            "row_id",
            "500rows",
            reference="part = 'train'",
            features=["part"],
        )


def test_a_whole_number_that_names_rows_is_an_order_and_the_error_says_so(split, tmp_path, capsys):
    path = tmp_path / "split.parquet"
    split.to_parquet(path)
    assert main(["drift", str(path), "--time", "row_id"]) == 1
    assert "as in 1000rows" in capsys.readouterr().err
    out = tmp_path / "drift.json"
    assert (
        main(["drift", str(path), "--time", "row_id", "--chunk", "500rows", "--json", str(out)])
        == 0
    )
    assert len(json.loads(out.read_text())["chunks"]) == 2 * 24 + 24


def test_six_chunks_are_judged_and_three_are_refused_in_words():
    levels = np.zeros((6, 8))
    levels[4:, 0] = 3.0
    table = weeks(levels, rows=2_000)
    found = explorer.drift(table, "at")
    assert found.judged
    few = explorer.drift(weeks(levels[:4], rows=200), "at")
    assert few.alarms == ()
    assert not few.judged
    assert "choose shorter chunks" in few.words


def test_what_is_usual_of_an_area_or_an_error_lies_where_it_can():
    random = np.random.default_rng(4)
    week = np.repeat(np.arange(8), 60)
    frame = pd.DataFrame(
        {"at": START + pd.to_timedelta(7 * week, unit="D"), "p": random.random(480)}
    )
    frame["y"] = (random.random(480) < 0.1 + 0.8 * frame.p).astype(int)
    found = explorer.drift(explorer.open_table(frame), "at", truth="y", prediction="p")
    area, brier = found.performance
    assert 0 <= area.usual[0] < area.expected < area.usual[1] <= 1
    assert brier.usual[0] < brier.expected < brier.usual[1] <= 0
    assert (brier.high[np.isfinite(brier.high)] <= 0).all()


def test_rows_that_repeat_bring_no_values_outside_the_range():
    """Each person has four equal rows in a week.

    Taken as rows of their own, 8 of 10 such streams without drift had an alarm.
    """
    rng = np.random.default_rng(0)
    weeks, people, rows = 60, 150, 4
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(
        np.repeat(7 * np.arange(weeks), people * rows), unit="D"
    )
    frame = pd.DataFrame(
        {f"x{i}": np.repeat(rng.lognormal(0, 0.3, weeks * people), rows) for i in range(12)}
    )
    frame["day"] = day
    assert explorer.drift(explorer.open_table(frame), "day").alarms == ()
    last = frame.index[-people * rows :]
    frame.loc[last[: people * rows // 10], "x3"] = 9.0  # a tenth of a week where nothing was before
    (alarm,) = explorer.drift(explorer.open_table(frame), "day").alarms
    assert alarm.feature == "x3"
