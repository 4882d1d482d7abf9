"""Which features made a map: what neighbourhoods lose when one is shuffled, or PCA loadings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.features.matrix.matrix import apply_matrix
from explorer.sources.source import open_source

if TYPE_CHECKING:
    from explorer.core.cache import Cache
    from explorer.embedding.embedding import Embedding
    from explorer.sources.source import ArrowSource
    from projections.errors import Progress

__all__ = ["FeatureShare", "shares_of"]

LANDMARKS = 4_000


@dataclass(frozen=True, kw_only=True)
class FeatureShare:
    """A feature's part in a map.

    Parameters
    ----------
    feature : str
    share, low, high : float
        Of the neighbours that the map keeps, lost when the feature is shuffled
        (`projections.feature_shares`).
    loadings : tuple of float
        Of a PCA: for each axis the root of the summed squares of its columns, with the sign where
        it has one column.
    """

    feature: str
    share: float
    low: float
    high: float
    loadings: tuple[float, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def shares_of(
    source: ArrowSource, embedding: Embedding, cache: Cache, progress: Progress | None = None
) -> list[FeatureShare]:
    """Say which features made a map, the largest share first, from 4,000 random rows.

    Raises
    ------
    EmbeddingError
        For coordinates of which nobody knows what they were made from, or another table's.
    projections.Cancelled
    """
    from projections import feature_shares

    embedding.check(source.fingerprint)
    document = embedding.provenance.get("matrix")
    if not document:
        raise EmbeddingError("it is not known from which features these coordinates were made")
    landmarks = np.sort(np.random.default_rng(0).permutation(len(embedding.rows))[:LANDMARKS])
    if len(landmarks) < 4:
        raise EmbeddingError(
            f"{len(landmarks)} rows are too few to tell which features made the map"
        )
    names = embedding.features or ()
    landmark_rows = open_source(source.take(embedding.rows[landmarks], list(names)), cache)
    matrix = apply_matrix(landmark_rows, document)
    features = list(dict.fromkeys(column.feature for column in matrix.columns))
    groups = [
        [j for j, column in enumerate(matrix.columns) if column.feature == name]
        for name in features
    ]
    shares = feature_shares(
        matrix.X, embedding.xy[landmarks[matrix.rows]], groups, LANDMARKS, progress=progress
    )
    loadings = _loadings(embedding, groups)
    rows = [
        FeatureShare(
            feature=name,
            share=share.value,
            low=share.low,
            high=share.high,
            loadings=loadings[place],
        )
        for place, (name, share) in enumerate(zip(features, shares, strict=True))
    ]
    return sorted(rows, key=lambda row: -row.share)


def _loadings(embedding: Embedding, groups: list[list[int]]) -> list[tuple[float, ...]]:
    loadings = embedding.provenance.get("loadings")
    if not loadings:
        return [()] * len(groups)
    axes = np.asarray(loadings["components"], dtype=np.float64)
    return [
        tuple(
            float(axis[group[0]]) if len(group) == 1 else float(np.linalg.norm(axis[group]))
            for axis in axes
        )
        for group in groups
    ]
