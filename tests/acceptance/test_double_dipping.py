"""Comparing groups that were drawn on a map.

What follows from the features of the map is not tested, and intervals hold what they say.
"""

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.compare.cards import result_card
from explorer.compare.group_figures import number_figures
from explorer.core.cache import Cache
from explorer.profile.counting.tally import tally_of_values

DREW = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Four features, a box on their map, and columns that follow from them or do not."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("drawn")
    frame = pd.DataFrame(rng.normal(size=(8_000, 4)), columns=DREW)
    total = frame.sum(axis=1)
    made = {
        "half of the sum": total / 2,
        "a + b": frame["a"] + frame["b"],
        "a squared": frame["a"] ** 2,
        "product": frame["a"] * frame["c"],
        "ratio": frame["b"] / frame["d"],
        "size": frame["d"].abs(),
        "component": frame.to_numpy() @ np.linalg.svd(frame.to_numpy(), full_matrices=False)[2][0],
        "bins": pd.qcut(total, 6).astype(str),
        "above": total > 1,
        "log": np.log(frame["a"] - frame["a"].min() + 1),
    }
    other = {
        "in part": total / 2 + 1.4 * rng.normal(size=8_000),
        "free": rng.normal(size=8_000),
        "free class": rng.choice(["x", "y"], 8_000),
    }
    table = explorer.open_table(frame.assign(**made, **other), cache=Cache(folder / "cache"))
    made_map = explorer.build_map(table.project(DREW, method="pca"), folder / "map", table)
    (left, right), y_range = made_map.extent
    return (
        explorer.compare(table, made_map.box(((left + right) / 2, right), y_range)),
        set(made),
        table,
    )


def test_functions_of_all_that_drew_the_map_are_described_and_not_tested(drawn):
    found, made, _ = drawn
    assert {row.feature for row in found.seen} == made | set(DREW)
    for name in made:
        assert np.isnan([found[name].p_value, found[name].p_adjusted, found[name].missing_p]).all()
        assert "which drew this map" in found[name].seen
    assert found["half of the sum"].seen.startswith("R² 1.00 on ")


def test_what_follows_in_part_is_tested_and_says_so(drawn):
    row = drawn[0]["in part"]
    assert row.tested
    assert row.follows.startswith("R² .3")
    assert "which drew this map" in row.follows
    assert all(
        drawn[0][name].tested and not drawn[0][name].follows for name in ("free", "free class")
    )


def test_the_page_lists_how_far_a_tested_feature_follows(drawn):
    found, _, table = drawn
    lines = {line["name"]: line for line in result_card(table, found, "key", "name")["rows"]}
    assert lines["in part"]["follows"].startswith("R² .3")
    assert lines["in part"]["follows"].endswith("a difference is expected")
    assert lines["free"]["follows"] == ""


def test_where_products_are_too_many_to_be_looked_for_it_is_said(tmp_path):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(2_000, 40))).rename(columns="c{}".format)
    frame["product"] = frame["c0"] * frame["c1"]
    table, rows = explorer.open_table(frame, cache=Cache(tmp_path)), np.arange(2_000) < 700
    few, many = ({f"c{k}": "drew this map" for k in range(size)} for size in (8, 40))
    found = explorer.compare(table, rows, seen=few)
    assert not found["product"].tested
    assert not any("not checked" in note for note in found.notes)
    said = (
        "40 features defined the groups: whether another column is the product of two of them "
        "was not checked"
    )
    assert said in explorer.compare(table, rows, seen=many).notes


@pytest.mark.parametrize(
    ("mean", "sd", "d", "distance", "n_a", "n_b"),
    [
        (2, 3, 2 / 5**0.5, 1.04347, 100, 900),
        (5, 1, 5, 5, 100, 100),
        (5, 1, 5, 5, 100, 900),
        (0, 1, 0, 0, 100, 900),
    ],
)
def test_intervals_of_unequal_separated_and_equal_groups_hold_the_truth(
    mean, sd, d, distance, n_a, n_b
):
    """Against a standard normal.

    The distance of the first pair is the integral of |Φ((x − 2) / 3) − Φ(x)|.
    """
    rng, runs = np.random.default_rng(11), 400
    inside = np.zeros(2)
    for _ in range(runs):
        found = number_figures(
            tally_of_values(rng.normal(mean, sd, n_a), rng.normal(size=n_b)), 0.05
        )
        inside += (
            found["standardized_low"] <= d <= found["standardized_high"],
            found["wasserstein_low"] <= distance <= found["wasserstein_high"],
        )
    assert (inside / runs >= 0.93).all()
