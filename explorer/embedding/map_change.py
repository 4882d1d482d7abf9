"""What changes from one map of a table to another: neighbours, and the shape of the picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _, ngettext
from explorer.core.number_format import percent
from explorer.embedding.shared_rows import shared_rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from explorer.embedding.embedding import Embedding
    from projections.errors import Progress

__all__ = ["EXACT_ROWS", "MapChange", "map_change"]

EXACT_ROWS = 4_000_000
"""Up to so many rows all are compared: seconds on two cores (`bench_neighbours_2d.py`)."""

_LOOKED_AT = 100_000  # beyond: the mean is then known to ±.003 (95 %) at worst


@dataclass(frozen=True, eq=False, kw_only=True)
class MapChange:
    """How two maps of a table differ, row by row.

    Attributes
    ----------
    rows : ndarray of shape (m,), int64
        Rows of the table that are on both maps, ascending.
    changed : ndarray of shape (m,), float32
        Share of a row's ``n_neighbors`` nearest rows on the first map that are not among as many on
        the second: 0 for the same neighbours, 1 for none in common; among the rows that are on
        both. Where not all rows were looked at, the others have the mean of the 8 nearest on the
        first map that were.
    share : float
        Mean of ``changed`` over the rows that were looked at.
    chance : float
        What maps that have nothing to do with each other would have.
    disparity : float
        Share of the variance that is left unexplained when one map is turned, mirrored, moved and
        scaled onto the other.
    n_exact : int
        Rows that were looked at, each against all m: m, or a random sample.
    n_neighbors : int
    names : tuple of (str, str)
        Of both maps.
    """

    rows: NDArray[np.int64] = field(repr=False)
    changed: NDArray[np.float32] = field(repr=False)
    share: float
    chance: float
    disparity: float
    n_exact: int
    n_neighbors: int
    names: tuple[str, str]

    @property
    def exact(self) -> bool:
        """Whether every row was looked at."""
        return self.n_exact == len(self.rows)

    @property
    def words(self) -> str:
        """What changed, in sentences, and of how many rows this is known."""
        first, second = self.names
        if first == second:  # two seeds, or other settings that a name does not tell
            first, second = _("the first map"), _("the second map")
        if not self.n_neighbors:
            return _(
                "Only one row is on {first} and on {second}: there are no neighbours to compare."
            ).format(first=first, second=second)
        share = ngettext(
            "{share} of the nearest rows on {first} are not the nearest on {second} "
            "({chance} for maps that have nothing in common).",
            "{share} of a row's {k} nearest rows on {first} are not among those on {second} "
            "({chance} for maps that have nothing in common).",
            self.n_neighbors,
        ).format(
            share=percent(self.share),
            k=self.n_neighbors,
            first=first,
            second=second,
            chance=percent(self.chance),
        )
        rows = (
            _("Exact, for all {total:,} rows that are on both.")
            if self.exact
            else _(
                "From {count:,} rows drawn at random, each compared with all {total:,} that are "
                "on both; the others show the mean of the 8 nearest of them."
            )
        ).format(count=self.n_exact, total=len(self.rows))
        variance = _(
            "Laid onto each other, the maps leave {share} of their variance unexplained."
        ).format(share=percent(self.disparity))
        return f"{share} {rows} {variance}"

    def on(self, rows: ArrayLike) -> NDArray[np.float32]:
        """Return ``changed`` for rows of the table, (r,) float32; NaN for rows not on both maps."""
        asked_rows = np.asarray(rows, dtype=np.int64)
        if np.array_equal(asked_rows, self.rows):
            return self.changed
        place = np.minimum(np.searchsorted(self.rows, asked_rows), len(self.rows) - 1)
        return np.where(self.rows[place] == asked_rows, self.changed[place], np.float32(np.nan))

    def document(self) -> dict[str, Any]:
        """Return everything but the rows, ready for JSON."""
        names = ("share", "chance", "disparity", "n_exact", "n_neighbors")
        return {**{name: getattr(self, name) for name in names}, "names": list(self.names)}


def map_change(
    first: Embedding,
    second: Embedding,
    k: int = 15,
    *,
    seed: int = 0,
    exact_rows: int = EXACT_ROWS,
    progress: Progress | None = None,
) -> MapChange:
    """Compare two maps of a table: see `explorer.compare_maps`, which keeps what it found.

    Parameters
    ----------
    first, second : Embedding
    k : int
    seed : int
        Of the random rows.
    exact_rows : int
        Up to so many rows all are looked at, beyond that 100,000 of them.
    progress : callable, optional
        ``progress("change", done, total)``; returning False cancels.
    """
    from projections.quality.alignment import procrustes
    from projections.quality.changes import neighbor_change, spread

    shared = shared_rows(first, second)
    n_shared = len(shared.rows)
    disparity = procrustes(shared.first, shared.second).disparity
    looked_at = n_shared if n_shared <= exact_rows else min(_LOOKED_AT, n_shared)
    if n_shared == 1:  # one row has no neighbour that could be another
        changed, share, chance, k = np.zeros(1, dtype=np.float32), 0.0, 0.0, 0
    else:
        change = neighbor_change(shared.first, shared.second, k, looked_at, seed, progress=progress)
        share, chance, k, changed = change.share, change.chance, change.n_neighbors, change.changed
        if looked_at < n_shared:
            changed = spread(shared.first, change.rows, change.changed, progress=progress)
    return MapChange(
        rows=shared.rows,
        changed=changed,
        share=share,
        chance=chance,
        disparity=disparity,
        n_exact=looked_at,
        n_neighbors=k,
        names=(first.name, second.name),
    )
