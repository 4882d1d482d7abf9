import base64
import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from explorer.map.paint.palettes import LIGHT
from explorer.state import actions
from explorer.state.tray_settings import Chart
from explorer.tray.chart_cards import ChartCards, chart_columns, pair_filter_id


@pytest.fixture
def cards(session):
    return ChartCards(session.table, session.rows)


@pytest.fixture
def rows(session, frame):
    """Filter and select; return the rows shown and the selected ones, as pandas finds them."""
    session.state.act(actions.add_filter, id="e", expression="weight > 2")
    session.state.act(actions.add_filter, id="column:age", column="age", range=[30, 70])
    session.state.act(actions.select, selection={"expression": "member"})
    others = frame["weight"] > 2  # what all filters but that of age leave
    return others, others & frame["age"].between(30, 70), frame["member"]


def card_of(cards, **chart):
    card = cards.card(Chart(**chart), 0, LIGHT, unfolded=False)
    json.dumps(card, allow_nan=False)
    return card


def binned(frame, name, numbers):
    edges = [*numbers[f"{name} from"][:-3], numbers[f"{name} to"][-4]]
    return pd.cut(frame[name], edges, right=False, include_lowest=True)


def test_a_histogram_counts_what_all_other_filters_leave(cards, rows, frame):
    others, shown, selected = rows
    found = cards.numbers(Chart(kind="histogram", x="age"))
    bins = binned(frame, "age", found)
    expected = bins[others].value_counts(sort=False).tolist()
    assert found["shown"] == [*expected, 0, 0, 0]
    assert found["selected"][:-3] == bins[shown & selected].value_counts(sort=False).tolist()
    card = card_of(cards, kind="histogram", x="age")
    assert (card["shown"], card["selected"]) == (found["shown"][:-3], found["selected"][:-3])
    assert f"{others.sum()} rows, {(shown & selected).sum()} of them selected" in card["sentence"]


def test_bars_count_each_level_and_the_rows_without_one(cards, rows, frame):
    _, shown, selected = rows
    found = cards.numbers(Chart(kind="bars", x="city"))
    city = frame["city"].fillna("(missing)")
    counts = dict(zip(found["city"], found["shown"], strict=True))
    assert {name: count for name, count in counts.items() if count} == (
        city[shown].value_counts().to_dict()
    )
    counts = dict(zip(found["city"], found["selected"], strict=True))
    assert {name: count for name, count in counts.items() if count} == (
        city[shown & selected].value_counts().to_dict()
    )


def test_a_line_averages_the_finite_values_of_each_bin(cards, rows, frame):
    _, shown, selected = rows
    for y in ("pulse", "boundless"):
        found = cards.numbers(Chart(kind="line", x="since", y=y))
        seconds = [pd.Timestamp(text) for text in found["since from"][:-3]]
        edges = [*seconds, pd.Timestamp(found["since to"][-4])]
        bins = pd.cut(frame["since"], edges, right=False, include_lowest=True)
        finite = frame[y].where(np.isfinite(frame[y]))
        for name, among in (("shown", shown), ("selected", shown & selected)):
            groups = finite[among].groupby(bins[among], observed=False)
            means = np.array(found[f"mean {y} of {name}"][:-3], dtype=float)
            np.testing.assert_allclose(means, groups.mean().to_numpy(), rtol=1e-12)
            assert found[f"{name} with a value of {y}"][:-3] == groups.count().tolist()
    card = card_of(cards, kind="line", x="since", y="pulse")
    assert card["kind"] == "line"
    assert len(card["values"]) == len(card["edges"]) - 1
    assert "Line of mean pulse over since" in card["sentence"]
    counted = card_of(cards, kind="line", x="since")
    assert sum(counted["values"]) == shown.sum()


def test_a_scatter_counts_each_cell_and_ignores_its_own_box(cards, session, rows, frame):
    _, shown, selected = rows
    chart = Chart(kind="scatter", x="height", y="pulse")
    box = {
        "and": [
            {"column": "height", "range": [2.0, 6.0]},
            {"column": "pulse", "range": [1.0, 7.0]},
        ]
    }
    before = cards.numbers(chart)
    session.state.act(actions.add_filter, id=pair_filter_id(chart), rows=box)
    found = cards.numbers(chart)
    assert found["shown"] == before["shown"]
    inside = frame["height"].between(2, 6) & frame["pulse"].between(1, 7)
    assert sum(found["selected"]) == (shown & selected & inside).sum()
    lows, highs = np.array(found["height from"]), np.array(found["height to"])
    downs, ups = np.array(found["pulse from"]), np.array(found["pulse to"])
    x, y = frame["height"][shown].to_numpy(), frame["pulse"][shown].to_numpy()
    held = [
        int(((x >= left) & (x < right) & (y >= low) & (y < high)).sum())
        for left, right, low, high in zip(lows, highs, downs, ups, strict=True)
    ]
    assert held == found["shown"]
    card = card_of(cards, kind="scatter", x="height", y="pulse")
    assert len(card["box"]) == 4
    assert 0 < card["box"][0] < card["box"][1] < 1
    picture = Image.open(io.BytesIO(base64.b64decode(card["plot"]["src"].split(",")[1])))
    assert picture.size == (320, 180)
    assert f"{sum(found['shown'])} of 600 rows drawn" in card["sentence"]
    # another chart follows the box
    histogram = cards.numbers(Chart(kind="histogram", x="weight"))
    assert sum(histogram["shown"]) == (shown & inside).sum()


def test_a_column_that_a_chart_cannot_show_is_refused_in_words(cards):
    assert "no finite numbers or times" in card_of(cards, kind="histogram", x="city")["error"]
    assert "no levels" in card_of(cards, kind="bars", x="age")["error"]
    assert "cannot be drawn" in card_of(cards, kind="scatter", x="age", y="nothing")["error"]


def test_columns_are_offered_by_what_a_chart_needs(people):
    offered = chart_columns(people)
    assert offered["times"][0] == "since"
    assert {"city", "member"} <= set(offered["levels"])
    assert "nothing" not in offered["numbers"]
