import numpy as np

from explorer.map.regions.tree import RegionTree


def test_the_regions_of_every_level_follow_from_the_finest(tree):
    np.testing.assert_array_equal(tree.labels(1), np.repeat(np.arange(9), 100))
    np.testing.assert_array_equal(tree.labels(0), np.repeat(np.arange(3), 300))
    assert tree.complete


def test_rows_beside_the_landmarks_are_not_known_yet():
    some = RegionTree.of_levels([np.array([0, 0, 1]), np.array([0, 1, 2])], np.array([1, 3, 4]), 6)
    assert some.labels(1).tolist() == [-1, 0, -1, 1, 2, -1]
    assert some.labels(0).tolist() == [-1, 0, -1, 0, 1, -1]
    assert not some.complete


def test_a_tree_comes_back_from_the_disk(tree, tmp_path):
    for number, one in enumerate((tree, RegionTree.of_levels([], np.arange(4), 4))):
        folder = tmp_path / str(number)
        folder.mkdir()
        one.save(folder)
        back = RegionTree.open(folder)
        assert (back.n_levels, back.complete) == (one.n_levels, True)
        for level in range(one.n_levels):
            np.testing.assert_array_equal(back.labels(level), one.labels(level))
        np.testing.assert_array_equal(back.landmarks, one.landmarks)
