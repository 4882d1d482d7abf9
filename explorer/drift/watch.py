"""Watch a folder whose files are a stream: read what is new, and say new alarms."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.command_line.printing import print_message, print_result
from explorer.core.errors import ExplorerError, TableError
from explorer.core.json_values import plain
from explorer.sources.file_formats import SUFFIXES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from explorer.drift.analysis.drift import Drift
    from explorer.table.table import Table

__all__ = ["WatchedFolder", "watch"]


class WatchedFolder:
    """The files of a folder that are whole, as far as one can tell.

    A file is taken once its size and time of change have stayed the same between two looks and it
    opens as a table: one that is still being written does neither. A file that was taken and
    changes is read again.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: dict[Path, tuple[int, int]] = {}
        self._taken: dict[Path, tuple[int, int]] = {}
        self.refused: dict[Path, str] = {}

    def look(self) -> bool:
        """Look at the folder; say whether files that can be read have changed since."""
        now = {
            file: _mark(file)
            for file in sorted(self.path.rglob("*"))
            if file.name.lower().endswith(SUFFIXES)
        }
        whole = {file: mark for file, mark in now.items() if mark is not None}
        settled = {file: mark for file, mark in whole.items() if self._seen.get(file) == mark}
        before, self._seen = dict(self._taken), whole
        self.refused = {}
        taken = {
            file: mark
            for file, mark in settled.items()
            if self._taken.get(file) == mark or self._opens(file)
        }
        self._taken = taken
        return taken != before

    @property
    def files(self) -> list[str]:
        """Files that can be read."""
        return [str(file) for file in self._taken]

    def _opens(self, file: Path) -> bool:
        from explorer.sources.source import open_source

        try:
            open_source(str(file))
        except (TableError, OSError) as error:
            self.refused[file] = str(error)
            return False
        return True


def _mark(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None  # it went while we looked
    return status.st_size, status.st_mtime_ns


def watch(arguments: argparse.Namespace, compute_drift: Callable[[Table], Drift]) -> None:
    """Look at a folder until stopped.

    Prints a line of JSON for each look that found new files, and for each new alarm.

    Parameters
    ----------
    arguments : Namespace
        With files, watch, every, rounds, catalogue.
    compute_drift : callable
        Reads a table.
    """
    path = Path(arguments.watch)
    if not path.is_dir():
        raise ExplorerError(f"--watch is a folder, came {arguments.watch!r}")
    folder, seen, rounds = WatchedFolder(path), set[tuple[str, str, str]](), 0
    folder.look()  # what is there already is taken at once, at the second look
    first, refused = True, dict[Path, str]()
    while True:
        changed = folder.look()
        for file, why in folder.refused.items():
            if refused.get(file) != why:
                print_message(f"{file.name} is left for later: {why}")
        refused = dict(folder.refused)
        if changed or first:
            _read(arguments, folder, compute_drift, seen)
            first = False
        rounds += 1
        if arguments.rounds is not None and rounds >= arguments.rounds:
            return
        time.sleep(arguments.every)


def _read(
    arguments: argparse.Namespace,
    folder: WatchedFolder,
    compute_drift: Callable[[Table], Drift],
    seen: set[tuple[str, str, str]],
) -> None:
    from explorer.command_line.arguments import open_files

    inside = {str(Path(file).resolve()) for file in folder.files}
    files = [
        file
        for file in arguments.files
        if str(Path(file).resolve()) not in inside and Path(file).resolve() != folder.path.resolve()
    ]
    try:
        drift = compute_drift(
            open_files([*files, *folder.files], arguments.catalogue, arguments.role)
        )
    except ExplorerError as error:
        print_message(
            f"not yet: {error}"
        )  # too few chunks so far, or a file that does not fit: the next may mend it
        return
    fresh = [
        alarm for alarm in drift.alarms if (alarm.feature, alarm.chunk, alarm.statistic) not in seen
    ]
    seen.update((alarm.feature, alarm.chunk, alarm.statistic) for alarm in fresh)
    _line(
        "read",
        files=len(files) + len(folder.files),
        rows=drift.n_rows,
        chunks=len(drift.timetable),
        alarms=len(drift.alarms),
        words=drift.words,
    )
    for alarm in fresh:
        _line("alarm", **{name: getattr(alarm, name) for name in type(alarm).__dataclass_fields__})


def _line(event: str, **what: Any) -> None:
    print_result(json.dumps(plain({"event": event, **what}), allow_nan=False, ensure_ascii=False))
