"""Sentinels: values such as -999 that stand for a missing one.

They are made null before a condition looks at them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.expressions.values import Value, comparable, kind_of, missing_as_null
from explorer.sources.columns import column_as_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["without_sentinels"]


def without_sentinels(
    batch: pa.RecordBatch, sentinels: Mapping[str, Sequence[float | str]]
) -> pa.RecordBatch:
    """Return a batch in which each column's sentinels are null.

    Parameters
    ----------
    batch : pa.RecordBatch
    sentinels : mapping of str to sequence of float or str
        By column; columns that the batch lacks are passed over. Texts are compared with all
        sentinels as they are written, other cells with those that are numbers (times in seconds
        since 1970-01-01 UTC).
    """
    for index, name in enumerate(batch.schema.names):
        if sentinels.get(name):
            batch = batch.set_column(
                index, name, _without(missing_as_null(batch.column(index)), sentinels[name])
            )
    return batch


def _without(cells: pa.Array, sentinels: Sequence[float | str]) -> pa.Array:
    if kind_of(cells) == "text":
        # the distinct texts of a dictionary are compared once each
        texts = cells.dictionary if isinstance(cells, pa.DictionaryArray) else cells
        is_sentinel = pc.is_in(
            texts, pa.array([str(value) for value in sentinels]).cast(texts.type)
        )
        cleaned = pc.if_else(is_sentinel, pa.scalar(None, texts.type), texts)
        return cleaned.take(cells.indices) if isinstance(cells, pa.DictionaryArray) else cleaned
    numbers = [value for value in sentinels if not isinstance(value, str)]
    for value in numbers:
        cells = pc.if_else(_equals(cells, value), pa.scalar(None, cells.type), cells)
    return cells


def _equals(cells: pa.Array, value: float) -> Value:
    if (
        kind_of(cells) == "number"
    ):  # as `column = value` would be: exact for integers, float32 for float32
        return pc.fill_null(pc.equal(*comparable(cells, pa.scalar(value), ("", ""))), False)
    return pa.array(np.asarray(column_as_numbers(pa.chunked_array([cells]), "") == value))
