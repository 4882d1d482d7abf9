"""The figures of each model with intervals, and of each pair of models on the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.experiment.analysis.experiment_verdict import CellVerdict, style_of, verdict_of
from explorer.performance.scorer import (
    DECIDING,
    MEDIAN,
    RANGES,
    contributions_of,
    row_scores,
    scorers_of,
)
from explorer.stats.classification.delong import paired_auc
from explorer.stats.contributions import mean_contributions
from explorer.stats.intervals.paired_medians import paired_medians
from explorer.stats.intervals.proportions import wilson_intervals
from explorer.stats.repeated import NEEDS_UNIT
from explorer.stats.testing.fdr import adjusted, holm
from explorer.stats.testing.mcnemar import mcnemar
from projections.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.performance.model_predictions import ModelPredictions
    from explorer.stats.contributions import Contributions
    from projections.errors import Progress

__all__ = ["ALPHA", "ModelFigure", "ModelPair", "measure_models"]

ALPHA = (0.05, 0.001)
"""Two levels of significance, as in an experiment."""


@dataclass(frozen=True, kw_only=True)
class ModelFigure:
    """One figure of one model.

    Parameters
    ----------
    value, low, high : float
        By scikit-learn's scorer, greater is better, and the ends of its 95 % interval; NaN where
        the rows do not define it.
    error : float
        Standard error, between units.
    exact : bool
        Every row that is compared was counted.
    """

    value: float
    low: float
    high: float
    error: float
    exact: bool = True


@dataclass(frozen=True, kw_only=True)
class ModelPair:
    """Two models in one figure, on the same rows.

    Parameters
    ----------
    metric, a, b : str
    difference, low, high : float
        Figure of b less that of a, and the ends of its 95 % interval: above 0 b is better.
    p_value, p_adjusted : float
        Of no difference; corrected within the family. NaN where the two say the same in every row,
        and where the unit of the rows is still to be named.
    method : str
        "DeLong", "McNemar", "paired by unit", "paired by row" or "bootstrap".
    family : {"deciding", "others"}
        Differences in the deciding figure are corrected by Holm's method, all others by Benjamini
        and Hochberg's.
    verdict : {"better", "worse", "inconclusive", "untrusted"}
        Of b; not to be trusted where rows seem to belong together and nobody has named their unit.
    strength : int
        0, 1 or 2: how many levels of significance are reached.
    colour, glyph, words : str
    """

    metric: str
    a: str
    b: str
    difference: float
    low: float
    high: float
    p_value: float
    p_adjusted: float
    method: str
    family: str
    verdict: CellVerdict = "inconclusive"
    strength: int = 0
    colour: str = ""
    glyph: str = ""
    words: str = ""


@dataclass(frozen=True)
class _Difference:
    value: float
    low: float
    high: float
    p: float
    method: str


_Measured = tuple[dict[str, ModelFigure], dict[tuple[str, str], _Difference]]


def measure_models(
    predicted: ModelPredictions, progress: Progress | None = None
) -> tuple[dict[str, dict[str, ModelFigure]], list[ModelPair]]:
    """Compute every figure of every model, and every difference of two models that both have it.

    Parameters
    ----------
    predicted : ModelPredictions
    progress : callable, optional
        Called with "figures", and figures done and to do; where it returns False, `Cancelled` is
        raised.

    Returns
    -------
    models : dict of str to dict of str to ModelFigure
        By model, by scorer.
    pairs : list of ModelPair
        By scorer, then by pair in the order of the models.
    """
    wanted = {name: scorers_of(predicted, name) for name in predicted.names}
    models: dict[str, dict[str, ModelFigure]] = {name: {} for name in predicted.names}
    pairs_of_models: list[tuple[str, str, str, _Difference]] = []
    scorers = list(dict.fromkeys(scorer for some in wanted.values() for scorer in some))
    for done, scorer in enumerate(scorers):
        if progress is not None and progress("figures", done, len(scorers)) is False:
            raise Cancelled
        names = [name for name in predicted.names if scorer in wanted[name]]
        with np.errstate(
            over="ignore", invalid="ignore"
        ):  # squares of numbers near 1e300 are infinite
            figures, differences = _HOW.get(scorer, _by_contributions)(predicted, scorer, names)
        for name, figure in figures.items():
            models[name][scorer] = figure
        pairs_of_models += [
            (scorer, a, b, difference) for (a, b), difference in differences.items()
        ]
    return models, _corrected(
        pairs_of_models, DECIDING[predicted.kind], predicted.repeated is not None
    )


def _by_contributions(predicted: ModelPredictions, scorer: str, names: Sequence[str]) -> _Measured:
    some = {name: contributions_of(predicted, name, scorer) for name in names}
    figures = {name: _figure(predicted, scorer, parts) for name, parts in some.items()}
    differences = {
        (a, b): _difference(predicted, some[b] - some[a]) for a, b in combinations(names, 2)
    }
    return figures, differences


def _figure(predicted: ModelPredictions, scorer: str, contributions: Contributions) -> ModelFigure:
    estimate = contributions.estimate(predicted.unit)
    low, high = (float(end) for end in estimate.interval())
    if scorer == "accuracy" and predicted.unit is None:
        hits = contributions.value * predicted.n
        low, high = (float(end) for end in wilson_intervals(hits, predicted.n))
    least, most = RANGES.get(scorer, (-np.inf, 0.0))
    return ModelFigure(
        value=contributions.value,
        low=max(low, least),
        high=min(high, most),
        error=float(estimate.error),
    )


def _difference(predicted: ModelPredictions, contributions: Contributions) -> _Difference:
    estimate = contributions.estimate(predicted.unit)
    low, high = (float(end) for end in estimate.interval())
    method = _("paired by row") if predicted.unit is None else _("paired by unit")
    return _Difference(contributions.value, low, high, float(estimate.p_value), method)


def _auc(predicted: ModelPredictions, _: str, names: Sequence[str]) -> _Measured:
    aucs = paired_auc(predicted.truth, [predicted.values[name] for name in names], predicted.unit)
    low, high = aucs.interval()
    figures = {
        name: ModelFigure(
            value=float(aucs.values[i]),
            low=float(low[i]),
            high=float(high[i]),
            error=float(aucs.errors[i]),
        )
        for i, name in enumerate(names)
    }
    differences = {}
    for (i, a), (j, b) in combinations(enumerate(names), 2):
        gap = aucs.difference(j, i)
        lower, upper = (float(end) for end in gap.interval())
        differences[a, b] = _Difference(
            float(gap.value), lower, upper, float(gap.p_value), "DeLong"
        )
    return figures, differences


def _accuracy(predicted: ModelPredictions, scorer: str, names: Sequence[str]) -> _Measured:
    """Compare by McNemar's test where rows stand alone."""
    hits = {name: row_scores(predicted, name, scorer) for name in names}
    some = {name: mean_contributions(hit) for name, hit in hits.items()}
    figures = {name: _figure(predicted, scorer, parts) for name, parts in some.items()}
    differences = {}
    for a, b in combinations(names, 2):
        difference = _difference(predicted, some[b] - some[a])
        if predicted.unit is None:
            only_a, only_b = float(hits[a] @ (1 - hits[b])), float(hits[b] @ (1 - hits[a]))
            difference = _Difference(
                difference.value,
                difference.low,
                difference.high,
                float(mcnemar(only_a, only_b).p_value),
                "McNemar",
            )
        differences[a, b] = difference
    return figures, differences


