"""Select rows of a table by an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.rows import selection

if TYPE_CHECKING:
    from explorer.rows.selection import Selection
    from explorer.workbench.table import Table

__all__ = ["where"]


def where(table: Table, expression: str) -> Selection:
    """Select the rows for which an expression is true.

    Parameters
    ----------
    table : Table
    expression : str
        The WHERE part of SQL over columns and literals: comparison, and/or/not, in, between, like, is null, arithmetic.
        Sentinels of the catalogue are null.

    Returns
    -------
    Selection
        Over all rows of the table; ``~`` is the complement there.

    Raises
    ------
    ExpressionError
        If it cannot be parsed or evaluated.
    UnknownName
        If a column does not exist, with the nearest one.
    """
    sentinels = {name: feature.sentinels for name, feature in table.features.items() if feature.sentinels}
    found = selection.where(table.source, expression, sentinels)
    through = table.labels.seen_through(found.seen)
    if not through:
        return found
    # rows that were labelled on a map were chosen by what drew the map
    seen = {**through, **found.seen}
    return selection.Selection(found.mask, found.fingerprint, found.definition, table.source, seen)
