"""The drift that a session reads from its table, and how much rows look like the new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ModelError
from explorer.core.gettext import _
from explorer.drift.analysis.drift import Drift
from explorer.drift.compute import drift
from explorer.session.maps.layers import RowValues
from explorer.session.model_analysis import ModelAnalysis
from explorer.state.model_settings import DriftSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.session.session import Session
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["DriftController"]

_NEEDED = {"time": _("name the column of times")}
_TITLE = _("Looks like after the reference")
_WORDS = _(
    "How much a row looks like those after the reference: "
    "1 like these, 0 like the reference, ½ like both, by a classifier."
)


class DriftController(ModelAnalysis[DriftSettings, Drift]):
    """The drift of a session. `compute` and `likely` take a while and are called from a thread.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__(
            session.table,
            session.state,
            session.rows,
            lambda models: models.drift,
            _read,
            _NEEDED,
        )
        self._layers = session.layers
        self.probability: NDArray[np.float32] | None = None

    def likely(self, progress: Progress | None = None) -> NDArray[np.float32]:
        """Compute how much each row looks like those after the reference, for the map.

        Returns (num_rows,) float32, which is kept.

        Parameters
        ----------
        progress : callable, optional
            Called with "rows", and rows done and to do; where it returns False, `Cancelled` is
            raised.

        Raises
        ------
        ExplorerError
            Before a drift was computed, or where there are too few rows.
        """
        if self.found is None:
            raise ModelError("compute the drift first")
        self.probability = self.found.probability(progress)
        self._layers.put("drift", RowValues(_TITLE, _WORDS, self.probability))
        return self.probability

    def rows_of_chunk(self, place: int) -> dict[str, Any]:
        """Return the definition of the rows in a chunk, as the state selects them.

        By their times, of all rows of the table.

        Raises
        ------
        ModelError
            Without such a chunk, or without rows in it.
        """
        result = self.found
        if result is None or not 0 <= place < len(result.timetable):
            raise ModelError("there is no such chunk: compute the drift again")
        chunk = result.timetable[place]
        if not chunk.rows:
            raise ModelError(f"{chunk.label} has no rows")
        # stretches of time are open above; a range of the state is closed
        last = (
            chunk.end
            if result.chunk.endswith("rows")
            else float(np.nextafter(chunk.end, chunk.start))
        )
        rows = {"column": result.time, "range": [chunk.start, last]}
        inside = self.settings.reference
        if not inside:
            return rows
        named = {"expression": inside}
        return {"and": [rows, named if chunk.reference else {"not": named}]}


def _read(table: Table, **settings: Any) -> Drift:
    return drift(table, **settings)
