import numpy as np
import pytest

from explorer.engagement.group_quantiles import group_quantiles


def test_quantiles_of_every_group_are_those_of_numpy():
    rng = np.random.default_rng(0)
    values, group = rng.normal(size=500), rng.integers(-1, 7, 500).astype(np.int32)
    levels = (0.0, 0.05, 0.5, 0.9, 1.0)
    found = group_quantiles(values, group, 8, levels)
    for one in range(7):
        np.testing.assert_allclose(found[one], np.quantile(values[group == one], levels))
    assert np.isnan(found[7]).all()


def test_values_that_repeat_are_counted_as_often():
    found = group_quantiles(np.array([3.0, 3.0, 3.0, 5.0]), np.zeros(4, np.int64), 1, (0.5, 1.0))
    assert found[0] == pytest.approx([3, 5])
