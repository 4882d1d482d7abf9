"""A glance at a table: as many cells and figures as it takes to guess the kinds of columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.features.cells import columns_of
from explorer.features.kind import is_text, named_like_identifier
from explorer.features.roles.codes import named_like_codes
from explorer.sources.formats import MemoryPart, ParquetPart, reader_errors
from explorer.sources.partitions import PartitionedPart
from explorer.sources.schemas import conform

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.sources.formats import Part
    from explorer.sources.source import ArrowSource

__all__ = ["ColumnScan", "first_rows", "scan_columns"]

# Conventions: what one look may cost, about a second on one core.
_SAMPLE_ROWS = 5_000
_LEAST_ROWS = 1_000
_SAMPLE_CELLS = (
    5_000_000  # looked into at most: a table of thousands of columns of text gets fewer rows
)
_READ_CELLS = (
    100_000_000  # decoded at most for rows at random; beyond it a few row groups are begun instead
)
_LIST_CELLS = 100  # what a list is reckoned at, next to one text
_GROUPS = 8
_SPARSE = 20  # cells with a value, below which text is looked at again in more rows


@dataclass(frozen=True)
class ColumnScan:
    """What was looked at.

    Parameters
    ----------
    cells : mapping of str to pyarrow.ChunkedArray
        Some rows of columns of text and lists, of numbers that are called like codes, and of
        integers where the file says too little about them.
    zero_one : frozenset of str
        Columns of integers that hold 0 and 1 and nothing else, as all files say.
    numbers : frozenset of str
        Columns of text whose values read as numbers (see
        `explorer.sources.text_numbers.numbers_as_text`).
    partial : bool
        Whether the cells are the first rows of a few row groups instead of rows at random.
    """

    cells: Mapping[str, pa.ChunkedArray] = field(default_factory=dict)
    zero_one: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    partial: bool = False


def scan_columns(source: ArrowSource, names: Iterable[str]) -> ColumnScan:
    """Look at a table as far as the kinds of some columns need it.

    Decimals, floats, times and booleans say all by their type, but for floats that are called like
    codes. What integers span is read from the
    statistics of Parquet files where they have them. Of text, lists and the other numbers 5,000
    random rows are read, fewer (at least 1,000) when there are more than 1,000 such columns; where
    that would decode more than 100 million cells, the first rows of up to eight random row groups
    take their place. How many rows does not depend on ``names``, so that a column looks the same
    whichever others are asked for.

    Parameters
    ----------
    source : ArrowSource
    names : iterable of str
    """
    types = {field_.name: field_.type for field_ in source.schema}
    spans = _integer_spans(
        source, [name for name, type_ in types.items() if pa.types.is_integer(type_)]
    )
    names_to_read = [name for name, type_ in types.items() if _needs_cells(name, type_, spans)]
    weight = sum(
        1 if pa.types.is_primitive(types[n]) or is_text(types[n]) else _LIST_CELLS
        for n in names_to_read
    )
    rows = min(
        source.num_rows, _SAMPLE_ROWS, max(_LEAST_ROWS, _SAMPLE_CELLS // max(1, len(names_to_read)))
    )
    partial = (
        rows < source.num_rows and weight * source.num_rows > _READ_CELLS and not _in_memory(source)
    )
    asked_names = set(names)
    read_names = [name for name in names_to_read if name in asked_names]
    cells = (
        _columns(first_rows(source, read_names, rows)[0])
        if partial and read_names
        else dict(columns_of(source, read_names, rows))
    )
    texts = [name for name in read_names if is_text(types[name])]
    return ColumnScan(
        cells=cells,
        zero_one=frozenset(name for name, span in spans.items() if span == (0, 1)),
        numbers=_numbers(source, {name: cells[name] for name in texts}, partial),
        partial=partial,
    )


def _needs_cells(
    name: str, type_: pa.DataType, spans: Mapping[str, tuple[int, int] | None]
) -> bool:
    if pa.types.is_integer(type_):
        return name not in spans or named_like_identifier(name) or named_like_codes(name)
    if pa.types.is_floating(type_):
        return named_like_codes(name)
    return bool(is_text(type_) or pa.types.is_list(type_) or pa.types.is_large_list(type_))


def _in_memory(source: ArrowSource) -> bool:
    return all(isinstance(part, MemoryPart) for part in source.parts)


def _numbers(
    source: ArrowSource, cells: Mapping[str, pa.ChunkedArray], partial: bool
) -> frozenset[str]:
    """Return the columns of text that read as numbers, by the cells at hand."""
    if not cells:
        return frozenset()
    from explorer.sources.source import ArrowSource
    from explorer.sources.text_numbers import numbers_as_text

    looked_at = MemoryPart(pa.table(dict(cells)), source.name)
    result = set(numbers_as_text(ArrowSource([looked_at], name=source.name, cache=source.cache)))
    first_column = next(iter(cells.values()))
    sparse = [name for name, column in cells.items() if len(column) - column.null_count < _SPARSE]
    if sparse and not partial and len(first_column) < source.num_rows:
        result |= set(numbers_as_text(source, sparse))
    return frozenset(result)


def first_rows(
    source: ArrowSource, names: Sequence[str], rows: int
) -> tuple[pa.Table, NDArray[np.int64]]:
    """Read the first rows of a few row groups drawn at random over all files.

    Returns
    -------
    table : pa.Table
    rows : ndarray, int64, ascending
        Their positions in the table.
    """
    source.check()
    schema = pa.schema([source.schema.field(name) for name in names])
    groups = [
        (part, i, size) for part in source.parts for i, size in enumerate(part.group_rows) if size
    ]
    starts = np.cumsum([0, *(size for _, _, size in groups)])
    places = np.random.default_rng(0).permutation(len(groups))[:_GROUPS]
    share = -(-rows // max(1, len(places)))
    batches, positions = [], []
    for k in sorted(places.tolist()):
        for batch in _begin(groups[k][0], groups[k][1], schema, share):
            batches.append(batch)
            positions.append(starts[k] + np.arange(batch.num_rows, dtype=np.int64))
    table = pa.Table.from_batches(batches, schema).unify_dictionaries()
    return table, np.concatenate([np.empty(0, np.int64), *positions])


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {name: table.column(name) for name in table.column_names}


def _begin(part: Part, group: int, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
    for batch in islice(part.read(schema.names, rows, [group]), 1):
        with reader_errors(part.label):
            yield conform(batch, schema)


def _integer_spans(source: ArrowSource, names: Sequence[str]) -> dict[str, tuple[int, int] | None]:
    """Return least and greatest value of integer columns as far as files say it.

    A column that leaves 0 and 1 is not followed further: what it spans beyond that, nobody asks. A
    column that some file says nothing of is left out; one that is all missing spans None.
    """
    files = [part.part if isinstance(part, PartitionedPart) else part for part in source.parts]
    if not names or not all(isinstance(file, ParquetPart) for file in files):
        return {}
    unsigned = {
        name for name in names if pa.types.is_unsigned_integer(source.schema.field(name).type)
    }
    spans: dict[str, tuple[int, int] | None] = dict.fromkeys(names)
    followed = list(names)
    try:
        for file in files:
            if followed and isinstance(file, ParquetPart) and file.group_rows:
                followed = _follow(file, len(files), followed, unsigned, spans)
    except (
        OSError
    ):  # gone meanwhile, as the Parquet form of a CSV file may be: reading cells makes it again
        return {}
    return spans


def _follow(
    part: ParquetPart,
    n_files: int,
    names: list[str],
    unsigned: Container[str],
    spans: dict[str, tuple[int, int] | None],
) -> list[str]:
    """Widen spans by one file.

    Return the names worth following into the next, drop those it says nothing of.
    """
    chunks = part.chunks(n_files)
    rows = np.array(part.group_rows)
    followed = []
    for name in names:
        span = spans.pop(name)
        place = None if chunks is None else chunks.places.get(name)
        if chunks is None or place is None:
            continue
        spanned = chunks.spanned[:, place] >= (2 if name in unsigned else 1)
        low, high = chunks.low[spanned, place], chunks.high[spanned, place]
        if len(low):
            ends = (int(low.min()), int(high.max()))
            span = ends if span is None else (min(span[0], ends[0]), max(span[1], ends[1]))
        if span is not None and not (span[0] >= 0 and span[1] <= 1):
            spans[name] = span
        elif np.all(spanned | (chunks.nulls[:, place] == rows)):
            spans[name] = span
            followed.append(name)
    return followed
