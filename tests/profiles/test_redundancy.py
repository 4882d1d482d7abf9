from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

from explorer.features.kind import Feature
from explorer.profiles import redundancy as redundancy_module
from explorer.profiles.redundancy import correlations, written
from explorer.table.source import open_source


def table() -> pa.Table:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 600))
    return pa.table(
        {
            "a": a,
            "exp a": np.exp(a),
            "noisy a": a + 0.3 * rng.normal(size=600),
            "b": b,
            "minus b": -b,
            "constant": np.ones(600),
            "alone": rng.normal(size=600),
        }
    )


def test_pairs_are_those_of_scipy() -> None:
    data = table()
    found = correlations(open_source(data), data.column_names)
    expected = {}
    names = [name for name in data.column_names if name != "constant"]
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            r = spearmanr(data[one], data[other]).statistic
            if abs(r) >= 0.9:
                expected[one, other] = r
    assert {(one, other): r for one, other, r in found.pairs} == pytest.approx(expected, abs=1e-5)
    assert found.groups == (("a", "exp a", "noisy a"), ("b", "minus b"))
    assert (found.rows, found.exact) == (600, True)
    strength = np.abs([r for *_, r in found.pairs])
    assert (np.diff(strength) <= 0).all()


def test_chips_name_the_strongest_partner() -> None:
    data = table()
    chips = correlations(open_source(data), data.column_names).chips
    assert chips["exp a"] == "r 1.00 a"
    assert chips["b"] == "r −1.00 minus b"
    assert "alone" not in chips
    assert (written(0.93), written(-0.951), written(0.999)) == (".93", "−.95", "1.00")


def test_blocks_find_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table()
    whole = correlations(open_source(data), data.column_names)
    monkeypatch.setattr(redundancy_module, "_BLOCK", 2)
    parts = correlations(open_source(data), data.column_names)
    assert [pair[:2] for pair in parts.pairs] == [pair[:2] for pair in whole.pairs]


def test_missing_cells_and_sentinels_take_the_middle() -> None:
    a = np.random.default_rng(1).normal(size=500)
    told, gaps = a.copy(), a.copy()
    told[:20], gaps[:20] = -999, np.nan
    features = {"told": Feature(name="told", kind="numeric", sentinels=(-999,))}
    source = open_source(pa.table({"told": told, "gaps": gaps}))
    ((_, _, r),) = correlations(source, ["told", "gaps"], features=features).pairs
    assert r == pytest.approx(1)


def test_a_long_table_is_sampled_and_says_so() -> None:
    a = np.random.default_rng(2).normal(size=3000)
    found = correlations(open_source(pa.table({"a": a, "b": a})), ["a", "b"], rows=1000)
    assert (found.rows, found.exact) == (1000, False)
    assert found.pairs[0][2] == pytest.approx(1)


def test_nothing_to_compare_is_no_pair() -> None:
    source = open_source(pa.table({"a": [1.0, 2.0]}))
    assert correlations(source, ["a"]).pairs == ()
    assert correlations(source, []).groups == ()
