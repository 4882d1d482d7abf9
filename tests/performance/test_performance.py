import numpy as np
import pytest
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from explorer.performance.model_predictions import ModelPredictions
from explorer.performance.performance import measure_models
from explorer.stats.classification.delong import paired_auc


def two_classes(n=1_500, unit=None, seed=0):
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=n)
    truth = rng.random(n) < 1 / (1 + np.exp(-signal))
    scores = {
        name: 1 / (1 + np.exp(-signal - rng.normal(0, noise, n)))
        for name, noise in (("a", 1.5), ("b", 0.4), ("c", 0.4))
    }
    return ModelPredictions(
        kind="binary",
        rows=np.arange(n),
        truth=truth,
        values=scores,
        forms=dict.fromkeys(scores, "probability"),
        levels=("0", "1"),
        unit=unit,
    )


def test_figures_of_two_classes_are_scikit_learns():
    given = two_classes()
    models, _ = measure_models(given)
    for name, score in given.values.items():
        called = score >= 0.5
        told = {
            "roc_auc": metrics.roc_auc_score(given.truth, score),
            "average_precision": metrics.average_precision_score(given.truth, score),
            "neg_log_loss": -metrics.log_loss(given.truth, score),
            "neg_brier_score": -metrics.brier_score_loss(given.truth, score),
            "accuracy": metrics.accuracy_score(given.truth, called),
            "balanced_accuracy": metrics.balanced_accuracy_score(given.truth, called),
            "precision": metrics.precision_score(given.truth, called),
            "recall": metrics.recall_score(given.truth, called),
            "f1": metrics.f1_score(given.truth, called),
            "matthews_corrcoef": metrics.matthews_corrcoef(given.truth, called),
        }
        assert {key: one.value for key, one in models[name].items()} == pytest.approx(told)
        assert all(key in metrics.get_scorer_names() for key in told)
        assert all(one.low < one.value < one.high and one.exact for one in models[name].values())


def test_the_interval_of_an_accuracy_of_single_rows_is_wilsons():
    given = two_classes()
    one = measure_models(given)[0]["a"]["accuracy"]
    hits = int(((given.values["a"] >= 0.5) == given.truth).sum())
    assert (one.low, one.high) == pytest.approx(proportion_confint(hits, given.n, method="wilson"))


def test_auc_is_compared_by_delong_and_accuracy_by_mcnemar():
    given = two_classes()
    pairs = {(one.metric, one.a, one.b): one for one in measure_models(given)[1]}
    one = pairs["roc_auc", "a", "b"]
    told = paired_auc(given.truth, list(given.values.values())).difference(1, 0)
    assert (one.difference, one.p_value, one.method) == pytest.approx(
        (float(told.value), float(told.p_value), "DeLong")
    )
    right = [(given.values[name] >= 0.5) == given.truth for name in "ab"]
    table = [[0, (right[0] & ~right[1]).sum()], [(right[1] & ~right[0]).sum(), 0]]
    one = pairs["accuracy", "a", "b"]
    assert one.method == "McNemar"
    assert one.p_value == pytest.approx(mcnemar(table, exact=False, correction=True).pvalue)


def test_differences_of_other_figures_have_the_errors_of_a_bootstrap():
    given = two_classes(600)
    one = next(
        one for one in measure_models(given)[1] if (one.metric, one.a, one.b) == ("f1", "a", "b")
    )
    rng, drawn = np.random.default_rng(1), []
    for _ in range(400):
        rows = rng.integers(0, 600, 600)
        f1 = [metrics.f1_score(given.truth[rows], given.values[name][rows] >= 0.5) for name in "ab"]
        drawn.append(f1[1] - f1[0])
    assert (one.high - one.low) / 3.92 == pytest.approx(np.std(drawn), rel=0.12)
    assert one.difference == pytest.approx(np.mean(drawn), abs=0.01)


