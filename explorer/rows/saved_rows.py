"""Saved selections on the page: what is listed, and requests, done one after the other."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError, SelectionError
from explorer.core.gettext import _
from explorer.rows.task_card import TaskCard
from explorer.session.rows.selection_resolver import describe_definition
from explorer.state import actions
from explorer.ui.ago import ago

if TYPE_CHECKING:
    from explorer.selection.saved_selection import SavedSelection

__all__ = ["SavedRowsCard"]


class SavedRowsCard(TaskCard):
    """The saved selections of a table."""

    _became: tuple[Any, str] | None = None  # what was saved last, and as what

    def shown(self) -> dict[str, Any]:
        """Return what is saved as plain JSON.

        There is nothing before a large file was read through to name its rows.
        """
        if self._table.source.slow_to_hash:
            return {**self.status(), "listed": [], "trouble": []}
        saved = self._table.selections
        present = self._state.document.selection or {}
        listed = [
            {
                "id": entry.id,
                "name": entry.name,
                "count": entry.count,
                "words": self._words(entry),
                "on": entry.id == present.get("saved"),
            }
            for entry in saved.listed()
        ]
        return {**self.status(), "listed": listed, "trouble": saved.trouble}

    def save(self, name: str, author: str) -> None:
        """Save the selected rows of this moment, and select them by what was saved."""
        chosen = self._state.document.selection

        def work() -> None:
            present = self._state.document.selection
            # saving has made it a saved one: the same rows, which may be asked for twice
            if present != chosen and (chosen, (present or {}).get("saved")) != self._became:
                raise SelectionError(
                    "the selection has changed meanwhile: look at it and save it again"
                )
            saved = self._rows.save_selection(name, self._user or author)
            self._became = chosen, saved.id
            self._schedule(partial(self._pick_new, saved.id))

        self._tasks.submit(work)

    def pick(self, name: str, mode: actions.SelectMode) -> None:
        """Select what is saved under an id, or combine it with the present selection."""
        selection = self._table.selections.find(name)
        self._state.act(
            actions.select, selection={"saved": selection.id, "name": selection.name}, mode=mode
        )

    def rename(self, name: str, new: str) -> None:
        """Give a saved selection another name."""
        self._tasks.submit(lambda: self._table.selections.rename(name, new))

    def remove(self, name: str) -> None:
        """Remove a saved selection for everybody."""
        self._tasks.submit(lambda: self._table.selections.remove(name))

    def _pick_new(self, name: str) -> None:
        with suppress(ExplorerError):  # somebody may have removed it meanwhile
            self.pick(name, "replace")

    def _words(self, entry: SavedSelection) -> str:
        """Say how a selection was made, when and by whom."""
        made = describe_definition(dict(entry.definition), self._label)
        who = entry.author or _("no name")
        return _("{made}\n{count:,} rows · {who} · {time}").format(
            made=made, count=entry.count, who=who, time=ago(time.time() - entry.time)
        )

    def _label(self, column: str) -> str:
        features = self._table.features
        return features[column].label if column in features else column
