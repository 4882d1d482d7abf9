import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.core.errors import FeatureError
from explorer.session.maps.validate_projection import (
    count_by_cause,
    count_noun,
    nothing_to_project,
    unusable_reason,
    validate_projection,
)
from explorer.state import actions
from explorer.state.document import Policy

MEDIAN, INDICATOR = Policy(missing="median"), Policy(missing="indicator")


@pytest.fixture(scope="module")
def shop():
    """A table with levels at and beyond the limit, numbers as text, a mostly missing category."""
    n = 2002
    return explorer.open_table(
        pd.DataFrame(
            {
                "price": np.arange(n) * 1.5,
                "thousand": [f"t{i % 1000}" for i in range(n)],
                "seller": [f"s{i % 1001}" for i in range(n)],
                "amount": [f"{1000 + i % 700:,}" for i in range(n)],
                "grade": [("a", "b")[i % 2] if i < 500 else None for i in range(n)],
                "note": [
                    f"a sentence of its own, number {i}, longer than any name would be"
                    for i in range(n)
                ],
            }
        )
    )


def test_features_that_can_be_projected_are_not_refused(people):
    assert validate_projection(people, ["height", "pulse", "city", "flat"], MEDIAN) is None
    assert validate_projection(people, ["vector"], MEDIAN) is None
    assert validate_projection(people, [], MEDIAN) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing", "Untick: nothing: all missing"),
        ("boundless", "Untick: boundless: 3 infinite values"),
        (
            "mostly",
            "Untick or choose another treatment of missing values: mostly: 6[0-9] % missing",
        ),
        ("person_id", "Untick: person_id: identifier"),
    ],
)
def test_a_feature_that_cannot_is_named_with_the_reason(people, name, words):
    refusal = validate_projection(people, ["height", name], MEDIAN)
    assert refusal.names == [name]
    with pytest.raises(FeatureError, match=f"^{words}$"):
        raise refusal.error()


def test_mixed_causes_get_the_advice_of_each(people):
    words = validate_projection(people, ["mostly", "boundless", "height"], MEDIAN).words
    first, second = words.split(". ")
    assert first == "Untick: boundless: 3 infinite values"
    assert second.startswith("Untick or choose another treatment of missing values: mostly: ")


def test_a_category_of_too_many_levels_is_refused_where_the_matrix_would(shop):
    assert (
        validate_projection(shop, ["price", "seller"], MEDIAN).words
        == "Untick: seller: 1,001 levels, more than 1,000"
    )
    with pytest.raises(FeatureError, match="1,001 levels"):
        shop.project(["price", "seller"], method="pca")
    assert validate_projection(shop, ["price", "thousand"], MEDIAN) is None
    assert len(shop.project(["price", "thousand"], method="pca").rows) == shop.num_rows
    # asked for by name, its largest levels are taken
    by_name = Policy(encode={"seller": "category"})
    assert validate_projection(shop, ["price", "seller"], by_name) is None


def test_missing_is_a_level_of_a_category_and_no_ground_to_refuse(shop):
    assert shop.summaries["grade"].missing_share > 0.4
    assert validate_projection(shop, ["price", "grade"], MEDIAN) is None
    assert len(shop.project(["price", "grade"], method="pca").rows) == shop.num_rows


def test_a_policy_by_name_may_fill_at_any_share(people):
    assert (
        validate_projection(people, ["height", "mostly"], Policy(missing={"mostly": "median"}))
        is None
    )
    assert validate_projection(
        people, ["height", "mostly"], Policy(missing={"age": "drop"})
    ).names == ["mostly"]
    assert validate_projection(people, ["height", "mostly"], Policy(missing={"*": "drop"})) is None


def test_one_row_makes_no_map_whatever_is_ticked():
    one = explorer.open_table(pd.DataFrame({"a": [1.0], "b": [2.0]}))
    assert (
        validate_projection(one, ["a", "b"], MEDIAN).words
        == "This table has 1 row: a map needs at least 2."
    )
    assert nothing_to_project(one, ["a", "b"]) == "This table has 1 row: a map needs at least 2."


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"a": np.empty(0)}, "This table has 0 rows: there is nothing to map."),
        ({"a": [1, 1], "b": [2, 2], "c": [True, True]}, "No column can be projected: 3 constant."),
        (
            {"a": [1.0, 1.0], "person_id": ["x", "y"], "c": [np.nan, np.nan]},
            "No column can be projected: 1 constant, 1 identifier, 1 all missing.",
        ),
        ({"a": ["x", "x", "y"]}, "Tick at least one feature to project."),
    ],
)
def test_why_there_is_no_map_is_one_sentence(columns, words):
    assert nothing_to_project(explorer.open_table(pd.DataFrame(columns)), []) == words


def test_with_features_there_is_something_to_project(people):
    assert nothing_to_project(people, ["height"]) == ""


def test_columns_are_counted_by_what_keeps_them_out(people, shop):
    assert count_by_cause(
        people, ["city", "since", "flat", "flat_too", "mostly", "boundless"], MEDIAN
    ) == ("2 constant, 1 category, 1 time, 1 over 40 % missing, 1 with infinite values")
    assert count_by_cause(shop, ["seller", "thousand", "grade", "note"], MEDIAN) == (
        "2 categories, 1 over 1,000 levels, 1 text"
    )
    assert unusable_reason(shop.features["note"], shop.summaries["note"]) == "text"


def test_numbers_as_text_need_to_be_read_as_numbers(shop):
    assert count_by_cause(shop, ["amount"], MEDIAN) == "1 numbers as text"
    assert (
        validate_projection(shop, ["price", "amount"], Policy(encode={"amount": "number"})) is None
    )


def test_one_is_no_plural():
    assert [count_noun(n, "row") for n in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]


def test_mostly_missing_is_allowed_when_asked(people):
    assert validate_projection(people, ["height", "mostly"], INDICATOR) is None
    assert validate_projection(people, ["height", "nothing"], INDICATOR).names == ["nothing"]


def test_a_constant_is_refused_only_when_nothing_else_varies(people):
    refusal = validate_projection(people, ["flat", "flat_too"], MEDIAN)
    assert refusal.names == ["flat", "flat_too"]
    assert "flat: constant; flat_too: constant" in refusal.words


def test_all_of_them_are_found_at_once_and_said_in_one_line(people):
    names = ["nothing", "boundless", "mostly"]
    assert validate_projection(people, ["height", *names], MEDIAN).names == names


def test_project_refuses_before_anything_changes(session, fake_queue):
    session.state.act(actions.toggle_feature, name="boundless", on=True)
    before = session.state.document
    with pytest.raises(FeatureError, match="3 infinite values"):
        session.projection.project()
    assert session.state.document == before
    assert len(fake_queue.jobs) == 1


def test_a_refused_name_that_runs_from_right_to_left_is_isolated():
    name = "\u0642\u064a\u0645\u0629"
    table = explorer.open_table(pd.DataFrame({"x": [1.0, 2.0, 3.0], name: [np.inf, 1.0, 2.0]}))
    refusal = validate_projection(table, ["x", name], MEDIAN)
    assert refusal.words.startswith(f"Untick: \u2068{name}\u2069: 1 infinite")
