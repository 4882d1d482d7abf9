"""List figures: MRR, NDCG and success over lists, each with the error between units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.stats.ranking.position_curve import rate_curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.ranking.ranked_lists import NoHit, RankedLists

__all__ = ["Depth", "ListFigures", "ListMean", "chance_within", "list_figures"]


class ListMean(NamedTuple):
    """A mean over lists.

    Parameters
    ----------
    value, low, high : float
        With the ends of its interval at 95 %, in 0 to 1.
    n : int
        Lists that count.
    """

    value: float
    low: float
    high: float
    n: int


class Depth(NamedTuple):
    """Chance of any hit within the first rows of a page, or the first positions of a list.

    Parameters
    ----------
    depth : int
        How many, from the top.
    lists, hits : int
        All lists but those with a hit whose place is not known, and those with a hit within.
    value, low, high : float
        Share, with the ends of its interval at 95 %.
    """

    depth: int
    lists: int
    hits: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class ListFigures:
    """Figures of some lists.

    Parameters
    ----------
    by, segment : str
        Column of the segment and its level; "" and "all" for the whole.
    lists, lists_without_hit, lists_unplaced : int
        All lists, those without a hit, and those with a hit that has no position, whatever counts.
        The last are left out of `mrr`, `ndcg` and `success`, since how high up their highest hit is
        is not known.
    played : ListMean
        Share of all lists with a hit, with a position or without: the chance of any play.
    mrr : ListMean
        Mean of 1 / position of the highest hit.
    ndcg, success : dict of int to ListMean
        By depth.
    """

    by: str = ""
    segment: str = "all"
    lists: int
    lists_without_hit: int
    lists_unplaced: int
    played: ListMean
    mrr: ListMean
    ndcg: dict[int, ListMean] = field(default_factory=dict)
    success: dict[int, ListMean] = field(default_factory=dict)


def list_figures(
    ranked: RankedLists,
    unit: NDArray[Any] | None,
    no_hit: NoHit,
    chosen: NDArray[np.bool_] | None = None,
    by: str = "",
    segment: str = "all",
) -> ListFigures:
    """Average the figures of lists.

    Parameters
    ----------
    ranked : RankedLists
    unit : ndarray of shape (lists,), integer, optional
        Unit of each list, from 0.
    no_hit : {"count", "drop"}
        Whether lists without a hit count, as 0; `played` always has them.
    chosen : ndarray of shape (lists,), bool, optional
        Lists that are read; default: all.
    by, segment : str
        What these lists are.
    """
    there, counted = ranked.exists, ranked.counted(no_hit)
    if chosen is not None:
        there, counted = there & chosen, counted & chosen
    of = None if unit is None else unit[counted]
    return ListFigures(
        by=by,
        segment=segment,
        lists=int(there.sum()),
        lists_without_hit=int((there & ~ranked.any_hit).sum()),
        lists_unplaced=int((there & ranked.unplaced).sum()),
        played=_share(
            ranked.any_hit[there].astype(np.float64), None if unit is None else unit[there]
        ),
        mrr=_mean(ranked.reciprocal_rank[counted], of),
        ndcg={k: _mean(ranked.ndcg(k)[counted], of) for k in ranked.k},
        success={k: _share(ranked.success(k)[counted], of) for k in ranked.k},
    )


def chance_within(
    first: NDArray[np.float64], unit: NDArray[Any] | None, depths: NDArray[Any]
) -> list[Depth]:
    """Return the chance of any hit within each depth.

    Parameters
    ----------
    first : ndarray of shape (lists,), float64
        Row or position of the highest hit; NaN without one: such lists count always.
    unit : ndarray of shape (lists,), integer, optional
    depths : ndarray of int
    """
    estimates = []
    for depth in depths.tolist():
        with np.errstate(invalid="ignore"):
            within = (first <= depth).astype(np.float64)
        value, low, high, n = _share(within, unit)
        estimates.append(Depth(int(depth), n, int(within.sum()), value, low, high))
    return estimates


def _mean(values: NDArray[np.float64], unit: NDArray[Any] | None) -> ListMean:
    from explorer.stats.contributions import mean_contributions

    estimate = mean_contributions(values).estimate(unit)
    low, high = (float(end) for end in estimate.interval())
    return ListMean(float(estimate.value), _clipped(low), _clipped(high), values.size)


def _clipped(end: float) -> float:
    """Keep an end in the range of the figure; NaN stays."""
    return end if end != end else min(max(end, 0.0), 1.0)


def _share(values: NDArray[np.float64], unit: NDArray[Any] | None) -> ListMean:
    """Return a share with Wilson's interval, which is none of no width where no list has a hit."""
    n, hits, low, high = (
        float(column[0]) for column in rate_curve(values, np.zeros(values.size, np.int8), 1, unit)
    )
    return ListMean(hits / n if n else float("nan"), low, high, int(n))
