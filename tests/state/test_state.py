import json
from dataclasses import FrozenInstanceError, replace
from typing import get_type_hints

import numpy as np
import pytest

from explorer.core.errors import ExplorerError, UnknownName
from explorer.state import actions
from explorer.state.action_arguments import arguments_of
from explorer.state.convert import as_json
from explorer.state.document import (
    Color,
    ColorOptions,
    CompareOptions,
    CompareSettings,
    RowTableOptions,
    RowTableSettings,
    SecondMapOptions,
    SecondMapSettings,
    ShownComparison,
    Viewport,
    first_document,
    read_document,
)
from explorer.state.experiment_settings import ExperimentOptions, ExperimentSettings
from explorer.state.filter import Filter
from explorer.state.model_settings import (
    DriftOptions,
    DriftSettings,
    EngagementOptions,
    EngagementSettings,
    PerformanceOptions,
    PerformanceSettings,
    RankingOptions,
    RankingSettings,
)
from explorer.state.state import UNDO_DEPTH, State
from explorer.state.view_settings import (
    ComparisonView,
    ComparisonViewOptions,
    ExperimentView,
    ExperimentViewOptions,
    FeatureView,
    FeatureViewOptions,
    ItemListView,
    ItemListViewOptions,
    PairView,
    PairViewOptions,
)

COLUMNS = ["year", "runtime", "score", "genre"]


def random_action(rng):
    column = str(rng.choice(COLUMNS))
    low, high = np.sort(rng.normal(size=2))
    box = {"box": [[low, high], [0, 1]], "embedding": "k"}
    choices = [
        (
            "set_features",
            {"names": [str(name) for name in rng.permutation(COLUMNS)[: rng.integers(5)]]},
        ),
        ("toggle_feature", {"name": column, "on": bool(rng.integers(2))}),
        ("set_policy", {"scale": str(rng.choice(["standard", "robust", "none"]))}),
        (
            "set_policy",
            {"transform": {column: "log1p"}, "weights": {column: float(rng.uniform(0.1, 3))}},
        ),
        ("set_method", {"name": "pca"}),
        ("set_method", {"name": "umap", "n_neighbors": rng.integers(2, 50), "random_state": None}),
        ("project", {}),
        ("add_filter", {"id": "kept", "rows": box}),
        ("show_embedding", {"key": str(rng.choice(["pca", "umap", "ab12"]))}),
        ("set_color", {"column": column, "reverse": bool(rng.integers(2)), "clip": (1, 99)}),
        ("set_viewport", {"x_range": (low, high), "y_range": (low, high)}),
        (
            "select",
            {"selection": box, "mode": str(rng.choice(["replace", "add", "remove", "intersect"]))},
        ),
        ("add_filter", {"id": column, "column": column, "range": (low, high)}),
        ("set_strips", {"names": [column]}),
        ("invert_selection", {}),
        ("set_table", {"sort": column, "descending": bool(rng.integers(2))}),
    ]
    return choices[rng.integers(len(choices))]


def test_undo_and_redo_restore_every_document_exactly():
    rng = np.random.default_rng(0)
    for _ in range(20):
        state = State.start({"features": COLUMNS})
        documents = [state.document]
        for _ in range(30):
            name, arguments = random_action(rng)
            steps = len(state.history())
            state.act(getattr(actions, name), **arguments)
            if len(state.history()) > steps:
                documents.append(state.document)
            else:
                documents[-1] = state.document
        for document in documents[-2::-1]:
            assert state.undo()
            assert state.document == document
        assert not state.undo()
        for document in documents[1:]:
            assert state.redo()
            assert state.document == document
        assert not state.redo()


def test_acting_the_history_out_again_gives_the_same_document():
    rng = np.random.default_rng(1)
    for _ in range(20):
        state = State.start()
        for _ in range(80):
            name, arguments = random_action(rng)
            state.act(getattr(actions, name), **arguments)
            if rng.random() < 0.2:
                state.undo()
        again = State.start()
        for name, arguments in json.loads(json.dumps(state.history())):
            again.act(getattr(actions, name), **arguments)
        assert again.document == state.document


def test_the_document_is_plain_json_whatever_came():
    state = State.start()
    state.act(
        actions.set_viewport,
        x_range=np.array([0, 1], dtype=np.float32),
        y_range=(np.float64(2), np.int64(3)),
    )
    assert state.document.viewport == Viewport(x=(0, 1), y=(2, 3))
    written = as_json(state.document, "the state")
    assert json.loads(json.dumps(written)) == written
    assert read_document(written) == state.document


