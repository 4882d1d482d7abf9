"""The embeddings and maps of one session, as they come."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from explorer.jobs.task import MAP_FOLDER
from explorer.map.shared_maps import shared_embedding, shared_map

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from explorer.embedding.embedding import Embedding
    from explorer.map.map import Map
    from explorer.table.table import Table

__all__ = ["OpenMaps"]


class OpenMaps:
    """Embeddings with their maps, by key, in the order they came. Safe for several threads.

    Parameters
    ----------
    table : Table
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._lock = threading.Lock()
        self._opened: dict[str, tuple[Embedding, Map]] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._opened

    def __len__(self) -> int:
        return len(self._opened)

    def open(self, key: str, folder: Path) -> None:
        """Open an embedding and its map; one of the same key is replaced.

        Raises
        ------
        EmbeddingError
            When the folder does not hold them.
        """
        opened = shared_embedding(folder), shared_map(folder / MAP_FOLDER, self._table)
        with self._lock:
            self._opened[key] = opened

    def drop(self, keys: Iterable[str]) -> None:
        """Forget these maps."""
        with self._lock:
            for key in keys:
                self._opened.pop(key, None)

    def keys(self) -> list[str]:
        """Return the keys, the oldest first."""
        with self._lock:
            return list(self._opened)

    def embeddings(self) -> dict[str, Embedding]:
        """Return the embeddings by key, the oldest first."""
        with self._lock:
            return {key: embedding for key, (embedding, _) in self._opened.items()}

    def embedding(self, key: str) -> Embedding | None:
        """Return an embedding; None for one that has not come."""
        opened = self._opened.get(key)
        return None if opened is None else opened[0]

    def map(self, key: str) -> Map | None:
        """Return a map; None for one that has not come."""
        opened = self._opened.get(key)
        return None if opened is None else opened[1]

    def embedding_of(self, shown: Map) -> Embedding | None:
        """Return the embedding that a map draws; None for a map that is not of this session."""
        with self._lock:
            return next(
                (embedding for embedding, own in self._opened.values() if own is shown), None
            )
