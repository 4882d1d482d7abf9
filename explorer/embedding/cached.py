"""Embeddings that were computed before, found by their key."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from explorer.core.errors import EmbeddingError
from explorer.embedding.embedding import Embedding, open_embedding
from explorer.embedding.embedding_computation import compute_embedding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.core.cache import Cache
    from explorer.embedding.projection_spec import ProjectionSpec
    from explorer.sources.source import ArrowSource
    from projections.errors import Progress

__all__ = ["EMBEDDING_FILE", "cached_embedding", "find_embedding", "keep_embedding"]

_log = logging.getLogger(__name__)

EMBEDDING_FILE = "embedding.parquet"
"""The embedding within the folder of its entry."""

# A finished entry never changes. One of "embeddings" has the map that is drawn beside it (see
# `explorer.jobs.task`); one of "coordinates" was asked for by a script, which waits for no map.
_KINDS = ("embeddings", "coordinates")


def find_embedding(cache: Cache, key: str) -> Embedding | None:
    """Return a finished embedding from the cache; None when there is none."""
    for kind in _KINDS:
        folder = cache.get(kind, key)
        if folder is not None:
            return open_embedding(folder / EMBEDDING_FILE)
    return None


def keep_embedding(cache: Cache, embedding: Embedding) -> None:
    """Keep an embedding under the key in its provenance, without a map.

    A cache that cannot be written is warned of in the log.
    """
    try:
        with cache.put("coordinates", embedding.provenance["key"]) as draft:
            embedding.save(draft / EMBEDDING_FILE)
    except (OSError, EmbeddingError) as error:
        _log.warning("the embedding was not kept for the next time: %s", error)


def cached_embedding(
    source: ArrowSource,
    spec: ProjectionSpec,
    cache: Cache,
    progress: Progress | None = None,
    rows: NDArray[np.bool_] | None = None,
) -> Embedding:
    """Return an embedding from the cache, or compute and keep it; see `compute_embedding`.

    A cache that cannot be written is warned of in the log; the result is given all the same.

    Raises
    ------
    TableChanged
        When a file is no longer the one that was opened, found or not.
    """
    source.batches([])  # checks the files; nothing is read before the first batch is asked for
    key = spec.key(source.fingerprint)
    found = find_embedding(cache, key)
    if found is None:
        found = compute_embedding(source, spec, progress, rows=rows)
        keep_embedding(cache, found)
    return found
