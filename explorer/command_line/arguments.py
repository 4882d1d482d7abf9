"""Arguments: what every command takes, and how words of the command line become values."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.table.table import Table

__all__ = [
    "CommandParser",
    "add_command",
    "at_least_one_name",
    "encodings",
    "landmarks",
    "names",
    "natural",
    "open_files",
    "pair",
    "pairs",
    "ranges",
    "seed",
    "size",
    "weights",
]

# Options without a value; after any other one, a word is its value.
_FLAGS = {"-", "--debug", "--help", "-h"}


class CommandParser(argparse.ArgumentParser):
    """A parser in which one of the words of ``anywhere`` may stand anywhere among the arguments.

    argparse by itself would take the last file for the word where an option stands between them.
    The word must be the first positional argument that the command declares.
    """

    anywhere: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    """Options whose value may begin with a minus sign, which argparse would take for an option."""

    def parse_known_args(  # type: ignore[override]  # the overloads say the same
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse, the word first."""
        given = list(sys.argv[1:] if args is None else args)
        for place, word in enumerate(given):
            before = given[place - 1] if place else ""
            value = before.startswith("-") and "=" not in before and before not in _FLAGS
            if word in self.anywhere and not value:
                given.insert(0, given.pop(place))
                break
        for place in reversed(
            [place for place, word in enumerate(given[:-1]) if word in self.signed]
        ):
            given[place : place + 2] = [f"{given[place]}={given[place + 1]}"]
        return super().parse_known_args(given, namespace)


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int | None], text: str
) -> CommandParser:
    """Add a command with the options that all have.

    Parameters
    ----------
    commands : the sub-parsers of the command line
    name : str
    run : callable
        Takes the parsed arguments; returns the exit code, None for 0.
    text : str
        What it does, for both helps.
    """
    parser: CommandParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + "."
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--cache",
        metavar="DIR",
        help="folder for computed things (default: EXPLORER_CACHE, else the user's)",
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def open_files(
    files: Sequence[str], catalogue: str | None = None, roles: Sequence[tuple[str, str]] = ()
) -> Table:
    """Open what FILE… names as one table.

    Parameters
    ----------
    files : sequence of str
    catalogue : str, optional
    roles : sequence of (str, str)
        Columns and their roles; the last of a column counts.
    """
    from explorer.core.compiled_code import prepare_numba

    prepare_numba()
    from explorer.table.table import open_table

    source = list(files) if len(files) > 1 else files[0]
    return open_table(source, catalogue=catalogue, roles=dict(roles))


def names(text: str) -> list[str]:
    """Read A,B,C."""
    return [name.strip() for name in text.split(",") if name.strip()]


def at_least_one_name(text: str) -> list[str]:
    """Read A,B,C, at least one."""
    chosen = names(text)
    if not chosen:
        raise argparse.ArgumentTypeError(f"expected at least one column, as in a,b; got {text!r}")
    return chosen


def pair(text: str) -> tuple[str, str]:
    """Read two names, A,B."""
    columns = names(text)
    if len(columns) != 2:
        raise argparse.ArgumentTypeError(f"expected two columns, as in x,y; got {text!r}")
    return columns[0], columns[1]


def pairs(text: str) -> dict[str, str]:
    """Read FEATURE=VALUE,…."""
    parts = names(text)
    values = dict(part.split("=", 1) for part in parts if "=" in part)
    if len(values) != len(parts):
        raise argparse.ArgumentTypeError(f"expected FEATURE=VALUE,…; got {text!r}")
    return values


def weights(text: str) -> dict[str, float]:
    """Read FEATURE=NUMBER,…."""
    try:
        return {name: float(value) for name, value in pairs(text).items()}
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected FEATURE=NUMBER,…; got {text!r}") from None


def encodings(text: str) -> str | dict[str, str]:
    """Read auto, or FEATURE=ENCODING,…."""
    return text if text == "auto" else pairs(text)


def seed(text: str) -> int | None:
    """Read a whole number, or none."""
    if text.lower() == "none":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number or none; got {text!r}")
    return int(text)


def natural(text: str) -> int:
    """Read a whole number of 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number of 0 or more; got {text!r}")
    return int(text)


def landmarks(text: str) -> str | int:
    """Read a number of rows, auto or all."""
    if text.lower() in ("auto", "all"):
        return text.lower()
    if not text.isdecimal() or int(text) < 4:
        raise argparse.ArgumentTypeError(
            f"expected auto, all, or a number of at least 4; got {text!r}"
        )
    return int(text)


def size(text: str) -> tuple[int, int]:
    """Read WIDTHxHEIGHT in pixels, both at least 1."""
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT in pixels; got {text!r}")
    return int(parts[0]), int(parts[1])


def ranges(text: str) -> tuple[float, float, float, float]:
    """Read X0,X1,Y0,Y1: the two ends of a part of the map on each axis."""
    try:
        x0, x1, y0, y1 = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected X0,X1,Y0,Y1, as in -2,3.5,0,4; got {text!r}"
        ) from None
    return x0, x1, y0, y1
