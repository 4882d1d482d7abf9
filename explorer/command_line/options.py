"""Options of commands as data: flags with the settings that argparse takes for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.sources.file_formats import NAMES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

__all__ = ["CATALOGUE", "FILES", "WHERE", "Options", "add_options", "destinations", "option"]

Options: TypeAlias = "Mapping[str, dict[str, Any]]"
"""Settings of ``add_argument`` by flag, or by name for what has no flag, in the order of help."""


def option(text: str, metavar: str | None = None, **settings: Any) -> dict[str, Any]:
    """Return the settings of an option: its help text, the name of its value, and others."""
    named = {} if metavar is None else {"metavar": metavar}
    return {"help": text, **named, **settings}


FILES = option(
    f"{NAMES}: path, glob, folder, or several of them, read as one table",
    "FILE",
    nargs="+",
)
CATALOGUE = option("labels, units, sentinels, ranges of the columns", "YAML")
WHERE = option("rows to read", "EXPR")


def add_options(parser: argparse._ActionsContainer, options: Options) -> None:
    """Add options to a parser, or to a group of one."""
    for flag, settings in options.items():
        parser.add_argument(flag, **settings)


def destinations(options: Options) -> list[str]:
    """Return the names under which the parsed arguments hold these options."""
    return [
        settings.get("dest") or flag.lstrip("-").replace("-", "_")
        for flag, settings in options.items()
    ]