def test_rows_that_repeat_a_unit_say_no_more_than_the_unit():
    once = two_classes(500)
    twice = ModelPredictions(
        kind="binary",
        rows=np.arange(1_000),
        truth=np.tile(once.truth, 2),
        values={name: np.tile(score, 2) for name, score in once.values.items()},
        forms=once.forms,
        levels=once.levels,
        unit=np.tile(np.arange(500, dtype=np.int32), 2),
    )
    alone, together = measure_models(once), measure_models(twice)
    for metric in ("roc_auc", "f1", "neg_log_loss", "average_precision"):
        assert together[0]["a"][metric].error == pytest.approx(
            alone[0]["a"][metric].error, rel=0.01
        )
    assert {one.method for one in together[1]} == {"DeLong", "paired by unit"}


def test_the_deciding_figure_is_corrected_by_holm_and_all_others_by_benjamini_and_hochberg():
    _, pairs = measure_models(two_classes())
    for family, method in (("deciding", "holm"), ("others", "fdr_bh")):
        some = [one for one in pairs if one.family == family]
        told = multipletests([one.p_value for one in some], method=method)[1]
        assert [one.p_adjusted for one in some] == pytest.approx(list(told))
    assert {one.metric for one in pairs if one.family == "deciding"} == {"roc_auc"}
    assert len([one for one in pairs if one.family == "deciding"]) == 3


def test_the_same_predictions_twice_are_no_finding():
    given = two_classes(200)
    same = ModelPredictions(
        kind="binary",
        rows=given.rows,
        truth=given.truth,
        values={"a": given.values["a"], "b": given.values["a"].copy()},
        forms={"a": "probability", "b": "probability"},
        levels=("0", "1"),
    )
    pairs = measure_models(same)[1]
    assert {one.difference for one in pairs} == {0.0}
    assert all(np.isnan(one.p_value) and one.verdict == "inconclusive" for one in pairs)
    assert {one.words for one in pairs} == {"a and b predict the same on these rows"}


def test_figures_of_numbers_are_scikit_learns():
    rng = np.random.default_rng(0)
    truth = rng.gamma(2, size=800)
    values = {"a": truth + rng.normal(size=800), "b": truth + rng.normal(0, 0.5, size=800)}
    given = ModelPredictions(
        kind="regression",
        rows=np.arange(800),
        truth=truth,
        values=values,
        forms=dict.fromkeys(values, "number"),
    )
    models, pairs = measure_models(given)
    for name, told in values.items():
        assert {key: one.value for key, one in models[name].items()} == pytest.approx(
            {
                "r2": metrics.r2_score(truth, told),
                "neg_mean_absolute_error": -metrics.mean_absolute_error(truth, told),
                "neg_root_mean_squared_error": -metrics.root_mean_squared_error(truth, told),
                "neg_mean_squared_error": -metrics.mean_squared_error(truth, told),
                "neg_median_absolute_error": -metrics.median_absolute_error(truth, told),
            }
        )
    assert {one.metric: one.method for one in pairs}["neg_median_absolute_error"] == "bootstrap"
    assert {one.verdict for one in pairs} == {"better"}


def test_several_classes_with_probabilities_have_scikit_learns_figures():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 900).astype(np.int32)
    stated = rng.dirichlet([1, 1, 1], 900) + np.eye(3)[truth] * 0.5
    stated /= stated.sum(axis=1, keepdims=True)
    called = stated.argmax(axis=1).astype(np.int32)
    given = ModelPredictions(
        kind="multiclass",
        rows=np.arange(900),
        truth=truth,
        values={"a": called},
        forms={"a": "probability"},
        probabilities={"a": stated},
        levels=("x", "y", "z"),
    )
    found = {key: one.value for key, one in measure_models(given)[0]["a"].items()}
    assert found.pop("neg_brier_score") == pytest.approx(
        -((stated - np.eye(3)[truth]) ** 2).sum(axis=1).mean()
    )
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(truth, called),
            "balanced_accuracy": metrics.balanced_accuracy_score(truth, called),
            "f1_macro": metrics.f1_score(truth, called, average="macro"),
            "f1_weighted": metrics.f1_score(truth, called, average="weighted"),
            "precision_macro": metrics.precision_score(truth, called, average="macro"),
            "recall_macro": metrics.recall_score(truth, called, average="macro"),
            "matthews_corrcoef": metrics.matthews_corrcoef(truth, called),
            "roc_auc_ovr": metrics.roc_auc_score(truth, stated, multi_class="ovr"),
            "neg_log_loss": -metrics.log_loss(truth, stated),
        }
    )
