"""Segment rows: the rows in a segment of a column, as the state selects them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.expressions.expression import cell_test, quoted
from explorer.table.units.segments_of import MISSING, segments_of

if TYPE_CHECKING:
    from explorer.table.table import Table

__all__ = ["segment_definition"]


def segment_definition(table: Table, by: str, segment: str) -> dict[str, Any]:
    """Return the definition of the rows in a segment of a column.

    Segments are named as by `explorer.table.units.segments_of.segments_of`.

    Raises
    ------
    ExperimentError
        Where the column has no such segment, or no row lies in it.
    """
    if not table.columns.is_number(by):
        named = segment != MISSING or MISSING in table.columns.levels(by).labels
        return {"column": by, "levels": [segment if named else None]}
    codes, labels = segments_of(table, by)
    if segment not in labels:
        raise ExperimentError(f"{by} has no segment {segment!r}")
    if segment == MISSING:
        return {"expression": cell_test(by, math.nan)}
    values = table.columns.numbers(by)[codes == list(labels).index(segment)]
    if not len(values):
        raise ExperimentError(f"no row lies in segment {segment!r} of {by}")
    low, high = float(values.min()), float(values.max())
    if np.isfinite(low) and np.isfinite(high):
        return {"column": by, "range": [low, high]}
    # a range holds no infinity
    if low == high:
        return {"expression": cell_test(by, low)}
    ends = [
        f"{quoted(by)} {sign} {end!r}"
        for sign, end in ((">=", low), ("<=", high))
        if np.isfinite(end)
    ]
    return {"expression": " and ".join(ends) or f"{quoted(by)} is not null"}
