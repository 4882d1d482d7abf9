import math

import pytest

from explorer.compare.explanation.clauses import candidates_of, choose_clauses
from explorer.compare.feature_comparison import FeatureComparison, LevelShare
from explorer.features.kind import Feature


def row(feature, effect=0.5, kind="numeric", seen="", p=0.001, **figures):
    figures = {
        "n_a": 100, "n_b": 900, "missing_a": 0, "missing_b": 0, "median_a": 1.0, "median_b": 2.0,
        "mean_a": 1.0, "mean_b": 2.0, "cliffs_delta": -effect, "cliffs_low": -effect - 0.1,
        "cliffs_high": -effect + 0.1, "effect": effect, "effect_low": effect - 0.1,
        **figures,
    }  # fmt: skip
    p_adjusted = math.nan if seen else p
    return FeatureComparison(
        feature=feature, kind=kind, seen=seen, tested=not seen, p_adjusted=p_adjusted, **figures
    )


def always(_first, _second):
    return True


def texts(rows, features=None, same=lambda one, two: one.row.feature == two.row.feature, **options):
    known = {
        entry.feature: Feature(name=entry.feature, kind=entry.kind, label=entry.feature.title())
        for entry in rows
    } | (features or {})
    chosen = {
        name: options.pop(name) for name in ("given", "withheld", "targets") if name in options
    }
    clear = candidates_of(rows, 0.05, **chosen)
    return [clause.text for clause in choose_clauses(clear, known, same, **options)]


def test_a_number_is_said_by_its_medians_with_the_unit_and_a_tested_one_by_its_direction():
    runtime = Feature(name="runtime", kind="numeric", label="Runtime", unit="min")
    figures = {"median_a": 92.0, "median_b": 108.0}
    rows = [row("runtime", seen="drew this map", **figures)]
    assert texts(rows, {"runtime": runtime}) == ["Runtime 92 min (elsewhere 108 min)"]
    assert texts([row("runtime", **figures)], {"runtime": runtime}) == [
        "lower Runtime, 92 min (elsewhere 108 min)"
    ]


@pytest.mark.parametrize(
    ("amount", "text"),
    [(11_582_000, "11.6 million"), (2.5e9, "2.5 billion"), (0.95291, "0.953"), (1996.5, "1996")],
)
def test_large_and_long_numbers_are_short(amount, text):
    assert texts([row("x", seen="drew this map", median_a=amount, median_b=0.0)]) == [
        f"X {text} (elsewhere 0)"
    ]


def test_where_medians_are_the_same_means_are_said():
    rows = [row("x", median_a=0.0, median_b=0.0, mean_a=0.25, mean_b=0.5)]
    assert texts(rows) == ["lower X, mean 0.25 (elsewhere 0.5)"]


def test_yes_is_a_share_and_a_time_is_earlier_or_later():
    yes = row("member", kind="boolean", mean_a=0.8, mean_b=0.44)
    day = row("since", 0.4, kind="temporal", median_a=0.0, median_b=86_400.0 * 31)
    assert texts([yes, day]) == [
        "Member in 80 % (elsewhere 44 %)",
        "earlier Since, 1970-01-01 (elsewhere 1970-02-01)",
    ]


def level(name, share_a, share_b):
    residual = 9.0 if share_a > share_b else -9.0
    return LevelShare(level=name, a=1, b=1, share_a=share_a, share_b=share_b, residual=residual)


@pytest.mark.parametrize(
    ("levels", "text"),
    [
        ([level("Drama", 0.81, 0.44)], "mostly Drama, 81 % (elsewhere 44 %)"),
        ([level("Drama", 0.3, 0.04)], "more often Drama, 30 % (elsewhere 4.0 %)"),
        ([level("Drama", 0.02, 0.44)], "less often Drama, 2.0 % (elsewhere 44 %)"),
        ([level("דרמה", 0.81, 0.44)], "mostly \u2068דרמה\u2069, 81 % (elsewhere 44 %)"),
    ],
)
def test_a_category_is_said_by_one_level(levels, text):
    rows = [row("genre", kind="categorical", levels=tuple(levels), cramers_v=0.5)]
    assert texts(rows) == [f"Genre {text}"]


def test_a_category_that_differs_in_no_level_by_much_is_not_said():
    levels = tuple(level(f"director {k}", 0.001 * k, 0.0) for k in range(20))
    assert texts([row("director", kind="categorical", levels=levels, cramers_v=0.6)]) == []


def test_missing_cells_are_said_where_these_differ_most():
    gap = {
        "missing_a": 92, "n_a": 8, "missing_b": 300, "n_b": 700, "missing_difference": 0.62,
        "missing_low": 0.55, "missing_high": 0.7, "missing_p_adjusted": 0.001,
    }  # fmt: skip
    assert texts([row("office", 0.2, **gap)]) == ["Office missing in 92 % (elsewhere 30 %)"]


def test_what_did_not_survive_its_test_is_not_said():
    assert texts([row("x", p=0.2)]) == []
    assert texts([row("x", p=math.nan)]) == []


def test_where_p_values_are_withheld_intervals_decide():
    assert texts([row("x", p=math.nan)], withheld=True)
    assert texts([row("x", 0.1, p=math.nan)], withheld=True) == []


def test_at_most_four_are_said_two_of_them_used():
    rows = [row(f"seen{k}", 0.9 - k / 100, seen="drew this map") for k in range(5)]
    rows += [row(f"other{k}", 0.5 - k / 100) for k in range(5)]
    assert [text.split(",")[0].split(" 1")[0] for text in texts(rows)] == [
        "Seen0", "Seen1", "lower Other0", "lower Other1",
    ]  # fmt: skip
    assert len(texts(rows[:6])) == 4
    assert len(texts(rows[:5])) == 4


def test_what_itself_defined_the_group_is_said_before_what_follows_from_it():
    rows = [row("decade", 0.9, seen="η .98 with year"), row("year", 0.8, seen="made the group")]
    assert texts(rows, same=always, given=["year"]) == ["Year 1 (elsewhere 2)"]


def test_what_says_the_same_is_named_with_the_one_that_is_said():
    rows = [row("x", 0.9), row("again", 0.8)]
    features = {r.feature: Feature(name=r.feature, kind="numeric", label=r.feature) for r in rows}
    clauses = choose_clauses(candidates_of(rows, 0.05), features, always)
    assert [(clause.feature, clause.same) for clause in clauses] == [("x", ("again",))]


def test_figures_of_a_sample_are_about():
    assert texts([row("x", seen="drew this map")], about=True) == ["X about 1 (elsewhere about 2)"]


def test_a_target_is_said_first_also_where_it_follows_from_features_that_defined_the_group():
    drew = [row(f"drew_{k}", effect=0.9 - k / 100, seen="drew this map") for k in range(5)]
    rows = [*drew, row("outcome", seen="R² .6 on drew_0, which drew this map"), row("free")]
    told = texts(rows, given=[entry.feature for entry in drew], targets=["outcome"])
    assert [text.split()[0] for text in told[:2]] == ["Outcome", "Drew_0"]
    assert "Free" in told[-1]
    assert not any("Outcome" in text for text in texts(rows, given=[r.feature for r in drew]))
