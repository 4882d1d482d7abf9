"""Region, and the regions of a map: how many rows, their names, and every number behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.core.errors import UnknownName

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.map.regions.tree import RegionTree

__all__ = ["Reason", "Region", "Regions"]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One thing that distinguishes a region.

    Parameters
    ----------
    column : str
        Of the table.
    level : str or None
        Of a category, "yes" of what is 0 or 1; None for a number.
    name : str
        The part of the region's name that it gives: "Drama 71 %", "Runtime high".
    effect : float
        Numbers: difference of the means of the scaled feature over √((s² + s_rest²)/2) (Austin
        2009, doi:10.1002/sim.3697). Levels: Cohen's h, the difference of 2 arcsin √share (Cohen
        1988). Both are in standard deviations; below 0 where there is less.
    here, elsewhere : float
        Numbers: medians of the values as the table has them, or means where the medians are the
        same. Levels: shares of the rows with a value.
    counted : int
        Rows of the region with a value, among those that were looked at.
    words : str
        All of it in a sentence.
    """

    column: str
    level: str | None
    name: str
    effect: float
    here: float
    elsewhere: float
    counted: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region.

    Parameters
    ----------
    level : int
        0 is the coarsest.
    number : int
        Within its level; 0 had most landmarks.
    parent : int or None
        The region one level up that it lies in.
    rows : int
        Rows of the map in it, as far as they are known.
    landmarks : int
        Those that the regions were found on, and the name rests on.
    name : str
        Empty where nothing distinguishes it, or only what another region bears as its name.
    reasons : tuple of Reason
        What the name is made of; without a name, what comes nearest to it.
    than : str
        What it was compared with.
    why_not : str
        Why it has no name.
    """

    level: int
    number: int
    parent: int | None
    rows: int
    landmarks: int
    name: str
    reasons: tuple[Reason, ...]
    than: str
    why_not: str = ""


@dataclass(frozen=True, eq=False)
class Regions:
    """The regions of a map.

    Parameters
    ----------
    levels : tuple of tuple of Region
        Coarse to fine; empty where the rows form no regions.
    tree : RegionTree
        Which row is in which.
    rows : ndarray of shape (m,), int64
        Row of the table of each row of the map.
    note : str
        On how many rows they were found.
    """

    levels: tuple[tuple[Region, ...], ...]
    tree: RegionTree
    rows: NDArray[np.int64]
    note: str

    @property
    def complete(self) -> bool:
        """Whether the region of every row of the map is known, and not of the landmarks alone."""
        return self.tree.complete

    def region(self, level: int, number: int) -> Region:
        """Return one region.

        Raises
        ------
        UnknownName
            There is no such one.
        """
        if 0 <= level < len(self.levels) and 0 <= number < len(self.levels[level]):
            return self.levels[level][number]
        counts = (
            ", ".join(
                f"{len(regions)} at level {place}" for place, regions in enumerate(self.levels)
            )
            or "none"
        )
        raise UnknownName(f"no region {number} at level {level}: there are {counts}")

    def labels(self, level: int) -> NDArray[np.int32]:
        """Return the region of each row of the map at a level, (m,) int32.

        −1 where it is not known yet.
        """
        return self.tree.labels(level)

    def rows_of(self, level: int, number: int) -> NDArray[np.int64]:
        """Return the rows of the table in a region, ascending."""
        self.region(level, number)
        result: NDArray[np.int64] = self.rows[self.labels(level) == number]
        return result

    def to_arrow(self) -> pa.Table:
        """Return ``row``, and for each level its region's number and name, coarse to fine.

        One row for each row of the map.
        """
        import pyarrow as pa

        columns: dict[str, Any] = {"row": pa.array(self.rows)}
        for level, regions in enumerate(self.levels):
            numbers = self.labels(level)
            places = pa.array(numbers, mask=numbers < 0)
            columns[f"region_{level}"] = places
            columns[f"name_{level}"] = pa.array([region.name for region in regions]).take(places)
        return pa.table(columns)

    def reasons_to_arrow(self) -> pa.Table:
        """Return a row for each reason of each region, and one for a region that has none."""
        import pyarrow as pa

        fields = ("column", "level", "effect", "here", "elsewhere", "counted", "words")
        rows = [
            {
                "region_level": region.level,
                "region": region.number,
                "parent": region.parent,
                "rows": region.rows,
                "name": region.name,
                "than": region.than,
                **{name: getattr(reason, name, None) for name in fields},
            }
            for regions in self.levels
            for region in regions
            for reason in region.reasons or (None,)
        ]
        return pa.Table.from_pylist(rows)
