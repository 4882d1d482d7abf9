"""A map of a table's rows: exact numbers for any viewport, pictures, and selections by shape."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.embeddings import Embedding
from explorer.errors import EmbeddingError
from explorer.maps import aggregate as aggregates
from explorer.maps import geometry
from explorer.maps.about import About, read_about, write_about
from explorer.maps.store import MapStore, build_store, open_store
from explorer.rows.selection import UNKNOWN, Selection
from explorer.workbench.coding import Levels, levels_of
from explorer.workbench.selecting import where as select_where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from explorer.maps.colour import Colour
    from explorer.maps.viewport import Viewport
    from explorer.workbench.table import Table

__all__ = ["Map", "build_map", "open_map"]


class Map:
    """An embedding made fast to draw.

    Made by `build_map` or `open_map`. m is the number of rows of the embedding, with and without coordinates.

    Attributes
    ----------
    store : MapStore
        Coordinates in tile order.
    rows : ndarray of shape (m,), int64
        Row of the table for each row of the embedding.
    fingerprint : str
        Of the table the rows belong to.
    table : Table or None
        Needed wherever a column is named.

    Attributes
    ----------
    features : tuple of str or None
        Columns that the map was made from; None where nobody knows.
    """

    def __init__(
        self, store: MapStore, about: About, rows: NDArray[np.int64] | None, table: Table | None
    ) -> None:
        self.store = store
        self.table = table
        self.fingerprint: str = about.fingerprint
        self.name: str = about.name
        self.features: tuple[str, ...] | None = about.features
        self._table_rows: int = about.table_rows
        self._rows = rows
        if table is not None and table.fingerprint != self.fingerprint:
            raise EmbeddingError(
                f"the map {self.name!r} was made from another table (fingerprint {self.fingerprint[:12]}…, "
                f"this table is {table.fingerprint[:12]}…): project this table again"
            )

    @property
    def extent(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """``(x_range, y_range)`` of the coordinates, both ends inclusive, in data units."""
        x_min, x_max, y_min, y_max = self.store.extent
        return (x_min, x_max), (y_min, y_max)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Row of the table for each row of the embedding, (m,) int64."""
        return np.arange(self.store.n_rows, dtype=np.int64) if self._rows is None else self._rows

    @property
    def n_without(self) -> int:
        """Rows of the table that have no place on the map."""
        return self._table_rows - self.store.n

    def levels(self, values: str | ArrayLike) -> list[str]:
        """Return the levels that have a plane of their own in ``aggregate(..., "by")``, most frequent first."""
        found = self._levels(values)
        return found.labels[: found.n_colours]

    def aggregate(
        self,
        viewport: Viewport,
        reduction: str = "count",
        values: str | ArrayLike | None = None,
        where: Selection | ArrayLike | str | None = None,
    ) -> NDArray[Any]:
        """Reduce the rows of every pixel; the same numbers as Datashader's ``Canvas.points``.

        Parameters
        ----------
        viewport : Viewport
            Any; both ends of its ranges are inclusive.
        reduction : {"count", "mean", "by"}
            Rows, mean of ``values``, or rows by level of ``values``.
        values : str or array of shape (m,), optional
            A column of the table, or values over the embedding's rows.
        where : Selection, bool array of shape (m,) or expression, optional
            Rows to take.

        Returns
        -------
        ndarray
            count: (height, width) uint32. mean: (height, width) float32, NaN where empty. by: (height, width, k)
            uint32 with k = min(levels, 16) + 1 in the order of `levels`, last: other or missing. Row 0 is the lowest y.
        """
        mask = self.arranged_mask(where)
        if reduction == "count":
            return aggregates.count(self.store, viewport, mask)
        if reduction not in ("mean", "by"):
            raise EmbeddingError(f"reduction={reduction!r} must be 'count', 'mean' or 'by'")
        if values is None:
            raise EmbeddingError(
                f"reduction={reduction!r} needs values: a column name, or an array over the embedding's rows"
            )
        if reduction == "mean":
            return aggregates.mean(self.store, viewport, self.arranged_numbers(values), mask)
        found = self._levels(values)
        codes = self.store.arrange(self._spread(values, found.colours()))
        return aggregates.by(self.store, viewport, codes, found.n_colours + 1, mask)

    def frame(
        self,
        viewport: Viewport,
        reduction: str = "count",
        values: str | ArrayLike | None = None,
        where: Selection | ArrayLike | str | None = None,
    ) -> tuple[NDArray[Any], Viewport]:
        """Aggregate for the screen: returns the array and the viewport that it is exact for."""
        return self.aggregate(viewport, reduction, values, where), viewport

    def render(
        self,
        viewport: Viewport,
        color: str | ArrayLike | None = None,
        where: Selection | ArrayLike | str | None = None,
    ) -> NDArray[np.uint8]:
        """Draw a picture.

        Parameters
        ----------
        color : str or array of shape (m,), optional
            A column, or values over the embedding's rows; density without it.
        where : Selection, bool array of shape (m,) or expression, optional
            Rows to draw in colour; the others are drawn in grey.

        Returns
        -------
        ndarray of shape (height, width, 4), uint8
            RGBA, row 0 = top, transparent where there is no row.
        """
        from explorer.maps.frame import render

        return render(self.store, viewport, self.colour(color), self.arranged_mask(where))

    def lasso(self, polygon: ArrayLike) -> Selection:
        """Select the rows of the table inside a polygon (v, 2) in data units, by the even-odd rule."""
        try:
            points = np.asarray(polygon, np.float64)
        except (TypeError, ValueError) as error:
            raise EmbeddingError(
                f"a lasso must be 3 or more (x, y) vertices of numbers, got {polygon!r:.60}: draw around some rows"
            ) from error
        definition = {"kind": "lasso", "map": self.store.checksum, "polygon": points.tolist()}
        return self._selection(geometry.lasso_mask(self.store, points), definition)

    def box(self, x_range: Sequence[float], y_range: Sequence[float]) -> Selection:
        """Select the rows of the table in a rectangle, all edges inclusive."""
        definition = {
            "kind": "box",
            "map": self.store.checksum,
            "x": list(map(float, x_range)),
            "y": list(map(float, y_range)),
        }
        return self._selection(geometry.box_mask(self.store, tuple(x_range), tuple(y_range)), definition)

    def pick(self, x: float, y: float, radius: float) -> int | None:
        """Return the row of the table nearest to (x, y) within a radius in data units, or None.

        With a radius of 0 only a row at that very place is found.

        Raises
        ------
        EmbeddingError
            If x or y is not finite, or the radius is not a finite number of 0 or more.
        """
        try:
            x, y, radius = float(x), float(y), float(radius)
            fits = bool(np.isfinite([x, y, radius]).all()) and radius >= 0
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise EmbeddingError(
                f"pick needs a finite x, y and radius ≥ 0 in data units, got {x!r}, {y!r}, {radius!r}: pass numbers"
            )
        if radius > 0:
            found = geometry.pick(self.store, x, y, radius, radius)
        else:
            there = np.flatnonzero(geometry.box_mask(self.store, (x, x), (y, y)))
            found = int(there[0]) if len(there) else None
        return None if found is None else int(self.rows[found])

    # --- from the table's rows to tile order

    def arranged_mask(self, where: Selection | ArrayLike | str | None) -> NDArray[np.bool_] | None:
        """Return the rows of a selection, bool array (m,) or expression as (n,) bool in tile order; None for all."""
        if where is None:
            return None
        if isinstance(where, str):
            where = select_where(self._need_table(f"the expression {where!r}"), where)
        if isinstance(where, Selection):
            if where.fingerprint != self.fingerprint:
                raise EmbeddingError(
                    "the selection belongs to another table than the map: select again on this table"
                )
            return self.store.arrange(where.mask if self._rows is None else where.mask[self.rows])
        mask = np.asarray(where)
        if mask.dtype != np.bool_ or mask.shape != (self.store.n_rows,):
            raise EmbeddingError(
                f"where must be a Selection, an expression or a bool array of shape ({self.store.n_rows},) over the "
                f"embedding's rows, got {mask.dtype} {mask.shape}"
            )
        return self.store.arrange(mask)

    def arranged_numbers(self, values: str | ArrayLike) -> NDArray[np.float32]:
        """Return a column, or values (m,), as (n,) float32 in tile order, NaN where missing."""
        if isinstance(values, str):
            column = self._need_table(f"the column {values!r}").numbers(values)
            numbers = column if self._rows is None else column[self.rows]
        else:
            numbers = np.asarray(values)
            if numbers.dtype.kind not in "fiub":
                raise EmbeddingError(
                    f"values must be numbers, got {numbers.dtype}: use reduction='by' for categories"
                )
        return self.store.arrange(numbers.astype(np.float32, copy=False))

    def arranged_codes(self, values: str | ArrayLike) -> tuple[NDArray[np.uint8], Levels]:
        """Return the colour codes of a column, or values (m,), as (n,) uint8 in tile order, and all levels."""
        found = self._levels(values)
        return self.store.arrange(self._spread(values, found.colours())), found

    def colour(self, values: str | ArrayLike | None) -> Colour:
        """Return how rows are coloured by a column, by values (m,) or, with None, by density."""
        from explorer.maps.colour import Categorical, Continuous, Density

        if values is None:
            return Density()
        if self._is_numeric(values):
            return Continuous(self.arranged_numbers(values))
        codes, found = self.arranged_codes(values)
        return Categorical(codes, found.n_colours + 1)

    def _is_numeric(self, values: str | ArrayLike) -> bool:
        if isinstance(values, str):
            return self._need_table(f"the column {values!r}").is_number(values)
        return np.asarray(values).dtype.kind in "fiu"

    def _levels(self, values: str | ArrayLike) -> Levels:
        if isinstance(values, str):
            return self._need_table(f"the column {values!r}").levels(values)
        array = np.asarray(values)
        if array.shape != (self.store.n_rows,):
            raise EmbeddingError(
                f"values must have shape ({self.store.n_rows},), one per row of the embedding, got {array.shape}"
            )
        return levels_of(array)

    def _spread(self, values: str | ArrayLike, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return codes[self.rows] if isinstance(values, str) and self._rows is not None else codes

    def _need_table(self, what: str) -> Table:
        if self.table is None:
            raise EmbeddingError(f"{what} needs the table: pass table= when the map is built or opened")
        return self.table

    def _selection(self, mask: NDArray[np.bool_], definition: dict[str, Any]) -> Selection:
        full = mask
        if self._rows is not None:
            full = np.zeros(self._table_rows, np.bool_)
            full[self.rows[mask]] = True
        source = None if self.table is None else self.table.source
        known = [UNKNOWN] if self.features is None else self.features
        seen = dict.fromkeys(known, "drew this map")
        return Selection(full, self.fingerprint, definition, source, seen)


def build_map(embedding: Embedding | ArrayLike, folder: str | Path, table: Table | None = None) -> Map:
    """Build a map in a folder.

    Parameters
    ----------
    embedding : Embedding or array of shape (m, 2)
        float32 coordinates are kept bit for bit. A bare array is its own table of m rows.
    folder : path
        Is made; a map already there is replaced.
    table : Table, optional
        Lets columns be named.

    Raises
    ------
    EmbeddingError
        If the embedding belongs to another table, or the folder cannot be written.
    """
    folder = Path(folder)
    if isinstance(embedding, Embedding):
        if table is not None:
            embedding.check(table.fingerprint)
        build_store(embedding.xy, folder)
        about = About(embedding.fingerprint, embedding.name, embedding.table_rows, embedding.features)
        rows = embedding.rows
    else:
        embedding = np.asarray(embedding)
        n_rows = len(embedding) if embedding.ndim else 0
        if table is not None and table.num_rows != n_rows:
            raise EmbeddingError(
                f"the array has {n_rows:,} rows, the table {table.num_rows:,}: pass one row of coordinates for each row"
            )
        store = build_store(embedding, folder)
        about = About(store.checksum if table is None else table.fingerprint, folder.name, store.n_rows)
        rows = np.arange(store.n_rows, dtype=np.int64)
    try:
        write_about(
            folder, about, rows
        )  # a map that was stopped before does not open: it says to build it again
    except OSError as error:
        raise EmbeddingError(
            f"cannot write the map to {folder}: {error.strerror or error}; free some space or pass another folder"
        ) from error
    return open_map(folder, table)


def open_map(folder: str | Path, table: Table | None = None) -> Map:
    """Open a map that `build_map` made.

    Raises
    ------
    EmbeddingError
        If the folder is no map, is damaged, or belongs to another table.
    """
    folder = Path(folder)
    store = open_store(folder)
    about, rows = read_about(folder)
    return Map(store, about, rows, table)
