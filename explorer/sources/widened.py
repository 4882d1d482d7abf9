"""A table with columns added to it: the rows of another table, and more columns at the end."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.cache import Cache, key_of
from explorer.core.errors import TableError
from explorer.sources.columns import open_columns, take_rows, write_columns
from explorer.sources.formats import MemoryPart
from explorer.sources.samples import random_rows
from explorer.sources.schemas import canonical_type
from explorer.sources.source import ArrowSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray


__all__ = [
    "AddedColumn",
    "WidenedSource",
    "base_source",
    "cached_column",
    "check_new_name",
    "reopen_source",
]

_BATCH_ROWS = 131_072


@dataclass(frozen=True, eq=False)
class AddedColumn:
    """A column that is not in the files.

    Parameters
    ----------
    name : str
    cells : pa.ChunkedArray
        One cell for each row of the table; mapped from the cache where it is long.
    key : str
        Names the content, the same on every machine: of how it was made, or of the cells.
    mutable : bool
        Whether people change it while the table is open, as row labels: it then has no part in the
        fingerprint, and nothing that is kept for good may be made of it.
    made_of : tuple of str
        Columns of the table that it was computed from.
    """

    name: str
    cells: pa.ChunkedArray
    key: str
    mutable: bool = False
    made_of: tuple[str, ...] = ()


class WidenedSource(ArrowSource):
    """A table and columns added at its end, read like any other.

    Parameters
    ----------
    base : ArrowSource
        The table; itself unchanged.
    added : sequence of AddedColumn

    Raises
    ------
    TableError
        When a name is taken, or a column has not one cell for each row.
    """

    def __init__(self, base: ArrowSource, added: Iterable[AddedColumn]) -> None:
        # nothing of a source is made anew: the files stay open as the base has opened them
        self.base = base
        self.added = {column.name: column for column in _checked(base, list(added))}
        self.parts, self.files, self.cache, self.name = (
            base.parts,
            base.files,
            base.cache,
            base.name,
        )
        self.notes, self.num_rows = list(base.notes), base.num_rows
        fields = [pa.field(column.name, column.cells.type) for column in self.added.values()]
        self.schema = pa.schema([*base.schema, *fields])
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Of the base, and of how the lasting columns were made.

        The base's own while there are none.
        """
        lasting = self._lasting()
        return (
            key_of(["widened", 1, self.base.fingerprint, lasting])
            if lasting
            else self.base.fingerprint
        )

    @property
    def mutable_columns(self) -> frozenset[str]:
        """Columns that change while the table is open."""
        return self.base.mutable_columns | {
            column.name for column in self.added.values() if column.mutable
        }

    @property
    def made_of(self) -> dict[str, tuple[str, ...]]:
        """For each column that was computed, those that it was computed from; in table order."""
        return {
            **self.base.made_of,
            **{n: column.made_of for n, column in self.added.items() if column.made_of},
        }

    @property
    def stored_schema(self) -> pa.Schema:
        """The schema of the first file of the base."""
        return self.base.stored_schema

    @property
    def slow_to_hash(self) -> bool:
        """Whether `fingerprint` would read through more than half a gigabyte now."""
        return self.base.slow_to_hash

    @property
    def extra(self) -> ArrowSource:
        """The added columns as a table of their own."""
        cells = pa.table({column.name: column.cells for column in self.added.values()})
        return ArrowSource([MemoryPart(cells, self.name)], name=self.name, cache=self.cache)

    def identity(self) -> str:
        """Name the content of the lasting columns at once; see `ArrowSource.identity`."""
        lasting = self._lasting()
        return key_of([self.base.identity(), lasting]) if lasting else self.base.identity()

    def check(self) -> None:
        """Raise `TableChanged` when a file of the base is no longer the one that was opened."""
        self.base.check()

    def batches(
        self, columns: Sequence[str] | None = None, batch_size: int = _BATCH_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Read columns in batches, in table order; see `ArrowSource.batches`."""
        schema = self._select(columns)
        mine = [name for name in schema.names if name in self.added]
        if not mine:
            return self.base.batches(schema.names, batch_size)
        theirs = [name for name in schema.names if name not in self.added]
        return self._joined(
            schema, mine, self.base.batches(theirs, batch_size) if theirs else None, batch_size
        )

    def column(self, name: str) -> pa.ChunkedArray:
        """Return a whole column."""
        return self.added[name].cells if name in self.added else self.base.column(name)

    def is_decoded(self, name: str) -> bool:
        """Say whether a whole column is at hand."""
        return name in self.added or self.base.is_decoded(name)

    def uncached_column(self, name: str) -> pa.ChunkedArray:
        """Return a whole column without keeping it; see `ArrowSource.uncached_column`."""
        return self.added[name].cells if name in self.added else self.base.uncached_column(name)

    def lookup(self, rows: NDArray[np.int64], columns: Sequence[str] | None = None) -> pa.Table:
        """Read a few rows where they lie; see `ArrowSource.lookup`."""
        schema = self._select(columns)
        theirs = [name for name in schema.names if name not in self.added]
        result = self.base.lookup(rows, theirs) if theirs else None
        return self._assembled(schema, result, rows)

    def sample(
        self, columns: Sequence[str] | None, n_rows: int, seed: int = 0
    ) -> tuple[pa.Table, NDArray[np.int64]]:
        """Draw rows at random over the whole table, the same as the base would.

        See `ArrowSource.sample`.
        """
        schema = self._select(columns)
        theirs = [name for name in schema.names if name not in self.added]
        if theirs or n_rows < 0:
            result, rows = self.base.sample(theirs, n_rows, seed)
        else:
            result, rows = None, random_rows(self.num_rows, n_rows, seed)
        return self._assembled(schema, result, rows), rows

    def describe(self, *, hashed: bool = True) -> dict[str, Any]:
        """Return a JSON document for `reopen_source`; columns that only pass are left out."""
        base = self.base.describe(hashed=hashed)
        if not self._lasting():
            return base
        identity = self.base.identity()
        added = [
            {
                "name": column.name,
                "key": column.key,
                "cells": _keep(self.cache, identity, column),
                "made_of": list(column.made_of),
            }
            for column in self.added.values()
            if not column.mutable
        ]
        return {**base, "kind": "widened", "base": base, "added": added}

    def __repr__(self) -> str:
        return f"<WidenedSource {self.name!r}: {self.num_rows:,} rows × {len(self.schema)} columns>"

    def _lasting(self) -> list[list[str]]:
        return [[column.name, column.key] for column in self.added.values() if not column.mutable]

    def _joined(
        self,
        schema: pa.Schema,
        mine: list[str],
        base: Iterator[pa.RecordBatch] | None,
        batch_size: int,
    ) -> Iterator[pa.RecordBatch]:
        self.check()
        start = 0
        while start < self.num_rows:
            theirs = None if base is None else next(base)
            size = min(batch_size, self.num_rows - start) if theirs is None else theirs.num_rows
            arrays = (
                {}
                if theirs is None
                else dict(zip(theirs.schema.names, theirs.columns, strict=True))
            )
            arrays |= {name: _one_array(self.added[name].cells.slice(start, size)) for name in mine}
            yield pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)
            start += size

    def _assembled(
        self, schema: pa.Schema, theirs: pa.Table | None, rows: NDArray[np.int64]
    ) -> pa.Table:
        cells = (
            {} if theirs is None else dict(zip(theirs.column_names, theirs.columns, strict=True))
        )
        for name in schema.names:
            if name in self.added:
                cells[name] = take_rows(self.added[name].cells, np.asarray(rows))
        return pa.table([cells[name] for name in schema.names], schema=schema)


def reopen_source(document: dict[str, Any], cache: Cache | None = None) -> ArrowSource:
    """Open the table that `describe` described, of files, in memory, or with added columns.

    Raises
    ------
    TableChanged
        When a file is no longer the one that was described.
    TableError
        When the document is of another version, or something has left the cache.
    """
    cache = cache or Cache()
    if document.get("kind") != "widened":
        return ArrowSource.reopen(document, cache)
    base, added = reopen_source(document["base"], cache), []
    for column in document["added"]:
        folder = cache.get("added", column["cells"])
        if folder is None:
            raise TableError(
                f"the column {column['name']!r} is no longer in the cache: open the table again"
            )
        cells = open_columns(folder / "column.arrow").column(0)
        made_of = tuple(column["made_of"])
        added.append(AddedColumn(column["name"], cells, column["key"], made_of=made_of))
    return WidenedSource(base, added)


def cached_column(
    cache: Cache,
    identity: str,
    field: pa.Field,
    key: str,
    batches: Iterable[pa.RecordBatch],
    made_of: tuple[str, ...] = (),
) -> AddedColumn:
    """Write a column into the cache as it is made, batch by batch, and map it from there.

    Parameters
    ----------
    cache : Cache
    identity : str
        Of the table that it is added to, see `ArrowSource.identity`.
    field : pa.Field
        Name and type of the column.
    key : str
        Of the column's content.
    batches : iterable of pa.RecordBatch
        With that one column; only read when the cache does not have it yet.
    made_of : tuple of str
        Columns that it is computed from.
    """
    schema = pa.schema([field.with_type(canonical_type(field.type))])
    folder = cache.get("added", place := _place(identity, field.name, key))
    if folder is None:
        with cache.put("added", place) as draft:
            write_columns(draft / "column.arrow", schema, batches)
        folder = cache.folder / "added" / place
    cells = open_columns(folder / "column.arrow").column(0)
    return AddedColumn(field.name, cells, key, made_of=made_of)


def _keep(cache: Cache, identity: str, column: AddedColumn) -> str:
    """Write a column that is in memory, or has left the cache since, for another process.

    Return its place.
    """
    place = _place(identity, column.name, column.key)
    if cache.get("added", place) is None:
        schema = pa.schema([pa.field(column.name, column.cells.type)])
        table = pa.table([column.cells], schema=schema).unify_dictionaries()
        with cache.put("added", place) as draft:
            write_columns(
                draft / "column.arrow", schema, table.to_batches(max_chunksize=_BATCH_ROWS)
            )
    return place


def _place(identity: str, name: str, key: str) -> str:
    return key_of(["added", 1, identity, name, key])


def _one_array(cells: pa.ChunkedArray) -> pa.Array:
    chunks = cells.unify_dictionaries().chunks if cells.num_chunks > 1 else cells.chunks
    if not chunks:
        return pa.array([], cells.type)
    return chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)


def base_source(source: ArrowSource) -> ArrowSource:
    """Return the source that the rows were read from, below all columns that were added."""
    while isinstance(source, WidenedSource):
        source = source.base
    return source


def check_new_name(table: ArrowSource, name: str) -> None:
    """Raise a `TableError` unless a column may be added under this name."""
    if not name.strip() or name in table.column_names:
        reason = "is in the table already" if name.strip() else "is no name"
        raise TableError(f"a column cannot be called {name!r}, which {reason}: choose another name")


def _checked(base: ArrowSource, added: list[AddedColumn]) -> list[AddedColumn]:
    for column in added:
        check_new_name(base, column.name)
        if len(column.cells) != base.num_rows:
            raise TableError(
                f"the column {column.name!r} has {len(column.cells):,} cells, the table "
                f"{base.num_rows:,} rows: "
                "give one cell for each row"
            )
    return added
