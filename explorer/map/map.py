"""A map of a table's rows: exact numbers for any viewport, pictures, and selections by shape."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import EmbeddingError
from explorer.core.gettext import gettext_noop
from explorer.embedding.embedding import Embedding
from explorer.map import geometry
from explorer.map.about import About, read_about, write_about
from explorer.map.map_drawing import draw_map_figure, live_map
from explorer.map.map_store import MapStore, build_store, checksum, open_store
from explorer.map.paint.color import Categorical, Colour, Continuous, Density
from explorer.map.pyramid import WORTH_ROWS, Pyramid, build_pyramid, pyramids
from explorer.map.raster.reductions import reduction_named
from explorer.map.tile_ordered_columns import TileOrderedColumns
from explorer.selection.selection import DREW, UNKNOWN, Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from explorer.map.export.map_figure import MapFigure
    from explorer.map.raster.frame import Aggregate
    from explorer.map.raster.reductions import Reduction
    from explorer.map.viewport import Viewport
    from explorer.table.table import Table

__all__ = ["Map", "build_map", "open_map"]


_CHOSE = gettext_noop("chose the rows of this map")


class Map:
    """An embedding made fast to draw.

    Made by `build_map` or `open_map`. m is the number of rows of the embedding, with and without
    coordinates.

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
    features : tuple of str or None
        Columns that the map was made from; None where nobody knows.
    provenance, scores : dict
        Of the embedding; empty where nobody knows.
    n_without : int
        Rows of the table that have no place on the map.
    columns : TileOrderedColumns
        Columns, values and selections in the order in which the map stores its rows.
    """

    def __init__(
        self, store: MapStore, about: About, rows: NDArray[np.int64] | None, table: Table | None
    ) -> None:
        self.store = store
        self.table = table
        self.columns = TileOrderedColumns(store, about.fingerprint, rows, table)
        self.fingerprint: str = about.fingerprint
        self.name: str = about.name
        self.features: tuple[str, ...] | None = about.features
        self.provenance, self.scores = about.provenance, about.scores
        self.n_without: int = about.table_rows - store.n
        self._about = about
        if table is not None and table.fingerprint != self.fingerprint:
            raise EmbeddingError(
                f"the map {self.name!r} was made from another table (fingerprint "
                f"{self.fingerprint[:12]}…, "
                f"this table is {table.fingerprint[:12]}…): project this table again"
            )

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row of the table for each row of the embedding, (m,) int64."""
        return self.columns.rows

    @property
    def extent(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """``(x_range, y_range)`` of the coordinates, both ends inclusive, in data units."""
        x_min, x_max, y_min, y_max = self.store.extent
        return (x_min, x_max), (y_min, y_max)

    def levels(self, values: str | ArrayLike) -> list[str]:
        """Return the levels with a plane of their own in ``aggregate(..., "by")``.

        The most frequent is first.
        """
        coded = self.columns.levels(values)
        return coded.labels[: coded.n_colours]

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
            Rows, mean of ``values``, or rows by level of ``values``; one of
            `explorer.map.raster.reductions`.
        values : str or array of shape (m,), optional
            A column of the table, or values over the embedding's rows.
        where : Selection, bool array of shape (m,) or expression, optional
            Rows to take.

        Returns
        -------
        ndarray
            count: (height, width) uint32. mean: (height, width) float32, NaN where empty. by:
            (height, width, k) uint32 with k = min(levels, 16) + 1 in the order of `levels`, last:
            other or missing. Row 0 is the lowest y.
        """
        chosen = reduction_named(reduction, has_values=values is not None)
        mask = self.columns.mask(where)
        match self._reduced(chosen, values):
            case Continuous(values=numbers):
                return chosen.aggregate(self.store, viewport, numbers, mask=mask)
            case Categorical(codes=codes, k=k):
                return chosen.aggregate(self.store, viewport, codes, k, mask=mask)
        return chosen.aggregate(self.store, viewport, mask=mask)

    def frame(
        self,
        viewport: Viewport,
        reduction: str = "count",
        values: str | ArrayLike | None = None,
        where: Selection | ArrayLike | str | None = None,
    ) -> tuple[NDArray[Any], Viewport]:
        """Aggregate for the screen, at a cost that does not follow the number of rows.

        Zoomed out, a map of 2,000,000 rows or more is drawn from a pyramid of sums: each pixel is
        the exact number of its own rectangle, on a grid that stays in place while one drags; the
        first frame of a column or filter builds it. Zoomed in, and of smaller maps, it is
        `aggregate`.

        Parameters
        ----------
        viewport, reduction, values, where
            As for `aggregate`. An array of more than 64 MB is recognised again by every sixteenth
            cache line: pass another array rather than changing a few elements of it in place.

        Returns
        -------
        array : ndarray
            As of `aggregate`, of the shape of the viewport that is returned; means from sums in
            float32.
        viewport : Viewport
            What the array is exact for: the one given, or one that covers it with pixels of nearly
            the same size (0.71 to 1.43 times).
        """
        chosen = reduction_named(reduction, has_values=values is not None)
        if chosen.pyramid and self.store.n >= WORTH_ROWS:
            numbers = self._from_pyramid(viewport, chosen, values, where)
            if numbers is not None:
                return getattr(numbers, chosen.pyramid), numbers.viewport
        return self.aggregate(viewport, reduction, values, where), viewport

    def _reduced(
        self, reduction: Reduction, values: str | ArrayLike | None, sparse: bool = False
    ) -> Colour:
        """Return what is counted or averaged, in tile order."""
        if values is None:
            return Density()
        if reduction.takes == "numbers":
            return Continuous(self.columns.numbers(values, sparse))
        codes, result = self.columns.codes(values, sparse)
        return Categorical(codes, result.n_colours + 1)

    def _from_pyramid(
        self,
        viewport: Viewport,
        reduction: Reduction,
        values: str | ArrayLike | None,
        where: Selection | ArrayLike | str | None,
    ) -> Aggregate | None:
        mask, colour = (
            self.columns.mask(where, sparse=True),
            self._reduced(reduction, values, sparse=True),
        )
        made_of = [getattr(colour, name, None) for name in ("values", "codes")]
        key = (self.store.files, reduction.pyramid, *(id(array) for array in (mask, *made_of)))

        def build() -> Pyramid:
            # kept with it: an identity stays theirs as long as they live
            return replace(build_pyramid(self.store, colour, mask), made_of=(mask, *made_of))

        return pyramids.get(key, build).aggregate(viewport)

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
        from explorer.map.raster.frame import render

        return render(self.store, viewport, self.columns.color(color), self.columns.mask(where))

    def save(
        self,
        path: str | Path,
        viewport: Viewport | None = None,
        color: str | ArrayLike | None = None,
        where: Selection | ArrayLike | str | None = None,
        size: tuple[int, int] = (900, 700),
        scale: float = 1.0,
        axes: bool = True,
        legend: bool = True,
        caption: bool = True,
        theme: str = "light",
        title: str | None = None,
        date: str = "",
    ) -> MapFigure:
        """Write a picture of the map as .png, .svg or .pdf.

        In SVG and PDF everything but the frame itself is vectors and text. The frame is embedded
        pixel for pixel; the same map gives the same bytes.

        Parameters
        ----------
        path : path
            Its suffix says the format. The file appears whole or not at all.
        viewport : Viewport, optional
            What to draw; its own size in pixels is not looked at. Default: the whole map, with
            equal scales.
        color, where
            As for `render`.
        size : tuple of int
            Width and height of the map in pixels; axes, legend and caption are drawn around it.
        scale : float
            2 draws the same picture with twice the pixels each way.
        axes, legend, caption : bool
            What to draw around the map. Without any of them, and without a title, the file is the
            map alone.
        theme : {"light", "dark"}
        title : str, optional
            Default: the name of the map, where anything is drawn around it; "" for none.
        date : str
            Words for when it was made, at the end of the caption.

        Returns
        -------
        MapFigure
            What was drawn: its caption as text, its legend with counts.

        Raises
        ------
        EmbeddingError
            If the suffix, size or theme is none, the picture is too large, or the file cannot be
            written.
        """
        from explorer.map.export.output import format_of, save_figure

        format_of(path)  # before seconds are spent
        figure = draw_map_figure(
            self.columns,
            self._about,
            viewport,
            color,
            where,
            size,
            scale,
            axes,
            legend,
            caption,
            theme,
            title,
            date,
        )
        save_figure(figure, path)
        return figure

    def hvplot(
        self,
        color: str | ArrayLike | None = None,
        where: Selection | ArrayLike | str | None = None,
        width: int = 700,
        height: int = 500,
        **opts: Any,
    ) -> Any:
        """Return a live map for a notebook: a HoloViews object, counted anew for each view.

        Counts are exact. It is drawn by HoloViews' Bokeh backend, which is loaded where it is not
        yet. Rows per cell and means are images with a colour bar; categories are a picture with a
        legend. A cell is a whole number of pixels, about as large as a point.

        Parameters
        ----------
        color, where
            As for `render`.
        width, height : int
            Of the map in pixels.
        **opts
            Options of HoloViews for the map, such as ``title=`` or ``cmap=``.

        Returns
        -------
        holoviews.DynamicMap, or an overlay of one and its legend
        """
        return live_map(self.columns, self._about, color, where, (width, height), opts)

    def lasso(self, polygon: ArrayLike) -> Selection:
        """Select the rows inside a polygon (v, 2) in data units, by the even-odd rule."""
        try:
            points = np.asarray(polygon, np.float64)
        except (TypeError, ValueError) as error:
            raise EmbeddingError(
                f"a lasso must be 3 or more (x, y) vertices of numbers, got {polygon!r:.60}: draw "
                "around some rows"
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
        return self._selection(
            geometry.box_mask(self.store, tuple(x_range), tuple(y_range)), definition
        )

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
                f"pick needs a finite x, y and radius ≥ 0 in data units, got {x!r}, {y!r}, "
                f"{radius!r}: pass numbers"
            )
        if radius > 0:
            result = geometry.pick(self.store, x, y, radius, radius)
        else:
            there = np.flatnonzero(geometry.box_mask(self.store, (x, x), (y, y)))
            result = int(there[0]) if len(there) else None
        return None if result is None else int(self.rows[result])

    def _selection(self, mask: NDArray[np.bool_], definition: dict[str, Any]) -> Selection:
        full = mask
        if not self.columns.all_rows:
            full = np.zeros(self._about.table_rows, np.bool_)
            full[self.rows[mask]] = True
        source = None if self.table is None else self.table.source
        known = [UNKNOWN] if self.features is None else self.features
        seen = dict.fromkeys(known, DREW)
        rows = ((self._about.provenance.get("matrix") or {}).get("spec") or {}).get("rows") or {}
        seen |= dict.fromkeys(rows.get("seen", {}), _CHOSE) | seen
        return Selection(full, self.fingerprint, definition, source, seen)


def build_map(
    embedding: Embedding | ArrayLike, folder: str | Path, table: Table | None = None
) -> Map:
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
    if isinstance(embedding, Embedding):
        if table is not None:
            embedding.check(table.fingerprint)
        about = About.of(embedding)
        build_store(
            embedding.xy, folder, also=partial(write_about, about=about, rows=embedding.rows)
        )
        return open_map(folder, table)
    array = np.asarray(embedding)
    n_rows = len(array) if array.ndim else 0
    if table is not None and table.num_rows != n_rows:
        raise EmbeddingError(
            f"the array has {n_rows:,} rows, the table {table.num_rows:,}: pass one row of "
            "coordinates for each row"
        )
    fingerprint = checksum(array) if table is None else table.fingerprint
    about = About(fingerprint, Path(folder).name, n_rows)
    build_store(array, folder, also=partial(write_about, about=about))
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
    about, rows = read_about(store.files)
    return Map(store, about, rows, table)
