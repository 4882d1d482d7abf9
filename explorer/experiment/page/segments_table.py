"""Segments of a column: sorted, searched, and handed to the page a window at a time."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import unknown_name
from explorer.core.gettext import _
from explorer.experiment.analysis.cell import Cells
from explorer.experiment.analysis.experiment_verdict import PALETTE
from explorer.experiment.page.cards import cell_line, metric_of
from explorer.experiment.page.value_format import format_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.block import CellBlock
    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.experiment import Experiment

__all__ = ["SORTS", "SegmentList"]

SORTS = ("size", "z", "difference", "segment", "p")
"""Most units, largest |difference| / standard error, largest difference, as is, smallest p."""

_NUMBERS = {key: number for number, key in enumerate(PALETTE)}


class SegmentList:
    """The segments of one column in one arm: one metric in full, the verdicts of all.

    Parameters
    ----------
    found : Experiment
    by, metric, arm : str

    Raises
    ------
    UnknownName
        Where the experiment has no such segments.
    """

    def __init__(self, experiment: Experiment, by: str, metric: str, arm: str) -> None:
        self.metric, self.arm, self.by = metric, arm, by
        self.experiment = experiment
        self._blocks = [block for block in experiment.blocks if block.by == by and block.arm == arm]
        if not self._blocks:
            raise unknown_name("column of segments", by, experiment.by)
        named = {block.measured.metric.name: block for block in self._blocks}
        if metric not in named:
            raise unknown_name("metric", metric, named)
        self.block: CellBlock = named[metric]

    @property
    def labels(self) -> list[str]:
        """The segments, in the order of the column."""
        return list(self.block.labels)

    @cached_property
    def cells(self) -> Cells:
        """Their cells of the metric, in the same order."""
        return Cells([self.block])

    def cell(self, segment: str) -> Cell | None:
        """Return the cell of one segment; None where there is none of this name."""
        place = self._places.get(segment)
        return None if place is None else self.cells[place]

    @property
    def text(self) -> str:
        """Whether the family was opened, and why."""
        block = self.block
        if block.waiting:
            return block.waiting
        if not self.experiment.trusted:
            return _(
                "no verdicts are given, and no test whether the effect differs between segments: "
                "see above"
            )
        if not math.isfinite(block.omnibus):
            return _(
                "fewer than two segments can be tested: "
                "nothing says whether the effect differs between them"
            )
        p = format_p(block.omnibus)
        if not block.opened:
            return _(
                "segments not tested: no sign that the effect differs between them "
                "(Cochran's Q, p {p}); the overall verdict holds"
            ).format(p=_equals(p))
        turned = (" " + _("and in sign")) if block.turned <= self.experiment.alpha[0] else ""
        return _(
            "segments tested: the effect differs between them{turned} (Cochran's Q, p {p})"
        ).format(turned=turned, p=_equals(p))

    @property
    def opened(self) -> bool:
        """Whether the segments were tested one by one."""
        return self.block.opened

    def order(self, sort: str = "size", search: str = "") -> NDArray[np.int64]:
        """Return which segments are listed, in order.

        Parameters
        ----------
        sort : {"size", "z", "difference", "segment", "p"}
            What has none comes last; ties in the order of the column.
        search : str
            Part of a segment's name, whatever its case.

        Raises
        ------
        UnknownName
            An order that does not exist.
        """
        if sort not in SORTS:
            raise unknown_name("order of segments", sort, SORTS)
        places = np.arange(self.block.size)
        if search.strip():
            wanted = search.strip().casefold()
            places = np.array(
                [i for i in places if wanted in str(self.block.labels[int(i)]).casefold()], np.int64
            )
        keys = self._keys[sort][places]
        return places[np.argsort(np.where(np.isnan(keys), np.inf, keys), kind="stable")]

    def window(self, start: int, stop: int, sort: str = "size", search: str = "") -> dict[str, Any]:
        """Return the segments from `start` up to `stop`, left out, of an order; JSON.

        A line has the cell of the metric and, by metric, the number of its verdict in
        `experiment_cards.palette`.
        """
        order = self.order(sort, search)
        start = max(min(start, len(order)), 0)
        metric = metric_of(self.experiment, self.metric)
        lines = []
        for place in order[start : max(stop, start)]:
            line = cell_line(self.cells[int(place)], metric)
            verdicts = [_NUMBERS[block.verdicts[place]] for block in self._blocks]
            lines.append({**line, "verdicts": verdicts})
        return {
            "metric": self.metric,
            "arm": self.arm,
            "by": self.by,
            "start": start,
            "total": len(order),
            "of": self.block.size,
            "lines": lines,
            "words": self.text,
            "opened": self.opened,
            "sort": sort,
            "search": search,
            "reach": self._reach,
        }

    @cached_property
    def _places(self) -> dict[str, int]:
        return {str(label): place for place, label in enumerate(self.block.labels)}

    @cached_property
    def _keys(self) -> dict[str, NDArray[np.float64]]:
        """Return what each order goes by, ascending."""
        block = self.block
        n, value = block.effects.arms.n, block.effects.estimate.value
        with np.errstate(invalid="ignore", divide="ignore"):
            z = np.where(block.error > 0, value / block.error, np.nan)
        return {
            "size": -(n[:, 0] + n[:, block.effects.treatment]).astype(np.float64),
            "z": -np.abs(z),
            "difference": -value,
            "segment": np.arange(block.size, dtype=np.float64),
            "p": block.p_adjusted,
        }

    @cached_property
    def _reach(self) -> float:
        """How far the drawings of intervals go.

        To the furthest end of nineteen segments of twenty, so that a tiny one hides none.
        """
        low, high = self.block.effects.interval(0.95)
        ends = np.maximum(np.abs(low), np.abs(high))
        ends = ends[np.isfinite(ends)]
        return float(np.quantile(ends, 0.95)) if len(ends) else 0.0


def _equals(p: str) -> str:
    return p if p.startswith("<") else f"= {p}"
