"""Columns of a map in tile order: made on first use, and kept within a limit.

Those of long maps are kept on disk too.

What is on disk lies beside the map's coordinates (``columns/``), appears whole or not at all, and
is shared by all processes that map it; it goes with the map's folder.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from explorer.core.atomic_write import atomic_path
from explorer.core.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.map.map_store import MapStore

__all__ = ["MapColumns", "columns"]

Scalar = TypeVar("Scalar", bound=np.generic)

logger = logging.getLogger(__name__)

_LIMIT = 768 << 20  # bytes in memory: some twenty columns of ten million rows
_WORTH_A_FILE = 200_000  # rows: fewer are put in order in a millisecond


class MapColumns:
    """Columns in tile order by map and key. Safe for several threads.

    Parameters
    ----------
    limit : int
        Bytes of all that are kept in memory; the latest is kept in any case. Mapped files do not
        count.
    """

    def __init__(self, limit: int = _LIMIT) -> None:
        self._memo: Memo[tuple[Path, str], NDArray[Any]] = Memo(limit, _in_memory)

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
            Makes it, (n,) in tile order.
        durable : bool
            Whether other processes and later ones find it again.
        """
        in_file = durable and store.n >= _WORTH_A_FILE
        path = store.files / "columns" / f"{key}.npy" if in_file else None
        return self._memo.get((store.files, key), lambda: _read_or_made(path, store.n, make))


def _read_or_made(
    path: Path | None, n: int, make: Callable[[], NDArray[Scalar]]
) -> NDArray[Scalar]:
    column = None if path is None else _read(path, n)
    if column is None:
        column = np.ascontiguousarray(make())
        if path is not None and _write(path, column):
            mapped = _read(path, n)  # its pages are shared, and may leave memory
            column = column if mapped is None else mapped
    column.flags.writeable = False
    return column


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
    """Keep a column for others, and say whether that went well.

    If not it is made again the next time.
    """
    try:
        path.parent.mkdir(exist_ok=True)
        with atomic_path(path) as draft, draft.open("wb") as file:
            np.save(file, column)
    except OSError as error:
        logger.warning("a column of a map is not kept on disk: %s", error.strerror or error)
        return False
    return True


columns = MapColumns()
"""Of all maps and sessions of the process."""
