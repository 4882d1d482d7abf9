"""Edits to a catalogue made on the page.

One YAML file a table in the user's data folder, with who and when.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import re
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.core.errors import CatalogueError
from explorer.core.folders import data_folder
from explorer.features.catalogue.catalogue import Catalogue
from explorer.features.catalogue.catalogue_keys import FEATURE_KEYS, checked_value
from explorer.features.catalogue.yaml_document import (
    FlowMapping,
    read_yaml,
    remove_drafts,
    write_yaml,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from explorer.features.catalogue.catalogue import Origin
    from explorer.features.catalogue.yaml_document import Located
    from explorer.sources.source import ArrowSource

__all__ = ["CatalogueChange", "CatalogueEdits", "catalogue_key", "open_edits"]

_FOLDER = "catalogues"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HEADER = (
    "What was edited on the page; it stands over the catalogue file. Written by Explorer.\n"
    "The features are read like those of a catalogue; the history is kept as it is."
)


class CatalogueChange(NamedTuple):
    """One edit: when (ISO 8601, UTC), by whom, and of what; a value of None took the edit back."""

    when: str
    who: str
    feature: str
    attribute: str
    value: Any


class CatalogueEdits:
    """The edits of one table; made by `open_edits`.

    Edits are kept in memory until `save`, which reads the file again and lays them over what it
    says by then: two people who edit different attributes both keep theirs, and of one attribute
    the later saved value stays. Safe for several threads and processes.

    Attributes
    ----------
    path : Path
        The file; it appears with the first `save`.
    history : tuple of CatalogueChange
        All saved edits, oldest first, then the unsaved ones.
    """

    def __init__(self, path: Path, who: str = "") -> None:
        self.path = path
        self._who = who or _user()
        self._lock = threading.RLock()
        self._features: dict[str, dict[str, Any]] = {}
        self._history: list[CatalogueChange] = []
        self._pending: list[CatalogueChange] = []
        self._seen: tuple[int, int] | None = None
        self.reload()

    @property
    def catalogue(self) -> Catalogue:
        """The edits as a catalogue, every attribute of which is "edited".

        For `Catalogue.merged`.
        """
        with self._lock:
            features = {name: dict(entry) for name, entry in self._features.items()}
        edited: Origin = "edited"
        origins = {name: dict.fromkeys(entry, edited) for name, entry in features.items()}
        return Catalogue(features=features, origins=origins)

    @property
    def history(self) -> tuple[CatalogueChange, ...]:
        """Return every change, oldest first."""
        with self._lock:
            return (*self._history, *self._pending)

    @property
    def unsaved(self) -> int:
        """How many edits the file does not hold yet."""
        return len(self._pending)

    def set(self, feature: str, attribute: str, value: Any, who: str = "") -> None:
        """Say something of a feature.

        An empty text, () or (None, None) says that there is nothing to say.

        Parameters
        ----------
        feature, attribute : str
        value
            As a catalogue file holds it;
            `explorer.features.catalogue.catalogue_keys.value_from_text` reads what was typed.
        who : str
            Default: the user of this process.

        Raises
        ------
        CatalogueError
            An attribute that does not exist or a value of the wrong type; nothing is changed.
        """
        checked = checked_value(feature, attribute, value)
        if checked is None:
            raise CatalogueError(
                f"{attribute!r} of feature {feature!r} must have a value: remove it instead"
            )
        self._change(feature, attribute, checked, who)

    def remove(self, feature: str, attribute: str, who: str = "") -> None:
        """Take an edit back, so that what the file or the data say shows again.

        None there is no error.
        """
        if attribute in self._features.get(feature, {}):
            self._change(feature, attribute, None, who)

    def save(self) -> None:
        """Write the unsaved edits into the file, over what others wrote meanwhile.

        Raises
        ------
        CatalogueError
            The folder cannot be written, the disk is full, or the file was damaged meanwhile. The
            file stays as it was and the edits stay unsaved, for another try.
        """
        with self._lock, _alone(self.path) as alone:
            if not self._pending:
                return
            if alone:
                remove_drafts(self.path)
            features, history = _read(self.path)
            for change in self._pending:
                _apply(features, change)
            history = [*history, *self._pending]
            write_yaml(self.path, _document(features, history), _HEADER)
            self._features, self._history, self._pending = features, history, []
            self._seen = _stamp(self.path)

    def reload(self) -> bool:
        """Read the file again if another process wrote it; unsaved edits stay over it.

        Returns
        -------
        bool
            Whether it had changed.

        Raises
        ------
        CatalogueError
            The file is damaged; the line is named.
        """
        with self._lock:
            stamp = _stamp(self.path)
            if stamp == self._seen:
                return False
            features, history = _read(self.path)
            for change in self._pending:
                _apply(features, change)
            self._features, self._history, self._seen = features, history, stamp
            return True

    def _change(self, feature: str, attribute: str, value: Any, who: str) -> None:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        change = CatalogueChange(when, who or self._who, feature, attribute, value)
        with self._lock:
            _apply(self._features, change)
            self._pending.append(change)


def open_edits(key: str, who: str = "") -> CatalogueEdits:
    """Open the edits of a table; the file need not be there yet.

    Parameters
    ----------
    key : str
        Of the table, see `catalogue_key`.
    who : str
        Who edits; default: the user of this process.

    Raises
    ------
    CatalogueError
        The file is there and is damaged; the line is named.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"expected a key of letters, digits, '.', '_' and '-', got {key!r}")
    return CatalogueEdits(data_folder() / _FOLDER / f"{key}.yaml", who)


