"""Results of a command: a table in a file, everything as JSON, or lines on the terminal."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from explorer.command_line.lines import announce
from explorer.core.errors import ExplorerError
from explorer.core.output_file import check_target, json_text, write_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    import pyarrow as pa

__all__ = ["Result", "add_outputs", "check_outputs", "hand_out"]

_WIDTH = 140  # columns where the terminal does not say how many it has


class Result(Protocol):
    """What a command has found."""

    def to_arrow(self) -> pa.Table:
        """Return it as a table."""
        ...

    def document(self) -> dict[str, Any]:
        """Return everything as JSON."""
        ...


def add_outputs(parser: argparse.ArgumentParser, row: str) -> None:
    """Add --out, --plain-csv and --json; ``row`` says what a row of the table is."""
    parser.add_argument("--out", metavar="FILE", help=f"write a row per {row} as .parquet or .csv")
    parser.add_argument(
        "--plain-csv",
        action="store_true",
        help="write text in a .csv exactly as it is; by default, text that a spreadsheet would "
        "run as a formula (it begins "
        "with =, +, -, @, a tab or a line break, and is no number) gets an apostrophe before it",
    )
    parser.add_argument("--json", metavar="PATH", help="write everything as JSON (- for stdout)")


def check_outputs(arguments: argparse.Namespace) -> None:
    """Refuse files that cannot be written, before anything is computed for them."""
    if arguments.out:
        if Path(arguments.out).suffix.lower() not in (".parquet", ".csv"):
            raise ExplorerError(f"--out must end in .parquet or .csv, got {arguments.out!r}")
        check_target("--out", arguments.out)
    if arguments.json and arguments.json != "-":
        check_target("--json", arguments.json)


def hand_out(
    arguments: argparse.Namespace, found: Result, lines: Callable[[int], Iterable[str]]
) -> None:
    """Write what was asked for: files, JSON, or lines for a terminal of ``columns``."""
    if arguments.out:
        _write(found, Path(arguments.out), not arguments.plain_csv)
    if arguments.json == "-":
        announce(json_text(found.document()))
    elif arguments.json:
        write_json(arguments.json, found.document())
    if not arguments.out and not arguments.json:
        for line in lines(shutil.get_terminal_size((_WIDTH, 24)).columns):
            announce(line)


def _write(found: Result, path: Path, safe: bool) -> None:
    import pyarrow.parquet

    from explorer.core.csv_text import write_csv

    try:
        if path.suffix.lower() == ".parquet":
            pyarrow.parquet.write_table(found.to_arrow(), path)
        else:
            write_csv(found.to_arrow(), path, safe)
    except OSError as error:
        raise ExplorerError(
            f"cannot write {path}: {error.strerror or error}; pass another --out path"
        ) from error
