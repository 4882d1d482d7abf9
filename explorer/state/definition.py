"""The forms a definition of rows may take: what selections and filters are made of."""

from __future__ import annotations

import sys
from typing import Any

from explorer.core.cache import is_key

__all__ = ["FORMS", "is_definition", "is_number", "is_range"]

FORMS = (
    "an expression, a column with levels or a range [low, high], "
    "a lasso, box or region on an embedding, "
    "a saved selection, or such definitions under and, or, not"
)

_DEEPEST = 50
_LARGEST = sys.float_info.max


def is_number(value: object) -> bool:
    """Say whether this is a finite number; true and false are none."""
    # compared, since an integer may be too large for math.isfinite
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -_LARGEST <= value <= _LARGEST
    )


def is_range(value: object) -> bool:
    """Say whether this is ``[low, high]`` with low ≤ high."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(map(is_number, value))
        and value[0] <= value[1]
    )


def is_definition(value: Any, depth: int = 0) -> bool:
    """Say whether this can be evaluated to rows of a table.

    See `explorer.session.rows.selection_resolver.SelectionResolver`.
    """
    if depth > _DEEPEST:
        return False
    match value:
        case {"expression": str(), **rest} | {"column": str(), "levels": _, **rest} if not rest:
            return "levels" not in value or _are_levels(value["levels"])
        case {"column": str(), "range": ends, **rest} if not rest:
            return is_range(ends)
        case {"lasso": polygon, "embedding": key, **rest} if _is_drawn(rest):
            return is_key(key) and _is_polygon(polygon)
        case {"box": [x_range, y_range], "embedding": key, **rest} if _is_drawn(rest):
            return is_key(key) and is_range(x_range) and is_range(y_range)
        case {"region": [level, number], "embedding": key, "version": version, **rest} if _is_named(
            rest
        ):
            return is_key(key) and all(map(_is_place, (level, number, version)))
        case {"saved": str(), **rest}:
            return not rest or (set(rest) == {"name"} and isinstance(rest["name"], str))
        case {"not": inner, **rest} if not rest:
            return is_definition(inner, depth + 1)
        case {"and": [_, *_] as parts, **rest} | {"or": [_, *_] as parts, **rest} if not rest:
            return all(is_definition(part, depth + 1) for part in parts)
    return False


def _is_drawn(rest: dict[Any, Any]) -> bool:
    """Say whether a shape has no more keys than its name and the map's colour column."""
    return set(rest) <= {"color", "name"} and all(isinstance(value, str) for value in rest.values())


def _is_named(rest: dict[Any, Any]) -> bool:
    """Say whether a region has no more keys than its name and the columns it came from."""
    columns = rest.get("named_by", [])
    known = set(rest) <= {"name", "named_by"} and isinstance(rest.get("name", ""), str)
    return (
        known and isinstance(columns, list) and all(isinstance(column, str) for column in columns)
    )


def _is_place(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_levels(value: object) -> bool:
    return isinstance(value, list) and all(
        level is None or isinstance(level, str) for level in value
    )


def _is_polygon(value: object) -> bool:
    if not isinstance(value, list) or len(value) < 3:
        return False
    return all(isinstance(p, list) and len(p) == 2 and all(map(is_number, p)) for p in value)
