"""Read from a table how high up on a list, or on a page, the played title was."""

from __future__ import annotations

import time as clock
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from explorer.core.errors import ModelError
from explorer.experiment.analysis.units import paired_units
from explorer.features.segments import Segments
from explorer.ranking.examination import NOT_CORRECTED, NOT_SHOWN
from explorer.ranking.ranked_log import RankedLog
from explorer.ranking.ranking import Ranking
from explorer.table.units.repeated_rows import chosen_unit, needs_unit, repeated_lists
from explorer.table.units.segments_of import MISSING, segments_of
from explorer.table.units.unit_codes import named_label, words_of_rows
from explorer.table.units.valid_log_rows import ValidLogRows
from projections.errors import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from explorer.selection.selection import Selection
    from explorer.stats.ranking.ranked_lists import NoHit
    from explorer.stats.repeated import RepeatedRows
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["ranking"]

_MOST_SEGMENTS = 200
_MOST_PLACES = 1_000  # rows, and columns, of a page: each of their pairs has an interval
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
    columns = [
        name
        for name in (position, outcome, list, unit, row, column, by, propensity)
        if name is not None
    ]
    for name in columns:
        table.columns.feature(name)
    depths, way = _depths(k), _way(no_hit)
    if by is not None and not isinstance(by, str):
        raise ModelError(f"by is one column of segments, came {by!r}")
    if control is not None and by is None:
        raise ModelError("control is one of the segments: name their column (by=)")
    log_rows = ValidLogRows(
        table, where, len(columns) - (by is not None), progress
    )  # segments are read with their figures
    gain, values = log_rows.values(outcome, "outcome"), log_rows.values(position, "position")
    units, _ = log_rows.units(unit)
    numbers, _ = log_rows.units(list)
    shown = None if propensity is None else log_rows.values(propensity, "propensity")
    every = np.flatnonzero(log_rows.mask)
    log_rows.check("ranking")
    lists, n_lists, said = _lists(
        numbers, units, every, list, unit, _one_row_a_list(gain[every], values[every])
    )
    gain = _outcomes(log_rows, outcome, position, gain, values)
    rows = np.flatnonzero(log_rows.mask)
    lists = lists[log_rows.mask[every]]
    if lost := n_lists - np.count_nonzero(np.bincount(lists, minlength=n_lists)):
        log_rows.notes.append(f"{lost:,} lists have no other row, and are left out")
    log_rows.check("ranking")
    places, start = _positions(log_rows, position, values[rows], gain[rows], lists)
    if not places.any():
        raise ModelError(
            f"none of the {rows.size:,} rows that are read has a position in {position!r}: "
            "name another column, or read other rows"
        )
    log_rows.notes += _unplaced(position, places, gain[rows], lists, n_lists)
    page_row, row_start = _on_page(log_rows, row, rows)
    page_column, column_start = _on_page(log_rows, column, rows)
    starts = {position: start} | {
        name: first_place
        for name, first_place in ((row, row_start), (column, column_start))
        if name is not None
    }
    log = RankedLog(
        lists,
        n_lists,
        places,
        gain[rows],
        None if units is None else units[rows],
        page_row,
        page_column,
        depths,
        way,
    )
    weights = (
        None if shown is None else _propensity(log_rows, propensity or "", shown[rows], places)
    )
    some = None if by is None else _segments(table, by, rows)
    seen = None
    if not said_unit:
        arms = None if some is None else log.arms_of_rows(some, MISSING)
        figure = np.where(log.ranked.counted(way), log.ranked.reciprocal_rank, np.nan)
        seen = repeated_lists(table, log.lists, n_lists, rows, arms, figure, without=columns)
    notes = [*([seen.words] if seen else []), *log_rows.notes, *said, *_mixed(log, list)]
    parts: dict[str, Callable[[], Any]] = {
        "figures": log.whole,
        "positions": log.positions,
        "any_play": log.chances,
        "page": log.page,
        "segments": lambda: (
            {} if by is None or some is None else _by(log, by, some, control, unit, seen)
        ),
    }
    figures = _in_turn(parts, progress)
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
        where=words_of_rows(where),
        notes=notes,
        n_rows=rows.size,
        n_units=n_units,
        repeated=seen,
        fingerprint=table.fingerprint,
        seconds=clock.perf_counter() - started,
        **segments,
    )


def _in_turn(parts: Mapping[str, Callable[[], Any]], progress: Progress | None) -> dict[str, Any]:
    """Compute one part after the other, and say how many are done."""
    computed = {}
    for done, (name, compute) in enumerate(parts.items()):
        report(progress, "lists", done, len(parts))
        computed[name] = compute()
    return computed


