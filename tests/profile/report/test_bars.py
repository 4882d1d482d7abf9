"""The small histogram is the counts, in whole pixels."""

import re

import numpy as np
import pytest

from explorer.profile.report.bars import HEIGHT, WIDTH, bars_path, merge_bins


def heights(path):
    """Follow the path, and return the height above the ground at the middle of each pixel."""
    found, x, y = np.zeros(WIDTH), 0, HEIGHT
    for letter, number in re.findall(r"([VH])(\d+)", path):
        if letter == "V":
            y = int(number)
        else:
            found[x : int(number)] = HEIGHT - y
            x = int(number)
    assert (x, y) == (WIDTH, HEIGHT)
    return found


@pytest.mark.parametrize("bins", [1, 2, 3, 24])
def test_heights_are_proportional_to_counts(bins):
    counts = np.random.default_rng(bins).integers(1, 1000, bins)
    drawn = heights(bars_path(counts.tolist()))[
        [(2 * i + 1) * WIDTH // (2 * bins) for i in range(bins)]
    ]
    np.testing.assert_allclose(drawn, np.maximum(1, HEIGHT * counts / counts.max()), atol=0.5)


def test_bins_beyond_24_are_joined_and_no_cell_is_lost():
    counts = list(range(40))
    assert merge_bins(counts, 24) == [sum(counts[i : i + 2]) for i in range(0, 40, 2)]
    assert len(merge_bins(list(range(100)), 24)) == 20
    heights(bars_path(counts))


def test_a_single_cell_among_millions_is_seen_and_an_empty_bin_is_not():
    assert list(heights(bars_path([10**7, 0, 1]))[[12, 36, 60]]) == [HEIGHT, 0, 1]


def test_nothing_is_drawn_of_nothing():
    assert bars_path([]) == bars_path([0, 0]) == ""


def test_a_path_is_short():
    path = bars_path(np.random.default_rng(0).integers(0, 10**9, 40).tolist())
    assert len(path) < 200