def test_undo_goes_fifty_steps_back_and_the_history_stays_whole():
    state = State.start()
    for i in range(UNDO_DEPTH + 20):
        state.act(actions.show_embedding, key=f"key{i}")
    assert len(state.history()) == UNDO_DEPTH + 20
    assert sum(state.undo() for _ in range(UNDO_DEPTH + 20)) == UNDO_DEPTH == 50
    assert state.document.embedding == "key19"


def test_a_new_action_after_undo_forgets_what_was_undone():
    state = State.start()
    state.act(actions.set_strips, names=["a"])
    state.undo()
    state.act(actions.set_strips, names=["b"])
    assert not state.redo()
    assert state.document.strips == ("b",)


def test_where_one_looks_is_neither_history_nor_undone():
    state = State.start()
    state.act(actions.set_strips, names=["a"])
    state.act(actions.set_theme, theme="dark")
    state.act(actions.look_at, name="year")
    assert [name for name, _ in state.history()] == ["set_strips"]
    state.undo()
    document = state.document
    assert (document.strips, document.theme, document.tab, document.feature) == (
        None,
        "dark",
        "Feature",
        "year",
    )
    state.act(actions.look_at, name="runtime", tab=None)
    state.act(actions.set_tab, name="Map")
    state.redo()
    document = state.document
    assert (document.strips, document.tab, document.feature) == (("a",), "Map", "runtime")


def test_the_row_and_comparison_one_looks_at_are_neither_history_nor_undone():
    state = State.start()
    state.act(actions.set_strips, names=["a"])
    state.act(actions.show_comparison, key="0123abcd", feature="age")
    state.act(actions.look_at_row, row=7, tab="Map")
    state.undo()
    assert (state.document.strips, state.document.row) == (None, 7)
    assert state.document.comparison == ShownComparison(key="0123abcd", feature="age")
    for wrong in (-1, 1.5, True, "7"):
        with pytest.raises(ExplorerError, match=r"must be a whole number.* or null"):
            state.act(actions.look_at_row, row=wrong)
    state.act(actions.look_at_row, row=None)
    assert state.document.row is None


def test_panning_is_one_step():
    state = State.start()
    state.act(actions.set_strips, names=["a"])
    for i in range(100):
        state.act(actions.set_viewport, x_range=[i, i + 1], y_range=[0, 1])
    assert [name for name, _ in state.history()] == ["set_strips", "set_viewport"]
    state.undo()
    assert state.document.viewport is None
    state.redo()
    assert state.document.viewport.x == (99, 100)


def test_brushing_one_filter_is_one_step_and_another_filter_is_another():
    state = State.start()
    for i in range(5):
        state.act(actions.add_filter, id="a", column="year", range=[i, 9])
    state.act(actions.add_filter, id="b", column="genre", levels=["drama"])
    assert len(state.history()) == 2
    assert [f.id for f in state.document.filters] == ["a", "b"]


def test_an_action_that_changes_nothing_is_neither_kept_nor_told():
    state = State.start()
    told = []
    state.subscribe(lambda keys, _: told.append(keys))
    state.act(actions.set_theme, theme="light")
    assert told == []
    assert state.history() == []


def test_subscribers_learn_which_sections_changed():
    state = State.start()
    told = []
    stop = state.subscribe(lambda keys, document: told.append((keys, document.theme)))
    state.act(actions.set_theme, theme="dark")
    state.act(actions.set_features, names=["a"])
    state.undo()
    stop()
    state.act(actions.set_theme, theme="light")
    assert told == [({"theme"}, "dark"), ({"features"}, "dark"), ({"features"}, "dark")]


def test_a_subscriber_that_acts_is_told_in_order_to_all():
    state = State.start()
    told = []

    def follow(keys, document):
        if "features" in keys:
            state.act(actions.show_embedding, key="pca")

    state.subscribe(follow)
    state.subscribe(lambda keys, _: told.append(set(keys)))
    state.act(actions.set_features, names=["a"])
    assert told == [{"features"}, {"embedding"}]


def test_a_document_cannot_be_changed_in_place():
    state = State.start({"features": ["a"]})
    with pytest.raises(FrozenInstanceError):
        state.document.tab = "Rows"
    state.history().clear()
    assert state.document.features == ("a",)


