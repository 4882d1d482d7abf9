"""Files by content hash: finished folders that may be deleted at any time, within a size limit.

An entry is a folder ``<cache>/<kind>/<key>/``. It is written in ``<cache>/tmp/`` and renamed when
it is complete, so that a reader never meets half an entry and a killed process leaves files only
under ``tmp``.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from explorer.core.errors import CacheError
from explorer.core.folders import cache_folder, nearest_existing
from explorer.core.json_values import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Cache", "CacheEntry", "is_key", "key_of"]

_log = logging.getLogger(__name__)
_STAMP = ".used"  # its text is the entry's size in bytes, its modification time the last use
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_ATTEMPTS = 3
_DISK_SHARE = 0.2  # of the disk space that is free when the cache is empty: a convention
_STALE_SECONDS = 24 * 3600.0
_DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


class CacheEntry(NamedTuple):
    """A finished entry: kind, key, folder, size in bytes, last use in seconds since the epoch."""

    kind: str
    key: str
    folder: Path
    size_bytes: int
    used: float


class Cache:
    """A folder of finished results, found by kind and key.

    The least recently used leave when it grows too large.

    Safe for several threads and processes at once: entries appear whole, by one rename.

    Parameters
    ----------
    folder : Path, optional
        Where entries live; made at the first ``put``. Default: ``EXPLORER_CACHE``, else the user's
        cache folder.
    limit_bytes : int, optional
        Size limit in bytes, inclusive. Default: 20 % of the disk space that is free or already used
        by the cache.
    """

    def __init__(self, folder: Path | None = None, limit_bytes: int | None = None) -> None:
        self.folder = Path(folder) if folder is not None else cache_folder()
        self._limit_bytes = limit_bytes
        # bytes written since the limit was last enforced; None: it never was
        self._unchecked_bytes: float | None = None

    def get(self, kind: str, key: str) -> Path | None:
        """Return the folder of a finished entry and mark it as used now.

        None when there is none.
        """
        entry = self._entry(kind, key)
        try:
            os.utime(entry / _STAMP)
        except FileNotFoundError:
            return None
        except OSError:  # a read-only cache still serves what it has
            return entry if (entry / _STAMP).exists() else None
        return entry

    @contextmanager
    def put(self, kind: str, key: str) -> Iterator[Path]:
        """Give a temporary folder that becomes the entry when the block ends without an error.

        When another thread or process finished the same entry first, theirs is kept and this one is
        dropped.

        Raises
        ------
        CacheError
            When the folder cannot be written, was deleted meanwhile, or the disk is full. Nothing
            half-made is left.
        """
        entry = self._entry(kind, key)
        draft = self._draft(f"{kind}-{key[:16]}", entry.parent)
        try:
            yield draft
            self._finish(draft, entry)
        except OSError as error:
            if error.errno in _DISK_FULL:
                raise self._cannot_write(error) from error
            if error.errno == errno.ENOENT and not draft.exists():
                raise CacheError(
                    f"the cache folder {str(self.folder)!r} was deleted while it was written to: "
                    "ask for this again"
                ) from error
            raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self._enforce_now_and_then(entry)

    def entries(self) -> list[CacheEntry]:
        """List the finished entries, most recently used first."""
        result = []
        for stamp in self.folder.glob(f"*/*/{_STAMP}"):
            with suppress(FileNotFoundError, ValueError):  # another process may remove it meanwhile
                used = stamp.stat().st_mtime
                size = int(stamp.read_text(encoding="ascii"))
                result.append(
                    CacheEntry(
                        stamp.parent.parent.name, stamp.parent.name, stamp.parent, size, used
                    )
                )
        return sorted(
            (entry for entry in result if entry.kind != "tmp"),
            key=lambda entry: entry.used,
            reverse=True,
        )

    def clear(self) -> None:
        """Remove every finished entry; what other processes are writing at the moment stays."""
        for entry in self.entries():
            self._remove(entry)
        self._sweep()

    def shrink(self) -> None:
        """Remove the least recently used entries until the limit holds.

        The most recent one always stays.
        """
        self._sweep()
        entries = self.entries()
        total = sum(entry.size_bytes for entry in entries)
        limit = self._limit(total)
        while total > limit and len(entries) > 1:
            oldest = entries.pop()
            try:
                self._remove(oldest)
                total -= oldest.size_bytes
            except CacheError as error:  # on some platforms a file in use stays
                _log.warning("%s/%s stays: %s", oldest.kind, oldest.key, error)

    def _entry(self, kind: str, key: str) -> Path:
        for name in (kind, key):
            if not _SAFE_NAME.fullmatch(name):
                raise ValueError(
                    f"expected a kind and key of letters, digits, '.', '_' and '-', got {name!r}"
                )
        if kind == "tmp":
            raise ValueError("the kind 'tmp' is kept for unfinished entries: choose another")
        return self.folder / kind / key

    def _draft(self, name: str, parent: Path) -> Path:
        draft = self.folder / "tmp" / f"{name}-{os.getpid()}-{os.urandom(6).hex()}"
        try:
            parent.mkdir(parents=True, exist_ok=True)
            draft.mkdir(parents=True)
        except OSError as error:
            raise self._cannot_write(error) from error
        return draft

    def _finish(self, draft: Path, entry: Path) -> None:
        size = sum(file.stat().st_size for file in draft.rglob("*") if file.is_file())
        (draft / _STAMP).write_text(str(size), encoding="ascii")
        for attempt in range(_ATTEMPTS):
            try:
                entry.parent.mkdir(parents=True, exist_ok=True)
                draft.replace(entry)
                break
            except OSError as error:
                if (entry / _STAMP).exists():
                    return  # another process won
                if attempt == _ATTEMPTS - 1:
                    raise self._cannot_write(error) from error
                # the winner's was removed again between the two looks, or what lies there was never
                # finished
                self._bury(entry)
        if self._unchecked_bytes is not None:
            self._unchecked_bytes += size

    def _enforce_now_and_then(self, newest: Path) -> None:
        # listing the cache costs a stat per entry: every 1/64 of the limit keeps it within 2 % and
        # putting cheap
        if self._unchecked_bytes is None or self._unchecked_bytes > self._limit(0) / 64:
            self._unchecked_bytes = 0.0
            with suppress(OSError):
                os.utime(newest / _STAMP)
            self.shrink()

    def _limit(self, used_bytes: int) -> float:
        if self._limit_bytes is not None:
            return float(self._limit_bytes)
        return _DISK_SHARE * (shutil.disk_usage(nearest_existing(self.folder)).free + used_bytes)

    def _remove(self, entry: CacheEntry) -> None:
        self._bury(entry.folder)

    def _bury(self, folder: Path) -> None:
        # renamed first: nobody may find an entry that is half deleted
        grave = self.folder / "tmp" / f"removed-{os.getpid()}-{os.urandom(6).hex()}"
        try:
            grave.parent.mkdir(exist_ok=True)
            folder.replace(grave)
        except FileNotFoundError:
            return  # another process removed it
        except OSError as error:
            raise self._cannot_write(error) from error
        shutil.rmtree(grave, ignore_errors=True)

    def _sweep(self) -> None:
        limit = time.time() - _STALE_SECONDS
        for left in (self.folder / "tmp").glob("*"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime <= limit:
                    shutil.rmtree(left, ignore_errors=True)

    def _cannot_write(self, error: OSError) -> CacheError:
        reason = "the disk is full" if error.errno in _DISK_FULL else (error.strerror or str(error))
        return CacheError(
            f"the cache folder {str(self.folder)!r} cannot be written ({reason}): "
            "make room, or name another folder in EXPLORER_CACHE"
        )


def is_key(value: object) -> bool:
    """Say whether an entry of a cache may have this key."""
    return isinstance(value, str) and _SAFE_NAME.fullmatch(value) is not None


def key_of(document: object) -> str:
    """Return the key of a JSON document: 32 hexadecimal digits of BLAKE2b over its canonical form.

    Canonical: keys sorted, no spaces, ASCII. Two documents that are equal as JSON have equal keys.
    A dataclass counts as the mapping of its fields.

    Raises
    ------
    ValueError
        When the document holds NaN or infinity, which JSON does not have.
    TypeError
        When it holds something that is not JSON.
    """
    text = json.dumps(
        document, default=fields_of, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()
