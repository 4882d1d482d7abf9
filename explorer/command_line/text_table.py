"""Text tables for a terminal: the first column to the left, figures to the right, a note below."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MOST_LINES", "aligned", "printable", "shortened", "width_of"]

MOST_LINES = 200  # a convention: more is for a file
_NAME = 28
_FEWEST = 12  # columns of the terminal that a note has at least


def aligned(
    lines: Sequence[Sequence[str]], notes: Sequence[str], width: int, names: int = 1
) -> Iterator[str]:
    """Align lines of cells.

    Parameters
    ----------
    lines : sequence of sequence of str
        The heads first; all of one length.
    notes : sequence of str
        One for each line but the heads; what is beyond the terminal is cut.
    width : int
        Columns of the terminal.
    names : int
        Columns of text, on the left; the others are figures.

    Yields
    ------
    str
    """
    shown = [
        [*(shortened(printable(one), _NAME) for one in line[:names]), *line[names:]]
        for line in lines
    ]
    wide = [max(width_of(line[i]) for line in shown) for i in range(len(shown[0]))]
    room = max(width - sum(wide) - 2 * len(wide), _FEWEST)
    for line, note in zip(shown, ["", *notes], strict=True):
        gaps = [" " * (most - width_of(cell)) for most, cell in zip(wide, line, strict=True)]
        cells = [
            cell + gap if i < names else gap + cell
            for i, (cell, gap) in enumerate(zip(line, gaps, strict=True))
        ]
        yield "  ".join([*cells, shortened(printable(note), room)]).rstrip()


def width_of(text: str) -> int:
    """Return the terminal columns of a text: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
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
    return "".join(one if one.isprintable() else "\ufffd" for one in text)
