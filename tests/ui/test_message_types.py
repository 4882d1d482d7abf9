"""Write the messages of views as TypeScript: `python tests/ui/test_message_types.py`.

The methods ``on_<type>`` of a view declare its messages, its parameters what the script reads. The
declarations that `tsc` checks the scripts against are made from them, and a test says when they are
out of date.
"""

from __future__ import annotations

import collections.abc
import inspect
import re
import types
import typing
from importlib import import_module
from pathlib import Path
from typing import Any

import param
from panel.custom import Child

from explorer.ui.component import Component

LIBRARY = Path(__file__).resolve().parents[2] / "explorer"
FILE = LIBRARY / "ui/types/messages.d.ts"
# modules below explorer that name a script and a style sheet
VIEWS = sorted(
    ".".join(path.relative_to(LIBRARY).with_suffix("").parts)
    for path in LIBRARY.rglob("*.py")
    if re.search(r"^    _files = ", path.read_text(encoding="utf-8"), re.MULTILINE)
)

_HEAD = """\
// Made by tests/ui/test_message_types.py from the views in Python; not to be edited.

/** JSON that a view sends to its script. */
export type Data = any;
"""
_SCALARS = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
# names that annotations use and that are only imported for type checkers
_NAMES = {"Any": Any, "Sequence": collections.abc.Sequence, "Mapping": collections.abc.Mapping}


def view_of(name: str) -> Any:
    """Return the view of a module."""
    module = import_module(f"explorer.{name}")
    (view,) = (
        member
        for member in vars(module).values()
        if isinstance(member, type)
        and issubclass(member, Component)
        and member.__module__ == module.__name__
        and member._files
    )
    return view


def title(name: str) -> str:
    """Return the name of a view's declarations: of its file, or of its task and its file."""
    task, *_, file = name.split(".")
    words = f"{task}_{file}" if file in ("page", "panel") else file
    return words.title().replace("_", "")


def handlers_of(view: Any) -> dict[str, Any]:
    """Return the methods that take messages, by the type of message."""
    return {
        name.removeprefix("on_"): getattr(view, name)
        for base in view.__mro__
        if base.__module__.startswith("explorer.")
        for name in vars(base)
        if name.startswith("on_")
    }


def declarations() -> str:
    """Return the declarations of all views."""
    return "\n".join([_HEAD, *(_declared(name) for name in VIEWS)])


def _declared(module: str) -> str:
    view = view_of(module)
    parameters = [
        f"  {name}: {_parameter(parameter)};"
        for name, parameter in sorted(view.param.objects().items())
        if parameter.owner.__module__.startswith("explorer.") and not isinstance(parameter, Child)
    ]
    handlers = handlers_of(view)
    messages = [f"\n  | {{ {_message(kind, handlers[kind])} }}" for kind in sorted(handlers)]
    name = title(module)
    events = "".join(f"\n  | {{ {_event(event)} }}" for event in view._events)
    return (
        f"export interface {name}Parameters {{\n" + "\n".join(parameters) + "\n}\n\n"
        f"export type {name}Message ={''.join(messages)};\n"
        + (f"\nexport type {name}Event ={events};\n" if view._events else "")
    )


def _event(event: Any) -> str:
    hints = typing.get_type_hints(event)
    return "; ".join(f"{key}: {_shape(hint)}" for key, hint in hints.items())


def _parameter(parameter: Any) -> str:
    kinds = {
        param.Dict: "Data",
        param.List: "any[]",
        param.String: "string",
        param.Boolean: "boolean",
        param.Bytes: "ArrayBuffer",
    }
    kind = kinds[type(parameter)]
    return f"{kind} | null" if parameter.allow_None else kind


def _message(kind: str, handler: Any) -> str:
    hints = typing.get_type_hints(handler, {**handler.__globals__, **_NAMES})
    entries = [f'type: "{kind}"']
    for parameter in list(inspect.signature(handler).parameters.values())[1:]:
        shape = _shape(hints.get(parameter.name, Any))
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            entries.append(f"[option: string]: {shape}")
        else:
            optional = "" if parameter.default is inspect.Parameter.empty else "?"
            entries.append(f"{parameter.name}{optional}: {shape}")
    return "; ".join(entries)


def _shape(annotation: Any) -> str:
    """Write the type of a value."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " | ".join(f'"{choice}"' for choice in arguments)
    if origin in (types.UnionType, typing.Union):
        return " | ".join(_shape(each) for each in arguments)
    if origin is tuple:
        return f"[{', '.join(_shape(each) for each in arguments)}]"
    if origin in (list, collections.abc.Sequence):
        inner = _shape(arguments[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin in (dict, collections.abc.Mapping):
        return f"Record<string, {_shape(arguments[1])}>"
    return "any"


def test_the_declarations_are_up_to_date():
    assert FILE.read_text(encoding="utf-8") == declarations(), (
        "messages of a view have changed: run python tests/ui/test_message_types.py"
    )


def test_every_view_of_the_page_is_declared():
    declared = [view_of(name) for name in VIEWS]
    assert {view for view in views(Component) if view._files and is_ours(view)} == set(declared)


def is_ours(view):
    return view.__module__.startswith("explorer.")


def views(base):
    for view in base.__subclasses__():
        yield view
        yield from views(view)


if __name__ == "__main__":
    FILE.write_text(declarations(), encoding="utf-8")
