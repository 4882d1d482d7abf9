"""Markup: HTML and SVG from nested calls; text is escaped unless it is markup already."""

from __future__ import annotations

import re
from functools import cache
from html import escape

__all__ = ["Markup", "join", "tag", "text"]

# Built from calls, not from templates: escaping is then the rule and not a filter that one can
# forget, and pages by the thousand cost no engine. Jinja2 would come only with Panel, which a
# report has no use for.

_VOID = {"br", "img", "input", "link", "meta"}
# HTML knows no control characters; an escape sequence in a name must not reach a terminal that
# shows the page either.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Most texts need nothing: one look costs a fifth of escaping.
_UNSAFE = re.compile("[&<>\"'\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Markup(str):
    """Text that is HTML already and goes in as it is."""

    __slots__ = ()


def text(value: object) -> Markup:
    """Escape a text; markup stays as it is. Control characters become U+FFFD."""
    if isinstance(value, Markup):
        return value
    shown = str(value)
    if _UNSAFE.search(shown) is None:
        return Markup(shown)
    return Markup(escape(_CONTROL.sub("\ufffd", shown), quote=True))


def join(parts: object) -> Markup:
    """Join nested children, None and False left out."""
    if isinstance(parts, Markup):
        return parts
    if isinstance(parts, list | tuple):
        return Markup("".join([join(part) for part in parts]))
    return Markup("") if parts is None or parts is False else text(parts)


def tag(element: str, *children: object, **attributes: object) -> Markup:
    """Write an element.

    Parameters
    ----------
    element : str
        Name of the element.
    *children : str, Markup, number, None or list of them
        Escaped unless they are `Markup`.
    **attributes
        "class_" and "for_" stand for the words that Python keeps, "_" for "-"; None and False leave
        one out, True gives it without a value.
    """
    given = [
        _spelled(name) if value is True else f'{_spelled(name)}="{text(value)}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    ]
    opened = f"<{element}{''.join(given)}>"
    if element in _VOID:
        return Markup(opened)
    # most children are one text or markup: no need to look for lists in them
    inner = "".join([child if isinstance(child, Markup) else join(child) for child in children])
    return Markup(f"{opened}{inner}</{element}>")


@cache
def _spelled(name: str) -> str:
    return f" {name.rstrip('_').replace('_', '-')}"
