"""Which rows of which table a map draws, said in the map's folder beside its coordinates."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import EmbeddingError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from explorer.embedding.embedding import Embedding

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
    provenance, scores : dict
        Of the embedding; empty where nobody knows, as in a map of an earlier version.
    """

    fingerprint: str
    name: str
    table_rows: int
    features: tuple[str, ...] | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, embedding: Embedding) -> About:
        """Say whose rows an embedding places, and what made it."""
        return cls(
            embedding.fingerprint,
            embedding.name,
            embedding.table_rows,
            embedding.features,
            embedding.provenance,
            embedding.scores,
        )


def write_about(folder: Path, about: About, rows: NDArray[np.int64] | None = None) -> None:
    """Say which rows of the table (m,) the rows of the map are; without them, all in order."""
    whole = rows is None or (
        len(rows) == about.table_rows and bool(np.array_equal(rows, np.arange(len(rows))))
    )
    if rows is not None and not whole:
        np.save(folder / _ROWS, rows)
    text = json.dumps({**vars(about), "all_rows": whole})
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
