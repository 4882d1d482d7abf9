"""An embedding on disk in tile order, memory-mapped.

Sessions and processes share its pages.

A map's folder holds ``current.json``, which names the folder beside it with the files
(`explorer.map.map_files`). A new map is written into a new folder, and then the pointer is
replaced: files that are mapped somewhere are never touched, which some platforms would refuse, and
a build that is killed changes nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.map.map_files import (
    POINTER,
    blocks,
    read_array,
    read_meta,
    read_pointer,
    write_files,
    write_pointer,
)
from explorer.map.raster import pool
from explorer.map.tiles import TILE_ROWS, group_bounds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from explorer.map.viewport import Extent
    from projections.errors import Progress

__all__ = ["MapStore", "build_store", "checksum", "open_store"]

_MOST_ROWS = 2**31 - 1  # positions are int32
_DRAFT = ".draft-"  # begins the names of folders in work

Scalar = TypeVar("Scalar", bound=np.generic)

_NARROWED = 1 << 16  # rows that are gathered before they become float32


@dataclass(frozen=True, eq=False)
class MapStore:
    """An embedding of m rows in tile order.

    Attributes
    ----------
    x, y : ndarray of shape (n,), float32
        Coordinates of the rows that have any, in tile order, relative to ``origin``; read-only.
    order : ndarray of shape (n,), uint32
        Tile position → row of xy.
    bounds : ndarray of shape (tiles, 4), float32
        ``x_min, x_max, y_min, y_max`` of every tile (``tiles.TILE_ROWS`` rows), relative to
        ``origin``.
    extent : tuple of float
        ``(x_min, x_max, y_min, y_max)`` of the stored coordinates in data units; zeros when n = 0.
    origin : tuple of float
        What is added, in float64, to a stored coordinate to have data units; (0, 0) for a float32
        embedding.
    n, n_without : int
        Rows with finite coordinates, and rows without.
    checksum : str
        Of the embedding the store was built from, see `checksum`.
    folder : Path
        Of the map.
    files : Path
        The folder in it with this map's files.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    order: NDArray[np.uint32]
    bounds: NDArray[np.float32]
    extent: Extent
    origin: tuple[float, float]
    n: int
    n_without: int
    checksum: str
    folder: Path
    files: Path

    @property
    def n_rows(self) -> int:
        """Rows of the embedding, with and without coordinates."""
        return self.n + self.n_without

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """First row of every tile, and n: (tiles + 1,) int64."""
        return np.minimum(np.arange(len(self.bounds) + 1, dtype=np.int64) * TILE_ROWS, self.n)

    @cached_property
    def groups(self) -> NDArray[np.float32]:
        """Bounding boxes of every ``tiles.GROUP_TILES`` tiles: (groups, 4) float32, read-only."""
        groups = group_bounds(self.bounds)
        groups.flags.writeable = False
        return groups

    @cached_property
    def positions(self) -> NDArray[np.int32]:
        """Row of xy → tile position, -1 for a row without coordinates.

        (m,) int32, made on first use.
        """
        positions = np.full(self.n_rows, -1, np.int32)
        positions[self.order] = np.arange(self.n, dtype=np.int32)
        return positions

    @overload
    def arrange(self, values: NDArray[Scalar]) -> NDArray[Scalar]: ...

    @overload
    def arrange(
        self, values: NDArray[Any], narrow: Callable[[NDArray[Any]], NDArray[np.float32]]
    ) -> NDArray[np.float32]: ...

    def arrange(
        self,
        values: NDArray[Any],
        narrow: Callable[[NDArray[Any]], NDArray[np.float32]] | None = None,
    ) -> NDArray[Any]:
        """Return values (m,), one per row of xy, in tile order, (n,).

        Rows without coordinates are left out.

        ``narrow`` makes float32 of them, some rows at a time; else they keep their type.
        """
        self._check_length(values, self.n_rows, "one per row of the embedding")
        values = np.ascontiguousarray(values)
        out = np.empty(self.n, values.dtype if narrow is None else np.float32)

        def gather(block: slice) -> None:
            # "clip" because numpy buffers the whole output when it may have to raise
            if narrow is None:
                np.take(values, self.order[block], out=out[block], mode="clip")
                return
            # fresh memory is dear: little of it, used again and again
            room = np.empty(_NARROWED, values.dtype)
            for start in range(block.start, block.stop, _NARROWED):
                part = slice(start, min(start + _NARROWED, block.stop))
                some = room[: part.stop - start]
                np.take(values, self.order[part], out=some, mode="clip")
                out[part] = narrow(some)

        pool.run(gather, blocks(self.n))
        return out

    def restore(self, values: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return values (n,) in tile order as (m,) in the order of xy.

        Rows without coordinates are 0 (False).
        """
        self._check_length(values, self.n, "one per stored row, in tile order")
        out = np.zeros(self.n_rows, values.dtype)

        def scatter(block: slice) -> None:
            out[self.order[block]] = values[block]

        pool.run(scatter, blocks(self.n))
        return out

    def _check_length(self, values: NDArray[Any], length: int, meaning: str) -> None:
        if values.ndim != 1 or len(values) != length:
            raise EmbeddingError(
                f"values of shape {values.shape} do not fit this map: pass an array of shape "
                f"({length},), {meaning}"
            )


def checksum(xy: ArrayLike) -> str:
    """Return a hash of an embedding as `build_store` takes it: of its shape, type and bytes."""
    array = _embedding(xy)
    digest = hashlib.blake2b(f"{array.dtype.str}{array.shape}".encode(), digest_size=16)
    digest.update(array.view(np.uint8).data if array.size else b"")
    return digest.hexdigest()


def build_store(
    xy: ArrayLike,
    folder: str | Path,
    progress: Progress | None = None,
    also: Callable[[Path], object] | None = None,
) -> MapStore:
    """Put an embedding into tile order in a folder and open it.

    Parameters
    ----------
    xy : array of shape (m, 2), float32 or float64
        float32 is kept bit for bit. float64 is too where every coordinate is a float32; else it is
        stored as float32 relative to the centre of its extent. Rows with a NaN or infinite
        coordinate are counted, not stored.
    folder : path
        Is made; a map that is there already is replaced once the new one is complete.
    progress : callable, optional
        ``progress(stage, done, total)``; returning False cancels and raises
        `projections.Cancelled`.
    also : callable, optional
        Is handed the folder with the files and writes what else belongs to the map, before anybody
        can open it.

    Raises
    ------
    EmbeddingError
        If xy has another shape, or the folder holds something else or cannot be written.
    """
    array = _embedding(xy)
    folder = Path(folder)
    if folder.is_file() or (folder.exists() and not _is_map(folder)):
        raise EmbeddingError(
            f"{folder} holds something else than a map: pass a new or empty folder"
        )
    had = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _build(array, folder, progress, also)
    except OSError as error:
        raise EmbeddingError(
            f"cannot write the map to {folder}: {error.strerror or error}; free some space or pass "
            "another folder"
        ) from error
    finally:
        if not had and not (folder / POINTER).exists():
            shutil.rmtree(folder, ignore_errors=True)
    return open_store(folder)


def _build(
    array: NDArray[np.floating],
    folder: Path,
    progress: Progress | None,
    also: Callable[[Path], object] | None,
) -> None:
    """Write the files of a map, point to them, and take away those of maps before it."""
    hashed = checksum(array)
    with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=folder) as scratch:
        made = Path(scratch) / "new"
        write_files(array, made, hashed, progress)
        if also is not None:
            also(made)
        # of its own name each time: files of equal content that were damaged are replaced too
        files = folder / f"{hashed[:16]}-{os.urandom(3).hex()}"
        made.rename(files)
        write_pointer(folder, files.name)
    for former in folder.iterdir():
        if former.name not in (files.name, POINTER) and not former.name.startswith(_DRAFT):
            _remove(former)


def _remove(former: Path) -> None:
    """Take away a file or folder of a former map.

    One that is still mapped somewhere stays, on some platforms.
    """
    if former.is_dir():
        shutil.rmtree(former, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            former.unlink()


def _is_map(folder: Path) -> bool:
    """Say whether a folder is empty or holds a map.

    Also one of a former version, or what a killed build left.
    """
    return any((folder / name).exists() for name in (POINTER, "meta.json")) or (
        folder.is_dir() and all(file.name.startswith(_DRAFT) for file in folder.iterdir())
    )


def open_store(folder: str | Path) -> MapStore:
    """Open a map by memory-mapping its files.

    Raises
    ------
    EmbeddingError
        If the folder is no map, of another version, or damaged; the message says to build it again.
    """
    folder = Path(folder)
    files = read_pointer(folder)
    try:
        return _open(folder, files)
    except EmbeddingError:
        if (newer := read_pointer(folder)) == files:
            raise
        return _open(folder, newer)  # it was replaced between the two readings


def _open(folder: Path, files: Path) -> MapStore:
    meta = read_meta(files)
    arrays = {name: read_array(files, name, meta["n"]) for name in ("x", "y", "order", "bounds")}
    return MapStore(
        **arrays,
        extent=tuple(meta["extent"]),
        origin=tuple(meta["origin"]),
        n=meta["n"],
        n_without=meta["n_without"],
        checksum=meta["checksum"],
        folder=folder,
        files=files,
    )


def _embedding(xy: ArrayLike) -> NDArray[np.floating]:
    array = np.asarray(xy)
    if array.ndim != 2 or array.shape[1] != 2:
        raise EmbeddingError(
            f"an embedding must be an array of shape (rows, 2), got {array.shape}: pass x and y as "
            "columns"
        )
    if array.dtype.kind not in "fiu":
        raise EmbeddingError(
            f"an embedding must hold numbers, got {array.dtype}: pass float32 or float64"
        )
    if len(array) > _MOST_ROWS:
        raise EmbeddingError(
            f"an embedding of {len(array):,} rows is too long: a map holds at most {_MOST_ROWS:,} "
            "rows"
        )
    return np.ascontiguousarray(array, np.float32 if array.dtype == np.float32 else np.float64)
