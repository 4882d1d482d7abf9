"""Units: which rows were asked for, and which unit each row belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.errors import ExperimentError, unknown_name
from explorer.features.cells import without_sentinels
from explorer.selection.selection import Selection
from explorer.table.selecting import where as select_where
from explorer.table.units.numbering import number_integers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from explorer.table.table import Table

__all__ = [
    "filter_text",
    "level_label",
    "matching_label",
    "number_in_label",
    "row_mask",
    "unit_codes",
]

_MOST_UNITS = np.iinfo(np.int32).max


def row_mask(table: Table, where: Selection | ArrayLike | str | None) -> NDArray[np.bool_] | None:
    """Return which rows were asked for, (num_rows,); None for all of them."""
    if where is None:
        return None
    if isinstance(where, str):
        return select_where(table, where).mask
    if isinstance(where, Selection):
        if where.fingerprint != table.fingerprint:
            raise ExperimentError(
                "the selection belongs to another table: select again on this one"
            )
        return where.mask
    mask = np.asarray(where)
    if mask.dtype != np.bool_ or mask.shape != (table.num_rows,):
        raise ExperimentError(
            f"where is a Selection, an expression or {table.num_rows:,} booleans, came "
            f"{mask.dtype} {mask.shape}"
        )
    return mask


def filter_text(where: Selection | ArrayLike | str | None) -> str:
    """Say in a few words which rows were asked for; nothing for all of them."""
    if where is None:
        return ""
    return (
        where
        if isinstance(where, str)
        else "a selection"
        if isinstance(where, Selection)
        else "rows of an array"
    )


def unit_codes(table: Table, unit: str) -> tuple[NDArray[np.int32], int]:
    """Give the values of a column that names units, or lists, numbers from 0, (num_rows,).

    Rows without one have -1.
    """
    column = without_sentinels(table.source.uncached_column(unit), table.features[unit].sentinels)
    if pa.types.is_integer(column.type):
        codes, n_units = number_integers([_integers(chunk) for chunk in column.chunks])
    else:
        codes, n_units = _encoded(column)
    if n_units > _MOST_UNITS:
        raise ExperimentError(f"expected at most {_MOST_UNITS:,} units, came {n_units:,}")
    return codes, n_units


def _integers(chunk: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None]:
    present = chunk.is_valid().to_numpy(zero_copy_only=False) if chunk.null_count else None
    wide = chunk.fill_null(0) if chunk.null_count else chunk
    # beyond 2**63 integers without a sign become negative ones: names stay different
    return wide.to_numpy(zero_copy_only=False).astype(np.int64, copy=False), present


def _encoded(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], int]:
    """Give the values of any other column numbers; NaN is missing, as everywhere."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
        chunks = column.chunks
    else:
        chunks = [
            pc.dictionary_encode(
                column.combine_chunks() if column.num_chunks else pa.array([], column.type)
            )
        ]
    chunks = [
        part
        for chunk in chunks
        for part in (chunk.chunks if isinstance(chunk, pa.ChunkedArray) else [chunk])
    ]
    codes = [
        chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        for chunk in chunks
    ]
    n_units = max((len(chunk.dictionary) for chunk in chunks), default=0)
    return np.concatenate([np.empty(0, np.int32), *codes]), n_units


def level_label(table: Table, column: str, value: object, what: str) -> str:
    """Return the label of a level of a column, named by its value or by its label: 2 is 2.0 too.

    Parameters
    ----------
    table : Table
    column : str
    value : object
    what : str
        What a level is, for the error: "arm".
    """
    levels = table.columns.levels(column)
    for label, level in zip(levels.labels, levels.values, strict=True):
        if level == value and isinstance(level, bool) == isinstance(value, bool):
            return label
    return matching_label(str(value), levels.labels, what)


def matching_label(given: str, labels: Sequence[str], what: str) -> str:
    """Return the label that is meant: itself, or one that writes the same number.

    Raises
    ------
    UnknownName
        Where none is, with the nearest.
    """
    number = number_in_label(given)
    alike = (label for label in labels if number is not None and number_in_label(label) == number)
    result = given if given in labels else next(alike, None)
    if result is None:
        raise unknown_name(what, given, labels)
    return result


def number_in_label(label: str) -> float | None:
    """Return the number that a label writes, None where it writes none."""
    try:
        return float(label)
    except ValueError:
        return None
