import numpy as np
import pandas as pd
import pytest

from explorer.session.rows.row_detail import place_of, row_card
from explorer.session.session import Session
from explorer.state import actions
from explorer.table.table import open_table


def fields(card):
    return {one["name"]: one for group in card["groups"] for one in group["fields"]}


def test_a_card_holds_every_column_in_words(session, people, frame):
    row = int(np.flatnonzero(frame["pulse"].isna() & frame["city"].notna())[0])
    card = row_card(session.table, session.rows, session.projection.map(), row)
    found = fields(card)
    assert list(found) == people.column_names
    assert card["title"] == frame.loc[row, "person_id"]
    assert card["note"] == f"row {row:,} of 600"
    assert (found["pulse"]["value"], found["pulse"]["missing"]) == ("missing", True)
    assert (found["city"]["value"], found["city"]["missing"]) == (frame.loc[row, "city"], False)
    assert float(found["height"]["value"]) == pytest.approx(frame.loc[row, "height"], rel=1e-6)
    assert found["since"]["value"] == str(frame.loc[row, "since"].date())
    assert found["member"]["value"] == ("yes" if frame.loc[row, "member"] else "no")
    assert found["vector"]["value"] == f"[{2 * row}, {2 * row + 1}]"


def test_what_the_catalogue_knows_is_on_the_card(tmp_path, fake_queue):
    (tmp_path / "c.yaml").write_text(
        'table: {row_title: name, link: "https://a.org/{name}", image: "/p/{name}.png"}\n'
        "features:\n"
        "  a: {label: Height, unit: m, group: Body, sentinels: [-999], missing_means: Nobody "
        "looked.}\n"
    )
    frame = pd.DataFrame({"a": [1.25, -999.0, np.nan], "name": ["Ann & co", None, "x" * 5000]})
    session = Session(
        open_table(frame, catalogue=tmp_path / "c.yaml"), fake_queue, {"features": ["a"]}
    )
    cards = [
        row_card(session.table, session.rows, session.projection.map(), row) for row in range(3)
    ]
    assert [group["name"] for group in cards[0]["groups"]] == ["Body", ""]
    assert [fields(card)["a"]["value"] for card in cards] == [
        "1.25 m",
        "-999.0 stands for missing",
        "missing",
    ]
    assert [fields(card)["a"]["why"] for card in cards] == ["", "Nobody looked.", "Nobody looked."]
    assert fields(cards[0])["a"]["label"] == "Height"
    assert (cards[0]["link"], cards[0]["image"]) == (
        "https://a.org/Ann%20%26%20co",
        "/p/Ann%20%26%20co.png",
    )
    assert (cards[1]["title"], cards[1]["link"]) == ("Row 1", None)
    assert fields(cards[2])["name"]["value"] == "x" * 2000 + "… (5,000 characters)"


def test_a_row_that_is_not_to_be_seen_says_why(session, frame):
    young = int(frame["age"].idxmin())
    session.state.act(actions.add_filter, id="a", expression=f"age > {frame['age'].min()}")
    assert (
        "hidden by the filters"
        in row_card(session.table, session.rows, session.projection.map(), young)["note"]
    )
    assert row_card(session.table, session.rows, session.projection.map(), 599)["note"].endswith(
        "no place on this map"
    )  # the last seven have no coordinates


def test_the_place_of_a_row_is_that_of_the_map(session, new_session):
    embedding = session.projection.embedding()
    for row in (0, 17, 592):
        assert place_of(session.projection.map(), row) == tuple(embedding.xy[row].tolist())
    assert place_of(session.projection.map(), 593) is None
    assert place_of(new_session().projection.map(), 0) is None


def test_a_number_that_is_no_row_changes_nothing(session):
    session.look_at_row(5, zoom=True)
    for wrong in (-1, 600, 10**12):
        session.look_at_row(wrong, tab="Compare", zoom=True)
    assert (session.state.document.row, session.state.document.tab) == (5, "Map")
    assert session.messages["fly"] == {"row": 5, "zoom": True}