def test_the_options_of_an_action_are_the_fields_of_its_section():
    for section, options, apart in (
        (Color, ColorOptions, {"column"}),
        (CompareSettings, CompareOptions, set()),
        (RowTableSettings, RowTableOptions, set()),
        (SecondMapSettings, SecondMapOptions, set()),
        (ExperimentSettings, ExperimentOptions, {"opened_from"}),
        (PerformanceSettings, PerformanceOptions, set()),
        (DriftSettings, DriftOptions, set()),
        (EngagementSettings, EngagementOptions, set()),
        (RankingSettings, RankingOptions, set()),
        (PairView, PairViewOptions, set()),
        (FeatureView, FeatureViewOptions, set()),
        (ExperimentView, ExperimentViewOptions, set()),
        (ComparisonView, ComparisonViewOptions, set()),
        (ItemListView, ItemListViewOptions, set()),
    ):
        fields = {name: kind for name, kind in get_type_hints(section).items() if name not in apart}
        assert get_type_hints(options) == fields, section


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("set_color", {"column": "a", "pallete": "x"}, "did you mean 'palette'"),
        ("set_theme", {"them": "dark"}, "did you mean 'theme'"),
        ("set_theme", {"theme": "drak"}, "did you mean 'dark'"),
        ("set_theme", {}, "needs theme"),
        ("set_tab", {"name": "map"}, "did you mean 'Map'"),
        ("set_method", {"name": "unap"}, "did you mean 'umap'"),
        ("set_method", {"name": "umap", "random_state": -1}, "random_state must be"),
        ("set_policy", {"weights": {"a": "much"}}, "weights of 'a' must be a number"),
        ("set_policy", {"scale": "standrad"}, "did you mean 'standard'"),
        ("set_policy", {"weights": {"a": 0}}, "weight of 'a' must be a number above 0"),
        ("set_features", {"names": "year"}, "names must be a list, not 'year'"),
        ("set_viewport", {"x_range": [1, 0], "y_range": [0, 1]}, "viewport's x must be"),
        ("set_viewport", {"x_range": [0, float("nan")], "y_range": [0, 1]}, "plain JSON"),
        ("set_viewport", {"x_range": [0, 1]}, "viewport's y must be"),
        ("set_color", {"column": "a", "clip": [1, 101]}, "clip must be"),
        ("set_color", {"column": "a", "center": "zero"}, "center must be"),
        ("select", {"selection": {"box": 1}, "mode": "ad"}, "mode"),
        ("add_filter", {"id": "f"}, "a filter must be an expression"),
        ("add_filter", {"id": "f", "column": "a"}, "a filter must be an expression"),
        (
            "add_filter",
            {"id": "f", "expression": "a > 1", "column": "a"},
            "a filter must be an expression",
        ),
        ("remove_filter", {"id": "f"}, "no filter 'f': there are none"),
        ("show_embedding", {"key": object()}, "plain JSON"),
    ],
)
def test_a_wrong_action_is_refused_in_words_and_changes_nothing(name, arguments, words):
    state = State.start({"features": ["a"]})
    before = state.document
    with pytest.raises(ExplorerError) as error:
        state.act(getattr(actions, name), **arguments)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert state.document == before
    assert state.history() == []


def test_a_starting_section_that_does_not_exist_is_refused():
    with pytest.raises(UnknownName, match="did you mean 'features'"):
        first_document({"featurs": []})


def test_actions_write_into_nothing_they_are_given():
    document = first_document({"features": ["a"]})
    before = json.dumps(as_json(document, "it"))
    rng = np.random.default_rng(2)
    for _ in range(100):
        name, arguments = random_action(rng)
        given = as_json(arguments, "them")
        getattr(actions, name)(document, **arguments_of(getattr(actions, name), given))
        assert given == as_json(arguments, "them")
    assert json.dumps(as_json(document, "it")) == before


def test_features_toggle_at_the_end_and_out():
    state = State.start({"features": ["a", "b"]})
    state.act(actions.toggle_feature, name="c", on=True)
    state.act(actions.toggle_feature, name="a", on=False)
    state.act(actions.toggle_feature, name="b", on=True)
    assert state.document.features == ("b", "c")


def test_another_colour_column_starts_from_the_defaults():
    state = State.start()
    state.act(actions.set_color, column="genre", reverse=True, palette="cividis")
    state.act(actions.set_color, column="genre", reverse=True)
    assert state.document.color.reverse is True
    assert state.document.color.reverse is True
    state.act(actions.set_color, column="year")
    assert state.document.color == Color(column="year")


def test_filters_switch_off_and_go_and_are_replaced_in_place():
    state = State.start()
    state.act(actions.add_filter, id="a", expression="year > 1990")
    state.act(actions.add_filter, id="b", column="genre", levels=["drama", None])
    state.act(actions.switch_filter, id="a", on=False)
    assert state.document.filters[0] == Filter(id="a", on=False, expression="year > 1990")
    state.act(actions.add_filter, id="a", column="year", range=[1990, 2000])
    assert [f.id for f in state.document.filters] == ["a", "b"]
    state.act(actions.remove_filter, id="a")
    assert [f.id for f in state.document.filters] == ["b"]


