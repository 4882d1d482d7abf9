import pytest

from explorer.core.errors import ExplorerError
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.state.document import first_document
from explorer.state.experiment_settings import CLUSTERS, ExperimentSettings
from explorer.state.filter import Filter
from explorer.state.link import from_url, to_url
from explorer.state.state import State

METRIC = {"name": "m", "kind": "mean", "column": "plays"}


@pytest.mark.parametrize("regions", [1, 1_000, *CLUSTERS])
def test_regions_are_a_number_of_hexagons_or_a_level_of_the_maps_own(regions):
    state = State(first_document({}))
    state.act(actions.set_experiment, regions=regions)
    assert state.document.experiment.regions == regions


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"variant": 3}, "variant must be a text or null, not 3"),
        ({"by": "country"}, "by must be a list"),
        ({"status": "over"}, "no status 'over'"),
        ({"alpha": [0.001, 0.05]}, "the larger first"),
        ({"allocation": {"A": -1}}, "0 or more"),
        ({"planned": 0}, "planned must be a whole number"),
        ({"regions": None}, "regions must be a whole number"),
        ({"regions": "hexagons"}, "few clusters"),
        ({"look": {"metrik": None}}, "did you mean 'metric'"),
        ({"metrics": [{**METRIC, "kind": "median"}]}, "no kind 'median'"),
        ({"metrics": [METRIC, METRIC]}, "different names"),
        ({"metrics": [{"kind": "mean"}]}, "needs"),
    ],
)
def test_what_is_wrong_is_said_in_words(change, words):
    with pytest.raises(ExplorerError) as error:
        State(first_document({})).act(actions.set_experiment, **change)
    assert words in str(error.value)


def test_an_experiment_travels_in_a_link_and_is_undone():
    state = State(first_document({}))
    state.act(actions.set_experiment, variant="arm", control="A", metrics=[METRIC])
    start = first_document({})
    assert from_url(to_url(state.document, start), start).experiment == state.document.experiment
    state.undo()
    assert state.document.experiment == ExperimentSettings()


def grid_state(**sections):
    return State(
        first_document({"experiment": {"experiments": "test", "variant": "arm"}, **sections})
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"experiments": 3}, "experiments must be a text"),
        ({"opened_from": "test"}, "opened_from must be a mapping"),
        ({"opened_from": {"filter": None}}, "needs column"),
        ({"opened_from": {"column": "test", "filter": []}}, "filter must be a mapping"),
    ],
)
def test_what_is_wrong_with_where_an_experiment_was_opened_from_is_said_in_words(change, words):
    with pytest.raises(ExplorerError) as error:
        first_document({"experiment": change})
    assert words in str(error.value)


def test_opening_one_experiment_is_one_step_and_a_filter():
    state = grid_state()
    before = state.document
    state.act(actions.open_experiment, levels=["T3"], look={"metric": "m"})
    document = state.document
    assert document.filters == (Filter(id="column:test", column="test", levels=("T3",)),)
    assert document.experiment.experiments is None
    assert document.experiment.look.metric == "m"
    state.undo()
    assert state.document == before


def test_the_way_back_restores_the_filter_of_the_grid_in_its_place():
    state = grid_state()
    state.act(actions.add_filter, id="column:test", column="test", levels=["T3", "T4"])
    state.act(actions.add_filter, id="a", expression="age > 40")
    before = state.document
    state.act(actions.open_experiment, levels=["T3"])
    assert [one.levels for one in state.document.filters] == [("T3",), None]
    state.act(actions.show_experiments)
    assert state.document == before


def test_the_way_back_is_there_when_the_filter_was_taken_away():
    state = grid_state()
    state.act(actions.open_experiment, levels=["T3"])
    state.act(actions.remove_filter, id="column:test")
    state.act(actions.show_experiments)
    assert (state.document.filters, state.document.experiment.experiments) == ((), "test")


def test_without_a_grid_nothing_is_opened_and_nothing_leads_back():
    state = State(first_document({}))
    for action, given in (
        (actions.open_experiment, {"levels": ["T3"]}),
        (actions.show_experiments, {}),
    ):
        with pytest.raises(ExplorerError, match="must be"):
            state.act(action, **given)


def test_one_experiment_of_a_grid_travels_in_a_link():
    state, start = grid_state(), first_document({})
    state.act(actions.open_experiment, levels=["T3"])
    assert from_url(to_url(state.document, start), start) == state.document


def test_choosing_another_column_of_experiments_forgets_the_grid_one_came_from():
    state = grid_state()
    state.act(actions.open_experiment, levels=["T3"])
    state.act(actions.set_experiment, experiments="trial")
    assert state.document.experiment.opened_from is None


def test_a_session_of_an_older_version_comes_back_without_a_grid():
    state = State(first_document({}))
    section = as_json(ExperimentSettings(variant="arm"), "it")
    del section["experiments"], section["opened_from"]
    state.act(actions.restore, state={"experiment": section})
    assert state.document.experiment == ExperimentSettings(variant="arm")
