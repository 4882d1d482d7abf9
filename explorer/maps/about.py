"""Which rows of which table a map draws, said in the map's folder beside its coordinates."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import EmbeddingError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["About", "read_about", "write_about"]

_FILE, _ROWS = "about.json", "rows.npy"


@dataclass(frozen=True)
class About:
    """Whose rows a map draws.

    Parameters
    ----------
    fingerprint : str
        Of the table.
    name : str
        Words for the map.
    table_rows : int
        Rows of the table, with and without a place on the map.
    features : tuple of str or None
        Columns that the map was made from; None where nobody knows.
    """

    fingerprint: str
    name: str
    table_rows: int
    features: tuple[str, ...] | None = None


def write_about(folder: Path, about: About, rows: NDArray[np.int64]) -> None:
    """Say which rows of the table (m,) the rows of the map are; all of them in order take no file."""
    (folder / _ROWS).unlink(missing_ok=True)
    whole = len(rows) == about.table_rows and bool(np.array_equal(rows, np.arange(len(rows))))
    if not whole:
        np.save(folder / _ROWS, rows)
    text = json.dumps({**asdict(about), "all_rows": whole})
    (folder / _FILE).write_text(text, encoding="utf-8")


def read_about(folder: Path) -> tuple[About, NDArray[np.int64] | None]:
    """Read back what was said; rows are None when the map draws all rows of the table in order.

    Raises
    ------
    EmbeddingError
        If the folder does not say it, or the files are damaged.
    """
    try:
        said = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        rows = None if said.pop("all_rows") else np.load(folder / _ROWS, mmap_mode="r")
        made_from = said.pop("features", None)
        return About(**said, features=None if made_from is None else tuple(made_from)), rows
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EmbeddingError(
            f"the map in {folder} does not say which rows it draws ({error}): build it again"
        ) from error
