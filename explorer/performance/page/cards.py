"""What the performance view shows, as plain JSON.

Its set-up, the table of figures and differences, slices, calibration, confusion.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.core.json_values import plain
from explorer.core.number_format import NONE, interval, number, p_value
from explorer.experiment.analysis.experiment_verdict import style_of
from explorer.map.paint.palettes import category_colors
from explorer.state.convert import as_json
from explorer.table.units.unit_codes import level_label
from explorer.ui.analysis.analysis_columns import population_text
from explorer.ui.repeated_card import other_notes, repeated_card, units_offered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.features.kind import Feature
    from explorer.performance.controller import PerformanceController
    from explorer.performance.model_comparison import ModelComparison
    from explorer.performance.performance import ModelFigure, ModelPair
    from explorer.performance.slice import Slice
    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.table import Table

__all__ = [
    "DASHES",
    "calibration_card",
    "column_choices",
    "confusion_card",
    "result_card",
    "setup_card",
    "slices_card",
]

DASHES = ("solid", "dashed", "dotted", "dashdot", "solid", "dashed", "dotted", "dashdot")
"""Of the models' lines, told apart without colour too."""

_MOST_LEVELS = 30
_SLICES = 200  # of the list; all are in the files
_NAMES = {
    "roc_auc": "AUC", "average_precision": _("average precision"),
    "neg_log_loss": _("log loss, negative"), "neg_brier_score": _("Brier score, negative"),
    "accuracy": "accuracy", "balanced_accuracy": _("balanced accuracy"), "precision": "precision",
    "recall": "recall", "f1": "F1",
    "matthews_corrcoef": _("Matthews correlation"), "f1_macro": _("F1, mean of classes"),
    "f1_weighted": "F1, weighted", "precision_macro": _("precision, mean of classes"),
    "recall_macro": _("recall, mean of classes"), "roc_auc_ovr": _("AUC, class against rest"),
    "r2": "R²", "neg_mean_absolute_error": _("absolute error, negative"),
    "neg_root_mean_squared_error": _("root mean square error, negative"),
    "neg_mean_squared_error": _("square error, negative"),
    "neg_median_absolute_error": _("median absolute error, negative"),
}  # fmt: skip
_THRESHOLDED = {"accuracy", "balanced_accuracy", "precision", "recall", "f1", "matthews_corrcoef"}


def setup_card(
    table: Table, rows: RowSelection, controller: PerformanceController
) -> dict[str, Any]:
    """Return how models are read."""
    settings, features = controller.settings, table.features
    truth = settings.truth
    named = [truth, settings.unit, *settings.by, *settings.predictions.values()]
    levels: list[str] = []
    positive = settings.positive
    if (
        truth is not None
        and truth in features
        and settings.kind == "binary"
        and not table.columns.is_number(truth)
    ):
        try:
            levels = table.columns.levels(truth).labels[:_MOST_LEVELS]
            if features[truth].kind == "boolean":
                positive = positive or level_label(table, truth, True, "level")
        except ExplorerError:
            levels = []  # computing says in words what is wrong with the column
    return {
        **as_json(settings, "settings"),
        "positive": positive,
        "levels": levels,
        "wanting": controller.wanting,
        "population": population_text(table, rows),
        "labels": {name: features[name].label for name in named if name in features},
    }


def column_choices(features: Mapping[str, Feature]) -> dict[str, list[list[str]]]:
    """Return which columns can be truth, predictions, units and slices, as [name, label]."""

    def listed(*kinds: str) -> list[list[str]]:
        return [
            [name, feature.label] for name, feature in features.items() if feature.kind in kinds
        ]

    return {
        "values": listed("numeric", "boolean", "categorical"),
        "units": units_offered(listed("identifier", "categorical", "numeric", "text")),
        "slices": listed("categorical", "boolean", "numeric", "temporal"),
    }


def result_card(comparison: ModelComparison, theme: str = "light") -> dict[str, Any]:
    """Return the table: a line a figure, with a cell for each model and each difference.

    A difference is that of a model less the first.
    """
    names, pairs = (
        list(comparison.models),
        {(pair.metric, pair.a, pair.b): pair for pair in comparison.paired},
    )
    rows = []
    for scorer in dict.fromkeys(
        scorer for figures in comparison.models.values() for scorer in figures
    ):
        figures = [comparison.models[name].get(scorer) for name in names]
        differences = [pairs.get((scorer, names[0], name)) for name in names[1:]]
        rows.append(
            {
                "metric": scorer,
                "title": _NAMES.get(scorer, scorer),
                "deciding": scorer == comparison.deciding,
                "thresholded": scorer in _THRESHOLDED,
                "cells": [_cell(figure) for figure in figures],
                "differences": [_difference(difference) for difference in differences],
            }
        )
    units = (
        (
            " · "
            + _("{n_units:,} units ({unit})").format(
                n_units=comparison.predicted.n_units, unit=comparison.unit
            )
        )
        if comparison.unit
        else ""
    )
    return {
        "models": names,
        "colours": category_colors(len(names), theme),
        "dashes": [DASHES[i % len(DASHES)] for i in range(len(names))],
        "rows": rows,
        "kind": comparison.kind,
        "words": _("{n:,} rows compared{units}, all counted").format(n=comparison.n, units=units),
        "notes": other_notes(comparison.notes, comparison.repeated),
        "repeated": repeated_card(comparison.repeated),
        "method": comparison.method,
        "first": names[0],
        "threshold": comparison.predicted.threshold,
        "by": list(comparison.by),
        "pairs": len(names) > 2,
    }


