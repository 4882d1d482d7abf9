"""Compare: every feature of two groups of rows, on all cores, with the tests corrected together."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from explorer.compare.feature_comparison import FeatureComparison
from explorer.compare.group_figures import (
    delta_figures,
    level_figures,
    missing_figures,
    number_figures,
)
from explorer.compare.stepping import quantize_blocks
from explorer.core.gettext import _
from explorer.profile.counting.tally import Tally, split_groups, tally_of_values
from explorer.stats.classification.auc import auc_margin_p_value
from explorer.stats.classification.clustered_auc import clustered_auc, stratified_auc
from explorer.stats.testing.fdr import adjusted
from projections.errors import Progress, report
from projections.threads import n_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from explorer.compare.pair import GroupPair
    from explorer.features.kind import Feature
    from explorer.profile.counting.quantized_column import QuantizedColumnStore

__all__ = ["ColumnSource", "ComparisonRequest", "compare_features", "correct_tests"]


class ColumnSource(Protocol):
    """A table whose columns can be read whole."""

    @property
    def features(self) -> Mapping[str, Feature]:
        """By name."""

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column (n,), NaN where missing."""

    def blocks(self, name: str, keep: bool = False) -> Iterable[NDArray[np.float64]]:
        """Return the same in blocks, to be gone through more than once.

        `keep` it decoded where it will be asked for again.
        """

    def levels(self, name: str) -> Any:
        """Return ``codes`` (n,), the number of ``labels`` where missing, and ``labels``."""

    def is_number(self, name: str) -> bool:
        """Tell whether a column has an order."""


@dataclass(frozen=True)
class ComparisonRequest:
    """What is compared, and how.

    Parameters
    ----------
    pair : GroupPair
    margin : float
        δ₀.
    seen : mapping of str to str
        Features that took part in making the groups, and how.
    follows : mapping of str to str
        How far other features follow in part from those that took part.
    unit : ndarray of shape (n,), int64, optional
        Code of the unit of each row, when rows of one belong together.
    stratum : ndarray of shape (n,), int64, optional
        Code of the stratum of each row, when the comparison is within strata; below 0 where it is
        not known.
    """

    pair: GroupPair
    margin: float
    seen: Mapping[str, str] = field(default_factory=dict)
    follows: Mapping[str, str] = field(default_factory=dict)
    unit: NDArray[np.int64] | None = None
    stratum: NDArray[np.int64] | None = None


def compare_features(
    columns: ColumnSource,
    names: Sequence[str],
    request: ComparisonRequest,
    steps: QuantizedColumnStore | None = None,
    settings: Callable[[str], Any] = str,
    progress: Progress | None = None,
    report_row: Callable[[FeatureComparison], object] | None = None,
) -> list[FeatureComparison]:
    """Compare features, without the correction for many tests.

    Parameters
    ----------
    columns : ColumnSource
    names : sequence of str
    request : ComparisonRequest
    steps : QuantizedColumnStore, optional
        Where columns of numbers lie in steps, or are put into: a group is then counted without
        being sorted, and figures of columns with more than 65,534 values are a little off and say
        so. Without it every figure is exact.
    settings : callable
        What the steps of a feature depend on beside the data.
    progress : callable, optional
        ``progress("compare", done, total)`` in features; returning False cancels.
    report_row : callable, optional
        Called with each feature as it is compared, in the thread of the caller.

    Returns
    -------
    list of FeatureComparison
        In the order of `names`.
    """
    work = _FeatureComparer(columns, request, steps, settings)
    compared: dict[str, FeatureComparison] = {}
    report(progress, "compare", 0, len(names))
    with ThreadPoolExecutor(n_threads(None)) as pool:
        running = {pool.submit(work.feature, name): name for name in names}
        try:
            for done in as_completed(running):
                compared[running[done]] = done.result()
                if report_row is not None:
                    report_row(done.result())
                report(progress, "compare", len(compared), len(names))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [compared[name] for name in names]


def correct_tests(rows: Sequence[FeatureComparison]) -> list[FeatureComparison]:
    """Correct all tests together, and order the rows by the lower bound of their effect."""
    tests = [row.p_value if row.tested else math.nan for row in rows]
    missing = [row.missing_p if row.tested else math.nan for row in rows]
    both = adjusted([*tests, *missing])
    corrected_rows = [
        replace(
            row,
            p_value=p,
            missing_p=q,
            p_adjusted=float(both[i]),
            missing_p_adjusted=float(both[len(rows) + i]),
        )
        for i, (row, p, q) in enumerate(zip(rows, tests, missing, strict=True))
    ]
    return sorted(corrected_rows, key=lambda row: (-_number(row.effect_low), -_number(row.effect)))


def _number(value: float) -> float:
    return -1.0 if math.isnan(value) else value


