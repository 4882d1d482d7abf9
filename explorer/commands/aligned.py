"""Aligned: lines of cells side by side on a terminal, the first column to the left, figures to the right, a note at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.commands.profile_table import printable, shortened, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["aligned"]

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
    shown = [[*(shortened(printable(one), _NAME) for one in line[:names]), *line[names:]] for line in lines]
    wide = [max(width_of(line[i]) for line in shown) for i in range(len(shown[0]))]
    room = max(width - sum(wide) - 2 * len(wide), _FEWEST)
    for line, note in zip(shown, ["", *notes], strict=True):
        gaps = [" " * (most - width_of(cell)) for most, cell in zip(wide, line, strict=True)]
        cells = [
            cell + gap if i < names else gap + cell
            for i, (cell, gap) in enumerate(zip(line, gaps, strict=True))
        ]
        yield "  ".join([*cells, shortened(printable(note), room)]).rstrip()
