"""What a view of models has read from the table, and whether it is still asked for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from explorer.core.cache import key_of
from explorer.core.errors import ModelError
from explorer.state.convert import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.session.rows.row_selection import RowSelection
    from explorer.state.model_settings import ModelSettings
    from explorer.state.state import State
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["ModelAnalysis"]

Settings = TypeVar("Settings")
Found = TypeVar("Found")


class ModelAnalysis(Generic[Settings, Found]):
    """What one view of models reads. `compute` takes a while and is called from a thread.

    Parameters
    ----------
    table : Table
    state : State
    rows : RowSelection
    section : callable
        From the settings of all models to those of this view.
    read : callable
        ``read(table, where=rows that the filters leave, **settings)`` → what was found; the
        settings but for what is looked at.
    needed : mapping of str to str
        Options without which nothing can be read, and the words that ask for them.
    """

    def __init__(
        self,
        table: Table,
        state: State,
        rows: RowSelection,
        section: Callable[[ModelSettings], Settings],
        read: Callable[..., Found],
        needed: Mapping[str, str],
    ) -> None:
        self._table, self._state, self._rows = table, state, rows
        self._section, self._read, self._needed = section, read, needed
        self._lock = threading.Lock()
        self._held: tuple[str, Found] | None = None

    @property
    def settings(self) -> Settings:
        """How the table is read: a part of the state."""
        return self._section(self._state.document.models)

    @property
    def wanting(self) -> str:
        """What is still to be named before anything can be computed; empty when all is."""
        settings = self.settings
        return next(
            (text for name, text in self._needed.items() if not getattr(settings, name)), ""
        )

    @property
    def key(self) -> str:
        """Names what is asked for now: how, of which rows, and what the catalogue says.

        What is looked at of the result changes nothing.
        """
        return key_of([self._options, self._rows.population_key])

    @property
    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = as_json(self.settings, "settings")
        return {name: value for name, value in options.items() if name != "look"}

    @property
    def found(self) -> Found | None:
        """What was computed last, whatever was asked since; None before."""
        return None if self._held is None else self._held[1]

    def compute(self, progress: Progress | None = None) -> Found:
        """Compute what is asked for, or return it where it is there.

        Parameters
        ----------
        progress : callable, optional
            Handed on to ``read``; where it returns False, `Cancelled` is raised.

        Raises
        ------
        ExplorerError
            In words, where it cannot be read so.
        """
        with self._lock:
            key = self.key
            if self._held is None or self._held[0] != key:
                if self.wanting:
                    raise ModelError(self.wanting)
                reporting = {} if progress is None else {"progress": progress}
                result = self._read(
                    self._table, where=self._rows.population(), **self._options, **reporting
                )
                self._held = key, result
            return self._held[1]
