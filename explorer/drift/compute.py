"""Monitor a stream: chunks of time of a table against a reference, in one pass over its columns."""

from __future__ import annotations

import time as clock
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.errors import ModelError
from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.core.number_format import value as written
from explorer.drift.analysis.chunk_performance import chunk_performances
from explorer.drift.analysis.chunk_tests import is_trending, judge_chunks
from explorer.drift.analysis.chunks import chunking_of
from explorer.drift.analysis.drift import Drift
from explorer.drift.analysis.feature_drift import ChunkReferences, measure_levels, measure_numbers
from explorer.drift.analysis.missing_seasons import missing_seasons
from explorer.drift.analysis.periods import periods_of
from explorer.drift.analysis.row_chunks import runs_of
from explorer.drift.domain_classifier import new_row_probability, tell_chunks_apart
from explorer.drift.monitored_features import (
    MonitoredFeatures,
    monitored_columns,
    read_monitored_features,
    row_numbers,
)
from explorer.drift.streaming import Stream, drawn_rows
from explorer.selection.selection import Selection
from explorer.table.selecting import where as select_where
from explorer.table.units.unit_codes import filter_text
from projections.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray

    from explorer.drift.analysis.chunks import Chunking
    from explorer.drift.analysis.feature_drift import FeatureDrift
    from explorer.drift.analysis.timetable import Timetable
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["SAMPLE", "can_order", "drift"]

SAMPLE = 20_000
"""Random rows of the reference from which the edges of bins are read."""

_FEWEST_OF_A_SEASON = 2  # chunks of the reference in each season, from which seasons are matched


def drift(
    table: Table,
    time: str,
    chunk: str | int = "week",
    reference: Selection | ArrayLike | str | None = None,
    features: Iterable[str] | None = None,
    truth: str | None = None,
    prediction: str | None = None,
    *,
    where: Selection | ArrayLike | str | None = None,
    progress: Progress | None = None,
) -> Drift:
    """Compare chunks of a stream with a reference.

    Features, predictions, truth, and how well predictions fit.

    Parameters
    ----------
    table : Table
    time : str
        Column of times; for so many rows at a time, also of numbers that rise. Rows without one are
        left out, and counted.
    chunk : str
        hour, day, week (from Monday), month, quarter, year, in UTC; or so many rows at a time, as
        in "1000rows".
    reference : Selection, bool array of shape (num_rows,) or expression, optional
        Rows to compare with. Default: the earliest quarter of the chunks, 13 at least, never more
        than half.
    features : iterable of str, optional
        Default: numbers, yes and no, and categories, without the times.
    truth, prediction : str, optional
        Columns of what happened and of what a model said: a probability of yes and no (0 and 1), or
        a number.
    where : Selection, bool array of shape (num_rows,) or expression, optional
        Rows that are read; default: all.
    progress : callable, optional
        Called with a stage, and rows done and to do; where it returns False, `Cancelled` is raised.

    Returns
    -------
    Drift

    Raises
    ------
    ModelError
        Where there is too little to compare, or a column cannot be read as asked.
    UnknownName
        A column that does not exist, with the nearest.
    """
    started = clock.perf_counter()
    chunking = chunking_of(chunk)
    _check_time(table, time, chunking)
    included, named = _mask(table, where, "where"), _mask(table, reference, "reference")
    columns, left_out = monitored_columns(
        table, time, features, truth, prediction, _reference_columns(table, reference)
    )
    stream = Stream(table, time, included, named)
    timetable = _timetable(stream, chunking, named is not None)
    rows = _reference_rows(stream, timetable)
    for name in row_numbers(table, columns, rows) if features is None else ():
        left_out[name] = _("numbers the rows")
        del columns[name]
    if not columns:
        raise ModelError("no column is left to be watched: name features")
    watched, notes = read_monitored_features(table, columns, timetable, rows, truth, prediction)
    _count(stream, timetable, watched, progress)
    against, seasons = _chunk_references(timetable, chunking)
    calendar = (
        missing_seasons(timetable.chunks, against.reference) if _has_dates(table, time) else None
    )
    if calendar is not None:
        seasons = f"{seasons} {calendar.words[0].upper()}{calendar.words[1:]}."
    drifts = tuple(_measure_column(table, column, watched, against) for column in columns)
    can = np.array([chunk.judged for chunk in timetable.chunks])
    # a classifier would look at the counters alone, and the truth comes late
    seen = tuple(
        drift.feature
        for drift in drifts
        if drift.role != "truth" and not is_trending(drift, against)
    )
    return Drift(
        time=time,
        chunk=chunking.words,
        reference=_reference_words(timetable, reference),
        timetable=timetable.chunks,
        measured=drifts,
        judgements=tuple(judge_chunks(drifts, against, can, calendar)),
        performance=tuple(chunk_performances(watched.performance, against.reference))
        if watched.performance
        else (),
        truth=truth,
        prediction=prediction,
        where=filter_text(where),
        seasons=seasons,
        left_out=left_out,
        sample=len(rows),
        notes=[
            *timetable.notes,
            *_left_out_words(left_out),
            *notes,
            *_measurement_notes(drifts, against),
        ],
        n_rows=sum(chunk.rows for chunk in timetable.chunks),
        fingerprint=table.fingerprint if not table.source.slow_to_hash else "",
        seconds=clock.perf_counter() - started,
        domain=partial(tell_chunks_apart, stream, timetable, seen),
        likely=partial(new_row_probability, stream, timetable, seen),
    )


