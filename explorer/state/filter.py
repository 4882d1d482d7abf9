"""Filter: a condition that hides rows, and whether it is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from explorer.state.convert import as_json, need
from explorer.state.definition import FORMS, Definition, is_definition

__all__ = ["Filter"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """One condition, in one of four forms: it hides all other rows while it is on.

    Attributes
    ----------
    id : str
    on : bool
    expression : str or None
    column : str or None
        With `levels` or `range`.
    levels : tuple of (str or None), or None
        Values that stay; None among them stands for missing.
    range : (float, float) or None
        Closed at both ends.
    rows : mapping or None
        Definition of a selection.
    """

    id: str
    on: bool = True
    expression: str | None = None
    column: str | None = None
    levels: tuple[str | None, ...] | None = None
    range: tuple[int | float, int | float] | None = None
    rows: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        definition = self.definition
        expected = f"{FORMS}, or such a definition as rows"
        need(is_definition(definition), "a filter", expected, definition)

    @property
    def definition(self) -> Definition:
        """The definition of the rows that stay."""
        values = {
            name: value
            for name in ("expression", "column", "levels", "range", "rows")
            if (value := getattr(self, name)) is not None
        }
        rows: Definition = (
            values["rows"] if set(values) == {"rows"} else as_json(values, "a filter")
        )
        return rows
