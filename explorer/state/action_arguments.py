"""The arguments of actions, as a browser or a file gives them: read as the types of the action."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Unpack, get_args, get_origin, get_type_hints

from explorer.core.errors import ExplorerError, unknown_name
from explorer.state.convert import convert
from explorer.state.document import Document

__all__ = ["arguments_of"]


def arguments_of(action: Callable[..., Document], given: Mapping[str, Any]) -> dict[str, Any]:
    """Read plain JSON as the typed arguments of an action.

    Raises
    ------
    UnknownName
        For an argument or a choice that does not exist, with the nearest one.
    ExplorerError
        For a value of another type, and naming what is missing.
    """
    kinds, needed, others = _parameters(action)
    name = action.__name__
    missing = [parameter for parameter in needed if parameter not in given]
    for argument in given:
        if argument not in kinds and others is None:
            raise unknown_name(f"argument of {name}", argument, kinds)
    if missing:
        raise ExplorerError(f"{name} needs {' and '.join(missing)}: give it by name")
    return {
        argument: convert(value, kinds.get(argument, others), argument)
        for argument, value in given.items()
    }


@cache
def _parameters(
    action: Callable[..., Document],
) -> tuple[dict[str, Any], tuple[str, ...], Any]:
    """Return the type of each named argument, which have no default, and the type of others."""
    hints = get_type_hints(action)
    kinds: dict[str, Any] = {}
    needed: list[str] = []
    others = None
    for parameter in list(inspect.signature(action).parameters.values())[1:]:
        hint = hints[parameter.name]
        if parameter.kind is not parameter.VAR_KEYWORD:
            kinds[parameter.name] = hint
            if parameter.default is parameter.empty:
                needed.append(parameter.name)
        elif get_origin(hint) is Unpack:
            kinds.update(get_type_hints(get_args(hint)[0]))
        else:
            others = hint
    return kinds, tuple(needed), others
