"""The columns of a truth and of predictions, each read over all rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.core.errors import ModelError, unknown_name
from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.table.blocks import numbers_in
from explorer.table.units.unit_codes import level_label, number_in_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.performance.model_predictions import Form, Kind
    from explorer.table.table import Table

__all__ = ["Columns", "ModelColumn", "TruthColumn", "column_names", "read_model", "read_truth"]

Columns = str | dict[str, str]
"""Column of a prediction, or the columns of its probabilities by class."""

_MOST_CLASSES = 200  # beyond, a column names something else than classes


class TruthColumn(NamedTuple):
    """Truth over all rows of the table, where it is there, and the names of its classes."""

    values: NDArray[Any]
    there: NDArray[np.bool_]
    levels: tuple[str, ...]
    positive: str | None
    notes: list[str]


class ModelColumn(NamedTuple):
    """A prediction over all rows of the table; what it is of, as far as the rows read say."""

    values: NDArray[Any]
    there: NDArray[np.bool_]
    form: Form
    stated: NDArray[np.float64] | None = None


def column_names(predictions: Mapping[str, Columns]) -> list[str]:
    """Return the columns of all predictions; refuse what is not written as one."""
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


def read_truth(table: Table, name: str, kind: Kind, positive: object) -> TruthColumn:
    """Read a truth: yes and no, of which ``positive`` counts as 1, classes, or numbers."""
    if kind == "binary":
        return _binary_truth(table, name, positive)
    return _class_truth(table, name) if kind == "multiclass" else _number_truth(table, name)


def read_model(
    table: Table, columns: Columns, kind: Kind, target: TruthColumn, usable: NDArray[np.bool_]
) -> ModelColumn:
    """Read a prediction; ``usable`` are the rows that say what it is of."""
    if not isinstance(columns, str):
        return _class_probabilities(table, columns, kind, target, usable)
    if kind == "multiclass":
        return _class_labels(table, columns, target)
    feature = table.features[columns]
    if kind == "binary" and feature.kind != "boolean" and not table.columns.is_number(columns):
        return _label_of_two(table, columns, target)
    values = _numbers(table, columns)
    return ModelColumn(
        values,
        ~np.isnan(values),
        "number" if kind == "regression" else _form(values[usable], feature.kind),
    )


def _binary_truth(table: Table, name: str, positive: object) -> TruthColumn:
    if positive is not None:
        level = level_label(table, name, positive, "level")
        levels = table.columns.levels(name)
        codes = np.asarray(levels.codes == levels.labels.index(level))
        there = np.asarray(levels.codes < len(levels.labels))
        others = [label for label in levels.labels if label != level]
        notes = (
            [_("{name}: {levels} count as 0").format(name=name, levels=list_names(others, 5))]
            if len(others) > 1
            else []
        )
        return TruthColumn(
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
    return TruthColumn(values == 1, there, ("0", "1"), "1", [])


def _class_truth(table: Table, name: str) -> TruthColumn:
    levels = table.columns.levels(name)
    if len(levels.labels) > _MOST_CLASSES:
        raise ModelError(
            f"{name!r} has {len(levels.labels):,} different values: "
            f"classes are {_MOST_CLASSES} at most; is kind='regression' meant?"
        )
    return TruthColumn(
        levels.codes, np.asarray(levels.codes < len(levels.labels)), tuple(levels.labels), None, []
    )


def _number_truth(table: Table, name: str) -> TruthColumn:
    values = _numbers(table, name)
    return TruthColumn(values, ~np.isnan(values), (), None, [])


def _form(values: NDArray[np.float64], kind: str) -> Form:
    if kind == "boolean" or bool(((values == 0) | (values == 1) | np.isnan(values)).all()):
        return "label"
    return "score" if bool((values < 0).any() or (values > 1).any()) else "probability"


def _label_of_two(table: Table, name: str, target: TruthColumn) -> ModelColumn:
    """Read the class that was called, of two."""
    levels = table.columns.levels(name)
    if target.positive not in levels.labels:
        raise unknown_name(f"level of {name!r}", str(target.positive), levels.labels)
    there = np.asarray(levels.codes < len(levels.labels))
    return ModelColumn(
        (levels.codes == levels.labels.index(target.positive)).astype(np.float64), there, "label"
    )


def _as_class(label: str, classes: tuple[str, ...]) -> str:
    """Return the class that a label names: whole numbers are often written as 2.0 beside 2."""
    number = number_in_label(label)
    if label in classes or number is None:
        return label
    return next((class_ for class_ in classes if number_in_label(class_) == number), label)


def _class_labels(table: Table, name: str, target: TruthColumn) -> ModelColumn:
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
    return ModelColumn(codes, codes >= 0, "label")


def _class_probabilities(
    table: Table,
    columns: Mapping[str, str],
    kind: Kind,
    target: TruthColumn,
    usable: NDArray[np.bool_],
) -> ModelColumn:
    """Read a probability for each class; what is called is the class with the largest."""
    if kind != "multiclass":
        raise ModelError(
            f"columns by class are for kind='multiclass'; for kind={kind!r} name one column"
        )
    columns = {_as_class(str(level), target.levels): column for level, column in columns.items()}
    absent = [level for level in target.levels if level not in columns]
    strange = [level for level in columns if level not in target.levels]
    if absent or strange:
        what = (
            _("none is given for {absent!r}").format(absent=absent[0])
            if absent
            else _("{strange!r} is no class").format(strange=strange[0])
        )
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
    return ModelColumn(called, there, "probability", stated)


def _numbers(table: Table, name: str) -> NDArray[np.float64]:
    feature = table.features[name]
    if feature.kind != "boolean" and (
        not table.columns.is_number(name) or feature.kind == "temporal"
    ):
        raise ModelError(f"{name!r} is {feature.kind}: a number is expected here")
    # read once and kept by the comparison: nothing is written for it
    return numbers_in(feature, table.source.uncached_column(name))
