from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr

from explorer.profile.relations.within_groups import WithinGroups, within_groups

if TYPE_CHECKING:
    from explorer.profile.relations.correlations import Method


def paradox(n: int = 300, groups: int = 4) -> pd.DataFrame:
    """Within groups y falls with x, across groups it rises."""
    rng = np.random.default_rng(0)
    group = rng.integers(0, groups, n)
    x = rng.normal(size=n) + 4 * group
    return pd.DataFrame(
        {"x": x, "y": 6 * group - x + rng.normal(size=n), "g": [f"g{k}" for k in group]}
    )


def correlation_within(data: pd.DataFrame, method: Method) -> WithinGroups:
    """Correlate x and y within the levels of g."""
    codes, labels = pd.factorize(data.g)
    return within_groups(data.x.to_numpy(), data.y.to_numpy(), codes, list(labels), method=method)


@pytest.mark.parametrize(("method", "oracle"), [("pearson", pearsonr), ("spearman", spearmanr)])
def test_overall_and_each_group_are_those_of_scipy(method, oracle) -> None:
    data = paradox()
    found = correlation_within(data, method)
    assert found.overall.r == pytest.approx(oracle(data.x, data.y).statistic)
    assert [group.n for group in found.groups] == sorted(data.g.value_counts(), reverse=True)
    for group in found.groups:
        own = data[data.g == group.group]
        assert group.r == pytest.approx(oracle(own.x, own.y).statistic)
    assert (found.n_groups, found.exact, found.without_group) == (4, True, 0)


def test_pooled_is_the_correlation_of_what_least_squares_leaves() -> None:
    data = paradox()
    dummies = pd.get_dummies(data.g).to_numpy(float)
    left = [
        z - dummies @ np.linalg.lstsq(dummies, z)[0] for z in (data.x.to_numpy(), data.y.to_numpy())
    ]
    found = correlation_within(data, "pearson")
    assert found.pooled.r == pytest.approx(np.corrcoef(*left)[0, 1])
    means = data.groupby("g")[["x", "y"]].transform("mean")
    assert found.between == pytest.approx(np.corrcoef(means.x, means.y)[0, 1])
    assert found.pooled.low < found.pooled.r < found.pooled.high


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_a_reversed_sign_is_simpson_s_paradox_in_words(method) -> None:
    found = correlation_within(paradox(), method)
    assert found.overall.r > 0.3
    assert found.pooled.r < -0.3
    assert found.reversed
    assert found.words[0].startswith("Simpson's paradox: r .")
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["reversed"] is True
    assert len(document["groups"]) == 4


def test_a_correlation_of_the_means_alone_is_said() -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 5, 500)
    x, y = rng.normal(size=(2, 500)) + 3 * codes
    found = within_groups(x, y, codes, list("abcde"))
    assert "the means of the groups are correlated" in found.words[0]
    assert not found.reversed
    hidden = within_groups(
        rng.normal(size=500) + 9 * (codes % 2), x, np.arange(500) % 2, list("ab")
    )
    assert not hidden.reversed


def test_missing_cells_and_groups_leave_their_rows_out() -> None:
    data = paradox()
    expected = correlation_within(data[60:].reset_index(drop=True), "pearson")
    data.loc[:19, "x"], data.loc[20:39, "y"], data.loc[40:59, "g"] = np.nan, np.nan, None
    found = correlation_within(data, "pearson")
    assert found.pooled.r == pytest.approx(expected.pooled.r)
    assert (found.overall.n, found.without_group, found.rows) == (240, 20, 300)


def test_many_groups_are_pooled_and_the_largest_shown() -> None:
    data = paradox(2000, 50)
    found = correlation_within(data, "spearman")
    assert (found.n_groups, len(found.groups), found.rows) == (50, 20, 2000)
    assert found.pooled.r < 0


def test_what_cannot_be_told_is_nan_in_words() -> None:
    flat = within_groups(np.ones(9), np.arange(9.0), np.zeros(9, int), ["a"])
    assert math.isnan(flat.overall.r)
    assert "does not vary" in flat.words[0]
    none = within_groups(np.full(3, np.nan), np.arange(3.0), np.zeros(3, int), ["a"])
    assert (none.n_groups, none.overall.n) == (0, 0)
    json.dumps(none.document(), allow_nan=False)
