"""Segments: the rows of a table by the levels of a column, or by where a number lies."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.core.number_format import value
from explorer.features.segments import Segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.table.table import Table

__all__ = ["MISSING", "segments_of"]

MISSING = "(missing)"
_FEW_VALUES = 12  # different values up to which a number is read as levels
_GROUPS = 5  # of a number with more: groups with as many rows each


def segments_of(table: Table, name: str) -> Segments:
    """Put the rows of a table in segments of a column.

    Missing ones are a segment of their own, the last.

    Returns
    -------
    Segments
        Levels by falling count; of a number its values by size, or fifths of its rows where there
        are more than 12.
    """
    feature = table.features[name]
    if table.columns.is_number(name):
        return _number_segments(table, name)
    if feature.kind == "vector":
        raise ExperimentError(
            f"{name!r} is a vector: choose a column of levels, numbers or times for segments"
        )
    result = table.columns.levels(name)
    labels = list(result.labels)
    if result.counts[-1]:
        return Segments(result.codes, [*labels, MISSING])
    return Segments(result.codes, labels)


def _number_segments(table: Table, name: str) -> Segments:
    values = table.columns.numbers(name)
    missing = np.isnan(values)
    present = values[~missing]
    distinct = np.unique(present[:100_000])
    if len(distinct) <= _FEW_VALUES:
        distinct = np.unique(present)
    if len(distinct) <= _FEW_VALUES:
        codes = np.searchsorted(distinct, values).astype(np.int32)
        labels = _named(distinct, table.features[name].kind)
    else:
        edges = np.unique(np.quantile(present, np.arange(1, _GROUPS) / _GROUPS, method="lower"))
        edges = edges[edges < present.max()]  # nothing lies above it
        if not edges.size:  # nearly all rows share the largest value
            edges = distinct[-2:-1]
        codes = np.searchsorted(edges, values, side="left").astype(np.int32)
        ends = _named(edges, table.features[name].kind)
        labels = [
            f"≤ {ends[0]}",
            *(f"{low} – {high}" for low, high in pairwise(ends)),
            f"> {ends[-1]}",
        ]
    if missing.any():
        codes[missing] = len(labels)
        labels.append(MISSING)
    return Segments(codes, labels)


def _named(values: NDArray[np.float64], kind: str) -> list[str]:
    """Write values for a reader, with more digits where they would look the same."""
    written = [value(float(number), kind) for number in values]
    return (
        written if len(set(written)) == len(written) else [repr(float(number)) for number in values]
    )
