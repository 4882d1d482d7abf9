import base64
import io
import json

import numpy as np
import pandas as pd
import pytest

from explorer.core.errors import FeatureError
from explorer.map.viewport import Viewport
from explorer.relations.pair_plot import (
    PairRequest,
    cells_of,
    drawn_range,
    pair_box,
    pair_counts,
    pair_plot,
)
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table


def plot_of(session, request):
    return pair_plot(session.table, session.rows, request)


def pixels(answer):
    from PIL import Image

    data = base64.b64decode(answer["src"].split(",")[1])
    return np.asarray(Image.open(io.BytesIO(data)))


def request(one, other, **more):
    return PairRequest(one, other, 200, 150, **more)


def test_every_pixel_counts_as_datashader_counts_it():
    from datashader import Canvas

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=30_000), "y": rng.lognormal(size=30_000)})
    frame.iloc[::97, 0], frame.iloc[::89, 1] = np.nan, np.inf
    frame.iloc[5] = (2.0, 3.0)  # the upper corner is inside
    mask = rng.random(30_000) < 0.3
    viewport = Viewport((-1.5, 2.0), (0.1, 3.0), 120, 80)
    canvas = Canvas(120, 80, (-1.5, 2.0), (0.1, 3.0))
    for rows, counted in ((frame, None), (frame[mask], mask)):
        expected = canvas.points(rows, "x", "y").to_numpy()
        found = pair_counts(frame["x"].to_numpy(), frame["y"].to_numpy(), viewport, counted)
        np.testing.assert_array_equal(found, expected)


def test_rows_are_counted_block_by_block_alike(monkeypatch):
    x, y = np.random.default_rng(1).normal(size=(2, 1_000))
    viewport = Viewport((-1.0, 1.0), (-1.0, 1.0), 30, 20)
    whole = pair_counts(x, y, viewport, x > 0)
    monkeypatch.setattr("explorer.relations.pair_plot._BLOCK", 64)
    np.testing.assert_array_equal(pair_counts(x, y, viewport, x > 0), whole)


def test_an_axis_ends_near_the_99_9_percent_points_unless_little_lies_beyond():
    values = np.concatenate([np.linspace(0, 1, 9_999), [1_000.0, np.nan, np.inf]])
    low, high = drawn_range(values)
    assert -0.05 < low < 0.001
    assert 0.999 < high < 1.05
    assert drawn_range(values, whole=True)[1] > 1_000
    flat = drawn_range(np.linspace(0, 1, 1_000))
    assert flat == pytest.approx((-0.02, 1.02))


def test_an_axis_of_one_value_has_a_width_and_of_none_is_refused():
    low, high = drawn_range(np.full(5, 3.0))
    assert low < 3 < high
    with pytest.raises(FeatureError, match="further than can be drawn"):
        drawn_range(np.array([-1.7e308, 1.7e308]))
    with pytest.raises(FeatureError, match="no finite value"):
        drawn_range(np.array([np.nan, np.inf]))


def test_values_that_come_in_steps_get_a_cell_each():
    years = np.arange(1950.0, 2001.0)
    assert cells_of(years, (1949.0, 2001.0), 300) == ((1949.5, 2000.5), 51)
    assert cells_of(years * 10, (19_490.0, 20_010.0), 300) == ((19_495.0, 20_005.0), 51)
    tenths = np.arange(10, 100) / 10
    ends, cells = cells_of(tenths, (0.9, 10.0), 300)
    assert cells == 90
    assert ends == pytest.approx((0.95, 9.95))
    odd = np.append(
        np.tile(tenths, 10), [1.25, 9.96]
    )  # a cell is an interval: a few values between steps are in one
    assert cells_of(odd, (0.9, 10.0), 300)[1] == 91
    # more steps than pixels, and values without steps
    assert cells_of(np.arange(1_000.0), (0.0, 999.0), 300) == ((0.0, 999.0), 300)
    assert cells_of(np.random.default_rng(0).normal(size=99), (-3.0, 3.0), 300) == (
        (-3.0, 3.0),
        300,
    )


def test_every_row_of_the_table_is_accounted_for(session, frame):
    session.state.act(actions.add_filter, id="x", expression="age >= 40")
    answer = plot_of(session, request("pulse", "boundless"))
    json.dumps(answer, allow_nan=False)
    shown = frame[frame["age"] >= 40]
    assert answer["missing"] == shown["pulse"].isna().sum()
    assert answer["hidden"] == (frame["age"] < 40).sum()
    assert answer["drawn"] + answer["beyond"] + answer["missing"] + answer["hidden"] == 600
    assert f"{answer['drawn']} of 600 rows drawn" in answer["words"]
    x, y = (answer[axis] for axis in "xy")
    inside = shown["pulse"].between(x["low"], x["high"]) & shown["boundless"].between(
        y["low"], y["high"]
    )
    assert answer["drawn"] == inside.sum()


