from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from explorer.stats.ranks import average_ranks, ranks_within, tie_starts


def test_ranks_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    for values in (rng.normal(size=200), rng.integers(0, 9, 200) / 1.0, np.ones(5), np.empty(0)):
        np.testing.assert_array_equal(average_ranks(values), rankdata(values))


def test_ranks_within_groups_are_those_of_each_group() -> None:
    rng = np.random.default_rng(1)
    values, codes = rng.integers(0, 20, 300) / 1.0, rng.choice([0, 1, 3], 300)  # no row in group 2
    found = ranks_within(values, codes)
    for group in (0, 1, 3):
        own = values[codes == group]
        np.testing.assert_allclose(found[codes == group], (rankdata(own) - 0.5) / own.size)
    assert ranks_within(np.empty(0), np.empty(0, np.int64)).size == 0


def test_runs_of_equal_values_start_where_values_change() -> None:
    assert tie_starts(np.array([1.0, 1.0, 2.0, 5.0, 5.0])).tolist() == [0, 2, 3]
