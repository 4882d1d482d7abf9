"""Which columns look like a truth and like predictions of it, by their names and values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.table.table import Table

__all__ = ["LikelyModels", "likely_models"]

_MOST = 4
_MOST_CLASSES = 50
# Of a name's words, as scikit-learn, statsmodels and forecasting packages have them; the likelier
# first.
_TRUTHS = (
    "true",
    "truth",
    "target",
    "actual",
    "observed",
    "label",
    "outcome",
    "response",
    "y",
    "class",
)
_PREDICTIONS = re.compile(
    r"pred(s|ict\w*)?|prob(s|a|as|ab\w*)?|scores?|scored|forecast\w*|fcst|estimat\w*|y?hat|logits?"
)
# Words that say "model" and no more: only values that fit the truth make a prediction of these.
_MODELS = frozenset((
    "model", "clf", "classifier", "regressor", "xgb", "xgboost", "lgbm", "lightgbm", "catboost",
    "gbm", "rf", "logreg", "nn", "mlp", "svm",
))  # fmt: skip
_KINDS = ("numeric", "boolean", "categorical")


@dataclass(frozen=True)
class LikelyModels:
    """What may be compared.

    Parameters
    ----------
    truth : str or None
    kind : {"binary", "multiclass", "regression"} or None
        None where no column looks like a truth.
    predictions : tuple of str
        Columns, probabilities first; four at most.
    """

    truth: str | None
    kind: str | None
    predictions: tuple[str, ...]


def likely_models(table: Table, truth: str | None = None) -> LikelyModels:
    """Find columns that may be compared: offered, never taken unasked.

    Parameters
    ----------
    table : Table
    truth : str, optional
        The truth where it is known; else it is looked for: a column called so ("y_true",
        "clf_target", "label"), or what is left of a prediction's name ("sales" beside
        "forecast_sales").
    """
    parts_of = {
        name: _name_parts(name)
        for name, feature in table.features.items()
        if feature.kind in _KINDS and name not in table.source.mutable_columns
    }
    named = [name for name, parts in parts_of.items() if any(map(_PREDICTIONS.fullmatch, parts))]
    if truth is None or truth not in table.features:
        truth = _truth_among(parts_of, named)
    others = [name for name in named if name != truth]
    if truth is None:
        return LikelyModels(None, None, tuple(others[:_MOST]))
    others += [
        name
        for name, parts in parts_of.items()
        if name not in (*named, truth) and _MODELS.intersection(parts)
    ]
    kind = _kind_of(table, truth)
    fits = {name: _fit(table, name, truth, kind) for name in others}
    likely = sorted((name for name in others if fits[name]), key=lambda name: -fits[name])
    sure = [name for name in likely if name in named or fits[name] > 1]
    return LikelyModels(truth, kind, tuple(sure[:_MOST]))


def _name_parts(name: str) -> list[str]:
    """Split a name into its words: "yPredProba" and "y_pred_proba" have the same."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return re.findall(r"[a-z]+|\d+", apart.lower())


def _truth_among(name_parts: dict[str, list[str]], predictions: Sequence[str]) -> str | None:
    rest = [name for name in name_parts if name not in predictions]
    for name in predictions:
        left = [word for word in name_parts[name] if not _PREDICTIONS.fullmatch(word)]
        for other in rest:
            if left and name_parts[other] == left:
                return other
    called = [
        (_TRUTHS.index(word), len(name_parts[name]), name)
        for name in rest
        for word in name_parts[name]
        if word in _TRUTHS
    ]
    return min(called)[2] if called else None


def _kind_of(table: Table, truth: str) -> str:
    feature, summary = table.features[truth], table.summaries[truth]
    if feature.kind == "boolean" or summary.distinct == 2:
        return "binary"
    if feature.kind == "categorical":
        return "multiclass"
    return "regression"


def _fit(table: Table, name: str, truth: str, kind: str) -> int:
    """Say how well values fit: 3 probabilities, 2 the same classes, 1 other numbers, 0 none."""
    feature, summary = table.features[name], table.summaries[name]
    numeric = (
        feature.kind == "numeric" and summary.minimum is not None and summary.maximum is not None
    )
    if kind == "regression":
        return 2 if numeric else 0
    if summary.distinct <= _MOST_CLASSES and _levels(table, name) <= _levels(table, truth):
        return 2
    if kind != "binary" or not numeric:
        return 0
    assert summary.minimum is not None
    assert summary.maximum is not None
    return 3 if summary.minimum >= 0 and summary.maximum <= 1 else 1


def _levels(table: Table, name: str) -> frozenset[str]:
    """Return the classes of a column.

    Yes and no, true and false, 1.0 and 0 are those of 1 and 0.
    """
    numbers = {"yes": "1", "true": "1", "no": "0", "false": "0"}
    labels = (str(label).lower().removesuffix(".0") for label in table.columns.levels(name).labels)
    return frozenset(numbers.get(label, label) for label in labels)
