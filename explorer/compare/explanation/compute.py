"""Explain chosen rows: how they differ from the others, in a few sentences."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.compare.compare import ComparisonRequest
from explorer.compare.compute import (
    MARGIN,
    ComparisonRun,
    prepare_comparison,
    relations_known,
    selection_of,
)
from explorer.compare.explanation.clauses import Candidate, candidates_of, choose_clauses
from explorer.compare.explanation.example_rows import distances_to_middle, example_places
from explorer.compare.explanation.explanation import ExampleRow, Explanation, rows_text
from explorer.compare.explanation.sampled_rows import RowsOfColumns, SampledRows
from explorer.compare.group_sample import sample_groups
from explorer.compare.pair import pair_of
from explorer.compare.stepping import quantize_blocks
from explorer.core.errors import ExplorerError
from explorer.core.gettext import _, ngettext
from explorer.core.name_list import list_names
from explorer.core.number_format import scale_of
from explorer.selection.selection import DREW, UNKNOWN
from explorer.session.rows.row_search import row_titles
from explorer.sources.samples import random_rows
from explorer.table.blocks import ColumnBlocks
from explorer.table.units.repeated_rows import chosen_unit, repeated_groups
from projections.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from explorer.compare.comparison import Comparison
    from explorer.compare.feature_comparison import FeatureComparison
    from explorer.compare.group_features import SampledAssociation
    from explorer.features.kind import Feature
    from explorer.selection.selection import Selection
    from explorer.stats.repeated import RepeatedRows
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["explain", "explain_selection", "prepare_explanations"]

_FEWEST = 3  # rows: of one or two, nothing typical can be said
_AT_ONCE = 4_000_000  # cells that are sorted for exact figures in a moment
_COUNTED = 400_000_000  # cells in steps that are counted in a second
_PREPARED = 150_000_000  # cells up to which columns are put into steps before anybody asks
_READ_TOGETHER, _READ_CELLS = 100, 2_000_000  # columns and cells read in one go for that
_UNIT_CELLS = 20_000_000  # compared by units; beyond, those of a sample are
_ROWS_OF_GROUP = 2_000  # of a first sample: the interval of δ is then at most ± .03 on its account
_FEWEST_SAMPLED = 20  # a convention, as in `Contrast`
_CANDIDATES = (
    8  # differences, of both kinds, of which clauses are chosen, and whose figures are made exact
)
_SAME = 0.8  # association in the other rows from which two features are said once: a convention
_EXAMPLES = 3
_SIGNIFICANT = 0.05
_MOST_EXAMPLE_FEATURES = 40
_BY_UNIT = _(
    "compared by units: categories and missing cells have no interval and are not described"
)


def explain(
    table: Table,
    rows: Selection | ArrayLike | str,
    b: Selection | ArrayLike | str | None = None,
    features: Iterable[str] | None = None,
    unit: str | None = None,
    *,
    margin: float = MARGIN,
    seen: Mapping[str, str] | None = None,
    preview: Callable[[Explanation], object] | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Explain how chosen rows differ from the others, in a few sentences.

    Features are compared as `explorer.compare` does. Said are the largest differences, at most
    four: first of features that defined the group, which are no finding, then of independent
    features whose test survives the correction for all tests. What says nearly the same is said
    once.

    Parameters
    ----------
    table : Table
    rows : Selection, bool array of shape (num_rows,), or expression
        The group.
    b : the same, optional
        The other rows; default: all that are not in the group.
    features : iterable of str, optional
        Columns to compare in; all when left out.
    unit : str, optional
        Column that names the unit of a row, or "none"; see `explorer.compare`.
    margin : float
        Smallest effect of interest, |δ| or V, in [0, 1).
    seen : mapping of str to str, optional
        Features that took part in making the group, and how, beside those that the selection knows
        of itself.
    preview : callable, optional
        Called with what is known before all is: what defined the group, or figures of a sample.
    progress : callable, optional
        ``progress(stage, done, total)``; returning False cancels and raises `explorer.Cancelled`.

    Returns
    -------
    Explanation
        `sentence` is all of it in words. A group, or others, of fewer than three rows is not
        compared: `why_not` says so.

    Raises
    ------
    ComparisonError
        A selection of another table, or a margin outside [0, 1).
    UnknownName
        A feature that does not exist.
    """
    chosen = selection_of(table, rows, "A")
    others = None if b is None else selection_of(table, b, "B")
    return explain_selection(
        table,
        chosen,
        others,
        features,
        unit,
        margin=margin,
        seen=seen,
        elsewhere="elsewhere" if b is None else _("in the other group"),
        preview=preview,
        progress=progress,
    )


