"""Whether the selected rows of the map are neighbours in its features too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.embedding.lasso_trust import LassoTrust, lasso_trust
from explorer.embedding.reference import Reference, reference_of
from projections.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.embedding.embedding import Embedding
    from explorer.selection.selection import Selection
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["SelectionTrust"]

_KEPT_CELLS = 32_000_000  # of a matrix in float32: 128 MB, kept for the next selection


class SelectionTrust:
    """Judges the selections of one session; see `explorer.embedding.lasso_trust`.

    Parameters
    ----------
    table : Table
    embedding, selection : callable
        Return what is shown and selected now; None where nothing is.
    """

    def __init__(
        self,
        table: Table,
        embedding: Callable[[], Embedding | None],
        selection: Callable[[], Selection | None],
    ) -> None:
        self._table, self._embedding, self._selection = table, embedding, selection
        self._kept: tuple[Embedding, Reference] | None = None

    def judge(self, wanted: Callable[[], bool] = lambda: True) -> LassoTrust | None:
        """Judge the present selection on the map shown, in a thread.

        None when ``wanted`` said that nobody waits any more.

        Parameters
        ----------
        wanted : callable
            Asked from time to time.

        Returns
        -------
        LassoTrust
            Without a verdict, and why in its words, where there is no map, nothing is selected, or
            no features are behind the map.
        """
        embedding, chosen = self._embedding(), self._selection()
        if embedding is None or chosen is None:
            what = _("There is no map yet.") if embedding is None else _("Nothing is selected.")
            return LassoTrust(verdict="", words=what)

        def progress(_stage: str, _done: int, _total: int) -> bool:
            return wanted()

        try:
            source, cache = self._table.source, self._table.columns.cache
            reference = self._reference(embedding, progress)
            return lasso_trust(
                source, embedding, chosen.mask, cache, reference=reference, progress=progress
            )
        except Cancelled:
            return None
        except ExplorerError as error:
            return LassoTrust(verdict="", words=str(error))

    def _reference(self, embedding: Embedding, progress: Progress) -> Reference:
        """Return the rows of the map shown that others are compared with; read once."""
        kept = self._kept
        if kept is not None and kept[0] is embedding:
            return kept[1]
        table = self._table
        reference = reference_of(table.source, embedding, table.columns.cache, progress=progress)
        if reference.X.size <= _KEPT_CELLS:
            self._kept = embedding, reference
        return reference
