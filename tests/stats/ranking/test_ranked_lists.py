from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import dcg_score, ndcg_score

from explorer.stats.domain import domain_auc
from explorer.stats.intervals.proportions import newcombe, pooled_z, wilson_intervals
from explorer.stats.ranking.position_curve import PositionCurve, examination, rate_curve
from explorer.stats.ranking.ranked_lists import ranked_lists
from explorer.stats.testing.fdr import adjusted

GAINS = np.array([10, 0, 0, 1, 5])


@pytest.mark.parametrize(
    ("score", "ndcg"), [([0.1, 0.2, 0.3, 4, 70], 0.695694), ([0.05, 1.1, 1.0, 0.5, 0.0], 0.493680)]
)
def test_the_examples_of_scikit_learn(score: list[float], ndcg: float) -> None:
    position = np.empty(5)
    position[np.argsort(-np.array(score))] = np.arange(1, 6)
    found = ranked_lists(np.zeros(5, int), position, GAINS, (5,))
    assert found.ndcg(5)[0] == pytest.approx(ndcg, abs=5e-7)
    assert found.dcg[0, 0] == pytest.approx(dcg_score([GAINS], [score]), rel=1e-12)
    if ndcg == 0.695694:
        assert found.dcg[0, 0] == pytest.approx(9.499458, abs=5e-7)


def test_lists_without_a_hit_are_counted_or_excluded_as_evidently_does() -> None:
    lists, position = np.repeat([0, 1, 2], 3), np.tile([1, 2, 3], 3)
    found = ranked_lists(lists, position, np.array([1, 0, 0, 0, 0, 0, 0, 0, 1]), (3,))
    ndcg, rank = found.ndcg(3), found.reciprocal_rank
    assert found.mean(ndcg, "drop").value == pytest.approx(0.75)
    assert found.mean(rank, "drop").value == pytest.approx(0.6667, abs=5e-5)
    assert found.mean(rank, "count").value == pytest.approx(0.4444, abs=5e-5)
    assert found.mean(ndcg, "count").value == pytest.approx(0.5)


def test_hits_at_3_2_1_have_the_mean_reciprocal_rank_of_the_text_book() -> None:
    found = ranked_lists(np.arange(3), np.array([3, 2, 1]), np.ones(3))
    assert found.mean(found.reciprocal_rank).value == pytest.approx(0.6111, abs=5e-5)
    assert found.success(1).tolist() == [0, 0, 1]
    assert found.success(2).tolist() == [0, 1, 1]


@pytest.mark.parametrize("graded", [False, True])
def test_many_lists_in_any_order_are_scikit_learn_s_at_each_depth(graded: bool) -> None:
    rng = np.random.default_rng(0)
    gains = rng.integers(0, 4, (40, 12)) if graded else (rng.random((40, 12)) < 0.15).astype(int)
    shuffled = rng.permutation(480)
    lists, position = (
        np.repeat(np.arange(40), 12)[shuffled],
        np.tile(np.arange(1, 13), 40)[shuffled],
    )
    found = ranked_lists(lists, position, gains.ravel()[shuffled], (1, 5, 12))
    score = -np.tile(np.arange(12.0), (40, 1))
    for i, k in enumerate((1, 5, 12)):
        expected = [ndcg_score(gains[j : j + 1], score[:1], k=k) for j in range(40)]
        np.testing.assert_allclose(found.ndcg(k), expected, rtol=1e-12)
        np.testing.assert_allclose(found.dcg[:, i].mean(), dcg_score(gains, score, k=k), rtol=1e-12)
    first = [np.flatnonzero(row)[0] + 1 if row.any() else np.nan for row in gains]
    np.testing.assert_array_equal(found.first, first)


def test_the_error_of_a_mean_over_lists_is_that_between_users() -> None:
    rng = np.random.default_rng(1)
    user = np.repeat(np.arange(80), rng.integers(1, 6, 80))
    skill = rng.uniform(0.05, 0.6, 80)[user]
    hit = rng.random((user.size, 10)) < skill[:, None]
    found = ranked_lists(
        np.repeat(np.arange(user.size), 10),
        np.tile(np.arange(1, 11), user.size),
        hit.ravel().astype(int),
    )
    mean = found.mean(found.reciprocal_rank)
    stated, alone = float(mean.estimate(user).error), float(mean.estimate().error)
    values, drawn = found.reciprocal_rank, []
    sums, n = np.bincount(user, values), np.bincount(user)
    for _ in range(2_000):
        chosen = rng.integers(0, 80, 80)
        drawn.append(sums[chosen].sum() / n[chosen].sum())
    assert stated == pytest.approx(np.std(drawn), rel=0.06)
    assert stated > 1.1 * alone


