"""Unit screening: whether the cells of a column show that its rows belong together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.core.gettext import _
from explorer.features.cells import without_sentinels
from explorer.features.kind import NOT_PROFILED, is_text, named_like_identifier
from explorer.stats.intraclass import compact_codes, design_effect, intraclass
from explorer.table.units.cell_codes import all_whole, code_cells, group_means, share_equal
from explorer.table.units.unit_codes import unit_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.stats.intraclass import Intraclass
    from explorer.table.table import Table

__all__ = [
    "FEWEST_ROWS",
    "PEOPLE",
    "UnitEvidence",
    "UnitScreen",
    "candidate_columns",
    "known_without_hit",
    "same_within_units",
]

# Conventions, checked by tests/benchmarks/rates_models.py: how often a unit is proposed where none
# is, and missed where one is.
FEWEST_ROWS = 100
"""Fewer rows with an outcome show nothing."""

# units of another class than most: fewer are levels that define a class, such as one genre
_FEWEST_OTHERS = 5
_FEWEST_UNITS = 10  # different values of a unit: fewer are levels
_MOST_DISTINCT = 0.98  # share of different values from which hardly any comes again
_OFTEN = 0.95  # share of different names of people below which they come again
# intraclass correlation from which an outcome is nearly the same in all rows of a unit
_SAME = 0.85
_SAME_AT_LEAST = 0.75  # and its lower end
_ALIKE = 0.05  # intraclass correlation from which rows of one key matter
_EFFECT = 1.5  # and the design effect
# Rows of a level: codes that are not called keys and have more may be places or goods, which only
# predict.
_FEW_ROWS = 20
# Share of a unit from which it is of a class; of the correlation that a trend along numbers must
# leave.
_HALF = 0.5
_COPIED = 0.25  # share of them that is nearly the same in all rows of a unit
# Decoded at most: columns beyond these are looked at only where they are called like keys.
_CELLS = 60_000_000

PEOPLE = re.compile(
    r"^(user|member|customer|client|patient|person|subject|account|visitor|household)s?"
    r"(_?(id|uid|key|number))?$",
    re.IGNORECASE,
)
"""Names of columns that name people."""

_KEYS = re.compile(rf"{PEOPLE.pattern}|(^|_)(id|uid|uuid|key)$", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{0,6}[-_ .#:]?\d{2,}|[0-9a-f]{8,}(-[0-9a-f]{4,})*")


@dataclass(frozen=True)
class UnitEvidence:
    """What was seen of one column."""

    name: str
    reason: str
    correlation: float
    sizes: NDArray[np.int64]
    matters: bool

    @property
    def effect(self) -> float:
        """Rows that say as much as one that stands alone; see `design_effect`."""
        return design_effect(self.sizes, self.correlation)


@dataclass(frozen=True, kw_only=True)
class UnitScreen:
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
    other_columns : dict of str to ndarray of shape (n, k), optional
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
    other_columns: Mapping[str, NDArray[np.float64]] | None

    def evidence(self, name: str, cells: pa.ChunkedArray) -> UnitEvidence | None:
        """Look at one column; None where it is no unit."""
        feature = self.table.features[name]
        codes, labels = code_cells(without_sentinels(cells, feature.sentinels))
        present = codes >= 0
        n, units, number = int(present.sum()), len(labels), not is_text(labels.type)
        if units < _FEWEST_UNITS or n < FEWEST_ROWS or units > _MOST_DISTINCT * n:
            return None
        called = _called_key(feature)
        if number and not called and not all_whole(labels):
            return None
        codes, ordered = codes[present], number and not called
        plain = within = intraclass(self.values[present], codes)
        if ordered:  # what a trend along the number does not explain
            within = intraclass(self.values[present], codes, ordered=True)

        @cache
        def others() -> list[Intraclass]:
            other_columns = self.other_columns or {}
            return [
                intraclass(values[present], codes)
                for other, values in other_columns.items()
                if other != name
            ]

        same = (
            self._is_sure(within)
            and _nearly_same(plain)
            and within.value >= _HALF
            and (not self.classes or _classes_vary(self.plain[present], codes))
        )
        if same and (self.other_columns is None or _copied(others())):
            reason = _(
                "{measure} is nearly the same in all {rows} of one {unit} "
                "(intraclass correlation {r:.2f})"
            ).format(measure=self.what, rows=self._rows, unit=name, r=plain.value)
            return UnitEvidence(name, reason, plain.value, self._sizes(name, codes), True)
        if not (called or number or _look_like_codes(labels)):
            return None
        reason, value = self._alike(within, others, present, codes, name)
        people = bool(PEOPLE.search(name))
        if not (reason or people):
            return None
        sizes = self._sizes(name, codes)
        few = called or sizes.sum() <= _FEW_ROWS * len(sizes)
        if reason and few and design_effect(sizes, value) >= _EFFECT:
            return UnitEvidence(name, reason, value, sizes, True)
        if people and len(sizes) < _OFTEN * sizes.sum():
            value = within.value if within.value == within.value else 0.0
            return UnitEvidence(
                name,
                _("the same {unit} comes again and again").format(unit=name),
                value,
                sizes,
                False,
            )
        return None

    @property
    def _rows(self) -> str:
        return _("lists") if self.each == "lists" else _("rows")

    def _is_sure(self, correlation: Intraclass) -> bool:
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
            [(self.what, within.value)] if self._is_sure(within) and within.value >= _ALIKE else []
        )
        if self.other_columns is not None and result:
            # a difference of groups is less sure by the product of both correlations (Moulton 1986,
            # doi:10.1016/0304-4076(86)90021-7)
            likest = max(
                (correlation.value for correlation in others() if self._is_sure(correlation)),
                default=0.0,
            )
            result = [(what, value * likest) for what, value in result if value * likest >= _ALIKE]
        elif self.other_columns is None and _called_key(self.table.features[name]):
            for what, values in self.series.items():
                correlation = intraclass(values[present], codes)
                result += (
                    [(what, correlation.value)]
                    if self._is_sure(correlation) and correlation.value >= _ALIKE
                    else []
                )
        if not result:
            return "", 0.0
        what, value = max(result, key=lambda candidate: candidate[1])
        return (
            _(
                "{rows} of one {unit} are alike in {measure} (intraclass correlation {r:.2f})"
            ).format(rows=self._rows, unit=name, measure=what, r=value),
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


def candidate_columns(table: Table, without: Collection[str]) -> list[str]:
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


def same_within_units(
    table: Table, names: list[str], first: NDArray[np.int64], last: NDArray[np.int64]
) -> list[str]:
    """Return the columns whose cells are the same in two rows of nearly all units."""
    several = first != last
    if not several.any():
        return names
    ends, place = np.unique(last[several], return_inverse=True)
    a = table.source.lookup(first[several], names)
    b = table.source.lookup(ends, names).take(place)
    return [name for name in names if share_equal(a.column(name), b.column(name)) >= _MOST_DISTINCT]


def known_without_hit(
    table: Table, name: str, cells: pa.ChunkedArray, idle: NDArray[np.bool_]
) -> bool:
    """Tell whether a column is known in lists without a hit too.

    In logs of one row a list, others may tell what was played.
    """
    codes = code_cells(without_sentinels(cells, table.features[name].sentinels))[0]
    return bool(idle.any()) and float((codes[idle] >= 0).mean()) > _HALF


def _nearly_same(correlation: Intraclass) -> bool:
    return correlation.value >= _SAME and correlation.low >= _SAME_AT_LEAST


def _classes_vary(values: NDArray[np.float64], codes: NDArray[np.int64]) -> bool:
    """Tell whether several units are of another class than most rows.

    A class that one or two levels define has no units.
    """
    units, sizes = compact_codes(codes)
    own = group_means(values, units, sizes) > _HALF
    return int((own != (values.mean(axis=0) > _HALF)).any(axis=1).sum()) >= _FEWEST_OTHERS


def _copied(others: list[Intraclass]) -> bool:
    """Tell whether many other columns are nearly the same in all rows of a unit."""
    return sum(map(_nearly_same, others)) >= max(2, _COPIED * len(others))


def _called_key(feature: Feature) -> bool:
    """Tell whether a column names things, by its kind or its name."""
    named = _KEYS.search(feature.name) or named_like_identifier(feature.name)
    return feature.kind == "identifier" or bool(named)


def _look_like_codes(labels: pa.Array) -> bool:
    """Tell whether cells are codes, such as "P-0012", and not words."""
    texts = labels.slice(0, 100).to_pylist() if is_text(labels.type) else []
    return bool(texts) and sum(bool(_CODE.fullmatch(str(text))) for text in texts) >= 0.9 * len(
        texts
    )
