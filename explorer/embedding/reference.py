"""Rows of a map with their features, all or a stated random sample, to find nearest rows in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.features.matrix.matrix import apply_matrix
from explorer.features.matrix.treatment import Treatment
from explorer.sources.source import open_source
from projections.errors import Progress, report

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.core.cache import Cache
    from explorer.embedding.embedding import Embedding
    from explorer.sources.source import ArrowSource

__all__ = ["MOST_ROWS", "Reference", "reference_of"]

MOST_ROWS = 200_000
"""Rows that others are compared with: all up to here, else so many drawn at random."""

_MOST_CELLS = 40_000_000  # 160 MB, about a second to make of columns that are at hand
_LONG_TABLE = (
    1_000_000  # rows; the columns of such a table are kept decoded once it has been projected
)


@dataclass(frozen=True, eq=False)
class Reference:
    """Rows of a map with their features.

    Attributes
    ----------
    places : ndarray of shape (r,), int64
        Rows of the embedding, in random order, so that of equally near rows no one is preferred.
    X : ndarray of shape (r, d), float32
        The matrix that the map was made of, these rows of it.
    exact : bool
        Whether these are all rows of the map.
    """

    places: NDArray[np.int64]
    X: NDArray[np.float32] = field(repr=False)
    exact: bool

    def nearest(
        self,
        places: NDArray[np.int64],
        X: NDArray[np.float32],
        k: int,
        progress: Progress | None = None,
    ) -> NDArray[np.int32]:
        """Return the `k` nearest of these rows to each row in `places`, itself left out.

        Parameters
        ----------
        places : ndarray of shape (q,), int64
        X : ndarray of shape (q, d), float32
            Their features, or other coordinates where `self` has those.
        k : int
        progress : callable, optional
            Stage "trust"; returning False cancels.

        Returns
        -------
        ndarray of shape (q, k), int32
            Numbers of rows of the reference.
        """
        from projections.neighbors.search import exact_nearest

        return exact_nearest(
            X, self.X, k, own=self.where(places), progress=progress, stage="trust"
        )[0]

    def where(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which row of the reference each row of the embedding is; −2 for none."""
        order = np.argsort(self.places)
        place = np.minimum(np.searchsorted(self.places, places, sorter=order), len(order) - 1)
        at = order[place]
        return np.where(self.places[at] == places, at, -2)


def reference_of(
    source: ArrowSource,
    embedding: Embedding,
    cache: Cache,
    seed: int = 0,
    progress: Progress | None = None,
) -> Reference:
    """Read the rows that others are compared with.

    Raises
    ------
    EmbeddingError
        Another table's embedding, or coordinates of which nobody knows what they were made from.
    projections.Cancelled
    """
    embedding.check(source.fingerprint)
    most = min(MOST_ROWS, max(_MOST_CELLS // _width(embedding), 1))
    n_rows = len(embedding.rows)
    places = np.random.default_rng(seed).permutation(n_rows)[:most]
    sorted_places = np.sort(places)
    X = features_of_rows(source, embedding, sorted_places, cache, progress)
    return Reference(places, X[np.searchsorted(sorted_places, places)], n_rows <= most)


def features_of_rows(
    source: ArrowSource,
    embedding: Embedding,
    places: NDArray[np.int64],
    cache: Cache,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Return the matrix that a map was made of, for ascending rows of it: (q, d) float32."""
    report(progress, "trust", 0, 0)
    read_rows = source.take if source.num_rows > _LONG_TABLE else source.lookup
    cells: pa.Table = read_rows(embedding.rows[places], list(embedding.features or ()))
    report(progress, "trust", 0, 0)
    matrix = apply_matrix(
        open_source(cells, cache), _document(embedding), progress and _as_trust(progress)
    )
    return matrix.X


def _as_trust(progress: Progress) -> Progress:
    return lambda _stage, done, total: progress("trust", done, total)


def _document(embedding: Embedding) -> dict[str, Any]:
    document: dict[str, Any] | None = embedding.provenance.get("matrix")
    if not document:
        raise EmbeddingError(
            "the coordinates are columns of the table: "
            "it is not known which features they were made from"
        )
    return document


def _width(embedding: Embedding) -> int:
    """Return how many columns the matrix has."""
    return sum(
        len(Treatment.from_document(treatment).columns)
        for treatment in _document(embedding)["features"]
    )
