"""Ranked lists: how high up the hits are, and means over lists with errors between units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numba
import numpy as np

from explorer.stats.contributions import ratio_contributions
from explorer.stats.radix import key_order, number_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.contributions import Contributions

__all__ = ["NoHit", "RankedLists", "ranked_lists", "warm_ranked_lists"]

NoHit = Literal["count", "drop"]
"""Whether lists without a hit count as 0, or are left out."""


@dataclass(frozen=True, eq=False)
class RankedLists:
    """Figures of each list.

    Parameters
    ----------
    k : tuple of int
        Depths, from 1.
    exists : ndarray of shape (lists,), bool
        Lists with a row whose outcome is known, with a position or without; False for a code that
        no row has.
    rows : ndarray of shape (lists,), int64
        Rows of each list that have a position.
    unplaced : ndarray of shape (lists,), bool
        Lists with a hit that has no position: how high up their highest hit is cannot be said.
    first : ndarray of shape (lists,), float64
        Position of the highest hit that has one; NaN without one.
    dcg, ideal : ndarray of shape (lists, len(k)), float64
        Discounted cumulative gain down to each depth, Σ gain / log₂(1 + position) (Järvelin &
        Kekäläinen 2002, doi:10.1145/582415.582418), and what it would be with the largest gains
        first. Hits of one list that share a position may share it in the ideal too: a list in which
        pages were mixed is never better than its ideal.
    """

    k: tuple[int, ...]
    exists: NDArray[np.bool_]
    rows: NDArray[np.int64]
    unplaced: NDArray[np.bool_]
    first: NDArray[np.float64]
    dcg: NDArray[np.float64]
    ideal: NDArray[np.float64]

    @property
    def hit(self) -> NDArray[np.bool_]:
        """Whether each list has a hit that has a position, (lists,)."""
        return ~np.isnan(self.first)

    @property
    def any_hit(self) -> NDArray[np.bool_]:
        """Whether each list has a hit, with a position or without, (lists,)."""
        return self.hit | self.unplaced

    @property
    def known(self) -> NDArray[np.bool_]:
        """Lists whose figures are known, (lists,): those without a hit that has no position."""
        return self.exists & ~self.unplaced

    def counted(self, no_hit: NoHit = "count") -> NDArray[np.bool_]:
        """Return the lists that means are over, (lists,): those known, or only those with a hit."""
        return self.known & self.hit if no_hit == "drop" else self.known

    @property
    def reciprocal_rank(self) -> NDArray[np.float64]:
        """1 / position of the highest hit, (lists,); 0 without one."""
        return np.where(self.hit, 1 / self.first, 0.0)

    def success(self, k: int) -> NDArray[np.float64]:
        """1 where a hit is among the first k positions, (lists,)."""
        with np.errstate(invalid="ignore"):
            return (self.first <= k).astype(np.float64)

    def ndcg(self, k: int) -> NDArray[np.float64]:
        """DCG over the ideal down to one of the depths, (lists,); 0 for a list without a hit."""
        at = self.k.index(k)
        with np.errstate(invalid="ignore"):
            return np.where(self.ideal[:, at] > 0, self.dcg[:, at] / self.ideal[:, at], 0.0)

    def mean(
        self,
        figure: NDArray[np.float64],
        no_hit: NoHit = "count",
    ) -> Contributions:
        """Return the mean of a figure over lists, with what each list adds to it.

        Its ``estimate(unit)`` has the error between units, as of the ratio Σ figure / number of
        lists over units.

        Parameters
        ----------
        figure : ndarray of shape (lists,), float64
        no_hit : {"count", "drop"}
            Whether lists without a hit count, as 0, or are left out: then the mean is of lists that
            have one, and says nothing of how often that is.
        """
        counted = self.counted(no_hit)
        return ratio_contributions(np.where(counted, figure, 0.0), counted.astype(np.float64))


def ranked_lists(
    lists: NDArray[Any],
    position: NDArray[Any],
    gain: NDArray[Any],
    k: tuple[int, ...] = (1, 5, 10),
    n_lists: int | None = None,
) -> RankedLists:
    """Reckon the figures of every list from rows in any order.

    Parameters
    ----------
    lists : ndarray of shape (n,), integer
        Code of each row's list, from 0; rows with a negative one are left out.
    position : ndarray of shape (n,), real numbers
        From 1 at the top; any other number, or NaN, is no position: the row says that its list
        exists, and nothing of its order. Positions of a list that have no row are no hit.
    gain : ndarray of shape (n,), real numbers
        What the row is worth, at least 0; a hit where above 0. Linear gains, as in scikit-learn.
        Rows with NaN are left out.
    k : tuple of int
        Depths of DCG, each at least 1.
    n_lists : int, optional
        Codes of lists; without it the largest and one more.
    """
    places, worth = np.asarray(position, dtype=np.float64), np.asarray(gain, dtype=np.float64)
    codes = np.asarray(lists)
    size = int(codes.max(initial=-1)) + 1 if n_lists is None else n_lists
    exists, unplaced = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    rows, first = np.zeros(size, np.int64), np.full(size, np.nan)
    dcg, ideal = np.zeros((size, len(k))), np.zeros((size, len(k)))
    depths = np.array(k, dtype=np.int64)
    _pass(codes, places, worth, depths, exists, rows, unplaced, first, dcg)
    hits = np.flatnonzero((worth > 0) & (codes >= 0) & (places >= 1) & (places == np.floor(places)))
    by_gain, by_place = (
        key_order(codes[hits].astype(np.uint64), key_order(number_keys(order[hits])))
        for order in (-worth, places)
    )
    _fill(codes[hits], worth[hits], places[hits], by_gain, by_place, depths, ideal)
    return RankedLists(k, exists, rows, unplaced, first, dcg, ideal)


def warm_ranked_lists() -> None:
    """Compile, or load from disk, every kernel here."""
    for kind in (np.int32, np.int64):
        ranked_lists(np.zeros(1, kind), np.ones(1), np.ones(1))


@numba.njit(nogil=True, cache=True)
def _pass(
    lists: Any,
    position: Any,
    gain: Any,
    depths: Any,
    exists: Any,
    rows: Any,
    unplaced: Any,
    first: Any,
    dcg: Any,
) -> None:
    for i in range(lists.size):
        member, place, worth = lists[i], position[i], gain[i]
        if member < 0 or worth != worth:
            continue
        exists[member] = True
        if not (place >= 1.0 and place == np.floor(place)):
            if worth > 0:
                unplaced[member] = True
            continue
        rows[member] += 1
        if worth > 0:
            if not first[member] <= place:
                first[member] = place
            gained = worth / np.log2(1.0 + place)
            for d in range(depths.size):
                if place <= depths[d]:
                    dcg[member, d] += gained


@numba.njit(nogil=True, cache=True)
def _fill(
    lists: Any, gain: Any, position: Any, order: Any, by_place: Any, depths: Any, ideal: Any
) -> None:
    """Add the largest gains of each list, as if each had the next position.

    Or a higher one that hits share.
    """
    i = 0
    while i < order.size:
        member, place = lists[order[i]], 0
        while i < order.size and lists[order[i]] == member:
            place += 1
            slot = min(float(place), position[by_place[i]])
            gained = gain[order[i]] / np.log2(1.0 + slot)
            for d in range(depths.size):
                if slot <= depths[d]:
                    ideal[member, d] += gained
            i += 1
