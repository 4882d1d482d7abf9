"""From a projection request to an embedding with provenance; save and open."""

from explorer.embeddings.aligned import aligned_embedding, aligned_key
from explorer.embeddings.cached import EMBEDDING_FILE, cached_embedding, find_embedding
from explorer.embeddings.columns import embedding_from_columns
from explorer.embeddings.compute import compute_embedding, lay_out, with_scores, with_stability
from explorer.embeddings.embedding import SCHEMA, Embedding, open_embedding
from explorer.embeddings.shared_rows import content_of
from explorer.embeddings.shares import FeatureShare, shares_of
from explorer.embeddings.spec import METHODS, ProjectionSpec, versions

__all__ = [
    "EMBEDDING_FILE",
    "METHODS",
    "SCHEMA",
    "Embedding",
    "FeatureShare",
    "ProjectionSpec",
    "aligned_embedding",
    "aligned_key",
    "cached_embedding",
    "compute_embedding",
    "content_of",
    "embedding_from_columns",
    "find_embedding",
    "lay_out",
    "open_embedding",
    "shares_of",
    "versions",
    "with_scores",
    "with_stability",
]
