"""SelectionFiles: the saved selections of one table, a file each in the user's data folder.

A file is one line of JSON, then one bit for each row of the table as `numpy.packbits` packs them: 1.25 MB for 10,000,000
rows. It appears whole or not at all, and never changes but for its name.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from explorer.cache import data_folder
from explorer.drafts import drafted
from explorer.errors import SelectionError
from explorer.rows.saved_selection import SavedSelection, id_of_rows

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["SelectionFiles"]

_FORM = 1
_FOLDER = "selections"
_LONGEST_HEAD = 1 << 20  # bytes


class SelectionFiles:
    """The saved selections of one table; safe for several threads and processes.

    Parameters
    ----------
    fingerprint : str
        Of the table's rows.
    num_rows : int
    folder : Path, optional
        The user's data folder without it.
    """

    def __init__(self, fingerprint: str, num_rows: int, folder: Path | None = None) -> None:
        self.folder = (folder or data_folder()) / _FOLDER / fingerprint[:32]
        self.fingerprint, self.num_rows = fingerprint, num_rows
        self._lock = threading.Lock()
        self._read: dict[str, tuple[tuple[int, int], SavedSelection | str]] = {}

    def listed(self) -> tuple[list[SavedSelection], list[str]]:
        """Return what is saved, the oldest first, and a sentence for each file that cannot be read.

        Files of other processes are seen at once; one that was read before is not read again.
        """
        with self._lock:
            self._look()
            found = [one for _, one in self._read.values()]
        saved = [one for one in found if isinstance(one, SavedSelection)]
        return sorted(saved, key=lambda one: (one.time, one.name)), [
            one for one in found if isinstance(one, str)
        ]

    def get(self, name: str) -> SavedSelection | None:
        """Return what is saved under an id, None when nothing is."""
        return next((one for one in self.listed()[0] if one.id == name), None)

    def mask(self, saved: SavedSelection) -> NDArray[np.bool_]:
        """Return the rows, (num_rows,) bool.

        Raises
        ------
        SelectionError
            When the file is gone or damaged.
        """
        try:
            with self._path(saved.id).open("rb") as file:
                _head(file)
                bits = np.frombuffer(file.read(), np.uint8)
        except (OSError, ValueError) as error:
            raise SelectionError(
                f"the saved selection {saved.name!r} cannot be read ({error}): save it again"
            ) from error
        if id_of_rows(self.fingerprint, bits) != saved.id:
            raise SelectionError(
                f"the saved selection {saved.name!r} is damaged: remove it, and save it again"
            )
        return np.unpackbits(bits, count=self.num_rows).view(np.bool_)

    def write(self, saved: SavedSelection, mask: NDArray[np.bool_]) -> SavedSelection:
        """Keep rows, (num_rows,) bool; returns what was saved, with its id.

        Raises
        ------
        SelectionError
            When the folder cannot be written or the disk is full; nothing has changed then.
        """
        bits = np.packbits(mask)
        kept = replace(saved, id=id_of_rows(self.fingerprint, bits), count=int(np.count_nonzero(mask)))
        self._put(kept, bits.tobytes())
        return kept

    def rename(self, saved: SavedSelection, name: str) -> SavedSelection:
        """Give another name; see `write`."""
        renamed = replace(saved, name=name)
        self._put(renamed, np.packbits(self.mask(saved)).tobytes())
        return renamed

    def remove(self, saved: SavedSelection) -> None:
        """Remove a selection; one that is gone already is no error."""
        try:
            self._path(saved.id).unlink(missing_ok=True)
        except OSError as error:
            raise self._cannot_write(error) from error

    def _put(self, saved: SavedSelection, bits: bytes) -> None:
        document = {"form": _FORM, "rows": self.num_rows, **asdict(saved)}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._lock, drafted(self._path(saved.id)) as draft, draft.open("wb") as file:
                file.write(json.dumps(document).encode() + b"\n" + bits)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._cannot_write(error) from error

    def _look(self) -> None:
        """Bring what was read up to the folder as it is now."""
        try:
            present = {path.name: path for path in self.folder.iterdir() if path.suffix == ".rows"}
        except OSError:
            present = {}
        known, self._read = self._read, {}
        for name, path in sorted(present.items()):
            try:
                about = path.stat()
            except OSError:
                continue  # removed at this moment
            stamp = (about.st_mtime_ns, about.st_ino)
            if name in known and known[name][0] == stamp:
                self._read[name] = known[name]
            else:
                self._read[name] = (stamp, self._opened(path))

    def _opened(self, path: Path) -> SavedSelection | str:
        try:
            with path.open("rb") as file:
                document = _head(file)
            form, rows = document.pop("form"), document.pop("rows")
            if form != _FORM or rows != self.num_rows:
                raise ValueError("of another version, or of a table of another length")
            return SavedSelection(**document)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return f"the saved selection in {path} cannot be read ({error}): it is left aside; move the file away"

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.rows"

    def _cannot_write(self, error: OSError) -> SelectionError:
        return SelectionError(
            f"selections cannot be written to {self.folder} ({error.strerror or error}): make room or ask for permission; "
            "nothing was changed"
        )


def _head(file: BinaryIO) -> dict[str, Any]:
    line = file.readline(_LONGEST_HEAD)
    document: dict[str, Any] = json.loads(line)
    return document
