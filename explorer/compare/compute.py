"""Compare two groups of a table's rows in every feature."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.compare.compare import ComparisonRequest, compare_features, correct_tests
from explorer.compare.comparison import Comparison
from explorer.compare.dependence.explain_columns import ROWS, explain_columns, products_fit
from explorer.compare.group_features import add_dependent, add_redundant
from explorer.compare.group_sample import ENOUGH, GroupSample, sample_groups
from explorer.compare.pair import pair_of
from explorer.compare.previews import Previews, mark_as_sample
from explorer.core.errors import ComparisonError, ExplorerError
from explorer.core.gettext import _
from explorer.selection.selection import UNKNOWN, Selection
from explorer.sources.samples import random_rows
from explorer.table.row_sample import RowSample
from explorer.table.selecting import where
from explorer.table.units.repeated_rows import chosen_unit, repeated_groups
from projections.errors import Cancelled

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from explorer.compare.dependence.feature_dependence import FeatureDependence
    from explorer.compare.feature_comparison import FeatureComparison
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = [
    "MARGIN",
    "ComparisonRun",
    "add_related_features",
    "compare",
    "prepare_comparison",
    "relations_known",
    "sample_ahead",
    "selection_of",
]

MARGIN = 0.05
"""δ₀: a convention. Beyond some hundred thousand rows every difference is real, most too small."""

_SORTED_CELLS = 1.5e8  # up to so many cells both groups are sorted, for exact figures: some seconds
_COUNTED_CELLS = 3e9  # in steps: some seconds
_FEWEST_SAMPLED = 20  # a convention, as in `Contrast`: fewer rows say nothing of an order
_REFINED = 20  # features at the top of the order whose figures are made exact beyond
_EXPLAINED_CELLS, _FEWEST_EXPLAINED = (
    2_400_000,
    2_000,
)  # random rows × columns, and fewer rows of wide tables
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
    sample: int | None = None,
    preview: Callable[[Comparison], object] | None = None,
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
        Column that names the unit of a row: intervals and tests are then those of units (Obuchowski
        1997). "none": rows are independent. While nothing is said and rows seem to belong together
        (`Comparison.repeated`), no p-value is given.
    adjust : str, optional
        Column within whose levels, or tenths of its rows where it is a number, groups are compared
        too (van Elteren 1960); ordered and tested is what is left within.
    margin : float
        δ₀ in [0, 1): tested is whether |δ|, or Cramér's V, is larger.
    seen : mapping of str to str, optional
        Features that took part in making the groups, and how, beside those that the selections know
        of themselves.
    exact : bool, optional
        True: all figures exact, however long it takes. False: none is refined. None: all up to 150
        million cells, beyond that the 20 largest effects, the others from values ranked in 65,535
        steps.
    sample : int, optional
        Compare so many random rows of each group only, or all it has, and say so.
    preview : callable, optional
        Called with what is known before all is, where this takes long: first the figures of a
        stated random sample, then, every few seconds, with those that have come of all rows in
        their places, then all of them before the largest are made exact.
    progress : callable, optional
        ``progress(stage, done, total)``: "sample" in columns read, "compare" and "exact" in
        features; returning False cancels and raises `explorer.Cancelled`.

    Returns
    -------
    Comparison

    Raises
    ------
    ComparisonError
        A group without rows, a margin outside [0, 1), or a sample below 1.
    UnknownName
        A feature that does not exist.
    """
    if sample is not None and sample < 1:
        raise ComparisonError(
            f"sample must be at least 1 row of each group, came {sample!r}: 10,000 give an order"
        )
    first = selection_of(table, a, "A")
    second = None if b is None else selection_of(table, b, "B")
    work = prepare_comparison(
        table, first, second, features, unit, adjust, margin=margin, seen=seen, progress=progress
    )
    if sample is not None and sample < max(work.whole.n_a, work.whole.n_b):
        return work.sampled(sample, ENOUGH)
    return work.all(exact, preview)


