"""Options of commands as data: flags with the settings that argparse takes for them."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.sources.file_formats import NAMES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

__all__ = [
    "CATALOGUE",
    "FILES",
    "ROLE",
    "ROWS",
    "WHERE",
    "Options",
    "add_options",
    "destinations",
    "option",
    "role",
]

Options: TypeAlias = "Mapping[str, dict[str, Any]]"
"""Settings of ``add_argument`` by flag, or by name for what has no flag, in the order of help.

Two flags of one option are parted by a comma: ``"--a, --rows"``.
"""


def option(text: str, metavar: str | None = None, **settings: Any) -> dict[str, Any]:
    """Return the settings of an option: its help text, the name of its value, and others."""
    named = {} if metavar is None else {"metavar": metavar}
    return {"help": text, **named, **settings}


FILES = option(
    f"{NAMES}: path, glob, folder, or several of them, read as one table",
    "FILE",
    nargs="+",
)


def role(text: str) -> tuple[str, str]:
    """Read COLUMN=ROLE; the column may have a = in its name."""
    column, equals, name = text.rpartition("=")
    if not equals or not column or not name:
        raise ArgumentTypeError(
            f"expected COLUMN=ROLE, as in y=target or p=prediction:y; got {text!r}"
        )
    return column, name


ROLE = option(
    "what a column is for, where the guess is wrong: y=target, p=prediction:y, id=identifier; "
    "repeatable",
    "COLUMN=ROLE",
    type=role,
    action="append",
    default=[],
)
CATALOGUE = option("labels, units, sentinels, ranges of the columns", "YAML")
WHERE = option("rows to read", "EXPR")
ROWS = "an expression, as in 'year >= 1990', or the name of saved rows"


def add_options(parser: argparse._ActionsContainer, options: Options) -> None:
    """Add options to a parser, or to a group of one."""
    for flag, settings in options.items():
        parser.add_argument(*flag.split(", "), **settings)


def destinations(options: Options) -> list[str]:
    """Return the names under which the parsed arguments hold these options."""
    return [
        settings.get("dest") or flag.split(", ")[0].lstrip("-").replace("-", "_")
        for flag, settings in options.items()
    ]