def test_the_selection_is_drawn_over_the_population_in_another_tone(session, frame):
    plain = pixels(plot_of(session, request("height", "weight")))
    session.state.act(actions.select, selection={"expression": "height > 6"})
    answer = plot_of(session, request("height", "weight"))
    drawn = pixels(answer)
    chosen = (frame["height"] > 6).sum()
    assert f"{chosen} of {chosen} selected rows drawn" in answer["words"]
    # greys have nearly equal channels, the selection is blue and to the right
    blue = (drawn[..., 3] == 255) & (drawn[..., 2].astype(int) - drawn[..., 0] > 25)
    edge = (6 - answer["x"]["low"]) / (answer["x"]["high"] - answer["x"]["low"]) * 200
    assert blue.any()
    assert np.flatnonzero(blue.any(axis=0)).min() >= edge - 3
    assert not np.array_equal(plain, drawn)


def test_the_picture_has_high_values_on_top_and_the_size_that_was_asked(own_folders):
    rng = np.random.default_rng(0)
    x = rng.random(5_000)
    session = Session(
        open_table(pd.DataFrame({"x": x, "y": x + 0.01 * rng.random(5_000)})), None, {}
    )
    for shade in ("rank", "log"):
        drawn = pixels(plot_of(session, request("x", "y", shade=shade)))[..., 3] > 0
        assert drawn.shape == (150, 200)
        assert drawn[:75, 100:].sum() > 10 * drawn[:75, :90].sum()


def test_ticks_lie_where_their_values_are(session):
    axis = plot_of(session, request("age", "since"))["x"]
    for place, words in axis["ticks"]:
        assert axis["low"] + place * (axis["high"] - axis["low"]) == pytest.approx(float(words))


def test_an_axis_of_yes_and_no_says_so(own_folders):
    frame = pd.DataFrame({"yes": np.arange(30) % 2 == 0, "number": np.arange(30.0)})
    with_booleans = Session(open_table(frame), None, {})
    axis = plot_of(with_booleans, request("number", "yes"))["y"]
    assert [words for _, words in axis["ticks"]] == ["no", "yes"]
    assert [axis["low"] + place * (axis["high"] - axis["low"]) for place, _ in axis["ticks"]] == [
        0,
        1,
    ]


def test_what_is_no_number_or_has_no_value_cannot_be_an_axis(session):
    with pytest.raises(FeatureError, match="'city' is categorical"):
        plot_of(session, request("city", "age"))
    with pytest.raises(FeatureError, match="'nothing' cannot be an axis"):
        plot_of(session, request("nothing", "age"))


def test_a_box_selects_the_rows_in_it_also_of_times(session, frame):
    seconds = frame["since"].astype("datetime64[s]").astype(np.int64)
    low, high = seconds.quantile([0.2, 0.6]).round()
    definition = pair_box(request("since", "age"), [high, low], [30.0, 50.0])
    session.state.act(actions.select, selection=definition)
    slack = (high - low) / 1_000
    inside = frame["age"].between(30, 50)
    assert (
        session.rows.selection().count()
        >= (inside & seconds.between(low + slack, high - slack)).sum()
    )
    assert (
        session.rows.selection().count()
        <= (inside & seconds.between(low - slack, high + slack)).sum()
    )


def test_ends_of_a_box_have_no_more_digits_than_a_pointer_can_mean():
    x, y = (
        part["range"]
        for part in pair_box(request("a", "b"), [1.23456789, 3.456789], [1e6 / 3, 2e6 / 3])["and"]
    )
    assert x == [1.235, 3.457]
    assert y == [333_300.0, 666_700.0]


def test_the_largest_and_the_smallest_numbers_can_be_drawn(own_folders):
    cells = np.array([-1e307, 0.0, 1e308, 5e-324, 3.0])
    session = Session(
        open_table(pd.DataFrame({"far": cells, "small": cells[::-1] * 1e-310, "one": 7.0})),
        None,
        {},
    )
    for one, other in (("far", "small"), ("small", "one"), ("one", "far")):
        answer = plot_of(session, request(one, other))
        assert answer["drawn"] == 5
        json.dumps(answer, allow_nan=False)
