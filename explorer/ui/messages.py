"""Messages of the browser, checked against the methods that take them.

Their shapes are declared by these methods.
"""

from __future__ import annotations

import collections.abc
import functools
import inspect
import sys
import typing
from typing import Any

import msgspec

from explorer.core.errors import ExplorerError

__all__ = ["MessageError", "read_message"]

_DEEPEST = 50
_MOST_VALUES = 1_000_000  # of a message: ten times the vertices of the longest lasso
_LONGEST_TEXT = 64 << 20  # characters: a session file, or a file of verdicts
_LARGEST_NUMBER = sys.float_info.max
# names that annotations use and that are only imported for type checkers
_NAMES = {"Any": Any, "Sequence": collections.abc.Sequence, "Mapping": collections.abc.Mapping}


class MessageError(ExplorerError, ValueError):
    """A message that no script of ours sends."""


def read_message(view: type, data: object) -> tuple[str, dict[str, Any]]:
    """Check a message of the browser.

    Parameters
    ----------
    view : type
        The component that it was sent to. A message of the type "tick" is taken by its method
        ``on_tick``, whose parameters and annotations say which entries it has.
    data : object
        What came.

    Returns
    -------
    method : str
    arguments : dict
        As the method declares them; where it takes ``**options``, any JSON under other names.

    Raises
    ------
    MessageError
        In words: no mapping, an unknown type, an entry that is missing, unknown or of another type,
        a number that is not finite, or more than 1,000,000 values, 64 million characters or 50
        levels.
    """
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise MessageError(
            f"{view.__name__}: a message is a mapping with a type, came {_short(data)}"
        )
    _check_size(view, data)
    arguments = dict(data)
    kind = arguments.pop("type", None)
    method = f"on_{kind}"
    if not isinstance(kind, str) or not _is_ours(view, method):
        raise MessageError(f"{view.__name__}: no message is of type {_short(kind)}")
    shape, open_ended = _shape(getattr(view, method))
    declared = {name: value for name, value in arguments.items() if name in shape.__struct_fields__}
    unknown = {name: value for name, value in arguments.items() if name not in declared}
    if unknown and not open_ended:
        raise MessageError(
            f"{view.__name__}: a message {kind!r} has no entry {_short(next(iter(unknown)))}"
        )
    try:
        values = msgspec.convert(declared, shape)
    except (msgspec.ValidationError, RecursionError) as error:
        raise MessageError(
            f"{view.__name__}: the message {kind!r} is not as expected: {error}"
        ) from error
    fields = {name: getattr(values, name) for name in shape.__struct_fields__ if name in declared}
    return method, {**fields, **unknown}


def _is_ours(view: type, method: str) -> bool:
    """Say whether a view has a method and Panel has not.

    Panel's own ``on_...`` methods are not for the browser.
    """
    for base in view.__mro__:
        if method in vars(base):
            return base.__module__.split(".")[0] not in ("panel", "param", "bokeh") and callable(
                vars(base)[method]
            )
    return False


@functools.cache
def _shape(method: Any) -> tuple[type[msgspec.Struct], bool]:
    """Return the entries that a method takes as a struct, and whether it takes others too."""
    hints = typing.get_type_hints(method, {**method.__globals__, **_NAMES})
    fields: list[Any] = []
    open_ended = False
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            open_ended = True
        elif parameter.default is inspect.Parameter.empty:
            fields.append((parameter.name, hints.get(parameter.name, Any)))
        else:
            fields.append((parameter.name, hints.get(parameter.name, Any), msgspec.UNSET))
    fields.sort(key=len)  # those without a default come first
    fields = [
        (name, kind | msgspec.UnsetType, *default) if default else (name, kind)
        for name, kind, *default in fields
    ]
    return msgspec.defstruct(method.__name__, fields), open_ended


def _check_size(view: type, data: dict[str, Any]) -> None:
    values, letters = 0, 0
    level: list[Any] = [data]
    for _ in range(_DEEPEST):
        inside: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inside += value.values()
                letters += sum(len(key) for key in value if isinstance(key, str))
            elif isinstance(value, list | tuple):
                inside += value
            elif isinstance(value, str):
                letters += len(value)
                if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
                    raise MessageError(
                        f"{view.__name__}: a message holds half a character, which is no text"
                    )
            elif (
                isinstance(value, int | float) and not -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER
            ):
                raise MessageError(
                    f"{view.__name__}: a message holds {_short(value)}, expected finite numbers"
                )
        values += len(inside)
        if values > _MOST_VALUES or letters > _LONGEST_TEXT:
            raise MessageError(
                f"{view.__name__}: a message has at most {_MOST_VALUES:,} values and "
                f"{_LONGEST_TEXT:,} characters"
            )
        if not inside:
            return
        level = inside
    raise MessageError(f"{view.__name__}: a message is at most {_DEEPEST} levels deep")


def _short(value: object) -> str:
    text = repr(value) if not isinstance(value, dict | list) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "…"