def test_ticking_after_project_leaves_what_the_map_was_made_from():
    state = State.start({"features": ["a", "b"]})
    state.act(actions.show_embedding, key="pca")
    state.act(actions.project)
    state.act(actions.toggle_feature, name="b", on=False)
    document = state.document
    assert document.projected.features == ("a", "b")
    assert document.projected.policy == document.policy
    assert document.features == ("a",)
    assert document.embedding is None


def test_adding_and_removing_rows_combine_definitions_without_nesting():
    state = State.start()
    for name, mode in [("a", "add"), ("b", "add"), ("c", "add"), ("d", "remove"), ("e", "remove")]:
        state.act(actions.select, selection={"expression": name}, mode=mode)
    a, b, c, d, e = ({"expression": name} for name in "abcde")
    assert state.document.selection == {"and": [{"or": [a, b, c]}, {"not": d}, {"not": e}]}
    state.act(actions.select, selection=None)
    state.act(actions.select, selection=a, mode="remove")
    assert state.document.selection is None


def test_a_feature_ticked_with_an_encoding_is_one_step():
    state = State.start({"features": ["a"]})
    state.act(actions.toggle_feature, name="price", on=True, encode="number")
    assert state.document.features == ("a", "price")
    assert state.document.policy.encode == {"price": "number"}
    state.undo()
    assert state.document == State.start({"features": ["a"]}).document


def test_a_state_of_before_an_option_of_the_colours_is_restored_with_its_default():
    state = State(first_document({}))
    color = as_json(replace(state.document.color, column="genre"), "it")
    del color["center"]
    state.act(actions.restore, state={"color": color})
    assert state.document.color == Color(column="genre")


def test_a_selection_is_intersected_and_inverted():
    state = State.start()
    a, b = {"expression": "a = 1"}, {"saved": "0af3"}
    state.act(actions.invert_selection)
    assert state.document.selection is None  # nothing stays nothing
    state.act(actions.select, selection=a, mode="intersect")
    assert state.document.selection == a  # with nothing, it is the first
    state.act(actions.select, selection=b, mode="intersect")
    assert state.document.selection == {"and": [a, b]}
    state.act(actions.invert_selection)
    assert state.document.selection == {"not": {"and": [a, b]}}
    state.act(actions.invert_selection)
    assert state.document.selection == {"and": [a, b]}
    state.undo()
    assert state.document.selection == {"not": {"and": [a, b]}}


def test_how_rows_are_listed_changes_in_part():
    state = State.start()
    state.act(actions.set_table, columns=["a", "b"])
    state.act(actions.set_table, sort="a", descending=True)
    assert state.document.table == RowTableSettings(columns=("a", "b"), sort="a", descending=True)
    for wrong, words in (
        ({"colums": ["a"]}, "did you mean 'columns'"),
        ({"columns": ["a", "a"]}, "different names"),
        ({"sort": 3}, "sort must be a text or null"),
        ({"descending": 1}, "descending must be true or false"),
    ):
        with pytest.raises(ExplorerError, match=words):
            state.act(actions.set_table, **wrong)


def test_a_dropped_step_leaves_what_came_after_it():
    state, seen = State.start({"features": ["a"]}), []
    state.act(actions.project)
    state.act(actions.set_features, names=["a", "b"])
    state.act(actions.project)
    state.act(actions.set_strips, names=["a"])
    state.act(actions.look_at, name="b")
    state.subscribe(lambda changed, _: seen.append(changed))
    assert state.drop_step("project")
    assert seen == [{"projected"}]  # told once, not step by step
    document = state.document
    assert (document.projected.features, document.features) == (("a",), ("a", "b"))
    assert (document.strips, document.feature) == (("a",), "b")
    assert [name for name, _ in state.history()] == ["project", "set_features", "set_strips"]
    assert state.undo()
    assert state.document.strips is None
    assert state.document.projected.features == ("a",)


def test_what_a_later_step_changed_again_is_not_dropped():
    state = State.start({"features": ["a"]})
    state.act(actions.set_strips, names=["a"])
    state.act(actions.set_strips, names=["b"])
    state.act(actions.set_theme, theme="dark")
    state.act(actions.project)
    state.act(actions.show_embedding, key="pca")
    assert state.drop_step("project")
    assert (state.document.projected, state.document.embedding) == (None, "pca")
    assert state.document.strips == ("b",)


def test_a_step_that_is_not_there_or_out_of_reach_is_not_dropped():
    state = State.start({"features": ["a"]})
    assert not state.drop_step("project")
    state.act(actions.project)
    for i in range(UNDO_DEPTH):
        state.act(actions.show_embedding, key=f"key{i}")
    before = state.document
    assert not state.drop_step("project")
    assert state.document == before
