"""Repeated rows: a column whose rows belong together.

It is found by what is in the columns, and not by their names alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.features.cells import without_sentinels
from explorer.features.kind import NOT_PROFILED, is_text, named_like_identifier
from explorer.stats.intraclass import (
    compact_codes,
    design_effect,
    dummy_columns,
    intraclass,
    serial_correlation,
)
from explorer.stats.ranks import average_ranks
from explorer.stats.repeated import INDEPENDENT, INDEPENDENT_TOO, NEEDS_UNIT, RepeatedRows
from explorer.table.units.unit_codes import unit_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.stats.intraclass import Intraclass
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
_FEWEST_ROWS = 100
_FEWEST_OTHERS = (
    5  # units of another class than most: fewer are levels that define a class, such as one genre
)
_FEWEST_UNITS = 10  # different values of a unit: fewer are levels
_MOST_DISTINCT = 0.98  # share of different values from which hardly any comes again
_OFTEN = 0.95  # share of different names of people below which they come again
_SAME = (
    0.85  # intraclass correlation from which an outcome is nearly the same in all rows of a unit
)
_SAME_AT_LEAST = 0.75  # and its lower end
_ALIKE = 0.05  # intraclass correlation from which rows of one key matter
_EFFECT = 1.5  # and the design effect
# Rows of a level: codes that are not called keys and have more may be places or goods, which only
# predict.
_FEW_ROWS = 20
_LEVEL = 1e-3  # of the F tests, over all columns that are looked at
# Share of a unit from which it is of a class; of the correlation that a trend along numbers must
# leave.
_HALF = 0.5
_OTHERS = 12  # other columns that are looked at
_COPIED = 0.25  # share of them that is nearly the same in all rows of a unit
_SERIAL = 0.3  # excess of the correlation of rows that follow each other
_SORTED = 1.2  # runs of equal cells to a level up to which a table is sorted by a column
# Decoded at most: columns beyond these are looked at only where they are called like keys.
_CELLS = 60_000_000

_PEOPLE = re.compile(
    r"^(user|member|customer|client|patient|person|subject|account|visitor|household)s?"
    r"(_?(id|uid|key|number))?$",
    re.IGNORECASE,
)
_KEYS = re.compile(rf"{_PEOPLE.pattern}|(^|_)(id|uid|uuid|key)$", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{0,6}[-_ .#:]?\d{2,}|[0-9a-f]{8,}(-[0-9a-f]{4,})*")


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
    Repeated or None
        None where nothing was seen.
    """
    n = len(outcome)
    if n < _FEWEST_ROWS:
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
    if int(present.sum()) < _FEWEST_ROWS:
        return None
    names, chosen = _candidates(table, without), _others(table, others)
    if last is not None:
        names = _same_in(table, names, read[present], last[places][present])
    cells = table.source.lookup(read[present], list(dict.fromkeys([*names, *chosen])))
    measures = {name: measure[places][present] for name, measure in (series or {}).items()}
    if last is not None and not withheld and (read == last[places]).all():
        idle = outcome[present] == 0
        names = [
            name
            for name in names
            if _PEOPLE.search(name) or _known_in(table, name, cells.column(name), idle)
        ]
    outcome, sampled = outcome[present], int(present.sum()) if len(places) < n else None
    values = dummy_columns(outcome) if classes else _ranked(outcome.astype(np.float64))
    look = _Look(
        table=table,
        what=what,
        rows=rows,
        sampled=sampled is not None,
        level=_LEVEL / max(len(names), 1),
        values=values if within is None else _apart(values, within[places][present]),
        plain=values,
        each="rows" if last is None else "lists",
        classes=classes,
        series={name: _ranked(measure) for name, measure in measures.items()},
        beside=None
        if others is None
        else {name: _apart(_numbered(cells.column(name)), outcome) for name in chosen},
    )
    result = [evidence for name in names if (evidence := look.at(name, cells.column(name)))]
    if not result:
        if not measures:
            return None
        return _in_order(
            measures, [_coded(cells.column(name))[0] for name in names], sampled, _decline(table)
        )
    best = max(result, key=lambda evidence: (evidence.matters, evidence.effect))
    units, count = len(best.sizes), int(best.sizes.sum())
    return RepeatedRows(
        unit=best.name,
        reason=f"{best.reason}; {count:,} {look.each} have {units:,} values of {best.name}",
        correlation=best.correlation,
        design_effect=best.effect,
        units=units,
        rows=count,
        matters=best.matters,
        sampled=sampled,
        withheld=withheld,
        each=look.each,
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
    seen = repeated_rows(table, arm[rows], rows, without=without, what="the arm")
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
            what="the arm",
            last=rows[last[assigned]],
        )
        if seen is not None and seen.matters:
            return seen
    return repeated_rows(
        table,
        figure,
        rows[first],
        without=without,
        what="the reciprocal rank",
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
    return repeated_rows(table, a[rows], rows, without=without, what="the group", others=others)


@dataclass(frozen=True)
class _Evidence:
    """What was seen of one column."""

    name: str
    reason: str
    correlation: float
    sizes: NDArray[np.int64]
    matters: bool

    @property
    def effect(self) -> float:
        return design_effect(self.sizes, self.correlation)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """The rows that are looked at: their outcome, what else is said of each, other columns.

    Parameters
    ----------
    rows : ndarray, optional
        All rows that are read; None: those of the table.
    sampled : bool
        Whether some of them only are looked at.
    values, plain : ndarray of shape (n, k)
        The outcome as numbers: less the means of groups, where there are any, and as it is.
    level : float
        Of each F test.
    each : str
        What the rows stand for: "rows", or "lists" of which they are the first.
    beside : dict of str to ndarray of shape (n, k), optional
        Other columns, some of which must be alike within a unit too.
    """

    table: Table
    what: str
    rows: NDArray[np.int64] | None
    sampled: bool
    values: NDArray[np.float64]
    plain: NDArray[np.float64]
    each: str
    classes: bool
    series: Mapping[str, NDArray[np.float64]]
    level: float
    beside: Mapping[str, NDArray[np.float64]] | None

    def at(self, name: str, cells: pa.ChunkedArray) -> _Evidence | None:
        """Look at one column; None where it is no unit."""
        feature = self.table.features[name]
        codes, labels = _coded(without_sentinels(cells, feature.sentinels))
        present = codes >= 0
        n, units, number = int(present.sum()), len(labels), not is_text(labels.type)
        if units < _FEWEST_UNITS or n < _FEWEST_ROWS or units > _MOST_DISTINCT * n:
            return None
        called = _called_key(feature)
        if number and not called and not _whole(labels):
            return None
        codes, ordered = codes[present], number and not called
        plain = within = intraclass(self.values[present], codes)
        if ordered:  # what a trend along the number does not explain
            within = intraclass(self.values[present], codes, ordered=True)

        @cache
        def others() -> list[Intraclass]:
            beside = self.beside or {}
            return [
                intraclass(values[present], codes)
                for other, values in beside.items()
                if other != name
            ]

        same = (
            self._shown(within)
            and _nearly_same(plain)
            and within.value >= _HALF
            and (not self.classes or _several(self.plain[present], codes))
        )
        if same and (self.beside is None or _copied(others())):
            reason = (
                f"{self.what} is nearly the same in all {self.each} of one {name} (intraclass "
                f"correlation {plain.value:.2f})"
            )
            return _Evidence(name, reason, plain.value, self._sizes(name, codes), True)
        if not (called or number or _codes(labels)):
            return None
        reason, value = self._alike(within, others, present, codes, name)
        people = bool(_PEOPLE.search(name))
        if not (reason or people):
            return None
        sizes = self._sizes(name, codes)
        few = called or sizes.sum() <= _FEW_ROWS * len(sizes)
        if reason and few and design_effect(sizes, value) >= _EFFECT:
            return _Evidence(name, reason, value, sizes, True)
        if people and len(sizes) < _OFTEN * sizes.sum():
            value = within.value if within.value == within.value else 0.0
            return _Evidence(name, f"the same {name} comes again and again", value, sizes, False)
        return None

    def _shown(self, correlation: Intraclass) -> bool:
        return correlation.p_value <= self.level

    def _alike(
        self,
        within: Intraclass,
        others: Callable[[], list[Intraclass]],
        present: NDArray[np.bool_],
        codes: NDArray[np.int64],
        name: str,
    ) -> tuple[str, float]:
        """Say what is alike in rows of one key, and how much; nothing where it hardly matters."""
        result = (
            [(self.what, within.value)] if self._shown(within) and within.value >= _ALIKE else []
        )
        if self.beside is not None and result:
            # a difference of groups is less sure by the product of both correlations (Moulton 1986,
            # doi:10.1016/0304-4076(86)90021-7)
            likest = max(
                (correlation.value for correlation in others() if self._shown(correlation)),
                default=0.0,
            )
            result = [(what, value * likest) for what, value in result if value * likest >= _ALIKE]
        elif self.beside is None and _called_key(self.table.features[name]):
            for what, values in self.series.items():
                correlation = intraclass(values[present], codes)
                result += (
                    [(what, correlation.value)]
                    if self._shown(correlation) and correlation.value >= _ALIKE
                    else []
                )
        if not result:
            return "", 0.0
        what, value = max(result, key=lambda candidate: candidate[1])
        return (
            f"{self.each} of one {name} are alike in {what} (intraclass correlation {value:.2f})",
            value,
        )

    def _sizes(self, name: str, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of each unit, in all rows that are read."""
        if self.sampled:
            units, _ = unit_codes(self.table, name)
            read = units if self.rows is None else units[self.rows]
            codes = read[read >= 0].astype(np.int64)
        sizes = np.bincount(codes)
        return sizes[sizes > 0]


def _nearly_same(correlation: Intraclass) -> bool:
    return correlation.value >= _SAME and correlation.low >= _SAME_AT_LEAST


def _several(values: NDArray[np.float64], codes: NDArray[np.int64]) -> bool:
    """Tell whether several units are of another class than most rows.

    A class that one or two levels define has no units.
    """
    units, sizes = compact_codes(codes)
    own = (
        np.stack([np.bincount(units, weights=column) / sizes for column in values.T], axis=1)
        > _HALF
    )
    return int((own != (values.mean(axis=0) > _HALF)).any(axis=1).sum()) >= _FEWEST_OTHERS


def _copied(others: list[Intraclass]) -> bool:
    """Tell whether many other columns are nearly the same in all rows of a unit."""
    return sum(map(_nearly_same, others)) >= max(2, _COPIED * len(others))


def _runs(n: int) -> NDArray[np.int64]:
    """Return the places that are looked at: all, or ten runs spread over the rows."""
    if n <= _ROWS:
        return np.arange(n, dtype=np.int64)
    starts = np.linspace(0, n - _ROWS // _RUNS, _RUNS).astype(np.int64)
    return (starts[:, None] + np.arange(_ROWS // _RUNS)).ravel()


def _candidates(table: Table, without: Collection[str]) -> list[str]:
    """Return columns that may name units: words, keys and whole numbers."""
    schema = table.source.schema
    result = []
    for name, feature in table.features.items():
        if name in without or feature.kind not in ("identifier", "categorical", "text", "numeric"):
            continue
        if NOT_PROFILED in feature.notes or name in table.source.mutable_columns:
            continue
        type_ = schema.field(name).type
        named = bool(_KEYS.search(name)) or named_like_identifier(name)
        if feature.kind == "numeric" and not (
            pa.types.is_integer(type_) or is_text(type_) or named
        ):
            continue
        result.append((not named, name))
    most = max(_CELLS // max(table.num_rows, 1), 20)
    return [name for _, name in sorted(result, key=lambda candidate: candidate[0])[:most]]


def _same_in(
    table: Table, names: list[str], first: NDArray[np.int64], last: NDArray[np.int64]
) -> list[str]:
    """Return the columns whose cells are the same in two rows of nearly all units."""
    several = first != last
    if not several.any():
        return names
    ends, place = np.unique(last[several], return_inverse=True)
    a = table.source.lookup(first[several], names)
    b = table.source.lookup(ends, names).take(place)
    return [
        name for name in names if _share_equal(a.column(name), b.column(name)) >= _MOST_DISTINCT
    ]


def _known_in(table: Table, name: str, cells: pa.ChunkedArray, idle: NDArray[np.bool_]) -> bool:
    """Tell whether a column is known in lists without a hit too.

    In logs of one row a list, others may tell what was played.
    """
    codes = _coded(without_sentinels(cells, table.features[name].sentinels))[0]
    return bool(idle.any()) and float((codes[idle] >= 0).mean()) > _HALF


def _share_equal(a: pa.ChunkedArray, b: pa.ChunkedArray) -> float:
    """Return the share of places in which two columns have the same cell.

    Missing is like missing.
    """
    both = pa.chunked_array([*_words(a).chunks, *_words(b).chunks], type=_words(a).type)
    codes = _coded(both)[0]
    return float((codes[: len(a)] == codes[len(a) :]).mean())


def _words(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return cells.cast(cells.type.value_type) if pa.types.is_dictionary(cells.type) else cells


def _others(table: Table, others: Iterable[str] | None) -> list[str]:
    kinds = ("numeric", "categorical", "boolean")
    return [name for name in others or () if table.features[name].kind in kinds][:_OTHERS]


def _coded(cells: pa.ChunkedArray) -> tuple[NDArray[np.int64], pa.Array]:
    """Return codes in the order of the values, −1 where missing, and the values."""
    if pa.types.is_floating(cells.type):
        cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
    encoded = (
        cells.unify_dictionaries()
        if pa.types.is_dictionary(cells.type)
        else pc.dictionary_encode(cells)
    ).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = (
            encoded.chunk(0) if encoded.num_chunks else pa.array([], cells.type).dictionary_encode()
        )
    raw = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    used = np.unique(raw[raw >= 0])
    labels = encoded.dictionary.take(pa.array(used))
    place = np.full(len(encoded.dictionary) + 1, -1, np.int64)
    place[used[pc.array_sort_indices(labels).to_numpy()]] = np.arange(len(used))
    return place[raw], labels


def _called_key(feature: Feature) -> bool:
    """Tell whether a column names things, by its kind or its name."""
    named = _KEYS.search(feature.name) or named_like_identifier(feature.name)
    return feature.kind == "identifier" or bool(named)


def _codes(labels: pa.Array) -> bool:
    """Tell whether cells are codes, such as "P-0012", and not words."""
    texts = labels.slice(0, 100).to_pylist() if is_text(labels.type) else []
    return bool(texts) and sum(bool(_CODE.fullmatch(str(text))) for text in texts) >= 0.9 * len(
        texts
    )


def _whole(labels: pa.Array) -> bool:
    if pa.types.is_integer(labels.type):
        return True
    values = labels.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return bool((values == np.floor(values)).all())


def _numbered(cells: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return ranks of numbers, or indicators of categories, (n, k), missing as the mean."""
    if is_text(cells.type) or pa.types.is_dictionary(cells.type) or pa.types.is_boolean(cells.type):
        return dummy_columns(_coded(cells)[0])
    return _ranked(cells.cast(pa.float64(), safe=False).to_numpy().astype(np.float64))


def _apart(values: NDArray[np.float64], groups: NDArray[Any]) -> NDArray[np.float64]:
    """Return columns less their means in each group.

    What is left is alike within a unit beyond its group.
    """
    codes = np.unique(groups, return_inverse=True)[1]
    counts = np.bincount(codes)
    return (
        values
        - np.stack([np.bincount(codes, weights=column) / counts for column in values.T], axis=1)[
            codes
        ]
    )


def _ranked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks as a column, (n, 1), missing as the mean."""
    result = np.full(len(values), np.nan)
    present = ~np.isnan(values)
    result[present] = average_ranks(values[present])
    result[~present] = float(result[present].mean()) if present.any() else 0.0
    return result[:, None]


def _in_order(
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
                left = _apart(left[:, None], codes)[:, 0]
        excess[name] = serial_correlation(left)
    alike = [name for name, correlation in excess.items() if correlation >= _SERIAL]
    if not alike or 2 * len(alike) < len(excess):
        return None
    r = max(excess.values())
    return RepeatedRows(
        unit=None,
        reason=(
            f"rows that follow each other are alike in {', '.join(alike[:3])} (correlation {r:.2f})"
        ),
        correlation=r,
        design_effect=float("nan"),
        units=0,
        rows=sampled or 0,
        sampled=sampled,
        decline=decline,
    )