def catalogue_key(source: ArrowSource) -> str:
    """Return the key of a table's edits.

    Of its name and the names of its columns, whatever their order and cells.

    Edits so survive that the rows change; a table with a column more, or of another name, is
    another one.
    """
    text = "\n".join([source.name, *sorted(repr(name) for name in source.column_names)])
    readable = re.sub(r"[^A-Za-z0-9]+", "-", source.name).strip("-")[:40]
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{readable or 'table'}-{digest}"


def _apply(features: dict[str, dict[str, Any]], change: CatalogueChange) -> None:
    entry = features.setdefault(change.feature, {})
    if change.value is None:
        entry.pop(change.attribute, None)
    else:
        entry[change.attribute] = change.value
    if not entry:
        del features[change.feature]


def _read(path: Path) -> tuple[dict[str, dict[str, Any]], list[CatalogueChange]]:
    if not path.exists():
        return {}, []
    document = read_yaml(path)
    if document is None or not isinstance(document.value, dict):
        raise CatalogueError(
            f"{path}: expected features and history: delete the file to start anew"
        )
    parts = dict(document.value)
    history = parts.pop("history", None)
    catalogue = Catalogue.from_document(path, type(document)(parts, document.line))
    features = {name: dict(entry) for name, entry in catalogue.features.items()}
    return features, _changes(path, history)


def _changes(path: Path, history: Located | None) -> list[CatalogueChange]:
    lines = history.plain() if history else []
    names = CatalogueChange._fields
    if not isinstance(lines, list) or not all(
        isinstance(line, dict) and set(line) <= set(names) for line in lines
    ):
        place = history.line if history else 1
        raise CatalogueError(
            f"{path}, line {place}: the history must be a list of {{{', '.join(names)}}}"
        )
    return [
        CatalogueChange(*(line.get(name, "" if name != "value" else None) for name in names))
        for line in lines
    ]


def _document(
    features: dict[str, dict[str, Any]], history: list[CatalogueChange]
) -> dict[str, Any]:
    ordered = {
        name: {k: entry[k] for k in FEATURE_KEYS if k in entry} for name, entry in features.items()
    }
    return {"features": ordered, "history": [FlowMapping(change._asdict()) for change in history]}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    # each save moves another file there: the inode tells two saves within one tick of the clock
    # apart
    return status.st_mtime_ns, status.st_ino


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Keep other processes from saving the same file meanwhile, where the file system can.

    Yield whether it could.

    Where it cannot (some network folders), two saves within the same milliseconds may lose one of
    them.
    """
    lock = path.with_name(f".{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CatalogueError(
            f"{path} cannot be written ({error.strerror or error}): make room or ask for "
            "permission, nothing was changed"
        ) from error
    try:
        alone = False
        with suppress(OSError):
            _take(handle)
            alone = True
        yield alone
    finally:
        os.close(handle)  # which lets the lock go


def _take(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name for this user id, as in a container
        return "unknown"