def explain_selection(
    table: Table,
    group: Selection,
    others: Selection | None = None,
    features: Iterable[str] | None = None,
    unit: str | None = None,
    *,
    margin: float = MARGIN,
    seen: Mapping[str, str] | None = None,
    elsewhere: str = "elsewhere",
    most_cells: float = math.inf,
    preview: Callable[[Explanation], object] | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Explain a selection; the other parameters are those of `explain`.

    Parameters
    ----------
    elsewhere : str
        How the other rows are called.
    most_cells : float
        Cells that may be read for exact figures; beyond, those of a sample are final.
    """
    started = time.perf_counter()
    n_group = group.count()
    n_others = table.num_rows - n_group if others is None else (others & ~group).count()
    why_not = _why_not(n_group, n_others, rest=others is None)
    if why_not:
        few = group.rows()[: 2 * _EXAMPLES] if n_group < _FEWEST else group.rows()[:0]
        return Explanation(
            count=n_group, others=n_others, why_not=why_not, typical=_titled(table, few)
        )
    given = {**group.seen, **({} if others is None else others.seen), **(seen or {})}
    work = _ExplanationRun(
        table, group, others, None if features is None else list(features), unit, margin, given,
        elsewhere, most_cells, preview, progress, started,
    )  # fmt: skip
    return work.run()


def prepare_explanations(
    table: Table, seen: Mapping[str, str], wanted: Callable[[], bool] = lambda: True
) -> None:
    """Read what explanations of groups drawn on a map need, before anybody draws one.

    These are which features follow from those of the map and, of a long table, its columns in steps
    (kept in the cache). A table that is too large for it is left alone: its groups are explained by
    a sample.

    Parameters
    ----------
    table : Table
    seen : mapping of str to str
        Features that take part in making a group, and how, as `Selection.seen` has them.
    wanted : callable
        Asked now and then between columns; False ends it.
    """
    cells = table.num_rows * len(table.features)
    if cells > _PREPARED or table.num_rows < 2 * _FEWEST:
        return
    with suppress(Cancelled, ExplorerError):  # whoever explains is told
        names = table.column_names if cells > _AT_ONCE else []
        # opening a file of thousands of columns takes far longer than reading one of them
        together = min(_READ_TOGETHER, max(1, _READ_CELLS // table.num_rows))
        for first in range(0, len(names), together):
            if not wanted():
                return
            _prepare_columns(table, names[first : first + together])
        half = np.arange(table.num_rows) < table.num_rows // 2
        # once to the end: what is read from the disk for the first time is read now
        explain_selection(
            table, selection_of(table, half, "A"), seen=seen, progress=lambda *_: wanted()
        )


def _prepare_columns(table: Table, names: Sequence[str]) -> None:
    columns, features = table.columns, table.features
    numbers = [n for n in names if columns.is_number(n) or features[n].kind == "boolean"]
    unknown = [name for name in numbers if columns.quantized(name) is None]
    if len(unknown) > 1:
        cells = pa.Table.from_batches(table.source.batches(unknown))
        blocks = {name: ColumnBlocks(features[name], cells.column(name)) for name in unknown}
    else:
        blocks = {name: columns.blocks(name) for name in unknown}
    for name in unknown:
        steps = quantize_blocks(blocks[name], table.num_rows)
        columns.quantized_columns.put(name, columns.quantization_settings(name), steps)
    for name in names:
        if name not in numbers and features[name].kind != "vector":
            columns.levels(name)


def _why_not(group: int, others: int, rest: bool) -> str:
    if not group:
        return _("nothing is selected, so nothing can be explained.")
    if not others:
        if rest:
            return _("these are all rows, so there is nothing to compare with.")
        return _("these are all rows shown, so there is nothing to compare with.")
    if group < _FEWEST:
        return _("too few to compare with the others; open them one by one.")
    if others < _FEWEST:
        return ngettext(
            "only {others} remains to compare with.",
            "only {others} remain to compare with.",
            others,
        ).format(others=rows_text(others))
    return ""


def _titled(table: Table, rows: NDArray[np.int64]) -> tuple[ExampleRow, ...]:
    titles = row_titles(table, rows)
    return tuple(ExampleRow(int(row), title) for row, title in zip(rows, titles, strict=True))


@dataclass(frozen=True)
class _ExplanationRun:
    """One explanation on its way."""

    table: Table
    group: Selection
    others: Selection | None
    features: list[str] | None
    unit: str | None
    margin: float
    given: dict[str, str]
    elsewhere: str
    most_cells: float
    preview: Callable[[Explanation], object] | None
    progress: Progress | None
    started: float

    def run(self) -> Explanation:
        """Explain: what defined the group, a sample, all rows, exact figures."""
        if self.preview is not None and not relations_known(self.table, self.given):
            # which other features can be tested takes seconds to find out; this is known already
            names = self.features or self.table.column_names
            run = self.prepared([name for name in names if name in self.given], related=False)
            if run.names:
                self.show(self.first(run), checked=False)
        run = self.prepared(self.features)
        comparison = self.first(run)
        if comparison.sample is not None and self.may_read(run):
            self.show(comparison)
            comparison = run.comparison_of(run.in_steps(None))
        explanation = self.explanation(comparison, complete=False)
        self.show_rough(run, explanation)  # what follows would take the processor from it
        with ThreadPoolExecutor(1) as pool:
            repeated = pool.submit(self.repeated, run)
            comparison = self.refined(run, comparison, explanation)
            comparison = _with_repeats(comparison, repeated.result())
        return self.explanation(comparison, complete=True)

    def refined(
        self, run: ComparisonRun, comparison: Comparison, explanation: Explanation
    ) -> Comparison:
        """Make the figures exact of what is said."""
        while comparison.sample is None and (rough := _rough(explanation)):
            comparison = run.comparison_of(run.refined(comparison.rows, rough))
            explanation = self.explanation(comparison, complete=False)
            self.show_rough(run, explanation)
        return comparison

    def show_rough(self, run: ComparisonRun, explanation: Explanation) -> None:
        """Hand out an explanation, unless the last one follows in a moment."""
        long = self.table.num_rows * len(run.names) > _AT_ONCE
        if self.preview is not None and (long or _rough(explanation)):
            self.preview(explanation)

    def prepared(self, features: list[str] | None, related: bool = True) -> ComparisonRun:
        return prepare_comparison(
            self.table,
            self.group,
            self.others,
            features,
            self.unit,
            margin=self.margin,
            seen=self.given,
            related=related,
            look_for_repeats=False,
            progress=self.progress,
        )

    def first(self, run: ComparisonRun) -> Comparison:
        """Compare what can be compared at once: all rows, or a sample of them."""
        cells = self.table.num_rows * len(run.names)
        if cells <= _AT_ONCE:
            return run.all(True, None)
        if not run.cells_to_read() and cells <= (_UNIT_CELLS if self.by_unit else _COUNTED):
            return run.comparison_of(run.in_steps(None))
        return run.sampled(None, _FEWEST_SAMPLED, _ROWS_OF_GROUP)

    def may_read(self, run: ComparisonRun) -> bool:
        """Tell whether figures of all rows follow those of a sample."""
        cells = self.table.num_rows * len(run.names)
        if cells <= self.most_cells:
            return not self.by_unit or self.most_cells == math.inf or cells <= _UNIT_CELLS
        return not self.by_unit and not run.cells_to_read() and cells <= 10 * _COUNTED

    @property
    def by_unit(self) -> bool:
        return chosen_unit(self.table, self.unit)[0] is not None

    def candidates(self, comparison: Comparison, withheld: bool = False) -> list[Candidate]:
        """Return the largest differences, of features that defined the group and of others."""
        targets = {name for name, role in self.table.roles.items() if role.role == "target"}
        clear = candidates_of(comparison.rows, self.margin, self.given, withheld, targets)
        return [
            candidate
            for used in (True, False)
            for candidate in [item for item in clear if bool(item.row.seen) is used][:_CANDIDATES]
        ]

    def repeated(self, run: ComparisonRun) -> RepeatedRows | None:
        """Look for rows that belong together, where nobody has named the unit."""
        if chosen_unit(self.table, self.unit)[1]:
            return None
        pair = run.request.pair
        return repeated_groups(self.table, pair.a, pair.b, without=self.given, others=run.names)

    def show(self, comparison: Comparison, checked: bool = True) -> None:
        """Hand out what is known by now."""
        if self.preview is not None:
            self.preview(self.explanation(comparison, complete=False, checked=checked))

    def explanation(
        self, comparison: Comparison, complete: bool, checked: bool = True
    ) -> Explanation:
        """Say what a comparison says; example rows when it is complete."""
        features = self.table.features
        withheld = comparison.repeated is not None
        candidates = self.candidates(comparison, withheld)
        differing = [row for row in comparison.unseen if _differs(row)]
        rows = self.sampled_rows(comparison)
        clauses = choose_clauses(
            candidates,
            features,
            partial(_same, rows.of_others),
            elsewhere=self.elsewhere,
            about=comparison.sample is not None,
            scale=self.scale,
        )
        result = Explanation(
            count=self.group.count(),
            others=comparison.n_b,
            clauses=tuple(clauses),
            drawn=DREW in self.given.values(),
            unknown=UNKNOWN in self.given,
            sample=comparison.sample,
            complete=complete,
            unit=comparison.unit,
            notes=[*comparison.notes, *([_BY_UNIT] if self.by_unit else [])],
            seconds=time.perf_counter() - self.started,
        )
        if checked:
            result = replace(
                result,
                tested=sum(row.tested and _has_effect(row) for row in comparison.unseen),
                differing=len(differing),
                used=len(comparison.seen),
                untested={features[row.feature].label: row.seen for row in comparison.seen},
            )
        return self.with_examples(result, rows) if complete else result

    def with_examples(self, result: Explanation, rows: SampledRows) -> Explanation:
        """Add rows near the middle of the group, and far from it."""
        seen = [name for name in self.given if name in self.table.features]
        drew = [name for name in seen if self.given[name] == DREW]
        names = list(
            dict.fromkeys([*(drew or seen), *(clause.feature for clause in result.clauses)])
        )
        names = names[:_MOST_EXAMPLE_FEATURES]
        distances = distances_to_middle(rows.of_all, names, rows.inside)
        near, far = example_places(distances, _EXAMPLES)
        of_group = rows.rows[rows.inside]
        looked_at = (
            ""
            if len(of_group) == result.count
            else _(", of {count:,} rows drawn at random").format(count=len(of_group))
        )
        by = list_names([self.table.features[name].label for name in names], 6)
        return replace(
            result,
            typical=_titled(self.table, of_group[near]),
            edge=_titled(self.table, of_group[far]),
            examples_by=_("by the ranks of {features}{sample}").format(
                features=by, sample=looked_at
            )
            if names
            else "",
        )

    def sampled_rows(self, comparison: Comparison) -> SampledRows:
        """Draw rows of the group and of the others, whose cells are at hand."""
        pair = pair_of(self.group, self.others)
        if comparison.sample is not None:
            request = ComparisonRequest(pair, self.margin)
            drawn, narrowed = sample_groups(
                self.table, [], request, None, self.progress, _FEWEST_SAMPLED, _ROWS_OF_GROUP
            )
            return SampledRows(drawn, drawn.rows, narrowed.pair.a)
        rows = np.sort(np.concatenate([_drawn(mask) for mask in (pair.a, pair.b)]))
        return SampledRows(RowsOfColumns(self.table.columns, rows), rows, pair.a[rows])

    def scale(self, feature: Feature) -> str:
        """Return how values of a feature are written."""
        profile = self.table.profiles.get(feature.name) if feature.kind == "temporal" else None
        return feature.kind if profile is None else scale_of(profile.document())


def _rough(explanation: Explanation) -> list[str]:
    """Return the features that are said whose figures are not exact."""
    return sorted({clause.feature for clause in explanation.clauses if not clause.exact})


def _with_repeats(comparison: Comparison, repeated: RepeatedRows | None) -> Comparison:
    """Withhold p-values where rows seem to belong together."""
    if repeated is None or not repeated.matters:
        return comparison
    return replace(comparison, repeated=repeated, notes=[repeated.words, *comparison.notes])


def _drawn(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    rows = np.flatnonzero(mask)
    return rows[random_rows(len(rows), _ROWS_OF_GROUP, 0)]


def _same(others: SampledAssociation, first: Candidate, second: Candidate) -> bool:
    """Tell whether two differences say nearly the same, by the rows that are not in the group."""
    names = first.row.feature, second.row.feature
    if names[0] == names[1]:
        return True
    if first.about != second.about:
        return False
    if first.about == "missing":
        one, two = (np.isnan(others.cells(name)).astype(np.float64) for name in names)
        if not one.std() or not two.std():
            return False
        return bool(abs(np.corrcoef(one, two)[0, 1]) >= _SAME)
    return others.association(*names)[1] >= _SAME


def _differs(row: FeatureComparison) -> bool:
    return row.p_adjusted <= _SIGNIFICANT or row.missing_p_adjusted <= _SIGNIFICANT


def _has_effect(row: FeatureComparison) -> bool:
    return not math.isnan(row.effect) or not math.isnan(row.missing_difference)
