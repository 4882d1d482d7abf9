"""From definitions to rows; the oracle is pandas."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from explorer.core.errors import EmbeddingError, ExpressionError, FeatureError, UnknownName
from explorer.session.rows.selection_resolver import (
    SelectionResolver,
    describe_definition,
)
from explorer.state.filter import Filter

HEIGHT = {"column": "height", "range": [0.0, 4.0]}
CITY = {"column": "city", "levels": ["A", None]}


@pytest.fixture
def definitions(people, session):
    return SelectionResolver(people, session.projection.find_map)


def masks(frame):
    return {
        "expression": (
            {"expression": "age >= 40 and city = 'A'"},
            (frame["age"] >= 40) & (frame["city"] == "A"),
        ),
        "range": (HEIGHT, frame["height"].between(0, 4)),
        "a range with missing cells": (
            {"column": "pulse", "range": [-99, 99]},
            frame["pulse"].notna(),
        ),
        "levels with missing": (CITY, frame["city"].isna() | (frame["city"] == "A")),
        "booleans": ({"column": "member", "levels": ["no"]}, ~frame["member"]),
        "no level": ({"column": "city", "levels": []}, frame["city"] == "-"),
        "a level that is gone": (
            {"column": "city", "levels": ["A", "Atlantis"]},
            frame["city"] == "A",
        ),
        "not": ({"not": CITY}, ~(frame["city"].isna() | (frame["city"] == "A"))),
        "or": (
            {"or": [HEIGHT, CITY]},
            frame["height"].between(0, 4) | frame["city"].isna() | (frame["city"] == "A"),
        ),
        "and not": (
            {"and": [HEIGHT, {"not": {"expression": "member"}}]},
            frame["height"].between(0, 4) & ~frame["member"],
        ),
    }


def test_each_form_selects_the_rows_that_pandas_does(definitions, frame):
    for name, (definition, expected) in masks(frame).items():
        np.testing.assert_array_equal(
            definitions.rows_of(definition).mask, expected.to_numpy(bool), err_msg=name
        )


def test_shapes_select_on_the_map_they_were_drawn_on(definitions, session):
    for key, embedding in session.projection.available():
        x, y = embedding.xy.T
        box = definitions.rows_of({"box": [[-1, 0.5], [0, 2]], "embedding": key})
        np.testing.assert_array_equal(
            box.rows(), np.flatnonzero((x >= -1) & (x <= 0.5) & (y >= 0) & (y <= 2))
        )
        lasso = definitions.rows_of({"lasso": [[0, 0], [4, 4], [-4, 4]], "embedding": key})
        np.testing.assert_array_equal(lasso.rows(), np.flatnonzero(y > np.abs(x)))


def test_an_unknown_form_is_refused_in_words(definitions):
    for unknown in ({}, {"sphere": [0, 1]}, {"column": "age"}, {"or": []}, {"not": "city"}):
        with pytest.raises(ExpressionError, match=r"unknown form.*newer version"):
            definitions.rows_of(unknown)


def test_what_does_not_exist_is_refused_in_words(definitions):
    with pytest.raises(UnknownName, match="did you mean 'city'"):
        definitions.rows_of({"column": "citty", "levels": []})
    with pytest.raises(FeatureError, match="not a number"):
        definitions.rows_of({"column": "city", "range": [0, 1]})
    with pytest.raises(EmbeddingError, match="draw it again"):
        definitions.rows_of({"lasso": [[0, 0], [1, 0], [1, 1]], "embedding": "0" * 32})


def test_a_definition_is_evaluated_once(definitions):
    assert definitions.rows_of(dict(HEIGHT)) is definitions.rows_of(
        {"range": [0.0, 4.0], "column": "height"}
    )


def test_the_definition_behind_a_filter():
    assert Filter(id="a", **HEIGHT).definition == HEIGHT
    assert Filter(id="b", on=False, rows=CITY).definition == CITY


def test_words_say_a_definition():
    said = {
        "Height: 0 – 4": HEIGHT,
        "City: A, missing": CITY,
        "City: a, b, c and 2 more": {"column": "city", "levels": list("abcde")},
        "City: none": {"column": "city", "levels": []},
        "age > 3": {"expression": "age > 3"},
        "lasso + box": {"or": [{"lasso": [], "embedding": "k"}, {"box": [], "embedding": "k"}]},
        "box − lasso and age > 3": {
            "and": [{"box": []}, {"not": {"lasso": []}}, {"expression": "age > 3"}]
        },
        "not lasso": {"not": {"lasso": []}},
        "H3 · Drama + lasso": {"or": [{"lasso": [], "name": "H3 · Drama"}, {"lasso": []}]},
        "region “Drama 71 %”": {"region": [0, 1], "embedding": "k", "name": "Drama 71 %"},
        "region": {"region": [0, 1], "embedding": "k", "name": ""},
        "not (lasso + box)": {"not": {"or": [{"lasso": []}, {"box": []}]}},
        "(lasso + box) and Giants": {
            "and": [{"or": [{"lasso": []}, {"box": []}]}, {"saved": "0af3", "name": "Giants"}]
        },
        "saved selection": {"saved": "0af3"},
        "selection": {"sphere": 1},
    }
    assert {
        words: describe_definition(definition, str.capitalize) for words, definition in said.items()
    } == {w: w for w in said}


def test_those_who_ask_at_once_share_one_evaluation(definitions, monkeypatch):
    evaluated = []
    plain = definitions._evaluate

    def slowly(definition):
        evaluated.append(definition)
        time.sleep(0.05)
        return plain(definition)

    monkeypatch.setattr(definitions, "_evaluate", slowly)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(definitions.rows_of, [HEIGHT] * 8))
    assert evaluated == [HEIGHT]
    assert all(one is found[0] for one in found)
    # an error leaves nobody waiting
    for _ in range(2):
        with pytest.raises(ExpressionError):
            definitions.rows_of({"sphere": 1})
