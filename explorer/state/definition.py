"""The forms a definition of rows may take: what selections and filters are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.core.cache import is_key
from explorer.state.convert import is_number, is_range

__all__ = ["FORMS", "Definition", "is_definition", "map_keys"]

Definition = Mapping[str, Any]
"""Plain JSON that says which rows, in one of the forms below; `is_definition` checks it."""

FORMS = (
    "an expression, a column with levels or a range [low, high], "
    "a lasso, box or region on an embedding, "
    "a saved selection, or such definitions under and, or, not"
)

_DEEPEST = 50


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


def map_keys(definition: Definition) -> set[str]:
    """Return the keys of the maps that a definition was drawn on."""
    match definition:
        case {"embedding": str(key)}:
            return {key}
        case {"not": inner}:
            return map_keys(inner)
        case {"and": parts} | {"or": parts}:
            return set().union(*map(map_keys, parts))
    return set()


def _is_drawn(rest: dict[Any, Any]) -> bool:
    """Say whether a shape has no more keys than its name and the map's colour column."""
    return set(rest) <= {"color", "name"} and all(isinstance(value, str) for value in rest.values())


def _is_named(rest: dict[Any, Any]) -> bool:
    """Say whether a region has no more keys than its name and the columns it came from."""
    columns = rest.get("named_by", [])
    keys_known = set(rest) <= {"name", "named_by"} and isinstance(rest.get("name", ""), str)
    return (
        keys_known
        and isinstance(columns, list)
        and all(isinstance(column, str) for column in columns)
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
    return all(
        isinstance(point, list) and len(point) == 2 and all(map(is_number, point))
        for point in value
    )
