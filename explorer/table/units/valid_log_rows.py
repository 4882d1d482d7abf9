"""ValidLogRows: outcomes, propensities and positions in the rows of a log, as numbers.

What cannot be read is said in a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.core.errors import ModelError
from explorer.core.gettext import _
from explorer.table.blocks import numbers_in
from explorer.table.units.unit_codes import filter_text, row_mask, unit_codes
from projections.errors import report

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from explorer.selection.selection import Selection
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["ValidLogRows", "check_names"]


def _numbers_of(table: Table, name: str, what: str) -> NDArray[np.float64]:
    """Return a column of numbers, or of yes and no; `ModelError` for any other."""
    feature = table.features[name]
    # positions that are all different look like an identifier, and are numbers all the same
    held = table.source.schema.field(name).type
    plain = pa.types.is_integer(held) or pa.types.is_floating(held)
    if (
        feature.kind != "boolean"
        and not plain
        and (feature.kind == "temporal" or not table.columns.is_number(name))
    ):
        raise ModelError(
            f"{what} is a column of numbers, or of yes and no; {name!r} is {feature.kind}"
        )
    return numbers_in(feature, table.source.uncached_column(name))


def check_names(table: Table, name: str, what: str) -> None:
    """Refuse a column whose cells name nothing: vectors.

    Parameters
    ----------
    table : Table
    name : str
    what : str
        What it is to name, in the user's word: "item", "unit".
    """
    if table.features[name].kind == "vector":
        raise ModelError(
            f"{name!r} holds vectors and names no {what}: choose a column of names or numbers"
        )


class ValidLogRows:
    """Which rows of a table are read; every reason to leave some out is counted in words.

    Parameters
    ----------
    table : Table
    where : Selection, bool array or expression, optional
    columns : int
        How many are to be read.
    progress : callable, optional
        Called with "columns", and those read and to be read.

    Attributes
    ----------
    mask : ndarray of shape (num_rows,), bool
    notes : list of str
    """

    def __init__(
        self,
        table: Table,
        where: Selection | ArrayLike | str | None = None,
        columns: int = 0,
        progress: Progress | None = None,
    ) -> None:
        self._table, self._progress, self._columns = table, progress, columns
        self._read = 0
        report(progress, "columns", 0, columns)
        given = row_mask(table, where)
        self.mask = np.ones(table.num_rows, np.bool_) if given is None else given.copy()
        self.notes: list[str] = []
        if given is not None:
            self.notes.append(
                _("{count:,} of {total:,} rows are read: {filters}").format(
                    count=int(given.sum()), total=table.num_rows, filters=filter_text(where)
                )
            )

    def drop(self, rows: NDArray[np.bool_], reason: str) -> int:
        """Leave out some rows; say how many are gone, if any are. Return how many."""
        lost = int((rows & self.mask).sum())
        if lost:
            self.mask &= ~rows
            self.notes.append(f"{lost:,} {reason}")
        return lost

    def read(self) -> None:
        """Take note that one more column was read.

        Raises
        ------
        Cancelled
            When ``progress`` returned False.
        """
        self._read += 1
        report(self._progress, "columns", self._read, self._columns)

    def values(self, name: str, what: str) -> NDArray[np.float64]:
        """Read a column of numbers, or of yes and no, and leave nothing out.

        Parameters
        ----------
        name : str
        what : str
            What it is read as, in the user's word: "outcome", "position".

        Returns
        -------
        ndarray of shape (num_rows,), float64
            NaN where missing.
        """
        result = _numbers_of(self._table, name, what)
        self.read()
        return result

    def numbers(self, name: str, what: str) -> NDArray[np.float64]:
        """Read a column of numbers, and leave out the rows where it is missing or infinite."""
        values = self.values(name, what)
        missing = self.drop(
            np.isnan(values), _("rows without {column} are left out").format(column=name)
        )
        self.drop(
            np.isinf(values), _("rows with an infinite {column} are left out").format(column=name)
        )
        if missing:
            self.never_no(name, values)
        return values

    def never_no(self, name: str, values: NDArray[np.float64]) -> None:
        """Say where an outcome is never 0 and missing in some rows.

        An empty cell may have meant no.

        Parameters
        ----------
        name : str
        values : ndarray of shape (num_rows,), float64
        """
        used = values[self.mask]
        if used.size and float(used.min()) > 0:
            self.notes.append(
                _(
                    "! {column} is never 0: where an empty cell means no, these figures are of the "
                    "others alone; write 0 there, and read again"
                ).format(column=name)
            )

    def units(self, name: str | None) -> tuple[NDArray[np.int32] | None, int]:
        """Read the column of units and number them, and leave out the rows without one.

        None without a column.
        """
        if name is None:
            return None, self._table.num_rows
        check_names(self._table, name, _("unit or list"))
        units, n = unit_codes(self._table, name)
        self.read()
        self.drop(units < 0, _("rows without {column} are left out").format(column=name))
        return units, n

    def check(self, what: str) -> None:
        """Refuse to go on without rows."""
        if not self.mask.any():
            reasons = "; ".join(self.notes) or _("the table has none")
            raise ModelError(f"no row is left to read for {what}: {reasons}")
