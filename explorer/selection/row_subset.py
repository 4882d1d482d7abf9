"""RowSubset: rows of a table that are mapped alone, said so that they can be found again."""

from __future__ import annotations

import json
from collections.abc import Mapping  # noqa: TC003  read when a state is made of JSON
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.cache import is_key
from explorer.core.errors import SelectionError
from explorer.selection.saved_selection import definition_to_keep, id_of_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.core.cache import Cache
    from explorer.selection.selection import Selection

__all__ = ["RowSubset", "keep_rows", "read_rows"]

_KIND, _FILE = "rows", "rows.npy"


@dataclass(frozen=True, kw_only=True, slots=True)
class RowSubset:
    """Which rows of a table, by what they are, and how they were chosen.

    Attributes
    ----------
    id : str
        Follows from the table and the rows alone: the same rows have the same id.
    count : int
        Rows.
    name : str
        In a few words: "1,598 selected".
    definition : mapping
        How they were chosen, as `Selection.definition` says it.
    seen : mapping of str to str
        Columns that had a part in the choice, and which: see `Selection.seen`.
    """

    id: str
    count: int
    name: str = ""
    definition: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_key(self.id) or self.count < 0:
            raise SelectionError(
                "chosen rows need an id of letters and digits and a count from 0, came "
                f"{self.id!r} and {self.count!r}"
            )

    def __hash__(self) -> int:
        return hash((self.id, self.count, self.name))

    @classmethod
    def of(
        cls, selection: Selection, name: str = "", definition: Mapping[str, Any] | None = None
    ) -> RowSubset:
        """Say which rows a selection has, and how they were chosen.

        ``definition`` stands in place of the selection's own.
        """
        count = selection.count()
        return cls(
            id=id_of_rows(selection.fingerprint, np.packbits(selection.mask)),
            count=count,
            name=name or f"{count:,} chosen",
            definition=definition_to_keep(selection) if definition is None else definition,
            seen=selection.seen,
        )

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "id": self.id,
            "count": self.count,
            "name": self.name,
            "definition": json.loads(json.dumps(dict(self.definition))),
            "seen": dict(self.seen),
        }

    def check(self, mask: NDArray[np.bool_], fingerprint: str) -> None:
        """Refuse other rows than these.

        Raises
        ------
        SelectionError
            With the number of rows then and now.
        """
        if id_of_rows(fingerprint, np.packbits(mask)) != self.id:
            raise SelectionError(
                f"the map was made of {self.count:,} rows ({self.name}), and the same choice now "
                f"gives {int(np.count_nonzero(mask)):,} rows, not all of them the same: choose the "
                "rows again, and map them anew"
            )


def keep_rows(cache: Cache, selection: Selection, subset: RowSubset) -> None:
    """Keep the rows of a selection where a worker finds them by their id.

    Raises
    ------
    CacheError
        When the cache cannot be written.
    """
    if cache.get(_KIND, subset.id) is None:
        with cache.put(_KIND, subset.id) as draft:
            np.save(draft / _FILE, np.packbits(selection.mask))


def read_rows(cache: Cache, subset: RowSubset, num_rows: int) -> NDArray[np.bool_] | None:
    """Return which rows of a table are in, (num_rows,) bool; None where they are not kept."""
    folder = cache.get(_KIND, subset.id)
    if folder is None:
        return None
    try:
        bits = np.load(folder / _FILE)
    except (OSError, ValueError, EOFError):
        return None
    if len(bits) != -(-num_rows // 8):
        return None
    return np.unpackbits(bits, count=num_rows).view(np.bool_)
