"""ReportFolder: where a report is written, page by page, without harm to what else is there."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.core.errors import ExplorerError
from explorer.profile.report.report_page import GENERATOR

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["INDEX", "PAGES", "ReportFolder", "page_file"]

INDEX = "index.html"
PAGES = "features"
_SHARED = ("report.css", "report.js")
_PAGE = re.compile(r"\d{4,}\.html")
_PART = ".part"
_HEAD_BYTES = 300  # of a page: what it says of itself stands there
_DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def page_file(number: int, total: int) -> str:
    """Name the page of a feature by its place, from 1, since names may be no file names."""
    return f"{number:0{max(4, len(str(total)))}d}.html"


class ReportFolder:
    """A folder that holds a report, and may hold other things.

    A page appears whole, by one rename. The index is removed first and written last: a report that
    was stopped has none. Only files that say of themselves that they are a report's are written
    over or removed.

    Parameters
    ----------
    path : str or Path
        Made when it is missing; the folder above it must be there.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.bytes = 0
        """Written so far."""

    def check(self) -> None:
        """Refuse a folder that cannot take a report, before anything is computed for it.

        Raises
        ------
        ExplorerError
            Not a folder, not writable, no folder above it, or files of the report's names that are
            none of a report.
        """
        above = self.path.absolute().parent
        nearest = self.path if self.path.exists() else above
        if not above.is_dir():
            reason = f"there is no folder {str(above)!r}"
        elif not nearest.is_dir():
            reason = "it is a file"
        elif not os.access(nearest, os.W_OK | os.X_OK):
            reason = "permission denied, or a read-only disk"
        elif foreign := self._foreign():
            reason = f"{foreign!r} is there and is not of a report"
        else:
            return
        raise self._refused(reason)

    def begin(self) -> None:
        """Make the folders, and take the report that was there away from the reader."""
        self.check()
        with self._in_words():
            (self.path / PAGES).mkdir(parents=True, exist_ok=True)
            (self.path / INDEX).unlink(missing_ok=True)

    def write(self, name: str, page: str) -> None:
        """Write one file, whole or not at all."""
        target = self.path / name
        draft = target.with_name(target.name + _PART)
        data = page.encode("utf-8", errors="replace")
        with self._in_words():
            try:
                draft.write_bytes(data)
                draft.replace(target)
            except BaseException:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)
                raise
        self.bytes += len(data)

    def keep_only(self, pages: set[str]) -> None:
        """Remove pages of an earlier report that are not among these, and partial ones."""
        with self._in_words():
            for path in (self.path / PAGES).iterdir():
                left = path.name.removesuffix(_PART)
                old = _PAGE.fullmatch(left) is not None and path.name not in pages
                if old and (path.name != left or _is_ours(path)):
                    path.unlink(missing_ok=True)

    def _foreign(self) -> str | None:
        """Name a file in the way: one of a report's names that does not say it is a report's."""
        pages = self.path / PAGES
        if pages.exists() and not pages.is_dir():
            return PAGES
        # a report that was stopped has no index, and its pages say what they are
        numbered = pages.iterdir() if pages.is_dir() else ()
        mine = [self.path / name for name in (INDEX, *_SHARED)] + [
            path for path in numbered if _PAGE.fullmatch(path.name)
        ]
        foreign = next((path for path in mine if path.exists() and not _is_ours(path)), None)
        return None if foreign is None else foreign.relative_to(self.path).as_posix()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = error.errno in _DISK_FULL
            raise self._refused(
                "the disk is full" if full else error.strerror or str(error)
            ) from error

    def _refused(self, reason: str) -> ExplorerError:
        advice = "make room or pass another" if reason == "the disk is full" else "pass another"
        return ExplorerError(
            f"the report cannot be written to {self.path} ({reason}): {advice} --html folder"
        )


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return GENERATOR.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False
