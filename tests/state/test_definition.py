import pytest

from explorer.state import actions
from explorer.state.definition import is_definition
from explorer.state.state import State

GOOD = [
    {"expression": "year > 1990"},
    {"column": "genre", "levels": ["drama", None]},
    {"column": "year", "range": [1990, 2000.5]},
    {"lasso": [[0, 0], [1, 0], [0.5, 1]], "embedding": "key"},
    {
        "lasso": [[0, 0], [1, 0], [0.5, 1]],
        "embedding": "key",
        "color": "plays",
        "name": "H3 · Drama 71 %",
    },
    {"box": [[0, 1], [2, 3]], "embedding": "key"},
    {"region": [0, 3], "embedding": "key", "version": 1},
    {
        "region": [2, 0],
        "embedding": "key",
        "version": 1,
        "name": "Drama 71 %",
        "named_by": ["genre_drama"],
    },
    {"saved": "0af3"},
    {"and": [{"saved": "0af3", "name": "slow starters"}, {"expression": "a = 1"}]},
    {"not": {"expression": "a = 1"}},
    {
        "or": [
            {"expression": "a = 1"},
            {"and": [{"expression": "b = 2"}, {"not": {"expression": "c = 3"}}]},
        ]
    },
]
BAD = [
    {},
    "year > 1990",
    {"expression": 1},
    {"expression": "a = 1", "more": 1},
    {"column": "genre", "levels": [["drama"]]},
    {"column": "genre", "levels": "drama"},
    {"column": "year", "range": [2000, 1990]},
    {"column": "year", "range": [float("nan"), 1]},
    {"lasso": [[0, 0], [1, 1]], "embedding": "key"},
    {"lasso": [[0, 0], [1, "1"], [0, 1]], "embedding": "key"},
    {"lasso": [[0, 0], [1, 0], [0, 1]]},
    {"lasso": [[0, 0], [1, 0], [0, 1]], "embedding": "key", "name": 3},
    {"lasso": [[0, 0], [1, 0], [0, 1]], "embedding": "key", "more": "x"},
    {"box": {"x": [0, 1], "y": [0, 1]}, "embedding": "key"},
    {"box": [[1, 0], [0, 1]], "embedding": "key"},
    {"region": [0, -1], "embedding": "key", "version": 1},
    {"region": [0, 1.5], "embedding": "key", "version": 1},
    {"region": [0], "embedding": "key", "version": 1},
    {"region": [0, 1], "embedding": "key"},
    {"region": [0, 1], "embedding": "key", "version": 1, "name": 3},
    {"region": [0, 1], "embedding": "key", "version": 1, "named_by": "genre"},
    {"region": [0, 1], "embedding": "key", "version": 1, "more": 1},
    {"saved": 3},
    {"saved": "0af3", "name": None},
    {"saved": "0af3", "rows": [1]},
    {"or": []},
    {"and": [{"expression": "a = 1"}, {"nonsense": 1}]},
]


@pytest.mark.parametrize("definition", GOOD)
def test_every_form_that_can_be_evaluated_is_taken(definition):
    assert is_definition(definition)
    state = State.start()
    state.act(actions.select, selection=definition)
    assert state.document.selection == definition


@pytest.mark.parametrize("definition", BAD)
def test_what_cannot_be_evaluated_is_refused(definition):
    assert not is_definition(definition)


def test_endless_nesting_is_refused():
    definition = {"expression": "a = 1"}
    for _ in range(1000):
        definition = {"not": definition}
    assert not is_definition(definition)
