"""Read the rows of a ranking from a table: lists, positions from 1, outcomes, places on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer.core.errors import ModelError
from explorer.experiment.analysis.units import paired_units
from explorer.ranking.ranked_log import RankedLog
from explorer.table.units.valid_log_rows import ValidLogRows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from explorer.selection.selection import Selection
    from explorer.stats.ranking.ranked_lists import NoHit
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["LogReading", "RankingColumns", "read_ranked_log"]

_MOST_PLACES = 1_000  # rows, and columns, of a page: each of their pairs has an interval
_LARGEST = 2.0**53  # whole numbers beyond are not told apart


class RankingColumns(NamedTuple):
    """The columns of a ranking, as of `explorer.ranking`."""

    position: str
    outcome: str
    list_name: str | None
    unit: str | None
    row: str | None
    column: str | None
    propensity: str | None

    @property
    def named(self) -> list[str]:
        """Those that are named."""
        return [name for name in self if name is not None]


class LogReading(NamedTuple):
    """What was read of a table.

    Parameters
    ----------
    log : RankedLog
    rows : ndarray, int64
        Rows of the table that are read, ascending.
    propensity : ndarray of shape (rows,), float64, optional
    starts : dict of str to int
        From what the positions, rows and columns of the page counted: 0 or 1.
    notes : list of str
        What was left out, and how it was read.
    """

    log: RankedLog
    rows: NDArray[Any]
    propensity: NDArray[np.float64] | None
    starts: dict[str, int]
    notes: list[str]


def read_ranked_log(
    table: Table,
    columns: RankingColumns,
    depths: tuple[int, ...],
    no_hit: NoHit,
    where: Selection | ArrayLike | str | None,
    progress: Progress | None,
) -> LogReading:
    """Read the rows that have a list and an outcome.

    Parameters
    ----------
    table : Table
    columns : RankingColumns
    depths : tuple of int
        Of NDCG and success, ascending.
    no_hit : {"count", "drop"}
    where, progress
        As of `explorer.ranking`.

    Raises
    ------
    ModelError
        A column that cannot be read so, or no row that can.
    """
    position, outcome, list_name, unit, row, column, propensity = columns
    log_rows = ValidLogRows(table, where, len(columns.named), progress)
    gain, values = log_rows.values(outcome, "outcome"), log_rows.values(position, "position")
    units, _ = log_rows.units(unit)
    numbers, _ = log_rows.units(list_name)
    shown = None if propensity is None else log_rows.values(propensity, "propensity")
    every = np.flatnonzero(log_rows.mask)
    log_rows.check("ranking")
    lists, n_lists, said = _lists(
        numbers, units, every, list_name, unit, _one_row_a_list(gain[every], values[every])
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
        no_hit,
    )
    if shown is not None:
        shown = _propensity(log_rows, propensity or "", shown[rows], places)
    return LogReading(log, rows, shown, starts, [*log_rows.notes, *said, *_mixed(log, list_name)])


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
    in_placed = int((without & ~hits & has_place[lists]).sum())
    notes = []
    if alone:
        notes.append(
            f"{alone:,} lists have no row with {name} and no play: "
            "they are lists in which nothing was played"
        )
    if in_placed:
        notes.append(
            f"{in_placed:,} rows without {name} lie in lists that have others: "
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
