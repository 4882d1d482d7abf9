"""From the definition of a selection, plain JSON in the state, to the rows of the table."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.cache import key_of
from explorer.errors import ExpressionError
from explorer.rows.selection import Selection
from explorer.workbench.selecting import where

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.workbench.map import Map
    from explorer.workbench.table import Table

__all__ = ["Definitions", "filter_definition", "words_of"]

Definition = dict[str, Any]

_KEPT = 24  # selections of one byte a row; a session looks back at a few
_LONGEST = 160  # characters of an expression in a few words


class Definitions:
    """Evaluates definitions on one table and keeps the latest results.

    Lasso and box may say under "color" by which column the map was coloured. A definition is ``{"expression": text}``, ``{"column": name, "levels": [...]}``, ``{"column": name, "range": [low,
    high]}`` (both ends inclusive), ``{"lasso": polygon, "embedding": key}``, ``{"box": [[x0, x1], [y0, y1]],
    "embedding": key}``, ``{"or": [...]}``, ``{"and": [...]}`` or ``{"not": definition}``.

    Parameters
    ----------
    table : Table
    open_map : callable
        From the key of an embedding to its map; raises in words when it is not to be had.
    """

    def __init__(self, table: Table, open_map: Callable[[str], Map]) -> None:
        self._table = table
        self._open_map = open_map
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Selection] = OrderedDict()

    def rows_of(self, definition: Definition) -> Selection:
        """Return the rows a definition selects.

        Raises
        ------
        ExplorerError
            In words, when a column, an expression or a map does not exist.
        """
        key = key_of([definition, self._table.edited])
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = self._evaluate(definition)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _evaluate(self, definition: Definition) -> Selection:
        match definition:
            case {"expression": str(text)}:
                return where(self._table, text)
            case {"column": str(column), "levels": list(levels)}:
                return self._levels(column, levels, definition)
            case {"column": str(column), "range": [low, high]}:
                numbers = self._table.numbers(column)
                return self._made((numbers >= low) & (numbers <= high), definition)
            case {"lasso": list(polygon), "embedding": str(key)}:
                return self._drawn(self._open_map(key).lasso(polygon), definition)
            case {"box": [x_range, y_range], "embedding": str(key)}:
                return self._drawn(self._open_map(key).box(x_range, y_range), definition)
            case {"not": dict(inner)}:
                return ~self.rows_of(inner)
            case {"or": [first, *others]} | {"and": [first, *others]}:
                return self._joined("or" in definition, first, others)
        raise ExpressionError(
            f"a selection of an unknown form: {definition!r}; it may come from a newer version"
        )

    def _drawn(self, found: Selection, definition: Definition) -> Selection:
        color = definition.get("color")
        seen = found.seen if color is None else {color: "coloured the map", **found.seen}
        return Selection(found.mask, found.fingerprint, definition, self._table.source, seen)

    def _joined(self, union: bool, first: Definition, others: list[Definition]) -> Selection:
        found = self.rows_of(first)
        for other in others:
            found = found | self.rows_of(other) if union else found & self.rows_of(other)
        return found

    def _levels(self, column: str, levels: list[Any], definition: Definition) -> Selection:
        coded = self._table.levels(column)
        labels = {label: code for code, label in enumerate(coded.labels)}
        # null stands for rows whose level is missing; a level that the table does not have selects nothing
        chosen = [len(labels) if level is None else labels.get(level) for level in levels]
        kept = np.zeros(len(coded.labels) + 1, np.bool_)
        kept[[code for code in chosen if code is not None]] = True
        return self._made(kept[coded.codes], definition)

    def _made(self, mask: np.ndarray[Any, np.dtype[np.bool_]], definition: Definition) -> Selection:
        seen = {definition["column"]: "made the group"}
        return Selection(mask, self._table.fingerprint, definition, self._table.source, seen)


def filter_definition(entry: Definition) -> Definition:
    """Return the definition behind a filter of the state."""
    if "rows" in entry:
        rows: Definition = entry["rows"]
        return rows
    return {key: value for key, value in entry.items() if key not in ("id", "on")}


def words_of(definition: Definition, label: Callable[[str], str] = str) -> str:
    """Say a definition in a few words."""
    match definition:
        case {"expression": text}:
            text = re.sub(r"\d+\.\d{5,}", lambda found: f"{float(found[0]):.5g}", text)
            return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        case {"column": column, "levels": levels}:
            names = ["missing" if level is None else str(level) for level in levels]
            shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            return f"{label(column)}: {shown or 'none'}"
        case {"column": column, "range": [low, high]}:
            return f"{label(column)}: {low:.4g} – {high:.4g}"
        case {"lasso": _}:
            return "lasso"
        case {"box": _}:
            return "box"
        case {"not": inner}:
            return f"not {words_of(inner, label)}"
        case {"or": parts}:
            return " + ".join(words_of(part, label) for part in parts)
        case {"and": [first, *others]}:
            rest = (
                f" − {words_of(p['not'], label)}" if "not" in p else f" and {words_of(p, label)}"
                for p in others
            )
            return words_of(first, label) + "".join(rest)
    return "selection"