def calibration_card(comparison: ModelComparison) -> list[list[str]]:
    """Return a line for each model that states probabilities.

    Its name, what is said of it, and its binned error beside chance.
    """
    return [
        [
            name,
            reliability.words,
            _("ECE {ece}, by chance {chance} (10 bins)").format(
                ece=number(reliability.ece), chance=number(reliability.chance)
            ),
        ]
        for name, reliability in comparison.calibration.items()
    ]


def _cell(figure: ModelFigure | None) -> dict[str, Any]:
    if figure is None:
        return {"value": NONE, "interval": ""}
    return {"value": number(figure.value), "interval": _ends(figure.low, figure.high)}


def _difference(pair: ModelPair | None) -> dict[str, Any] | None:
    if pair is None or pair.difference != pair.difference:
        return None
    look = style_of(pair.verdict, pair.strength)
    ends = [pair.difference, pair.low, pair.high]
    return {
        "value": number(pair.difference),
        "interval": _ends(pair.low, pair.high),
        "p": p_value(pair.p_adjusted),
        "method": pair.method,
        "drawn": plain(ends),
        "glyph": look.glyph,
        "colour": look.colour,
        "ink": look.ink,
        "hatched": look.hatched,
        "words": pair.words,
        "short": _("needs a unit") if pair.verdict == "untrusted" else pair.verdict,
    }


def slices_card(comparison: ModelComparison) -> dict[str, Any]:
    """Return the slices of the deciding figure, the surest weak ones first."""
    metric = comparison.slice_metric
    some = [slice_ for slice_ in comparison.slices if slice_.metric == metric]
    weak = comparison.weakest(metric)
    others = sorted(
        (slice_ for slice_ in some if slice_.verdict != "worse"), key=lambda slice_: _order(slice_)
    )
    tested = sum(slice_.p_value == slice_.p_value for slice_ in some)
    listed = [*weak, *others][:_SLICES]
    text = _(
        "{count:,} of {tested:,} slices × models are detectably worse than the rest (false "
        "discovery rate 5 %)"
    ).format(count=len(weak), tested=tested)
    if len(listed) < len(some):
        text += _("; {listed:,} of {slices:,} listed").format(listed=len(listed), slices=len(some))
    return {
        "metric": metric,
        "title": _NAMES.get(metric, metric),
        "words": text,
        "rows": [_slice(slice_) for slice_ in listed],
    }


def _order(slice_: Slice) -> float:
    return slice_.difference if slice_.difference == slice_.difference else float("inf")


def _slice(slice_: Slice) -> dict[str, Any]:
    drawn = [slice_.difference, slice_.difference_low, slice_.difference_high]
    return {
        "by": slice_.by,
        "slice": slice_.slice,
        "model": slice_.model,
        "n": slice_.n,
        "value": number(slice_.value),
        "interval": _ends(slice_.low, slice_.high),
        "rest": number(slice_.rest),
        "difference": number(slice_.difference),
        "ends": _ends(slice_.difference_low, slice_.difference_high),
        "p": p_value(slice_.p_adjusted),
        "words": slice_.words,
        "weak": slice_.verdict == "worse",
        "drawn": plain(drawn),
    }


def confusion_card(comparison: ModelComparison, name: str, threshold: float) -> dict[str, Any]:
    """Return the confusion of a model at a threshold, with shares and the figures of it."""
    counts = comparison.confusion(name, threshold if comparison.kind == "binary" else None)
    rows = counts.counts
    of_true = rows / np.maximum(rows.sum(axis=1, keepdims=True), 1)
    metrics = (
        ("accuracy", "precision", "recall", "f1")
        if comparison.kind == "binary"
        else ("accuracy", "balanced_accuracy", "f1_macro")
    )
    figures = [[_NAMES[metric], number(float(counts.figure(metric)))] for metric in metrics]  # type: ignore[arg-type]
    return {
        "model": name,
        "threshold": threshold,
        "levels": list(comparison.predicted.levels),
        "counts": rows.astype(np.int64).tolist(),
        "shares": of_true.tolist(),
        "figures": figures,
        "words": _(
            "rows by true (down) and by predicted class (across); shares are of each true class"
        ),
    }


def _ends(low: float, high: float) -> str:
    """Write an interval, its ends with three digits: a table has many."""
    return interval(low, high, partial(number, digits=3))
