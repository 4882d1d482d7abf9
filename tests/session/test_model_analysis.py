import pytest

from explorer.core.errors import ModelError
from explorer.session.model_analysis import ModelAnalysis
from explorer.state import actions


@pytest.fixture
def reading(session):
    calls = []

    def read(table, where, **asked):
        calls.append((table, where, asked))
        return len(calls)

    made = ModelAnalysis(
        session.table,
        session.state,
        session.rows,
        lambda models: models.engagement,
        read,
        {"item": "name the item", "outcome": "name the outcome"},
    )
    return made, calls


def test_what_is_wanting_is_said_before_anything_is_read(session, reading):
    made, calls = reading
    assert made.wanting == "name the item"
    with pytest.raises(ModelError, match="name the item"):
        made.compute()
    session.state.act(actions.set_engagement, item="city")
    assert made.wanting == "name the outcome"
    assert calls == []


def test_the_same_question_is_read_once_and_a_filter_asks_anew(session, reading):
    made, calls = reading
    session.state.act(actions.set_engagement, item="city", outcome="member")
    assert made.compute() == 1
    assert made.compute() == 1
    before = made.key
    session.state.act(actions.add_filter, id="old", expression="age > 40")
    assert made.key != before
    assert made.compute() == 2
    assert calls[1][1].count() == session.rows.population().count()
    assert made.found == 2