def prepare_comparison(
    table: Table,
    a: Selection,
    b: Selection | None = None,
    features: Iterable[str] | None = None,
    unit: str | None = None,
    adjust: str | None = None,
    *,
    margin: float = MARGIN,
    seen: Mapping[str, str] | None = None,
    related: bool = True,
    look_for_repeats: bool = True,
    progress: Progress | None = None,
) -> ComparisonRun:
    """Make a comparison ready: its groups, its unit, and which features are tested.

    The other parameters and the errors are those of `compare`.

    Parameters
    ----------
    related : bool
        Whether features that follow from those that were seen are looked for, which takes seconds
        for the first time.
    look_for_repeats : bool
        Whether rows that belong together are looked for where no unit is named, which reads
        thousands of rows.
    """
    started = time.perf_counter()
    if not 0 <= margin < 1:
        raise ComparisonError(
            f"margin must be at least 0 and below 1, came {margin!r}: 0.05 is usual"
        )
    pair = pair_of(a, b)
    names = [
        table.features[name].name for name in (table.column_names if features is None else features)
    ]
    given = {**a.seen, **({} if b is None else b.seen), **(seen or {})}
    taken, follows, limits = add_related_features(table, given) if related else (given, {}, [])
    unit, said = chosen_unit(table, unit)
    # what is no more than like a column that made the groups may be their unit
    repeated = None
    if look_for_repeats and not said:
        repeated = repeated_groups(table, pair.a, pair.b, without=given, others=names)
    request = ComparisonRequest(pair, margin, taken, follows, *_codes(table, unit, adjust))
    against = _("A {a:,} rows against B, {b:,} rows")
    if pair.rest:
        against = _("A {a:,} rows against the rest, {b:,} rows")
    text = against.format(a=pair.count_a, b=pair.count_b)
    whole = Comparison(
        rows=[],
        n_a=pair.count_a,
        n_b=pair.count_b,
        margin=margin,
        unit=unit,
        adjust=adjust,
        groups={"a": pair.definitions[0], "b": pair.definitions[1]},
        fingerprint=table.fingerprint,
        words=text,
        notes=[*([repeated.words] if repeated else []), *pair.notes, *limits],
        repeated=repeated if repeated and repeated.matters else None,
    )
    return ComparisonRun(table, names, request, whole, started, progress)


def sample_ahead(table: Table, stopped: threading.Event) -> None:
    """Draw the sample of a long table before anybody compares.

    Scattered rows of a large file take minutes to read.

    It waits until the features are counted, which somebody looks at, and does nothing for a table
    that is compared at once.

    Parameters
    ----------
    table : Table
    stopped : threading.Event
        Ends it.
    """
    if table.num_rows * len(table.features) <= _SORTED_CELLS:
        return
    while not stopped.wait(1.0):
        if not table.profiles.running:
            with suppress(Cancelled, ExplorerError):  # whoever compares is told
                table.columns.sample(lambda *_: not stopped.is_set())
            return