def test_lists_exist_by_their_rows_with_a_position_or_without() -> None:
    found = ranked_lists(
        np.array([0, 0, 0, 0, -1, 2, 3, 4, 4]),
        np.array([0, np.nan, 1.5, 2, 1, 3, np.nan, np.nan, 1]),
        np.array([0, 0, 0, 1, 1, np.nan, 0, 1, 0]),
        (5,),
    )
    assert found.exists.tolist() == [True, False, False, True, True]
    assert found.rows.tolist() == [1, 0, 0, 0, 1]
    assert found.first[0] == 2
    assert found.any_hit.tolist() == [True, False, False, False, True]
    # the list with a hit at no position has no figure; the one without a hit has 0
    assert found.known.tolist() == [True, False, False, True, False]
    assert found.mean(found.reciprocal_rank).value == 0.25
    assert found.mean(found.reciprocal_rank, "drop").value == 0.5
    nobody = ranked_lists(np.zeros(3, int), np.arange(1, 4), np.zeros(3))
    assert nobody.mean(nobody.ndcg(5)).value == 0
    assert np.isnan(nobody.mean(nobody.ndcg(5), "drop").value)
    none = ranked_lists(np.empty(0, int), np.empty(0), np.empty(0))
    assert np.isnan(none.mean(none.reciprocal_rank).value)


def position_curve(position, outcome, unit=None) -> PositionCurve:
    places, cell = np.unique(position, return_inverse=True)
    n, hits, low, high = rate_curve(outcome, cell, places.size, unit)
    return PositionCurve(places, n, hits, hits / n, low, high)


def test_the_position_curve_has_wilson_s_intervals() -> None:
    """Clicks of the policy random on the page men of the Open Bandit data.

    10, 22 and 14 of 3,284, 3,388 and 3,328.
    """
    n, hits = np.array([3_284, 3_388, 3_328]), np.array([10, 22, 14])
    outcome = np.concatenate([np.arange(size) < hit for size, hit in zip(n, hits, strict=True)])
    found = position_curve(np.repeat([1, 2, 3], n), outcome)
    low, high = wilson_intervals(hits, n)
    assert found.position.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(found.hits, hits)
    np.testing.assert_allclose([found.low, found.high], [low, high])
    share, least, most = examination(found)
    np.testing.assert_allclose(share, [1, 22 / 3_388 / (10 / 3_284), 14 / 3_328 / (10 / 3_284)])
    # 22 of 3,388 beside 10 of 3,284 by itself: the interval agrees with Newcombe's of the
    # difference
    assert [low > 1 for low in least[1:]] == [
        newcombe(22, 3_388, 10, 3_284)[0] > 0,
        newcombe(14, 3_328, 10, 3_284)[0] > 0,
    ]
    assert (most[1:] > 1).all()
    assert (least[0], most[0]) == (1, 1)


def test_clicks_by_position_of_the_open_bandit_data_are_known() -> None:
    table = pq.read_table(Path(__file__).parents[3] / "data" / "open_bandit.parquet").to_pandas()
    men = table[table.campaign == "men"]
    found = [
        position_curve(log.position.to_numpy(), log.click.to_numpy())
        for _, log in men.groupby("policy", observed=True)
    ]
    bts, random = found
    assert (random.hits.tolist(), random.n.tolist()) == ([10, 22, 14], [3_284, 3_388, 3_328])
    assert (bts.hits.tolist(), bts.n.tolist()) == ([30, 21, 18], [3_339, 3_262, 3_399])
    p = pooled_z(random.hits, random.n, bts.hits, bts.n)
    assert p == pytest.approx([0.00181, 0.977, 0.516], abs=5e-4)
    assert adjusted(p) == pytest.approx([0.00544, 0.977, 0.775], abs=1e-3)
    assert wilson_intervals(46, 10_000) == pytest.approx((0.00345, 0.00613), abs=5e-6)


def test_intervals_of_repeated_users_cover_and_those_of_rows_do_not() -> None:
    covered, rows_alone = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rate = rng.beta(1, 4, 60)
        outcome = rng.random((60, 20)) < rate[:, None]
        position, unit = np.tile(np.arange(20) % 2 + 1, 60), np.repeat(np.arange(60), 20)
        by_user, plain = (
            position_curve(position, outcome.ravel(), unit),
            position_curve(position, outcome.ravel()),
        )
        covered.append(((by_user.low <= 0.2) & (by_user.high >= 0.2)).mean())
        rows_alone.append(((plain.low <= 0.2) & (plain.high >= 0.2)).mean())
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)
    assert np.mean(rows_alone) < 0.85


def test_a_user_a_row_and_positions_without_hits_are_bounded() -> None:
    alone = position_curve(np.array([1, 1, 2, 2]), np.array([0, 0, 1, 0]), np.arange(4))
    assert (alone.low[0], alone.low[1] > 0) == (0, True)
    assert (alone.high < 1).all()
    one = position_curve(np.array([1, 1]), np.array([0, 1]), np.zeros(2, int))
    assert (one.low[0], one.high[0]) == (0, 1)
    assert np.isnan(examination(position_curve(np.array([1]), np.array([0])))[0]).all()
    assert examination(position_curve(np.empty(0, int), np.empty(0)))[0].size == 0


def test_a_classifier_that_learned_nothing_is_at_a_half_though_its_folds_differ_in_level():
    rng = np.random.default_rng(2)
    new, fold = rng.random(5_000) < 0.5, rng.integers(0, 5, 5_000)
    level = np.array([new[fold != f].mean() for f in range(5)])[fold]
    found = domain_auc(level * 3 + rng.normal(0, 1e-3, 5_000), new, fold)
    assert found.low < 0.5 < found.high
    drifted = domain_auc(rng.normal(size=5_000) + new, new, fold)
    assert drifted.low < 0.76025 < drifted.high
    assert drifted.low > 0.74
