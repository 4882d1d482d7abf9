import pytest

from explorer.core.errors import ExplorerError
from explorer.state.document import first_document
from explorer.state.experiment_state import CLUSTERS, fault_of_experiment, plain_experiment
from explorer.state.link import from_url, to_url
from explorer.state.state import State

METRIC = {"name": "m", "kind": "mean", "column": "plays"}


def test_nothing_is_wrong_with_the_section_nobody_has_touched():
    assert fault_of_experiment(plain_experiment()) == ""


@pytest.mark.parametrize("regions", [1, 1_000, *CLUSTERS])
def test_regions_are_a_number_of_hexagons_or_a_level_of_the_maps_own(regions):
    assert fault_of_experiment({**plain_experiment(), "regions": regions}) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"variant": 3}, "variant is a text"),
        ({"by": "country"}, "by is a list"),
        ({"status": "over"}, "final or running"),
        ({"alpha": [0.001, 0.05]}, "the larger first"),
        ({"allocation": {"A": -1}}, "0 or more"),
        ({"planned": 0}, "planned is a whole number"),
        ({"regions": None}, "regions is a whole number"),
        ({"regions": "hexagons"}, "or few clusters or clusters or many clusters"),
        ({"look": {"metric": None}}, "look is a mapping"),
        ({"metrics": [{**METRIC, "kind": "median"}]}, "kind is one of"),
        ({"metrics": [METRIC, METRIC]}, "different names"),
        ({"metrics": [{"kind": "mean"}]}, "missing"),
    ],
)
def test_what_is_wrong_is_said_in_words(change, words):
    assert words in fault_of_experiment({**plain_experiment(), **change})
    with pytest.raises(ExplorerError):
        State(first_document({})).act("set_experiment", **change)


def test_an_experiment_travels_in_a_link_and_is_undone():
    state = State(first_document({}))
    state.act("set_experiment", variant="arm", control="A", metrics=[METRIC])
    start = first_document({})
    assert (
        from_url(to_url(state.document, start), start)["experiment"] == state.document["experiment"]
    )
    state.undo()
    assert state.document["experiment"] == plain_experiment()


def walled(**sections):
    return State(
        first_document({"experiment": {"experiments": "test", "variant": "arm"}, **sections})
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"experiments": 3}, "experiments is a text"),
        ({"wall": "test"}, "wall is null"),
        ({"wall": {"column": "test"}}, "wall is null"),
        ({"wall": {"column": "test", "filter": []}}, "wall is null"),
    ],
)
def test_what_is_wrong_with_a_wall_is_said_in_words(change, words):
    assert words in fault_of_experiment({**plain_experiment(), **change})


def test_opening_one_experiment_is_one_step_and_a_filter():
    state = walled()
    before = state.document
    state.act("open_experiment", levels=["T3"], look={"metric": "m"})
    document = state.document
    assert document["filters"] == [
        {"id": "column:test", "on": True, "column": "test", "levels": ["T3"]}
    ]
    assert document["experiment"]["experiments"] is None
    assert document["experiment"]["look"]["metric"] == "m"
    state.undo()
    assert state.document == before


def test_the_way_back_restores_the_filter_of_the_wall_in_its_place():
    state = walled()
    state.act("add_filter", id="column:test", column="test", levels=["T3", "T4"])
    state.act("add_filter", id="a", expression="age > 40")
    before = state.document
    state.act("open_experiment", levels=["T3"])
    assert [one.get("levels") for one in state.document["filters"]] == [["T3"], None]
    state.act("show_wall")
    assert state.document == before


def test_the_way_back_is_there_when_the_filter_was_taken_away():
    state = walled()
    state.act("open_experiment", levels=["T3"])
    state.act("remove_filter", id="column:test")
    state.act("show_wall")
    assert (state.document["filters"], state.document["experiment"]["experiments"]) == ([], "test")


def test_without_a_wall_nothing_is_opened_and_nothing_leads_back():
    state = State(first_document({}))
    for name, given in (("open_experiment", {"levels": ["T3"]}), ("show_wall", {})):
        with pytest.raises(ExplorerError, match="must be"):
            state.act(name, **given)


def test_one_experiment_of_a_wall_travels_in_a_link():
    state, start = walled(), first_document({})
    state.act("open_experiment", levels=["T3"])
    assert from_url(to_url(state.document, start), start) == state.document


def test_choosing_another_column_of_experiments_forgets_the_wall_one_came_from():
    state = walled()
    state.act("open_experiment", levels=["T3"])
    state.act("set_experiment", experiments="trial")
    assert state.document["experiment"]["wall"] is None


def test_a_session_of_an_older_version_comes_back_without_a_wall():
    state = State(first_document({}))
    section = {
        name: value
        for name, value in plain_experiment().items()
        if name not in ("experiments", "wall")
    }
    state.act("restore", state={"experiment": section})
    assert state.document["experiment"] == plain_experiment()
