import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from explorer.features.segments import Segments
from explorer.performance.model_predictions import ModelPredictions
from explorer.performance.slice import slices_of, weakest_slices

N = 3_000


@pytest.fixture
def given():
    rng = np.random.default_rng(0)
    place = rng.choice(5, N, p=[0.3, 0.3, 0.2, 0.192, 0.008]).astype(np.int32)
    signal = rng.normal(size=N)
    truth = rng.random(N) < 1 / (1 + np.exp(-2 * signal))
    known = np.where(
        place == 2, rng.normal(size=N), signal
    )  # in the third place the model knows nothing
    return ModelPredictions(
        kind="binary",
        rows=np.arange(N),
        truth=truth,
        values={"m": 1 / (1 + np.exp(-2 * known))},
        forms={"m": "probability"},
        levels=("0", "1"),
    ), Segments(place, ["p0", "p1", "p2", "p3", "p4"])


def test_the_place_where_the_model_knows_nothing_is_the_weakest(given):
    predicted, segments = given
    found = slices_of(predicted, {"place": segments})
    for metric in ("roc_auc", "neg_log_loss", "neg_brier_score", "accuracy"):
        assert [one.slice for one in weakest_slices(found, metric)] == ["p2"]
        assert weakest_slices(found, metric, "another") == []


def test_an_auc_is_that_of_the_rows_of_the_slice_and_of_the_rest(given):
    predicted, segments = given
    one = next(
        one
        for one in slices_of(predicted, {"place": segments})
        if (one.metric, one.slice) == ("roc_auc", "p2")
    )
    inside = segments.codes == 2
    score = predicted.values["m"]
    assert one.value == pytest.approx(roc_auc_score(predicted.truth[inside], score[inside]))
    assert one.rest == pytest.approx(roc_auc_score(predicted.truth[~inside], score[~inside]))
    assert one.difference_low < one.difference < one.difference_high < 0
    assert one.n == inside.sum()


def test_p_values_are_corrected_over_all_columns_models_and_figures(given):
    predicted, segments = given
    other = Segments(np.random.default_rng(1).integers(0, 6, N).astype(np.int32), list("uvwxyz"))
    found = slices_of(predicted, {"place": segments, "letter": other})
    tested = [one for one in found if one.p_value == one.p_value]
    assert {one.by for one in tested} == {"place", "letter"}
    told = stats.false_discovery_control([one.p_value for one in tested])
    assert [one.p_adjusted for one in tested] == pytest.approx(list(told))


def test_a_slice_of_a_few_rows_is_shown_and_not_tested(given):
    predicted, segments = given
    small = [one for one in slices_of(predicted, {"place": segments}) if one.slice == "p4"]
    assert {one.n for one in small} == {int((segments.codes == 4).sum())}
    assert {one.verdict for one in small} == {"not enough data"}
    assert all(np.isnan(one.p_value) for one in small)


def test_a_slice_with_one_class_has_no_auc_and_says_so():
    truth = np.repeat([True, False], 100)
    predicted = ModelPredictions(
        kind="binary",
        rows=np.arange(200),
        truth=truth,
        values={"m": np.linspace(0, 1, 200)},
        forms={"m": "probability"},
        levels=("0", "1"),
    )
    found = slices_of(
        predicted, {"half": Segments(np.repeat([0, 1], 100).astype(np.int32), ["one", "zero"])}
    )
    some = [one for one in found if one.metric == "roc_auc"]
    assert [one.words for one in some] == ["one class only: no AUC"] * 2


def test_slices_that_differ_by_chance_are_seldom_called_weak():
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(200):
        truth = rng.random(1_000) < 0.4
        predicted = ModelPredictions(
            kind="binary",
            rows=np.arange(1_000),
            truth=truth,
            values={"m": rng.random(1_000)},
            forms={"m": "probability"},
            levels=("0", "1"),
        )
        codes = rng.integers(0, 10, 1_000).astype(np.int32)
        wrong += bool(
            weakest_slices(
                slices_of(predicted, {"x": Segments(codes, [str(i) for i in range(10)])}),
                "neg_brier_score",
            )
        )
    assert wrong <= 200 * (0.05 + 2 * np.sqrt(0.05 * 0.95 / 200))
