"""GroupPair: the two groups of rows that are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ComparisonError
from explorer.core.gettext import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.selection.selection import Selection

__all__ = ["GroupPair", "pair_of"]


@dataclass(frozen=True, eq=False)
class GroupPair:
    """Group A and group B, without a row in common.

    Parameters
    ----------
    a, b : ndarray of shape (n,), bool
        Over the rows of the table.
    rest : bool
        Whether B is all rows that are not in A.
    overlap : int
        Rows that were in both as they were given; they count in A.
    definitions : tuple of dict
        How each was made.
    notes : list of str
        What a reader of the comparison should know of the groups.
    """

    a: NDArray[np.bool_]
    b: NDArray[np.bool_]
    rest: bool
    overlap: int
    definitions: tuple[dict[str, Any], dict[str, Any]]
    notes: list[str] = field(default_factory=list)

    @property
    def count_a(self) -> int:
        """Rows of A."""
        return int(np.count_nonzero(self.a))

    @property
    def count_b(self) -> int:
        """Rows of B."""
        return int(np.count_nonzero(self.b))


def pair_of(a: Selection, b: Selection | None = None) -> GroupPair:
    """Make a pair of two selections of one table; without `b` it is the rest.

    Rows in both count in A alone, with a note: a comparison of rows with themselves says nothing.

    Raises
    ------
    ComparisonError
        When a group is empty, says which and why.
    """
    if b is not None:
        a.require_same_table(b)
    mask_a, notes = a.mask, []
    mask_b = ~mask_a if b is None else b.mask & ~mask_a
    overlap = 0 if b is None else int(np.count_nonzero(a.mask & b.mask))
    if not mask_a.any():
        raise ComparisonError("group A has no rows: select some, and compare these")
    if not mask_b.any():
        why = (
            _("all rows are in A, so that there is no rest")
            if b is None
            else _why_empty(b.count(), overlap)
        )
        raise ComparisonError(f"group B has no rows to compare with: {why}")
    if overlap:
        notes.append(
            _("{overlap:,} rows are in both groups: they count in A alone").format(overlap=overlap)
        )
    definitions = a.definition, {"not": a.definition} if b is None else b.definition
    return GroupPair(mask_a, mask_b, b is None, overlap, definitions, notes)


def _why_empty(rows: int, overlap: int) -> str:
    return (
        _("all its {overlap:,} rows are in A too").format(overlap=overlap)
        if rows
        else _("it was stored without rows: select some for it")
    )
