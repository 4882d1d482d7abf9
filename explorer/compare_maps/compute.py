"""Two maps of a table: whose neighbours changed, and the second laid onto the first.

Kept for the next time.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.cache import key_of
from explorer.core.errors import CacheError, ComparisonError
from explorer.embedding.aligned import aligned_embedding, aligned_key
from explorer.embedding.cached import EMBEDDING_FILE
from explorer.embedding.embedding import Embedding, open_embedding
from explorer.embedding.map_change import MapChange, map_change
from explorer.embedding.shared_rows import content_of, shared_rows
from explorer.jobs.task import MAP_FOLDER, store_embedding
from explorer.map.map import Map, open_map

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.core.cache import Cache
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["aligned_folder", "aligned_map", "compare_maps"]

_log = logging.getLogger(__name__)

_VERSION = 1  # of what is kept
_ROWS, _DOCUMENT = "changed.npy", "change.json"


def compare_maps(
    a: Embedding,
    b: Embedding,
    table: Table | None = None,
    k: int = 15,
    *,
    progress: Progress | None = None,
) -> MapChange:
    """Say which rows have other neighbours on map B than on map A, and how far they differ.

    For each row on both: the share of its k nearest rows on A that are not among its k nearest on
    B, which is 1 less the overlap |A ∩ B| / k. Exact up to 4,000,000 rows; beyond, for 100,000 rows
    drawn at random, each against all, and `MapChange.words` says so.

    Parameters
    ----------
    a, b : Embedding
        Of one table: two methods, two sets of features, two seeds.
    table : Table, optional
        Theirs: checked against both, and what is found is kept in its cache.
    k : int
        From 1; fewer where there are not as many other rows.
    progress : callable, optional
        ``progress("change", done, total)``; returning False cancels and raises
        `explorer.Cancelled`.

    Returns
    -------
    MapChange
        ``.changed`` and ``.rows`` (m,), ``.share``, ``.n_exact``, ``.disparity``, ``.words``;
        ``.on(rows)`` for the rows of a map.

    Raises
    ------
    EmbeddingError
        Maps of different tables, or without a row in common.
    ComparisonError
        k is no integer of at least 1.

    Examples
    --------
    >>> change = explorer.compare_maps(umap, pca, table)              # doctest: +SKIP
    >>> map.render(viewport, values=change.on(map.rows))              # doctest: +SKIP
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ComparisonError(
            f"k must be an integer of at least 1, came {k!r}: 15 neighbours are usual"
        )
    both = shared_rows(a, b)
    if table is None:
        return map_change(a, b, int(k), progress=progress)
    a.check(table.fingerprint)
    key = key_of({"change": [content_of(a), content_of(b)], "k": int(k), "version": _VERSION})
    result = _open(table.columns.cache, key, both.rows, (a.name, b.name))
    if result is None:
        result = map_change(a, b, int(k), progress=progress)
        _keep(table.columns.cache, key, result)
    return result


def aligned_folder(
    cache: Cache, second: Embedding, first: Embedding, progress: Progress | None = None
) -> tuple[str, Path]:
    """Return key and folder of a second embedding laid onto a first, with its map.

    At once where it was made before.

    The entry is as any other of the kind "embeddings": a session takes it by this pair, and a
    selection that was drawn on it can be drawn again later.

    Parameters
    ----------
    cache : Cache
    second, first : Embedding
        See `explorer.embedding.aligned.aligned_embedding`.
    progress : callable, optional
        ``progress("map", done, total)``; returning False cancels.
    """
    key = aligned_key(second, first)
    folder = cache.get("embeddings", key)
    if folder is None:
        folder = store_embedding(cache, aligned_embedding(second, first), progress)
    return key, folder


def aligned_map(
    table: Table, second: Embedding, first: Embedding, progress: Progress | None = None
) -> tuple[Embedding, Map]:
    """Return a second embedding laid onto a first, and its map; see `aligned_folder`."""
    second.check(table.fingerprint)
    _key, folder = aligned_folder(table.columns.cache, second, first, progress)
    return open_embedding(folder / EMBEDDING_FILE), open_map(folder / MAP_FOLDER, table)


def _open(cache: Cache, key: str, rows: np.ndarray, names: tuple[str, str]) -> MapChange | None:
    folder = cache.get("changes", key)
    if folder is None:
        return None
    document = json.loads((folder / _DOCUMENT).read_text(encoding="utf-8"))
    return MapChange(rows=rows, changed=np.load(folder / _ROWS), **{**document, "names": names})


def _keep(cache: Cache, key: str, found: MapChange) -> None:
    try:
        with cache.put("changes", key) as draft:
            np.save(draft / _ROWS, found.changed)
            (draft / _DOCUMENT).write_text(json.dumps(found.document()), encoding="utf-8")
    except (OSError, CacheError) as error:
        _log.warning("what changed between two maps was not kept for the next time: %s", error)
