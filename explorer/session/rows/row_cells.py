"""Cells of a table of rows, in few words: the unit stands in the head of the column."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.features.kind import Feature

__all__ = ["format_cell", "format_value"]

_LONGEST = 240  # characters that the page is sent of a cell
_LISTED = 4  # numbers of a vector


def format_cell(cell: Any, feature: Feature) -> str | None:
    """Write a cell without its unit; None for one that is missing, or stands for missing."""
    if (
        cell is None
        or cell != cell
        or (isinstance(cell, int | float | str) and cell in feature.sentinels)
    ):
        return None
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return (
            f"{cell:.4g}"
            if abs(cell) < 1e6
            else f"{cell:,.0f}"
            if abs(cell) < 1e15
            else f"{cell:.4g}"
        )
    if isinstance(cell, list):
        listed = ", ".join(
            f"{number:.4g}" if isinstance(number, float) else str(number)
            for number in cell[:_LISTED]
        )
        return f"[{listed}{', …' if len(cell) > _LISTED else ''}]"
    text = "(empty)" if cell == "" else str(cell)
    text = text.removesuffix(" 00:00:00") if isinstance(cell, datetime) else text
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def format_value(value: Any, feature: Feature) -> str:
    """Write a cell with its unit; a missing one as a dash."""
    if value is None or value != value:
        return "–"
    if isinstance(value, float):
        value = f"{value:.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return f"{value} {feature.unit}".strip()
