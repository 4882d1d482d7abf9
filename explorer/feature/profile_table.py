"""Profile table: a line a feature, as wide as the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.command_line.text_table import MOST_LINES, Column, padded, printable, width_of
from explorer.core.gettext import _
from explorer.core.number_format import NONE
from explorer.profile.report.feature_row import FeatureRow, feature_row, report_title, rows_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["profile_table"]

_GAP = 2
# What gives way when the terminal is narrow, in this order, and how far: one long name must not
# cost the notes.
_GIVING_WAY = (
    ("notes", 24), ("feature", 20), ("gaussian", 12), ("notes", 12), ("feature", 12), ("notes", 0),
    ("gaussian", 8),
)  # fmt: skip
_WIDEST = {"notes": 60, "gaussian": 40, "feature": 32}


def profile_table(document: Mapping[str, Any], width: int) -> Iterator[str]:
    """Write the profile of a table, given as JSON, line by line.

    Parameters
    ----------
    document : mapping
    width : int
        Columns of the terminal; where the plain figures alone need more, lines are longer.

    Yields
    ------
    str
        At most `MOST_LINES` features, then how many more there are and how to see them.
    """
    table, features = document["table"], document["features"]
    yield (
        f"{report_title(document)}: {table.get('rows') or 0:,} rows × "
        f"{table.get('columns') or 0:,} columns, {rows_text(document)}"
    )
    rows = [feature_row(feature) for feature in features[:MOST_LINES]]
    cells = {
        column.head: [column.head, *(printable(column.cell(row)) for row in rows)]
        for column in _COLUMNS
    }
    widths = _fitted(cells, width)
    fitted = [
        [padded(cell, widths[column.head], right=not column.is_text) for cell in cells[column.head]]
        for column in _COLUMNS
        if widths[column.head]
    ]
    for line in zip(*fitted, strict=True):
        yield (" " * _GAP).join(line).rstrip()
    if len(features) > MOST_LINES:
        yield _("… and {count:,} more: --json or --html").format(count=len(features) - MOST_LINES)


def _grade(row: FeatureRow) -> str:
    return f"{row.grade}: {row.reasons[0]}" if row.grade and row.reasons else row.grade


_COLUMNS: tuple[Column[FeatureRow], ...] = (
    Column("feature", lambda row: row.name, is_text=True),
    Column("kind", lambda row: row.kind, is_text=True),
    Column("missing", lambda row: row.missing_text),
    Column("distinct", lambda row: row.distinct),
    Column("mean", lambda row: row.mean),
    Column("sd", lambda row: row.std),
    Column("gaussian", _grade, is_text=True),
    Column("far", lambda row: "" if row.far_text == NONE else row.far_text),
    Column("notes", lambda row: " · ".join(row.notes), is_text=True),
)


def _fitted(cells: Mapping[str, Sequence[str]], width: int) -> dict[str, int]:
    """Return the width of each column: as wide as its cells, less in a narrow terminal.

    0 leaves a column out.
    """
    wanted = {head: max(map(width_of, column)) for head, column in cells.items()}
    wanted |= {head: min(wanted[head], most) for head, most in _WIDEST.items()}
    over = sum(wanted.values()) + _GAP * (len(wanted) - 1) - width
    for head, least in _GIVING_WAY:
        given = min(max(over, 0), max(0, wanted[head] - least))
        wanted[head], over = wanted[head] - given, over - given
    # a stump says nothing
    return {
        head: size if head not in _WIDEST or size >= min(8, len(head)) else 0
        for head, size in wanted.items()
    }
