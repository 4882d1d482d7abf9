import numpy as np
import pandas as pd
import pytest

from explorer.features.kind import Feature
from explorer.map_view.hover import RowPicker
from explorer.session.maps.pane import Pane
from explorer.session.rows.row_cells import format_value
from explorer.session.rows.row_pictures import RowPictures
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table


def picker(session):
    first = Pane(session.projection.map, session.scene)
    second = Pane(session.second_map.map, session.second_scene)
    pictures = session.part(RowPictures)
    return RowPicker(session.table, session.state, session.projection, (first, second), pictures)


def test_the_row_under_the_pointer_is_the_nearest_on_the_map(session):
    xy = session.projection.embedding().xy.astype(float)
    for x, y in np.random.default_rng(0).normal(size=(10, 2)):
        away = np.hypot(*(xy - (x, y)).T)
        assert picker(session).pick(x, y, 9.0).row == away.argmin()
        assert picker(session).pick(x, y, away.min() * 0.9) is None


def test_rows_that_a_filter_hides_are_not_found(session, frame):
    session.state.act(actions.add_filter, id="expression:age < 40", expression="age < 40")
    embedding = session.projection.embedding()
    xy, young = embedding.xy.astype(float), (frame["age"] < 40).to_numpy()[embedding.rows]
    for x, y in np.random.default_rng(1).normal(size=(10, 2)):
        away = np.where(young, np.hypot(*(xy - (x, y)).T), np.inf)
        assert picker(session).pick(x, y, 9.0).row == embedding.rows[away.argmin()]


def test_it_says_how_many_rows_its_pixel_stands_for(session):
    xy = session.projection.embedding().xy.astype(float)
    for unit in (0.5, 3.0):
        found = picker(session).pick(*xy[7].tolist(), 1e-6, unit)
        beneath = int((np.abs(xy - xy[7]) <= unit / 2).all(axis=1).sum())
        assert found.beneath == beneath
        assert (f"one of {beneath:,} rows on this pixel" in found.shown()["note"]) == (beneath > 1)


def test_with_two_maps_it_says_where_the_row_is_on_both(session):
    assert (
        picker(session).pick(*session.projection.embedding().xy[7].tolist(), 1e-6).shown()["places"]
        == []
    )
    session.state.act(actions.show_second_map, embedding=session.projection.keys()["pca"])
    session.second_map.prepare()
    first = picker(session).pick(*session.projection.embedding().xy[7].tolist(), 1e-6)
    assert first.shown()["places"][0] == pytest.approx(
        session.projection.embedding().xy[7].tolist()
    )
    second = picker(session).pick(*first.places[1], 1e-6, pane=1)
    assert (second.row, second.places) == (first.row, first.places)


def test_its_values_are_those_of_the_table_the_colour_first(session, frame):
    session.state.act(actions.set_color, column="city")
    for row in (5, int(np.flatnonzero(frame["pulse"].isna())[0])):
        found = picker(session).pick(*session.projection.embedding().xy[row].tolist(), 1e-6)
        assert (found.title, found.shown()["note"]) == (frame.loc[row, "person_id"], f"row {row:,}")
        assert [name for name, _ in found.fields] == ["city", "height", "weight", "pulse"]
        values = frame.loc[row, ["city", "height", "weight", "pulse"]]
        assert [v for _, v in found.fields] == [
            "–" if v != v or v is None else v if isinstance(v, str) else f"{v:.4g}" for v in values
        ]


def test_the_title_is_that_of_the_catalogue_and_the_number_where_it_is_missing(
    tmp_path, fake_queue
):
    (tmp_path / "c.yaml").write_text("table: {row_title: name}")
    table = open_table(
        pd.DataFrame({"a": [1.0, 2.0], "name": ["Ann", None]}), catalogue=tmp_path / "c.yaml"
    )
    session = Session(table, fake_queue, {"features": ["a"]})
    assert [picker(session).describe(row).title for row in range(2)] == ["Ann", "Row 1"]


def test_without_a_map_nothing_is_under_the_pointer(new_session):
    assert picker(new_session()).pick(0.0, 0.0, 9.0) is None


def test_cells_are_written_with_their_unit():
    feature = Feature(name="a", kind="numeric", unit="min")
    assert [format_value(v, feature) for v in (None, float("nan"), 12, 0.123456, 12_345_678.9)] == [
        "–",
        "–",
        "12 min",
        "0.1235 min",
        "12,345,679 min",
    ]
