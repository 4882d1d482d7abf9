"""What the footer of a Parquet file says of its column chunks.

Sizes, encodings, and what integers span.

The fields are those of
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift.

pyarrow gives the same by ``RowGroupMetaData.column(i)`` and its ``statistics``, but does not catch
what C++ throws there: one damaged footer ends the process. So it is read here, and a damaged footer
says nothing; reading the rows then gives a proper error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from numba.extending import register_jitable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ColumnChunks", "read_column_chunks"]

# Types of Thrift's compact protocol
# (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md)
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_DEEPEST = 32  # the format has eight levels
# Footers of about 1,700 column chunks and more are read by compiled code; it takes longer to load
# than shorter ones to read.
_COMPILED_BYTES = 1 << 18

_CHUNK = np.dtype(
    [
        ("depth", np.int64), ("name", np.int64), ("letters", np.int64), ("width", np.int64),
        ("dictionary", np.bool_), ("values", np.int64), ("bytes", np.int64), ("nulls", np.int64),
        ("given", np.int64), ("low", np.int64), ("high", np.int64), ("signed_low", np.int64),
        ("signed_high", np.int64),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class ColumnChunks:
    """Column chunks of a Parquet file, by row group and column.

    Parameters
    ----------
    places : dict of str to int
        The column of each field that is not nested.
    dictionary : ndarray of bool
        Whether pages are encoded with a dictionary.
    values, bytes : ndarray of int
        Number of values, and their size before compression.
    nulls : ndarray of int
        Missing values; −1 where it is not said.
    spanned : ndarray of int
        Whether ``low`` and ``high`` are known: 2, of any integers; 1, of signed integers only; 0,
        not.
    low, high : ndarray of int
        The least and the greatest integer; of unsigned ones the same bits as signed.
    """

    places: dict[str, int]
    dictionary: np.ndarray
    values: np.ndarray
    bytes: np.ndarray
    nulls: np.ndarray
    spanned: np.ndarray
    low: np.ndarray
    high: np.ndarray


def read_column_chunks(
    path: Path, n_row_groups: int, n_columns: int, n_files: int = 1
) -> ColumnChunks | None:
    """Read what a footer says of the column chunks of the first row groups.

    Parameters
    ----------
    path : Path
        A Parquet file.
    n_row_groups : int
        How many are wanted, at least 1. ``spanned`` is at most 1 where the file has more.
    n_columns : int
        Columns of the file; those within structs and lists count singly.
    n_files : int, optional
        How many such files are read: it decides whether loading compiled code is worth it.

    Returns
    -------
    ColumnChunks or None
        Arrays of shape (n_row_groups, n_columns). None where the footer is damaged or encrypted,
        has another number of columns, or fewer row groups.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - 8))
        tail = file.read(8)
        size = int.from_bytes(tail[:4], "little")
        if tail[4:] != b"PAR1" or size > end - 8:
            return None
        file.seek(end - 8 - size)
        footer = file.read(size)
    chunks = np.zeros((n_row_groups, n_columns), _CHUNK)
    chunks["letters"] = chunks["nulls"] = -1
    try:
        if size * n_files < _COMPILED_BYTES:
            declared = _read_footer(footer, chunks, [0] * _DEEPEST, [0] * _DEEPEST, [-1] * _DEEPEST)
        else:
            declared = _read_long_footer(np.frombuffer(footer, np.uint8), chunks)
        flat = [
            (i, chunk["name"], chunk["letters"])
            for i, chunk in enumerate(chunks[0])
            if chunk["depth"] == 1
        ]
        places = {footer[start : start + letters].decode(): i for i, start, letters in flat}
    except (ValueError, OverflowError):
        return None
    # without declared orders, max_value and min_value (fields 5 and 6) mean nothing; max and min (1
    # and 2) are of signed integers
    both, signed = (chunks["given"] >> 5 & 3) == 3, (chunks["given"] >> 1 & 3) == 3
    spanned = np.where(both & declared, 2, signed)
    return ColumnChunks(
        places,
        dictionary=chunks["dictionary"],
        values=chunks["values"],
        bytes=chunks["bytes"],
        nulls=chunks["nulls"],
        spanned=spanned,
        low=np.where(spanned == 2, chunks["low"], chunks["signed_low"]),
        high=np.where(spanned == 2, chunks["high"], chunks["signed_high"]),
    )


