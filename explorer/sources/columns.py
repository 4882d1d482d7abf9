"""One column at a time: decoded once into an Arrow IPC file, taken by row, and read as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["column_as_numbers", "open_columns", "take_rows", "write_columns"]

_DIGITS_OF_INT64 = 18
_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def write_columns(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write batches into an uncompressed Arrow IPC file.

    The values of a single column of fixed width lie beside it, in a file of their own, so that they
    can be used as one array without copying. Everything is written batch by batch; dictionaries
    grow by what each batch adds.
    """
    if (
        len(schema) == 1
        and pa.types.is_primitive(schema.field(0).type)
        and schema.field(0).type.bit_width >= 8
    ):
        batches = _write_values(path, schema.field(0).type.bit_width // 8, batches)
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with (
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_file(sink, schema, options=options) as writer,
    ):
        for batch in _with_growing_dictionaries(batches, schema):
            writer.write_batch(batch)


def _write_values(
    path: Path, width: int, batches: Iterable[pa.RecordBatch]
) -> list[pa.RecordBatch]:
    """Write a column as it comes; return nothing more to write.

    To put it together first costs more than decoding it: fresh memory.
    """
    rows, missing = 0, []
    with path.with_suffix(".values").open("wb") as file:
        for batch in batches:
            column = batch.column(0)
            if len(column):
                file.write(column.buffers()[1].slice(column.offset * width, len(column) * width))
            if column.null_count:
                missing.append(
                    rows + np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))
                )
            rows += len(column)
    if missing:
        valid = np.ones(rows, np.bool_)
        valid[np.concatenate(missing)] = False
        path.with_suffix(".valid").write_bytes(np.packbits(valid, bitorder="little").tobytes())
    return []


