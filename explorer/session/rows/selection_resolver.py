"""From the definition of a selection, plain JSON in the state, to the rows of the table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.cache import key_of
from explorer.core.errors import ExpressionError
from explorer.core.gettext import _
from explorer.core.memo import Memo
from explorer.core.name_list import list_names
from explorer.core.text_direction import isolated
from explorer.selection.selection import COLOURED, Selection
from explorer.table.saved_selections import saved_ids
from explorer.table.selecting import where

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.map.map import Map
    from explorer.state.definition import Definition
    from explorer.table.table import Table

__all__ = ["SelectionResolver", "describe_definition"]


_KEPT = 24  # selections of one byte a row; a session looks back at a few
_LONGEST = 160  # characters of an expression in a few words


class SelectionResolver:
    """Evaluates definitions on one table and keeps the latest results.

    Lasso and box may say under "color" by which column the map was coloured, and under "name" what
    they are called. A definition is ``{"expression": text}``, ``{"column": name, "levels":
    [...]}``, ``{"column": name, "range": [low, high]}`` (both ends inclusive), ``{"lasso": polygon,
    "embedding": key}``, ``{"box": [[x0, x1], [y0, y1]], "embedding": key}``, ``{"region": [level,
    number], "embedding": key, "version": n}``, ``{"saved": id, "name": name}``, ``{"or": [...]}``,
    ``{"and": [...]}`` or ``{"not": definition}``.

    Parameters
    ----------
    table : Table
    open_map : callable
        From the key of an embedding to its map; raises in words when it is not to be had.
    of_region : callable, optional
        From a region's definition to its rows; raises in words while they are not to be had.
    """

    def __init__(
        self,
        table: Table,
        open_map: Callable[[str], Map],
        of_region: Callable[[Definition], Selection] | None = None,
    ) -> None:
        self._table = table
        self._open_map = open_map
        self._of_region = of_region
        # the map, the counts and the table ask at once: one of them evaluates
        self._selections: Memo[str, Selection] = Memo(_KEPT, lambda _: 1)

    def rows_of(self, definition: Definition) -> Selection:
        """Return the rows a definition selects.

        Raises
        ------
        ExplorerError
            In words, when a column, an expression or a map does not exist.
        """
        # what is saved may come and go: rows of another answer to that are not these
        saved = [name for name in saved_ids(definition) if self._table.selections.has(name)]
        key = key_of([definition, self._table.columns.edit_count, saved])
        return self._selections.get(key, lambda: self._evaluate(definition))

    def _evaluate(self, definition: Definition) -> Selection:
        match definition:
            case {"expression": str(text)}:
                return where(self._table, text)
            case {"column": str(column), "levels": list(levels)}:
                return self._levels(column, levels, definition)
            case {"column": str(column), "range": [low, high]}:
                return self._made(self._table.columns.in_range(column, low, high), definition)
            case {"lasso": list(polygon), "embedding": str(key)}:
                return self._drawn(self._open_map(key).lasso(polygon), definition)
            case {"box": [x_range, y_range], "embedding": str(key)}:
                return self._drawn(self._open_map(key).box(x_range, y_range), definition)
            case {"region": [_, _], "embedding": str()} if self._of_region is not None:
                return self._of_region(definition)
            case {"saved": str(name)}:
                return self._table.selections.rows(name, definition.get("name", ""))
            case {"not": dict(inner)}:
                return ~self.rows_of(inner)
            case {"or": [first, *others]} | {"and": [first, *others]}:
                return self._joined(definition, first, others)
        raise ExpressionError(
            f"a selection of an unknown form: {definition!r}; it may come from a newer version"
        )

    def _drawn(self, selection: Selection, definition: Definition) -> Selection:
        color = definition.get("color")
        seen = selection.seen if color is None else {color: COLOURED, **selection.seen}
        seen = {**self._table.labels.seen_through(seen), **seen}
        return Selection(
            selection.mask, selection.fingerprint, definition, self._table.source, seen
        )

    def _joined(
        self, definition: Definition, first: Definition, others: list[Definition]
    ) -> Selection:
        mask, seen = self.rows_of(first).mask, self.rows_of(first).seen
        for term in others:
            operand = self.rows_of(term)
            mask = mask | operand.mask if "or" in definition else mask & operand.mask
            seen = {**operand.seen, **seen}
        return Selection(mask, self._table.fingerprint, definition, self._table.source, seen)

    def _levels(self, column: str, levels: list[Any], definition: Definition) -> Selection:
        coded = self._table.columns.levels(column)
        missing = len(coded.labels)
        # null stands for rows whose level is missing; a level that the table does not have selects
        # nothing
        codes = [missing if level is None else coded.places.get(level) for level in levels]
        kept = np.zeros(missing + 1, np.bool_)
        kept[[code for code in codes if code is not None]] = True
        return self._made(kept[coded.codes], definition)

    def _made(self, mask: np.ndarray[Any, np.dtype[np.bool_]], definition: Definition) -> Selection:
        seen = {definition["column"]: _("made the group")}
        seen = {**self._table.labels.seen_through(seen), **seen}
        return Selection(mask, self._table.fingerprint, definition, self._table.source, seen)


def describe_definition(definition: Definition, label: Callable[[str], str] = str) -> str:
    """Say a definition in a few words."""
    match definition:
        case {"expression": text}:
            text = re.sub(r"\d+\.\d{5,}", lambda match: f"{float(match[0]):.5g}", text)
            return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        case {"column": column, "levels": levels}:
            names = ["missing" if level is None else str(level) for level in levels]
            return f"{isolated(label(column))}: {list_names(names, 3) or 'none'}"
        case {"column": column, "range": [low, high]}:
            return f"{isolated(label(column))}: {low:.4g} – {high:.4g}"
        case {"lasso": _}:
            return str(definition.get("name") or "lasso")
        case {"box": _}:
            return str(definition.get("name") or "box")
        case {"region": _}:
            return (
                _("region “{name}”").format(name=definition["name"])
                if definition.get("name")
                else "region"
            )
        case {"saved": _}:
            return str(definition.get("name") or _("saved selection"))
        case {"not": inner}:
            return _("not {selection}").format(selection=_inside(inner, label))
        case {"or": parts}:
            return " + ".join(_inside(part, label) for part in parts)
        case {"and": [first, *others]}:
            rest = (
                f" − {_inside(p['not'], label)}"
                if "not" in p
                else (" " + _("and {selection}").format(selection=_inside(p, label)))
                for p in others
            )
            return _inside(first, label) + "".join(rest)
    return "selection"


def _inside(part: Definition, label: Callable[[str], str]) -> str:
    """Say a part of a definition, in brackets where it has parts of its own."""
    words = describe_definition(part, label)
    return f"({words})" if {"and", "or"} & part.keys() else words
