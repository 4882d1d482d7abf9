"""A classifier that tells rows of a stream from those of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.errors import ModelError
from explorer.core.gettext import _
from explorer.drift.analysis.chunk_performance import usual_range
from explorer.drift.analysis.multivariate_drift import (
    FOLDS,
    DomainCell,
    MultivariateDrift,
    classifier,
    domain_auc_of,
)
from explorer.drift.streaming import LevelReader, drawn_rows
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.table.blocks import numbers_in
from projections.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from explorer.drift.analysis.timetable import Chunk, Timetable
    from explorer.drift.streaming import Stream
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["CHUNK_ROWS", "REFERENCE_ROWS", "new_row_probability", "tell_chunks_apart"]

REFERENCE_ROWS = 2_000
"""Random rows of the reference that each chunk is told apart from."""

CHUNK_ROWS = 1_000
"""Random rows of each chunk at most."""

_MOST_CHUNKS = 120  # beyond, chunks are passed over at even steps
_TRAINED = 20_000  # rows of either side for the classifier of all rows
_LEVELS = 50  # of a category; the others are one


def tell_chunks_apart(
    stream: Stream, timetable: Timetable, columns: tuple[str, ...], progress: Progress | None = None
) -> MultivariateDrift:
    """Tell each judged chunk from the reference, by classifiers tried on unseen rows.

    A chunk of the reference is told from the rest of it: so much is by chance.
    """
    chunks = timetable.chunks
    watched = _watched(chunks)
    wanted = np.zeros(len(chunks), np.int64)
    wanted[watched] = CHUNK_ROWS
    rows = drawn_rows(
        _codes(stream, timetable), wanted, np.array([chunk.rows for chunk in chunks]), 1
    )
    cells, every = (
        _Cells(stream.table, columns),
        np.unique(np.concatenate([*rows, np.empty(0, np.int64)])),
    )
    matrix = cells.of(stream.table.source.lookup(every, list(columns)))
    reference = [i for i in watched if chunks[i].reference]
    cells_so_far: list[DomainCell] = []
    for i in watched:
        _report(progress, "chunks", len(cells_so_far), len(watched))
        cells_so_far.append(_cell(chunks[i], i, rows, every, matrix, reference))
    usual = np.array([cell.auc for cell in cells_so_far if cell.reference])
    usual = usual[np.isfinite(usual)]
    nan = float("nan")
    return MultivariateDrift(
        tuple(cells_so_far),
        float(usual.mean()) if len(usual) else nan,
        float(usual.std(ddof=1)) if len(usual) > 1 else nan,
        usual_range(usual, (0.0, 1.0)),
        _(
            "Boosted trees (scikit-learn) were trained to tell up to {chunk_rows:,} "
            "random rows of a chunk from {reference_rows:,} of the reference, and tried "
            "on rows of {folds} folds that they had not seen."
        ).format(chunk_rows=CHUNK_ROWS, reference_rows=REFERENCE_ROWS, folds=FOLDS),
    )


def _watched(chunks: Sequence[Chunk]) -> list[int]:
    judged = [i for i, chunk in enumerate(chunks) if chunk.judged]
    step = -(-len(judged) // _MOST_CHUNKS)
    return judged[::step]


def _codes(stream: Stream, timetable: Timetable) -> Iterator[tuple[int, NDArray[np.int32]]]:
    for block in stream.times():
        yield block.first, timetable.codes(block)


def _cell(
    chunk: Chunk,
    place: int,
    rows: list[NDArray[np.int64]],
    every: NDArray[np.int64],
    matrix: NDArray[np.float64],
    reference: list[int],
) -> DomainCell:
    others = [rows[i] for i in reference if i != place]
    pool = np.concatenate(others) if others else np.empty(0, np.int64)
    pool = np.random.default_rng(place).permutation(pool)[:REFERENCE_ROWS]
    own = rows[place]
    nan = float("nan")
    auc, low, high = nan, nan, nan
    if len(pool) >= FOLDS and len(own) >= FOLDS:
        told_apart = domain_auc_of(
            matrix[np.searchsorted(every, pool)], matrix[np.searchsorted(every, own)]
        )
        auc, low, high = told_apart.value, told_apart.low, told_apart.high
    return DomainCell(
        chunk=chunk.label,
        start=chunk.start,
        reference=chunk.reference,
        rows=len(own),
        reference_rows=len(pool),
        auc=auc,
        low=low,
        high=high,
    )


def _report(progress: Progress | None, stage: str, done: int, total: int) -> None:
    if progress is not None and progress(stage, done, total) is False:
        raise Cancelled


class _Cells:
    """Columns as a matrix of numbers.

    Levels by their place among the most frequent, missing as NaN.
    """

    def __init__(self, table: Table, columns: tuple[str, ...]) -> None:
        self.table, self.columns = table, columns
        self._places: dict[str, dict[str, int]] = {}

    def of(self, cells: pa.Table | pa.RecordBatch) -> NDArray[np.float64]:
        """Return the matrix (n, columns), float64, of cells (n).

        The levels of the first call are known in later ones.
        """
        return np.column_stack([self._column(name, cells.column(name)) for name in self.columns])

    def _column(self, name: str, cells: Any) -> NDArray[np.float64]:
        feature = self.table.features[name]
        chunked = cells if isinstance(cells, pa.ChunkedArray) else pa.chunked_array([cells])
        if feature.kind in ("numeric", "temporal") or NUMBERS_AS_TEXT in feature.notes:
            return numbers_in(feature, chunked)
        whole = chunked.combine_chunks()
        labels, codes = LevelReader.labels_of(
            feature, whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
        )
        if name not in self._places:
            counts = np.bincount(codes[codes >= 0], minlength=len(labels))
            order = np.argsort(-counts, kind="stable")[:_LEVELS]
            self._places[name] = {
                str(labels[i]): place for place, i in enumerate(order) if labels[i] is not None
            }
        places = self._places[name]
        place = np.array(
            [*(np.nan if label is None else places.get(label, _LEVELS) for label in labels), np.nan]
        )
        return np.asarray(place[codes])


def new_row_probability(
    stream: Stream, timetable: Timetable, columns: tuple[str, ...], progress: Progress | None = None
) -> NDArray[np.float32]:
    """Return how much more each row looks like those after the reference than like those of it.

    Rows that the classifier was trained with are judged by one that was not: each of two is trained
    with one half.
    """
    side = np.array(
        [1 - int(chunk.reference) if chunk.judged else -1 for chunk in timetable.chunks], np.int32
    )
    sizes = np.array(
        [
            sum(
                chunk.rows
                for chunk, code in zip(timetable.chunks, side, strict=True)
                if code == side_code
            )
            for side_code in (0, 1)
        ]
    )
    codes = (
        (first, np.where(some >= 0, side[some], -1).astype(np.int32))
        for first, some in _codes(stream, timetable)
    )
    drawn = drawn_rows(codes, np.minimum(sizes.min(), np.array([_TRAINED, _TRAINED])), sizes, 2)
    if min(map(len, drawn)) < 2 * FOLDS:
        raise ModelError("there are too few rows to tell them apart")
    cells, halves = _Cells(stream.table, columns), []
    for half in (0, 1):
        rows = np.sort(np.concatenate([side_rows[half::2] for side_rows in drawn]))
        new = np.isin(rows, drawn[1])
        halves.append(
            classifier(half).fit(cells.of(stream.table.source.lookup(rows, list(columns))), new)
        )
    seen = [np.sort(np.concatenate([side_rows[half::2] for side_rows in drawn])) for half in (0, 1)]
    probability = np.full(stream.table.num_rows, np.nan, np.float32)
    for block, batch in stream.blocks(columns):
        _report(progress, "rows", block.first, len(probability))
        matrix = cells.of(batch)
        own = block.first + np.arange(len(matrix))
        probabilities = [half.predict_proba(matrix)[:, 1] for half in halves]
        mean = (probabilities[0] + probabilities[1]) / 2
        mean = np.where(
            np.isin(own, seen[0]),
            probabilities[1],
            np.where(np.isin(own, seen[1]), probabilities[0], mean),
        )
        probability[block.first : block.first + len(matrix)] = mean
    return probability
