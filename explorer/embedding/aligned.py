"""A second map turned, mirrored, moved and scaled to lie as near as possible to a first one."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.cache import key_of
from explorer.core.errors import EmbeddingError
from explorer.core.number_format import percent
from explorer.embedding.embedding import SCHEMA, Embedding
from explorer.embedding.map_alignment import MapAlignment
from explorer.embedding.shared_rows import SharedRows, content_of, shared_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from projections.quality.alignment import Alignment

__all__ = ["aligned_embedding", "aligned_key", "laid_by", "laid_onto"]

_VERSION = 1  # of how maps are aligned
_FEWEST = 3  # rows on both: of two, nothing says which side of them the others lie


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


def laid_onto(second: Embedding, first: Embedding, key: str) -> Embedding:
    """Lay a new map onto the one that was shown before it, so that common rows stay in place.

    As `aligned_embedding`, save that the axes of a PCA are only reversed where that brings common
    rows nearer: turned, they would no longer be principal components. With fewer than three rows in
    common the map stays as it is.

    Parameters
    ----------
    second : Embedding
        The new map.
    first : Embedding
        The map shown before it, of the same table.
    key : str
        Of the result.
    """
    return laid_by(second, _alignment(second, first), first.provenance.get("key"), key)


def laid_by(second: Embedding, alignment: MapAlignment, onto: str | None, key: str) -> Embedding:
    """Lay a map where it was laid before; the other map need not be there any more.

    Parameters
    ----------
    second : Embedding
        As `laid_onto` was given it.
    alignment : MapAlignment
        `MapAlignment.of` the result of that time.
    onto, key : str
        Keys of the other map and of the result.

    Returns
    -------
    Embedding
        What `laid_onto` returned.
    """
    from projections.quality.alignment import Alignment

    story = {**copy.deepcopy(second.provenance), "key": key, "name": second.name}
    if alignment.n_rows == 0:
        return replace(second, provenance=story)
    aligned = {"key": second.provenance.get("key"), "to": onto, "name": alignment.onto}
    matrix = np.asarray(alignment.matrix, dtype=np.float64)
    if second.method == "pca":
        signs = np.diag(matrix)
        story["aligned"] = {**aligned, "signs": signs.tolist()}
        axes = [number for number, sign in enumerate(signs, 1) if sign < 0]
        if axes:
            which = " and ".join(f"axis {number}" for number in axes)
            note = f"{which} reversed, so that rows lie as on {alignment.onto!r}"
            story["notes"] = [*story.get("notes", []), note]
            _turn_loadings(story, matrix)
        return replace(second, xy=(second.xy * signs).astype(np.float32), provenance=story)
    move = Alignment(
        matrix,
        alignment.scale,
        np.asarray(alignment.translation, dtype=np.float64),
        alignment.disparity,
        alignment.distance,
        alignment.n_rows,
    )
    story["aligned"] = {**aligned, **move.document()}
    _tell(story, alignment.onto, move)
    return replace(second, xy=move.apply(second.xy), provenance=story)


def _alignment(second: Embedding, first: Embedding) -> MapAlignment:
    """Find what lays a new map onto the first."""
    from projections.quality.alignment import procrustes

    try:
        shared = shared_rows(first, second)
    except EmbeddingError:
        return MapAlignment()
    if len(shared.rows) < _FEWEST:
        return MapAlignment()
    if second.method == "pca":
        return MapAlignment.of({"aligned": {"name": first.name, "signs": _signs(shared)}})
    found = procrustes(shared.first, shared.second, scaling="size")
    return MapAlignment.of({"aligned": {"name": first.name, **found.document()}})


def _signs(shared: SharedRows) -> list[float]:
    """Return -1 for an axis along which the rows lie in another order than on the first map."""
    centred = [xy - xy.mean(axis=0, dtype=np.float64) for xy in (shared.first, shared.second)]
    signs: list[float] = np.where((centred[0] * centred[1]).sum(axis=0) < 0, -1.0, 1.0).tolist()
    return signs


def _turn_loadings(story: dict[str, Any], matrix: NDArray[np.float64]) -> None:
    """Give the loadings of the axes as they are now."""
    if "loadings" in story:
        axes = matrix.T @ np.asarray(story["loadings"]["components"], dtype=np.float64)
        story["loadings"]["components"] = axes.tolist()


def _provenance(second: Embedding, first: Embedding, alignment: Alignment) -> dict[str, Any]:
    story = copy.deepcopy(second.provenance)
    own, to = second.provenance.get("key"), first.provenance.get("key")
    story["key"] = aligned_key(second, first)
    story["name"] = f"{second.name}, aligned to {first.name}"
    story["aligned"] = {"key": own, "to": to, "name": first.name, **alignment.document()}
    _tell(story, first.name, alignment)
    return story


def _tell(story: dict[str, Any], onto: str, alignment: Alignment) -> None:
    """Add to a provenance how the map was laid."""
    how = "turned and mirrored" if np.linalg.det(alignment.matrix) < 0 else "turned"
    note = (
        f"{how}, scaled and moved onto {onto!r} by {alignment.n_rows:,} rows, "
        f"which leaves {percent(alignment.disparity)} of its "
        "variance unexplained"
    )
    story["notes"] = [*story.get("notes", []), note]
    _turn_loadings(story, alignment.matrix)
