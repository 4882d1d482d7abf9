"""Repeated rows: a column whose rows belong together, proposed to each analysis that needs it.

It is found by what is in the columns, and not by their names alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.stats.intraclass import dummy_columns, serial_correlation
from explorer.stats.repeated import INDEPENDENT, INDEPENDENT_TOO, NEEDS_UNIT, RepeatedRows
from explorer.table.units.cell_codes import (
    code_cells,
    less_group_means,
    numeric_columns,
    rank_column,
)
from explorer.table.units.unit_screening import (
    FEWEST_ROWS,
    PEOPLE,
    UnitScreen,
    candidate_columns,
    known_without_hit,
    same_within_units,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from explorer.table.table import Table

__all__ = [
    "chosen_unit",
    "needs_unit",
    "repeated_arms",
    "repeated_groups",
    "repeated_lists",
    "repeated_rows",
]

# Conventions, checked by tests/benchmarks/rates_models.py: how often a unit is proposed where none
# is, and missed where one is.
_ROWS = 20_000  # looked at, in runs of rows that follow each other
_RUNS = 10
_LEVEL = 1e-3  # of the F tests, over all columns that are looked at
_OTHERS = 12  # other columns that are looked at
_SERIAL = 0.3  # excess of the correlation of rows that follow each other
_SORTED = 1.2  # runs of equal cells to a level up to which a table is sorted by a column


def chosen_unit(table: Table, unit: str | None) -> tuple[str | None, bool]:
    """Return the column that was given as the unit, and whether anything was said of it.

    ``"none"`` says that rows are independent; where a column is called so, ``"(none)"`` does.
    """
    if unit in (INDEPENDENT, INDEPENDENT_TOO) and unit not in table.features:
        return None, True
    return unit, unit is not None


def _decline(table: Table) -> str:
    return INDEPENDENT_TOO if INDEPENDENT in table.features else INDEPENDENT


def needs_unit(seen: RepeatedRows | None) -> str:
    """Return why a verdict waits, for each cell that has one; empty where it does not."""
    return "" if seen is None else f"{NEEDS_UNIT}: {seen.reason}"


def repeated_rows(
    table: Table,
    outcome: NDArray[Any],
    rows: NDArray[np.int64] | None = None,
    *,
    without: Collection[str] = (),
    what: str = "the outcome",
    series: Mapping[str, NDArray[np.float64]] | None = None,
    others: Iterable[str] | None = None,
    within: NDArray[Any] | None = None,
    last: NDArray[np.int64] | None = None,
    withheld: bool = True,
) -> RepeatedRows | None:
    """Look for a column whose rows belong together, in up to 20,000 of the rows.

    They are ten runs of rows that follow each other.

    A column is proposed where the outcome is nearly the same in all rows of each of its levels;
    where it is a key, by its name or its cells, that comes again, and the outcome is alike within
    it; and, where other columns are given, where many of these are nearly the same too. A level
    that many rows share and that only predicts the outcome is no unit: rows that are drawn alone
    may share it. What changes smoothly along a number, such as an age or a year, is put down to the
    number.

    Parameters
    ----------
    table : Table
    outcome : ndarray of shape (k,)
        Of the rows that are read. Whole numbers and yes and no are classes, negative ones missing;
        float64 are numbers, NaN missing.
    rows : ndarray of shape (k,), int64, ascending, optional
        Which rows these are. Default: all of the table.
    without : collection of str
        Columns that are no units: the outcome itself, predictions, what made a group.
    what : str
        The outcome, in words.
    series : mapping of str to ndarray of shape (k,), float64, optional
        What each row says, such as a model's error: where it is much like that of the row before,
        rows do not stand alone.
    others : iterable of str, optional
        Columns of which a quarter must be nearly the same within a unit too; of the first 12 that
        are numbers or categories.
    within : ndarray of shape (k,), integer, optional
        Group of each row, such as what was shown: what differs between groups is no likeness within
        a unit.
    last : ndarray of shape (k,), int64, optional
        What is looked at has several rows, of which `rows` is the first: the last of each. A column
        that differs between them is no unit. Where each has one row, nor is a column that is known
        only where the outcome is not 0, unless it is called like people.
    withheld : bool
        Whether there are p-values or verdicts to withhold, or intervals alone.

    Returns
    -------
    RepeatedRows or None
        None where nothing was seen.
    """
    n = len(outcome)
    if n < FEWEST_ROWS:
        return None
    places = _runs(n)
    read, outcome, classes = (
        places if rows is None else rows[places],
        outcome[places],
        outcome.dtype.kind in "iub",
    )
    if (
        not classes and (two := np.unique(outcome[~np.isnan(outcome)])).size == 2
    ):  # yes and no, written as numbers
        outcome, classes = np.where(np.isnan(outcome), -1, outcome == two[1]).astype(np.int64), True
    present = outcome >= 0 if classes else ~np.isnan(outcome)
    if int(present.sum()) < FEWEST_ROWS:
        return None
    names, chosen = candidate_columns(table, without), _comparable(table, others)
    if last is not None:
        names = same_within_units(table, names, read[present], last[places][present])
    cells = table.columns.lookup(read[present], list(dict.fromkeys([*names, *chosen])))
    measures = {name: measure[places][present] for name, measure in (series or {}).items()}
    if last is not None and not withheld and (read == last[places]).all():
        idle = outcome[present] == 0
        names = [
            name
            for name in names
            if PEOPLE.search(name) or known_without_hit(table, name, cells.column(name), idle)
        ]
    outcome, sampled = outcome[present], int(present.sum()) if len(places) < n else None
    values = dummy_columns(outcome) if classes else rank_column(outcome.astype(np.float64))
    screen = UnitScreen(
        table=table,
        what=what,
        rows=rows,
        sampled=sampled is not None,
        level=_LEVEL / max(len(names), 1),
        values=values if within is None else less_group_means(values, within[places][present]),
        plain=values,
        each="rows" if last is None else "lists",
        classes=classes,
        series={name: rank_column(measure) for name, measure in measures.items()},
        other_columns=None
        if others is None
        else {
            name: less_group_means(numeric_columns(cells.column(name)), outcome) for name in chosen
        },
    )
    result = [evidence for name in names if (evidence := screen.evidence(name, cells.column(name)))]
    if not result:
        if not measures:
            return None
        return _serial_rows(
            measures,
            [code_cells(cells.column(name))[0] for name in names],
            sampled,
            _decline(table),
        )
    best = max(result, key=lambda evidence: (evidence.matters, evidence.effect))
    units, count = len(best.sizes), int(best.sizes.sum())
    return RepeatedRows(
        unit=best.name,
        reason=_("{reason}; {count:,} {rows} have {units:,} values of {unit}").format(
            reason=best.reason,
            count=count,
            rows=_("lists") if screen.each == "lists" else _("rows"),
            units=units,
            unit=best.name,
        ),
        correlation=best.correlation,
        design_effect=best.effect,
        units=units,
        rows=count,
        matters=best.matters,
        sampled=sampled,
        withheld=withheld,
        each=screen.each,
        decline=_decline(table),
    )


def repeated_arms(table: Table, arm: NDArray[Any], without: Collection[str]) -> RepeatedRows | None:
    """Look for what was assigned to arms, where that is not the row.

    It is a column in each of whose levels nearly all rows are in one arm.

    Parameters
    ----------
    table : Table
    arm : ndarray of shape (num_rows,), integer
        Of each row; negative ones are not read.
    without : collection of str
        Columns of the arms, the metrics and the time.
    """
    rows = np.flatnonzero(arm >= 0)
    seen = repeated_rows(table, arm[rows], rows, without=without, what=_("the arm"))
    # whoever comes again in all arms, row by row, makes no difference of arms look surer than it is
    return seen if seen is not None and seen.matters else None


def repeated_lists(
    table: Table,
    lists: NDArray[np.int32],
    n_lists: int,
    rows: NDArray[np.int64],
    arm: NDArray[Any] | None,
    figure: NDArray[np.float64],
    without: Collection[str],
) -> RepeatedRows | None:
    """Look for whoever has several lists.

    Lists of one unit are in one arm, or are alike in a figure.

    Parameters
    ----------
    table : Table
    lists : ndarray of shape (k,), int32
        List of each row that is read.
    n_lists : int
    rows : ndarray of shape (k,), int64, ascending
        Which rows these are.
    arm : ndarray of shape (k,), integer, optional
        Arm of each of these rows, the same in all rows of a list; negative in none. None: no arms
        are compared.
    figure : ndarray of shape (n_lists,), float64
        Of each list, such as its reciprocal rank; NaN where it has none.
    without : collection of str
        Columns that are no units: of lists, positions, outcomes.
    """
    first, last = np.full(n_lists, -1, np.int64), np.full(n_lists, -1, np.int64)
    first[lists[::-1]], last[lists] = np.arange(rows.size)[::-1], np.arange(rows.size)
    order = np.argsort(first, kind="stable")
    order = order[first[order] >= 0]
    first, last, figure = first[order], last[order], figure[order]
    if arm is not None and (assigned := arm[first] >= 0).any():
        seen = repeated_rows(
            table,
            arm[first[assigned]],
            rows[first[assigned]],
            without=without,
            what=_("the arm"),
            last=rows[last[assigned]],
        )
        if seen is not None and seen.matters:
            return seen
    return repeated_rows(
        table,
        figure,
        rows[first],
        without=without,
        what=_("the reciprocal rank"),
        last=rows[last],
        withheld=False,
    )


def repeated_groups(
    table: Table,
    a: NDArray[np.bool_],
    b: NDArray[np.bool_],
    without: Collection[str],
    others: Iterable[str],
) -> RepeatedRows | None:
    """Look for units that lie in one of two groups as a whole.

    They are alike in the features that are compared.

    Parameters
    ----------
    table : Table
    a, b : ndarray of shape (num_rows,), bool
    without : collection of str
        Columns that had a part in making the groups.
    others : iterable of str
        Features that are compared.
    """
    rows = np.flatnonzero(a | b)
    return repeated_rows(table, a[rows], rows, without=without, what=_("the group"), others=others)


def _runs(n: int) -> NDArray[np.int64]:
    """Return the places that are looked at: all, or ten runs spread over the rows."""
    if n <= _ROWS:
        return np.arange(n, dtype=np.int64)
    starts = np.linspace(0, n - _ROWS // _RUNS, _RUNS).astype(np.int64)
    return (starts[:, None] + np.arange(_ROWS // _RUNS)).ravel()


def _comparable(table: Table, others: Iterable[str] | None) -> list[str]:
    kinds = ("numeric", "categorical", "boolean")
    return [name for name in others or () if table.features[name].kind in kinds][:_OTHERS]


def _serial_rows(
    series: Mapping[str, NDArray[np.float64]],
    columns: list[NDArray[np.int64]],
    sampled: int | None,
    decline: str,
) -> RepeatedRows | None:
    """Look whether rows that follow each other are alike, where no column says why.

    Such a column is one of units, or one that sorts the table.
    """
    excess = {}
    for name, values in series.items():
        left = np.nan_to_num(values)
        for codes in columns:
            if (
                1 + np.count_nonzero(np.diff(codes))
                <= _SORTED * (codes.max(initial=0) + 1)
                <= _SORTED * len(codes) / 2
            ):
                left = less_group_means(left[:, None], codes)[:, 0]
        excess[name] = serial_correlation(left)
    alike = [name for name, correlation in excess.items() if correlation >= _SERIAL]
    if not alike or 2 * len(alike) < len(excess):
        return None
    r = max(excess.values())
    return RepeatedRows(
        unit=None,
        reason=(
            _("rows that follow each other are alike in {features} (correlation {r:.2f})").format(
                features=list_names(alike[:3]), r=r
            )
        ),
        correlation=r,
        design_effect=float("nan"),
        units=0,
        rows=sampled or 0,
        sampled=sampled,
        decline=decline,
    )
