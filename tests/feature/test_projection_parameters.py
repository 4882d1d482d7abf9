"""The fold-out Parameters: what is typed becomes the next map, or is refused in words."""

import pytest

from explorer.core.errors import ExplorerError
from explorer.feature.feature_list import FeatureList
from explorer.feature.projection_parameters import read_parameter, read_weight
from explorer.state import actions
from explorer.state.document import Method


@pytest.fixture
def view(open_view, session):
    return open_view(FeatureList, session)


def field(view, name):
    (found,) = [f for f in view.status["parameters"]["fields"] if f["name"] == name]
    return found


def test_every_parameter_has_a_sentence_a_default_and_what_it_may_be(view):
    parameters = view.status["parameters"]
    names = [field["name"] for field in parameters["fields"]]
    assert names == ["n_neighbors", "min_dist", "n_epochs", "landmarks", "random_state"]
    for shown in parameters["fields"]:
        assert shown["meaning"].endswith(".")
        assert shown["default"]
        assert shown["allowed"]
    assert (field(view, "n_neighbors")["value"], parameters["changed"]) == ("15", 0)
    assert parameters["weights"] == {}


def test_what_is_typed_is_in_the_state_the_link_undo_and_the_next_map(
    view, session, new_session, fake_queue, send
):
    for name, text in [("n_neighbors", "30"), ("min_dist", ".5"), ("random_state", "7")]:
        send(view, "parameter", name=name, text=text)
    send(view, "weight", name="height", text="2")
    method = session.state.document.method
    assert dict(method.parameters) == {"n_neighbors": 30, "min_dist": 0.5}
    assert method.random_state == 7
    assert (view.status["parameters"]["changed"], view.status["warning"]) == (4, "")
    assert view.status["parameters"]["weights"] == {"height": 2}
    assert view.status["edits"] == "4 edits"
    assert new_session(session.link()).state.document == session.state.document
    send(view, "project")
    spec = fake_queue.jobs[-1].specs[-1]
    assert (spec.parameters["n_neighbors"], spec.parameters["min_dist"]) == (30, 0.5)
    assert (spec.random_state, dict(spec.matrix.weights)) == (7, {"height": 2})
    session.state.undo()
    session.state.undo()
    assert session.state.document.policy.weights == {}
    send(view, "defaults")
    assert view.status["parameters"]["changed"] == 0


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("n_neighbors", "1", "Neighbours must be a whole number from 2, not '1'"),
        ("n_neighbors", "many", "Neighbours must be a whole number from 2, not 'many'"),
        ("n_neighbors", "2.5", "Neighbours must be a whole number from 2"),
        ("min_dist", "1.5", "Smallest distance must be a number from 0 to 1, not '1.5'"),
        ("min_dist", "nan", "Smallest distance must be a number from 0 to 1"),
        ("n_epochs", "0", "Rounds must be a whole number from 1, or empty, not '0'"),
        ("landmarks", "3", "Rows laid out must be a whole number from 4, all, or empty, not '3'"),
        (
            "random_state",
            "-1",
            "Seed must be a whole number from 0, or none for another map each time",
        ),
        ("metric", "cosine", "no parameter 'metric': there are n_neighbors"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_is_allowed(
    view, session, send, name, text, words
):
    before = session.state.document
    send(view, "parameter", name=name, text=text)
    assert words in view.status["warning"]
    assert session.state.document == before


def test_empty_fields_are_the_defaults_and_words_have_a_meaning():
    assert read_parameter("n_neighbors", " ") == 15
    assert read_parameter("n_epochs", "") is None
    assert (read_parameter("landmarks", "all"), read_parameter("landmarks", "")) == (None, "auto")
    assert (read_parameter("random_state", "none"), read_parameter("random_state", "")) == (None, 0)
    assert (read_weight("Age", ""), read_weight("Age", "0.5"), read_weight("Age", "2")) == (
        1,
        0.5,
        2,
    )
    for text in ("0", "-1", "x", "nan", "inf"):
        with pytest.raises(ExplorerError, match="weight of Age must be a number above 0"):
            read_weight("Age", text)


def test_the_rows_of_the_next_map_are_chosen_and_none_selected_is_said(view, session, send, until):
    send(view, "rows", rows="selected")
    assert "no row is selected" in view.status["warning"]
    assert view.status["no_map"]
    session.state.act(actions.select, selection={"expression": "age > 50"})
    until(lambda: not view.status["no_map"])
    assert "of 600 rows" in view.status["line"]
    send(view, "project")
    assert session.state.document.projected.rows.name.endswith("selected")


def test_a_pca_has_weights_and_rows_alone(view, session, send):
    send(view, "method", name="pca")
    parameters = view.status["parameters"]
    assert parameters["fields"] == []
    assert parameters["note"].startswith("PCA has no parameters of its own")
    assert len(view.ticked) == 3


def test_a_state_refuses_what_umap_would():
    with pytest.raises(ExplorerError, match=r"min_dist must be .* 0\.0 to 1\.0, got 7"):
        Method(parameters={"min_dist": 7})