class _FeatureComparer:
    """What comparing one feature after the other shares."""

    def __init__(
        self,
        columns: ColumnSource,
        request: ComparisonRequest,
        steps: QuantizedColumnStore | None,
        settings: Callable[[str], Any],
    ) -> None:
        self.columns, self.request, self.steps, self.settings = columns, request, steps, settings
        pair = request.pair
        self.counts = pair.count_a, pair.count_b
        if steps is not None:  # who sorts both groups needs no lists of rows
            self.fewer_is_b = pair.rest and self.counts[1] < self.counts[0]
            counted = pair.b if self.fewer_is_b else pair.a
            self.counted = np.flatnonzero(counted).astype(np.uint32)
            self.others = None if pair.rest else np.flatnonzero(pair.b).astype(np.uint32)

    def feature(self, name: str) -> FeatureComparison:
        feature = self.columns.features[name]
        plain = {
            "feature": name,
            "kind": feature.kind,
            "seen": self.request.seen.get(name, ""),
            "tested": name not in self.request.seen,
            "follows": self.request.follows.get(name, ""),
        }
        if self.columns.is_number(name) or feature.kind == "boolean":
            figures = self._number(name)
        elif feature.kind == "categorical":
            figures = self._levels(name)
        else:
            figures = self._presence(name)
        if self.request.unit is not None:
            _forget_intervals(figures)
        return FeatureComparison(**{**plain, **figures})

    def _number(self, name: str) -> dict[str, Any]:
        tally, exact = self._tally(name)
        figures = number_figures(tally, self.request.margin) | {"exact": exact}
        figures |= self._missing(figures["n_a"], figures["n_b"])
        if (
            (self.request.unit is not None or self.request.stratum is not None)
            and figures["n_a"]
            and figures["n_b"]
        ):
            figures |= self._grouped(self.columns.numbers(name), figures)
        if not exact:
            figures["note"] = _("ranked in 65,535 steps")
        return figures

    def _tally(self, name: str) -> tuple[Tally, bool]:
        pair = self.request.pair
        if self.steps is None:
            return tally_of_values(
                *split_groups(self.columns.blocks(name, keep=True), pair.a, pair.b)
            ), True
        settings = self.settings(name)
        steps = self.steps.get(name, settings)
        if steps is None:
            made = quantize_blocks(self.columns.blocks(name), len(self.request.pair.a))
            steps = self.steps.put(name, settings, made)
        return steps.tally(self.counted, self.others, self.fewer_is_b), steps.exact

    def _levels(self, name: str) -> dict[str, Any]:
        pair, levels = self.request.pair, self.columns.levels(name)
        size = len(levels.labels) + 1
        a, b = (np.bincount(levels.codes[mask], minlength=size) for mask in (pair.a, pair.b))
        figures = level_figures(a[:-1], b[:-1], levels.labels, self.request.margin)
        return figures | self._missing(figures["n_a"], figures["n_b"])

    def _presence(self, name: str) -> dict[str, Any]:
        """Compare only where cells are missing: the column is neither number nor category."""
        pair = self.request.pair
        if self.columns.features[name].kind == "vector":
            return {
                "n_a": self.counts[0],
                "n_b": self.counts[1],
                "missing_a": 0,
                "missing_b": 0,
                "tested": False,
                "note": _("vectors are not compared"),
            }
        levels = self.columns.levels(name)
        missing = levels.codes == len(levels.labels)
        n_a, n_b = (int(np.count_nonzero(~missing[mask])) for mask in (pair.a, pair.b))
        return {
            "n_a": n_a,
            "n_b": n_b,
            "note": _("compared by the share of missing cells only"),
            **self._missing(n_a, n_b),
        }

    def _missing(self, n_a: int, n_b: int) -> dict[str, Any]:
        rows_a, rows_b = self.counts
        return missing_figures(rows_a - n_a, rows_a, rows_b - n_b, rows_b, self.request.margin)

    def _grouped(self, values: NDArray[np.float64], plain: dict[str, Any]) -> dict[str, Any]:
        """Return the figures of rows that belong to units, or are compared within strata."""
        request, figures = self.request, {}
        used = (request.pair.a | request.pair.b) & ~np.isnan(values)
        if request.unit is not None:
            auc = clustered_auc(values[used], request.pair.a[used], request.unit[used])
            figures = {
                "auc_low": auc.low,
                "auc_high": auc.high,
                **delta_figures(plain["auc"], auc.low, auc.high),
            }
            figures["p_value"] = auc_margin_p_value(
                auc.value, auc.standard_error, auc.pairs, request.margin
            )
        if request.stratum is not None:
            in_stratum = used & (request.stratum >= 0)
            auc = stratified_auc(
                values[in_stratum], request.pair.a[in_stratum], request.stratum[in_stratum]
            )
            effect = delta_figures(auc.value, auc.low, auc.high)
            figures |= {
                "adjusted_auc": auc.value,
                "adjusted_low": auc.low,
                "adjusted_high": auc.high,
                "effect": effect["effect"],
                "effect_low": effect["effect_low"],
            }
            figures["p_value"] = auc_margin_p_value(
                auc.value, auc.standard_error, auc.pairs, request.margin
            )
        return figures


def _forget_intervals(figures: dict[str, Any]) -> None:
    """Drop intervals and tests that count the rows of a unit as independent."""
    for name in ("standardized", "ks", "wasserstein", "cramers", "missing"):
        figures.pop(f"{name}_low", None)
        figures.pop(f"{name}_high", None)
    figures.pop("missing_p", None)
    if "cramers_v" in figures:
        figures.pop("p_value", None)
        figures["effect_low"] = math.nan
        figures["note"] = _("no interval: rows of a unit are not independent")
