"""CSV in: each file is converted once to Parquet in the cache.

The types hold every value of the file.
"""

from __future__ import annotations

import csv
import gzip
import os
import re
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO, cast

import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.cache import key_of
from explorer.core.errors import TableError
from explorer.sources.fingerprint import content_digest
from explorer.sources.formats import ParquetPart, reader_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from explorer.core.cache import Cache
    from explorer.sources.table_files import TableFile

    Types = dict[str, pa.DataType]

__all__ = ["MISSING_WORDS", "CsvPart", "convert", "open_csv_files"]

MISSING_WORDS = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A")
"""What means missing in a column of numbers, booleans or times.

In a column of text only the empty cell does.
"""

_MISSING = pa.array(MISSING_WORDS)
_TEXT = pa.string()
_CANDIDATES = (
    pa.int64(),
    pa.float64(),
    pa.bool_(),
    pa.date32(),
    pa.timestamp("us"),
    pa.timestamp("us", "UTC"),
)
# what a type gives way to when a later value does not fit; each holds all values of the one before
_WIDER = {pa.int64(): pa.float64(), pa.date32(): pa.timestamp("us")}
_WRITTEN_WITH_ZEROS = r"^[+-]?0[0-9]"
_BEYOND_FLOAT = r"^[+-]?[0-9]{16,}$"  # float64 holds 15 decimal digits
_BLOCK_BYTES = 8 * 1024 * 1024
_GROUP_BYTES = 64 * 1024 * 1024
_FORMAT = 1  # raise it when the conversion changes, so that older entries of the cache are not used


@dataclass(frozen=True)
class _Layout:
    """How a file is written: delimiter, column names, lines of the header, whether rows follow."""

    delimiter: str
    names: tuple[str, ...]
    header_lines: int
    has_rows: bool


