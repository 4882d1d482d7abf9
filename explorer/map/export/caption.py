"""Caption: which rows are drawn, and everything that made the map, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.embedding.description import (
    features_in_words,
    method_in_words,
    reading_in_words,
    whole_quality_in_words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Drawn", "caption_of"]


@dataclass(frozen=True)
class Drawn:
    """Every row of the table, in exactly one of four places, and how it was chosen.

    Parameters
    ----------
    table : str
        Name of the table.
    rows : int
        Of the table: the sum of the next four.
    in_view, outside, hidden, without : int
        Drawn; shown but outside the viewport; hidden by a filter; without coordinates on this map.
    coloured : int, optional
        Of those in view, the selected ones: the others are grey. None without a selection.
    selected, filtered : str
        What chose them, in words.
    """

    table: str
    rows: int
    in_view: int
    outside: int
    hidden: int
    without: int
    coloured: int | None = None
    selected: str = ""
    filtered: str = ""


def caption_of(
    drawn: Drawn,
    provenance: Mapping[str, Any],
    scores: Mapping[str, Any],
    notes: Sequence[str] = (),
    date: str = "",
) -> tuple[str, ...]:
    """Write the caption of a figure, a paragraph each: rows, method, features, quality, program.

    Parameters
    ----------
    drawn : Drawn
    provenance, scores : mapping
        Of the embedding; empty where nobody knows what made the map.
    notes : sequence of str
        More that the reader must know.
    date : str
        Of the picture; none by default, so that equal maps have equal files.
    """
    ready = (provenance.get("method") or {}).get("name") == "columns"
    if ready:
        how_made = _("The coordinates are columns of the table.")
    elif provenance.get("method"):
        parts = map(_sentence, (method_in_words(provenance), features_in_words(provenance)))
        how_made = " ".join(filter(None, parts))
    else:
        how_made = _("It is not known how this map was made.")
    quality = _sentence(whole_quality_in_words(provenance, scores))
    reading = "" if ready else reading_in_words(provenance)
    sentences = [
        _rows(drawn),
        how_made,
        f"{quality} {reading}".strip(),
        *map(_sentence, notes),
        _program(date),
    ]
    return tuple(filter(None, sentences))


def _rows(drawn: Drawn) -> str:
    text = (
        _(
            "{rows:,} rows of {table} = {in_view:,} in view + {outside:,} outside + "
            "{hidden} + {without:,} without coordinates."
        )
        if drawn.table
        else _(
            "{rows:,} rows = {in_view:,} in view + {outside:,} outside + "
            "{hidden} + {without:,} without coordinates."
        )
    )
    hidden = (
        _("{count:,} hidden (shown: {filters})")
        if drawn.filtered and drawn.hidden
        else _("{count:,} hidden")
    )
    account = text.format(
        rows=drawn.rows,
        table=drawn.table,
        in_view=drawn.in_view,
        outside=drawn.outside,
        hidden=hidden.format(count=drawn.hidden, filters=drawn.filtered),
        without=drawn.without,
    )
    if drawn.coloured is None:
        return account
    colours = (
        _("In colour: {count:,} selected ({selection}); grey: {others:,} others in view.")
        if drawn.selected
        else _("In colour: {count:,} selected; grey: {others:,} others in view.")
    ).format(count=drawn.coloured, selection=drawn.selected, others=drawn.in_view - drawn.coloured)
    return f"{account} {colours}"


def _sentence(text: str) -> str:
    end = "" if text.endswith((".", "?", "!")) else "."
    return text[:1].upper() + text[1:] + end if text else ""


def _program(date: str) -> str:
    from explorer._version import __version__

    return f"Explorer {__version__}{f', {date}' if date else ''}."
