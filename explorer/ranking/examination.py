"""Examination: how often each position is looked at, if positions did not follow the title."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.core.gettext import _
from explorer.stats.intervals.mover import share_ratio
from explorer.stats.ranking.propensity import FEWEST_EFFECTIVE, policy_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.ranking.page_places import Position

__all__ = [
    "NOT_CORRECTED",
    "NOT_SHOWN",
    "ExaminedPosition",
    "examined_by_chance",
    "examined_by_propensity",
]

NOT_CORRECTED = _(
    "not corrected for position: titles that were expected to do well got better "
    "positions, so that a rate by position mixes the effect of the position with the "
    "quality of the title; say that positions were drawn at random, or name the column of "
    "the propensities of positions"
)
"""Said where neither is given."""

NOT_SHOWN = _(
    "not corrected for position: only rows that are played have a position; how often a "
    "position is examined can be computed only with the titles that were shown and not "
    "played"
)
"""Said where the log has only what was played."""


class ExaminedPosition(NamedTuple):
    """One position beside the first one.

    Parameters
    ----------
    position : int
    n : int
    rate : float
        Of a title of the mean kind at this position.
    share, low, high : float
        Over the rate at the first position: how often it is looked at beside that; NaN where the
        first has no hit.
    ess, max_weight : float
        Effective rows and largest weight; with drawn positions the rows, and 1.
    ranked : bool
        Whether enough rows are effective, and none has too much of the weight.
    """

    position: int
    n: int
    rate: float
    share: float
    low: float
    high: float
    ess: float
    max_weight: float
    ranked: bool


def examined_by_chance(positions: Sequence[Position]) -> list[ExaminedPosition]:
    """Return examination where positions were drawn at random: CTRₖ / CTR₁.

    See `explorer.stats.ranking.position_curve.examination`.

    Rows are taken to stand alone; where they repeat units, `examined_by_propensity` with a
    propensity of 1 has the error between units.
    """
    from explorer.stats.ranking.position_curve import PositionCurve, examination

    if not positions:
        return []
    n, hits, rate, low, high = np.array([(p.n, p.hits, p.rate, p.low, p.high) for p in positions]).T
    places = np.array([p.position for p in positions], np.int64)
    share, low, high = examination(PositionCurve(places, n, hits, rate, low, high))
    return [
        ExaminedPosition(
            p.position,
            p.n,
            p.rate,
            float(share[i]),
            float(low[i]),
            float(high[i]),
            float(p.n),
            1.0,
            p.n >= FEWEST_EFFECTIVE,
        )
        for i, p in enumerate(positions)
    ]


def examined_by_propensity(
    position: NDArray[np.int64],
    hit: NDArray[np.float64],
    propensity: NDArray[np.float64],
    unit: NDArray[Any] | None,
) -> list[ExaminedPosition]:
    """Return examination from the propensities with which titles got their positions.

    Self-normalised rates over that of the first.

    The interval is that of the ratio of two shares, for as many rows as have their intervals,
    positions taken as independent (`explorer.stats.intervals.mover.share_ratio`).
    """
    positions, cell = np.unique(position, return_inverse=True)
    values = policy_value(hit, propensity, 1.0, cell, positions.size, unit)
    rate, rows = values.snips.value, values.rate_rows()
    change, low, high = share_ratio(rate * rows, rows, rate[0] * rows[0], rows[0])
    share, ends = change + 1, np.stack([low + 1, high + 1])
    ends[:, 0] = np.where(rate[0] > 0, 1.0, np.nan)
    return [
        ExaminedPosition(
            int(positions[i]),
            int(values.n[i]),
            float(rate[i]),
            float(share[i]),
            float(ends[0, i]),
            float(ends[1, i]),
            float(values.effective[i]),
            float(values.largest[i]),
            bool(values.sure_enough[i]),
        )
        for i in range(positions.size)
    ]
