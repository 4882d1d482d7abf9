"""TableColumns: the columns of a table, what is known of them, and their cells.

Every other part of a `Table` (profiles, relations, labels, saved selections) works on these
columns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import FeatureError
from explorer.core.memo import Memo
from explorer.expressions.ranges import in_range
from explorer.features.catalogue.catalogue_glance import first_rows
from explorer.features.cells import without_sentinels
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.features.roles.given_roles import given_roles
from explorer.features.roles.guess import ROW_LABEL_ROLE, guess_roles
from explorer.sources.columns import column_as_numbers
from explorer.sources.widened import WidenedSource
from explorer.table.blocks import ColumnBlocks, numbers_in
from explorer.table.coding import CategoricalColumn, code_categories
from explorer.table.layered_catalogue import Features, LayeredCatalogue, describe_features
from explorer.table.row_sample import RowSample, cached_sample
from explorer.table.table_cache import TableCache

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.core.cache import Cache
    from explorer.features.catalogue.catalogue import Catalogue
    from explorer.features.kind import Feature
    from explorer.features.roles.guess import TableRoles
    from explorer.features.roles.role import ColumnRole
    from explorer.profile.counting.quantized_column import QuantizedColumn, QuantizedColumnStore
    from explorer.sources.source import ArrowSource
    from explorer.table.layered_catalogue import Changes
    from projections.errors import Progress

__all__ = ["TableColumns"]

Listener = Callable[[str, bool], None]

# What compares several columns, and is computed again after one of them has changed.
_COMPARISONS = ("relevance", "contrast", "explained", "related")
# Conventions: what is read of a table when it is opened.
_LOOK_CELLS, _READ_CELLS = 5_000_000, 200_000_000
_FEWEST_ROWS, _MOST_ROWS = 1_000, 50_000
_LOOKED_UP_BYTES = 32_000_000  # of cells that were looked up, kept for who asks for them again
# What an expert may change of a column that changes its role or those of others.
_DECIDE_ROLES = ("role", "of", "kind", "sentinels", "valid_range")


class TableColumns:
    """The columns of a table, shared by all who look at it.

    Parameters
    ----------
    source : ArrowSource
    catalogue : Catalogue
        As an expert wrote it.
    cache : Cache
        On disk.
    roles : Catalogue, optional
        Roles from the command line, before those of the catalogue and of earlier edits.

    Attributes
    ----------
    source : ArrowSource
        Reads batches and columns, row labels included.
    lasting_source : ArrowSource
        The same without row labels, which people may change while the table is open.
    cache : Cache
    results : TableCache
        What was computed of the columns, in memory.
    cleared : frozenset of str
        Row labels that were cleared: their columns have no cell, and stay for those who look at
        them until the table is closed.
    edit_count : int
        How often the catalogue, the row labels or the saved selections have changed since the
        table was opened: what was selected before may mean other rows.
    """

    def __init__(
        self,
        source: ArrowSource,
        catalogue: Catalogue,
        cache: Cache,
        roles: Catalogue | None = None,
    ) -> None:
        self.source = self.lasting_source = source
        self.cache = cache
        self.results = TableCache()
        self.cleared: frozenset[str] = frozenset()
        self.edit_count = 0
        self._layers = LayeredCatalogue(source, catalogue, roles)
        self._listeners: list[Listener] = []
        self._looked_up: Memo[tuple[object, ...], pa.Table] = Memo(
            _LOOKED_UP_BYTES, lambda cells: cells.nbytes
        )

    @property
    def num_rows(self) -> int:
        """Rows of the table."""
        return self.source.num_rows

    @property
    def names(self) -> list[str]:
        """Columns in table order; without row labels that were cleared."""
        return [name for name in self.source.column_names if name not in self.cleared]

    @property
    def known_fingerprint(self) -> str:
        """The fingerprint, or nothing while a large file would have to be read through for it."""
        return "" if self.source.slow_to_hash else self.source.fingerprint

    @property
    def catalogue(self) -> Catalogue:
        """What is known of the features: from the file, the catalogue and edits on the page."""
        return self.results.get("catalogue", lambda: self._layers.catalogue)

    @property
    def trouble(self) -> str:
        """Why edits of the catalogue cannot be read; empty while they can."""
        return self._layers.trouble

    @property
    def features(self) -> dict[str, Feature]:
        """The columns and what is known of them; an unknown name is an `UnknownName`."""
        return self.results.get("features", self._all_described)

    def feature(self, name: str) -> Feature:
        """Return one feature; an unknown name is an `UnknownName` with the nearest one."""
        return self.features[name]

    @property
    def roles(self) -> TableRoles:
        """The role of each column and the blocks that columns form; what a person said stands."""
        return self.results.get("roles", lambda: self.roles_with({}))

    def is_number(self, name: str) -> bool:
        """Say whether a column is shown along a scale.

        Numeric and temporal columns are, and text that reads as numbers.
        """
        feature = self.features[name]
        return feature.kind in ("numeric", "temporal") or NUMBERS_AS_TEXT in feature.notes

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column as (num_rows,) float64, NaN where missing; do not write to it.

        It is numeric, boolean, temporal, or text that reads as numbers, where NaN is also what does
        not read as one.
        """
        feature = self.features[name]
        if NUMBERS_AS_TEXT in feature.notes:
            return self.results.code(
                ("numbers", name), lambda: numbers_in(feature, self.source.column(name))
            )
        if feature.kind != "boolean" and not self.is_number(name):
            raise FeatureError(
                f"{name!r} is {feature.kind}, not a number: choose a numeric, boolean or temporal "
                "feature"
            )
        return (
            numbers_in(feature, self.source.column(name))
            if feature.sentinels
            else self.source.numeric(name)
        )

    def midrange(self, name: str) -> float:
        """Return the whole number halfway between the least and the greatest value of a column.

        0 where it has no finite value.
        """
        return float(
            self.results.code(("midrange", name), lambda: _midrange(self.numbers(name)))[0]
        )

    def in_range(self, name: str, low: float, high: float) -> NDArray[np.bool_]:
        """Return which cells of a number are in [low, high], (num_rows,) bool.

        A missing one is not.
        """
        feature = self.features[name]
        if feature.sentinels or NUMBERS_AS_TEXT in feature.notes or not self.is_number(name):
            numbers = self.numbers(name)
            return (numbers >= low) & (numbers <= high)
        return in_range(
            self.source.column(name), low, high, lambda cells: column_as_numbers(cells, name)
        )

    def blocks(self, name: str, keep: bool = False) -> ColumnBlocks:
        """Return a column of numbers in blocks; kept decoded only where that is asked for."""
        column = self.source.column(name) if keep else self.source.uncached_column(name)
        return ColumnBlocks(self.features[name], column)

    def levels(self, name: str) -> CategoricalColumn:
        """Return a column coded by level; kept for the next time."""
        feature = self.features[name]

        def coded() -> CategoricalColumn:
            return code_categories(without_sentinels(self.source.column(name), feature.sentinels))

        return self.results.code(("levels", name), coded)

    @property
    def quantized_columns(self) -> QuantizedColumnStore:
        """Columns of numbers as codes in the order of their values.

        Any group of rows is counted from them in one pass.
        """
        from explorer.profile.counting.quantized_column import QuantizedColumnStore

        return self.results.get(
            "steps", lambda: QuantizedColumnStore(self.cache, self.source.identity())
        )

    def quantized(self, name: str) -> QuantizedColumn | None:
        """Return a quantized column as it is read now; None while there is none."""
        return self.quantized_columns.get(name, self.quantization_settings(name))

    def quantization_settings(self, name: str) -> list[Any]:
        """Return what a quantized column depends on beside the data."""
        feature = self.features[name]
        return [feature.kind, list(map(str, feature.sentinels)), list(feature.notes)]

    def lookup(self, rows: NDArray[np.int64], names: Sequence[str]) -> pa.Table:
        """Read a few rows as `ArrowSource.lookup` does; who asks again has them at once.

        Parameters
        ----------
        rows : ndarray of shape (k,), int64, ascending
        names : sequence of str
        """
        source = self.source
        source.check()
        key = (self.edit_count, *names, hashlib.blake2b(rows.tobytes()).digest())
        return self._looked_up.get(key, lambda: source.lookup(rows, names))

    def sample(self, progress: Progress | None = None) -> RowSample:
        """Return random rows of the table, the same all the time, without row labels.

        See `explorer.table.row_sample.cached_sample`.
        """
        return self.results.get("sample", lambda: cached_sample(self.lasting_source, progress))

    def first_look(self) -> RowSample:
        """Return the rows that a table is judged by when it is opened, of all columns.

        50,000 random rows, fewer of more than 100 columns (1,000 at least). Of more than 200
        million cells these are the first rows of a few row groups, so that it takes a moment.
        """
        return self.results.get("first_look", lambda: _first_look(self.source, self.names))

    def roles_with(self, given: Mapping[str, ColumnRole]) -> TableRoles:
        """Return the roles that follow when those of some columns are given beside the others."""
        look = self.first_look()
        features = {name: self.features[name] for name in self.names}
        known = {**given_roles(self.catalogue), **given}
        roles = guess_roles(features, look.cells, look.rows, known)
        # a cleared row label stays for those who look at it
        gone = {name: ROW_LABEL_ROLE for name in self.features if name not in roles.roles}
        return replace(roles, roles={**roles.roles, **gone}) if gone else roles

    # --- changes

    def edit(self, changes: Changes, who: str = "") -> Changes:
        """Change what is known of features, for good; see `Table.edit_many`."""
        before = {name: self.features[name] for name in changes}
        undo = self._layers.edit(changes, who)
        self.results.put("catalogue", self._layers.catalogue)
        after = describe_features(self.source, self.catalogue, before)
        self._update_features(after)
        if any(attribute in _DECIDE_ROLES for entry in changes.values() for attribute in entry):
            self.results.forget("roles", "pick")
        others = [name for name in before if _reading(before[name]) != _reading(after[name])]
        for name in others:
            self.results.forget_column(name)
        if others:
            self.results.forget("redundancy", *_COMPARISONS)
        for name in before:
            self._tell(name, name in others)
        self.edit_count += 1  # last: whoever sees it finds nothing that was made before
        return undo

    def replace_labels(self, source: ArrowSource, names: frozenset[str]) -> None:
        """Take the same table with other row labels; forget what was made of these columns."""
        fresh = describe_features(source, self.catalogue, names)
        self.results.update("features", fresh)  # before: whoever sees a column finds what it is
        self.source = self._layers.source = source
        self._update_features(fresh)
        self.results.forget("roles", "first_look", *_COMPARISONS)
        for name in names:
            self.results.forget_column(name)
            self._tell(name, True)
        self.edit_count += 1  # last, as in `edit`

    def listen(self, listener: Listener) -> None:
        """Call this after each change of a column.

        Parameters
        ----------
        listener : callable
            ``listener(name, other_values)``: False when only its label, unit or description has
            changed. Called by the thread that changed it.
        """
        self._listeners.append(listener)

    def _update_features(self, fresh: dict[str, Feature]) -> None:
        if not self.results.update("features", fresh):
            self.results.forget("features")  # those that are being described now are outdated

    def _tell(self, name: str, other_values: bool) -> None:
        for listener in self._listeners:
            listener(name, other_values)

    def _all_described(self) -> dict[str, Feature]:
        return Features(describe_features(self.source, self.catalogue, self.source.column_names))


def _first_look(source: ArrowSource, names: list[str]) -> RowSample:
    wanted = min(max(_LOOK_CELLS // max(len(names), 1), _FEWEST_ROWS), _MOST_ROWS)
    few = source.num_rows * len(names) <= _READ_CELLS or source.num_rows <= wanted
    if few or isinstance(source, WidenedSource) or not source.files:
        cells, rows = source.sample(names, wanted)
        return RowSample(rows, cells)
    cells, rows = first_rows(source, names, wanted)
    return RowSample(rows, cells)


def _reading(feature: Feature) -> tuple[object, ...]:
    """Return what decides how the cells of a feature are read."""
    return feature.kind, feature.sentinels, feature.valid_range


def _midrange(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    present = numbers[np.isfinite(numbers)]
    return np.rint([present.min() / 2 + present.max() / 2]) if present.size else np.zeros(1)