def _way(no_hit: str) -> NoHit:
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


def _one_row_a_list(gain: NDArray[np.float64], position: NDArray[np.float64]) -> bool:
    """Say whether rows look like lists with the position of their played title.

    Only hits have one, and some rows have none.
    """
    with np.errstate(invalid="ignore"):
        hit, top = gain > 0, position == 0
        placed = (position > 0) | top if hit[top].any() else position > 0
    return bool(placed.any() and not placed.all() and hit[placed].all())


def _outcomes(
    log_rows: ValidLogRows,
    outcome: str,
    position: str,
    gain: NDArray[np.float64],
    values: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Leave out rows whose outcome is not known; return the outcomes.

    Those with neither outcome nor position are no hit.
    """
    empty = np.isnan(gain) & ~(values >= 0) & log_rows.mask
    if lost := int(empty.sum()):
        gain = np.where(empty, 0.0, gain)
        log_rows.notes.append(
            f"{lost:,} rows have neither {outcome} nor {position}: "
            "nothing was played there, they are no hit"
        )
    missing = log_rows.drop(
        np.isnan(gain), f"rows have a {position} and no {outcome}, and are left out"
    )
    log_rows.drop(np.isinf(gain), f"rows with an infinite {outcome} are left out")
    with np.errstate(invalid="ignore"):
        log_rows.drop(gain < 0, f"rows are left out, since {outcome} is below 0")
    if missing:
        log_rows.never_no(outcome, gain)
    return gain


def _positions(
    log_rows: ValidLogRows,
    name: str,
    values: NDArray[np.float64],
    gain: NDArray[np.float64],
    lists: NDArray[np.int32],
) -> tuple[NDArray[np.int64], int]:
    """Return positions from 1, 0 for rows that have none, and from what they counted."""
    with np.errstate(invalid="ignore"):
        whole = (values == np.floor(values)) & (values <= _LARGEST)
        negative = whole & (values < 0)
        fractional = ~whole & ~np.isnan(values)
        placed = whole & (values >= 0)
        for some, why in ((fractional, "is no whole number"), (negative, "is below 0")):
            if some.any():
                log_rows.notes.append(
                    f"{int(some.sum()):,} rows count as rows without {name}, since it {why}"
                )
    positions = np.where(placed, values, 0).astype(np.int64)
    top = placed & (positions == 0)
    if not top.any():
        return positions, 1
    if _zero_is_none(top, positions, gain, lists):
        log_rows.notes.append(
            f"{name} is 0 in {int(top.sum()):,} rows, none of which is a hit or beside another row "
            "of its list: 0 is read as no position"
        )
        return positions, 1
    log_rows.notes.append(
        f"{name} begins at 0: 1 is added, so that the top is 1; "
        "if 0 means missing, name it a sentinel in the catalogue"
    )
    return np.where(placed, positions + 1, 0), 0


def _zero_is_none(
    top: NDArray[np.bool_],
    positions: NDArray[np.int64],
    gain: NDArray[np.float64],
    lists: NDArray[np.int32],
) -> bool:
    """Say whether 0 stands for "nothing was played", not for the top of lists from 0."""
    below = positions > 0
    if (gain[top] > 0).any() or not below.any() or not (gain[below] > 0).all():
        return False
    others = np.bincount(lists, minlength=int(lists.max()) + 1)
    return bool((others[lists[top]] == 1).all())


def _unplaced(
    name: str,
    places: NDArray[np.int64],
    gain: NDArray[np.float64],
    lists: NDArray[np.int32],
    n_lists: int,
) -> list[str]:
    """Say what rows without a position are."""
    without = places == 0
    if not without.any():
        return []
    hits = without & (gain > 0)
    has_place = np.bincount(lists[~without], minlength=n_lists) > 0
    unplayed = np.bincount(lists[without & ~hits], minlength=n_lists) > 0
    hidden = np.bincount(lists[hits], minlength=n_lists) > 0
    alone = int((unplayed & ~has_place & ~hidden).sum())
    beside = int((without & ~hits & has_place[lists]).sum())
    notes = []
    if alone:
        notes.append(
            f"{alone:,} lists have no row with {name} and no play: "
            "they are lists in which nothing was played"
        )
    if beside:
        notes.append(
            f"{beside:,} rows without {name} lie in lists that have others: "
            "titles that were shown at an unknown place and not played"
        )
    if lost := int(hidden.sum()):
        notes.append(
            f"{lost:,} lists have a play without {name}: how high up it was is not known; "
            "they count as played, and are left out of MRR, NDCG and success"
        )
    return notes


def _on_page(
    log_rows: ValidLogRows, name: str | None, rows: NDArray[Any]
) -> tuple[NDArray[np.int64] | None, int]:
    """Read rows or columns of the page, from 1, 0 where there is no whole one.

    Returns also from what they counted.
    """
    if name is None:
        return None, 1
    values = log_rows.values(name, "place on the page")[rows]
    with np.errstate(invalid="ignore"):
        good = (values >= 0) & (values == np.floor(values)) & np.isfinite(values)
    if lost := int((~good).sum()):
        log_rows.notes.append(
            f"{lost:,} rows are not on the page, since {name} is missing or no whole number"
        )
    if good.any() and values[good].max() > _MOST_PLACES:
        raise ModelError(
            f"{name!r} goes up to {values[good].max():,.0f}; "
            f"a page has up to {_MOST_PLACES:,} rows and columns: is another column meant?"
        )
    places = np.where(good, values, 0).astype(np.int64)
    if good.any() and int(places[good].min()) == 0:
        log_rows.notes.append(f"{name} begins at 0: 1 is added, so that the first is 1")
        places[good] += 1
        return places, 0
    return places, 1


def _propensity(
    log_rows: ValidLogRows, name: str, values: NDArray[np.float64], places: NDArray[np.int64]
) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        bad = ~((values > 0) & (values <= 1)) & (places > 0)
    if lost := int(bad.sum()):
        log_rows.notes.append(
            f"{lost:,} rows are left out of the corrected rates alone, "
            f"since {name} is missing, or not above 0 and at most 1"
        )
    return values


def _lists(
    numbers: NDArray[np.int32] | None,
    units: NDArray[np.int32] | None,
    rows: NDArray[Any],
    list_name: str | None,
    unit: str | None,
    one_row_a_list: bool,
) -> tuple[NDArray[np.int32], int, list[str]]:
    """Give the lists of the rows that are read numbers; say what a list is if nobody did."""
    if numbers is None and (units is None or one_row_a_list):
        said = (
            "each row is a list of its own: name the list where several titles were shown together"
        )
        if one_row_a_list:
            several = "" if unit is None else f"; a {unit} may have several"
            said = (
                "each row is a list of its own, since only rows that are played have a position"
                f"{several}"
            )
        return np.arange(rows.size, dtype=np.int32), rows.size, [said]
    if numbers is None or units is None:
        only = units if numbers is None else numbers
        assert only is not None
        some = only[rows]
        notes = (
            []
            if numbers is not None
            else [f"all rows of a {unit} are one list: name the list where a {unit} opened several"]
        )
        return some, int(some.max(initial=-1)) + 1, notes
    some, of = numbers[rows], units[rows]
    pair, n = paired_units(some, of, int(some.max(initial=-1)) + 1)
    shared = n - int(np.count_nonzero(np.bincount(some)))
    notes = (
        [f"{shared:,} lists share the {list_name} of another {unit}: a list is one {unit}'s"]
        if shared
        else []
    )
    return pair, n, notes


def _mixed(log: RankedLog, name: str | None) -> list[str]:
    """Say where a list has more rows than positions: two of them may be mixed."""
    lowest = np.zeros(log.n_lists, np.int64)
    np.maximum.at(lowest, log.lists, log.position)
    mixed = int((log.ranked.rows > lowest).sum())
    if not mixed:
        return []
    return [
        f"{mixed:,} lists have a position more than once: pages may be mixed in them"
        + ("" if name else "; name the list")
    ]


def _segments(table: Table, by: str, rows: NDArray[Any]) -> Segments:
    """Read the segments of the rows that are read."""
    segments = segments_of(table, by)
    if len(segments.labels) > _MOST_SEGMENTS:
        raise ModelError(
            f"{by!r} has {len(segments.labels):,} different values; "
            f"segments are at most {_MOST_SEGMENTS}: name another column"
        )
    return Segments(segments.codes[rows], segments.labels)


def _by(
    log: RankedLog,
    by: str,
    some: Segments,
    control: object,
    unit: str | None,
    seen: RepeatedRows | None,
) -> dict[str, Any]:
    """Return what is said by segment."""
    named = None if control is None else named_label(str(control), some.labels, "segment")
    figures, positions, whole = log.segments(by, some)
    comparison, text = (
        None,
        f"lists have rows in several values of {by}: "
        "it does not tell lists apart, and its values are not compared as arms",
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
