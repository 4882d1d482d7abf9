"""Readers of one file each: Parquet, Arrow IPC, and tables in memory.

All are read in groups of rows and in batches.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from explorer.core.errors import TableError
from explorer.sources.footers import read_column_chunks
from explorer.sources.schemas import without_views

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from explorer.sources.footers import ColumnChunks

__all__ = ["IpcPart", "MemoryPart", "ParquetPart", "Part", "reader_errors"]

# Strings of at most this many bytes a value in the file are read with their dictionary: about 17
# bits of code and a small dictionary, beyond which decoding to plain strings costs no more.
# Measured on tables of 60,000–750,000 rows.
_DICTIONARY_BYTES = 2.5


class Part(Protocol):
    """A piece of a table: its schema as stored, the rows of each of its groups, and its batches."""

    label: str
    schema: pa.Schema
    group_rows: tuple[int, ...]

    def read(
        self, columns: Sequence[str], batch_size: int, groups: Sequence[int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Give batches of at most ``batch_size`` rows of the groups (default: all), in order."""
        ...


@contextmanager
def reader_errors(label: str) -> Iterator[None]:
    """Turn an error of the reader into a `TableError` that names the file."""
    try:
        yield
    except PermissionError as error:
        raise TableError(f"{label!r} may not be read: ask for permission, or copy it") from error
    except (pa.ArrowException, OSError) as error:
        reason = str(error).strip().split("\n", 1)[0].rstrip(".")
        raise TableError(
            f"{label!r} cannot be read ({reason}): it is damaged or incomplete, write it again"
        ) from error


@contextmanager
def _reading_arrow(label: str) -> Iterator[None]:
    """Do as `reader_errors`, for files whose texts and names must be UTF-8."""
    with reader_errors(label):
        try:
            yield
        except UnicodeDecodeError as error:
            raise pa.ArrowInvalid("a name or a text in it is not UTF-8") from error


class ParquetPart:
    """A Parquet file. Opening reads only the footer; groups are its row groups.

    Parameters
    ----------
    path : Path
        The file.
    label : str
        Its name in errors.
    dictionaries : sequence of str, optional
        String columns to read with their dictionary; default: those that the first row group stores
        compactly.
    """

    def __init__(self, path: Path, label: str, dictionaries: Sequence[str] | None = None) -> None:
        import pyarrow.parquet as pq

        self.path, self.label = path, label
        with _reading_arrow(label), pq.ParquetFile(path) as file:
            self._metadata = file.metadata
            stored = file.schema_arrow
        groups = range(self._metadata.num_row_groups)
        self.group_rows = tuple(self._metadata.row_group(group).num_rows for group in groups)
        with _reading_arrow(label):
            self.dictionaries = (
                self._compact_strings(stored) if dictionaries is None else tuple(dictionaries)
            )
        self.schema = pa.schema(
            [self._as_read(field) for field in stored], metadata=stored.metadata
        )

    def read(
        self, columns: Sequence[str], batch_size: int, groups: Sequence[int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Give batches of at most ``batch_size`` rows of the row groups (default: all)."""
        import pyarrow.parquet as pq

        wanted = list(columns)
        chosen = frozenset(wanted)
        encoded = [name for name in self.dictionaries if name in chosen]
        options = {"read_dictionary": encoded, "page_checksum_verification": True}
        # without buffering ahead, which would hold all row groups of a pass in memory
        options |= {"metadata": self._metadata, "pre_buffer": False}
        with _reading_arrow(self.label), pq.ParquetFile(self.path, **options) as file:
            for batch in file.iter_batches(batch_size, row_groups=groups, columns=wanted):
                yield without_views(_whole(batch.select(wanted)))

    def _compact_strings(self, stored: pa.Schema) -> tuple[str, ...]:
        strings = {
            field.name
            for field in stored
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        }
        if not strings or not self.group_rows or not self.group_rows[0]:
            return ()
        chunks = read_column_chunks(self.path, 1, self._metadata.num_columns)
        if chunks is None:
            return ()
        compact = chunks.dictionary[0] & (chunks.bytes[0] <= _DICTIONARY_BYTES * chunks.values[0])
        return tuple(
            name for name, place in chunks.places.items() if name in strings and compact[place]
        )

    def chunks(self, n_files: int = 1) -> ColumnChunks | None:
        """Read what the footer says of the column chunks.

        See `explorer.sources.footers.read_column_chunks`.
        """
        if not self.group_rows:
            return None
        return read_column_chunks(
            self.path, len(self.group_rows), self._metadata.num_columns, n_files
        )

    def _as_read(self, field: pa.Field) -> pa.Field:
        if field.name not in self.dictionaries or pa.types.is_dictionary(field.type):
            return field
        return field.with_type(pa.dictionary(pa.int32(), pa.string()))


class IpcPart:
    """An Arrow IPC file (Feather version 2) or stream; groups are its record batches.

    Opening reads one column of each batch, to count rows; a stream is read through.
    """

    def __init__(self, path: Path, label: str) -> None:
        self.path, self.label = path, label
        with _reading_arrow(label), pa.OSFile(str(path)) as file:
            head = bytes(file.read(4))
            if head == b"FEA1":
                raise TableError(
                    f"{label!r} is Feather version 1: write it again as version 2 (Arrow IPC)"
                )
            file.seek(0)
            self._is_stream = head != b"ARRO"
            self.schema = (
                pa.ipc.open_stream(file).schema
                if self._is_stream
                else pa.ipc.open_file(file).schema
            )
        first = self.schema.names[:1]
        self.group_rows = (
            tuple(batch.num_rows for batch in self._groups(first, None)) if first else ()
        )

    def read(
        self, columns: Sequence[str], batch_size: int, groups: Sequence[int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Give batches of at most ``batch_size`` rows of the record batches (default: all)."""
        for group in map(without_views, self._groups(columns, groups)):
            for start in range(0, group.num_rows, batch_size):
                yield group.slice(start, batch_size)

    def _groups(
        self, columns: Sequence[str], groups: Sequence[int] | None
    ) -> Iterator[pa.RecordBatch]:
        included = [self.schema.get_field_index(name) for name in columns]
        options = pa.ipc.IpcReadOptions(included_fields=included)
        wanted = None if groups is None else set(groups)
        with _reading_arrow(self.label), pa.OSFile(str(self.path)) as file:
            if self._is_stream:
                for index, batch in enumerate(pa.ipc.open_stream(file, options=options)):
                    if wanted is None or index in wanted:
                        yield _whole(batch.select(list(columns)))
            else:
                reader = pa.ipc.open_file(file, options=options)
                for index in range(reader.num_record_batches) if groups is None else groups:
                    yield _whole(reader.get_batch(index).select(list(columns)))


class MemoryPart:
    """A table in memory, as one group."""

    def __init__(self, table: pa.Table, label: str) -> None:
        self.table, self.label = table, label
        self.schema = table.schema
        self.group_rows: tuple[int, ...] = (table.num_rows,)

    def read(
        self, columns: Sequence[str], batch_size: int, groups: Sequence[int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Give batches of at most ``batch_size`` rows, without copying."""
        if groups is None or 0 in groups:
            yield from self.table.select(list(columns)).to_batches(max_chunksize=batch_size)


def _whole(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose offsets, codes and letters lie where they must.

    Arrow would read beyond the memory of a damaged one.
    """
    batch.validate(full=True)
    return batch
