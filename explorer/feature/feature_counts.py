"""What the Feature tab counts on request.

Population and selection in the bars of a feature, and where it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.number_format import percent
from explorer.features.kind import NOT_PROFILED, NUMBERS_AS_TEXT, countable
from explorer.table.coding import bin_numbers
from explorer.ui.plots.ticks import time_in_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.selection.selection import Selection
    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.coding import BinnedColumn
    from explorer.table.table import Table

__all__ = [
    "BarCounter",
    "BarCounts",
    "kept_range",
    "missing_choices",
    "missing_shares",
    "typed_range",
]

_MOST_GROUPS = 12
_MOST_PERIODS = 60  # a convention: more bars than this are no longer read one by one
_PERIODS = (
    ("s", "second"),
    ("m", "minute"),
    ("h", "hour"),
    ("D", "day"),
    ("W", "week"),
    ("M", "month"),
    ("Y", "year"),
)
_KEPT = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class BarCounts:
    """Rows of the population, and of the selection, in each bar of a feature.

    Parameters
    ----------
    shown : ndarray of shape (k,), int64
        Under the filters of all other columns.
    selected : ndarray of shape (k,), int64, or None
        None without a selection.
    below, above, missing : int
        Rows of the population in no bar; infinite ones are below or above.
    selected_missing : int
        Selected rows without a value.
    """

    shown: NDArray[np.int64]
    selected: NDArray[np.int64] | None
    below: int
    above: int
    missing: int
    selected_missing: int

    @property
    def total(self) -> int:
        """Rows of the population that have a value."""
        return int(self.shown.sum()) + self.below + self.above


class BarCounter:
    """Counts a session's rows in the bars of a feature.

    It keeps the codes of the last few features, a byte a row each.
    """

    def __init__(self, table: Table, rows: RowSelection) -> None:
        self._table, self._rows = table, rows
        self._codes: dict[tuple[str, bytes], BinnedColumn] = {}

    def count(self, name: str, edges: NDArray[np.float64]) -> BarCounts:
        """Count a feature in at most 253 bars between ascending edges; exact, over all rows."""
        bins, size = self._coded(name, edges), len(edges) - 1
        population, selection = (
            self._rows.population(without=name),
            self._rows.selection(),
        )
        shown = _tallied(bins.codes, size + 3, population)
        selected = None if selection is None else _tallied(bins.codes, size + 3, selection)
        missing, below, above = shown[size:].tolist()
        return BarCounts(
            shown=shown[:size],
            selected=None if selected is None else selected[:size],
            below=below,
            above=above,
            missing=missing,
            selected_missing=0 if selected is None else int(selected[size]),
        )

    def _coded(self, name: str, edges: NDArray[np.float64]) -> BinnedColumn:
        key = (name, edges.tobytes())
        if key not in self._codes:
            self._codes[key] = bin_numbers(self._table.columns.numbers(name), edges)
            while len(self._codes) > _KEPT:
                self._codes.pop(next(iter(self._codes)))
        return self._codes[key]


def _tallied(codes: NDArray[np.integer], size: int, rows: Selection | None) -> NDArray[np.int64]:
    return np.bincount(codes if rows is None else codes[rows.mask], minlength=size)


def kept_range(
    ends: tuple[float, float],
    edges: NDArray[np.float64],
    least: float | None,
    greatest: float | None,
) -> tuple[float, float]:
    """Return the closed range that a brush between two places of a histogram keeps.

    A brush that reaches the end of the bars takes the rows beyond them too. Bins of whole numbers
    begin half-way between two values: the range then ends on values, since "≤ 2009.5" would be read
    as "≤ 2010".

    Parameters
    ----------
    ends : tuple of (float, float)
        In the unit of the feature.
    edges : ndarray of shape (k + 1,), float64
    least, greatest : float or None
        Extremes of the feature.
    """
    low, high = min(ends), max(ends)
    if edges[0] % 1 == 0.5 and np.ceil(low) <= np.floor(high):
        low, high = float(np.ceil(low)), float(np.floor(high))
    # a pointer does not hit the last pixel
    near = 0.002 * float(edges[-1] - edges[0])
    if min(ends) <= edges[0] + near and least is not None:
        low = least
    if max(ends) >= edges[-1] - near and greatest is not None:
        high = greatest
    return low, high


def typed_range(
    low: float | None, high: float | None, least: float, greatest: float
) -> tuple[float, float]:
    """Return the closed range between typed ends, the lower first; an open end leaves nothing out.

    What was typed stays as it is, even beyond all values: from 200 on keeps nothing where the
    greatest value is 80.

    Parameters
    ----------
    low, high : float or None
        None is an open end.
    least, greatest : float
        Extremes of the feature.
    """
    if low is None:
        low = least if high is None else min(least, high)
    return low, max(greatest, low) if high is None else high


# --- where it is missing


def missing_choices(table: Table) -> dict[str, list[list[str]]]:
    """Return the columns by which missing cells can be split, each as [name, label].

    They are times and categories.
    """

    def offered(*kinds: str) -> list[list[str]]:
        return [
            [n, f.label]
            for n, f in table.features.items()
            if f.kind in kinds and NOT_PROFILED not in f.notes
        ]

    return {"times": offered("temporal"), "groups": offered("categorical", "boolean")}


def missing_shares(table: Table, rows: RowSelection, name: str, column: str) -> dict[str, Any]:
    """Return the share of rows without a value, by levels or over time, over the population.

    Parameters
    ----------
    table : Table
    rows : RowSelection
    name : str
        The feature.
    column : str
        A category: its twelve largest levels in the population, the largest first. A time: periods
        of equal length, at most 60.

    Returns
    -------
    dict
        As JSON: ``column, label, how, bars``; each bar has ``label, missing, rows, share`` and
        words.
    """
    absent, population = _absent(table, name), rows.population()
    shown = np.ones(table.num_rows, np.bool_) if population is None else population.mask
    feature = table.features[column]
    codes: NDArray[np.integer]
    if feature.kind == "temporal":
        labels, codes, how = _periods(table.columns.numbers(column), shown)
    else:
        coded = table.columns.levels(column)
        labels, codes, how = [*coded.labels, "missing"], coded.codes, "levels"
    total = np.bincount(codes[shown], minlength=len(labels))
    missing = np.bincount(codes[shown & absent], minlength=len(labels))
    if feature.kind == "temporal":
        listed, left = np.flatnonzero((total > 0) | (np.arange(len(labels)) < len(labels) - 1)), 0
    else:
        order = np.argsort(-total, kind="stable")
        listed, left = order[total[order] > 0][:_MOST_GROUPS], int((total > 0).sum()) - _MOST_GROUPS
    return {
        "column": column,
        "label": feature.label,
        "how": how,
        "more": _("and {left:,} smaller levels").format(left=left) if left > 0 else "",
        "bars": [_bar(labels[k], int(missing[k]), int(total[k])) for k in listed.tolist()],
    }


def _bar(label: str, missing: int, rows: int) -> dict[str, Any]:
    share = missing / rows if rows else 0.0
    text = (
        _("{share} · {missing:,} of {rows:,}").format(
            share=percent(share), missing=missing, rows=rows
        )
        if rows
        else _("no rows")
    )
    return {"label": label, "missing": missing, "rows": rows, "share": share, "words": text}


def _absent(table: Table, name: str) -> NDArray[np.bool_]:
    """Return which rows have no value; an infinite one is a value."""
    feature = table.features[name]
    if feature.kind in ("numeric", "temporal", "boolean") and NUMBERS_AS_TEXT not in feature.notes:
        return np.isnan(table.columns.numbers(name))
    if not countable(feature):
        return np.asarray(table.source.column(name).is_null().to_numpy())
    coded = table.columns.levels(name)
    return np.asarray(coded.codes == len(coded.labels))


def _periods(
    seconds: NDArray[np.float64], rows: NDArray[np.bool_]
) -> tuple[list[str], NDArray[np.int64], str]:
    """Return periods as labels, each row's period, and what a period is, in words.

    The last period holds rows without a time.
    """
    finite = np.isfinite(seconds)
    used = seconds[finite & rows]
    if used.size == 0:
        return [_("no time")], np.zeros(seconds.size, np.int64), "time"
    ends = np.array([used.min(), used.max()]).astype("datetime64[s]")
    unit, word = _PERIODS[-1]
    for unit, word in _PERIODS:  # noqa: B007  the last one stays when none is coarse enough
        first, last = ends.astype(f"datetime64[{unit}]").astype(np.int64).tolist()
        if last - first < _MOST_PERIODS:
            break
    width = (last - first) // _MOST_PERIODS + 1
    count = (last - first) // width + 1
    place = np.full(seconds.size, count, np.int64)
    moments = (
        np.where(finite, seconds, 0)
        .astype("datetime64[s]")
        .astype(f"datetime64[{unit}]")
        .astype(np.int64)
    )
    place[finite] = np.clip((moments[finite] - first) // width, 0, count - 1)
    starts = (first + width * np.arange(count)).astype(f"datetime64[{unit}]")
    labels = [_period(start, unit) for start in starts]
    return (
        [*labels, _("no time")],
        place,
        f"{width} {word}s a bar" if width > 1 else _("by {word}").format(word=word),
    )


def _period(start: np.datetime64, unit: str) -> str:
    if unit in ("Y", "M", "D"):
        return str(start)
    return time_in_words(float(start.astype("datetime64[s]").astype(np.int64)))
