"""Timetable: the chunks of a stream, which of them are the reference, and which are judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from explorer.core.errors import ModelError
from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "FEWEST_CHUNKS",
    "FEWEST_ROWS",
    "MOST_CHUNKS",
    "Chunk",
    "RowBlock",
    "Timetable",
    "assign_reference",
]

FEWEST_ROWS = 30
"""Rows below which a chunk is shown and not judged."""

FEWEST_CHUNKS = 3
"""Chunks of a reference below which nobody can say how much chunks differ among themselves."""

MOST_CHUNKS = 10_000
"""Chunks, empty ones too, beyond which a longer stretch is asked for."""

# Chunks, a quarter of a year of weeks: of fewer one can hardly tell how alike chunks are that
# follow each other.
_REFERENCE = 13
# Share of the median rows below which the first and the last stretch of time are taken to be cut
# short.
_CUT = 0.5


@dataclass(frozen=True)
class RowBlock:
    """Rows that were read together.

    Parameters
    ----------
    first : int
        Row of the table of the first one.
    times : ndarray of shape (n,), float64
        Seconds since 1970-01-01 UTC, or any numbers that rise; NaN where missing.
    kept : ndarray of shape (n,), bool
        Rows that are read at all.
    reference : ndarray of shape (n,), bool
        Rows of a reference that was named; none where it is the earliest chunks.
    """

    first: int
    times: NDArray[np.float64]
    kept: NDArray[np.bool_]
    reference: NDArray[np.bool_]


@dataclass(frozen=True)
class Chunk:
    """Rows that are looked at together.

    Parameters
    ----------
    label : str
    start, end : float
        Of its times: closed below, and open above for stretches of time, closed for so many rows.
    rows : int
    reference : bool
    judged : bool
        Whether it is compared, or helps to say what is usual.
    note : str
        Why it is not judged; empty where it is.
    season : int
        Which of the seasons that come again it lies in.
    """

    label: str
    start: float
    end: float
    rows: int
    reference: bool = False
    judged: bool = True
    note: str = ""
    season: int = 0


class Timetable(Protocol):
    """What says to which chunk a row belongs."""

    chunks: tuple[Chunk, ...]
    notes: list[str]

    def codes(self, block: RowBlock) -> NDArray[np.int32]:
        """Return the chunk of each row, −1 for none.

        Blocks come in the order of the table, each once, from the first.
        """
        ...


def assign_reference(chunks: Sequence[Chunk], named: bool, cut: bool) -> tuple[Chunk, ...]:
    """Say which chunks are judged, and which are the reference where none was named.

    The reference is then the earliest quarter of the judged chunks, and 13 of them at least, but
    never more than half.

    Parameters
    ----------
    chunks : sequence of Chunk
        In the order of time.
    named : bool
        Whether the reference was named, and is marked already.
    cut : bool
        Whether the first and last chunk may be cut short, as stretches of time are.

    Raises
    ------
    ModelError
        When there is nothing to compare, or nothing to compare it with.
    """
    marked = [_marked(chunk, *_fault(chunk, i, chunks, cut)) for i, chunk in enumerate(chunks)]
    judged = [i for i, chunk in enumerate(marked) if chunk.judged]
    if not named:
        several = min(max(-(-len(judged) // 4), _REFERENCE), len(judged) // 2)
        last = judged[several - 1] if several else -1
        marked = [
            replace(chunk, reference=True) if i <= last else chunk for i, chunk in enumerate(marked)
        ]
    _check(marked, named)
    return tuple(marked)


def _fault(chunk: Chunk, place: int, chunks: Sequence[Chunk], cut: bool) -> tuple[bool, str]:
    if not chunk.rows:
        return False, _("no rows")
    if chunk.rows < FEWEST_ROWS:
        return False, _("{rows:,} rows, fewer than {fewest_rows}").format(
            rows=chunk.rows, fewest_rows=FEWEST_ROWS
        )
    usual = float(np.median([chunk.rows for chunk in chunks if chunk.rows]))
    if cut and place in (0, len(chunks) - 1) and chunk.rows < _CUT * usual:
        return False, _("{rows:,} rows of usually {usual:,.0f}: the period is incomplete").format(
            rows=chunk.rows, usual=usual
        )
    return True, ""


def _marked(chunk: Chunk, judged: bool, note: str) -> Chunk:
    return replace(chunk, judged=judged, note=note)


def _check(chunks: Sequence[Chunk], named: bool) -> None:
    judged = [chunk for chunk in chunks if chunk.judged]
    if not any(chunk.reference for chunk in judged):
        text = _("the reference that was named has") if named else _("there are")
        if len(judged) == 1 and not named:
            raise ModelError(
                f"all rows but a few lie in one chunk, {judged[0].label}, and two are needed: "
                "choose shorter chunks"
            )
        raise ModelError(
            f"{text} too few rows: a chunk needs {FEWEST_ROWS} rows to be judged, "
            "and two chunks are needed; choose longer chunks"
        )
    if all(chunk.reference for chunk in judged):
        raise ModelError(
            "all rows are of the reference: nothing is left to be compared with it; "
            "name a shorter one"
        )
