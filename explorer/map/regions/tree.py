"""RegionTree: which region each row of a map belongs to, coarse to fine.

Finer regions lie within coarser ones.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.map.regions.grouping import Grouping, Measure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["RegionTree"]

_FINEST, _LANDMARKS, _PARENTS = "finest.npy", "landmarks.npy", "parents-{}.npy"
_LEVELS, _GROUPING, _OTHERS = "levels.txt", "grouping.json", "others.json"


@dataclass(frozen=True, eq=False)
class RegionTree:
    """The regions of the m rows of a map.

    Parameters
    ----------
    finest : ndarray of shape (m,), int32
        Region of each row at the finest level, −1 where it is not known yet.
    parents : tuple of ndarray, int32
        For each level but the coarsest, from the second to the finest: the region one level up of
        each region.
    landmarks : ndarray of shape (k,), int64
        Rows of the map, ascending, that the regions were found on; all of them, or a random sample.
    n_levels : int
        0 where the rows form no regions.
    grouping : Grouping or None
        The test whether they form groups at all; None where it was not needed, since all features
        are yes or no.
    others : Grouping or None
        The same without columns of two values, which form groups by themselves; None where there
        are none of these, or no groups.
    """

    finest: NDArray[np.int32]
    parents: tuple[NDArray[np.int32], ...]
    landmarks: NDArray[np.int64]
    n_levels: int
    grouping: Grouping | None = None
    others: Grouping | None = None

    @classmethod
    def of_levels(
        cls,
        levels: Sequence[NDArray[np.int32]],
        landmarks: NDArray[np.int64],
        n_rows: int,
        grouping: Grouping | None = None,
    ) -> RegionTree:
        """Make the tree of nested labels of landmarks, coarse to fine.

        The other rows are not known yet.
        """
        finest = np.full(n_rows, -1, np.int32)
        if levels:
            finest[landmarks] = levels[-1]
        parents = []
        for coarse, fine in pairwise(levels):
            up = np.empty(int(fine.max()) + 1, np.int32)
            up[fine] = coarse
            parents.append(up)
        return cls(finest, tuple(parents), landmarks, len(levels), grouping)

    @property
    def complete(self) -> bool:
        """Whether the region of every row is known."""
        return self.n_levels == 0 or not (self.finest < 0).any()

    def labels(self, level: int) -> NDArray[np.int32]:
        """Return the region of each row at a level, 0 being the coarsest.

        (m,) int32, −1 where it is not known yet.
        """
        result = self.finest
        for up in self.parents[level:][::-1]:
            result = np.where(result < 0, -1, up[result])
        return result

    def save(self, folder: Path) -> None:
        """Write the tree into a folder."""
        np.save(folder / _FINEST, self.finest)
        np.save(folder / _LANDMARKS, self.landmarks)
        for i, up in enumerate(self.parents):
            np.save(folder / _PARENTS.format(i), up)
        (folder / _LEVELS).write_text(str(self.n_levels), encoding="ascii")
        for name, grouping in ((_GROUPING, self.grouping), (_OTHERS, self.others)):
            (folder / name).write_text(
                json.dumps(None if grouping is None else asdict(grouping)), encoding="ascii"
            )

    @classmethod
    def open(cls, folder: Path) -> RegionTree:
        """Read what `save` wrote."""
        n_levels = int((folder / _LEVELS).read_text(encoding="ascii"))
        parents = tuple(np.load(folder / _PARENTS.format(i)) for i in range(max(n_levels - 1, 0)))
        grouping, others = (
            _grouping(json.loads((folder / name).read_text(encoding="ascii")))
            for name in (_GROUPING, _OTHERS)
        )
        return cls(
            np.load(folder / _FINEST),
            parents,
            np.load(folder / _LANDMARKS),
            n_levels,
            grouping,
            others,
        )


def _grouping(document: dict[str, Any] | None) -> Grouping | None:
    if document is None:
        return None
    valley, separation = (
        Measure(value=document[name]["value"], clouds=tuple(document[name]["clouds"]))
        for name in ("valley", "separation")
    )
    return Grouping(rows=document["rows"], valley=valley, separation=separation)
