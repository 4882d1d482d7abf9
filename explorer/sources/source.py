"""A table of any size: opened lazily, read in batches, by column, by row or as a random sample."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.cache import Cache, key_of
from explorer.core.errors import TableChanged, TableError, unknown_name
from explorer.sources.columns import column_as_numbers, open_columns, take_rows, write_columns
from explorer.sources.file_formats import format_by_name
from explorer.sources.fingerprint import fingerprint_of_files, fingerprint_of_table, same_content
from explorer.sources.formats import MemoryPart, Part, reader_errors
from explorer.sources.objects import table_of
from explorer.sources.partitions import with_partition_columns
from explorer.sources.samples import gather, random_rows
from explorer.sources.schemas import canonical_schema, common_schema, conform
from explorer.sources.table_files import FileList, TableFile, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["ArrowSource", "open_source"]

_BATCH_ROWS = 131_072
_DOCUMENT_VERSION = 2
_SOON_READ = 1 << 29  # bytes


class ArrowSource:
    """A table in Arrow, of files or in memory; nothing is read before it is asked for.

    Made by `open_source` or `ArrowSource.reopen`.

    Attributes
    ----------
    name : str
        What to call the table.
    num_rows : int
    schema : pa.Schema
        Column names and types, without metadata. Text that the file stores compactly is
        dictionary-encoded.
    files : tuple of TableFile
        As they were when the table was opened, in reading order; empty for a table in memory.
    notes : list of str
        What a user should know of how the table was opened.
    cache : Cache
        Where decoded columns live.
    parts : list of Part
        The files, or the table in memory, in reading order.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        name: str,
        cache: Cache,
        listing: FileList | None = None,
        notes: Sequence[str] = (),
        fingerprint: str | None = None,
    ) -> None:
        self.parts = list(parts)
        self._listing = listing
        self._fingerprint = fingerprint
        self._lock = threading.Lock()
        self.name = name
        self.cache = cache
        self.notes = list(notes)
        self.files: tuple[TableFile, ...] = listing.files if listing else ()
        self.schema = common_schema(
            [(part.label, canonical_schema(part.schema, repr(part.label))) for part in parts]
        )
        self.num_rows = sum(sum(part.group_rows) for part in parts)

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in table order."""
        return list(self.schema.names)

    @property
    def fingerprint(self) -> str:
        """Name of the content, 32 hexadecimal digits, the same on every machine.

        Computed when first asked for.
        """
        if self._fingerprint is None:
            self.check()
            memory = self._memory()
            self._fingerprint = (
                fingerprint_of_files(self.files, self.cache)
                if memory is None
                else fingerprint_of_table(memory)
            )
        return self._fingerprint

    @property
    def stored_schema(self) -> pa.Schema:
        """The schema of the first file as stored, with the metadata of table and columns."""
        return self.parts[0].schema

    def check(self) -> None:
        """Raise `TableChanged` when a file is no longer the one that was opened."""
        _check(self.files, self.cache)

    def batches(
        self, columns: Sequence[str] | None = None, batch_size: int = _BATCH_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """Read columns in batches, in table order and constant memory.

        Parameters
        ----------
        columns : sequence of str, optional
            In the order wanted; default: all.
        batch_size : int
            Most rows of a batch; a batch may be shorter.

        Raises
        ------
        TableChanged
            When a file is no longer the one that was opened.
        TableError
            When a file is damaged.
        """
        schema = self._select(columns)
        self.check()
        return self._read(schema, batch_size)

    def column(self, name: str) -> pa.ChunkedArray:
        """Return a whole column.

        It is decoded once into the cache, and mapped into memory from there by everybody.
        """
        schema = self._select([name])
        memory = self._memory()
        if memory is not None:
            return memory.column(name)
        self.check()
        key = self._column_key(schema)
        with self._lock:  # ten sessions that ask at once decode it once
            folder = self.cache.get("columns", key)
            if folder is None:
                with self.cache.put("columns", key) as draft:
                    write_columns(draft / "column.arrow", schema, self._read(schema, _BATCH_ROWS))
                folder = self.cache.folder / "columns" / key
            return open_columns(folder / "column.arrow").column(0)

    def is_decoded(self, name: str) -> bool:
        """Say whether a whole column is at hand: in memory, or decoded into the cache."""
        schema = self._select([name])
        return (
            self._memory() is not None
            or self.cache.get("columns", self._column_key(schema)) is not None
        )

    def uncached_column(self, name: str) -> pa.ChunkedArray:
        """Return a whole column that nobody will ask for soon again.

        It was decoded before or is decoded now, but not kept.
        """
        schema = self._select([name])
        if self.is_decoded(name):
            return self.column(name)
        self.check()
        return pa.Table.from_batches(self._read(schema, _BATCH_ROWS), schema).column(0)

    def _column_key(self, schema: pa.Schema) -> str:
        field = schema.field(0)
        return key_of(
            [
                1,
                field.name,
                str(field.type),
                [[str(file.path), file.size, file.mtime_ns] for file in self.files],
            ]
        )

    def numeric(self, name: str) -> NDArray[np.float64]:
        """Return a column as numbers, missing as NaN (see `column_as_numbers`).

        Returns
        -------
        ndarray of shape (num_rows,), float64, read-only
        """
        return column_as_numbers(self.column(name), name)

    def take(self, rows: NDArray[np.int64], columns: Sequence[str] | None = None) -> pa.Table:
        """Return rows in the order given.

        Parameters
        ----------
        rows : ndarray of shape (k,), int64
            Positions in [0, num_rows).
        columns : sequence of str, optional
            Default: all.
        """
        schema = self._select(columns)
        wanted = np.asarray(rows, dtype=np.int64)
        if wanted.ndim != 1 or (
            wanted.size and not 0 <= wanted.min() <= wanted.max() < self.num_rows
        ):
            raise TableError(
                f"rows: expected positions from 0 to {self.num_rows - 1}, got {wanted!r}"
            )
        return pa.table([take_rows(self.column(n), wanted) for n in schema.names], schema=schema)

    def lookup(self, rows: NDArray[np.int64], columns: Sequence[str] | None = None) -> pa.Table:
        """Read a few rows where they lie.

        Only their row groups are decoded, and no column is kept in the cache.

        Parameters
        ----------
        rows : ndarray of shape (k,), int64, ascending
        columns : sequence of str, optional
            Default: all.
        """
        schema = self._select(columns)
        self.check()
        return gather(self.parts, schema, np.asarray(rows, dtype=np.int64))

    def sample(
        self, columns: Sequence[str] | None, n_rows: int, seed: int = 0
    ) -> tuple[pa.Table, NDArray[np.int64]]:
        """Draw rows at random over the whole table, in table order.

        Parameters
        ----------
        columns : sequence of str or None
            None: all.
        n_rows : int
            Rows to draw without replacement; all of them, exactly, when there are no more.
        seed : int
            Same seed, same rows.

        Returns
        -------
        table : pa.Table of min(n_rows, num_rows) rows
        rows : ndarray, int64, ascending
            Their positions in the table.
        """
        schema = self._select(columns)
        if n_rows < 0:
            raise TableError(f"sample: expected n_rows of 0 or more, got {n_rows}")
        self.check()
        rows = random_rows(self.num_rows, n_rows, seed)
        if len(rows) == self.num_rows:
            return pa.Table.from_batches(
                self._read(schema, _BATCH_ROWS), schema
            ).unify_dictionaries(), rows
        return gather(self.parts, schema, rows), rows

    @property
    def mutable_columns(self) -> frozenset[str]:
        """Columns that change while the table is open: none of those that are read from files."""
        return frozenset()

    @property
    def made_of(self) -> dict[str, tuple[str, ...]]:
        """For each computed column, those it was computed from: none of those read from files."""
        return {}

    @property
    def slow_to_hash(self) -> bool:
        """Whether `fingerprint` would read through more than half a gigabyte now."""
        return self._fingerprint is None and sum(file.size for file in self.files) > _SOON_READ

    def identity(self) -> str:
        """Name the content at once.

        For files by path, size and time of change, for a table in memory by its content.

        What is kept under it is lost when a file is moved or touched; it never stands for another
        content.
        """
        if not self.files:
            return self.fingerprint
        return key_of([[str(file.path), file.size, file.mtime_ns] for file in self.files])

    def describe(self, *, hashed: bool = True) -> dict[str, Any]:
        """Return a JSON document with which another process opens the same table.

        `reopen` does it without hashing again.

        A table in memory is written to the cache.

        Parameters
        ----------
        hashed : bool
            False: the fingerprint is only there when it is known, and the other process does
            without.
        """
        fingerprint = self.fingerprint if hashed else self._fingerprint
        document = {"version": _DOCUMENT_VERSION, "name": self.name, "fingerprint": fingerprint}
        memory = self._memory()
        if memory is not None:
            return {**document, "kind": "memory", "key": self._spill(memory), "notes": self.notes}
        assert self._listing is not None
        files = [
            [str(file.path), file.relative, file.size, file.mtime_ns, file.values]
            for file in self.files
        ]
        return {
            **document,
            "kind": "files",
            "format": self._listing.format,
            "files": files,
            "notes": self.notes,
        }

    @classmethod
    def reopen(cls, document: dict[str, Any], cache: Cache | None = None) -> ArrowSource:
        """Open the table that `describe` described.

        `explorer.sources.widened.reopen_source` opens one with added columns too.

        Raises
        ------
        TableChanged
            When a file is no longer the one that was described.
        TableError
            When the document is of another version, or the copy of a table in memory has left the
            cache.
        """
        cache = cache or Cache()
        if document.get("version") != _DOCUMENT_VERSION:
            raise TableError(
                f"the description of the table is of version {document.get('version')!r}, expected "
                f"{_DOCUMENT_VERSION}: open the table again"
            )
        fingerprint, notes = document["fingerprint"], document["notes"]
        if document["kind"] == "memory":
            folder = cache.get("tables", document["key"])
            if folder is None:
                raise TableError(
                    f"the copy of {document['name']!r} is no longer in the cache: "
                    "open the table again"
                )
            part = MemoryPart(open_columns(folder / "table.arrow"), document["name"])
            return cls(
                [part], name=document["name"], cache=cache, notes=notes, fingerprint=fingerprint
            )
        files = tuple(
            TableFile(
                Path(path), relative, size, mtime, tuple((name, value) for name, value in values)
            )
            for path, relative, size, mtime, values in document["files"]
        )
        listing = FileList(files, document["format"], document["name"], tuple(notes))
        return _open_files(listing, cache, fingerprint)

    def __repr__(self) -> str:
        return f"<ArrowSource {self.name!r}: {self.num_rows:,} rows × {len(self.schema)} columns>"

    def _select(self, columns: Sequence[str] | None) -> pa.Schema:
        if columns is None:
            return self.schema
        existing = set(self.schema.names)
        for name in columns:
            if name not in existing:
                raise unknown_name("column", name, self.schema.names)
        return pa.schema([self.schema.field(name) for name in columns])

    def _read(self, schema: pa.Schema, batch_size: int) -> Iterator[pa.RecordBatch]:
        for part in self.parts:
            for batch in part.read(schema.names, batch_size):
                with reader_errors(part.label):
                    conformed = conform(batch, schema)
                yield conformed

    def _memory(self) -> pa.Table | None:
        part = self.parts[0]
        return part.table if isinstance(part, MemoryPart) else None

    def _spill(self, memory: pa.Table) -> str:
        key = key_of([self.fingerprint, str(self.schema)])
        if self.cache.get("tables", key) is None:
            with self.cache.put("tables", key) as draft:
                write_columns(
                    draft / "table.arrow", self.schema, memory.to_batches(max_chunksize=_BATCH_ROWS)
                )
        return key


def open_source(source: object, cache: Cache | None = None) -> ArrowSource:
    """Open a table.

    Parameters
    ----------
    source : path, list of paths, or table
        A file (see `explorer.sources.file_formats`), a folder, a glob, or several of them, read as
        one table (see `explorer.sources.table_files.resolve`); a pandas or Polars DataFrame, or any
        object with ``__arrow_c_stream__``.
    cache : Cache, optional
        Default: the user's cache.

    Raises
    ------
    TableError
        When it cannot be opened: says what was expected, what came, and what to do.
    """
    cache = cache or Cache()
    if isinstance(source, (str, os.PathLike)):
        return _open_files(resolve(source), cache)
    if isinstance(source, (list, tuple)) and all(
        isinstance(path, (str, os.PathLike)) for path in source
    ):
        return _open_files(resolve(list(source)), cache)
    table, notes = table_of(source)
    return ArrowSource([MemoryPart(table, "table")], name="table", cache=cache, notes=notes)


def _open_files(listing: FileList, cache: Cache, fingerprint: str | None = None) -> ArrowSource:
    _check(listing.files, cache)
    return ArrowSource(
        _open_parts(listing, cache),
        name=listing.name,
        cache=cache,
        listing=listing,
        notes=listing.notes,
        fingerprint=fingerprint,
    )


def _check(files: Sequence[TableFile], cache: Cache) -> None:
    for file in files:
        try:
            file.check()
        except TableChanged:
            if not same_content(
                file, cache
            ):  # copied back or touched: nothing that was read is wrong
                raise


def _open_parts(listing: FileList, cache: Cache) -> Sequence[Part]:
    stored = format_by_name(listing.format).open(listing.files, cache)
    return with_partition_columns(stored, [file.values for file in listing.files])
