"""Scorers by scikit-learn's names, greater always better, and what each row adds to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from explorer.stats.classification.confusion import CONFUSION_METRICS, ConfusionMetric
from explorer.stats.classification.probability_losses import brier_losses, log_losses
from explorer.stats.classification.score_contributions import (
    auc_contributions,
    average_precision_contributions,
)
from explorer.stats.contributions import Contributions, mean_contributions
from explorer.stats.residual_contributions import residual_contributions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.performance.model_predictions import ModelPredictions
    from explorer.stats.residual_contributions import ResidualMetric

__all__ = [
    "DECIDING",
    "MEDIAN",
    "RANGES",
    "additive_scorers",
    "contributions_of",
    "row_scores",
    "scorers_of",
]

DECIDING = {
    "binary": "roc_auc",
    "multiclass": "accuracy",
    "regression": "neg_root_mean_squared_error",
}
"""The scorer by which models are compared first; its differences are a family of their own."""

MEDIAN = "neg_median_absolute_error"

_RANKS = ("roc_auc", "average_precision")
_LOSSES = ("neg_log_loss", "neg_brier_score")
_OF_CALLS = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "matthews_corrcoef")
_OF_CLASSES = (
    "accuracy", "balanced_accuracy", "f1_macro", "f1_weighted", "precision_macro",
    "recall_macro", "matthews_corrcoef",
)  # fmt: skip
_RESIDUALS: dict[str, ResidualMetric] = {
    "r2": "r2",
    "neg_mean_absolute_error": "mean_absolute_error",
    "neg_root_mean_squared_error": "root_mean_squared_error",
    "neg_mean_squared_error": "mean_squared_error",
}

RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys((*_RANKS, *CONFUSION_METRICS, "roc_auc_ovr"), (0.0, 1.0)),
    "matthews_corrcoef": (-1.0, 1.0),
    "r2": (-np.inf, 1.0),
}
"""Ends beyond which a figure cannot lie; figures that are not here are at most 0."""


def scorers_of(predicted: ModelPredictions, name: str) -> tuple[str, ...]:
    """Return what can be said of a model, the deciding scorer first where it is among them."""
    if predicted.kind == "regression":
        return ("r2", *list(_RESIDUALS)[1:], MEDIAN)
    if predicted.kind == "multiclass":
        more = ("roc_auc_ovr", *_LOSSES) if name in predicted.probabilities else ()
        return (*_OF_CLASSES, *more)
    form = predicted.forms[name]
    if form == "score":
        return _RANKS
    return (*_RANKS, *_LOSSES, *_OF_CALLS) if form == "probability" else (*_RANKS, *_OF_CALLS)


def additive_scorers(predicted: ModelPredictions, name: str) -> tuple[str, ...]:
    """Return the scorers of a model that are means over rows, the sharpest first.

    They can be read in any set of rows.
    """
    if predicted.kind == "regression":
        return ("neg_mean_absolute_error", "neg_mean_squared_error")
    stated = (
        name in predicted.probabilities
        if predicted.kind == "multiclass"
        else predicted.forms[name] == "probability"
    )
    calls = () if predicted.forms[name] == "score" else ("accuracy",)
    return (*(_LOSSES if stated else ()), *calls)


def row_scores(predicted: ModelPredictions, name: str, scorer: str) -> NDArray[np.float64]:
    """Return what each row scores, (n,), greater is better: the mean is the scorer's value.

    Raises
    ------
    KeyError
        Where the scorer is no mean over rows.
    """
    if scorer == "accuracy":
        return np.asarray(predicted.called(name) == predicted.true_codes, np.float64)
    if scorer in _LOSSES:
        stated = predicted.probabilities.get(name, predicted.values[name])
        losses = log_losses if scorer == "neg_log_loss" else brier_losses
        return -losses(predicted.truth, stated)
    residual = predicted.values[name] - predicted.truth
    powers = {"neg_mean_absolute_error": np.abs, "neg_mean_squared_error": np.square}
    return np.asarray(-powers[scorer](residual))


def contributions_of(predicted: ModelPredictions, name: str, scorer: str) -> Contributions:
    """Return a scorer with what each row adds to it.

    All but the median absolute error, which no formula covers.

    Parameters
    ----------
    predicted : ModelPredictions
    name : str
        The model.
    scorer : str
        One of `scorers_of`.
    """
    truth, values = predicted.truth, predicted.values[name]
    if scorer == "roc_auc":
        return auc_contributions(truth, values)
    if scorer == "average_precision":
        return average_precision_contributions(truth, values)
    if scorer == "roc_auc_ovr":
        return _one_against_rest(predicted, name)
    if scorer in _LOSSES:
        return mean_contributions(row_scores(predicted, name, scorer))
    if scorer in _RESIDUALS:
        contributions = residual_contributions(_RESIDUALS[scorer], truth, values)
        return (
            contributions
            if scorer == "r2"
            else Contributions(-contributions.value, -contributions.rows)
        )
    return predicted.confusion(name).contributions(
        cast("ConfusionMetric", scorer), predicted.true_codes, predicted.called(name)
    )


def _one_against_rest(predicted: ModelPredictions, name: str) -> Contributions:
    """Return the mean over classes of the AUC of each against the rest.

    Hand & Till 2001, doi:10.1023/A:1010920819831.
    """
    stated: Any = predicted.probabilities[name]
    some = [auc_contributions(predicted.truth == k, stated[:, k]) for k in range(stated.shape[1])]
    return Contributions(
        float(np.mean([part.value for part in some])),
        np.asarray(np.mean([part.rows for part in some], axis=0)),
    )
