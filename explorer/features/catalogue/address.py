"""Addresses made of a row's cells by a template of the catalogue: "https://example.org/{id}"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["address_of", "columns_in", "is_template"]

_COLUMN = re.compile(r"\{([^{}]+)\}")
_HOST = re.compile(r"\s*https?://[^/?#]*\{", re.IGNORECASE)  # a cell in the name of a server
_LONGEST = 2_000  # characters of an address: beyond, servers refuse it


def columns_in(template: str) -> tuple[str, ...]:
    """Return the columns that a template names, each once."""
    return tuple(dict.fromkeys(_COLUMN.findall(template)))


def is_template(template: str) -> bool:
    """Say whether a template gives addresses that a page may show.

    Of http, https or a relative path, naming a column.

    A template that is one column alone, "{poster}", stands for addresses that the column holds.
    """
    if (
        not columns_in(template)
        or "{" in _COLUMN.sub("", template)
        or "}" in _COLUMN.sub("", template)
    ):
        return False
    if _alone(template) is not None:
        return True
    return not _HOST.match(template) and _is_allowed(_COLUMN.sub("x", template))


def address_of(template: str, cells: Mapping[str, Any]) -> str | None:
    """Return the address of a row.

    None where a cell is missing, or what comes of it is none that a page may show.

    Parameters
    ----------
    template : str
        Names in braces stand for cells, which are escaped: no cell leads to another server or path.
    cells : mapping of str to cell
        By column.
    """
    values = {name: cells.get(name) for name in columns_in(template)}
    # a cell of dots would climb to another path
    if any(
        value is None or value != value or not str(value).strip(".") for value in values.values()
    ):
        return None
    column = _alone(template)
    if column is not None:
        address = str(values[column]).strip()
        fits = _scheme(address) in ("http", "https")
    else:
        address = _COLUMN.sub(lambda match: quote(_written(values[match[1]]), safe=""), template)
        fits = _is_allowed(address)
    return address if fits and len(address) <= _LONGEST and address.isprintable() else None


def _alone(template: str) -> str | None:
    match = _COLUMN.fullmatch(template.strip())
    return match[1] if match else None


def _is_allowed(address: str) -> bool:
    scheme = _scheme(address)
    if scheme in ("http", "https"):
        return bool(urlsplit(address).netloc)
    path = address.lstrip()  # as browsers read it
    # "//host" would be another server's, "\\" is read as "/" by browsers
    return (
        scheme == "" and not path.startswith(("//", "/\\", "\\")) and ":" not in path.split("/")[0]
    )


def _written(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # keys of whole numbers that lie in a column with gaps
    return str(value)


def _scheme(address: str) -> str:
    """Return the scheme of an address in lower case; empty where it has none or cannot be read."""
    try:
        return urlsplit(address).scheme.lower()
    except ValueError:
        return "unreadable"
