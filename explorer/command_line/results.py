"""Results of a command: a table in a file, everything as JSON, or lines on the terminal."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from explorer.command_line.options import option
from explorer.command_line.printing import print_result
from explorer.core.errors import ExplorerError
from explorer.core.output_file import check_target, json_text, write_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence

    import pyarrow as pa

    from explorer.command_line.options import Options

__all__ = [
    "Result",
    "check_json",
    "check_outputs",
    "output_options",
    "write_document",
    "write_result",
]

_WIDTH = 140  # columns where the terminal does not say how many it has


class Result(Protocol):
    """What a command has computed."""

    @property
    def notes(self) -> Sequence[str]:
        """What the person at the terminal should know of it."""
        ...

    def to_arrow(self) -> pa.Table:
        """Return it as a table."""
        ...

    def document(self) -> dict[str, Any]:
        """Return everything as JSON."""
        ...


ResultT = TypeVar("ResultT", bound=Result)


def output_options(row: str) -> Options:
    """Return --out, --plain-csv and --json; ``row`` says what a row of the table is."""
    return {
        "--out": option(f"write a row per {row} as .parquet or .csv", "FILE"),
        "--plain-csv": option(
            "write text in a .csv exactly as it is; by default, text that a spreadsheet would "
            "run as a formula (it begins "
            "with =, +, -, @, a tab or a line break, and is no number) gets an apostrophe before "
            "it",
            action="store_true",
        ),
        "--json": option("write everything as JSON (- for stdout)", "PATH"),
    }


def check_outputs(arguments: argparse.Namespace) -> None:
    """Refuse files that cannot be written, before anything is computed for them."""
    if arguments.out:
        if Path(arguments.out).suffix.lower() not in (".parquet", ".csv"):
            raise ExplorerError(f"--out must end in .parquet or .csv, got {arguments.out!r}")
        check_target("--out", arguments.out)
    check_json(arguments)


def check_json(arguments: argparse.Namespace) -> None:
    """Refuse a --json path that cannot be written, before anything is computed for it."""
    if arguments.json and arguments.json != "-":
        check_target("--json", arguments.json)


def write_document(arguments: argparse.Namespace, document: Callable[[], dict[str, Any]]) -> None:
    """Write a document where --json says, if it says so."""
    if arguments.json == "-":
        print_result(json_text(document()))
    elif arguments.json:
        write_json(arguments.json, document())


def write_result(
    arguments: argparse.Namespace,
    result: ResultT,
    lines: Callable[[ResultT, int], Iterable[str]],
) -> None:
    """Write what was asked for: files, JSON, or lines for a terminal of so many columns."""
    if arguments.out:
        _write_table(result, Path(arguments.out), not arguments.plain_csv)
    write_document(arguments, result.document)
    if not arguments.out and not arguments.json:
        for line in lines(result, shutil.get_terminal_size((_WIDTH, 24)).columns):
            print_result(line)


def _write_table(result: Result, path: Path, safe: bool) -> None:
    import pyarrow.parquet

    from explorer.core.csv_text import write_csv

    try:
        if path.suffix.lower() == ".parquet":
            pyarrow.parquet.write_table(result.to_arrow(), path)
        else:
            write_csv(result.to_arrow(), path, safe)
    except OSError as error:
        raise ExplorerError(
            f"cannot write {path}: {error.strerror or error}; pass another --out path"
        ) from error
