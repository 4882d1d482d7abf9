"""Slices: how a model does in each part of the rows, against all other rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.experiment.analysis.experiment_verdict import verdict_of
from explorer.performance.performance import ALPHA
from explorer.performance.scorer import additive_scorers, row_scores
from explorer.stats.classification.delong import paired_auc
from explorer.stats.classification.placements import placements
from explorer.stats.classification.score_contributions import auc_contributions
from explorer.stats.contributions import Contributions, mean_contributions
from explorer.stats.repeated import NEEDS_UNIT
from explorer.stats.testing.fdr import adjusted
from explorer.stats.testing.partition_test import auc_partition_p, mean_partition_p
from explorer.stats.testing.slice_contrasts import slice_contrasts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.features.segments import Segments
    from explorer.performance.model_predictions import ModelPredictions

__all__ = ["FEWEST", "Slice", "slices_of", "weakest_slices"]

FEWEST = 30
"""Units from which a slice is tested: below, Student's t is no safe guide for skewed losses."""

_MOST_AUC = 500  # slices of a column of which each gets an AUC of its own
_MOST_SORTED = (
    20_000_000  # rows times slices of a column up to which the rest of each is sorted too
)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A model in one figure and one slice.

    Parameters
    ----------
    by, slice, model, metric : str
    n, n_units : int
        Rows and units of the slice that are compared.
    value, low, high : float
        The figure in the slice, and the ends of its 95 % interval.
    rest : float
        The figure in all other rows of that column's slices; NaN where it is not tested.
    difference, difference_low, difference_high : float
        Slice less rest, and the ends of its 95 % interval: below 0 the model does worse here.
    p_value, p_adjusted : float
        Of no difference: the larger of Welch's (of units: the jackknife's) and that of a slice
        drawn at random; corrected over all slices, columns, models and figures (Benjamini &
        Hochberg 1995).
    verdict : {"better", "worse", "inconclusive", "not enough data", "not tested", "untrusted"}
        Not to be trusted where rows seem to belong together and nobody has named their unit.
    words : str
    """

    by: str
    slice: str
    model: str
    metric: str
    n: int
    n_units: int
    value: float
    low: float
    high: float
    rest: float = math.nan
    difference: float = math.nan
    difference_low: float = math.nan
    difference_high: float = math.nan
    p_value: float = math.nan
    p_adjusted: float = math.nan
    verdict: str = "inconclusive"
    words: str = ""


def slices_of(predicted: ModelPredictions, segments: Mapping[str, Segments]) -> list[Slice]:
    """Compute every additive figure of every model in every slice, and AUC where it is defined.

    Parameters
    ----------
    predicted : ModelPredictions
    segments : mapping of str to Segments
        By column; their codes are those of the whole table.
    """
    slices: list[Slice] = []
    for by, some in segments.items():
        codes = some.codes[predicted.rows]
        for name in predicted.names:
            for scorer in additive_scorers(predicted, name):
                slices += _contrasted(predicted, name, scorer, by, codes, some.labels)
        if predicted.kind == "binary":
            slices += _ranked(predicted, by, codes, some.labels)
    return _judged(slices, predicted.repeated is not None)


def weakest_slices(slices: Sequence[Slice], metric: str, model: str | None = None) -> list[Slice]:
    """Return the slices in which a model does worse than elsewhere, the surest large gap first."""
    return sorted(
        (
            slice_
            for slice_ in slices
            if slice_.metric == metric
            and slice_.verdict == "worse"
            and model in (None, slice_.model)
        ),
        key=lambda slice_: slice_.difference_high,
    )


def _contrasted(
    predicted: ModelPredictions,
    name: str,
    scorer: str,
    by: str,
    codes: NDArray[np.int32],
    labels: Sequence[str],
) -> Iterator[Slice]:
    values = row_scores(predicted, name, scorer)
    contrasts = slice_contrasts(values, codes, len(labels), predicted.unit)
    inside = codes >= 0
    drawn = mean_partition_p(
        values[inside],
        contrasts.n,
        np.asarray(contrasts.difference.value),
        _effect(mean_contributions(values), predicted),
    )
    p = np.fmax(contrasts.difference.p_value, drawn)  # whichever allows for more
    low, high = contrasts.mean.interval()
    ends = contrasts.difference.interval()
    for i, label in enumerate(labels):
        if not contrasts.n[i]:
            continue
        tested = contrasts.units[i] >= FEWEST
        yield Slice(
            by=by,
            slice=label,
            model=name,
            metric=scorer,
            n=int(contrasts.n[i]),
            n_units=int(contrasts.units[i]),
            value=float(contrasts.mean.value[i]),
            low=float(low[i]),
            high=min(float(high[i]), 1.0 if scorer == "accuracy" else 0.0),
            rest=float(contrasts.rest[i]),
            difference=float(contrasts.difference.value[i]),
            difference_low=float(ends[0][i]),
            difference_high=float(ends[1][i]),
            p_value=float(p[i]) if tested else math.nan,
            verdict="inconclusive" if tested else "not enough data",
        )


def _ranked(
    predicted: ModelPredictions, by: str, codes: NDArray[np.int32], labels: Sequence[str]
) -> Iterator[Slice]:
    """Compare the AUC of the rows of each slice with that of all others."""
    sizes = np.bincount(codes[codes >= 0], minlength=len(labels))
    some = np.flatnonzero(sizes).tolist()
    if len(some) > _MOST_AUC:
        return
    tested = len(some) * predicted.n <= _MOST_SORTED
    all_rows = (
        {name: _placed(predicted, name, codes >= 0) for name in predicted.names} if tested else {}
    )
    for i in some:
        inside = codes == i
        n_units = (
            int(sizes[i]) if predicted.unit is None else np.unique(predicted.unit[inside]).size
        )
        for name in predicted.names:
            own, low, high = _auc(predicted, name, inside)
            slice_ = Slice(
                by=by,
                slice=labels[i],
                model=name,
                metric="roc_auc",
                n=int(sizes[i]),
                n_units=n_units,
                value=own.value,
                low=low,
                high=high,
                verdict="not tested",
                words=_("shown, not tested: many rows in many slices"),
            )
            if math.isnan(own.value):
                yield replace(slice_, words="one class only: no AUC")
            elif n_units < FEWEST:
                yield replace(slice_, verdict="not enough data", words="")
            else:
                yield (
                    _against_rest(
                        predicted, slice_, own, inside, (codes >= 0) & ~inside, all_rows[name]
                    )
                    if tested
                    else slice_
                )


_Placed = tuple[tuple["NDArray[np.float64]", "NDArray[np.float64]"], float]


def _placed(predicted: ModelPredictions, name: str, rows: NDArray[np.bool_]) -> _Placed:
    """Return the placements of ones and zeros in all slices, and the design effect of the AUC."""
    truth, score = predicted.truth[rows], predicted.values[name][rows]
    placed = placements(truth, score)
    return (placed[truth], placed[~truth]), _effect(
        auc_contributions(predicted.truth, predicted.values[name]), predicted
    )


def _effect(contributions: Contributions, predicted: ModelPredictions) -> float:
    """Return the design effect of the units on a figure of all rows; 1 where rows stand alone."""
    if predicted.unit is None:
        return 1.0
    alone = float(contributions.estimate(None).error)
    return (
        max((float(contributions.estimate(predicted.unit).error) / alone) ** 2, 1.0)
        if alone > 0
        else 1.0
    )


def _auc(
    predicted: ModelPredictions, name: str, inside: NDArray[np.bool_]
) -> tuple[Contributions, float, float]:
    unit = (
        None
        if predicted.unit is None
        else np.unique(predicted.unit[inside], return_inverse=True)[1]
    )
    truth, score = predicted.truth[inside], predicted.values[name][inside]
    low, high = paired_auc(truth, [score], unit).interval()
    return auc_contributions(truth, score), float(low[0]), float(high[0])


def _against_rest(
    predicted: ModelPredictions,
    slice_: Slice,
    own: Contributions,
    inside: NDArray[np.bool_],
    others: NDArray[np.bool_],
    all_rows: _Placed,
) -> Slice:
    rest = auc_contributions(predicted.truth[others], predicted.values[slice_.model][others])
    if math.isnan(rest.value):
        return replace(slice_, words="the rest has one class only")
    rows = np.zeros(predicted.n)
    rows[inside], rows[others] = own.rows, -rest.rows
    # a unit may have rows on both sides
    gap = Contributions(own.value - rest.value, rows).estimate(predicted.unit)
    low, high = gap.interval()
    sides = [
        (
            int(np.count_nonzero(predicted.truth[side])),
            int(np.count_nonzero(~predicted.truth[side])),
        )
        for side in (inside, others)
    ]
    drawn = auc_partition_p(all_rows[0], sides[0], sides[1], own.value - rest.value, all_rows[1])
    return replace(
        slice_,
        rest=rest.value,
        difference=float(gap.value),
        difference_low=float(low),
        difference_high=float(high),
        p_value=float(np.fmax(gap.p_value, drawn)),
        verdict="inconclusive",
        words="",
    )


def _judged(slices: list[Slice], withheld: bool = False) -> list[Slice]:
    """Correct over all figures together, and say in words what a slice shows."""
    corrected = adjusted(np.array([slice_.p_value for slice_ in slices], np.float64))
    judged = []
    for slice_, p_adjusted in zip(slices, corrected.tolist(), strict=True):
        if slice_.verdict != "inconclusive":
            text = slice_.words or _("fewer than {fewest} units: not tested").format(fewest=FEWEST)
            judged.append(replace(slice_, words=text))
            continue
        verdict, strength = verdict_of(slice_.difference, p_adjusted, "increase", ALPHA)
        if withheld:
            verdict, text = (
                ("untrusted", NEEDS_UNIT) if strength else (verdict, _("no detectable difference"))
            )
            judged.append(replace(slice_, p_value=math.nan, verdict=verdict, words=text))
            continue
        text = {"worse": _("weaker than elsewhere"), "better": _("stronger than elsewhere")}.get(
            verdict, "no detectable difference"
        )
        text += _(", strong evidence") if strength == 2 else ""
        judged.append(replace(slice_, p_adjusted=p_adjusted, verdict=verdict, words=text))
    return judged
