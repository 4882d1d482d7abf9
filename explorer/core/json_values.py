"""Plain values: what JSON can hold, made of documents with NaN, tuples and NumPy numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["fields_document", "fields_of", "plain", "result_document"]


def plain(value: Any) -> Any:
    """Return a value as JSON holds it.

    NaN and infinities become None, tuples lists, NumPy's numbers and arrays those of Python, and
    dataclasses what their `document` says, else mappings of their fields.

    Parameters
    ----------
    value : mapping, list, tuple, array, dataclass, number, str or None
        Keys of mappings become text.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return list(value) if _is_plain(value) else [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if is_dataclass(value):
        return plain(value.document()) if hasattr(value, "document") else fields_document(value)
    return value


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass by their names, as ``json.dumps(..., default=)`` wants them.

    Raises
    ------
    TypeError
        For anything else.
    """
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"a {type(value).__name__} is not JSON")
    return {field.name: getattr(value, field.name) for field in fields(value)}


def fields_document(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as JSON."""
    return {name: plain(item) for name, item in fields_of(value).items()}


def result_document(result: object, names: str, **parts: Any) -> dict[str, Any]:
    """Return a result as JSON: attributes by their names, and parts that are made for it.

    Parameters
    ----------
    result : object
    names : str
        Attributes that JSON holds as they are, separated by spaces.
    parts : object
        What stands beside them, under names of its own.
    """
    document: dict[str, Any] = plain({name: getattr(result, name) for name in names.split()})
    return document | {name: plain(part) for name, part in parts.items()}


def _is_plain(values: Sequence[Any]) -> bool:
    """Whether JSON holds these as they are.

    Asked of the edges and counts of plots, a thousand numbers a feature.
    """
    kinds = set(map(type, values))
    if kinds == {float}:
        return math.isfinite(sum(values))  # one NaN or infinity would make the sum one
    return kinds <= {int, str}
