import numpy as np
import pandas as pd
import pytest

from explorer.feature.feature_counts import BarCounter, kept_range, missing_choices, missing_shares
from explorer.state import actions


def test_bars_count_population_and_selection_as_numpy_does(session, frame):
    edges = np.linspace(20, 80, 13)
    session.state.act(actions.add_filter, id="x", expression="height > 2")
    session.state.act(actions.select, selection={"expression": "weight > 3"})
    counts = BarCounter(session.table, session.rows).count("age", edges)
    shown = frame[frame["height"] > 2]
    np.testing.assert_array_equal(counts.shown, np.histogram(shown["age"], edges)[0])
    chosen = shown[shown["weight"] > 3]
    np.testing.assert_array_equal(counts.selected, np.histogram(chosen["age"], edges)[0])
    assert counts.below == (shown["age"] < 20).sum()
    assert counts.above == (shown["age"] > 80).sum()
    assert counts.total + counts.missing == len(shown)


def test_a_feature_is_counted_under_the_filters_of_the_others(session, frame):
    counter, edges = BarCounter(session.table, session.rows), np.linspace(18, 90, 9)
    session.state.act(actions.add_filter, id="column:age", column="age", range=[30, 40])
    counts = counter.count("age", edges)
    assert counts.shown.sum() == len(frame)
    assert counts.selected is None
    session.state.act(actions.add_filter, id="column:height", column="height", range=[0, 5])
    assert counter.count("age", edges).shown.sum() == frame["height"].between(0, 5).sum()


def test_missing_and_infinite_rows_are_counted_apart(session, frame):
    session.state.act(actions.select, selection={"expression": "pulse is null"})
    counts = BarCounter(session.table, session.rows).count("pulse", np.array([-100.0, 100]))
    missing = int(frame["pulse"].isna().sum())
    assert (counts.missing, counts.selected_missing) == (missing, missing)
    assert counts.shown.tolist() == [600 - missing]
    assert (
        BarCounter(session.table, session.rows).count("boundless", np.array([-100.0, 100])).above
        == 3
    )


def test_the_counts_of_a_few_features_are_kept_and_no_more(session):
    counter, edges = BarCounter(session.table, session.rows), np.array([-1.0, 0, 100])
    for name in ("height", "weight", "pulse", "sleep", "age"):
        counter.count(name, edges)
    assert [name for name, _ in counter._codes] == ["pulse", "sleep", "age"]


@pytest.mark.parametrize(
    ("ends", "edges", "kept"),
    [
        ((3.0, 7.0), np.linspace(0, 10, 11), (3.0, 7.0)),
        ((7.0, 3.0), np.linspace(0, 10, 11), (3.0, 7.0)),
        ((0.0, 7.0), np.linspace(0, 10, 11), (-50.0, 7.0)),
        ((3.0, 9.99), np.linspace(0, 10, 11), (3.0, 99.0)),
        ((2.2, 7.9), np.arange(0.5, 11), (3.0, 7.0)),
        ((2.2, 2.4), np.arange(0.5, 11), (2.2, 2.4)),
    ],
)
def test_a_brush_keeps_whole_values_and_reaches_beyond_the_bars_at_their_ends(ends, edges, kept):
    assert kept_range(ends, edges, -50.0, 99.0) == kept


def test_missing_by_a_category_is_what_pandas_counts(session, frame):
    session.state.act(actions.add_filter, id="x", expression="age < 70")
    found = missing_shares(session.table, session.rows, "pulse", "city")
    shown = frame[frame["age"] < 70]
    groups = shown.groupby(shown["city"].fillna("missing"))["pulse"]
    expected = pd.DataFrame(
        {"missing": groups.apply(lambda g: g.isna().sum()), "rows": groups.size()}
    )
    assert len(found["bars"]) == 12
    for bar in found["bars"]:
        missing, rows = expected.loc[bar["label"]]
        assert (bar["missing"], bar["rows"]) == (missing, rows)
        assert bar["words"].endswith(f"· {missing:,} of {rows:,}")
    sizes = [bar["rows"] for bar in found["bars"]]
    assert sizes == sorted(sizes, reverse=True)
    assert found["more"] == f"and {len(expected) - 12} smaller levels"


def test_missing_over_time_has_periods_of_equal_length_that_hold_all_rows(session, frame):
    found = missing_shares(session.table, session.rows, "pulse", "since")
    assert sum(bar["rows"] for bar in found["bars"]) == 600
    assert sum(bar["missing"] for bar in found["bars"]) == frame["pulse"].isna().sum()
    # 5,000 days are 165 months, more bars than can be read
    years = frame.groupby(frame["since"].dt.year)["pulse"]
    assert found["how"] == "by year"
    assert [bar["rows"] for bar in found["bars"]] == years.size().tolist()
    assert [bar["missing"] for bar in found["bars"]] == years.apply(
        lambda part: part.isna().sum()
    ).tolist()
    assert [bar["label"] for bar in found["bars"]] == [str(year) for year in years.groups]


def test_few_days_are_shown_by_day():
    import pyarrow as pa

    from explorer.session.session import Session
    from explorer.table.table import open_table

    days = pd.date_range("2024-02-27", periods=40, freq="8h")
    values = [None if i % 3 == 0 else float(i) for i in range(40)]
    table = open_table(pa.table({"when": [*days[:-1], None], "value": values}))
    session = Session(table, None, {"features": []})
    found = missing_shares(table, session.rows, "value", "when")
    # 39 steps of 8 hours are 313 hours: too many bars, and 14 days are few enough
    assert found["how"] == "by day"
    assert found["bars"][0]["label"].startswith("2024-02-27")
    assert found["bars"][-1]["label"] == "no time"
    assert (found["bars"][-1]["rows"], found["bars"][-1]["missing"]) == (1, 1)


@pytest.mark.parametrize("name", ["city", "member", "vector", "nothing"])
def test_every_kind_of_feature_can_be_asked_where_it_is_missing(session, frame, name):
    found = missing_shares(session.table, session.rows, name, "member")
    expected = frame[name].isna().sum() if name in frame else 0
    assert sum(bar["missing"] for bar in found["bars"]) == expected


def test_columns_to_ask_by_are_times_and_categories(people):
    choices = missing_choices(people)
    assert choices["times"] == [["since", "since"]]
    assert [name for name, _ in choices["groups"]] == ["city", "member"]
