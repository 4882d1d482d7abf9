"""Where a publication goes: a folder, whole or not at all, or a zip."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import zipfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.core.errors import ReviewError
from explorer.review.publication.file_name import folder_name
from explorer.review.publication.publication_files import REPORT, digest, publication_files
from explorer.review.publication.report_document import FORM
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.review.publication.publication import Publication

__all__ = ["PublishedFiles", "check_folder", "publication_zip", "publish"]

# What systems leave in folders that somebody looked into.
_LEFT = {".DS_Store", "Thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class PublishedFiles:
    """What was written: the index, how many pages of features, and the bytes of all files."""

    index: Path
    pages: int
    bytes: int


def publish(
    publication: Publication, folder: str | os.PathLike[str], progress: Progress | None = None
) -> PublishedFiles:
    """Write a publication to a folder, whole or not at all.

    Parameters
    ----------
    publication : Publication
    folder : path
        Is made; the folder above it must be there. An earlier publication there is replaced as a
        whole, unless one of its files was changed or another one was put among them.
    progress : callable, optional
        ``progress("publish", done, total)`` in features; returning False cancels and raises
        `explorer.Cancelled`.

    Raises
    ------
    ReviewError
        The folder holds something else, or cannot be written: nothing has changed there then.
    """
    target = Path(folder).absolute()
    check_folder(target)
    draft, old = (
        target.with_name(f".{target.name}.{os.getpid()}.{end}") for end in ("part", "old")
    )
    with _in_words(target):
        try:
            written = _write(publication, draft, progress)
            _exchange(draft, target, old)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return PublishedFiles(target / "index.html", len(publication.entries), written)


def publication_zip(publication: Publication, progress: Progress | None = None) -> bytes:
    """Return the same files as a zip, in a folder named after the set; see `publish`."""
    feature_set, made = publication.review.feature_set, publication.made
    folder = folder_name(feature_set.name, feature_set.version)
    year, month, day = (int(part) for part in made[:10].split("-"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _followed(publication, progress):
            entry = zipfile.ZipInfo(f"{folder}/{name}", (max(year, 1980), month, day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return packed.getvalue()


def check_folder(target: Path) -> None:
    """Refuse a folder that cannot take a publication, before anything is computed for it.

    Raises
    ------
    ReviewError
        No folder above it, a file, not writable, or something in it that is not of an untouched
        publication.
    """
    above = target.absolute().parent
    if not above.is_dir():
        raise _refused(target, f"there is no folder {str(above)!r}")
    if not os.access(above, os.W_OK | os.X_OK):
        raise _refused(target, "permission denied, or a read-only disk")
    if target.exists() and not target.is_dir():
        raise _refused(target, "it is a file")
    if target.is_dir() and (foreign := _foreign(target)):
        raise _refused(target, foreign)


def _foreign(target: Path) -> str:
    """Say what is in a folder that is not of an untouched publication; empty when nothing is."""
    present = {
        path.relative_to(target).as_posix(): path for path in target.rglob("*") if not path.is_dir()
    }
    present = {name: path for name, path in present.items() if path.name not in _LEFT}
    if not present:
        return ""
    try:
        document = json.loads(present[REPORT].read_text(encoding="utf-8"))
        listed = dict(document["files"]) if document["form"] == FORM else {}
    except (KeyError, TypeError, ValueError, OSError):
        listed = {}
    if not listed:
        return "it holds other things than a publication"
    for name, path in present.items():
        if name != REPORT and name not in listed:
            return f"{name!r} is there and is not of the publication"
        if name != REPORT and digest(path.read_bytes()) != listed[name]:
            return f"{name!r} was changed since it was published"
    return ""


def _write(publication: Publication, draft: Path, progress: Progress | None) -> int:
    shutil.rmtree(draft, ignore_errors=True)
    (draft / "features").mkdir(parents=True)
    written = 0
    for name, data in _followed(publication, progress):
        (draft / name).write_bytes(data)
        written += len(data)
    return written


def _followed(publication: Publication, progress: Progress | None) -> Iterator[tuple[str, bytes]]:
    done, total = 0, len(publication.entries)
    for name, data in publication_files(publication):
        yield name, data
        if name.startswith("features/"):
            done += 1
            report(progress, "publish", done, total)


def _exchange(draft: Path, target: Path, old: Path) -> None:
    """Put the new folder in place of the former one; that one comes back when this fails."""
    if not target.exists():
        draft.rename(target)
        return
    target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        with suppress(OSError):
            old.rename(target)
        raise


@contextmanager
def _in_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
        raise _refused(
            target, "the disk is full" if full else error.strerror or str(error)
        ) from error


def _refused(target: Path, reason: str) -> ReviewError:
    what = (
        "make room, or name another folder"
        if reason == "the disk is full"
        else "name another folder"
    )
    return ReviewError(f"the publication cannot be written to {target} ({reason}): {what}")