def _median(predicted: ModelPredictions, _: str, names: Sequence[str]) -> _Measured:
    """Bootstrap the medians of the absolute residuals, all models under the same draws."""
    errors = [np.abs(predicted.values[name] - predicted.truth) for name in names]
    medians = paired_medians(errors, predicted.unit)
    low, high = medians.interval()
    figures = {
        name: ModelFigure(
            value=-float(medians.value[i]),
            low=-float(high[i]),
            high=-float(low[i]),
            error=float(medians.error[i]),
        )
        for i, name in enumerate(names)
    }
    differences = {}
    for (i, a), (j, b) in combinations(enumerate(names), 2):
        drawn = type(medians)(
            medians.value[[i]] - medians.value[[j]], medians.draws[:, [i]] - medians.draws[:, [j]]
        )
        lower, upper = (float(end[0]) for end in drawn.interval())
        p = float(drawn.p_value[0]) if np.any(drawn.draws) else float("nan")
        differences[a, b] = _Difference(float(drawn.value[0]), lower, upper, p, "bootstrap")
    return figures, differences


_HOW = {"roc_auc": _auc, "accuracy": _accuracy, MEDIAN: _median}


def _corrected(
    differences: list[tuple[str, str, str, _Difference]], deciding: str, withheld: bool = False
) -> list[ModelPair]:
    """Correct p-values within the two families, and give verdicts.

    They are withheld where the unit is still to be named.
    """
    first = np.array([scorer == deciding for scorer, *_ in differences], bool)
    p = np.array([difference.p for *_, difference in differences], np.float64)
    corrected = np.full(p.shape, np.nan)
    corrected[first], corrected[~first] = holm(p[first]), adjusted(p[~first])
    pairs = []
    for (scorer, a, b, difference), p_adjusted in zip(differences, corrected.tolist(), strict=True):
        verdict, strength = verdict_of(difference.value, p_adjusted, "increase", ALPHA)
        p_value, text = difference.p, ""
        if withheld:
            verdict, text = ("untrusted", NEEDS_UNIT) if strength else (verdict, "")
            strength, p_value, p_adjusted = 0, float("nan"), float("nan")
        look = style_of(verdict, strength)
        pairs.append(
            ModelPair(
                metric=scorer,
                a=a,
                b=b,
                difference=difference.value,
                low=difference.low,
                high=difference.high,
                p_value=p_value,
                p_adjusted=p_adjusted,
                method=difference.method,
                family="deciding" if scorer == deciding else "others",
                verdict=verdict,
                strength=strength,
                colour=look.colour,
                glyph=look.glyph,
                words=text or _words(a, b, difference, look.words),
            )
        )
    return pairs


def _words(a: str, b: str, difference: _Difference, text: str) -> str:
    if difference.value != difference.value:
        return _("not defined on these rows")
    if difference.value == 0 and difference.low == difference.high:
        return _("{a} and {b} predict the same on these rows").format(a=a, b=b)
    return (
        text
        if "difference" in text
        else (
            (_("{b} is").format(b=b) + " ")
            + text.replace("better", "better than " + a).replace("worse", "worse than " + a)
        )
    )