def _reference_columns(
    table: Table, reference: Selection | ArrayLike | str | None
) -> Iterable[str]:
    """Return the columns that say which rows are the reference, as far as they can be known."""
    if isinstance(reference, str):
        reference = select_where(table, reference)
    return reference.seen if isinstance(reference, Selection) else ()


def _left_out_words(left_out: Mapping[str, str]) -> list[str]:
    reasons = {
        why: [name for name, reason in left_out.items() if reason == why]
        for why in dict.fromkeys(left_out.values())
    }
    return [
        _("not watched: {names} ({why})").format(names=list_names(names, 5), why=why)
        for why, names in reasons.items()
        if why != "the times"
    ]


def _has_dates(table: Table, time: str) -> bool:
    return table.features[time].kind == "temporal"


def _check_time(table: Table, time: str, chunking: Chunking) -> None:
    feature = table.features[time]
    if chunking.rows is None and feature.kind != "temporal":
        advice = (
            _("take so many rows at a time in its order, as in 1000rows")
            if can_order(table, time)
            else _("name a column of times")
        )
        raise ModelError(
            f"{time!r} is {feature.kind}, and a {chunking.words} needs times: {advice}; "
            "or say in the catalogue that the column is temporal"
        )
    if not can_order(table, time):
        raise ModelError(f"rows are put in order by times or numbers; {time!r} is {feature.kind}")


def can_order(table: Table, name: str) -> bool:
    """Say whether rows can be put in the order of a column.

    Times, numbers, and whole numbers that identify rows.
    """
    kind = table.features[name].kind
    whole = kind == "identifier" and pa.types.is_integer(table.source.schema.field(name).type)
    return whole or (kind != "boolean" and table.columns.is_number(name))


def _mask(
    table: Table, rows: Selection | ArrayLike | str | None, what: str
) -> NDArray[np.bool_] | None:
    if rows is None:
        return None
    if isinstance(rows, str):
        return select_where(table, rows).mask
    if isinstance(rows, Selection):
        if rows.fingerprint != table.fingerprint:
            raise ModelError(
                f"{what}: the selection belongs to another table: select again on this one"
            )
        return rows.mask
    mask = np.asarray(rows)
    if mask.dtype != np.bool_ or mask.shape != (table.num_rows,):
        raise ModelError(
            f"{what} is a Selection, an expression or {table.num_rows:,} booleans, "
            f"came {mask.dtype} {mask.shape}"
        )
    return mask


def _timetable(stream: Stream, chunking: Chunking, named: bool) -> Timetable:
    if chunking.rows is None:
        return periods_of(stream.times(), chunking, named)
    return runs_of(stream.times, chunking.rows, named)


