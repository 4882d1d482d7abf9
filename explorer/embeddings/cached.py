"""Embeddings that were computed before, found by their key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.embeddings.compute import compute_embedding
from explorer.embeddings.embedding import Embedding, open_embedding

if TYPE_CHECKING:
    from explorer.cache import Cache
    from explorer.embeddings.spec import ProjectionSpec
    from explorer.table.source import ArrowSource
    from projections.errors import Progress

__all__ = ["EMBEDDING_FILE", "cached_embedding", "find_embedding"]

EMBEDDING_FILE = "embedding.parquet"
"""The embedding within the folder of its entry."""

# Entries of "embeddings" also hold the map that is drawn (see `explorer.jobs.task`); those of "coordinates" do not.
_KINDS = ("embeddings", "coordinates")


def find_embedding(cache: Cache, key: str) -> Embedding | None:
    """Return a finished embedding from the cache; None when there is none."""
    for kind in _KINDS:
        folder = cache.get(kind, key)
        if folder is not None:
            return open_embedding(folder / EMBEDDING_FILE)
    return None


def cached_embedding(
    source: ArrowSource, spec: ProjectionSpec, cache: Cache, progress: Progress | None = None
) -> Embedding:
    """Return an embedding from the cache, or compute and keep it; see `compute_embedding`."""
    key = spec.key(source.fingerprint)
    found = find_embedding(cache, key)
    if found is None:
        found = compute_embedding(source, spec, progress)
        with cache.put("coordinates", key) as draft:
            found.save(draft / EMBEDDING_FILE)
    return found
