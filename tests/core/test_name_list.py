"""Names one after another in a text."""

import pytest

from explorer.core.name_list import list_alternatives, list_names


@pytest.mark.parametrize(
    ("names", "most", "text"),
    [
        (["age"], 3, "age"),
        (["age", "bmi", "ldl"], 3, "age, bmi, ldl"),
        (["age", "bmi", "ldl"], None, "age, bmi, ldl"),
        ([f"x{n}" for n in range(1002)], 2, "x0, x1 and 1,000 more"),
        ([], 2, ""),
        # one by one: isolated together, they would stand in the order of the first
        (["גיל", "age", "وزن"], 2, "\u2068גיל\u2069, age and 1 more"),
        (["גיל", "وزن"], 2, "\u2068גיל\u2069, \u2068وزن\u2069"),
    ],
)
def test_names_stand_in_the_order_given_and_what_is_left_is_counted(names, most, text):
    assert list_names(names, most) == text


def test_alternatives():
    assert list_alternatives(["count", "mean", "by"]) == "count, mean or by"
