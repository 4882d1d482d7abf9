"""Fingerprints: the same for the same content on every machine, whatever wrote or chunked it."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.cache import key_of
from explorer.core.errors import CacheError
from explorer.sources.formats import reader_errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.core.cache import Cache
    from explorer.sources.table_files import TableFile

__all__ = ["content_digest", "fingerprint_of_files", "fingerprint_of_table", "same_content"]

_log = logging.getLogger(__name__)
_PIECE = 64 * 1024 * 1024  # bytes of a file hashed by one thread
_STEP = 1024 * 1024  # bytes read at once: long enough for hashlib to release the interpreter lock
_BLOCK_ROWS = 1 << 18  # rows of a column hashed at once; part of the definition of the fingerprint
_SETTLED_SECONDS = 2.0  # a younger file may be written again within one tick of a coarse clock


def fingerprint_of_files(files: Sequence[TableFile], cache: Cache) -> str:
    """Return the fingerprint of a table of files.

    Of their relative paths, their contents, and what the names of their folders say.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    held = [[list(pair) for pair in file.values] for file in files]
    extra = [held] if any(held) else []
    return key_of(
        ["files", 1, [[file.relative, content_digest(file, cache)] for file in files], *extra]
    )


def content_digest(file: TableFile, cache: Cache) -> str:
    """Return the BLAKE2b digest of a file's bytes.

    It is remembered in the cache by path, size and modification time.

    The file is hashed in pieces of 64 MiB on all cores; the digest is that of its size and the
    pieces' digests.
    """
    key = key_of([str(file.path), file.size, file.mtime_ns])
    entry = cache.get("digests", key)
    if entry is not None:
        return (entry / "digest").read_text(encoding="ascii")
    file.check()
    with reader_errors(file.relative):
        digest = _hash_file(file.path, file.size)
    file.check()  # it may have been written to while it was read
    if time.time() - file.mtime_ns / 1e9 > _SETTLED_SECONDS:
        try:
            with cache.put("digests", key) as folder:
                (folder / "digest").write_text(digest, encoding="ascii")
        except CacheError as error:
            _log.warning("the digest of %s is not remembered: %s", file.relative, error)
    return digest


def same_content(file: TableFile, cache: Cache) -> bool:
    """Say whether a file whose time changed still has the bytes it was opened with.

    Only when its digest is remembered from then, and the file is short enough (64 MiB) to hash
    again; else False.
    """
    entry = cache.get("digests", key_of([str(file.path), file.size, file.mtime_ns]))
    if entry is None or file.size > _PIECE or not file.path.is_file():
        return False
    current = type(file).at(file.path, file.relative)
    return current.size == file.size and content_digest(current, cache) == (
        entry / "digest"
    ).read_text(encoding="ascii")


def fingerprint_of_table(table: pa.Table) -> str:
    """Return the fingerprint of a table in memory.

    Of column names, types and values, whatever its chunks.

    A dictionary-encoded column counts as its values, and what lies under a missing value does not
    count.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        digests = list(pool.map(_hash_column, table.columns))
    return key_of(
        [
            "table",
            1,
            table.num_rows,
            [[name, digest] for name, digest in zip(table.column_names, digests, strict=True)],
        ]
    )


def _hash_file(path: Path, size: int) -> str:
    starts = range(0, size, _PIECE)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pieces = list(pool.map(lambda start: _hash_piece(path, start), starts))
    return hashlib.blake2b(
        size.to_bytes(8, "little") + b"".join(pieces), digest_size=16
    ).hexdigest()


def _hash_piece(path: Path, start: int) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    buffer = memoryview(bytearray(_STEP))
    with path.open("rb", buffering=0) as stream:
        stream.seek(start)
        left = _PIECE
        while left and (got := stream.readinto(buffer[: min(left, _STEP)])):
            digest.update(buffer[:got])
            left -= got
    return digest.digest()


def _hash_column(column: pa.ChunkedArray) -> str:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    digest = hashlib.blake2b(str(kind).encode(), digest_size=16)
    for start in range(0, len(column), _BLOCK_ROWS):
        for array in _one_array(column.slice(start, _BLOCK_ROWS)):
            _update(digest, array)
    return digest.hexdigest()


def _one_array(column: pa.ChunkedArray) -> list[pa.Array]:
    chunks = [
        chunk.dictionary.take(chunk.indices) if pa.types.is_dictionary(chunk.type) else chunk
        for chunk in column.chunks
    ]
    return [chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)]


def _update(digest: hashlib.blake2b, array: pa.Array) -> None:
    """Add an array's length, validity and values to a digest.

    Children of nested types follow one after the other.
    """
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        _update(digest, array.storage)
        return
    digest.update(len(array).to_bytes(8, "little"))
    valid = array.is_valid().to_numpy(zero_copy_only=False) if array.null_count else None
    digest.update(b"\0" if valid is None else np.packbits(valid).tobytes())
    if pa.types.is_struct(kind):
        for child in array.flatten():
            _update(digest, child)
    elif (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    ):
        _update(digest, pc.list_value_length(array).cast(pa.int64()).fill_null(0))
        _update(digest, array.flatten())
    elif _has_offsets(kind):
        _update_text(digest, array)
    elif pa.types.is_boolean(kind):
        digest.update(np.packbits(array.fill_null(False).to_numpy(zero_copy_only=False)).tobytes())
    elif (
        pa.types.is_primitive(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_fixed_size_binary(kind)
    ):
        digest.update(_fixed_width_bytes(array, valid))
    elif not pa.types.is_null(kind):
        digest.update(
            repr(array.to_pylist()).encode()
        )  # maps, unions: rare, and exact all the same


def _has_offsets(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def _update_text(digest: hashlib.blake2b, array: pa.Array) -> None:
    binary = (
        pa.large_binary() if array.type in (pa.large_string(), pa.large_binary()) else pa.binary()
    )
    filled = array.cast(binary).fill_null(b"") if array.null_count else array
    _update(digest, pc.binary_length(filled).cast(pa.int64()))
    width = np.int64 if binary == pa.large_binary() else np.int32
    _, offsets, data = filled.buffers()
    if data is None or not len(filled):
        return
    ends = np.frombuffer(offsets, dtype=width)[filled.offset : filled.offset + len(filled) + 1]
    digest.update(memoryview(data)[int(ends[0]) : int(ends[-1])])


def _fixed_width_bytes(array: pa.Array, valid: NDArray[np.bool_] | None) -> bytes:
    width = array.type.bit_width // 8
    data = array.buffers()[1]
    if data is None or not len(array):
        return b""
    values = np.frombuffer(data, dtype=np.uint8)[
        array.offset * width : (array.offset + len(array)) * width
    ]
    if valid is not None:
        values = np.where(valid[:, None], values.reshape(-1, width), np.uint8(0))
    return values.tobytes()