def add_related_features(
    table: Table, seen: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Add to features that were seen those that hang together with them.

    These are what they were derived from, what is derived from them, row labels that were given by
    looking at them, features that are nearly the same, and columns of which all of them together
    explain half or more.

    Returns
    -------
    seen : dict of str to str
    follows : dict of str to str
        Of other columns: how much of them is explained, where that is R² .05 or more.
    limits : list of str
        What was not looked for.
    """
    if UNKNOWN in seen:
        return (
            dict.fromkeys(
                table.features, _("may be a feature of this map: its features are not known")
            )
            | {name: why for name, why in seen.items() if name in table.features},
            {},
            [],
        )
    seen_features = _with_kin(
        table, {name: why for name, why in seen.items() if name in table.features}
    )
    if not seen_features:
        return {}, {}, []
    return table.relations.related(seen_features, lambda: _related(table, seen_features))


def relations_known(table: Table, seen: Mapping[str, str]) -> bool:
    """Tell whether `add_related_features` answers at once."""
    if UNKNOWN in seen:
        return True
    features = _with_kin(table, {name: why for name, why in seen.items() if name in table.features})
    return not features or table.relations.known_related(features)


def _related(
    table: Table, seen: dict[str, str]
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    with_redundant = add_redundant(
        seen, table.columns, table.relations.redundancy(), table.num_rows
    )
    dependences, rows, products = table.relations.explained(
        sorted(seen), lambda: _explained(table, sorted(seen))
    )
    limits = [] if products else [_no_products(len(seen))]
    return *add_dependent(seen, with_redundant, dependences, rows), limits


def _no_products(features: int) -> str:
    return _(
        "{features:,} features defined the groups: whether another column is the product "
        "of two of them was not checked"
    ).format(features=features)


def _explained(table: Table, by: list[str]) -> tuple[dict[str, FeatureDependence], int, bool]:
    """Say how far each other column follows from some features.

    With how many random rows were looked at, and whether products were looked for.
    """
    names = [name for name in table.column_names if name not in by]
    wanted = min(max(_EXPLAINED_CELLS // (len(names) + 1), _FEWEST_EXPLAINED), ROWS)
    if table.num_rows * len(table.column_names) > _SORTED_CELLS:
        row_sample = table.columns.sample()
        used = random_rows(len(row_sample.rows), wanted, 0)
        drawn = GroupSample(table, row_sample, used, used[:0], row_sample.cells.slice(0, 0))
        at = np.arange(len(used))
        return explain_columns(drawn, by, names, at), len(used), products_fit(drawn, by, at)
    rows = random_rows(table.num_rows, wanted, 0)
    taken = pa.table(
        {name: table.source.column(name).take(pa.array(rows)) for name in [*by, *names]}
    )
    drawn = GroupSample(table, RowSample(rows[:0], taken.slice(0, 0)), rows[:0], rows, taken)
    at = np.arange(len(rows))
    dependences = explain_columns(drawn, by, names, at, whole=(table.columns, rows))
    return dependences, len(rows), products_fit(drawn, by, at)


def _with_kin(table: Table, seen: dict[str, str]) -> dict[str, str]:
    related, made_of = dict(seen), table.source.made_of
    for name in reversed(made_of):  # a derived column comes after those that it was derived from
        for parent in made_of[name] if name in related else ():
            related.setdefault(parent, f"{name} is derived from it, which {related[name]}")
    for name, parents in made_of.items():
        looked_at = [parent for parent in parents if parent in related]
        if looked_at:
            related.setdefault(name, f"derived from {looked_at[0]}, which {related[looked_at[0]]}")
    for name in table.source.mutable_columns:
        looked_at = [parent for parent in table.labels.seen_through([name]) if parent in related]
        if looked_at:
            related.setdefault(
                name, f"labelled by looking at {looked_at[0]}, which {related[looked_at[0]]}"
            )
    return related


@dataclass(frozen=True)
class ComparisonRun:
    """One comparison on its way."""

    table: Table
    names: list[str]
    request: ComparisonRequest
    whole: Comparison
    started: float
    progress: Progress | None

    def all(self, exact: bool | None, preview: Callable[[Comparison], object] | None) -> Comparison:
        """Compare all rows."""
        if exact or (exact is None and self.table.num_rows * len(self.names) <= _SORTED_CELLS):
            return self.comparison_of(
                correct_tests(
                    compare_features(
                        self.table.columns, self.names, self.request, progress=self.progress
                    )
                )
            )
        rows = self.in_steps(preview)
        rough = [row.feature for row in rows if not row.exact]
        if rough and exact is None:
            if preview is not None:
                preview(self.comparison_of(rows, _in_steps(len(rough))))
            rows = self.refined(rows, rough[:_REFINED])
            rough = rough[_REFINED:]
        return self.comparison_of(rows, _in_steps(len(rough)) if rough else "")

    def refined(
        self, rows: list[FeatureComparison], names: Sequence[str]
    ) -> list[FeatureComparison]:
        """Make the figures of some features exact, by sorting their cells."""
        again = compare_features(
            self.table.columns, names, self.request, progress=self.stage("exact")
        )
        better = {row.feature: row for row in again}
        return correct_tests([better.get(row.feature, row) for row in rows])

    def in_steps(self, preview: Callable[[Comparison], object] | None) -> list[FeatureComparison]:
        """Compare all rows, columns in steps; a sample first where these are still to be made."""
        table, show_row = self.table, None
        if preview is not None and self.takes_long():
            first = self.sampled(None, _FEWEST_SAMPLED)
            previews = Previews(preview, first)
            if self.few(first):  # rows of its own are read
                previews.sample(self.sampled(None, ENOUGH))
            show_row = previews.take
        rows = compare_features(
            table.columns,
            self.names,
            self.request,
            table.columns.quantized_columns,
            table.columns.quantization_settings,
            self.progress,
            show_row,
        )
        return correct_tests(rows)

    def cells_to_read(self) -> int:
        """Return the cells of columns that are not in steps yet."""
        columns = self.table.columns
        new = sum(
            (columns.is_number(name) or columns.features[name].kind == "boolean")
            and columns.quantized(name) is None
            for name in self.names
        )
        return self.table.num_rows * new

    def takes_long(self) -> bool:
        """Tell whether many columns are not in steps yet, or take seconds to count."""
        return (
            self.cells_to_read() > _SORTED_CELLS
            or self.table.num_rows * len(self.names) > _COUNTED_CELLS
        )

    def few(self, sampled: Comparison) -> bool:
        """Tell whether a group has too few rows in the sample of the table."""
        groups = zip(sampled.sample or (), (self.whole.n_a, self.whole.n_b), strict=True)
        return any(drawn < min(ENOUGH, rows) for drawn, rows in groups)

    def sampled(self, size: int | None, fewest: int, most: int | None = None) -> Comparison:
        """Compare random rows of each group; of one with `fewest` in the sample these alone."""
        drawn, request = sample_groups(
            self.table, self.names, self.request, size, self.progress, fewest, most
        )
        rows = compare_features(drawn, self.names, request, progress=self.stage("sample"))
        sample = request.pair.count_a, request.pair.count_b
        note = _(
            "order from a random sample of {sample_a:,} rows of A and {sample_b:,} of B"
        ).format(sample_a=sample[0], sample_b=sample[1])
        return replace(
            self.comparison_of(correct_tests(mark_as_sample(rows, sample)), note), sample=sample
        )

    def comparison_of(self, rows: list[FeatureComparison], note: str = "") -> Comparison:
        """Return rows as a comparison."""
        notes = [*self.whole.notes, *([note] if note else [])]
        return replace(
            self.whole, rows=rows, notes=notes, seconds=time.perf_counter() - self.started
        )

    def stage(self, name: str) -> Progress | None:
        """Return the progress under another name."""
        progress = self.progress
        return None if progress is None else lambda _, done, total: progress(name, done, total)


def _in_steps(count: int) -> str:
    return _(
        "{count:,} features with more than 65,534 different values were ranked in 65,535 steps"
    ).format(count=count)


def selection_of(table: Table, rows: Selection | ArrayLike | str, which: str) -> Selection:
    """Return a group of rows, as it may be given, as a selection of this table.

    Raises
    ------
    ComparisonError
        When it is of another table, or an array of another shape.
    """
    if isinstance(rows, str):
        return where(table, rows)
    if isinstance(rows, Selection):
        if rows.num_rows != table.num_rows or rows.fingerprint != table.fingerprint:
            raise ComparisonError(
                f"group {which} is a selection of another table: select again in this one"
            )
        return rows
    mask = np.asarray(rows)
    if mask.dtype != np.bool_ or mask.shape != (table.num_rows,):
        raise ComparisonError(
            f"group {which} must be a Selection, an expression or a bool array of shape "
            f"({table.num_rows},), got {mask.dtype} "
            f"{mask.shape}"
        )
    return Selection(mask, table.fingerprint, {"row_count": int(mask.sum())}, table.source)


def _codes(
    table: Table, unit: str | None, adjust: str | None
) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
    units = None
    if unit is not None:
        levels = table.columns.levels(unit)
        units = levels.codes.astype(np.int64)
        alone = np.flatnonzero(
            units == len(levels.labels)
        )  # rows without a unit are units of their own
        units[alone] += np.arange(len(alone))
    return units, None if adjust is None else _strata(table, adjust)


def _strata(table: Table, name: str) -> NDArray[np.int64]:
    """Return the stratum of each row, −1 where the column is missing."""
    if not table.columns.is_number(name):
        levels = table.columns.levels(name)
        codes = levels.codes.astype(np.int64)
        return np.where(codes == len(levels.labels), -1, codes)
    values = table.columns.numbers(name)
    finite = values[np.isfinite(values)]
    edges = (
        np.unique(np.quantile(finite, np.arange(1, _STRATA) / _STRATA)) if finite.size else finite
    )
    return np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right"))
