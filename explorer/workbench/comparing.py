"""Compare two groups of a table's rows in every feature."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.errors import ComparisonError
from explorer.groups import Comparison, pair_of
from explorer.groups.compare import Request, compare_features, corrected
from explorer.groups.seen import with_redundant
from explorer.rows.selection import UNKNOWN, Selection
from explorer.workbench.selecting import where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from explorer.workbench.table import Table
    from projections.errors import Progress

__all__ = ["MARGIN", "compare", "exact_takes_long", "seen_with"]

MARGIN = 0.05
"""δ₀: a convention. Beyond some hundred thousand rows every difference from 0 is real, and most are of no interest."""

_SORTED_CELLS = 1.5e8  # up to so many cells both groups are sorted, for exact figures: some seconds
_REFINED = 20  # features at the top of the order whose figures are made exact beyond
_STRATA = 10  # of a number that is adjusted for: bins with as many rows each


def compare(
    table: Table,
    a: Selection | ArrayLike | str,
    b: Selection | ArrayLike | str | None = None,
    features: Iterable[str] | None = None,
    unit: str | None = None,
    adjust: str | None = None,
    *,
    margin: float = MARGIN,
    seen: Mapping[str, str] | None = None,
    exact: bool | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare rows A with rows B in every feature, on all rows.

    Parameters
    ----------
    table : Table
    a : Selection, bool array of shape (num_rows,), or expression
    b : the same, optional
        The rest without it. Rows in both count in A.
    features : iterable of str, optional
        All when left out.
    unit : str, optional
        Column that names the unit of a row: intervals and tests are then those of units (Obuchowski 1997).
    adjust : str, optional
        Column within whose levels, or tenths of its rows where it is a number, groups are compared too (van Elteren 1960); ordered and
        tested is what is left within.
    margin : float
        δ₀ in [0, 1): tested is whether |δ|, or Cramér's V, is larger.
    seen : mapping of str to str, optional
        Features that took part in making the groups, and how, beside those that the selections know of themselves.
    exact : bool, optional
        True: all figures exact, however long it takes. False: none is refined. None: all up to 150 million cells, beyond that the 20
        largest effects, the others from values ranked in 65,535 steps.
    progress : callable, optional
        ``progress("compare", done, total)`` in features; returning False cancels and raises `explorer.Cancelled`.

    Returns
    -------
    Comparison

    Raises
    ------
    ComparisonError
        A group without rows, or a margin outside [0, 1).
    UnknownName
        A feature that does not exist.
    """
    started = time.perf_counter()
    if not 0 <= margin < 1:
        raise ComparisonError(f"margin must be at least 0 and below 1, came {margin!r}: 0.05 is usual")
    one, other = _selection(table, a, "A"), None if b is None else _selection(table, b, "B")
    pair = pair_of(one, other)
    names = [table.feature(name).name for name in (table.features if features is None else features)]
    taken = seen_with(table, {**one.seen, **({} if other is None else other.seen), **(seen or {})})
    request = Request(pair, margin, taken, *_codes(table, unit, adjust))
    rows, note = _compared(table, names, request, exact, progress)
    notes = [*pair.notes, *([note] if note else [])]
    words = f"A {pair.count_a:,} rows against {'the rest' if pair.rest else 'B'}, {pair.count_b:,} rows"
    return Comparison(
        rows=rows, n_a=pair.count_a, n_b=pair.count_b, margin=margin, unit=unit, adjust=adjust,
        groups={"a": pair.definitions[0], "b": pair.definitions[1]}, fingerprint=table.fingerprint, notes=notes,
        words=words, seconds=time.perf_counter() - started,
    )  # fmt: skip


def exact_takes_long(table: Table) -> bool:
    """Tell whether a table is so large that columns are put into steps, and only the largest effects made exact."""
    return table.num_rows * len(table.features) > _SORTED_CELLS


def seen_with(table: Table, seen: Mapping[str, str]) -> dict[str, str]:
    """Add to features that were seen those that are nearly the same."""
    if UNKNOWN in seen:
        return dict.fromkeys(table.features, "may have drawn this map: its features are not known") | {
            name: words for name, words in seen.items() if name in table.features
        }
    known = {name: words for name, words in seen.items() if name in table.features}
    return with_redundant(known, table, table.redundancy, table.num_rows) if known else {}


def _compared(
    table: Table, names: list[str], request: Request, exact: bool | None, progress: Progress | None
) -> tuple[list[Any], str]:
    cells = table.num_rows * len(names)
    if exact or (exact is None and cells <= _SORTED_CELLS):
        return corrected(compare_features(table, names, request, progress=progress)), ""

    def settings(name: str) -> Any:
        feature = table.features[name]
        return [feature.kind, list(map(str, feature.sentinels)), list(feature.notes)]

    rows = corrected(compare_features(table, names, request, table.steps, settings, progress))
    rough = [row.feature for row in rows if not row.exact]
    if rough and exact is None:
        again = compare_features(table, rough[:_REFINED], request)
        better = {row.feature: row for row in again}
        rows = corrected([better.get(row.feature, row) for row in rows])
        rough = rough[_REFINED:]
    note = (
        f"{len(rough):,} features with more than 65,534 values were ranked in as many steps" if rough else ""
    )
    return rows, note


def _selection(table: Table, rows: Selection | ArrayLike | str, which: str) -> Selection:
    if isinstance(rows, str):
        return where(table, rows)
    if isinstance(rows, Selection):
        if rows.num_rows != table.num_rows or rows.fingerprint != table.fingerprint:
            raise ComparisonError(f"group {which} is a selection of another table: select again in this one")
        return rows
    mask = np.asarray(rows)
    if mask.dtype != np.bool_ or mask.shape != (table.num_rows,):
        raise ComparisonError(
            f"group {which} must be a Selection, an expression or a bool array of shape ({table.num_rows},), got {mask.dtype} "
            f"{mask.shape}"
        )
    return Selection(mask, table.fingerprint, {"row_count": int(mask.sum())}, table.source)


def _codes(
    table: Table, unit: str | None, adjust: str | None
) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
    units = None
    if unit is not None:
        levels = table.levels(unit)
        units = levels.codes.astype(np.int64)
        alone = np.flatnonzero(units == len(levels.labels))  # rows without a unit are units of their own
        units[alone] += np.arange(len(alone))
    return units, None if adjust is None else _strata(table, adjust)


def _strata(table: Table, name: str) -> NDArray[np.int64]:
    """Return the stratum of each row, −1 where the column is missing."""
    if not table.is_number(name):
        levels = table.levels(name)
        codes = levels.codes.astype(np.int64)
        return np.where(codes == len(levels.labels), -1, codes)
    values = table.numbers(name)
    edges = np.unique(np.nanquantile(values, np.arange(1, _STRATA) / _STRATA))
    return np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right"))
