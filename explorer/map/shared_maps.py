"""Embeddings and maps that several sessions look at are in memory once.

They leave it with the last of these sessions.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from explorer.embedding.cached import EMBEDDING_FILE
from explorer.embedding.embedding import Embedding, open_embedding
from explorer.map.map import Map, open_map
from explorer.map.map_files import read_pointer

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.table.table import Table

__all__ = ["shared_embedding", "shared_map"]

_lock = threading.Lock()
_embeddings: WeakValueDictionary[Path, Embedding] = WeakValueDictionary()
_maps: WeakValueDictionary[tuple[Path, int], Map] = WeakValueDictionary()


def shared_embedding(folder: Path) -> Embedding:
    """Return the embedding of an entry of the cache, which never changes.

    Its arrays are read-only.
    """
    with _lock:
        result = _embeddings.get(folder)
        if result is None:
            result = _embeddings[folder] = open_embedding(folder / EMBEDDING_FILE)
            for array in (result.xy, result.rows, result.trust):
                array.flags.writeable = False
        return result


def shared_map(folder: Path, table: Table) -> Map:
    """Return the map in a folder for a table, shared while its files are the same."""
    with _lock:
        key = (
            read_pointer(folder),
            id(table),
        )  # a map keeps its table alive, and with it the number
        result = _maps.get(key)
        if result is None:
            result = _maps[key] = open_map(folder, table)
        return result
