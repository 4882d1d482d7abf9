"""A categorical feature in the matrix: one column a level, the whole weighing as one feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import FeatureError
from explorer.features.matrix.encode import CategoryCells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.features.matrix.encode import Cells, EncodingRequest

__all__ = ["MOST_LEVELS", "REFUSED_LEVELS", "CategoryBlock"]

MOST_LEVELS = 50  # columns a category gets; further levels share one
REFUSED_LEVELS = 1_000


@dataclass(frozen=True)
class CategoryBlock:
    """One column a level, centred and divided so that the variances of all add up to weight²."""

    levels: tuple[str, ...]
    other: bool
    missing: bool
    shares: tuple[float, ...]
    weight: float

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Role and label of each column."""
        extra = [("other", "")] * self.other + [("missing", "")] * self.missing
        return (*(("level", level) for level in self.levels), *extra)

    @classmethod
    def fit(cls, cells: CategoryCells, request: EncodingRequest) -> CategoryBlock | None:
        """Learn from levels.

        The 50 largest get a column each, the others share one, missing is a level.
        """
        if len(cells.labels) > REFUSED_LEVELS and not request.asked:
            raise FeatureError(
                f"feature {request.name!r} has {len(cells.labels):,} levels, more than "
                f"{REFUSED_LEVELS:,}: untick it, or choose "
                f'encode={{"{request.name}": "category"}} for its {MOST_LEVELS} largest'
            )
        rows = cells.codes.size
        n_others = int(cells.counts[MOST_LEVELS:].sum())
        missing = rows - int(cells.counts.sum())
        counts = [
            *cells.counts[:MOST_LEVELS].tolist(),
            *([n_others] if n_others else []),
            *([missing] if missing else []),
        ]
        if len(counts) < 2:
            return None
        shares = tuple(count / rows for count in counts)
        return cls(
            tuple(cells.labels[:MOST_LEVELS]), n_others > 0, missing > 0, shares, request.weight
        )

    def write(self, cells: Cells, out: NDArray[np.float32]) -> None:
        """Write levels; one that was not there at the fit is "other", or none of the columns."""
        assert isinstance(cells, CategoryCells)
        columns = {level: column for column, level in enumerate(self.levels)}
        other = len(self.levels) if self.other else -1
        missing_place = len(self.levels) + self.other if self.missing else -1
        place = np.array([*(columns.get(label, other) for label in cells.labels), missing_place])
        column = place[cells.codes]  # code −1, missing, takes the last
        shares = np.array(self.shares)
        factor = self.weight / np.sqrt(1 - (shares**2).sum())
        out[:] = -shares * factor
        hit = np.flatnonzero(column >= 0)
        out[hit, column[hit]] = ((1 - shares) * factor)[column[hit]]

    def document(self) -> dict[str, Any]:
        """Return what was learned, as JSON."""
        return {**vars(self), "levels": list(self.levels), "shares": list(self.shares)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> CategoryBlock:
        """Build it from `document`."""
        return cls(
            **{**document, "levels": tuple(document["levels"]), "shares": tuple(document["shares"])}
        )
