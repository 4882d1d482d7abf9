"""From plain JSON to the typed values of a state, and back, with errors in words."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from explorer.core.errors import ExplorerError, unknown_name
from explorer.core.json_values import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["as_json", "convert", "is_number", "is_range", "need", "one_of"]

T = TypeVar("T")

_MOST_DIGITS = 300  # of a whole number: what is longer is no float either
_LARGEST = sys.float_info.max
_WRONG = re.compile(r"(?P<fault>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<field>\w+)|\[(?P<index>\d+|\.\.\.)\]")
_TYPES = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "int | float": "a number",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "a mapping",
}


def as_json(value: Any, what: str) -> Any:
    """Return a plain JSON copy: structs become mappings, tuples lists, NumPy values Python's.

    Parameters
    ----------
    value : object
    what : str
        Named in the error.

    Raises
    ------
    ExplorerError
        If something in it is not JSON, or a number is not finite.
    """
    try:
        text = json.dumps(value, default=_plain, allow_nan=False, ensure_ascii=False)
        # half a character (a lone surrogate) is no text
        return json.loads(text.encode(), parse_int=_integer)
    except (TypeError, ValueError, RecursionError) as error:
        raise ExplorerError(
            f"{what} must be plain JSON (text, finite numbers, lists, mappings): {error}"
        ) from error


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits is too large")
    return int(digits)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return fields_of(value)


def convert(value: Any, kind: type[T], name: str) -> T:
    """Read plain JSON as a type: a frozen dataclass, a tuple, a literal, and so on.

    What a dataclass does not get is at its default.

    Parameters
    ----------
    value : object
        As `as_json` returns it.
    kind : type
    name : str
        What errors call the value.

    Raises
    ------
    UnknownName
        For a field or a choice that does not exist, with the nearest one.
    ExplorerError
        For a value of another type: says what was expected and what came.
    """
    _check_fields(value, kind, name)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _error(str(error), value, kind, name) from error


def need(fits: bool, name: str, expected: str, value: object) -> None:
    """Raise an `ExplorerError` that says what was expected and what came, unless it fits."""
    if not fits:
        text = repr(as_json(value, name))
        raise ExplorerError(
            f"{name} must be {expected}, not {text if len(text) <= 60 else text[:57] + '…'}"
        )


def one_of(value: object, choices: Iterable[str], name: str) -> None:
    """Raise an `UnknownName` with the nearest choice unless the value is one of them."""
    if value not in (known := list(choices)):
        raise unknown_name(name, str(value), known)


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
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(map(is_number, value))
        and value[0] <= value[1]
    )


def _check_fields(value: Any, kind: Any, name: str) -> None:
    """Refuse fields that a dataclass does not have: msgspec would leave them out silently."""
    if isinstance(value, dict) and (hints := _fields(kind)):
        for key, inner in value.items():
            if key not in hints:
                raise unknown_name(f"field of {name}", str(key), hints)
            _check_fields(inner, hints[key], f"{name}.{key}")
    elif isinstance(value, list):
        for choice in _choices(kind):
            if get_origin(choice) is tuple:
                for inner in value:
                    _check_fields(inner, get_args(choice)[0], name)


def _error(message: str, value: Any, kind: Any, name: str) -> ExplorerError:
    """Say in words where and why msgspec refused a value."""
    match = _WRONG.fullmatch(message)
    fault, path = (match["fault"], match["path"] or "") if match else (message, "")
    for step in _STEP.finditer(path):
        value, kind, name = _inside(step, value, kind, name)
    if fault.startswith("Invalid enum value"):
        return unknown_name(name, str(value), _literals(kind))
    if fault.startswith("Object missing required field"):
        return ExplorerError(f"{name} needs {fault.split('`')[1]}")
    expected = fault.removeprefix("Expected ").split(", got")[0].replace("`", "")
    expected_text = _TYPES.get(expected) or " or ".join(
        _TYPES.get(type_name, type_name) for type_name in expected.split(" | ")
    )
    try:
        need(False, name, expected_text, value)
    except ExplorerError as error:
        return error
    return ExplorerError(message)


def _inside(step: re.Match[str], value: Any, kind: Any, name: str) -> tuple[Any, Any, str]:
    """Follow one step of a path into a value and its type."""
    inner = [argument for choice in _choices(kind) for argument in get_args(choice)] or [Any]
    if step["field"]:
        field = step["field"]
        hint = _fields(kind).get(field, inner[-1])
        return value.get(field), hint, field
    if isinstance(value, dict):  # msgspec does not say which key
        wrong = next((key for key in value if not _fits(value[key], inner[-1])), None)
        return value.get(wrong), inner[-1], f"{name} of {wrong!r}"
    place = int(step["index"])
    kinds = inner if len(inner) > place and inner[-1] is not Ellipsis else [inner[0]] * (place + 1)
    return value[place], kinds[place], f"{name}[{place}]"


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, ExplorerError):
        return False
    return True


@cache
def _fields(kind: Any) -> dict[str, Any]:
    """Return the types of a dataclass's fields; of a union, those of the dataclass in it."""
    structs = (choice for choice in _choices(kind) if is_dataclass(choice))
    return next((get_type_hints(struct) for struct in structs), {})


def _choices(kind: Any) -> tuple[Any, ...]:
    """Return the types of a union, else the type itself."""
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _literals(kind: Any) -> list[str]:
    return [
        str(choice)
        for choice_type in _choices(kind)
        if get_origin(choice_type) is Literal
        for choice in get_args(choice_type)
    ]
