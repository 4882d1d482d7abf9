"""A comparison of groups that were drawn on a map tests nothing that follows from what drew the map; its intervals hold what they say."""

import numpy as np
import pandas as pd
import pytest

import explorer
from explorer.cache import Cache
from explorer.groups.figures import number_figures
from explorer.groups.tally import tally_of_values

DREW = ["a", "b", "c", "d"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A map of four features, a box on it, and columns that follow from them, in part, or not at all."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("drawn")
    frame = pd.DataFrame(rng.normal(size=(8_000, 4)), columns=DREW)
    total = frame.sum(axis=1)
    made = {
        "half of the sum": total / 2, "a + b": frame["a"] + frame["b"], "a squared": frame["a"] ** 2,
        "product": frame["a"] * frame["c"], "ratio": frame["b"] / frame["d"], "size": frame["d"].abs(),
        "component": frame.to_numpy() @ np.linalg.svd(frame.to_numpy(), full_matrices=False)[2][0],
        "bins": pd.qcut(total, 6).astype(str), "above": total > 1, "log": np.log(frame["a"] - frame["a"].min() + 1),
    }  # fmt: skip
    other = {
        "in part": total / 2 + 1.5 * rng.normal(size=8_000), "free": rng.normal(size=8_000),
        "free class": rng.choice(["x", "y"], 8_000),
    }  # fmt: skip
    table = explorer.open_table(frame.assign(**made, **other), cache=Cache(folder / "cache"))
    made_map = explorer.build_map(table.project(DREW, method="pca"), folder / "map", table)
    (left, right), y_range = made_map.extent
    return explorer.compare(table, made_map.box(((left + right) / 2, right), y_range)), set(made)


def test_functions_of_all_that_drew_the_map_are_described_and_not_tested(drawn):
    found, made = drawn
    assert {row.feature for row in found.seen} == made | set(DREW)
    for name in made:
        assert np.isnan([found[name].p_value, found[name].p_adjusted, found[name].missing_p]).all()
        assert found[name].seen.endswith("which drew this map")
    assert found["half of the sum"].seen.startswith("R² 1.00 on ")


def test_what_follows_in_part_is_tested_and_says_so(drawn):
    row = drawn[0]["in part"]
    assert row.tested
    assert row.note.startswith("R² .3")
    assert "which drew this map" in row.note
    assert all(drawn[0][name].tested and not drawn[0][name].note for name in ("free", "free class"))


@pytest.mark.parametrize(
    ("draw_a", "draw_b", "d", "distance"),
    [
        (lambda r, n: r.normal(2, 3, n), lambda r, n: r.normal(0, 1, n), 2 / 5**0.5, 1.04347),
        (lambda r, n: r.normal(5, 1, n), lambda r, n: r.normal(0, 1, n), 5, 5),
        (lambda r, n: r.exponential(2, n), lambda r, n: r.exponential(1, n), 1 / 2.5**0.5, 1 / 2.5**0.5),
    ],
)
@pytest.mark.parametrize(("n_a", "n_b"), [(100, 100), (100, 900)])
def test_intervals_of_unequal_separated_and_skewed_groups_hold_the_truth(
    draw_a, draw_b, d, distance, n_a, n_b
):
    """The distance of the normal pair is by integration of |Φ((x − 2) / 3) − Φ(x)|."""
    rng, runs = np.random.default_rng(11), 400
    inside = np.zeros(2)
    for _ in range(runs):
        found = number_figures(tally_of_values(draw_a(rng, n_a), draw_b(rng, n_b)), 0.05)
        inside += (
            found["standardized_low"] <= d <= found["standardized_high"],
            found["wasserstein_low"] <= distance <= found["wasserstein_high"],
        )
    assert (inside / runs >= 0.93).all()
