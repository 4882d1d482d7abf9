"""Base of the views with strips: counts of levels and of bins that filter and select."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from explorer.session.rows.level_filter import kept_levels
from explorer.state import actions
from explorer.ui.component import SessionComponent

__all__ = ["StripView"]


class StripView(SessionComponent):
    """What the bars of `strip_bars.js` send: filters of levels and ranges, and selections."""

    _base_styles: ClassVar[tuple[str, ...]] = ("ui/base", "ui/plots/strip_bars")
    __abstract = True

    def on_levels(self, column: str, level: str | None, on: bool) -> None:
        """Show or hide the rows of one level."""
        chosen = kept_levels(
            self._session.rows.column_filter(column), self._session.table.columns.levels(column)
        )
        chosen[self._code(column, level)] = on
        self._session.rows.filter_levels(column, chosen)

    def on_only(self, column: str, level: str | None) -> None:
        """Show the rows of one level alone."""
        chosen = np.zeros(len(self._session.table.columns.levels(column).labels) + 1, np.bool_)
        chosen[self._code(column, level)] = True
        self._session.rows.filter_levels(column, chosen)

    def on_range(self, column: str, ends: tuple[float, float] | None) -> None:
        """Keep only a range of a number, both ends inclusive, or all of it again."""
        name = f"column:{column}"
        if ends is not None:
            self._session.state.act(
                actions.add_filter, id=name, column=column, range=self._opened(column, ends)
            )
        elif self._session.rows.column_filter(column) is not None:
            self._session.state.act(actions.remove_filter, id=name)

    def on_select_level(
        self, column: str, level: str | None, mode: actions.SelectMode = "replace"
    ) -> None:
        """Select the rows of one level, or combine them with the selection."""
        rows = {"column": column, "levels": [level]}
        self._session.state.act(actions.select, selection=rows, mode=mode)

    def on_select_range(
        self, column: str, ends: tuple[float, float], mode: actions.SelectMode = "replace"
    ) -> None:
        """Select a range of a number, both ends inclusive, or combine it with the selection."""
        rows = {"column": column, "range": list(self._opened(column, ends))}
        self._session.state.act(actions.select, selection=rows, mode=mode)

    def _code(self, column: str, level: str | None) -> int:
        return self._session.table.columns.levels(column).code_of(level)

    def _opened(self, column: str, ends: tuple[float, float]) -> tuple[float, float]:
        """Take the rows beyond the bars too, where a brush reaches the end of them.

        Ends are at values of whole numbers.
        """
        summary = self._session.table.summaries[column]
        edges = self._session.table.summaries.bins(column).edges
        low, high = ends
        # bins that begin half-way between two whole numbers: "≤ 2009.5" would be read as "≤ 2010"
        if edges[0] % 1 == 0.5 and np.ceil(low) <= np.floor(high):
            low, high = float(np.ceil(low)), float(np.floor(high))
        if ends[0] <= edges[0] and summary.minimum is not None:
            low = summary.minimum
        if ends[1] >= edges[-1] and summary.maximum is not None:
            high = summary.maximum
        return low, high