def _reference_rows(stream: Stream, timetable: Timetable) -> NDArray[np.int64]:
    """Draw the rows of the reference from which bins are made."""
    of = np.array(
        [-1 if not (chunk.reference and chunk.judged) else 0 for chunk in timetable.chunks],
        np.int32,
    )
    size = sum(chunk.rows for chunk, code in zip(timetable.chunks, of, strict=True) if code == 0)

    def codes() -> Iterator[tuple[int, NDArray[np.int32]]]:
        for block in stream.times():
            chunk = timetable.codes(block)
            yield block.first, np.where(chunk >= 0, of[chunk], -1).astype(np.int32)

    return drawn_rows(codes(), np.array([SAMPLE]), np.array([size]), 0)[0]


def _count(
    stream: Stream, timetable: Timetable, watched: MonitoredFeatures, progress: Progress | None
) -> None:
    """Go once through all columns; two threads count, one reads ahead."""
    total = stream.table.num_rows
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="drift") as pool:
        for block, batch in stream.blocks(watched.columns):
            codes = timetable.codes(block)
            list(pool.map(lambda work: work(), watched.works(batch, codes)))
            if progress is not None and progress("count", block.first + len(codes), total) is False:
                raise Cancelled


def _chunk_references(timetable: Timetable, chunking: Chunking) -> tuple[ChunkReferences, str]:
    """Return which chunks each is compared with, and in words whether seasons are matched."""
    chunks = timetable.chunks
    reference = np.array([chunk.reference and chunk.judged for chunk in chunks])
    can = np.array([chunk.judged for chunk in chunks])
    nothing = np.zeros(len(chunks), np.int64)
    if chunking.season == 1:
        return ChunkReferences(reference, nothing), _("Seasons were not matched.")
    codes, season = np.unique([chunk.season for chunk in chunks], return_inverse=True)
    several = np.bincount(season[reference], minlength=len(codes))
    if several[np.unique(season[can])].min() < _FEWEST_OF_A_SEASON:
        return ChunkReferences(reference, nothing), (
            _(
                "Seasons were not matched: the reference has fewer than {fewest_of_a_season} "
                "chunks of some of them."
            ).format(fewest_of_a_season=_FEWEST_OF_A_SEASON)
        )
    return ChunkReferences(reference, season.astype(np.int64)), (
        _(
            "Chunks were compared with those of the same season, which comes again after "
            "{season} {words}s."
        ).format(season=chunking.season, words=chunking.words)
    )


def _measure_column(
    table: Table, name: str, watched: MonitoredFeatures, against: ChunkReferences
) -> FeatureDrift:
    tally, role = watched.tallies[name], watched.roles[name]
    if name in watched.levels:
        return measure_levels(name, role, tally, against)
    usual = tally.means()[against.reference]
    some = usual[np.isfinite(usual)]
    only = written(float(some[0]), table.features[name].kind) if len(some) else ""
    if not only and tally.present[against.reference].any():
        only = "∞" if tally.counts[against.reference, 0].sum() == 0 else "−∞"
    return measure_numbers(name, role, tally, against, only)


def _reference_words(timetable: Timetable, reference: Any) -> str:
    chunks = [chunk for chunk in timetable.chunks if chunk.reference and chunk.judged]
    rows = _("{value:,} rows in {count:,} chunks").format(
        value=sum(chunk.rows for chunk in chunks), count=len(chunks)
    )
    if reference is None:
        return _("the earliest chunks, {first} to {last} ({rows})").format(
            first=chunks[0].label, last=chunks[-1].label, rows=rows
        )
    return f"{filter_text(reference)} ({rows})"


def _measurement_notes(drifts: Iterable[FeatureDrift], against: ChunkReferences) -> list[str]:
    constant = [
        _("{feature}: the reference has only one value, {constant}").format(
            feature=drift.feature, constant=drift.constant
        )
        for drift in drifts
        if drift.constant
    ]
    shared = [
        _("{feature}: levels beyond the first thousand are counted together").format(
            feature=drift.feature
        )
        for drift in drifts
        if getattr(drift.tally, "overflow", False)
    ]
    one_way = [
        _(
            "{feature} rises or falls throughout the reference: it has no usual value "
            "there, and is not tested"
        ).format(feature=drift.feature)
        for drift in drifts
        if is_trending(drift, against)
    ]
    return [
        *constant[:5],
        *(
            [_("and {count:,} more with one value").format(count=len(constant) - 5)]
            if len(constant) > 5
            else []
        ),
        *shared,
        *one_way,
    ]