@register_jitable
def _read_footer(data: Any, chunks: Any, field: Any, inner: Any, left: Any) -> bool:
    """Fill in the chunks, and return whether column orders are declared.

    The structs and lists that are open are a stack. Of a struct, ``field`` is the last one read,
    and ``left`` is −1; of a list, ``left`` is the number of elements to come, and ``inner`` what
    they are.

    Level 0 is FileMetaData, 1 its row groups, 2 RowGroup, 3 its columns, 4 ColumnChunk, 5
    ColumnMetaData, 6 its lists and Statistics.
    """
    group, column, declared = -1, -1, False
    at, level = 0, 0
    while level >= 0:
        if left[level] == 0:
            level -= 1
            continue
        if left[level] > 0:
            left[level] -= 1
            kind = max(inner[level], _BYTE)  # in a list a truth value takes a byte
        else:
            head, at = _byte(data, at)
            if head == 0:
                level -= 1
                continue
            kind = head & 15
            if head > 15:
                field[level] += head >> 4
            else:
                number, at = _varint(data, at)
                field[level] = _signed(number)
            declared |= level == 0 and field[0] == 7  # column_orders: what least and greatest mean
        in_columns = level > 2 and field[0] == 4 and field[2] == 1
        in_metadata = in_columns and level > 4 and field[4] == 3

        value = 0
        if kind in (_I16, _I32, _I64):
            number, at = _varint(data, at)
            value = _signed(number)
        elif kind in (_BINARY, _LIST, _SET):
            if kind == _BINARY:
                size, at = _varint(data, at)
            else:
                head, at = _byte(data, at)
                size = head >> 4
                if size == 15:
                    size, at = _varint(data, at)
            if size < 0 or size > len(data) - at:  # an element takes a byte at least
                raise ValueError("longer than the footer")
            value = size
        elif kind not in (_TRUE, _FALSE, _BYTE, _DOUBLE, _STRUCT):
            raise ValueError("no type of this format")

        if in_metadata and column >= 0:
            _take(data, at, chunks[group, column], level, field[5], field[6], value)
        if kind == _BYTE:
            at += 1
        elif kind == _DOUBLE:
            at += 8
        elif kind == _BINARY:
            at += value
        elif kind in (_LIST, _SET, _STRUCT):
            level += 1
            if level == _DEEPEST:
                raise ValueError("too deep")
            field[level], left[level] = 0, -1
            if kind != _STRUCT:
                inner[level], left[level] = head & 15, value
            elif level == 2 and field[0] == 4:
                if group >= 0 and column != chunks.shape[1] - 1:
                    raise ValueError("another number of columns")
                group, column = group + 1, -1
                if group == len(chunks):
                    break
            elif level == 4 and in_columns:
                column += 1
                if group < 0 or column == chunks.shape[1]:
                    raise ValueError("another number of columns")
    if group < len(chunks) - 1 or (group < len(chunks) and column != chunks.shape[1] - 1):
        raise ValueError("another number of columns or row groups")
    return declared


@register_jitable
def _take(data: Any, at: int, chunk: Any, level: int, field: int, inner: int, value: int) -> None:
    """Keep a value of ColumnMetaData or of its lists and Statistics.

    Of a text and a list it is the length.
    """
    if level == 5:
        if field == 1:  # type: INT32 or INT64
            chunk["width"] = 4 * value if value in (1, 2) else 0
        elif field == 3:  # path_in_schema
            chunk["depth"] = value
        elif field == 5:  # num_values
            chunk["values"] = value
        elif field == 6:  # total_uncompressed_size
            chunk["bytes"] = value
    elif level == 6:
        if field == 2:  # encodings: PLAIN_DICTIONARY, RLE_DICTIONARY
            chunk["dictionary"] |= value in (2, 8)
        elif field == 3 and chunk["letters"] < 0:  # the first name of the path
            chunk["name"], chunk["letters"] = at, value
        elif field == 12 and inner == 3:  # null_count
            chunk["nulls"] = value
        elif field == 12 and value == chunk["width"] > 0:
            number = -((data[at + value - 1] + 0) >> 7)  # −1 where it is negative
            for place in range(value - 1, -1, -1):
                number = number << 8 | data[at + place]
            if inner == 1:  # max
                chunk["signed_high"] = number
            elif inner == 2:  # min
                chunk["signed_low"] = number
            elif inner == 5:  # max_value
                chunk["high"] = number
            elif inner == 6:  # min_value
                chunk["low"] = number
            chunk["given"] |= 1 << inner


@register_jitable
def _varint(data: Any, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte, at = _byte(data, at)
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("no number")


@register_jitable
def _byte(data: Any, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise ValueError("ends early")
    return data[at] + 0, at + 1  # no longer of eight bits


@register_jitable
def _signed(number: int) -> int:
    return (number >> 1) & 0x7FFFFFFFFFFFFFFF ^ -(number & 1)


@numba.njit(nogil=True, cache=True)
def _read_long_footer(data: Any, chunks: Any) -> bool:
    stack = np.zeros((3, _DEEPEST), np.int64)
    stack[2] = -1
    return _read_footer(data, chunks, stack[0], stack[1], stack[2])  # type: ignore[no-any-return]
