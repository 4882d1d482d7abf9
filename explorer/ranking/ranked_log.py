"""Rows of lists with their positions and outcomes, and what a ranking computes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.core.text_direction import isolated
from explorer.experiment.analysis.units import paired_units
from explorer.ranking.examination import (
    ExaminedPosition,
    examined_by_chance,
    examined_by_propensity,
)
from explorer.ranking.list_arms import MOST_ARMS, compare_arms
from explorer.ranking.list_figures import Depth, ListFigures, chance_within, list_figures
from explorer.ranking.page_places import (
    PageCell,
    Position,
    Recall,
    page_places,
    played_positions,
    position_rows,
    recall_grid,
)
from explorer.stats.ranking.ranked_lists import NoHit, RankedLists, ranked_lists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.experiment.analysis.experiment import Experiment
    from explorer.features.segments import Segments

__all__ = ["RankedLog"]

_MOST_DEPTHS = 40
_MOST_CURVES = 1_000_000  # segments × positions, each an interval


@dataclass(eq=False)
class RankedLog:
    """Rows that have an outcome, with a position or without.

    Arrays of shape (n,) unless they say otherwise.

    Parameters
    ----------
    lists : ndarray, int32
        List of each row, in [0, n_lists).
    n_lists : int
    position : ndarray, int64
        From 1 at the top; 0 where there is none: such a row says that its list exists, and is part
        of no position.
    gain : ndarray, float64
        At least 0; a hit where above.
    unit : ndarray, int32, optional
        Unit of each row; None: lists are the units.
    row, column : ndarray, int64, optional
        On the page, from 1; 0 where missing.
    k : tuple of int
    no_hit : {"count", "drop"}
    """

    lists: NDArray[np.int32]
    n_lists: int
    position: NDArray[np.int64]
    gain: NDArray[np.float64]
    unit: NDArray[np.int32] | None
    row: NDArray[np.int64] | None
    column: NDArray[np.int64] | None
    k: tuple[int, ...]
    no_hit: NoHit

    @cached_property
    def ranked(self) -> RankedLists:
        """Figures of each list."""
        return ranked_lists(self.lists, self.position, self.gain, self.k, self.n_lists)

    @cached_property
    def hit(self) -> NDArray[np.float64]:
        """Whether each row is a hit, 0 or 1."""
        return (self.gain > 0).astype(np.float64)

    @cached_property
    def unit_of_list(self) -> NDArray[np.int32] | None:
        """Unit of each list, (n_lists,); None where lists are the units."""
        if self.unit is None:
            return None
        units = np.zeros(self.n_lists, np.int32)
        units[self.lists] = self.unit
        return units

    @cached_property
    def alike(self) -> NDArray[np.int32] | None:
        """What rows repeat: their unit, or their list; None where no list has two rows."""
        if self.unit is not None:
            return self.unit
        return None if self.n_lists == self.lists.size else self.lists

    def whole(self) -> ListFigures:
        """Return the figures of all lists."""
        return list_figures(self.ranked, self.unit_of_list, self.no_hit)

    @cached_property
    def placed(self) -> NDArray[np.intp] | slice:
        """Rows that have a position: all of them as a slice."""
        there = self.position > 0
        return slice(None) if there.all() else np.flatnonzero(there)

    @cached_property
    def plays_alone(self) -> bool:
        """Whether every row with a position is a hit: the log has what was played, not shown.

        Rates by position are then of all lists. Not where a list has a position twice: it would
        count twice.
        """
        if not (self.gain[self.placed] > 0).all():
            return False
        if (self.ranked.rows <= 1).all():
            return True
        lists, position = self.lists[self.placed], self.position[self.placed]
        order = np.lexsort((position, lists))
        again = (np.diff(lists[order]) == 0) & (np.diff(position[order]) == 0)
        return not again.any()

    def _placed_unit(self) -> NDArray[np.int32] | None:
        return None if self.alike is None else self.alike[self.placed]

    def positions(self) -> list[Position]:
        """Return what was played at each position."""
        if self.plays_alone:
            return self._played(self.ranked.exists, slice(None), "", "all", self.unit_of_list)
        return position_rows(self.position[self.placed], self.hit[self.placed], self._placed_unit())

    def _played(
        self,
        lists: NDArray[np.bool_],
        rows: NDArray[np.bool_] | slice,
        by: str,
        segment: str,
        unit_of_list: NDArray[np.int32] | None,
    ) -> list[Position]:
        """Return the share of some lists whose played title was at each position."""
        position = self.position[rows]
        there = position > 0
        unit = None if self.unit is None else self.unit[rows][there]
        of = None if self.unit is None or unit_of_list is None else unit_of_list[lists]
        return played_positions(position[there], unit, int(lists.sum()), of, by, segment)

    @property
    def has_page(self) -> bool:
        """Whether any row has a row of the page."""
        return self.row is not None and bool((self.row > 0).any())

    def chances(self) -> list[Depth]:
        """Return the chance of any hit within the first rows of the page.

        Or within the first positions, where it has no rows.

        Lists with a hit in no row of the page, or at no position, are left out: whether it was
        within is not known.
        """
        ranked, deepest = self.ranked, int(self.position.max())
        if self.row is not None and self.has_page:
            ranked = ranked_lists(self.lists, self.row, self.gain, (1,), self.n_lists)
            deepest = int(self.row.max())
        there, first = ranked.known, ranked.first
        unit = None if self.unit_of_list is None else self.unit_of_list[there]
        if deepest > _MOST_DEPTHS:
            depths = np.unique(np.rint(np.geomspace(1, deepest, _MOST_DEPTHS)).astype(np.int64))
        else:
            depths = np.arange(1, deepest + 1)
        return chance_within(first[there], unit, depths)

    def page(self) -> tuple[list[PageCell], list[Recall]]:
        """Return what was played in each row and column, and recall within the first of them.

        Empty without rows and columns.
        """
        if self.row is None or self.column is None:
            return [], []
        there = (self.row > 0) & (self.column > 0)
        if not there.any():
            return [], []
        row, column, hit = self.row[there], self.column[there], self.hit[there]
        alike = None if self.alike is None else self.alike[there]
        return page_places(row, column, hit, alike), recall_grid(row, column, hit)

    def examined(
        self, positions: list[Position], propensity: NDArray[np.float64] | None, drawn: bool
    ) -> list[ExaminedPosition]:
        """Return how often each position is looked at; empty where titles hide it."""
        if self.plays_alone or (propensity is None and not drawn):
            return []
        if propensity is None and self.alike is None:
            return examined_by_chance(positions)
        position = self.position[self.placed]
        weights = np.ones(position.size) if propensity is None else propensity[self.placed]
        return examined_by_propensity(position, self.hit[self.placed], weights, self._placed_unit())

    def arms_of_rows(self, some: Segments, missing: str) -> NDArray[np.int32] | None:
        """Return the arm of each row, negative in none; None where arms are not compared.

        They are where every list lies in one of two or more.
        """
        of_list = np.zeros(self.n_lists, np.int32)
        of_list[self.lists] = some.codes
        if (of_list[self.lists] != some.codes).any():
            return None
        named_level = np.array([label != missing for label in some.labels], np.bool_)
        arm = np.where((some.codes >= 0) & named_level[some.codes], some.codes, -1).astype(np.int32)
        return arm if 2 <= np.count_nonzero(np.bincount(arm[arm >= 0])) <= MOST_ARMS else None

    def segments(self, by: str, some: Segments) -> tuple[list[ListFigures], list[Position], bool]:
        """Return figures and positions by segment of the rows, and whether every list lies in one.

        A list with rows in several segments is, in each, what its rows there say.
        """
        codes = some.codes
        of_list = np.full(self.n_lists, -1, np.int32)
        of_list[self.lists] = codes
        whole = bool((of_list[self.lists] == codes).all())
        ranked, unit = self.ranked, self.unit_of_list
        if not whole:
            parts, n_parts = paired_units(self.lists, codes, self.n_lists)
            of_list, list_of = np.full(n_parts, -1, np.int32), np.zeros(n_parts, np.int32)
            of_list[parts[parts >= 0]], list_of[parts[parts >= 0]] = (
                codes[parts >= 0],
                self.lists[parts >= 0],
            )
            ranked = ranked_lists(parts, self.position, self.gain, self.k, n_parts)
            unit = list_of if unit is None else unit[list_of]
        figures = [
            list_figures(ranked, unit, self.no_hit, of_list == code, by, label)
            for code, label in enumerate(some.labels)
        ]
        with_lists = [figures_ for figures_ in figures if figures_.lists]
        if len(some.labels) * int(self.position.max()) > _MOST_CURVES:
            return with_lists, [], whole
        if self.plays_alone:
            curves = [
                self._played(ranked.exists & (of_list == code), codes == code, by, label, unit)
                for code, label in enumerate(some.labels)
            ]
            return with_lists, [position for curve in curves for position in curve], whole
        labels = tuple((by, label) for label in some.labels)
        return (
            with_lists,
            position_rows(
                self.position[self.placed],
                self.hit[self.placed],
                self._placed_unit(),
                codes[self.placed],
                labels,
            ),
            whole,
        )

    def compared(
        self,
        by: str,
        some: Segments,
        control: str | None,
        missing: str,
        unit_name: str | None,
        needs_unit: str = "",
    ) -> tuple[Experiment | None, str]:
        """Compare the segments as arms with one of them; return why not where they cannot be.

        ``needs_unit`` says why there is no verdict, where lists seem to belong together and nobody
        has named their unit.
        """
        present = np.bincount(some.codes[some.codes >= 0], minlength=len(some.labels)) > 0
        labels = [
            label
            for label, there in zip(some.labels, present, strict=True)
            if there and label != missing
        ]
        if len(labels) < 2:
            return None, _("{by} has fewer than two values: nothing to compare").format(by=by)
        if len(labels) > MOST_ARMS:
            return None, _(
                "{by} has {count:,} values: up to {most_arms} are compared as arms"
            ).format(by=by, count=len(labels), most_arms=MOST_ARMS)
        first = min(labels) if control is None else control
        arms = [first, *sorted(label for label in labels if label != first)]
        place = np.array(
            [arms.index(label) if label in arms else -1 for label in some.labels], np.int8
        )
        arm = np.full(self.n_lists, -1, np.int8)
        arm[self.lists] = place[some.codes]
        ranked = self.ranked
        unnamed, named = ranked.exists & (arm < 0), ranked.exists & (arm >= 0)
        if unnamed.any() and ranked.any_hit[named].all() and not ranked.any_hit[unnamed].any():
            return (
                None,
                _(
                    "{by} is known only where something was played: its values are not "
                    "compared as arms, since lists without a play are in none of them"
                ).format(by=by),
            )
        comparison = compare_arms(
            ranked, arm, arms, self.unit_of_list, self.no_hit, by, unit_name, needs_unit
        )
        return comparison, self._among_hits(arm, arms) if self.no_hit == "drop" else ""

    def _among_hits(self, arm: NDArray[np.int8], arms: list[str]) -> str:
        """Say what a comparison of lists with a hit alone leaves out."""
        there = self.ranked.exists
        shares = [
            float(self.ranked.any_hit[there & (arm == number)].mean())
            for number in range(len(arms))
        ]
        listed = list_names(
            [
                f"{isolated(name)} {100 * share:.1f} %"
                for name, share in zip(arms, shares, strict=True)
            ]
        )
        return _(
            "MRR, NDCG and success are compared among lists with a hit alone ({listed} of "
            "the lists): an arm that adds hits at lower positions seems worse there and "
            "may not be; for the effect of an arm, see all lists and the chance of any play"
        ).format(listed=listed)
