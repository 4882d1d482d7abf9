"""Titles: what a row is called, and which rows are called so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.embedding.embedding import Embedding
    from explorer.features.kind import Feature
    from explorer.table.table import Table

__all__ = ["TitleMatches", "find_rows", "map_title", "row_titles", "title_column"]

_KINDS = ("text", "identifier")
_BLOCK = 1 << 20  # cells looked into at once


@dataclass(frozen=True)
class TitleMatches:
    """Rows whose title has a text in it.

    Attributes
    ----------
    rows : list of int
        The first of them: those whose title begins with the text, then the others, each in table
        order.
    titles : list of str
        Of these rows.
    count : int
        Of all such rows.
    """

    rows: list[int]
    titles: list[str]
    count: int


def map_title(features: Mapping[str, Feature], embedding: Embedding) -> str:
    """Return what a map is called.

    A map of one feature is called by its label: "UMAP of Release month".
    """
    made_of = ((embedding.provenance.get("matrix") or {}).get("spec") or {}).get("features") or []
    feature = features.get(made_of[0]) if len(made_of) == 1 else None
    if feature is None:
        return embedding.name
    return embedding.name.replace(f" of {feature.name}", f" of {feature.label}", 1)


def title_column(table: Table) -> str | None:
    """Return the column that titles a row.

    What the catalogue says, else the first of text or identifiers.
    """
    named = table.columns.catalogue.table.row_title
    if named in table.features:
        return named
    return next((name for name, feature in table.features.items() if feature.kind in _KINDS), None)


def row_titles(table: Table, rows: Sequence[int] | NDArray[np.int64]) -> list[str]:
    """Return what rows are called: their title, "Row 17" where there is none."""
    column, places = title_column(table), np.asarray(rows, np.int64)
    cells: list[Any] = [None] * len(places)
    if column is not None:
        cells = table.source.take(places, [column]).column(0).to_pylist()
    return [
        _("Row {row:,}").format(row=row) if cell is None or cell == "" else str(cell)
        for row, cell in zip(places.tolist(), cells, strict=True)
    ]


def find_rows(table: Table, text: str, most: int = 20) -> TitleMatches:
    """Find rows by their title, whatever the case.

    Those that begin with the text come before those that hold it.

    A whole number is also the number of a row, which then comes first.

    Parameters
    ----------
    table : Table
    text : str
        Blanks around it do not count; nothing is found by an empty one.
    most : int
        Rows to name; all are counted.
    """
    title = text.strip()
    if not title:
        return TitleMatches([], [], 0)
    column = title_column(table)
    first, held = ([], []) if column is None else _matches(table.source.column(column), title)
    numbered = (
        [int(title)]
        if title.isdecimal() and len(title) < 19 and int(title) < table.num_rows
        else []
    )
    named = [
        row for block in (*first, *held) for row in block[:most].tolist() if row not in numbered
    ]
    rows = [*numbered, *named][:most]
    again = sum(int(np.count_nonzero(np.isin(part, numbered))) for part in (*first, *held))
    return TitleMatches(
        rows, row_titles(table, rows), len(numbered) + sum(map(len, (*first, *held))) - again
    )


def _matches(
    column: pa.ChunkedArray, text: str
) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """Return the rows whose cell begins with a text, and the others that hold it, in blocks."""
    first, held = [], []
    for start in range(0, len(column), _BLOCK):
        begins, holds = _looked_into(column.slice(start, _BLOCK), text)
        first.append(np.flatnonzero(begins) + start)
        held.append(np.flatnonzero(holds & ~begins) + start)
    return first, held


def _looked_into(cells: pa.ChunkedArray, text: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    matches = [_chunk_looked_into(chunk, text) for chunk in cells.chunks]
    return np.concatenate([begins for begins, _ in matches]), np.concatenate(
        [holds for _, holds in matches]
    )


def _chunk_looked_into(cells: pa.Array, text: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    if isinstance(cells, pa.DictionaryArray):  # the distinct titles are looked into once each
        begins, holds = _chunk_looked_into(cells.dictionary, text)
        codes = cells.indices.fill_null(len(begins)).to_numpy(zero_copy_only=False)
        return np.append(begins, False)[codes], np.append(holds, False)[codes]
    texts = cells if _is_text(cells.type) else cells.cast(pa.string())
    tests = (pc.starts_with, pc.match_substring)
    begins, holds = (pc.fill_null(test(texts, text, ignore_case=True), False) for test in tests)
    return begins.to_numpy(zero_copy_only=False), holds.to_numpy(zero_copy_only=False)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
