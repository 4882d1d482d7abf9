"""Nearest rows: those truly nearest in the features of the map shown, whatever the picture says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.expressions.expression import parse_expression
from explorer.features.matrix.matrix import apply_matrix
from explorer.session.rows.row_search import row_titles
from explorer.sources.source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from explorer.embedding.embedding import Embedding
    from explorer.table.table import Table

__all__ = ["NearestMatches", "NearestRows"]

_KEPT_CELLS = 32_000_000  # of a matrix in float32: 128 MB, kept for the next row
_BATCH_ROWS = 65_536
_MOST = 10


@dataclass(frozen=True)
class NearestMatches:
    """The rows nearest to a row.

    Attributes
    ----------
    rows : list of int
        Nearest first, of equals the first in the table; without the row itself.
    distances : list of float
        Euclidean, in the matrix that the map was made of.
    titles : list of str
    words : str
        Among how many rows in which features, or why there are none.
    """

    rows: list[int]
    distances: list[float]
    titles: list[str]
    words: str


class NearestRows:
    """Searches for the nearest rows of one session's table; exact, over all rows of the map.

    Parameters
    ----------
    table : Table
    embedding : callable
        Returns the embedding of the map shown, None without a map.
    """

    def __init__(self, table: Table, embedding: Callable[[], Embedding | None]) -> None:
        self._table, self._embedding = table, embedding
        self._kept: tuple[str, list[tuple[NDArray[np.float32], NDArray[np.int64]]]] | None = None

    def find(self, row: int, wanted: Callable[[], bool] = lambda: True) -> NearestMatches | None:
        """Return the nearest rows of a row of the table.

        None when ``wanted`` said that nobody waits any more.

        Parameters
        ----------
        row : int
        wanted : callable
            Asked from time to time.
        """
        embedding = self._embedding()
        if embedding is None:
            return NearestMatches([], [], [], _("There is no map yet."))
        document = embedding.provenance.get("matrix")
        if not document:
            return NearestMatches(
                [],
                [],
                [],
                _("The map's coordinates are columns of the table: it was not made from features."),
            )
        try:
            return self._search(embedding, document, row, wanted)
        except ExplorerError as error:
            return NearestMatches([], [], [], str(error))

    def _search(
        self, embedding: Embedding, document: dict[str, Any], row: int, wanted: Callable[[], bool]
    ) -> NearestMatches | None:
        names = _columns(document)
        own_place = np.searchsorted(embedding.rows, row)
        if not (own_place < len(embedding.rows) and embedding.rows[own_place] == row):
            return _not_on_the_map()
        own = self._table.source.lookup(np.array([row]), names)
        start = apply_matrix(open_source(own, self._table.columns.cache), document, least=0).X
        if not len(start):
            return _not_on_the_map()
        best = _NearestSoFar(row, start[0].astype(np.float64))
        total = 0
        for block, rows in self._blocks(embedding, document, names):
            if not wanted():
                return None
            best.look_at(block, rows)
            total += len(rows)
        features = len(document["spec"]["features"])
        text = _(
            "Exact among {total:,} rows, by distance in the {features:,} scaled features "
            "of this map."
        ).format(total=total, features=features)
        return NearestMatches(
            best.rows.tolist(), best.distances(), row_titles(self._table, best.rows), text
        )

    def _blocks(
        self, embedding: Embedding, document: dict[str, Any], names: list[str]
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
        """Yield the matrix of the map in blocks of rows; a small one is kept for the next time."""
        key = str(embedding.provenance.get("key", ""))
        if self._kept is not None and self._kept[0] == key:
            yield from self._kept[1]
            return
        made, cells, start = [], 0, 0
        for batch in self._table.source.batches(names, _BATCH_ROWS):
            some = open_source(
                pa.table(batch.columns, schema=batch.schema), self._table.columns.cache
            )
            matrix = apply_matrix(some, document, least=0)
            rows = matrix.rows + start
            on_map = np.isin(rows, embedding.rows, assume_unique=True)
            block = matrix.X[on_map], rows[on_map]
            start += batch.num_rows
            cells += block[0].size
            if cells <= _KEPT_CELLS:
                made.append(block)
            yield block
        if cells <= _KEPT_CELLS:
            self._kept = key, made


class _NearestSoFar:
    """The nearest rows so far."""

    def __init__(self, row: int, start: NDArray[np.float64]) -> None:
        self._row, self._start = row, start
        self.rows = np.empty(0, np.int64)
        self._squared = np.empty(0)

    def look_at(self, block: NDArray[np.float32], rows: NDArray[np.int64]) -> None:
        apart = (
            block - self._start
        )  # in float64: equal rows have distance 0 and near ones keep their order
        squared = np.einsum("ij,ij->i", apart, apart)
        squared[rows == self._row] = np.inf
        rows, squared = np.append(self.rows, rows), np.append(self._squared, squared)
        if len(squared) > _MOST:
            # all that are as near as the last, so that of equals the first in the table stay
            last = np.partition(squared, _MOST - 1)[_MOST - 1]
            near = np.flatnonzero(squared <= last)
            rows, squared = rows[near], squared[near]
        order = np.lexsort((rows, squared))[:_MOST]
        order = order[np.isfinite(squared[order])]
        self.rows, self._squared = rows[order], squared[order]

    def distances(self) -> list[float]:
        distances: list[float] = np.sqrt(self._squared).tolist()
        return distances


def _not_on_the_map() -> NearestMatches:
    return NearestMatches(
        [], [], [], _("This row is not on the map: a cell is missing, or the map is of other rows.")
    )


def _columns(document: dict[str, Any]) -> list[str]:
    spec = document["spec"]
    chosen = parse_expression(spec["where"]).columns if spec.get("where") else ()
    return list(dict.fromkeys([*spec["features"], *chosen]))
