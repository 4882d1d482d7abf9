"""Whether rows form groups; the oracle is how the rows were made.

Error rates are in tests/benchmarks/rates/regions.py.
"""

import numpy as np
import pytest
from scipy.stats import norm, rankdata
from sklearn.datasets import load_iris

from explorer.map.regions.grouping import _Axes, find_grouping
from projections import Cancelled


def scaled(rows):
    rows = np.asarray(rows, float)
    return ((rows - rows.mean(axis=0)) / rows.std(axis=0)).astype(np.float32)


def test_one_cloud_has_no_groups_whatever_its_columns_and_correlations():
    # the test errs 1 time in 20: whether more often is simulated in the benchmarks, over many seeds
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(400, 1)) + rng.normal(size=(400, 5))
    for rows in (rng.normal(size=(400, 6)), rng.uniform(size=(400, 4)), factors, np.exp(factors)):
        found = find_grouping(scaled(rows))
        assert not found.found
        assert max(found.valley.clouds) >= found.valley.value
        assert max(found.separation.clouds) >= found.separation.value


def test_clusters_are_groups_in_two_columns_in_many_and_in_one_alone():
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, 400)
    flat = np.array([[0, 0], [4, 0], [2, 3.5]])[group] + rng.normal(size=(400, 2))
    alone = np.column_stack([5 * (group > 0) + rng.normal(size=400), rng.normal(size=(400, 2))])
    for rows in (flat, alone, load_iris().data):
        assert find_grouping(scaled(rows)).found


def test_yes_and_no_beside_noise_makes_groups_and_rounded_noise_does_not():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(400, 4))
    assert find_grouping(scaled(np.column_stack([noise, rng.integers(0, 2, 400)]))).found
    assert not find_grouping(scaled(np.round(noise))).found


def test_equal_rows_count_once_and_two_rows_form_no_groups():
    rng = np.random.default_rng(1)
    found = find_grouping(scaled(np.repeat(rng.normal(size=(100, 3)), 20, axis=0)))
    assert (found.rows, found.found) == (100, False)
    found = find_grouping(np.array([[0, 1], [1, 0], [1, 0]], np.float32))
    assert (found.rows, found.clouds, found.found) == (2, 0, False)


def test_fewer_rows_are_looked_at_of_many_rows_and_of_many_columns():
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(2_500, 2)) + 20 * rng.integers(0, 2, (2_500, 1))
    assert find_grouping(scaled(apart)).rows == 2_000  # these are clear
    assert find_grouping(scaled(rng.normal(size=(2_500, 2)))).rows == 2_500
    assert find_grouping(rng.standard_normal((1_010, 10_000), dtype=np.float32)).rows == 1_000


def test_many_columns_are_one_cloud_whatever_these_are_and_clusters_in_them_are_groups():
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(400, 2)) @ rng.normal(size=(2, 60)) + rng.normal(size=(400, 60))
    for cloud in (factors, np.exp(factors), rng.poisson(0.5, (400, 60))):
        assert not find_grouping(scaled(cloud)).found
        assert find_grouping(
            scaled(cloud + 2 * np.outer(np.arange(400) % 2, cloud.std(axis=0)))
        ).found
    assert not find_grouping(rng.normal(size=(5, 60)).astype(np.float32)).found


def test_clouds_of_many_columns_have_the_singular_values_and_the_means_of_the_rows():
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(300, 40)) * np.arange(1, 41)).astype(np.float32)
    axes = _Axes.of(rows, np.zeros(40, bool), rng)
    normal = norm.ppf((rankdata(rows, axis=0) - 0.5) / 300) * rows.std(axis=0)
    exact = np.linalg.svd(normal, compute_uv=False)[:20]
    drawn = axes.draw(rng)
    assert np.allclose(axes.lengths, exact, rtol=0.02)
    assert np.allclose(np.linalg.svd(drawn, compute_uv=False), axes.lengths)
    assert np.allclose(drawn.mean(axis=0), 0)
    assert np.allclose(
        axes.rows.T @ axes.rows, np.diag(axes.lengths**2), atol=1e-3 * axes.lengths[0] ** 2
    )


def test_one_community_in_the_rows_and_in_all_clouds_is_no_group():
    found = find_grouping(scaled(np.random.default_rng(0).normal(size=(700, 200))))
    assert found.separation.value == max(found.separation.clouds) == 0.0


def test_it_is_the_same_each_time_and_can_be_cancelled():
    rows = scaled(np.random.default_rng(0).normal(size=(300, 3)))
    assert find_grouping(rows) == find_grouping(rows)
    with pytest.raises(Cancelled):
        find_grouping(rows, progress=lambda *_: False)
