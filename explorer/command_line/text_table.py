"""Text tables for a terminal: columns of text, then figures, then a note that may be cut."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["MOST_LINES", "Column", "padded", "printable", "shortened", "text_table", "width_of"]

RowT = TypeVar("RowT")

MOST_LINES = 200  # a convention: more is for a file
_NAME = 28
_FEWEST = 12  # columns of the terminal that a note has at least


@dataclass(frozen=True)
class Column(Generic[RowT]):
    """A column of a text table.

    Parameters
    ----------
    head : str
    cell : callable
        Writes the cell of a row.
    is_text : bool
        Text stands on the left of its column and is cut where it is long; figures on the right.
    """

    head: str
    cell: Callable[[RowT], str]
    is_text: bool = False

    def cells(self, rows: Iterable[RowT]) -> list[str]:
        """Return the head and the cells, all of one width."""
        cells = [self.head, *map(self.cell, rows)]
        if self.is_text:
            cells = [shortened(printable(cell), _NAME) for cell in cells]
        widest = max(map(width_of, cells))
        return [padded(cell, widest, right=not self.is_text) for cell in cells]


def text_table(
    columns: Sequence[Column[RowT]],
    rows: Sequence[RowT],
    width: int,
    *,
    note: Callable[[RowT], str] = lambda _: "",
    note_head: str = "",
    most: int = MOST_LINES,
    more: str = "more: --json or --out",
) -> Iterator[str]:
    """Write a line a row, below a line of heads.

    Parameters
    ----------
    columns : sequence of Column
    rows : sequence
    width : int
        Columns of the terminal.
    note : callable
        Writes what stands at the end of a row's line; what is beyond the terminal is cut.
    note_head : str
    most : int
        Rows that are written.
    more : str
        What is said of the others, after their number.

    Yields
    ------
    str
    """
    shown = rows[:most]
    lines = list(zip(*(column.cells(shown) for column in columns), strict=True))
    room = max(width - sum(width_of(cell) + 2 for cell in lines[0]), _FEWEST)
    for line, text in zip(lines, [note_head, *map(note, shown)], strict=True):
        yield "  ".join([*line, shortened(printable(text), room)]).rstrip()
    if len(rows) > most:
        yield f"… and {len(rows) - most:,} {more}"


def padded(text: str, width: int, *, right: bool) -> str:
    """Fill a text with spaces up to a width; cut it where it is wider."""
    text = shortened(text, width)
    gap = " " * (width - width_of(text))
    return gap + text if right else text + gap


def width_of(text: str) -> int:
    """Return the terminal columns of a text: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def shortened(text: str, width: int) -> str:
    """Cut a text to a width, with "…" where something is cut."""
    if width_of(text) <= width:
        return text
    kept = text[: max(0, width - 1)]
    while kept and width_of(kept) > width - 1:
        kept = kept[:-1]
    return kept + "…" if width > 0 else ""


def printable(text: str) -> str:
    """Replace control characters: a line break or an escape sequence in a name must not act."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
