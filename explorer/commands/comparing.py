"""`explorer compare`: every feature, rows A against rows B, as lines, a table or JSON."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.commands.arguments import add_command, add_files, names, open_files
from explorer.commands.bar import Bar
from explorer.commands.lines import announce, say
from explorer.errors import ExplorerError
from explorer.target import check_target, json_text, write_json

if TYPE_CHECKING:
    import argparse

    from explorer.groups import Comparison

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, "compare", _compare, "compare rows A with rows B in every feature: effect sizes first"
    )
    add_files(parser)
    parser.add_argument("--a", required=True, metavar="EXPR", help="rows of group A, as in 'year >= 1990'")
    parser.add_argument("--b", metavar="EXPR", help="rows of group B (default: the rest)")
    parser.add_argument(
        "--features", type=names, metavar="A,B,C", help="columns to compare in (default: all)"
    )
    parser.add_argument("--unit", metavar="COL", help="column whose rows belong together: a user, a patient")
    parser.add_argument(
        "--adjust", metavar="COL", help="compare within the levels, or tenths, of this column"
    )
    parser.add_argument(
        "--margin",
        type=float,
        default=0.05,
        metavar="D",
        help="smallest |δ| or V of interest (default: 0.05)",
    )
    parser.add_argument("--catalogue", metavar="YAML", help="labels, units, sentinels, ranges of the columns")
    parser.add_argument("--out", metavar="FILE", help="write a row per feature as .parquet or .csv")
    parser.add_argument("--json", metavar="PATH", help="write everything as JSON (- for stdout)")


def _compare(arguments: argparse.Namespace) -> None:
    if arguments.out:
        _check_out(arguments.out)
    if arguments.json and arguments.json != "-":
        check_target("--json", arguments.json)
    found = _compared(arguments)
    for note in found.notes:
        say(note)
    if arguments.out:
        _write(found, Path(arguments.out))
    if arguments.json == "-":
        announce(json_text(found.document()))
    elif arguments.json:
        write_json(arguments.json, found.document())
    if not arguments.out and not arguments.json:
        from explorer.commands.comparison_table import comparison_table

        for line in comparison_table(found, shutil.get_terminal_size((120, 24)).columns):
            announce(line)


def _compared(arguments: argparse.Namespace) -> Comparison:
    from explorer.workbench.comparing import compare

    table = open_files(arguments.files, arguments.catalogue)
    bar = Bar()
    try:
        return compare(
            table, arguments.a, arguments.b, arguments.features, arguments.unit, arguments.adjust,
            margin=arguments.margin, progress=bar,
        )  # fmt: skip
    finally:
        bar.close()


def _check_out(path: str) -> None:
    if Path(path).suffix.lower() not in (".parquet", ".csv"):
        raise ExplorerError(f"--out must end in .parquet or .csv, got {path!r}")
    check_target("--out", path)


def _write(found: Comparison, path: Path) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    write = pyarrow.parquet.write_table if path.suffix.lower() == ".parquet" else pyarrow.csv.write_csv
    try:
        write(found.to_arrow(), path)
    except OSError as error:
        raise ExplorerError(
            f"cannot write {path}: {error.strerror or error}; pass another --out path"
        ) from error
