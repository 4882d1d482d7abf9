"""What distinguishes a region; the oracles are NumPy over the rows of it and of the rest."""

import numpy as np
import pytest

from explorer.map.regions import contrasts
from explorer.map.regions.traits import Category, Flag, Number, related


def number(values, column="n", kind="numeric", unit="m"):
    return Number(
        column,
        column.title(),
        unit,
        kind,
        (values - np.nanmean(values)) / np.nanstd(values),
        values,
    )


def candidates(traits, own, around):
    return contrasts.candidates(traits, own, around, ["the others"] * (int(own.max()) + 1))


@pytest.fixture
def own():
    return np.repeat(np.arange(3, dtype=np.int32), 200)


def test_a_number_is_compared_by_the_standardised_difference(rng, own):
    values = rng.normal(10, 2, 600) + 3 * (own == 1)
    values[::7] = np.nan
    (one,) = candidates([number(values)], own, np.zeros_like(own))[1]
    here, rest = (values[rows & ~np.isnan(values)] for rows in (own == 1, own != 1))
    expected = (here.mean() - rest.mean()) / np.sqrt((here.var() + rest.var()) / 2)
    assert one.reason.effect == pytest.approx(expected)
    assert (one.reason.here, one.reason.elsewhere) == (np.median(here), np.median(rest))
    assert (one.reason.name, one.reason.counted) == ("N high", len(here))
    assert one.reason.words == (
        f"N: {expected:.1f} sd higher than the others; median {np.median(here):.4g} m here, "
        f"{np.median(rest):.4g} m there"
    )


def test_within_a_region_a_number_is_only_higher_than_around_it(own):
    values = np.repeat([0.0, 5.0, 100.0], 200) + np.tile(np.arange(200) / 100, 3)
    around = (own == 2).astype(
        np.int32
    )  # the first two lie in one region, the third is alone in the other
    found = candidates([number(values), number(values, "t", "temporal")], own, around)
    assert [one.reason.name for one in found[1]] == ["N higher", "T later"]
    assert [one.reason.elsewhere for one in found[1]] == [np.median(values[:200])] * 2
    assert found[2] == []


def test_equal_medians_give_way_to_means(own):
    values = np.zeros(600)
    values[:80] = 4.0
    (one,) = candidates([number(values)], own, np.zeros_like(own))[0]
    assert one.reason.words.endswith("mean 1.6 m here, 0 m there")


def test_a_level_is_compared_by_cohens_h_of_the_shares_of_rows_with_a_value(own):
    held = np.zeros(600)
    held[:150] = 1
    held[200:240] = 1
    held[150:160] = np.nan
    (one, *_), _, _ = candidates([Flag("d", "Drama", held)], own, np.zeros_like(own))
    p, q = 150 / 190, 40 / 400
    assert one.reason.effect == pytest.approx(2 * np.arcsin(np.sqrt(p)) - 2 * np.arcsin(np.sqrt(q)))
    assert (one.reason.name, one.reason.here, one.reason.elsewhere) == ("Drama 79 %", p, q)
    assert (
        one.reason.words == "Drama: 79 % here, 10 % of the others (of 190 of 200 rows with a value)"
    )


def test_the_level_of_a_category_is_named_with_its_column_where_it_says_nothing_alone(own):
    codes = np.where(own == 0, 0, np.where(own == 1, 1, 2)).astype(np.int32)
    found = candidates(
        [Category("c", "Rating", codes, ["R", "Drama", "1990s"])], own, np.zeros_like(own)
    )
    assert [one.reason.name for (one,) in found] == ["Rating R 100 %", "Drama 100 %", "1990s 100 %"]
    assert found[0][0].reason.words == "Rating, R: 100 % here, 0 % of the others"


def test_what_a_region_lacks_names_it_only_after_what_it_has(own):
    held = np.where(own == 0, 0.0, 1.0)
    (one,) = candidates([Flag("d", "Drama", held)], own, np.zeros_like(own))[0]
    assert (one.reason.name, one.merit) == ("no Drama", pytest.approx(np.pi / 2))
    held[:4] = 1
    (one,) = candidates([Flag("d", "Drama", held)], own, np.zeros_like(own))[0]
    assert one.reason.name == "Drama only 2.0 %"


def test_small_differences_few_rows_rare_levels_and_chance_give_no_name(rng):
    own = np.repeat(np.arange(20, dtype=np.int32), 30)
    noise = [number(rng.normal(size=600), f"n{i}") for i in range(40)]
    flags = [Flag(f"f{i}", f"F{i}", (rng.random(600) < 0.4).astype(float)) for i in range(40)]
    assert not any(candidates([*noise, *flags], own, np.zeros_like(own)))
    mostly_missing = np.where(own == 0, 5.0, 0.0) + rng.normal(size=600)
    mostly_missing[:20] = np.nan
    assert candidates([number(mostly_missing)], own, np.zeros_like(own))[0] == []
    rare = Flag(
        "r", "Rare", ((own == 0) & (np.arange(600) % 4 == 0)).astype(float)
    )  # 27 % here, none elsewhere
    assert candidates([rare], own, np.zeros_like(own))[0] == []


def test_columns_without_values_or_spread_are_no_trouble(own):
    nothing, flat = np.full(600, np.nan), np.zeros(600)
    traits = [
        Number("a", "A", "", "numeric", nothing, nothing),
        Number("b", "B", "", "numeric", flat, flat),
        Flag("c", "C", nothing),
        Flag("d", "D", flat),
        Category("e", "E", np.full(600, 2, np.int32), ["x", "y"]),
    ]
    assert candidates(traits, own, np.zeros_like(own)) == [[], [], []]


def test_related_is_the_correlation_or_the_correlation_ratio(rng, own):
    a = rng.normal(size=600) + 4 * (own == 0)
    b = a + rng.normal(size=600)
    codes = np.where(a > 2, 0, np.where(a > 0, 1, 2)).astype(np.int32)
    traits = [number(a, "a"), number(b, "b"), Category("c", "C", codes, ["high", "mid", "low"])]
    found = {one.reason.column: one for one in candidates(traits, own, np.zeros_like(own))[0]}
    assert related(found["a"], found["b"]) == pytest.approx(abs(np.corrcoef(a, b)[0, 1]))
    means = np.array([a[codes == code].mean() for code in range(3)])[codes]
    assert related(found["a"], found["c"]) == pytest.approx(means.std() / a.std())
    assert related(found["a"], found["a"]) == 1.0


def test_right_to_left_names_leave_the_order_of_a_name_and_its_share(own):
    def reasons(level, label):
        codes = np.where(own == 0, 0, 1).astype(np.int32)
        (first, *_), _, _ = candidates(
            [Category("c", label, codes, [level, "other"])], own, own * 0
        )
        return first.reason

    assert reasons("חיפה", "City").name == "\u2068חיפה\u2069 100 %"
    assert reasons("3", "עיר").name == "\u2068עיר 3\u2069 100 %"
    assert reasons("Bern", "עיר").words == "\u2068עיר\u2069, Bern: 100 % here, 0 % of the others"
