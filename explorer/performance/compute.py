"""Compare models whose predictions are columns of a table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from explorer.core.errors import ModelError
from explorer.performance.model_comparison import ModelComparison
from explorer.performance.model_predictions import KINDS
from explorer.performance.read_predictions import read_predictions
from explorer.table.units.repeated_rows import chosen_unit
from explorer.table.units.segments_of import segments_of
from explorer.table.units.unit_codes import filter_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike

    from explorer.performance.model_columns import Columns
    from explorer.selection.selection import Selection
    from explorer.table.table import Table

__all__ = ["compare_models"]


def compare_models(
    table: Table,
    truth: str,
    predictions: Mapping[str, Columns],
    kind: str = "binary",
    unit: str | None = None,
    by: str | Iterable[str] | None = None,
    where: Selection | ArrayLike | str | None = None,
    positive: object = None,
    *,
    threshold: float = 0.5,
) -> ModelComparison:
    """Say how models perform, and which of two is better, on the same rows.

    Parameters
    ----------
    table : Table
    truth : str
        Column of what happened. Of two classes: 0 and 1, yes and no, or any column with
        ``positive``.
    predictions : mapping of str to str, or to mapping of str to str
        Column of each model's prediction by the model's name: a probability, a score, a called
        class or a number. For several classes also a column of probabilities for each class.
    kind : {"binary", "multiclass", "regression"}
    unit : str, optional
        Column that names what rows belong to: intervals and tests are then between units. "none":
        rows are independent. While nothing is said and rows seem to belong together
        (`ModelComparison.repeated`), no evidence is given.
    by : str or iterable of str, optional
        Columns of slices: levels of a category; of a number its values, or fifths of its rows where
        there are more than 12.
    where : Selection, bool array of shape (num_rows,) or expression, optional
        Rows that are read; default: all.
    positive : optional
        Level of ``truth`` that counts as 1; of two classes only.
    threshold : float
        From which probability on a row is called 1; of two classes only.

    Returns
    -------
    ModelComparison

    Raises
    ------
    ModelError
        Where a column cannot be read as asked, or no row has them all.
    UnknownName
        A column or a level that does not exist, with the nearest.
    """
    started = time.perf_counter()
    if kind not in KINDS:
        raise ModelError(f"kind is one of {', '.join(KINDS)}, came {kind!r}")
    if positive is not None and kind != "binary":
        raise ModelError(f"positive is for two classes (kind='binary'); the kind is {kind!r}")
    if threshold != 0.5 and kind != "binary":
        raise ModelError(f"threshold is for two classes (kind='binary'); the kind is {kind!r}")
    if not 0 <= threshold <= 1:
        raise ModelError(f"threshold is a probability from 0 to 1, came {threshold:g}")
    sliced = [by] if isinstance(by, str) else list(by or ())
    for name in sliced:
        table.columns.feature(name)
    unit, said = chosen_unit(table, unit)
    read = read_predictions(
        table, truth, predictions, kind, unit, where, positive, threshold, look=not said
    )
    return ModelComparison(
        truth=truth,
        columns=dict(predictions),
        kind=read.predicted.kind,
        predicted=read.predicted,
        n_rows=table.num_rows,
        fingerprint=table.fingerprint,
        positive=read.positive,
        unit=unit,
        where=filter_text(where),
        by=tuple(sliced),
        missing=read.missing,
        reading_notes=read.notes,
        segments={name: segments_of(table, name) for name in sliced},
        seconds=time.perf_counter() - started,
    )
