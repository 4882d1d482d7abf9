"""Segment rows: the rows in a segment of a column, as the state selects them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ModelError
from explorer.table.units.segments_of import MISSING, segments_of

if TYPE_CHECKING:
    from explorer.table.table import Table

__all__ = ["segment_definition"]


def segment_definition(table: Table, by: str, segment: str) -> dict[str, Any]:
    """Return the definition of the rows in a segment.

    Segments are named as by `explorer.table.units.segments_of.segments_of`.

    Raises
    ------
    ModelError
        Where the column has no such segment, or no row lies in it.
    """
    if not table.columns.is_number(by):
        return {"column": by, "levels": [None if segment == MISSING else segment]}
    result, values = segments_of(table, by), table.columns.numbers(by)
    if segment not in result.labels:
        raise ModelError(f"{by} has no segment {segment!r}")
    if segment == MISSING:
        return {
            "not": {"column": by, "range": [float(np.nanmin(values)), float(np.nanmax(values))]}
        }
    inside = values[result.codes == list(result.labels).index(segment)]
    if not len(inside):
        raise ModelError(f"no row lies in segment {segment!r} of {by}")
    return {"column": by, "range": [float(inside.min()), float(inside.max())]}