class CsvPart(ParquetPart):
    """A CSV file, read from its Parquet form; converted again when that has left the cache."""

    def __init__(
        self,
        file: TableFile,
        cache: Cache,
        as_text: frozenset[str] = frozenset(),
        dictionaries: Sequence[str] | None = None,
    ) -> None:
        self._conversion = (file, cache, as_text)
        super().__init__(convert(file, cache, as_text), file.relative, dictionaries)

    def read(
        self, columns: Sequence[str], batch_size: int, groups: Sequence[int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Give batches of at most ``batch_size`` rows of the row groups (default: all)."""
        self.path = convert(*self._conversion)
        return super().read(columns, batch_size, groups)


def open_csv_files(files: Sequence[TableFile], cache: Cache) -> list[CsvPart]:
    """Open CSV files as parts of one table.

    A column whose types do not fit together is text in all of them.
    """
    parts = [CsvPart(file, cache, dictionaries=()) for file in files]
    kinds: dict[str, set[pa.DataType]] = {}
    for part in parts:
        for field in part.schema:
            kinds.setdefault(field.name, set()).add(field.type)
    numbers = {pa.int64(), pa.float64()}
    mixed = {
        n for n, k in kinds.items() if len(k - {pa.null()}) > 1 and not k <= {*numbers, pa.null()}
    }
    result: list[CsvPart] = []
    for file, part in zip(files, parts, strict=True):
        as_text = frozenset(f.name for f in part.schema if f.name in mixed and f.type != _TEXT)
        result.append(CsvPart(file, cache, as_text, result[0].dictionaries if result else None))
    return result


def convert(file: TableFile, cache: Cache, as_text: frozenset[str] = frozenset()) -> Path:
    """Return the Parquet form of a CSV file, converting it when the cache does not hold it yet.

    The first line names the columns. Types are found by trying the values themselves: int64,
    float64, booleans (true, false), ISO dates and times, else text. A type that a later value does
    not fit is widened (int64 → float64 → text) and the file is read again, so that no value is
    lost. Numbers with leading zeros, and integers of more digits than a wider float64 would hold,
    stay text.

    Parameters
    ----------
    file : TableFile
        The CSV file: UTF-8, plain or compressed (.gz); delimited by tabs when it is named .tsv,
        else by whichever of comma, semicolon, tab and bar is most frequent in its first line.
    cache : Cache
        Where the result lives, by the content of the file.
    as_text : frozenset of str, optional
        Columns that are read as text whatever they hold, for they are text in another file of the
        same table.

    Raises
    ------
    TableError
        For ragged rows (with line number), text that is not UTF-8, a header that is missing or
        names a column twice.
    """
    layout = _layout(file)
    key = key_of([_FORMAT, content_digest(file, cache), layout.delimiter, sorted(as_text)])
    entry = cache.get("csv", key)
    if entry is None:
        with cache.put("csv", key) as folder:
            types = _first_types(file, layout, as_text)
            while (wider := _write_parquet(file, layout, types, folder / "table.parquet")) != types:
                types = wider
        entry = cache.folder / "csv" / key
    return entry / "table.parquet"


def _first_types(file: TableFile, layout: _Layout, as_text: frozenset[str]) -> Types:
    types = {name: _TEXT if name in as_text else pa.null() for name in layout.names}
    first = next(_text_blocks(file, layout), None)
    if first is None:
        return types
    return {
        n: _fit(column, types[n])[0] for n, column in zip(layout.names, first.columns, strict=True)
    }


def _write_parquet(file: TableFile, layout: _Layout, types: Types, path: Path) -> Types:
    """Write the file with these types, as far as they fit.

    Return the types that fit the whole file.
    """
    import pyarrow.parquet as pq

    schema = pa.schema(list(types.items()))
    waiting: list[pa.RecordBatch] = []
    with (
        ThreadPoolExecutor(os.cpu_count()) as pool,
        pq.ParquetWriter(path, schema, compression="zstd") as writer,
    ):
        fitting = types
        for block in _text_blocks(file, layout):
            fitted = list(pool.map(_fit, block.columns, fitting.values()))
            fitting = {name: kind for name, (kind, _) in zip(layout.names, fitted, strict=True)}
            if fitting != types:
                # the file is only scanned from here on: it will be written with wider types
                waiting.clear()
                continue
            waiting.append(
                pa.RecordBatch.from_arrays([array for _, array in fitted], schema=schema)
            )
            if sum(b.nbytes for b in waiting) > _GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting.clear()
        writer.write_table(pa.Table.from_batches(waiting, schema))
    return fitting


def _fit(text: pa.Array, kind: pa.DataType) -> tuple[pa.DataType, pa.Array]:
    """Convert a column of text to a type, or to the first wider type that holds all of it."""
    while (array := _converted(text, kind)) is None:
        if pa.types.is_null(kind):
            result = ((candidate, _converted(text, candidate)) for candidate in _CANDIDATES)
            return next(((candidate, a) for candidate, a in result if a is not None), (_TEXT, text))
        kind = _WIDER.get(kind, _TEXT)
    return kind, array


def _converted(text: pa.Array, kind: pa.DataType) -> pa.Array | None:
    """Return the values as a type, missing ones null; None when one of them does not fit it."""
    if kind == _TEXT:
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, _TEXT), text)
    trimmed = pc.ascii_trim_whitespace(text)
    values = pc.if_else(pc.is_in(trimmed, value_set=_MISSING), pa.scalar(None, _TEXT), trimmed)
    if pa.types.is_null(kind):
        return pa.nulls(len(values)) if values.null_count == len(values) else None
    if kind in (pa.int64(), pa.float64()) and _any_match(values, _WRITTEN_WITH_ZEROS):
        return None
    if kind == pa.float64() and _any_match(values, _BEYOND_FLOAT):
        return None
    try:
        return values.cast(kind)
    except pa.ArrowInvalid:
        return None


def _any_match(values: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(values, pattern)).as_py())


def _text_blocks(file: TableFile, layout: _Layout) -> Iterator[pa.RecordBatch]:
    from pyarrow import csv as arrow_csv

    if not layout.has_rows:
        return
    file.check()
    names = list(layout.names)
    with (
        reader_errors(file.relative),
        pa.input_stream(str(file.path), compression="detect") as stream,
    ):
        try:
            yield from arrow_csv.open_csv(
                stream,
                arrow_csv.ReadOptions(
                    column_names=names, skip_rows=layout.header_lines, block_size=_BLOCK_BYTES
                ),
                arrow_csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
                arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, _TEXT)),
            )
        except pa.ArrowInvalid as error:
            if "UTF8" in str(error):
                raise _not_utf8(file) from error
            if re.search(r"Expected \d+ columns", str(error)):
                raise _ragged(file, layout) from error
            raise


@contextmanager
def _lines(file: TableFile) -> Iterator[TextIO]:
    """Open the file as text, and turn what can go wrong with it into a `TableError`."""
    compressed = file.path.suffix.lower() == ".gz"
    try:
        with reader_errors(file.relative):
            opened = gzip.open if compressed else open
            with opened(file.path, "rt", encoding="utf-8-sig", newline="") as stream:
                yield cast("TextIO", stream)
    except UnicodeDecodeError as error:
        raise _not_utf8(file) from error
    except (EOFError, zlib.error, csv.Error) as error:
        raise TableError(
            f"{file.relative!r} cannot be read as CSV ({error}): write it again"
        ) from error


def _layout(file: TableFile) -> _Layout:
    with _lines(file) as stream:
        first = next((line for line in stream if line.strip()), "")
        delimiter = _delimiter(first, file)
        stream.seek(0)
        rows = csv.reader(stream, delimiter=delimiter)
        names = next((row for row in rows if row), [])
        header_lines = rows.line_num
        has_rows = any(row for row in rows)
    named = tuple(name.strip() or f"unnamed_{i}" for i, name in enumerate(names, 1))
    if not any(name.strip() for name in names):
        raise TableError(
            f"{file.relative!r} has no header: expected the names of the columns in its first line"
        )
    twice = (
        next((name for name in named if named.count(name) > 1), None)
        if len(set(named)) < len(named)
        else None
    )
    if twice is not None:
        raise TableError(
            f"{file.relative!r} has two columns named {twice!r}: rename one of them in its first "
            "line"
        )
    return _Layout(delimiter, named, header_lines, has_rows)


def _delimiter(header: str, file: TableFile) -> str:
    if file.path.name.lower().endswith((".tsv", ".tsv.gz")):
        return "\t"
    bare = re.sub(r'"[^"]*"', "", header)
    return max(",;\t|", key=bare.count)


def _ragged(file: TableFile, layout: _Layout) -> TableError:
    """Find the first row of another length than the header, with the line it starts on."""
    expected = len(layout.names)
    with _lines(file) as stream:
        rows = csv.reader(stream, delimiter=layout.delimiter)
        start = 1
        for row in rows:
            if row and len(row) != expected:
                return TableError(
                    f"{file.relative!r}, line {start}: expected {expected} fields as in the "
                    f"header, found {len(row)}; "
                    "correct that line (a delimiter inside a value needs double quotes around it)"
                )
            start = rows.line_num + 1
    return TableError(
        f"{file.relative!r} has rows that are not of {expected} fields: check its double quotes"
    )


def _not_utf8(file: TableFile) -> TableError:
    return TableError(f"{file.relative!r} is not UTF-8 text: save it as UTF-8")
