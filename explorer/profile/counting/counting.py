"""Counting the features of a table: blocks of columns are read, counted on two threads, and merged.

Reading is the caller's thread, counting the pool's: while a block is counted, the next one is read.
A block holds whole columns where they fit, else all rows of few columns come in blocks that are
merged.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.profile.analysis import profile_of_levels, profile_of_missing, profile_of_numbers
from explorer.profile.counting.column_counts import cells_of, count_column, numeric_sentinels
from explorer.profile.counting.counts import NumberCounts
from explorer.sources.columns import column_as_numbers
from projections.threads import n_threads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.profile.profile import FeatureProfile
    from explorer.sources.source import ArrowSource

__all__ = ["count_features"]

_BLOCK_BYTES = 1 << 28  # of cells in memory; another block is being read meanwhile
_WHOLE_ROWS = 1 << 25  # up to here a column of numbers is counted at once, every figure exact
_ROWS_AT_ONCE = 1 << 22
_MOST_COLUMNS = 128  # so that progress comes often
_TEXT_BYTES = 48  # of a cell of plain text, with its offset: a guess that only bounds memory
_MOST_ISOLATED = 100


@dataclass(frozen=True)
class _Group:
    """Columns that are read together, and how many rows at once."""

    names: tuple[str, ...]
    rows_at_once: int


def count_features(
    source: ArrowSource,
    features: Mapping[str, Feature],
    names: Sequence[str],
    *,
    sample_rows: int | None = None,
    seed: int = 0,
    threads: int | None = None,
) -> Iterator[FeatureProfile]:
    """Profile features one by one, in about the order asked for.

    Parameters
    ----------
    source : ArrowSource
    features : mapping of str to Feature
    names : sequence of str
        Which, most wanted first.
    sample_rows : int, optional
        Count this many rows drawn at random from the whole table, the same for every feature; None
        counts all.
    seed : int
        Of the random rows.
    threads : int, optional
        All cores that the process may use when left out.

    Yields
    ------
    FeatureProfile
    """
    sampled = sample_rows if sample_rows is not None and sample_rows < source.num_rows else None
    rows = source.num_rows if sampled is None else sampled
    pool = ThreadPoolExecutor(n_threads(threads), thread_name_prefix="count")
    try:
        waiting: list[Future[FeatureProfile]] = []
        for group in _groups(source, names, rows):
            fresh = _submit(pool, source, features, group, sampled, seed)
            yield from (future.result() for future in waiting)
            waiting = fresh
        yield from (future.result() for future in waiting)
    finally:
        # when the caller stops: columns in work are finished, no other is begun
        pool.shutdown(cancel_futures=True)


def _groups(source: ArrowSource, names: Sequence[str], rows: int) -> Iterator[_Group]:
    """Cut the columns, in order, into groups of about `_BLOCK_BYTES`; two or more, for threads."""
    group: list[str] = []
    held = at_once = 0
    for name in names:
        width = _width(source.schema.field(name).type)
        wanted = _rows_at_once(rows, width)
        full = len(group) == _MOST_COLUMNS or (
            len(group) > 1 and held + wanted * width > _BLOCK_BYTES
        )
        if group and (full or wanted != at_once):
            yield _Group(tuple(group), at_once)
            group, held = [], 0
        group.append(name)
        at_once, held = wanted, held + wanted * width
    if group:
        yield _Group(tuple(group), at_once)


def _rows_at_once(rows: int, width: int) -> int:
    whole = rows <= _WHOLE_ROWS if width <= 8 else rows * width <= _BLOCK_BYTES
    return max(rows, 1) if whole else min(_ROWS_AT_ONCE, max(1, _BLOCK_BYTES // (2 * width)))


def _width(type_: pa.DataType) -> int:
    """Bytes of a cell in memory."""
    if pa.types.is_dictionary(type_):
        return 8
    try:
        return max(1, int(type_.bit_width) // 8)
    except ValueError:
        return _TEXT_BYTES


def _submit(
    pool: ThreadPoolExecutor,
    source: ArrowSource,
    features: Mapping[str, Feature],
    group: _Group,
    sampled: int | None,
    seed: int,
) -> list[Future[FeatureProfile]]:
    """Read a group and hand its columns to the pool; several blocks of a column are merged."""
    counted: dict[str, Future[Any]] = {}
    single = sampled is not None or source.num_rows <= group.rows_at_once
    for block in _blocks(source, group, sampled, seed):
        if single:
            work = partial(_profile, sampled=sampled)
            return [pool.submit(work, features[name], block.column(name)) for name in group.names]
        # not more than one block is counted while the next is read, and none is kept beside the sum
        # of those before
        before = {name: future.result() for name, future in counted.items()}
        counted = {
            name: pool.submit(_count_on, features[name], block.column(name), before.pop(name, None))
            for name in group.names
        }
    return [
        pool.submit(_finished, features[name], counted[name], source.schema.field(name).type)
        for name in group.names
    ]


def _blocks(
    source: ArrowSource, group: _Group, sampled: int | None, seed: int
) -> Iterator[pa.Table]:
    schema = pa.schema([source.schema.field(name) for name in group.names])
    if sampled is not None:
        yield source.sample(group.names, sampled, seed)[0]
        return
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in source.batches(group.names):
        held.append(batch)
        rows += batch.num_rows
        if rows >= group.rows_at_once and rows < source.num_rows:
            yield pa.Table.from_batches(held, schema)
            held, rows = [], 0
    if held or source.num_rows == 0:
        yield pa.Table.from_batches(held, schema)


def _profile(feature: Feature, column: pa.ChunkedArray, sampled: int | None) -> FeatureProfile:
    column = cells_of(feature, column)
    profile = _analysed(
        feature, count_column(feature, column, mergeable=False), sampled, column.type
    )
    ends = (
        profile.outliers.isolated_range
        if profile.outliers is not None and sampled is None
        else None
    )
    if profile.outliers is None or ends is None:
        return profile
    cells = column_as_numbers(column, feature.name)
    with np.errstate(invalid="ignore"):
        apart = np.flatnonzero(((cells < ends[0]) | (cells > ends[1])) & np.isfinite(cells))
    apart = apart[~np.isin(cells[apart], _as_stored(numeric_sentinels(feature), column.type))]
    isolated_rows = tuple(apart[:_MOST_ISOLATED].tolist())
    return replace(profile, outliers=replace(profile.outliers, isolated_rows=isolated_rows))


def _as_stored(sentinels: tuple[float, ...], type_: pa.DataType) -> NDArray[np.float64]:
    """Round sentinels as the column does: −999.9 is another number in float32."""
    narrow = pa.types.is_float32(type_) or pa.types.is_float16(type_)
    with np.errstate(over="ignore"):
        return np.asarray(sentinels, np.float32 if narrow else np.float64).astype(np.float64)


def _count_on(feature: Feature, column: pa.ChunkedArray, before: Any) -> Any:
    """Count one more block of a column; ``before`` is None for the first."""
    counts = count_column(feature, cells_of(feature, column))
    return counts if before is None else _join(before, counts)


def _join(first: Any, second: Any) -> Any:
    return first + second if isinstance(first, np.ndarray) else first.merged(second)


def _finished(feature: Feature, counted: Future[Any], type_: pa.DataType) -> FeatureProfile:
    return _analysed(feature, counted.result(), None, type_)


def _analysed(
    feature: Feature, counts: Any, sampled: int | None, type_: pa.DataType
) -> FeatureProfile:
    if isinstance(counts, np.ndarray):
        return profile_of_missing(feature, int(counts[0]), int(counts[1]), sampled)
    if isinstance(counts, NumberCounts):
        return profile_of_numbers(feature, counts, sampled, _cycles(type_))
    return profile_of_levels(feature, counts, sampled)


def _cycles(type_: pa.DataType) -> tuple[str, ...]:
    """Name the calendar cycles of cells: a time has no weekday, a duration no hour either."""
    if pa.types.is_duration(type_):
        return ()
    return ("day",) if pa.types.is_time(type_) else ("day", "week")
