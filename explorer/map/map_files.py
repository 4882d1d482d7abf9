"""The files of a map: written whole into a new folder, found by a pointer, read by memory map.

current.json   in the map's folder: version, and the name of the folder that holds all others

x.npy, y.npy   (n,) float32, in tile order, relative to the origin
order.npy      (n,) uint32, tile position → row of the embedding
bounds.npy     (tiles, 4) float32, x_min, x_max, y_min, y_max of every tile
meta.json      version, counts, extent, origin, checksum
about.json, rows.npy   whose rows they are (`explorer.map.about`)
columns/       columns in tile order, made on first use (`explorer.map.map_columns`)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.atomic_write import atomic_path
from explorer.core.errors import EmbeddingError
from explorer.map import tiles
from explorer.map.raster import pool
from projections.errors import report

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.map.viewport import Extent
    from projections.errors import Progress

__all__ = [
    "POINTER",
    "SCHEMA",
    "blocks",
    "read_array",
    "read_meta",
    "read_pointer",
    "write_files",
    "write_pointer",
]

SCHEMA = 2
"""Version of the files; a map of another version is refused and must be built again."""

POINTER = "current.json"

_BLOCK = 1 << 20  # rows worked on between two calls of progress


def write_files(
    xy: NDArray[np.floating], folder: Path, checksum: str, progress: Progress | None
) -> None:
    """Put an embedding (m, 2) into tile order and write all files of its map into a new folder.

    Raises
    ------
    OSError
        If a file cannot be written.
    EmbeddingError
        If the embedding is too wide for float32.
    """
    folder.mkdir()
    n, extent = _finite_extent(xy, progress)
    origin = _origin(xy, extent)
    order = _order(xy, n, extent, progress)
    x = _write_axis(xy, 0, order, origin[0], folder, progress)
    y = _write_axis(xy, 1, order, origin[1], folder, progress)
    bounds = tiles.tile_bounds(x, y)
    np.save(folder / "order.npy", order)
    np.save(folder / "bounds.npy", bounds)
    meta = {
        "schema": SCHEMA,
        "n": n,
        "n_without": len(xy) - n,
        "tile_rows": tiles.TILE_ROWS,
        "extent": _data_extent(bounds, origin),
        "origin": origin,
        "checksum": checksum,
    }
    (folder / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
    report(progress, "map: done", len(xy), len(xy))


def _finite_extent(xy: NDArray[np.floating], progress: Progress | None) -> tuple[int, Extent]:
    report(progress, "map: extent", 0, len(xy))
    result = pool.run(lambda block: tiles.summary(xy[block]), blocks(len(xy)))
    parts = np.array(result, np.float64).reshape(-1, 5)
    n = int(parts[:, 0].sum())
    if n == 0:
        return 0, (0.0, 0.0, 0.0, 0.0)
    low, high = parts.min(axis=0), parts.max(axis=0)
    return n, (float(low[1]), float(high[2]), float(low[3]), float(high[4]))


def _origin(xy: NDArray[np.floating], extent: Extent) -> tuple[float, float]:
    """Choose what is subtracted before rounding to float32, nothing where all fits."""
    if xy.dtype == np.float32:
        return 0.0, 0.0
    x_min, x_max, y_min, y_max = extent
    if max(x_max / 2 - x_min / 2, y_max / 2 - y_min / 2) > float(np.finfo(np.float32).max) / 4:
        raise EmbeddingError(
            f"an embedding from {min(x_min, y_min):g} to {max(x_max, y_max):g} does not fit "
            "float32: scale it down"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        if all(_is_float32(xy[block]) for block in blocks(len(xy))):
            return 0.0, 0.0
    return x_min + (x_max - x_min) / 2, y_min + (y_max - y_min) / 2


def _is_float32(xy: NDArray[np.floating]) -> bool:
    return bool(np.array_equal(xy.astype(np.float32), xy, equal_nan=True))


def _order(
    xy: NDArray[np.floating], n: int, extent: Extent, progress: Progress | None
) -> NDArray[np.uint32]:
    """Return the rows with coordinates in tile order."""
    x_low, x_high, y_low, _ = tiles.grid_extent(xy, extent)
    side = x_high - x_low
    scale = (1 << tiles.GRID_BITS) / side if side > 0 else 0.0
    scale = scale if np.isfinite(scale) else 0.0  # an extent of denormal width is one cell
    keys, rows = np.empty(n, np.uint32), np.empty(n, np.uint32)
    done = 0
    for block in blocks(len(xy)):
        report(progress, "map: order", block.start, len(xy))
        done += tiles.row_keys(
            xy[block], block.start, x_low, y_low, scale, keys[done:], rows[done:]
        )
    return tiles.tile_order(keys, rows)


def _write_axis(
    xy: NDArray[np.floating],
    axis: int,
    order: NDArray[np.uint32],
    origin: float,
    folder: Path,
    progress: Progress | None,
) -> NDArray[np.float32]:
    name = "xy"[axis]
    out = np.empty(len(order), np.float32)
    for block in blocks(len(order)):
        report(progress, f"map: {name}", block.start, len(order))
        values = xy[order[block], axis]
        out[block] = values if origin == 0.0 else values - origin
    np.save(folder / f"{name}.npy", out)
    return out


def _data_extent(bounds: NDArray[np.float32], origin: tuple[float, float]) -> Extent:
    """Return the extent of the stored coordinates, in the arithmetic that the kernels use."""
    if len(bounds) == 0:
        return (0.0, 0.0, 0.0, 0.0)
    low, high = bounds.min(axis=0).astype(np.float64), bounds.max(axis=0).astype(np.float64)
    return (
        float(low[0] + origin[0]),
        float(high[1] + origin[0]),
        float(low[2] + origin[1]),
        float(high[3] + origin[1]),
    )


def write_pointer(folder: Path, files: str) -> None:
    """Say which folder in this one holds the map; the former one holds it until that moment."""
    with atomic_path(folder / POINTER) as draft:
        draft.write_text(json.dumps({"schema": SCHEMA, "files": files}), encoding="utf-8")


def read_pointer(folder: Path) -> Path:
    """Return the folder with the files of the map.

    EmbeddingError if there is none of this version.
    """
    try:
        said = json.loads((folder / POINTER).read_text(encoding="utf-8"))
        version, files = said["schema"], str(said["files"])
    except FileNotFoundError:
        if (folder / "meta.json").exists():  # as the first version had it
            raise _of_version(folder, 1) from None
        raise EmbeddingError(f"{folder} is no map: build it with explorer.build_map") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EmbeddingError(f"the map in {folder} is damaged ({error}): build it again") from error
    if version != SCHEMA:
        raise _of_version(folder, version)
    return folder / files


def _of_version(folder: Path, version: object) -> EmbeddingError:
    return EmbeddingError(
        f"the map in {folder} is of version {version}, this program reads {SCHEMA}: build it again"
    )


def read_meta(folder: Path) -> dict[str, Any]:
    """Return what meta.json says; EmbeddingError if the folder is no map of this version."""
    try:
        meta: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        version, tile_rows = meta["schema"], meta["tile_rows"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EmbeddingError(f"the map in {folder} is damaged ({error}): build it again") from error
    if version != SCHEMA or tile_rows != tiles.TILE_ROWS:
        raise _of_version(folder, version)
    lacking = {"n", "n_without", "extent", "origin", "checksum"} - meta.keys()
    if lacking:
        raise EmbeddingError(
            f"the map in {folder} is damaged (meta.json lacks {sorted(lacking)}): build it again"
        )
    return meta


def read_array(folder: Path, name: str, n: int) -> NDArray[Any]:
    """Map the array of a name, read-only.

    EmbeddingError if it is not the one of a map of n rows.
    """
    n_tiles = -(-n // tiles.TILE_ROWS)
    shape = (n_tiles, 4) if name == "bounds" else (n,)
    dtype = np.uint32 if name == "order" else np.float32
    try:
        # an empty file cannot be mapped
        array = np.load(folder / f"{name}.npy", mmap_mode="r" if n else None, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise EmbeddingError(
            f"the map in {folder} is damaged ({name}.npy: {error}): build it again"
        ) from error
    if array.shape != shape or array.dtype != dtype:
        raise EmbeddingError(
            f"the map in {folder} is damaged ({name}.npy holds {array.shape} {array.dtype}): build "
            "it again"
        )
    plain = np.asarray(array)
    plain.flags.writeable = False
    return plain


def blocks(n: int) -> list[slice]:
    """Cut n rows into slices to work on one after the other or on several threads."""
    return [slice(start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK)]
