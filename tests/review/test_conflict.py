import pytest

from explorer.review.conflict import apply_verdicts, conflicts_of, merged_by
from explorer.review.opinion import opinions_of
from explorer.review.verdict import Verdict


def opinions(**said):
    return opinions_of(
        Verdict(
            feature=name,
            reviewer="ada",
            reason="r",
            **({"decision": what} if isinstance(what, str) else what),
        )
        for name, what in said.items()
    )


def merge(into):
    return {"decision": "merge", "into": into}


def transform(recipe):
    return {"decision": "transform", "recipe": recipe}


def test_a_set_that_is_as_the_verdicts_say_has_no_conflict():
    given = opinions(a="keep", b="drop", c=transform("log"), d=merge("a"), e="defer")
    assert conflicts_of(given, ["a", "c", "e"], {"c": "log"}) == []
    assert apply_verdicts(given, ["a", "c", "e"], {"c": "log"}) == (["a", "c", "e"], {"c": "log"})
    assert merged_by(given, ["a", "c", "e"]) == {"d": "a"}


@pytest.mark.parametrize(
    ("said", "features", "words", "after"),
    [
        ({"x": "keep"}, ["a"], "kept, but not in the set", ["a", "x"]),
        ({"x": "drop"}, ["a", "x"], "dropped, but in the set", ["a"]),
        ({"x": transform("log")}, ["a"], "to be transformed, but not in the set", ["a", "x"]),
        ({"x": merge("a")}, ["a", "x"], "merged into a, but in the set", ["a"]),
        ({"x": merge("b")}, ["a"], "merged into b, which is not in the set", ["a", "b"]),
        ({"x": merge("b"), "b": merge("a")}, ["x"], "merged into a, but in the set", ["a"]),
    ],
)
def test_applying_the_verdicts_settles_each_conflict(said, features, words, after):
    given = opinions(**said)
    assert conflicts_of(given, features, {})[0].words == words
    now, how = apply_verdicts(given, features, {})
    assert now == after
    assert conflicts_of(given, now, how) == []


def test_a_recipe_changes_the_transform_of_the_set():
    given = opinions(x=transform("log1p"))
    assert (
        conflicts_of(given, ["x"], {"x": "sqrt"})[0].words
        == "to be transformed by log1p, the set has sqrt"
    )
    assert apply_verdicts(given, ["x"], {"x": "sqrt"}) == (["x"], {"x": "log1p"})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"x": transform("")}, "the verdict names no recipe"),
        ({"x": merge("")}, "the verdict names no feature to merge into"),
        ({"x": merge("y"), "y": merge("x")}, "merged in a circle"),
        ({"x": merge("y"), "y": "drop"}, "y is dropped"),
    ],
)
def test_what_cannot_be_settled_is_named_and_left_as_it_is(said, why):
    given = opinions(**said)
    assert [one.open for one in conflicts_of(given, ["x"], {}) if one.feature == "x"] == [why]
    assert apply_verdicts(given, ["x"], {}) == (["x"], {})


def test_a_disagreement_is_a_conflict_that_people_settle():
    given = opinions_of(
        Verdict(feature="x", decision=what, reviewer=who, reason="r")
        for who, what in [("a", "keep"), ("b", "drop")]
    )
    (found,) = conflicts_of(given, ["x"], {})
    assert found.open == "the reviewers disagree"
    assert apply_verdicts(given, ["x"], {}) == (["x"], {})
