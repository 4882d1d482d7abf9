"""Filters, selection, strips and the account of all rows; the oracle is pandas and brute force."""

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.map.viewport import Viewport
from explorer.session.rows.strips import count_strip, default_strips
from explorer.state import actions


def filter_by(session, **filters):
    for name, condition in filters.items():
        session.state.act(actions.add_filter, id=name, **condition)


CITY = {"column": "city", "levels": ["A", "B", None]}
AGE = {"column": "age", "range": [30, 60]}
MEMBERS = {"expression": "not member"}


def kept(frame, *names):
    masks = {
        "city": frame["city"].isna() | frame["city"].isin(["A", "B"]),
        "age": frame["age"].between(30, 60),
        "members": ~frame["member"],
    }
    return np.logical_and.reduce([masks[name] for name in names])


@pytest.fixture
def filtered(session):
    filter_by(session, city=CITY, age=AGE, members=MEMBERS)
    return session


def test_without_filters_the_population_is_everyone(session):
    assert session.rows.population() is None
    assert session.rows.selection() is None


def test_the_population_is_what_all_filters_that_are_on_leave(filtered, frame):
    np.testing.assert_array_equal(
        filtered.rows.population().mask, kept(frame, "city", "age", "members")
    )
    filtered.state.act(actions.switch_filter, id="city", on=False)
    np.testing.assert_array_equal(filtered.rows.population().mask, kept(frame, "age", "members"))
    filtered.state.undo()
    filtered.state.act(actions.remove_filter, id="age")
    np.testing.assert_array_equal(filtered.rows.population().mask, kept(frame, "city", "members"))
    filtered.state.act(actions.remove_filter, id="city")
    filtered.state.act(actions.switch_filter, id="members", on=False)
    assert filtered.rows.population() is None


def test_a_strip_leaves_its_own_filter_aside(filtered, frame):
    others = frame[kept(frame, "age", "members")]
    strip = count_strip(filtered.table, filtered.rows, "city")
    counts = others.groupby("city", dropna=False).size()
    assert dict(zip(strip.labels, strip.shown[:-1].tolist(), strict=True)) == {
        city: counts.get(city, 0) for city in frame["city"].dropna().unique()
    }
    assert strip.shown[-1] == others["city"].isna().sum()
    strip = count_strip(filtered.table, filtered.rows, "age")
    np.testing.assert_array_equal(
        strip.shown, np.histogram(frame["age"][kept(frame, "city", "members")], strip.edges)[0]
    )
    strip = count_strip(filtered.table, filtered.rows, "pulse")
    shown = frame["pulse"][kept(frame, "city", "age", "members")].dropna()
    np.testing.assert_array_equal(strip.shown, np.histogram(shown, strip.edges)[0])


def test_a_strip_counts_the_selection_inside_the_population(filtered, frame):
    filtered.state.act(actions.select, selection={"expression": "height > 1"})
    inside = frame[kept(frame, "city", "age", "members") & (frame["height"] > 1)]
    assert filtered.rows.selection().count() == len(inside)
    strip = count_strip(filtered.table, filtered.rows, "city")
    assert dict(zip([*strip.labels, None], strip.selected.tolist(), strict=True)) == {
        **{city: (inside["city"] == city).sum() for city in strip.labels},
        None: inside["city"].isna().sum(),
    }
    assert count_strip(filtered.table, filtered.rows, "height").selected.sum() == len(inside)
    filtered.rows.clear_selection()
    assert not count_strip(filtered.table, filtered.rows, "city").selected.any()


@pytest.mark.parametrize("column", ["pulse", "boundless", "since", "age"])
def test_bars_beyond_and_missing_add_up_to_the_population(filtered, frame, column):
    strip = count_strip(filtered.table, filtered.rows, column)
    names = [name for name in ("city", "age", "members") if name != column]
    values = frame[column][kept(frame, *names)]
    if column == "since":
        values = values.astype("datetime64[s]").astype("int64").astype(float)
    assert strip.missing == values.isna().sum()
    assert strip.below == (values < strip.edges[0]).sum()
    assert strip.above == (values > strip.edges[-1]).sum()
    assert strip.shown.sum() + strip.below + strip.above + strip.missing == len(values)


def test_strips_of_their_own_accord_are_one_category_and_numbers(session):
    assert default_strips(session.table, session.start.features) == [
        "city",
        "height",
        "weight",
        "pulse",
    ]


def test_columns_of_a_block_are_the_last_to_have_a_strip_and_pixels_have_none():
    rng = np.random.default_rng(0)
    pixels = {f"px_{k}": rng.integers(0, 256, 90) for k in range(9)}
    bands = {f"wave_{k}": rng.normal(size=90) for k in range(400, 408)}
    table = explorer.open_table(pd.DataFrame({**pixels, **bands, "size": rng.normal(size=90)}))
    assert [bool(block.shape) for block in table.column_blocks] == [True, False]
    strips = default_strips(table, table.column_names)
    assert strips == ["size", "wave_400", "wave_401", "wave_402"]


def test_a_kept_selection_becomes_a_filter(session):
    key = session.projection.shown_key()
    session.state.act(actions.select, selection={"box": [[0, 9], [0, 9]], "embedding": key})
    chosen = session.rows.selection().mask
    session.rows.filter_to_selection()
    assert session.rows.selection() is None
    np.testing.assert_array_equal(session.rows.population().mask, chosen)
    session.rows.filter_to_selection()
    assert len(session.state.document.filters) == 1


