"""Truth and what models say of it: the rows that are compared, and what is to be known of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.core.errors import ModelError
from explorer.performance.model_columns import column_names, read_model, read_truth
from explorer.performance.model_predictions import Kind, ModelPredictions
from explorer.table.units.repeated_rows import repeated_rows
from explorer.table.units.unit_codes import filter_text, row_mask, unit_codes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from explorer.performance.model_columns import Columns, ModelColumn, TruthColumn
    from explorer.selection.selection import Selection
    from explorer.stats.repeated import RepeatedRows
    from explorer.table.table import Table

__all__ = ["ReadPredictions", "read_predictions"]

_SUM_TO_ONE = 0.01  # that probabilities by class may miss, rounded as they are


class ReadPredictions(NamedTuple):
    """What was read.

    Parameters
    ----------
    predicted : ModelPredictions
    positive : str, optional
        Level that counts as 1.
    missing : dict of str to int
        Rows with a truth in which each model's prediction is missing.
    notes : list of str
    """

    predicted: ModelPredictions
    positive: str | None
    missing: dict[str, int]
    notes: list[str]


def read_predictions(
    table: Table,
    truth: str,
    predictions: Mapping[str, Columns],
    kind: Kind,
    unit: str | None,
    where: Selection | ArrayLike | str | None,
    positive: object,
    threshold: float,
    look: bool = False,
) -> ReadPredictions:
    """Read truth and predictions; parameters as for `explorer.compare_models`.

    And whether to look for rows that belong together.
    """
    for name in (truth, *column_names(predictions), *([] if unit is None else [unit])):
        table.columns.feature(name)
    target = read_truth(table, truth, kind, positive)
    notes, usable = list(target.notes), target.there
    mask = row_mask(table, where)
    if mask is not None:
        usable = usable & mask
        notes.append(
            f"{int(mask.sum()):,} of {table.num_rows:,} rows are read: {filter_text(where)}"
        )
    if lost := int(((~target.there) & (mask if mask is not None else True)).sum()):
        notes.append(f"{lost:,} rows without {truth} are left out")
    units = None
    if unit is not None:
        units, _ = unit_codes(table, unit)
        if lost := int((usable & (units < 0)).sum()):
            notes.append(f"{lost:,} rows without {unit} are left out")
        usable = usable & (units >= 0)
    if not usable.any():
        raise ModelError(
            f"no row is left to compare models in: {'; '.join(notes) or 'the table has none'}"
        )
    models = {
        name: read_model(table, columns, kind, target, usable)
        for name, columns in predictions.items()
    }
    missing = {name: int((usable & ~model.there).sum()) for name, model in models.items()}
    with_truth = usable
    for model in models.values():
        usable = usable & model.there
    notes += [
        f"{name}: {n:,} of {int(with_truth.sum()):,} predictions are missing"
        for name, n in missing.items()
        if n
    ]
    if any(missing.values()):
        notes.append(
            f"{int(usable.sum()):,} rows are compared, those where every prediction is there"
        )
    rows = np.flatnonzero(usable)
    if not rows.size:
        raise ModelError(
            f"no row has {truth!r} and all predictions: look at which of them are missing, "
            "or compare fewer models"
        )
    predicted = _aligned(kind, rows, target, models, units, threshold)
    _refuse_infinite(predicted, truth, predictions)
    notes += _notes(predicted, predictions, truth)
    if look:
        seen = _repeated(table, predicted, truth, predictions)
        if seen is not None and seen.matters:
            predicted = replace(predicted, repeated=seen)
        elif seen is not None:
            notes.append(seen.words)
    return ReadPredictions(predicted, target.positive, missing, notes)


def _aligned(
    kind: Kind,
    rows: NDArray[np.int64],
    target: TruthColumn,
    models: Mapping[str, ModelColumn],
    units: NDArray[np.int32] | None,
    threshold: float,
) -> ModelPredictions:
    everything = rows.size == target.there.size

    def take(values: NDArray[Any]) -> NDArray[Any]:
        return values if everything else values[rows]

    unit = None
    if units is not None:
        own = take(units)
        used = np.zeros(int(own.max()) + 1, np.int32)
        used[own] = 1
        unit = (np.cumsum(used, dtype=np.int32) - 1)[own]
    return ModelPredictions(
        kind=kind,
        rows=rows,
        truth=take(target.values),
        values={name: take(model.values) for name, model in models.items()},
        forms={name: model.form for name, model in models.items()},
        levels=target.levels,
        unit=unit,
        threshold=threshold,
        probabilities={
            name: take(model.stated) for name, model in models.items() if model.stated is not None
        },
    )


def _refuse_infinite(
    predicted: ModelPredictions, truth: str, predictions: Mapping[str, Columns]
) -> None:
    if predicted.kind != "regression":
        return
    for name, values in (
        (truth, predicted.truth),
        *((str(predictions[name]), predicted.values[name]) for name in predicted.names),
    ):
        if n := int(np.isinf(values).sum()):
            raise ModelError(
                f"{name!r} is infinite in {n:,} rows, of which no mean can be made: "
                "leave them out (where=), or mend the column"
            )


def _notes(
    predicted: ModelPredictions, predictions: Mapping[str, Columns], truth: str
) -> list[str]:
    notes = []
    if predicted.kind == "binary":
        ones = int(np.count_nonzero(predicted.truth))
        if ones in (0, predicted.n):
            notes.append(
                f"{truth} is {predicted.levels[bool(ones)]} "
                f"in all {predicted.n:,} rows that are compared: "
                "AUC, curves and Matthews' correlation need both, and are not defined"
            )
        outside = [name for name in predicted.names if predicted.forms[name] == "score"]
        notes += [
            f"{name} ({predictions[name]}) has values outside [0, 1]: "
            "read as a score, by rank alone; no calibration, no threshold"
            for name in outside
        ]
        labels = [name for name in predicted.names if predicted.forms[name] == "label"]
        notes += [
            f"{name} ({predictions[name]}) holds only 0 and 1, or called classes: "
            "no probability, and no calibration"
            for name in labels
        ]
        if len(outside) < len(predicted.names):
            notes.append(f"a row is called {predicted.levels[1]} from {predicted.threshold:g} on")
    if predicted.kind == "regression" and predicted.n > 1 and np.ptp(predicted.truth) == 0:
        notes.append(
            f"{truth} is {predicted.truth[0]:g} in all rows that are compared: R² is not defined"
        )
    if predicted.kind == "multiclass" and predicted.probabilities:
        counts = np.bincount(predicted.true_codes, minlength=len(predicted.levels))
        absent = [level for level, n in zip(predicted.levels, counts, strict=False) if not n]
        if absent:
            notes.append(
                f"no row that is compared is {', '.join(absent[:5])}: "
                "its AUC against the rest is not defined, and with it their mean"
            )
    for name, stated in predicted.probabilities.items():
        if n := int((np.abs(stated.sum(axis=1) - 1) > _SUM_TO_ONE).sum()):
            notes.append(
                f"{name}: in {n:,} rows the probabilities of the classes do not sum to 1; "
                "losses are of them as they are"
            )
    return notes


def _repeated(
    table: Table, predicted: ModelPredictions, truth: str, predictions: Mapping[str, Columns]
) -> RepeatedRows | None:
    """Look whether rows belong together: by the truth in columns, and by errors in sequence."""
    errors = {name: _errors(predicted, name) for name in predicted.names}
    return repeated_rows(
        table,
        predicted.truth,
        predicted.rows,
        without=[truth, *column_names(predictions)],
        what=truth,
        series={f"errors of {name}": error for name, error in errors.items() if error is not None},
    )


def _errors(predicted: ModelPredictions, name: str) -> NDArray[np.float64] | None:
    """Return what the truth does not explain of a model's predictions; None of called classes."""
    values = predicted.values[name]
    if predicted.kind == "regression":
        return np.asarray(values - predicted.truth, np.float64)
    if predicted.kind == "multiclass":
        return None
    scores = values.astype(np.float64)
    means = [
        float(scores[predicted.truth == outcome].mean())
        if (predicted.truth == outcome).any()
        else 0.0
        for outcome in (False, True)
    ]
    return np.asarray(scores - np.where(predicted.truth, means[1], means[0]))
