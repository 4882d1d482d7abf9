"""Which columns may be compared as a truth and predictions of it: what their roles say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.gettext import _
from explorer.features.roles.role import ColumnRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.table.table import Table

__all__ = ["LikelyModels", "likely_models"]

_MOST = 4
_KINDS = ("numeric", "boolean", "categorical")


@dataclass(frozen=True)
class LikelyModels:
    """What may be compared.

    Parameters
    ----------
    truth : str or None
    kind : {"binary", "multiclass", "regression"} or None
        None where no column is a target.
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
        The truth where it is known; else it is the target with most predictions, the first of
        equals.
    """
    known = truth is not None and truth in table.features
    roles = _roles_with(table, truth) if known and truth is not None else table.roles
    predictions = [
        name
        for name, role in roles.items()
        if role.role == "prediction"
        and table.features[name].kind in _KINDS
        and name not in table.source.mutable_columns
    ]
    target = truth if known else _target(table, predictions)
    if target is None:
        return LikelyModels(None, None, tuple(predictions[:_MOST]))
    fitting = [name for name in predictions if roles[name].of in ("", target) and name != target]
    return LikelyModels(
        target,
        _kind_of(table, target),
        tuple(sorted(fitting, key=lambda name: not _is_probability(table, name))[:_MOST]),
    )


def _roles_with(table: Table, truth: str) -> Mapping[str, ColumnRole]:
    """Return the roles that follow when a column is known to be the target."""
    if table.roles[truth].role == "target":
        return table.roles
    return table.columns.roles_with({truth: ColumnRole("target", _("Chosen as the truth."))}).roles


def _target(table: Table, predictions: list[str]) -> str | None:
    targets = [
        name
        for name, role in table.roles.items()
        if role.role == "target"
        and table.features[name].kind in _KINDS
        and name not in table.source.mutable_columns
    ]
    predicted = Counter(table.roles[name].of for name in predictions)
    # what a person named, as target or as what a prediction is of, comes before guesses
    named = {table.roles[name].of for name in predictions if table.roles[name].given}
    return max(
        targets,
        key=lambda name: (table.roles[name].given or name in named, predicted[name]),
        default=None,
    )


def _is_probability(table: Table, name: str) -> bool:
    low, high = table.summaries[name].minimum, table.summaries[name].maximum
    return low is not None and high is not None and low >= 0 and high <= 1


def _kind_of(table: Table, truth: str) -> str:
    feature, summary = table.features[truth], table.summaries[truth]
    if feature.kind == "boolean" or summary.distinct == 2:
        return "binary"
    return "multiclass" if feature.kind == "categorical" else "regression"