def test_a_selection_whose_map_is_gone_is_a_note(session):
    session.state.act(
        actions.select, selection={"lasso": [[0, 0], [1, 0], [1, 1]], "embedding": "0" * 32}
    )
    assert session.rows.selection() is None
    assert session.notes == [
        "the selection was drawn on a map that is not in the cache: draw it again, or share the "
        "link anew from where it was made"
    ]


def test_a_filter_whose_map_is_gone_is_a_note_and_the_others_hold(filtered, frame):
    filtered.state.act(
        actions.add_filter,
        id="rows",
        rows={"lasso": [[0, 0], [1, 0], [1, 1]], "embedding": "0" * 32},
    )
    np.testing.assert_array_equal(
        filtered.rows.population().mask, kept(frame, "city", "age", "members")
    )
    assert filtered.notes == [
        "the selection was drawn on a map that is not in the cache: draw it again, or share the "
        "link anew from where it was made"
    ]


def random_state(session, rng):
    """Bring the session into a state that nobody thought of."""
    column = str(rng.choice(["city", "age", "member"]))
    session.state.act(actions.set_color, column=column)
    if column != "age":
        session.rows.filter_levels(
            column, rng.random(len(session.table.columns.levels(column).labels) + 1) < 0.6
        )
    for name, condition in (("city", CITY), ("age", AGE), ("members", MEMBERS)):
        if rng.random() < 0.5:
            filter_by(session, **{name: condition})
    low, size = rng.normal(size=2), rng.uniform(0.1, 4, 2)
    return Viewport(
        (low[0], low[0] + size[0]), (low[1], low[1] + size[1]), *map(int, rng.integers(5, 90, 2))
    )


def brute_account(session, view):
    """Ask every row by itself."""
    table = session.table
    shown = (
        np.ones(table.num_rows, bool)
        if session.rows.population() is None
        else session.rows.population().mask.copy()
    )
    embedding = session.projection.embedding()
    shown = shown[embedding.rows]
    x, y = embedding.xy.T.astype(float)
    inside = (
        (x >= view.x_range[0])
        & (x <= view.x_range[1])
        & (y >= view.y_range[0])
        & (y <= view.y_range[1])
    )
    seen = int((shown & inside).sum())
    return seen, int(shown.sum()) - seen, int((~shown).sum()), table.num_rows - len(x)


def test_the_account_adds_up_and_is_that_of_brute_force(new_session, fake_queue):
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(25):
        session = new_session()
        session.projection.open()
        fake_queue.jobs[-1].finish()
        view = random_state(session, rng)
        account = session.scene.account(session.projection.map(), view)
        assert (
            account.rows
            == 600
            == account.in_view + account.outside + account.hidden + account.without
        )
        assert (account.in_view, account.outside, account.hidden, account.without) == brute_account(
            session, view
        )
        seen.add(account)
    assert len(seen) > 15


def test_in_view_is_what_is_drawn(session):
    view = Viewport((-1, 2), (-1.5, 1), 60, 40)
    session.state.act(actions.set_color, column="city")
    hide(session, "city", 0, 3)
    filter_by(session, age=AGE)
    frame = session.scene.draw(session.projection.map(), view)
    assert (
        frame.levels.aggregate.counts.sum()
        == session.scene.account(session.projection.map(), view).in_view
    )


def hide(session, column, *codes):
    kept = np.ones(len(session.table.columns.levels(column).labels) + 1, dtype=bool)
    kept[list(codes)] = False
    session.rows.filter_levels(column, kept)


def test_legend_levels_hide_and_come_back(session, frame):
    levels = session.table.columns.levels("city")
    session.state.act(actions.set_color, column="city")
    hide(session, "city", 0)
    visible = session.scene.visible(session.projection.map())
    on_map = frame["city"].iloc[:593]
    assert np.count_nonzero(~visible) == (on_map == levels.labels[0]).sum()
    session.state.undo()
    assert session.scene.visible(session.projection.map()) is None


def test_a_frame_of_the_same_state_takes_masks_and_colours_from_the_last(session):
    session.state.act(actions.set_color, column="age")
    filter_by(session, age=AGE)
    scene, shown = session.scene, session.projection.map()
    painting, visible = scene.painting(shown), scene.visible(shown)
    assert scene.painting(shown) is painting
    assert scene.visible(shown) is visible
    session.state.act(actions.set_color, column="age", scale="rank")
    assert scene.painting(shown) is not painting
    assert scene.painting(shown).scale == "rank"
    assert scene.visible(shown) is visible


def test_the_map_that_was_waited_for_brings_its_selection_along(new_session, fake_queue):
    session = new_session()
    pca, umap = session.projection.keys().values()
    session.state.act(actions.select, selection={"box": [[0, 9], [0, 9]], "embedding": umap})
    filter_by(session, box={"rows": {"box": [[0, 9], [-9, 9]], "embedding": umap}})
    session.projection.open()
    fake_queue.jobs[-1].finish(0)
    assert session.projection.shown_key() == pca
    control = session.projection.map()
    assert session.scene.selected(control) is None
    assert session.scene.visible(control) is None
    fake_queue.jobs[-1].finish(1)
    assert session.projection.shown_key() == umap
    assert np.count_nonzero(session.scene.selected(control)) == session.rows.selection().count() > 0
    assert np.count_nonzero(session.scene.visible(control)) == session.rows.population().count() > 0
