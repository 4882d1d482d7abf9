"""Profiles on disk: an SQLite file a table, a row a feature, so that a run can be resumed."""

from __future__ import annotations

import json
import logging
import sqlite3
import zlib
from contextlib import closing
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from explorer.core.cache import key_of
from explorer.core.errors import CacheError
from explorer.profile.profile import FeatureProfile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from explorer.core.cache import Cache
    from explorer.features.kind import Feature

__all__ = ["ProfileStore"]

logger = logging.getLogger(__name__)

# Raised when a figure comes to mean something else: what was kept is then computed again, as it is
# when a profile gets another field.
VERSION = 4
_FIELDS = [field.name for field in fields(FeatureProfile)]
_KEYS_AT_ONCE = 500  # SQLite takes at least 999 values in a statement
_WAIT = 20.0  # seconds for another process that is writing
_TABLE = "CREATE TABLE IF NOT EXISTS profiles (key TEXT PRIMARY KEY, document BLOB NOT NULL)"


class ProfileStore:
    """Profiles of one table's features. What cannot be read or written is a miss, never an end.

    Parameters
    ----------
    cache : Cache
    identity : str
        Of the table's contents, as `ArrowSource.identity` gives it.
    """

    def __init__(self, cache: Cache, identity: str) -> None:
        self._cache, self._key = cache, key_of(["profiles", VERSION, _FIELDS, identity])
        self.trouble = ""
        """Why nothing can be kept, in words; empty while it can."""

    def get(
        self, features: Iterable[Feature], sampled: int | None = None
    ) -> dict[str, FeatureProfile]:
        """Return those that are there, counted of all rows or of ``sampled`` random ones."""
        by_key = {_row_key(feature, sampled): feature for feature in features}
        path = self._path(make=False)
        if path is None or not by_key:
            return {}
        try:
            rows = self._rows(path, list(by_key))
            profiles = {
                by_key[key].name: _unpacked(document, by_key[key]) for key, document in rows
            }
        except (OSError, sqlite3.Error, ValueError, KeyError, TypeError, zlib.error) as error:
            self.trouble = (
                f"the profiles kept in {str(path)!r} cannot be read and are counted again: {error}"
            )
            logger.warning(self.trouble)
            logger.debug("while reading kept profiles", exc_info=True)
            return {}
        return {
            feature_asked.name: profiles[feature_asked.name]
            for feature_asked in by_key.values()
            if feature_asked.name in profiles
        }

    def put(self, profiles: Iterable[FeatureProfile], features: Mapping[str, Feature]) -> None:
        """Keep profiles; on a full or read-only disk they are not kept, and `trouble` says so."""
        self._keep(
            [
                (_row_key(features[profile.name], profile.sampled), _packed(profile))
                for profile in profiles
            ]
        )

    def _keep(self, rows: list[tuple[str, bytes]]) -> None:
        try:
            path = self._path(make=True)
            if path is None or not rows:
                return
            try:
                self._write(path, rows)
            except sqlite3.DatabaseError as error:
                if not _is_damaged(error):
                    raise
                path.unlink()  # else nothing of this table would ever be kept again
                self._write(path, rows)
        except (OSError, sqlite3.Error, CacheError) as error:
            message = f"the profile cannot be kept in {str(self._cache.folder)!r}: {error}"
            if not self.trouble:  # once is enough
                logger.warning(message)
            self.trouble = message

    def relation(self, name: str, features: Iterable[Feature]) -> dict[str, Any] | None:
        """Return what was kept of several features together under a name; None if nothing was."""
        path, key = self._path(make=False), _relation_key(name, features)
        try:
            rows = self._rows(path, [key]) if path is not None else []
            return json.loads(zlib.decompress(rows[0][1])) if rows else None
        except (OSError, sqlite3.Error, ValueError, zlib.error):
            logger.debug("what was kept of %s cannot be read", name, exc_info=True)
            return None

    def put_relation(
        self, name: str, features: Iterable[Feature], document: Mapping[str, Any]
    ) -> None:
        """Keep what was found of several features together, as JSON."""
        packed = zlib.compress(json.dumps(document, allow_nan=False).encode(), 1)
        self._keep([(_relation_key(name, features), packed)])

    def _write(self, path: Path, rows: list[tuple[str, bytes]]) -> None:
        with closing(self._open(path)) as store, store:
            store.execute(_TABLE)
            store.executemany("INSERT OR REPLACE INTO profiles VALUES (?, ?)", rows)

    def _rows(self, path: Path, keys: list[str]) -> list[tuple[str, bytes]]:
        rows: list[tuple[str, bytes]] = []
        with closing(self._open(path)) as store:
            for start in range(0, len(keys), _KEYS_AT_ONCE):
                chunk = keys[start : start + _KEYS_AT_ONCE]
                marks = ", ".join("?" * len(chunk))
                rows += store.execute(
                    f"SELECT key, document FROM profiles WHERE key IN ({marks})", chunk
                )
        return rows

    def _path(self, *, make: bool) -> Path | None:
        folder = self._cache.get("profiles", self._key)
        if folder is None and make:
            with (
                self._cache.put("profiles", self._key) as draft,
                closing(self._open(draft / "profiles.sqlite")) as store,
            ):
                store.execute(_TABLE)
            folder = self._cache.get("profiles", self._key)
        return None if folder is None else folder / "profiles.sqlite"

    def _open(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=_WAIT)


def _is_damaged(error: sqlite3.Error) -> bool:
    # a full or locked file is an error of SQLite too, and holds what can be read again; the low
    # byte is the kind
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _row_key(feature: Feature, sampled: int | None) -> str:
    """Name what was counted: another kind, sentinel or valid range makes other figures."""
    ends = list(feature.valid_range) if feature.valid_range else None
    return key_of(
        [
            feature.name,
            feature.kind,
            [str(sentinel) for sentinel in feature.sentinels],
            ends,
            sampled,
        ]
    )


def _relation_key(name: str, features: Iterable[Feature]) -> str:
    return key_of([name, [_row_key(feature, None) for feature in features]])


def _packed(profile: FeatureProfile) -> bytes:
    return zlib.compress(json.dumps(profile.document(), allow_nan=False).encode(), 1)


def _unpacked(document: bytes, feature: Feature) -> FeatureProfile:
    profile = FeatureProfile.from_document(json.loads(zlib.decompress(document)))
    return replace(
        profile, label=feature.label, unit=feature.unit
    )  # words may have been edited since
