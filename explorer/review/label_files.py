"""Files of labels: one a column in the user's data folder, written whole or not at all."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from explorer.cache import data_folder
from explorer.drafts import drafted
from explorer.errors import LabelError
from explorer.review.label_column import LabelColumn, LabelLevel, Labelling

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LabelFiles", "any_labels"]

_FORM = 1
_FOLDER = "labels"


class LabelFiles:
    """The label columns of one table, a file each; a `LabelStore`.

    Parameters
    ----------
    fingerprint : str
        Of the table's rows.
    num_rows : int
    folder : Path, optional
        The user's data folder without it.

    Attributes
    ----------
    trouble : list of str
        A sentence for each file that could not be read; it is left where it is.
    """

    def __init__(self, fingerprint: str, num_rows: int, folder: Path | None = None) -> None:
        self.folder = (folder or data_folder()) / _FOLDER / fingerprint[:32]
        self.num_rows = num_rows
        self.trouble: list[str] = []

    def read_all(self) -> list[LabelColumn]:
        """Return every column, oldest file first; a damaged one is passed over with words."""
        self.trouble = []
        found = []
        for path in self._paths():
            try:
                found.append(self._read(path))
            except LabelError as error:
                self.trouble.append(str(error))
        return found

    def read(self, name: str) -> LabelColumn | None:
        """Return a column as its file has it now, None when there is none.

        Raises
        ------
        LabelError
            When the file is damaged.
        """
        path = self._path(name)
        return self._read(path) if path.exists() else None

    def write(self, column: LabelColumn) -> None:
        """Write a column; what was there before stays until the new file is whole.

        Raises
        ------
        LabelError
            When the folder cannot be written or the disk is full; nothing has changed then.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with drafted(self._path(column.name)) as draft, draft.open("w", encoding="utf-8") as file:
                json.dump(_document(column), file)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._cannot_write(error) from error

    def remove(self, name: str) -> None:
        """Remove the file of a column; none there is no error."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise self._cannot_write(error) from error

    def _paths(self) -> list[Path]:
        try:
            paths = [path for path in self.folder.iterdir() if path.suffix == ".json"]
            return sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name))
        except OSError:
            return []

    def _path(self, name: str) -> Path:
        readable = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40]
        digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        return self.folder / f"{readable or 'label'}-{digest}.json"

    def _read(self, path: Path) -> LabelColumn:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["form"] != _FORM or document["rows"] != self.num_rows:
                raise ValueError("of another version, or of a table of another length")
            column = LabelColumn(document["column"], self.num_rows, tuple(map(_level, document["levels"])))
            column.codes()  # each level can be unpacked
        except (OSError, ValueError, KeyError, TypeError, binascii.Error, LabelError) as error:
            raise LabelError(
                f"the labels in {path} cannot be read ({error}): they are left aside; move the file away to start anew"
            ) from error
        return column

    def _cannot_write(self, error: OSError) -> LabelError:
        return LabelError(
            f"labels cannot be written to {self.folder} ({error.strerror or error}): make room or ask for permission; "
            "nothing was changed"
        )


def any_labels(folder: Path | None = None) -> bool:
    """Say whether there are labels of any table, without asking which."""
    try:
        return any(((folder or data_folder()) / _FOLDER).iterdir())
    except OSError:
        return False


def _document(column: LabelColumn) -> dict[str, Any]:
    levels = [
        {
            "name": level.name,
            "count": level.count,
            "bits": base64.b64encode(level.packed).decode(),
            "made": [asdict(one) for one in level.made],
        }
        for level in column.levels
    ]
    return {"form": _FORM, "column": column.name, "rows": column.num_rows, "levels": levels}


def _level(document: dict[str, Any]) -> LabelLevel:
    made = tuple(Labelling(**one) for one in document["made"])
    packed = base64.b64decode(document["bits"], validate=True)
    return LabelLevel(document["name"], packed, int(document["count"]), made)
