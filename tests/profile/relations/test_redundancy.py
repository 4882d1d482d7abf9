from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

from explorer.features.kind import Feature
from explorer.profile.relations import redundancy as redundancy_module
from explorer.profile.relations.redundancy import Redundancy, correlations
from explorer.sources.source import open_source


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


def test_partners_begin_with_the_strongest() -> None:
    data = table()
    partners = correlations(open_source(data), data.column_names).partners
    assert next(iter(partners["exp a"].items())) == ("a", pytest.approx(1))
    assert next(iter(partners["b"].items())) == ("minus b", pytest.approx(-1))
    assert "alone" not in partners


def test_blocks_find_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table()
    whole = correlations(open_source(data), data.column_names)
    monkeypatch.setattr(redundancy_module, "_BLOCK", 2)
    parts = correlations(open_source(data), data.column_names)
    assert [pair[:2] for pair in parts.pairs] == [pair[:2] for pair in whole.pairs]


def test_missing_cells_and_sentinels_leave_their_rows_out() -> None:
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


def test_features_missing_in_different_rows_are_found_all_the_same() -> None:
    rng = np.random.default_rng(3)
    a = rng.normal(size=2000)
    one, other = a.copy(), a + 0.2 * rng.normal(size=2000)
    one[:900], other[1200:] = np.nan, np.nan
    ((_, _, r),) = correlations(
        open_source(pa.table({"one": one, "other": other})), ["one", "other"]
    ).pairs
    assert r == pytest.approx(spearmanr(one[900:1200], other[900:1200]).statistic, abs=0.02)


def test_features_hardly_ever_present_together_are_not_compared() -> None:
    a = np.random.default_rng(4).normal(size=500)
    one, other = a.copy(), a.copy()
    one[260:], other[:231] = np.nan, np.nan  # 29 rows with both
    source = open_source(pa.table({"one": one, "other": other, "all": a}))
    found = correlations(source, ["one", "other", "all"])
    assert {pair[:2] for pair in found.pairs} == {("one", "all"), ("other", "all")}


def test_every_member_of_a_group_is_nearly_one_with_its_representative() -> None:
    rng = np.random.default_rng(5)
    # a chain: each link is near the next, the ends are far apart
    chain = [rng.normal(size=4000)]
    for _ in range(9):
        chain.append(chain[-1] + 0.35 * rng.normal(size=4000))
    names = [f"c{k}" for k in range(10)]
    found = correlations(open_source(pa.table(dict(zip(names, chain, strict=True)))), names)
    r = np.abs(spearmanr(np.array(chain).T).statistic)
    assert r[0, 9] < 0.85
    assert len(found.groups) > 1
    for group in found.groups:
        (leader,) = {found.representatives[name] for name in group}
        assert all(r[names.index(name), names.index(leader)] >= 0.9 for name in group)
    assert set(found.representatives) == {name for group in found.groups for name in group}


def test_neighbours_are_the_ten_strongest_with_both_correlations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(6)
    hidden = rng.normal(size=(800, 3))
    cells = hidden @ rng.normal(size=(3, 15)) + rng.normal(size=(800, 15))
    names = [f"f{k}" for k in range(15)]
    source = open_source(pa.table(dict(zip(names, cells.T, strict=True))))
    r, pearson = spearmanr(cells).statistic, np.corrcoef(cells.T)
    for block in (1024, 4):
        monkeypatch.setattr(redundancy_module, "_BLOCK", block)
        found = correlations(source, names)
        for k, name in enumerate(names):
            order = [j for j in np.argsort(-np.abs(r[k])) if j != k][:10]
            near = found.neighbours(name)
            assert [other for other, _, _ in near] == [names[j] for j in order]
            np.testing.assert_allclose([each[1] for each in near], r[k, order], atol=1e-5)
            np.testing.assert_allclose([each[2] for each in near], pearson[k, order], atol=1e-5)
    assert found.neighbours("unknown") == ()


def test_a_repeated_column_is_the_same_as_the_first() -> None:
    a = np.random.default_rng(7).normal(size=300)
    gaps = np.where(np.arange(300) < 20, np.nan, a)
    data = pa.table(
        {
            "a": a,
            "gaps": gaps,
            "again": a,
            "gaps too": gaps,
            "thrice": a,
            "flat": np.ones(300),
            "too": np.ones(300),
        }
    )
    found = correlations(open_source(data), data.column_names)
    assert found.same == {"again": "a", "thrice": "a", "gaps too": "gaps"}


def test_more_pairs_than_are_listed_are_counted_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    a = rng.normal(size=300)
    data = {f"f{k}": a + 0.1 * k / 8 * rng.normal(size=300) for k in range(8)}
    whole = correlations(open_source(pa.table(data)), list(data))
    monkeypatch.setattr(redundancy_module, "_MOST_PAIRS", 5)
    found = correlations(open_source(pa.table(data)), list(data))
    assert (whole.found, found.found, len(found.pairs)) == (28, 28, 5)
    assert found.groups == whole.groups == (tuple(data),)
    assert found.pairs == whole.pairs[:5]
    assert (
        found.words
        == "28 pairs of 8 features with |r| ≥ .90, on all 300 rows; the 5 strongest are listed"
    )


def test_the_document_gives_it_back() -> None:
    data = table()
    found = correlations(open_source(data), data.column_names)
    back = Redundancy.from_document(json.loads(json.dumps(found.document(), allow_nan=False)))
    assert (back.pairs, back.groups, back.same, back.words) == (
        found.pairs,
        found.groups,
        found.same,
        found.words,
    )
    for name in found.names:
        assert [each[0] for each in back.neighbours(name)] == [
            each[0] for each in found.neighbours(name)
        ]
        np.testing.assert_allclose(
            [each[1:] for each in back.neighbours(name)],
            [each[1:] for each in found.neighbours(name)],
            atol=1e-6,
        )
    empty = correlations(open_source(data), [])
    assert Redundancy.from_document(empty.document()).pairs == ()


def test_progress_counts_features_read_and_compared() -> None:
    data, seen = table(), []
    correlations(open_source(data), data.column_names, progress=lambda *step: seen.append(step))
    assert seen[-1] == ("redundancy", 14, 14)
    assert [step[1] for step in seen] == sorted(step[1] for step in seen)
