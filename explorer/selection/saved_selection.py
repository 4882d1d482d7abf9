"""SavedSelection: rows that somebody has named, with how they were chosen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.core.errors import SelectionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from explorer.selection.selection import Selection

__all__ = ["SavedSelection", "definition_to_keep", "id_of_rows", "selection_name"]

_LONGEST = 120  # characters of a name
_LONGEST_DEFINITION = 200_000  # characters; a longer one is only said to have been


@dataclass(frozen=True)
class SavedSelection:
    """What is known of a saved selection beside its rows.

    Attributes
    ----------
    id : str
        Follows from the table and the rows alone: the same rows have the same id wherever they are
        saved.
    name : str
        Which people may change; the rows stay.
    count : int
        Rows.
    definition : mapping
        How they were chosen, as `Selection.definition` says it.
    author : str
        Who saved them; empty when nobody said.
    time : float
        When, in seconds since 1970-01-01 UTC.
    seen : mapping of str to str
        Columns that had a part in it, and which: see `Selection.seen`.
    """

    id: str
    name: str
    count: int
    definition: Mapping[str, Any]
    author: str
    time: float
    seen: Mapping[str, str]


def id_of_rows(fingerprint: str, bits: NDArray[np.uint8]) -> str:
    """Return the id of packed rows of a table: 32 hexadecimal digits."""
    digest = hashlib.blake2b(fingerprint.encode(), digest_size=16)
    digest.update(bits.tobytes())
    return digest.hexdigest()


def selection_name(name: str) -> str:
    """Return a name without blanks around it.

    Raises
    ------
    SelectionError
        When it is empty, too long, or holds what cannot be read.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise SelectionError(
            f"the name of a saved selection must be 1 to {_LONGEST} readable characters, not "
            f"{name[:40]!r}: choose another"
        )
    return name


def definition_to_keep(selection: Selection) -> dict[str, Any]:
    """Return the definition of a selection; only its count where it is too long to be kept."""
    definition = selection.definition
    if len(str(definition)) <= _LONGEST_DEFINITION:
        return definition
    return {"row_count": selection.count()}
