"""From single rows to a definition that selects them.

A definition holds no row numbers: rows are told by what names them, else by their cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.errors import FeatureError
from explorer.expressions.expression import cell_test, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from explorer.session.rows.selection_resolver import SelectionResolver
    from explorer.table.table import Table

__all__ = ["definition_of_rows"]

# Levels are said in few words on the page, but coding millions of different ones takes seconds and
# their memory.
_MOST_CODED = 500_000
_MOST_SPELT = 50  # rows told apart by their cells: the expression grows with each


def definition_of_rows(
    table: Table,
    resolver: SelectionResolver,
    rows: NDArray[np.int64],
    names: Sequence[str],
) -> dict[str, Any]:
    """Return a definition that selects given rows.

    By their identifiers, else by their title, else by their cells. Rows with the same cells in
    all of ``names`` cannot be told apart by them: then all of these are
    selected.

    Parameters
    ----------
    table : Table
    resolver : SelectionResolver
    rows : ndarray of shape (k,), int64
        Positions in the table, each once.
    names : sequence of str
        Numeric features whose cells tell rows apart where no column names them.

    Raises
    ------
    FeatureError
        No column of the table names these rows, and they are more than 50 or have no numeric cells.
    """
    for column in _naming(table):
        cells = table.source.take(rows, [column]).column(0).to_pylist()
        definition = _by_cells(table, column, cells)
        if definition and resolver.rows_of(definition).count() == len(rows):
            return definition
    plain = [name for name in names if table.features[name].kind == "numeric"]
    if not 0 < len(rows) <= _MOST_SPELT or not plain:
        raise FeatureError(
            f"no column names each of these {len(rows):,} rows: "
            "mark one as identifier in the catalogue"
        )
    return {"expression": _spelt(table, rows, plain)}


def _naming(table: Table) -> list[str]:
    """Return columns that may name rows: identifiers first, then the catalogue's title."""
    title, features = table.columns.catalogue.table.row_title, table.features
    identifiers = [
        name for name, feature in features.items() if feature.kind == "identifier" and name != title
    ]
    return [*identifiers, *([title] if title in features else [])]


def _by_cells(table: Table, column: str, cells: Sequence[object]) -> dict[str, Any]:
    """Return the rows with these cells of a column; empty where they cannot be written."""
    literals = [_literal(cell) for cell in dict.fromkeys(cells)]
    if not literals or not all(literals):
        return {}
    if table.num_rows <= _MOST_CODED and all(isinstance(cell, str) and cell for cell in cells):
        return {"column": column, "levels": list(dict.fromkeys(cells))}
    return {"expression": f"{quoted(column)} in ({', '.join(literals)})"}


def _spelt(table: Table, rows: NDArray[np.int64], names: Sequence[str]) -> str:
    cells = {name: table.columns.numbers(name)[rows].tolist() for name in names}
    tests = (
        " and ".join(cell_test(name, cells[name][k]) for name in names) for k in range(len(rows))
    )
    return " or ".join(f"({test})" for test in tests)


def _literal(cell: object) -> str:
    """Write a cell of text or a whole number for an expression; empty for any other."""
    if isinstance(cell, str):
        return "'" + cell.replace("'", "''") + "'"
    return str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else ""
