import numpy as np

from explorer.map.regions.naming import named_levels
from explorer.map.regions.traits import Flag, Number
from explorer.map.regions.tree import RegionTree


def number(column, values):
    return Number(column, column.title(), "", "numeric", values, values)


def names(levels):
    return [[one.name for one in regions] for regions in levels]


def test_a_region_is_named_by_the_two_things_that_distinguish_it_most(tree, rng):
    labels = tree.labels(0)
    noise = rng.normal(size=(4, 900))
    traits = [
        number("size", noise[0] + 2.5 * (labels == 0)),
        number("age", noise[1] - 1.6 * (labels == 0)),
        number("same", noise[0] + 2.5 * (labels == 0) + 0.1 * noise[3]),  # says what size says
        Flag("wet", "Wet", (rng.random(900) < np.where(labels == 1, 0.9, 0.1)).astype(float)),
    ]
    ((first, second, third), finer) = named_levels(tree, traits)
    assert first.name in ("Size high · Age low", "Same high · Age low")
    assert second.name.startswith("Wet 9")
    assert first.than == "all other rows of the map"
    assert [one.rows for one in (first, second, third)] == [300] * 3
    assert [one.parent for one in finer] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert [one.name for one in finer] == [""] * 9
    assert finer[0].why_not == "nothing distinguishes it clearly"


def test_finer_regions_are_compared_with_the_rest_of_the_one_around_them(tree, rng):
    fine = tree.labels(1)
    level = np.array([0, 3, 6, 20, 23, 26, 50, 53, 56.0])[fine]
    coarse, finer = named_levels(tree, [number("size", level + rng.normal(scale=0.5, size=900))])
    assert [one.name for one in coarse] == ["Size low", "", "Size high"]
    # the middle one is as far from the one side as from the other
    assert [one.name for one in finer if one.parent == 0] == ["Size lower", "", "Size higher"]
    assert finer[0].than == "the other rows of “Size low”"
    assert finer[3].than == "the other rows of the larger region around it, which has no name"
    assert " lower than the other rows of “Size low”; median" in finer[0].reasons[0].words
    assert " lower than all other rows of the map; median" in coarse[0].reasons[0].words


def test_no_two_regions_of_a_level_have_one_name(tree, rng):
    fine = tree.labels(1)
    size = 4.0 * (fine % 3 == 2) + rng.normal(size=900)
    _, finer = named_levels(tree, [number("size", size)])
    given = [one.name for one in finer if one.name]
    assert len(given) == len(set(given)) > 0
    assert any(one.why_not == "a larger region has the name that it would have" for one in finer)


def test_a_region_alone_in_a_larger_one_takes_over_its_name(rng):
    coarse = np.repeat(np.arange(2, dtype=np.int32), 300)
    fine = np.concatenate((np.zeros(300), np.repeat([1, 2], 150))).astype(np.int32)
    tree = RegionTree.of_levels([coarse, fine], np.arange(600), 600)
    levels = named_levels(tree, [number("size", 4.0 * coarse + rng.normal(size=600))])
    assert names(levels)[0] == ["Size low", "Size high"]
    assert names(levels)[1] == ["Size low", "", ""]


def test_counts_are_of_all_rows_and_names_of_the_landmarks(rng):
    landmarks = np.arange(0, 1000, 5)
    tree = RegionTree.of_levels([np.repeat(np.arange(2, dtype=np.int32), 100)], landmarks, 1000)
    traits = [number("size", np.repeat([0.0, 9.0], 100) + rng.normal(size=200))]
    ((low, high),) = named_levels(tree, traits)
    assert (low.rows, low.landmarks, low.name, high.name) == (100, 100, "Size low", "Size high")
    all_rows = RegionTree(np.repeat([0, 1], 500).astype(np.int32), (), landmarks, 1)
    ((low, high),) = named_levels(all_rows, traits)
    assert (low.rows, low.landmarks) == (500, 100)
