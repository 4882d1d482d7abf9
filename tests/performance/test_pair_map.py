import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from explorer.core.errors import ModelError, UnknownName
from explorer.map.map_store import build_store
from explorer.performance.model_predictions import ModelPredictions
from explorer.performance.pair_map import pair_map

N = 4_000


class Drawn:
    """A map of every second row of the table."""

    fingerprint, features = "t", ("x", "y")

    def __init__(self, x, y, folder):
        self.x, self.rows = x, np.arange(0, 2 * x.size, 2)
        self.store = build_store(np.column_stack([x, y]).astype(np.float32), folder)


@pytest.fixture
def given(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.random(N // 2), rng.random(N // 2)
    truth = rng.random(N) < 0.5
    right = np.zeros(N, bool)
    right[::2] = x > 0.5  # b is the better one on the right of the map alone
    a = np.where(rng.random(N) < 0.6, truth, ~truth) * 0.6 + 0.2
    b = np.where(right & (rng.random(N) < 0.9), truth * 0.6 + 0.2, a)
    return ModelPredictions(
        kind="binary",
        rows=np.arange(N),
        truth=truth,
        values={"a": a, "b": b},
        forms=dict.fromkeys("ab", "probability"),
        levels=("0", "1"),
    ), Drawn(x, y, tmp_path / "m")


def test_b_is_better_where_it_was_made_better(given):
    predicted, m = given
    found = pair_map(
        predicted, m, "a", "b", regions=((m.x > 0.5).astype(np.int32), ["left", "right"])
    )
    left, right = found.regions
    assert (right.region, right.verdict, right.strength) == ("right", "better", 2)
    assert (left.verdict, left.difference) == ("inconclusive", 0)
    assert found.n_without == N // 2
    assert found.rows_of("right").tolist() == (2 * np.flatnonzero(m.x > 0.5)).tolist()
    assert "b better than a in 1 regions" in found.words


def test_losses_of_a_region_are_compared_by_students_t_on_the_same_rows(given):
    predicted, m = given
    one = pair_map(
        predicted, m, "a", "b", "neg_brier_score", ((m.x > 0.5).astype(np.int32), ["left", "right"])
    ).regions[1]
    rows = 2 * np.flatnonzero(m.x > 0.5)
    losses = {name: -((predicted.values[name][rows] - predicted.truth[rows]) ** 2) for name in "ab"}
    told = stats.ttest_rel(losses["b"], losses["a"])
    assert one.p_value == pytest.approx(told.pvalue)
    assert (one.low, one.high) == pytest.approx(tuple(told.confidence_interval()))
    assert (one.value_a, one.value_b) == pytest.approx((losses["a"].mean(), losses["b"].mean()))


def test_accuracy_in_a_region_is_compared_by_mcnemar(given):
    predicted, m = given
    one = pair_map(
        predicted, m, "a", "b", "accuracy", ((m.x > 0.5).astype(np.int32), ["left", "right"])
    ).regions[1]
    rows = 2 * np.flatnonzero(m.x > 0.5)
    hits = {name: (predicted.values[name][rows] >= 0.5) == predicted.truth[rows] for name in "ab"}
    table = [[0, (hits["a"] & ~hits["b"]).sum()], [(hits["b"] & ~hits["a"]).sum(), 0]]
    assert one.p_value == pytest.approx(mcnemar(table, exact=False, correction=True).pvalue)
    assert "McNemar" in one.words


def test_hexagons_hold_every_row_of_the_map_and_few_rows_are_not_tested(given):
    predicted, m = given
    found = pair_map(predicted, m, "a", "b", regions=200)
    assert sum(one.n for one in found.regions) == N // 2
    few = [one for one in found.regions if one.n < 30]
    assert few
    assert all(one.verdict == "not enough data" and np.isnan(one.p_adjusted) for one in few)
    tested = [one for one in found.regions if one.p_value == one.p_value]
    told = stats.false_discovery_control([one.p_value for one in tested])
    assert [one.p_adjusted for one in tested] == pytest.approx(list(told))
    assert found.to_arrow().num_rows == len(found)
    assert found.document()["regions"][0]["region"] == "H1"


def test_an_auc_is_no_figure_of_a_region(given):
    predicted, m = given
    with pytest.raises(ModelError, match="no mean over rows"):
        pair_map(predicted, m, "a", "b", "roc_auc")
    with pytest.raises(UnknownName, match="no model 'z'"):
        pair_map(predicted, m, "a", "z")
