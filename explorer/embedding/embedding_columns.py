"""Ready coordinates: two columns of the table taken as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.cache import key_of
from explorer.core.errors import EmbeddingError, unknown_name
from explorer.embedding.embedding import SCHEMA, Embedding

if TYPE_CHECKING:
    from explorer.sources.source import ArrowSource

__all__ = ["embedding_from_columns"]

# A shift of a point by more than this share of the map is worth a note: a pixel of a screen is
# about 1e-3.
_NOTED_ROUNDING = 1e-5


def embedding_from_columns(source: ArrowSource, x: str, y: str) -> Embedding:
    """Take two numeric columns as coordinates.

    Rows where either is missing, infinite or beyond float32 are left out and counted. Nothing is
    known of the features behind the coordinates, so there are no scores and trust is NaN.

    Parameters
    ----------
    source : ArrowSource
        The table.
    x, y : str
        Names of columns.

    Raises
    ------
    UnknownName
        If a column does not exist.
    EmbeddingError
        If no row has both coordinates.
    """
    for name in (x, y):
        if name not in source.column_names:
            raise unknown_name("column", name, source.column_names)
    exact = np.stack([source.numeric(x), source.numeric(y)], axis=1)
    with np.errstate(over="ignore"):  # what overflows is infinite, and left out
        xy = exact.astype(np.float32)
    rows = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if not len(rows):
        raise EmbeddingError(
            f"no row has a finite {x!r} and {y!r}: name two columns of coordinates"
        )
    notes = _rounding_notes(exact[rows], xy[rows])
    provenance = _provenance(source, (x, y), len(rows), notes)
    return Embedding(xy[rows], rows, np.full(len(rows), np.nan, dtype=np.float32), {}, provenance)


def _rounding_notes(exact: np.ndarray, stored: np.ndarray) -> list[str]:
    notes = ["the coordinates are columns of the table: trust and scores are not known"]
    extent = np.ptp(exact, axis=0)
    shift = np.abs(exact - stored).max(axis=0)
    if np.any(shift > _NOTED_ROUNDING * extent):
        notes.append(
            "storing the coordinates in 32 bits moved points visibly: "
            "subtract an offset from the columns"
        )
    return notes


def _provenance(
    source: ArrowSource, columns: tuple[str, str], used: int, notes: list[str]
) -> dict[str, Any]:
    table = {"name": source.name, "fingerprint": source.fingerprint, "rows": source.num_rows}
    method = {
        "name": "columns",
        "parameters": dict(zip("xy", columns, strict=True)),
        "random_state": None,
    }
    return {
        "schema": SCHEMA,
        "key": key_of({"table": source.fingerprint, "method": method, "schema": SCHEMA}),
        "name": " and ".join(columns),
        "table": table,
        "rows": {"used": used, "left_out": source.num_rows - used, "imputed": 0, "placed": 0},
        "matrix": None,
        "method": method,
        "versions": {"schema": str(SCHEMA)},
        "stage_seconds": {},
        "notes": notes,
    }
