"""Columns of a map in tile order: made on first use, kept in memory within a limit and, of long maps, on disk.

What is on disk lies beside the map's coordinates (``columns/``), appears whole or not at all, and
is shared by all processes that map it; it goes with the map's folder.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from explorer.core.atomic_write import drafted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.map.map_store import MapStore

__all__ = ["Columns", "columns"]

Scalar = TypeVar("Scalar", bound=np.generic)

logger = logging.getLogger(__name__)

_LIMIT = 768 << 20  # bytes in memory: some twenty columns of ten million rows
_WORTH_A_FILE = 200_000  # rows: fewer are put in order in a millisecond


class Columns:
    """Columns in tile order by map and key, the least recently used leaving first. Safe for several threads.

    Parameters
    ----------
    limit : int
        Bytes of all that are kept in memory; the latest is kept in any case. Mapped files do not
        count.
    """

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Path, str], NDArray[Any]] = OrderedDict()

    def get(
        self, store: MapStore, key: str, make: Callable[[], NDArray[Scalar]], durable: bool = False
    ) -> NDArray[Scalar]:
        """Return a column (n,) in tile order, read-only.

        Parameters
        ----------
        store : MapStore
        key : str
            Of the column's content; where it is durable also its file's name: letters and digits.
        make : callable
            Makes it, (n,) in tile order. Two who ask at once may both make it.
        durable : bool
            Whether it is to be found again by other processes and later ones.
        """
        place = (store.files, key)
        with self._lock:
            if place in self._kept:
                self._kept.move_to_end(place)
                return self._kept[place]
        path = (
            store.files / "columns" / f"{key}.npy" if durable and store.n >= _WORTH_A_FILE else None
        )
        found = None if path is None else _read(path, store.n)
        if found is None:
            found = np.ascontiguousarray(make())
            if (
                path is not None
                and _write(path, found)
                and (mapped := _read(path, store.n)) is not None
            ):
                found = mapped  # its pages are shared, and may leave memory
        found.flags.writeable = False
        self._keep(place, found)
        return found

    def _keep(self, place: tuple[Path, str], found: NDArray[Any]) -> None:
        with self._lock:
            self._kept[place] = found
            while len(self._kept) > 1 and sum(map(_in_memory, self._kept.values())) > self._limit:
                self._kept.popitem(last=False)


columns = Columns()
"""Of all maps and sessions of the process."""


def _in_memory(column: NDArray[Any]) -> int:
    return (
        0 if isinstance(column, np.memmap) or isinstance(column.base, np.memmap) else column.nbytes
    )


def _read(path: Path, n: int) -> NDArray[Any] | None:
    """Map a column's file; None where there is none, or one that is not of n rows."""
    try:
        column: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError) as error:
        logger.warning("a column of a map is made again: %s cannot be read (%s)", path, error)
        return None
    return np.asarray(column) if column.shape == (n,) else None


def _write(path: Path, column: NDArray[Any]) -> bool:
    """Keep a column for others, and say whether that went well; if not it is made again the next time."""
    try:
        path.parent.mkdir(exist_ok=True)
        with drafted(path) as draft, draft.open("wb") as file:
            np.save(file, column)
    except OSError as error:
        logger.warning("a column of a map is not kept on disk: %s", error.strerror or error)
        return False
    return True
