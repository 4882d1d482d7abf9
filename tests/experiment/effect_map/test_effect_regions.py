"""The regions of an experiment on a session's map: what a click selects is what a cell counts."""

import numpy as np
import pyarrow as pa
import pytest

from explorer.core.errors import ExperimentError, ExplorerError
from explorer.experiment.controller import ExperimentController
from explorer.experiment.effect_map.effect_regions import effect_regions
from explorer.map.map import build_map
from explorer.session.rows.selection_resolver import describe_definition
from explorer.session.session import Session
from explorer.state import actions
from explorer.state.definition import is_definition
from explorer.state.link import from_url, to_url
from explorer.table.table import open_table

FEATURES = ["first", "second", "third"]
EXPERIMENT = {
    "variant": "arm", "control": "A",
    "metrics": [{"name": "watched", "kind": "mean", "column": "y", "goal": "increase"}],
    "regions": 12,
}  # fmt: skip


def regions_of(session):
    controller = session.part(ExperimentController)
    return effect_regions(controller, session.projection, session.regions, session.rows)


@pytest.fixture(scope="module")
def table(own_folders):
    rng = np.random.default_rng(0)
    n = 3_000
    kind = rng.integers(0, 3, n)
    columns = {
        name: rng.normal(size=n) + 5 * (kind == place) for place, name in enumerate(FEATURES)
    }
    columns["first"][::50] = np.nan
    made = open_table(
        pa.table(
            {
                **columns,
                "kind": np.array(["a", "b", "c"])[kind],
                "arm": rng.choice(["A", "B"], n),
                "y": rng.normal(size=n),
            }
        )
    )
    for name in FEATURES:
        made.edit(name, "assignment", "before")
    return made


@pytest.fixture
def session(table, fake_queue, tmp_path):
    # rows without a first feature have no place
    embedding = table.project(FEATURES, method="pca", missing="drop")
    folder = tmp_path / "ready"
    folder.mkdir()
    embedding.save(folder / "embedding.parquet")
    build_map(embedding, folder / "map")
    opened = Session(table, fake_queue, {"features": FEATURES, "experiment": EXPERIMENT})
    opened.projection.open((embedding.provenance["key"], folder))
    return opened


def test_a_click_selects_as_many_rows_as_the_region_has_and_a_link_selects_them_again(session):
    regions = regions_of(session)
    assert regions.effect_map.n_without == 60
    counts = regions.effect_map.counts
    assert counts.sum() == 2_940
    for number, count in enumerate(counts):
        chosen = regions.definition(session.regions, number, "watched")
        assert is_definition(chosen)
        selected = session.resolver.rows_of(chosen)
        assert selected.count() == count == regions.rows[number]
        assert np.array_equal(
            selected.rows(), regions.effect_map.rows_of(regions.effect_map.labels[number])
        )
    session.state.act(actions.select, selection=chosen)
    again = from_url(to_url(session.state.document, session.start), session.start).selection
    assert np.array_equal(session.resolver.rows_of(again).mask, selected.mask)
    assert describe_definition(chosen) == regions.name(number) == f"H{number + 1}"


def test_what_coloured_the_map_and_what_drew_it_had_a_part_in_choosing_a_region(session):
    regions = regions_of(session)
    seen = session.resolver.rows_of(regions.definition(session.regions, 0, "watched")).seen
    assert seen["y"] == "coloured the map"
    assert {seen[name] for name in FEATURES} == {"drew this map"}


def test_filters_leave_as_many_rows_as_a_click_selects(session):
    session.state.act(actions.add_filter, id="kind", column="kind", levels=["a", "c"])
    regions = regions_of(session)
    assert regions.rows.sum() < regions.effect_map.counts.sum()
    for number in range(3):
        session.state.act(
            actions.select, selection=regions.definition(session.regions, number, "watched")
        )
        assert session.rows.selection().count() == regions.rows[number]
        cell = regions.effect_map.part("watched", "B")[number]
        assert cell.n_control + cell.n_treatment == regions.rows[number]


def test_the_chosen_regions_are_known_from_the_selection(session):
    regions = regions_of(session)
    one, two = (regions.definition(session.regions, number, "watched") for number in (4, 1))
    assert regions.chosen(None) == []
    assert regions.chosen(one) == [4]
    assert regions.chosen({"or": [one, two]}) == [4, 1]
    assert regions.chosen({**one, "embedding": "other"}) == []
    assert regions.chosen({"or": [one, {"expression": "y > 0"}]}) == []
    assert regions.chosen({"not": one}) == []
    assert regions.chosen({**one, "lasso": [[0, 0], [1, 0], [0, 1]]}) == []


def test_named_regions_are_waited_for_and_then_read(session, until):
    session.state.act(actions.set_experiment, regions="clusters")
    key = session.projection.shown_key()
    if session.regions.get(key) is None:
        with pytest.raises(ExperimentError, match="are being found"):
            regions_of(session)
    until(lambda: session.regions.get(key) is not None and not session.regions.progress(key))
    regions = regions_of(session)
    known = session.regions.get(key)
    level = min(1, len(known.levels) - 1)
    assert regions.level == level
    assert len(regions.effect_map.labels) == len(known.levels[level])
    for number in range(len(known.levels[level])):
        chosen = regions.definition(session.regions, number, "watched")
        assert is_definition(chosen)
        selected = session.resolver.rows_of(chosen)
        assert selected.count() == regions.rows[number] == known.levels[level][number].rows
        assert "y" in selected.seen
        assert regions.chosen(chosen) == [number]
    session.state.act(actions.set_experiment, regions=12)
    hexagons = regions_of(session)
    named = {one.name for one in known.levels[level] if one.name}
    if named:
        assert any(
            " · " in hexagons.name(number) for number in range(len(hexagons.effect_map.labels))
        )


def test_a_change_of_the_catalogue_opens_or_blocks_the_map(session, table):
    regions_of(session)
    session.edit_feature("third", "assignment", "after")
    try:
        with pytest.raises(ExplorerError, match="third was measured after the assignment"):
            regions_of(session)
    finally:
        session.edit_feature("third", "assignment", "before")
    assert regions_of(session).effect_map.n_without == 60


def test_without_an_experiment_or_a_map_it_is_said(table, fake_queue):
    empty = Session(table, fake_queue, {"features": FEATURES})
    with pytest.raises(ExperimentError, match="name the column of the arms"):
        regions_of(empty)
    unmapped = Session(table, fake_queue, {"features": FEATURES, "experiment": EXPERIMENT})
    with pytest.raises(ExperimentError, match="there is no map yet"):
        regions_of(unmapped)
