"""The names of regions on the map without a browser."""

import json

import pytest

from explorer.map.map import build_map
from explorer.map_view.canvas.map_canvas import MapCanvas
from explorer.map_view.region_labels import region_labels
from explorer.session.session import Session
from explorer.state import actions

FEATURES = ["height", "weight", "sleep"]


def labels_of(session):
    return region_labels(session.state, session.projection, session.regions)


@pytest.fixture
def mapped(people, fake_queue, tmp_path):
    embedding = people.project(FEATURES, method="pca")
    folder = tmp_path / "ready"
    folder.mkdir()
    embedding.save(folder / "embedding.parquet")
    build_map(embedding, folder / "map")
    session = Session(people, fake_queue, {"features": FEATURES})
    session.projection.open((embedding.provenance["key"], folder))
    return session


@pytest.fixture
def view(mapped, until, open_view):
    made = open_view(MapCanvas, mapped)
    until(lambda: made.overlay and made.regions)
    return made


@pytest.fixture
def named(view, until, send):
    send(view, "regions")
    until(lambda: view.regions.get("labels"))
    return view.regions


def test_names_are_off_until_they_are_switched_on_and_a_link_keeps_that(view, mapped, until, send):
    assert view.regions["on"] is False
    assert "labels" not in view.regions
    send(view, "regions")
    assert mapped.state.document.regions is True
    until(lambda: view.regions.get("labels"))
    send(view, "regions")
    until(lambda: view.regions["on"] is False)
    mapped.state.undo()
    assert mapped.state.document.regions is True


def test_each_name_has_its_place_and_the_numbers_behind_it(named, mapped):
    json.dumps(named, allow_nan=False)
    regions = mapped.regions.get(named["key"])
    levels = [label["level"] for label in named["labels"]]
    assert levels == sorted(levels)
    for label in named["labels"]:
        region = regions.region(label["level"], label["number"])
        assert (label["name"], label["count"]) == (region.name, f"{region.rows:,} rows")
        assert label["reasons"] == [reason.words for reason in region.reasons]
        assert label["than"] == region.than
        x, y = mapped.projection.embedding().xy.T
        inside = regions.labels(label["level"]) == label["number"]
        assert x[inside].min() <= label["x"] <= x[inside].max()
        assert y[inside].min() <= label["y"] <= y[inside].max()
    first = [label for label in named["labels"] if label["level"] == 0]
    rows = [regions.region(0, label["number"]).rows for label in first]
    assert rows == sorted(rows, reverse=True)
    assert named["words"] == ""


def test_a_click_on_a_name_selects_its_rows(named, view, mapped, send):
    label = named["labels"][0]
    send(view, "region", level=label["level"], number=label["number"], mode="replace")
    found = mapped.regions.get(named["key"])
    assert mapped.rows.selection().count() == found.region(label["level"], label["number"]).rows
    other = named["labels"][1]
    send(view, "region", level=other["level"], number=other["number"], mode="add")
    assert mapped.rows.selection().count() == sum(
        found.region(one["level"], one["number"]).rows for one in (label, other)
    )
    before = mapped.state.document
    send(view, "region", level=7, number=0, mode="replace")
    assert mapped.state.document == before
    assert "no region 0 at level 7" in mapped.notes[-1]


def test_a_map_without_features_says_why_it_has_no_names(session, until):
    session.state.act(actions.show_regions, on=True)
    labels_of(session)
    until(lambda: session.regions.failure(session.projection.shown_key()))
    assert labels_of(session)["words"].startswith(
        "No labels: these coordinates were not made from features"
    )


def test_before_the_first_map_there_is_nothing_to_name(new_session):
    session = new_session(regions=True)
    assert labels_of(session)["on"] is True
    assert "labels" not in labels_of(session)
