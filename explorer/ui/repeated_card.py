"""Rows that seem to belong together, in words, with the unit that is proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.stats.repeated import INDEPENDENT, INDEPENDENT_TOO

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.stats.repeated import RepeatedRows

__all__ = ["other_notes", "repeated_card", "units_offered"]


def repeated_card(repeated: RepeatedRows | None) -> dict[str, Any]:
    """Return what was seen, the proposed unit, and how to decline it; empty without repeats."""
    if repeated is None or not repeated.matters:
        return {}
    text = _("{seen}. {until} until you choose:").format(seen=repeated.seen, until=repeated.until)
    return {
        "words": text,
        "unit": repeated.unit,
        "decline": repeated.decline,
        "independent": _("{each} are independent").format(each=repeated.each),
    }


def other_notes(notes: Iterable[str], repeated: RepeatedRows | None) -> list[str]:
    """Return the notes without what the page says with its buttons."""
    return [
        note for note in notes if repeated is None or not repeated.matters or note != repeated.words
    ]


def units_offered(units: list[list[str]]) -> list[list[str]]:
    """Return the columns that may be units, after the words that rows are independent."""
    has_independent = any(name == INDEPENDENT for name, _ in units)
    return [
        [INDEPENDENT_TOO if has_independent else INDEPENDENT, _("rows are independent")],
        *units,
    ]
