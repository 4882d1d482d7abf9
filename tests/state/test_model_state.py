import pytest

from explorer.core.errors import ExplorerError
from explorer.state.document import first_document
from explorer.state.link import from_url, to_url
from explorer.state.model_state import fault_of_models, plain_models
from explorer.state.state import State


def test_nothing_is_wrong_with_the_section_nobody_has_touched():
    assert fault_of_models(plain_models()) == ""


@pytest.mark.parametrize(
    ("view", "change", "words"),
    [
        ("performance", {"predictions": ["score"]}, "a mapping from the name"),
        ("performance", {"kind": "ranking"}, "kind is one of"),
        ("performance", {"by": "device"}, "by is a list"),
        ("performance", {"threshold": 2}, "from 0 to 1"),
        ("drift", {"chunk": 7}, "chunk is a text"),
        ("drift", {"features": "a"}, "features is a list"),
        ("ranking", {"k": []}, "k is a list"),
        ("ranking", {"no_hit": "some"}, "count or drop"),
        ("engagement", {"item": 3}, "item is a text"),
        ("engagement", {"clip": 0}, "above 0, or null"),
        ("engagement", {"reward": "device"}, "reward is a list"),
        ("ranking", {"randomised": "yes"}, "true or false"),
    ],
)
def test_what_is_wrong_is_said_in_words(view, change, words):
    with pytest.raises(ExplorerError, match=words):
        State(first_document({})).act("set_models", view=view, **change)


def test_a_view_keeps_what_the_others_read_and_travels_in_a_link():
    state = State(first_document({}))
    state.act("set_models", view="ranking", position="position", outcome="played")
    state.act("set_models", view="drift", time="shown_at")
    assert state.document["models"]["ranking"]["position"] == "position"
    assert state.document["models"]["view"] == "drift"
    start = first_document({})
    assert from_url(to_url(state.document, start), start)["models"] == state.document["models"]


def test_an_unknown_view_or_option_suggests_one():
    with pytest.raises(ExplorerError, match="performance"):
        State(first_document({})).act("set_models", view="performances")
    with pytest.raises(ExplorerError, match="position"):
        State(first_document({})).act("set_models", view="ranking", positions="x")
