"""The regions of the maps of one session, found in a thread of their own."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import EmbeddingError, ExplorerError
from explorer.core.gettext import _
from explorer.map.regioning import cached_tree, regions_of
from explorer.map.regions.landmark_clusters import VERSION, matrix_document
from explorer.selection.selection import Selection
from projections.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.embedding.embedding import Embedding
    from explorer.map.regions.region import Regions
    from explorer.session.maps.map_finder import MapFinder
    from explorer.session.maps.open_maps import OpenMaps
    from explorer.state.definition import Definition
    from explorer.table.table import Table

__all__ = ["RegionFinder"]

logger = logging.getLogger(__name__)

# One thread for all sessions: regions are seconds of work that nobody waits for in silence, and
# pictures come first.
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="regions")

_WAITING = _("the regions of this map are being found: the rows of the selected region follow")
_NOTIFY_EVERY = 0.4  # seconds
_KEPT = 4  # maps whose regions are at hand
_STAGES = {
    "sample": _("reading rows"),
    "groups": _("testing for groups"),
    "prepare": _("reading rows"),
    "neighbors": _("finding neighbours"),
    "graph": _("finding neighbours"),
    "communities": _("finding communities"),
    "spread": _("assigning rows to regions"),
}


class RegionFinder:
    """Regions by the key of an embedding. Safe for several threads.

    Parameters
    ----------
    table : Table
    maps : OpenMaps
        Those of the session, as they come.
    finder : MapFinder
        Finds the map of a region by its key.
    notify : callable
        Is given "regions" when there are new ones, and "maps" when rows that were waited for came.
    remove_note : callable
        Takes a line away that the page shows beside the rows.
    """

    def __init__(
        self,
        table: Table,
        maps: OpenMaps,
        finder: MapFinder,
        notify: Callable[[str], None],
        remove_note: Callable[[str], None],
    ) -> None:
        self._table, self._maps, self._finder = table, maps, finder
        self._notify, self._remove_note = notify, remove_note
        self._lock = threading.Lock()
        self._found: dict[tuple[str, int], Regions] = {}
        self._under_way: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._awaited = False
        self._closed = False
        self.known = 0

    @property
    def maps_known(self) -> int:
        """How many maps, and regions of maps, have come.

        A selection on one that has not come selects nothing yet.
        """
        return len(self._maps) + self.known + self._finder.ended

    def get(self, key: str) -> Regions | None:
        """Return the regions of a map; None while there are none.

        Those of its landmarks come first, while the other rows follow.
        """
        return self._found.get((key, self._table.columns.edit_count))

    def progress(self, key: str) -> str:
        """Say what is done for a map at the moment; empty when nothing is."""
        return self._under_way.get(key, "")

    def failure(self, key: str) -> str:
        """Say why a map has no regions; empty while it may have some."""
        return self._failed.get(key, "")

    def request(self, key: str) -> None:
        """Find the regions of a map, unless that is done or under way; returns at once."""
        with self._lock:
            if self.get(key) is not None or key in self._under_way or key in self._failed:
                return
            self._under_way[key] = "waiting"
        _pool.submit(self._find, key)

    def rows_of(self, definition: Definition) -> Selection:
        """Return the rows of a region; regions in the cache are used again.

        Raises
        ------
        EmbeddingError
            While they are being found, or in words when they cannot be.
        """
        (level, number), key = definition["region"], definition["embedding"]
        if definition.get("version") != VERSION:
            raise EmbeddingError(
                "the region was found by another version of Explorer, which divides the "
                "map differently: click a label again"
            )
        embedding, table = self._embedding(key), self._table
        regions = self.get(key)
        tree = (
            regions.tree
            if regions is not None and regions.complete
            else cached_tree(embedding, table)
        )
        if tree is None:
            self.request(key)
            self._awaited = not self.failure(key)
            raise EmbeddingError(self.failure(key) or _WAITING)
        if level >= tree.n_levels or not (inside := tree.labels(level) == number).any():
            raise EmbeddingError(
                f"this map has no region {number} at level {level}: click a label again"
            )
        mask = np.zeros(table.num_rows, np.bool_)
        mask[embedding.rows[inside]] = True
        seen = dict.fromkeys(definition.get("named_by", ()), _("named the region"))
        seen |= dict.fromkeys(embedding.features or (), _("made the region"))
        seen = {**table.labels.seen_through(seen), **seen}
        return Selection(mask, table.fingerprint, definition, table.source, seen)

    def definition(self, key: str, level: int, number: int) -> dict[str, Any]:
        """Return what selects a region, in this session and from a link."""
        regions = self.get(key)
        if regions is None or not regions.complete:
            raise EmbeddingError(
                "the region of every row is still being found: click the label again in a moment"
            )
        region = regions.region(level, number)
        columns = [reason.column for reason in region.reasons]
        place = {"region": [level, number], "embedding": key, "version": VERSION}
        return {**place, "name": region.name, "named_by": list(dict.fromkeys(columns))}

    def close(self) -> None:
        """Stop finding regions, since the person left."""
        self._closed = True

    # --- in the thread

    def _find(self, key: str) -> None:
        if self._closed:
            return
        edited = self._table.columns.edit_count
        try:
            embedding = self._embedding(key)
            regions = regions_of(
                embedding,
                self._table,
                preview=lambda regions: self._keep(key, edited, regions),
                progress=self._reporter(key),
            )
            self._keep(key, edited, regions)
        except Cancelled:
            return
        except ExplorerError as error:
            self._failed[key] = str(error)
        except Exception:
            logger.exception("the regions of a map could not be found")
            self._failed[key] = "the regions could not be found: the server's log says why"
        self._under_way.pop(key, None)
        self._on_found()

    def _keep(self, key: str, edited: int, regions: Regions) -> None:
        with self._lock:
            self._found.pop((key, edited), None)
            self._found[key, edited] = regions
            while len(self._found) > _KEPT:
                self._found.pop(next(iter(self._found)))
            self.known += 1
        self._notify("regions")

    def _reporter(self, key: str) -> Any:
        last = [0.0]

        def progress(stage: str, done: int, total: int) -> bool:
            if self._closed:
                return False
            share = (
                f", {done / total:.0%}".replace("%", " %") if stage == "spread" and total else ""
            )
            self._under_way[key] = f"{_STAGES.get(stage, stage)}{share}"
            if time.monotonic() - last[0] > _NOTIFY_EVERY:
                last[0] = time.monotonic()
                self._notify("regions")
            return True

        return progress

    def _on_found(self) -> None:
        """Notify that the regions are there; who waited for their rows counts them again."""
        if self._awaited:
            self._remove_note(_WAITING)
        awaited, self._awaited = self._awaited, False
        self._notify("regions")
        if awaited:
            self._notify("maps")

    def _embedding(self, key: str) -> Embedding:
        """Return an embedding of the session, or one that only the cache knows."""
        embedding = self._finder.find_embedding(key)
        matrix_document(embedding)
        return embedding
