"""A second map turned, mirrored, moved and scaled to lie as near as possible to a first one."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.cache import key_of
from explorer.core.number_format import percent
from explorer.embedding.embedding import SCHEMA, Embedding
from explorer.embedding.shared_rows import content_of, shared_rows

if TYPE_CHECKING:
    from projections.quality.alignment import Alignment

__all__ = ["aligned_embedding", "aligned_key"]

_VERSION = 1  # of how maps are aligned


def aligned_key(second: Embedding, first: Embedding) -> str:
    """Return the key of `aligned_embedding` from the content of both, without aligning them."""
    return key_of(
        {
            "aligned": content_of(second),
            "to": content_of(first),
            "version": _VERSION,
            "schema": SCHEMA,
        }
    )


def aligned_embedding(second: Embedding, first: Embedding) -> Embedding:
    """Lay a map of a table onto another one, by the rows that are on both.

    Turn and mirror are those of least squares (Procrustes; see
    `projections.quality.alignment.procrustes`), the size that of the first map: the scale of least
    squares would draw a map the smaller the less the two agree. Who is whose neighbour stays as it
    was, and with it trust and scores.

    Parameters
    ----------
    second : Embedding
        To be laid onto the first.
    first : Embedding
        Of the same table, with at least one row in common.

    Returns
    -------
    Embedding
        All rows of the second. Its provenance is that of the second, with a key of its own and
        "aligned": to what, the rows that decided, disparity (share of the variance left
        unexplained), matrix, scale and translation.

    Raises
    ------
    EmbeddingError
        Maps of different tables, or without a row in common.
    """
    from projections.quality.alignment import procrustes

    shared = shared_rows(first, second)
    alignment = procrustes(shared.first, shared.second, scaling="size")
    return replace(
        second, xy=alignment.apply(second.xy), provenance=_provenance(second, first, alignment)
    )


def _provenance(second: Embedding, first: Embedding, alignment: Alignment) -> dict[str, Any]:
    story = copy.deepcopy(second.provenance)
    own, to = second.provenance.get("key"), first.provenance.get("key")
    story["key"] = aligned_key(second, first)
    story["name"] = f"{second.name}, aligned to {first.name}"
    story["aligned"] = {"key": own, "to": to, "name": first.name, **alignment.document()}
    how = "turned and mirrored" if np.linalg.det(alignment.matrix) < 0 else "turned"
    note = (
        f"{how}, scaled and moved onto {first.name!r} by {alignment.n_rows:,} rows, "
        f"which leaves {percent(alignment.disparity)} of its "
        "variance unexplained"
    )
    story["notes"] = [*story.get("notes", []), note]
    if "loadings" in story:  # of the axes as they are now
        axes = alignment.matrix.T @ np.asarray(story["loadings"]["components"], dtype=np.float64)
        story["loadings"]["components"] = axes.tolist()
    return story