def open_columns(path: Path) -> pa.Table:
    """Map what `write_columns` wrote into memory, without reading it."""
    stored = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    values, valid = path.with_suffix(".values"), path.with_suffix(".valid")
    if not values.exists() or not (size := values.stat().st_size):
        return stored
    field = stored.schema.field(0)
    buffers = [_mapped(valid) if valid.exists() else None, _mapped(values)]
    column = pa.Array.from_buffers(field.type, 8 * size // field.type.bit_width, buffers)
    return pa.table([column], schema=stored.schema)


def _mapped(path: Path) -> pa.Buffer:
    return pa.memory_map(str(path)).read_buffer()


def take_rows(column: pa.ChunkedArray, rows: NDArray[np.int64]) -> pa.Array:
    """Take rows of a column in the order given, touching only the chunks that hold them.

    Parameters
    ----------
    column : pa.ChunkedArray of length n
    rows : ndarray of shape (k,), int64
        Positions in [0, n).
    """
    starts = np.cumsum([0, *(len(c) for c in column.chunks)])
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    cuts = np.searchsorted(ordered, starts)
    pieces = [
        chunk.take(pa.array(ordered[lo:hi] - start))
        for chunk, start, lo, hi in zip(
            column.chunks, starts[:-1], cuts[:-1], cuts[1:], strict=True
        )
        if hi > lo
    ]
    if not pieces:
        return pa.array([], column.type)
    back = np.empty(len(rows), dtype=np.int64)
    back[order] = np.arange(len(rows))
    merged = pa.chunked_array(pieces).unify_dictionaries().chunks if len(pieces) > 1 else pieces
    return pa.concat_arrays(merged).take(pa.array(back))


def column_as_numbers(column: pa.ChunkedArray, name: str) -> NDArray[np.float64]:
    """Read a column as numbers; missing values become NaN.

    Booleans become 0 and 1, times seconds since 1970-01-01 (UTC where they have a zone), dates the
    seconds at their midnight, times of day the seconds since midnight, durations seconds. Integers
    beyond 2**53 are rounded.

    Returns
    -------
    ndarray of shape (n,), float64, read-only
        The column itself, without a copy, when it is one chunk of float64 without nulls.

    Raises
    ------
    TableError
        When the column does not hold numbers.
    """
    chunks = column.chunks
    if len(chunks) == 1 and column.type == pa.float64() and not column.null_count:
        numbers: NDArray[np.float64] = chunks[0].to_numpy(zero_copy_only=True)
    else:
        numbers = np.empty(len(column), dtype=np.float64)
        start = 0
        for chunk in chunks:
            numbers[start : start + len(chunk)] = _chunk_numbers(chunk, name)
            start += len(chunk)
    numbers.flags.writeable = False
    return numbers


def _chunk_numbers(chunk: pa.Array, name: str) -> NDArray[np.float64]:
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary.take(chunk.indices)
    if (
        pa.types.is_decimal128(chunk.type)
        and chunk.type.precision <= _DIGITS_OF_INT64
        and chunk.type.scale >= 0
    ):
        return _decimals(chunk)
    integers, per_second = _storage(chunk)
    try:
        numbers = pc.cast(integers, pa.float64(), safe=False) if _is_number(integers.type) else None
    except pa.ArrowException as error:
        raise _not_numbers(name, chunk.type) from error
    if numbers is None:
        raise _not_numbers(name, chunk.type)
    result: NDArray[np.float64] = numbers.to_numpy(zero_copy_only=False)
    return result / per_second if per_second != 1.0 else result


def _decimals(chunk: pa.Array) -> NDArray[np.float64]:
    """Read decimals as the nearest float, as a literal in an expression is.

    Arrow's cast may be off by a last digit.
    """
    integers = np.frombuffer(chunk.buffers()[1], dtype="<i8")[2 * chunk.offset :: 2][
        : len(chunk)
    ]  # the lower halves
    numbers: NDArray[np.float64] = integers / 10.0**chunk.type.scale
    if chunk.null_count:
        numbers[~chunk.is_valid().to_numpy(zero_copy_only=False)] = np.nan
    return numbers


def _storage(chunk: pa.Array) -> tuple[pa.Array, float]:
    """Return a temporal array as integers and how many of them make a second.

    Others as they are.
    """
    kind = chunk.type
    if pa.types.is_date(kind):
        return chunk.cast(pa.timestamp("s")).cast(pa.int64()), 1.0
    if pa.types.is_time32(kind):
        return chunk.cast(pa.int32()), _PER_SECOND[kind.unit]
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind) or pa.types.is_time64(kind):
        return chunk.cast(pa.int64()), _PER_SECOND[kind.unit]
    return chunk, 1.0


def _is_number(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
        or types.is_decimal(kind)
        or types.is_null(kind)
    )


def _not_numbers(name: str, kind: pa.DataType) -> TableError:
    return TableError(
        f"the column {name!r} is not numeric ({kind}): expected numbers, booleans or times"
    )


def _with_growing_dictionaries(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Give the batches with one dictionary a column that only grows.

    The IPC file format demands it.
    """
    encoded = [i for i, field in enumerate(schema) if pa.types.is_dictionary(field.type)]
    dictionaries: dict[int, pa.Array] = {}
    for batch in batches:
        arrays = list(batch.columns)
        for index in encoded:
            dictionaries[index], arrays[index] = _grown(dictionaries.get(index), arrays[index])
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _grown(
    earlier: pa.Array | None, array: pa.DictionaryArray
) -> tuple[pa.Array, pa.DictionaryArray]:
    dictionary = array.dictionary
    if earlier is None or earlier.equals(dictionary):
        return dictionary, array
    added = dictionary.filter(pc.invert(pc.is_in(dictionary, value_set=earlier)))
    earlier = pa.concat_arrays([earlier, added]) if len(added) else earlier
    codes = pc.index_in(dictionary, value_set=earlier).take(array.indices)
    return earlier, pa.DictionaryArray.from_arrays(codes, earlier)
