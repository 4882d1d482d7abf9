"""TileOrderedColumns: columns, values and selections of a table in the order of a map's rows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from explorer.core.cache import key_of
from explorer.core.errors import EmbeddingError
from explorer.map.digest import digest
from explorer.map.map_columns import columns
from explorer.selection.selection import Selection
from explorer.table.coding import CategoricalColumn, code_categories
from explorer.table.selecting import where as select_where

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from explorer.map.map_store import MapStore
    from explorer.map.paint.color import Colour
    from explorer.table.table import Table

__all__ = ["TileOrderedColumns"]

Scalar = TypeVar("Scalar", bound=np.generic)

_SPARSE_ABOVE = 64 << 20  # bytes; below, reading an array whole takes a few milliseconds


class TileOrderedColumns:
    """Columns of a table as a map stores its rows; m is the number of rows of the embedding.

    Parameters
    ----------
    store : MapStore
    fingerprint : str
        Of the table.
    rows : ndarray of shape (m,), int64, or None
        Row of the table for each row of the embedding; None: all in order.
    table : Table or None
    """

    def __init__(
        self, store: MapStore, fingerprint: str, rows: NDArray[np.int64] | None, table: Table | None
    ) -> None:
        self.store = store
        self.table = table
        self.fingerprint = fingerprint
        self._rows = rows
        self._coded: tuple[str, CategoricalColumn] | None = None

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Row of the table for each row of the embedding, (m,) int64."""
        return np.arange(self.store.n_rows, dtype=np.int64) if self._rows is None else self._rows

    @property
    def all_rows(self) -> bool:
        """Whether the map draws all rows of the table, in order."""
        return self._rows is None

    def mask(
        self, where: Selection | ArrayLike | str | None, sparse: bool = False
    ) -> NDArray[np.bool_] | None:
        """Return the rows of a selection, bool array (m,) or expression as (n,) bool in tile order.

        None for all.

        ``sparse``: of a long array that was passed only a part is read to recognise it.
        """
        if where is None:
            return None
        if isinstance(where, str):
            table = self._need_table(f"the expression {where!r}")
            key = key_of(["expression", table.fingerprint, table.columns.edit_count, where])
            return columns.get(
                self.store,
                key,
                lambda: self.store.arrange(self._taken(select_where(table, where).mask)),
            )
        if isinstance(where, Selection):
            if where.fingerprint != self.fingerprint:
                raise EmbeddingError(
                    "the selection belongs to another table than the map: select again on this "
                    "table"
                )
            return self._arranged(where.mask, sparse, lambda: self._taken(where.mask))
        mask = np.asarray(where)
        if mask.dtype != np.bool_ or mask.shape != (self.store.n_rows,):
            raise EmbeddingError(
                "where must be a Selection, an expression or a bool array of shape "
                f"({self.store.n_rows},) over the "
                f"embedding's rows, got {mask.dtype} {mask.shape}"
            )
        return self._arranged(mask, sparse, lambda: mask)

    def numbers(self, values: str | ArrayLike, sparse: bool = False) -> NDArray[np.float32]:
        """Return a column, or values (m,), as (n,) float32 in tile order, NaN where missing.

        ``sparse`` as for masks.
        """
        if isinstance(values, str):
            table = self._need_table(f"the column {values!r}")
            table.columns.feature(values)
            return self._column("numbers", values, lambda: table.columns.numbers(values), _narrowed)
        numbers = np.asarray(values)
        if numbers.dtype.kind not in "fiub":
            raise EmbeddingError(
                f"values must be numbers, got {numbers.dtype}: use reduction='by' for categories"
            )
        return self._arranged(numbers, sparse, lambda: _narrowed(numbers), "f4 ")

    def times(self, column: str) -> tuple[NDArray[np.float32], float]:
        """Return a column of times in tile order, as seconds from the middle, and the middle.

        The seconds are (n,) float32.
        """
        table = self._need_table(f"the column {column!r}")
        origin = table.columns.midrange(column)
        return self._column(
            "times",
            column,
            lambda: table.columns.numbers(column),
            lambda some: _narrowed(some - origin),
        ), origin

    def codes(
        self, values: str | ArrayLike, sparse: bool = False
    ) -> tuple[NDArray[np.uint8], CategoricalColumn]:
        """Return the colour codes of a column, or values (m,), in tile order, and all levels.

        The codes are (n,) uint8.
        """
        result = self.levels(values, sparse)
        if isinstance(values, str):
            return self._column("codes", values, result.colours), result
        array = np.asarray(values)
        if array.dtype.hasobject:
            return self.store.arrange(result.colours()), result
        return self._arranged(array, sparse, result.colours, "codes "), result

    def color(self, values: str | ArrayLike | None) -> Colour:
        """Return how rows are coloured by a column, by values (m,) or, with None, by density."""
        from explorer.map.paint.color import Categorical, Continuous, Density

        if values is None:
            return Density()
        if (
            isinstance(values, str)
            and self._need_table(f"the column {values!r}").features[values].kind == "temporal"
        ):
            times, origin = self.times(values)
            return Continuous(times, origin=origin)
        if self._is_numeric(values):
            return Continuous(self.numbers(values))
        codes, result = self.codes(values)
        return Categorical(codes, result.n_colours + 1)

    def levels(self, values: str | ArrayLike, sparse: bool = False) -> CategoricalColumn:
        """Return a column, or values (m,), coded by level; of arrays the latest is kept."""
        if isinstance(values, str):
            return self._need_table(f"the column {values!r}").columns.levels(values)
        array = np.asarray(values)
        if array.shape != (self.store.n_rows,):
            raise EmbeddingError(
                f"values must have shape ({self.store.n_rows},), one per row of the embedding, got "
                f"{array.shape}"
            )
        if array.dtype.hasobject:  # pointers say nothing of what they point to
            return code_categories(array)
        key = digest(array, _SPARSE_ABOVE if sparse else None)
        if self._coded is None or self._coded[0] != key:
            self._coded = key, code_categories(array)
        return self._coded[1]

    def _is_numeric(self, values: str | ArrayLike) -> bool:
        if isinstance(values, str):
            return self._need_table(f"the column {values!r}").columns.is_number(values)
        return np.asarray(values).dtype.kind in "fiu"

    def _column(
        self,
        form: str,
        name: str,
        make: Callable[[], NDArray[Any]],
        narrow: Callable[[NDArray[Any]], NDArray[np.float32]] | None = None,
    ) -> NDArray[Any]:
        """Return a column of the table in tile order.

        One that stays what it is also for other processes.
        """
        table = self._need_table(f"the column {name!r}")
        feature = table.features[name]
        durable = name not in table.source.mutable_columns
        known = (
            [feature.kind, list(feature.sentinels), list(feature.notes)]
            if durable
            else table.columns.edit_count
        )
        key = key_of([form, table.fingerprint, name, known])

        def arranged() -> NDArray[Any]:
            values = self._taken(make())
            return (
                self.store.arrange(values) if narrow is None else self.store.arrange(values, narrow)
            )

        return columns.get(self.store, key, arranged, durable)

    def _arranged(
        self,
        array: NDArray[Any],
        sparse: bool,
        make: Callable[[], NDArray[Scalar]],
        form: str = "",
    ) -> NDArray[Scalar]:
        key = form + digest(array, _SPARSE_ABOVE if sparse else None)
        return columns.get(self.store, key, lambda: self.store.arrange(make()))

    def _taken(self, values: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return the rows of the embedding of what has one entry for each row of the table."""
        return values if self._rows is None else values[self._rows]

    def _need_table(self, what: str) -> Table:
        if self.table is None:
            raise EmbeddingError(
                f"{what} needs the table: pass table= when the map is built or opened"
            )
        return self.table


def _narrowed(numbers: NDArray[Any]) -> NDArray[np.float32]:
    """Return numbers as float32; what is finite stays so, at the largest that it holds."""
    with np.errstate(over="ignore"):
        result = numbers.astype(np.float32, copy=False)
    beyond = np.isinf(result)
    if beyond.any() and (beyond := beyond & np.isfinite(numbers)).any():
        result[beyond] = np.copysign(np.finfo(np.float32).max, numbers[beyond])
    return result
