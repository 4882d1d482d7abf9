"""Truth and what models say of it, read from the columns of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.core.errors import ModelError, unknown_name
from explorer.performance.model_predictions import Form, Kind, ModelPredictions
from explorer.table.blocks import numbers_in
from explorer.table.units.repeated_rows import repeated_rows
from explorer.table.units.unit_codes import (
    filter_text,
    level_label,
    number_in_label,
    row_mask,
    unit_codes,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from explorer.selection.selection import Selection
    from explorer.stats.repeated import RepeatedRows
    from explorer.table.table import Table

__all__ = ["Columns", "ReadPredictions", "read_predictions"]

Columns = str | dict[str, str]
"""Column of a prediction, or the columns of its probabilities by class."""

_MOST_CLASSES = 200  # beyond, a column names something else than classes
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


class _Truth(NamedTuple):
    """Truth over all rows of the table, where it is there, and the names of its classes."""

    values: NDArray[Any]
    there: NDArray[np.bool_]
    levels: tuple[str, ...]
    positive: str | None
    notes: list[str]


class _Model(NamedTuple):
    """A prediction over all rows of the table; what it is of, as far as the rows read say."""

    values: NDArray[Any]
    there: NDArray[np.bool_]
    form: Form
    stated: NDArray[np.float64] | None = None


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
    for name in (truth, *_named(predictions), *([] if unit is None else [unit])):
        table.columns.feature(name)
    target = _TRUTHS[kind](table, truth, positive)
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
        name: _model(table, columns, kind, target, usable) for name, columns in predictions.items()
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


def _named(predictions: Mapping[str, Columns]) -> list[str]:
    if not isinstance(predictions, Mapping) or not predictions:
        raise ModelError(
            f'name a prediction: predictions={{"model": "column"}}; came {predictions!r}'
        )
    for model, columns in predictions.items():
        by_class = isinstance(columns, Mapping) and all(
            isinstance(column, str) for column in columns.values()
        )
        if not isinstance(model, str) or not (isinstance(columns, str) or by_class):
            raise ModelError(
                "a prediction is the name of a model and its column, or its columns by class; "
                f"came {model!r}: {columns!r}"
            )
    return [
        name
        for columns in predictions.values()
        for name in ([columns] if isinstance(columns, str) else columns.values())
    ]


def _numbers(table: Table, name: str) -> NDArray[np.float64]:
    feature = table.features[name]
    if feature.kind != "boolean" and (
        not table.columns.is_number(name) or feature.kind == "temporal"
    ):
        raise ModelError(f"{name!r} is {feature.kind}: a number is expected here")
    # read once and kept by the comparison: nothing is written for it
    return numbers_in(feature, table.source.uncached_column(name))


# --- truth


def _binary_truth(table: Table, name: str, positive: object) -> _Truth:
    if positive is not None:
        level = level_label(table, name, positive, "level")
        levels = table.columns.levels(name)
        codes = np.asarray(levels.codes == levels.labels.index(level))
        there = np.asarray(levels.codes < len(levels.labels))
        others = [label for label in levels.labels if label != level]
        notes = (
            [f"{name}: {', '.join(others[:5])}{' …' if len(others) > 5 else ''} count as 0"]
            if len(others) > 1
            else []
        )
        return _Truth(
            codes, there, (others[0] if len(others) == 1 else "other", level), level, notes
        )
    if table.features[name].kind != "boolean" and not table.columns.is_number(name):
        labels = table.columns.levels(name).labels
        some = ", ".join(labels[:6]) + (" …" if len(labels) > 6 else "")
        raise ModelError(
            f"{name!r} has the levels {some}: say which one counts as 1, "
            f"as in positive={labels[0] if labels else 'yes'!r}"
        )
    values = _numbers(table, name)
    there = ~np.isnan(values)
    wrong = values[there & (values != 0) & (values != 1)]
    if wrong.size:
        raise ModelError(
            f"{name!r} is to be 0 and 1, or yes and no, and has {wrong[0]:g} among others: "
            "name the value that counts as 1 (positive=), "
            "or take kind='multiclass' for several classes, kind='regression' for numbers"
        )
    return _Truth(values == 1, there, ("0", "1"), "1", [])


def _class_truth(table: Table, name: str, _: object) -> _Truth:
    levels = table.columns.levels(name)
    if len(levels.labels) > _MOST_CLASSES:
        raise ModelError(
            f"{name!r} has {len(levels.labels):,} different values: "
            f"classes are {_MOST_CLASSES} at most; is kind='regression' meant?"
        )
    return _Truth(
        levels.codes, np.asarray(levels.codes < len(levels.labels)), tuple(levels.labels), None, []
    )


def _number_truth(table: Table, name: str, _: object) -> _Truth:
    values = _numbers(table, name)
    return _Truth(values, ~np.isnan(values), (), None, [])


_TRUTHS = {"binary": _binary_truth, "multiclass": _class_truth, "regression": _number_truth}


# --- predictions


def _model(
    table: Table, columns: Columns, kind: Kind, target: _Truth, usable: NDArray[np.bool_]
) -> _Model:
    if not isinstance(columns, str):
        return _class_probabilities(table, columns, kind, target, usable)
    if kind == "multiclass":
        return _class_labels(table, columns, target)
    feature = table.features[columns]
    if kind == "binary" and feature.kind != "boolean" and not table.columns.is_number(columns):
        return _label_of_two(table, columns, target)
    values = _numbers(table, columns)
    return _Model(
        values,
        ~np.isnan(values),
        "number" if kind == "regression" else _form(values[usable], feature.kind),
    )


def _form(values: NDArray[np.float64], kind: str) -> Form:
    if kind == "boolean" or bool(((values == 0) | (values == 1) | np.isnan(values)).all()):
        return "label"
    return "score" if bool((values < 0).any() or (values > 1).any()) else "probability"


def _label_of_two(table: Table, name: str, target: _Truth) -> _Model:
    """Read the class that was called, of two."""
    levels = table.columns.levels(name)
    if target.positive not in levels.labels:
        raise unknown_name(f"level of {name!r}", str(target.positive), levels.labels)
    there = np.asarray(levels.codes < len(levels.labels))
    return _Model(
        (levels.codes == levels.labels.index(target.positive)).astype(np.float64), there, "label"
    )


def _as_class(label: str, classes: tuple[str, ...]) -> str:
    """Return the class that a label names: whole numbers are often written as 2.0 beside 2."""
    number = number_in_label(label)
    if label in classes or number is None:
        return label
    return next((class_ for class_ in classes if number_in_label(class_) == number), label)


def _class_labels(table: Table, name: str, target: _Truth) -> _Model:
    levels = table.columns.levels(name)
    labels = [_as_class(label, target.levels) for label in levels.labels]
    strange = [label for label in labels if label not in target.levels]
    if strange:
        raise ModelError(
            f"{name!r} calls {strange[0]!r}, which is no class of the truth: "
            f"they are {', '.join(target.levels[:8])}"
        )
    place = np.array([*(target.levels.index(label) for label in labels), -1], np.int32)
    codes = place[levels.codes]
    return _Model(codes, codes >= 0, "label")


def _class_probabilities(
    table: Table, columns: Mapping[str, str], kind: Kind, target: _Truth, usable: NDArray[np.bool_]
) -> _Model:
    """Read a probability for each class; what is called is the class with the largest."""
    if kind != "multiclass":
        raise ModelError(
            f"columns by class are for kind='multiclass'; for kind={kind!r} name one column"
        )
    columns = {_as_class(str(level), target.levels): column for level, column in columns.items()}
    absent = [level for level in target.levels if level not in columns]
    strange = [level for level in columns if level not in target.levels]
    if absent or strange:
        what = f"none is given for {absent[0]!r}" if absent else f"{strange[0]!r} is no class"
        raise ModelError(
            f"probabilities are wanted for the classes {', '.join(target.levels[:8])}, and {what}"
        )
    stated = np.stack([_numbers(table, columns[level]) for level in target.levels], axis=1)
    there = np.asarray(~np.isnan(stated).any(axis=1))
    read = stated[there & usable]
    if (read < 0).any() or (read > 1).any():
        first = next(iter(columns.values()))
        raise ModelError(
            f"probabilities by class lie in [0, 1], and those of {first!r} and its like do not: "
            "name the column of the called class instead"
        )
    called = np.argmax(np.where(np.isnan(stated), -1.0, stated), axis=1).astype(np.int32)
    return _Model(called, there, "probability", stated)


# --- together


def _aligned(
    kind: Kind,
    rows: NDArray[np.int64],
    target: _Truth,
    models: Mapping[str, _Model],
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
        without=[truth, *_named(predictions)],
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
