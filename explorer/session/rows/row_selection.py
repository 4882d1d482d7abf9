"""The rows that a person has chosen: what the filters leave, and what is selected of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from explorer.core.cache import key_of
from explorer.core.errors import EmbeddingError, ExplorerError, SelectionError
from explorer.selection.row_subset import RowSubset, keep_rows, read_rows
from explorer.session.rows.level_filter import column_of, kept_levels, level_filter
from explorer.state import actions

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from explorer.selection.saved_selection import SavedSelection
    from explorer.selection.selection import Selection
    from explorer.session.rows.selection_resolver import SelectionResolver
    from explorer.state.definition import Definition
    from explorer.state.filter import Filter
    from explorer.state.state import State
    from explorer.table.coding import CategoricalColumn
    from explorer.table.table import Table

__all__ = ["RowSelection"]


class RowSelection:
    """The filters and the selection of a session.

    Parameters
    ----------
    table : Table
    state : State
    resolver : SelectionResolver
    note : callable
        Keeps a line that the page shows beside the rows.
    maps_known : callable
        Returns how many maps have come on which a selection may have been drawn.
    """

    def __init__(
        self,
        table: Table,
        state: State,
        resolver: SelectionResolver,
        note: Callable[[str], None],
        maps_known: Callable[[], int],
    ) -> None:
        self._table, self._state, self._resolver, self._note = table, state, resolver, note
        self._maps_known = maps_known

    @property
    def population_key(self) -> str:
        """Key of the rows that the filters leave now: it changes where these may change."""
        filters = self._state.document.active_filters
        # a filter may be drawn on a map that is still to come
        maps = self._maps_known() if filters else 0
        return key_of([filters, self._table.columns.edit_count, maps])

    @property
    def selection_key(self) -> str:
        """Key of the rows that are filtered and selected now: it changes where these may change."""
        document = self._state.document
        about = [document.selection, document.active_filters, self._table.columns.edit_count]
        return key_of([*about, self._maps_known()])

    def population(
        self, without: str | None = None, *, without_filter: str | None = None
    ) -> Selection | None:
        """Return the rows that the filters leave, None for all.

        A filter drawn on a map that is not there, or on a saved selection that is not known, leaves
        all rows, with a note.

        Parameters
        ----------
        without : str, optional
            A column whose own filter is left aside.
        without_filter : str, optional
            The id of a filter that is left aside.
        """
        parts = self._conditions(without, without_filter)
        return self._resolver.rows_of(_all_of(parts)) if parts else None

    def column_filter(self, column: str) -> Filter | None:
        """Return the filter that strips and legend set on a column, None when there is none."""
        return self.find_filter(f"column:{column}")

    def find_filter(self, name: str) -> Filter | None:
        """Return the filter of an id, None when there is none."""
        filters = self._state.document.filters
        return next((entry for entry in filters if entry.id == name), None)

    def filter_levels(self, column: str, kept: NDArray[np.bool_]) -> None:
        """Show only these levels of a column; all of them takes the filter away.

        Parameters
        ----------
        column : str
        kept : ndarray of shape (levels + 1,), bool
            Missing is last.
        """
        name = f"column:{column}"
        condition = level_filter(column, kept, self._table.columns.levels(column))
        if condition is not None:
            self._state.act(actions.add_filter, id=name, **condition)
        elif self.column_filter(column) is not None:
            self._state.act(actions.remove_filter, id=name)

    def toggle_levels(self, levels: CategoricalColumn, places: slice, alone: bool) -> None:
        """Hide some levels of the colour's column, or show them again.

        Parameters
        ----------
        levels : CategoricalColumn
            Of the column by which the map is coloured.
        places : slice
            Which of them.
        alone : bool
            Show only these, or all again.
        """
        column = self._state.document.color.column
        if column is None:
            return
        toggled = np.zeros(len(levels.labels) + 1, np.bool_)
        toggled[places] = True
        kept = kept_levels(self.column_filter(column), levels)
        if alone:
            kept = np.ones_like(toggled) if np.array_equal(kept, toggled) else toggled
        else:
            kept = kept & ~toggled if kept[toggled].any() else kept | toggled
        self.filter_levels(column, kept)

    def selection(self) -> Selection | None:
        """Return the selected rows inside the population, None when nothing is selected."""
        definition = self._state.document.selection
        if definition is None:
            return None
        try:
            self._resolver.rows_of(definition)
        except ExplorerError as error:
            self._note(str(error))
            return None
        return self._resolver.rows_of(_all_of([definition, *self._conditions()]))

    def subset(self, which: Literal["shown", "selected"]) -> RowSubset | None:
        """Return the rows that the filters leave, or the selected ones of them, to be mapped.

        They are kept where a worker finds them. None where no filter is on: all rows are shown.

        Raises
        ------
        SelectionError
            When no row is selected.
        """
        parts = self._conditions()
        if which == "selected":
            chosen = self.selection()
            if chosen is None or self._state.document.selection is None:
                raise SelectionError("no row is selected: select the rows that are to be mapped")
            parts = [self._state.document.selection, *parts]
        if not parts:
            return None
        return self._kept(_all_of(parts), which)

    def keep(self, subset: RowSubset) -> None:
        """Keep the rows of an earlier choice where a worker finds them, if they are not kept.

        Raises
        ------
        SelectionError
            When the same choice gives other rows today.
        ExplorerError
            When it cannot be made here: a column, a map or a saved selection is missing.
        """
        cache, num_rows = self._table.columns.cache, self._table.num_rows
        if read_rows(cache, subset, num_rows) is None:
            chosen = self._resolver.rows_of(subset.definition)
            subset.check(chosen.mask, self._table.fingerprint)
            keep_rows(cache, chosen, subset)

    def is_part_of(self, rows: RowSubset, others: RowSubset) -> bool:
        """Say whether all of these rows are among others that were chosen before."""
        cache, num_rows = self._table.columns.cache, self._table.num_rows
        mine, theirs = (read_rows(cache, subset, num_rows) for subset in (rows, others))
        return mine is not None and theirs is not None and bool(theirs[mine].all())

    def _kept(self, definition: Definition, which: str) -> RowSubset:
        chosen = self._resolver.rows_of(definition)
        subset = RowSubset.of(chosen, f"{chosen.count():,} {which}", definition)
        keep_rows(self._table.columns.cache, chosen, subset)
        return subset

    def clear_selection(self) -> None:
        """Select nothing."""
        self._state.act(actions.select, selection=None)

    def invert_selection(self) -> None:
        """Select the rows that are not selected."""
        self._state.act(actions.invert_selection)

    def filter_to_selection(self) -> None:
        """Turn the selection into a filter: only its rows are shown."""
        definition = self._state.document.selection
        if definition is not None:
            self._state.act(
                actions.add_filter, id=f"rows:{key_of(definition)[:12]}", rows=definition
            )
            self.clear_selection()

    def save_selection(self, name: str, author: str = "") -> SavedSelection:
        """Save the selected rows, within the filters of this moment; see `SavedSelections.save`.

        May be called from any thread; to select what was saved is another step, for the thread that
        changes the state.
        """
        selection = self.selection()
        if selection is None:
            raise SelectionError("no row is selected: select the rows that are to be saved")
        return self._table.selections.save(selection, name, author)

    def _conditions(
        self, without: str | None = None, without_filter: str | None = None
    ) -> list[Definition]:
        """Return the definitions of the filters that are on and can be evaluated."""
        parts = [
            entry.definition
            for entry in self._state.document.active_filters
            if (without is None or column_of(entry) != without) and entry.id != without_filter
        ]
        return [definition for definition in parts if self._has_map(definition)]

    def _has_map(self, definition: Definition) -> bool:
        try:
            self._resolver.rows_of(definition)
        except (EmbeddingError, SelectionError) as error:
            self._note(str(error))
            return False
        return True


def _all_of(parts: list[Definition]) -> Definition:
    return parts[0] if len(parts) == 1 else {"and": parts}
