import pytest

from explorer.core.errors import ExplorerError
from explorer.state import actions
from explorer.state.document import first_document
from explorer.state.link import from_url, to_url
from explorer.state.state import State


@pytest.mark.parametrize(
    ("view", "change", "words"),
    [
        ("performance", {"predictions": ["score"]}, "predictions must be a mapping"),
        ("performance", {"kind": "ranking"}, "no kind 'ranking'"),
        ("performance", {"by": "device"}, "by must be a list"),
        ("performance", {"threshold": 2}, "from 0 to 1"),
        ("drift", {"chunk": 7}, "chunk must be a text"),
        ("drift", {"features": "a"}, "features must be a list"),
        ("ranking", {"k": []}, "k must be a list"),
        ("ranking", {"no_hit": "some"}, "no no_hit 'some'.*count"),
        ("engagement", {"item": 3}, "item must be a text"),
        ("engagement", {"clip": 0}, "above 0, or null"),
        ("engagement", {"reward": "device"}, "reward must be a list"),
        ("ranking", {"randomised": "yes"}, "true or false"),
    ],
)
def test_what_is_wrong_is_said_in_words(view, change, words):
    with pytest.raises(ExplorerError, match=words):
        State(first_document({})).act(getattr(actions, f"set_{view}"), **change)


def test_a_view_keeps_what_the_others_read_and_travels_in_a_link():
    state = State(first_document({}))
    state.act(actions.set_ranking, position="position", outcome="played")
    state.act(actions.set_drift, time="shown_at")
    assert state.document.models.ranking.position == "position"
    assert state.document.models.view == "drift"
    start = first_document({})
    assert from_url(to_url(state.document, start), start).models == state.document.models


def test_an_unknown_view_or_option_suggests_one():
    with pytest.raises(ExplorerError, match="performance"):
        State(first_document({})).act(actions.set_models, view="performances")
    with pytest.raises(ExplorerError, match="position"):
        State(first_document({})).act(actions.set_ranking, positions="x")
