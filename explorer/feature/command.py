"""`explorer profile`: each feature of a table as a line, as JSON, or as pages."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from explorer.command_line.arguments import add_command, at_least_one_name, open_files
from explorer.command_line.options import CATALOGUE, FILES, ROLE, add_options, option
from explorer.command_line.peak_memory import peak_bytes
from explorer.command_line.printing import print_message, print_result
from explorer.command_line.progress_bar import ProgressBar
from explorer.command_line.results import check_json
from explorer.core.atomic_write import atomic_path
from explorer.core.errors import ExplorerError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from explorer.table.table import Table

__all__ = ["add"]

_OPTIONS = {
    "files": FILES,
    "--features": option("columns to look at (default: all)", "A,B,C", type=at_least_one_name),
    "--html": option("write an index and a page per feature, readable offline", "DIR"),
    "--json": option("write the full profile as JSON (- for stdout)", "PATH"),
    "--catalogue": CATALOGUE,
    "--role": ROLE,
}
_COUNTED = "profile"  # the stage in features; its first report says how many were there from before


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, "profile", _run, "look at each feature: distribution, Gaussian check, outliers"
    )
    add_options(parser, _OPTIONS)


def _run(arguments: argparse.Namespace) -> int:
    from explorer.profile.report.report_folder import ReportFolder

    check_json(arguments)
    if arguments.html:
        ReportFolder(arguments.html).check()
    start = time.perf_counter()
    table = open_files(arguments.files, arguments.catalogue, arguments.role)
    for sentence in table.columns.catalogue.unknown(table.column_names):
        print_message(sentence)
    document = _profiled(table, arguments.features)
    if arguments.html:
        _write_pages(arguments.html, document, table)
    if arguments.json:
        _write_json(
            arguments.json,
            {**document, "seconds": time.perf_counter() - start, "peak_bytes": peak_bytes()},
        )
    if not arguments.html and not arguments.json:
        _print_table(document)
    return 0


def _profiled(table: Table, features: list[str] | None) -> dict[str, Any]:
    """Profile as JSON; a run that was stopped ends in words on what was kept."""
    from projections.errors import Cancelled

    with _FeatureProgress() as bar:
        try:
            document: dict[str, Any] = table.profile(features, progress=bar).document()
        except (KeyboardInterrupt, Cancelled) as error:
            raise KeyboardInterrupt(bar.stopped) from error
    return document


class _FeatureProgress(ProgressBar):
    """A progress bar that remembers how many features were counted when it ends."""

    def __init__(self) -> None:
        super().__init__()
        self._counted: tuple[int, int] | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show a stage, and say once how many features were counted before."""
        if stage == _COUNTED:
            if self._counted is None and 0 < done < total:
                print_message(f"{done:,} of {total:,} features were counted before")
            self._counted = (done, total)
        super().__call__(stage, done, total)

    @property
    def stopped(self) -> str:
        """What is said of a run that was stopped."""
        done, total = self._counted or (0, 0)
        if not done:
            return "stopped before a feature was counted"
        return (
            f"stopped: {done:,} of {total:,} features are counted and kept; the same command goes "
            "on from there"
        )


def _print_table(document: Mapping[str, Any]) -> None:
    from explorer.feature.profile_table import profile_table

    # a pipe or file has no width: 120 columns then, unless COLUMNS says otherwise
    width = shutil.get_terminal_size((120, 40)).columns
    print_result("\n".join(profile_table(document, width)))


def _write_pages(folder: str, document: Mapping[str, Any], table: Table) -> None:
    from explorer.core.number_format import megabytes
    from explorer.profile.report.report import write_report

    start = time.perf_counter()
    with ProgressBar() as bar:
        report = write_report(folder, document, table.features, bar)
    seconds = time.perf_counter() - start
    print_message(
        f"{report.pages:,} features in {megabytes(report.bytes)}, written in {seconds:.1f} s: "
        f"{report.index}"
    )


def _write_json(path: str, document: Mapping[str, Any]) -> None:
    """Write a feature a line, whole or not at all: thousands of them are tens of megabytes."""
    if path == "-":
        from io import StringIO

        text = StringIO()
        _dump(document, text)
        print_result(text.getvalue().rstrip("\n"))
        return
    try:
        with atomic_path(Path(path)) as draft, draft.open("w", encoding="utf-8") as file:
            _dump(document, file)
    except OSError as error:
        raise ExplorerError(
            f"cannot write {path}: {error.strerror}; pass another --json path"
        ) from error


def _dump(document: Mapping[str, Any], file: TextIO) -> None:
    for i, (key, value) in enumerate(document.items()):
        file.write(f"{',' if i else '{'}\n{json.dumps(key)}: ")
        if key != "features":
            file.write(_json(value))
            continue
        for k, feature in enumerate(value):
            file.write((",\n" if k else "[\n") + _json(feature))
        file.write("\n]" if value else "[]")
    file.write("\n}\n")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
