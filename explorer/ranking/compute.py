"""Compute from a table how high up on a list, or on a page, the played title was."""

from __future__ import annotations

import time as clock
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from explorer.core.errors import ModelError
from explorer.core.gettext import _
from explorer.features.segments import Segments
from explorer.ranking.examination import NOT_CORRECTED, NOT_SHOWN
from explorer.ranking.log_reader import RankingColumns, read_ranked_log
from explorer.ranking.ranking import Ranking
from explorer.table.units.repeated_rows import chosen_unit, needs_unit, repeated_lists
from explorer.table.units.segments_of import MISSING, segments_of
from explorer.table.units.unit_codes import filter_text, matching_label
from projections.errors import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from explorer.ranking.ranked_log import RankedLog
    from explorer.selection.selection import Selection
    from explorer.stats.ranking.ranked_lists import NoHit
    from explorer.stats.repeated import RepeatedRows
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["ranking"]

_MOST_SEGMENTS = 200
_LARGEST = 2.0**53  # whole numbers beyond are not told apart


def ranking(
    table: Table,
    position: str,
    outcome: str,
    list: str | None = None,  # noqa: A002  a public name
    unit: str | None = None,
    row: str | None = None,
    column: str | None = None,
    k: Iterable[int] = (1, 5, 10),
    no_hit: Literal["count", "drop", "exclude"] = "count",
    by: str | None = None,
    propensity: str | None = None,
    *,
    control: object = None,
    randomised: bool = False,
    where: Selection | ArrayLike | str | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """Compute how high up the played title was.

    A list is there by its rows, whether or not something was played and whether or not a row has a
    position. A row without a position is a title that was shown at an unknown place, or, where a
    list has no other row, a list in which nothing was played.

    Parameters
    ----------
    table : Table
        A row for each title that was shown, or for each list, such as a session, with the position
        of its played title.
    position : str
        Place on the list, from 1 at the top, empty where there is none; counted from 0 where it has
        zeros, which is said.
    outcome : str
        Yes and no, or a gain of at least 0: a hit where above 0. Rows with neither outcome nor
        position are no hit.
    list : str, optional
        Column that names the list, such as one opening of a page; within a unit. Default: all rows
        of a unit are one list, unless the log has one row a list; without units each row is one.
    unit : str, optional
        Column whose values may have several lists, such as a user: errors are between units.
        Default: lists. "none": each list stands alone. While nothing is said and lists seem to
        belong together (`Ranking.repeated`), the unit is proposed; arms that were assigned to it
        have no verdict.
    row, column : str, optional
        Place on the page, as `position`.
    k : iterable of int
        Depths of NDCG and success, from 1.
    no_hit : {"count", "drop"}
        Whether lists without a hit count as 0, or are left out of MRR, NDCG and success, and of the
        comparison of arms in these. The chance of any play is always that of all lists. "exclude"
        is an older word for "drop".
    by : str, optional
        Column of segments: layouts, arms, devices. Up to 10 of them are compared as arms where
        every list lies in one.
    propensity : str, optional
        Probability with which the row's title got its position, in (0, 1]: rates by position are
        then corrected for it. Rows without it are left out of these alone.
    control : object, optional
        The segment that others are compared with; default: the first by name.
    randomised : bool
        Positions were drawn at random: rates by position are then how often each is looked at.
    where : Selection, bool array of shape (num_rows,) or expression, optional
        Rows that are read; default: all.
    progress : callable, optional
        ``progress(stage, done, total)``: "columns" that are read, then "lists": their figures,
        positions, chances, the page, segments; returning False cancels and raises
        `explorer.Cancelled`.

    Returns
    -------
    Ranking

    Raises
    ------
    ModelError
        A column that cannot be read as asked, or no row that can.
    UnknownName
        A column, or the control, that does not exist, with the nearest.
    """
    started = clock.perf_counter()
    unit, said_unit = chosen_unit(table, unit)
    columns = RankingColumns(position, outcome, list, unit, row, column, propensity)
    named = [*columns.named, *([] if by is None else [by])]
    for name in named:
        table.columns.feature(name)
    depths, way = _depths(k), _no_hit_rule(no_hit)
    if by is not None and not isinstance(by, str):
        raise ModelError(f"by is one column of segments, came {by!r}")
    if control is not None and by is None:
        raise ModelError("control is one of the segments: name their column (by=)")
    log, rows, weights, starts, said = read_ranked_log(table, columns, depths, way, where, progress)
    some = None if by is None else _segments(table, by, rows)
    seen = None
    if not said_unit:
        arms = None if some is None else log.arms_of_rows(some, MISSING)
        figure = np.where(log.ranked.counted(way), log.ranked.reciprocal_rank, np.nan)
        seen = repeated_lists(table, log.lists, log.n_lists, rows, arms, figure, without=named)
    notes = [*([seen.words] if seen else []), *said]
    parts: dict[str, Callable[[], Any]] = {
        "figures": log.whole,
        "positions": log.positions,
        "any_play": log.chances,
        "page": log.page,
        "segments": lambda: (
            {}
            if by is None or some is None
            else _segment_figures(log, by, some, control, unit, seen)
        ),
    }
    figures = _compute_parts(parts, progress)
    (page, recall), segments = figures.pop("page"), figures.pop("segments")
    examined = log.examined(figures["positions"], weights, randomised)
    n_units = (
        figures["figures"].lists
        if log.unit is None
        else int(np.count_nonzero(np.bincount(log.unit)))
    )
    return Ranking(
        position=position,
        outcome=outcome,
        page=page,
        recall=recall,
        **figures,
        examination=examined,
        examination_words="" if examined else NOT_SHOWN if log.plays_alone else NOT_CORRECTED,
        list=list,
        unit=unit,
        row=row,
        column=column,
        by=by,
        propensity=propensity,
        k=depths,
        no_hit=way,
        rates_of="lists" if log.plays_alone else "rows",
        starts=starts,
        deep="rows" if log.has_page else "positions",
        where=filter_text(where),
        notes=notes,
        n_rows=rows.size,
        n_units=n_units,
        repeated=seen,
        fingerprint=table.fingerprint,
        seconds=clock.perf_counter() - started,
        **segments,
    )


def _compute_parts(
    parts: Mapping[str, Callable[[], Any]], progress: Progress | None
) -> dict[str, Any]:
    """Compute one part after the other, and say how many are done."""
    computed = {}
    for done, (name, compute) in enumerate(parts.items()):
        report(progress, "lists", done, len(parts))
        computed[name] = compute()
    return computed


def _no_hit_rule(no_hit: str) -> NoHit:
    ways: dict[str, NoHit] = {"count": "count", "drop": "drop", "exclude": "drop"}
    if no_hit not in ways:
        raise ModelError(f"no_hit is 'count' or 'drop', came {no_hit!r}")
    return ways[no_hit]


def _depths(k: Iterable[int]) -> tuple[int, ...]:
    given = [k] if isinstance(k, int | np.integer) else k
    try:
        depths = tuple(sorted({int(depth) for depth in given if float(depth) == int(depth)}))
        whole = (
            len(depths) > 0
            and depths[0] >= 1
            and depths[-1] <= _LARGEST
            and len(depths) == len({*given})
        )
    except (TypeError, ValueError, OverflowError):
        whole = False
    if not whole:
        raise ModelError(f"k are depths, whole numbers from 1, as in (1, 5, 10); came {k!r}")
    return depths


def _segments(table: Table, by: str, rows: NDArray[Any]) -> Segments:
    """Read the segments of the rows that are read."""
    segments = segments_of(table, by)
    if len(segments.labels) > _MOST_SEGMENTS:
        raise ModelError(
            f"{by!r} has {len(segments.labels):,} different values; "
            f"segments are at most {_MOST_SEGMENTS}: name another column"
        )
    return Segments(segments.codes[rows], segments.labels)


def _segment_figures(
    log: RankedLog,
    by: str,
    some: Segments,
    control: object,
    unit: str | None,
    seen: RepeatedRows | None,
) -> dict[str, Any]:
    """Return what is said by segment."""
    named = None if control is None else matching_label(str(control), some.labels, "segment")
    figures, positions, whole = log.segments(by, some)
    comparison, text = (
        None,
        _(
            "lists have rows with different values of {by}: its values are not compared as arms"
        ).format(by=by),
    )
    withheld = needs_unit(seen) if seen is not None and seen.withheld else ""
    if whole:
        comparison, text = log.compared(by, some, named, MISSING, unit, withheld)
    return {
        "segments": figures,
        "segment_positions": positions,
        "comparison": comparison,
        "comparison_words": text,
    }
