"""FeatureProfile: everything that was computed of one feature. Profile: those of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from explorer.core.errors import unknown_name
from explorer.core.json_values import fields_document, plain
from explorer.profile.checks.gaussian import Gaussian
from explorer.profile.checks.outliers import Outliers
from explorer.profile.checks.qq import QQ
from explorer.profile.counting.histogram import Histogram
from explorer.profile.counting.times import Times
from explorer.profile.statistics import STATISTICS
from explorer.profile.summary import FeatureSummary

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FeatureProfile", "Profile"]

_LEVELS_IN_STRIP = 50
_SCALARS = (
    "name", "kind", "label", "unit", "rows", "sampled", "missing", "infinite", "zeros",
    "negatives", "distinct", "distinct_exact", *(statistic.name for statistic in STATISTICS),
    "rank_error", "outside", "exact", "seconds",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class FeatureProfile:
    """What was computed of one feature.

    Parameters
    ----------
    name, kind, label, unit : str
    rows : int
        Rows counted: all rows of the table, or ``sampled`` of them.
    sampled : int or None
        None: of all rows. Otherwise everything is of this many rows drawn at random from the whole
        table.
    exact : bool
        Whether every figure is: of all rows, and no sketch was needed for a very long or very
        varied column.
    missing, infinite, zeros, negatives : int
        Null, NaN or sentinel cells; infinite cells (not missing, in nothing else); cells equal to
        and below 0.
    distinct : int
        Different present values; an estimate (± .8 %) where ``distinct_exact`` is False.
    min, max, mean, std, skewness, excess_kurtosis : float or None
        Of the finite cells: std with ddof=1, skewness g1 and excess kurtosis g2 biased. Times are
        in seconds since 1970-01-01 UTC. None where they do not exist.
    quantiles : dict of str to float
        "0.01" … "0.99", linear between order statistics as ``numpy.quantile``.
    rank_error : float
        Share of the cells by which the rank of a quantile may be off; 0 is exact.
    histogram : Histogram or None
        The whole range; its counts sum to the finite cells.
    histograms : dict of str to Histogram
        "linear" (without far tails, which are counted), "log", "rank", where they exist.
    strip : Histogram or None
        At most 40 bins.
    frequent : tuple of (value, int)
        The most frequent values that occur more than once, falling, at most 20.
    levels : tuple of (str, int)
        Of a categorical feature the largest levels with counts, falling; ``others`` cells are in
        further ones, and ``longest`` is the longest level in characters.
    times : Times or None
        Of a temporal feature.
    outside : int
        Cells outside the catalogue's valid range.
    sentinels : tuple of (value, int)
        How often each of the catalogue's sentinels came; they are counted in ``missing``.
    gaussian : Gaussian or None
        None for what is not numeric, and without a finite value.
    qq : QQ or None
    outliers : Outliers or None
    redundant_with : tuple of (str, float)
        Features with a correlation of ranks of .9 or more either way, the strongest first.
    notes : tuple of str
        Chips that name a failure; empty when there is none.
    seconds : float
        What it cost.
    """

    name: str
    kind: str
    label: str = ""
    unit: str = ""
    rows: int
    sampled: int | None = None
    exact: bool = True
    missing: int = 0
    infinite: int = 0
    zeros: int = 0
    negatives: int = 0
    distinct: int = 0
    distinct_exact: bool = True
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    std: float | None = None
    skewness: float | None = None
    excess_kurtosis: float | None = None
    quantiles: Mapping[str, float] = field(default_factory=dict)
    rank_error: float = 0.0
    histogram: Histogram | None = None
    histograms: Mapping[str, Histogram] = field(default_factory=dict)
    strip: Histogram | None = None
    frequent: tuple[tuple[float, int], ...] = ()
    levels: tuple[tuple[str, int], ...] = ()
    others: int = 0
    longest: int = 0
    times: Times | None = None
    outside: int = 0
    sentinels: tuple[tuple[float | str, int], ...] = ()
    gaussian: Gaussian | None = None
    qq: QQ | None = None
    outliers: Outliers | None = None
    redundant_with: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def missing_share(self) -> float:
        """Share of rows without a value, 0 to 1; 0 for a table without rows."""
        return self.missing / self.rows if self.rows else 0.0

    @cached_property
    def summary(self) -> FeatureSummary:
        """What a strip shows of it."""
        return FeatureSummary(
            name=self.name,
            kind=self.kind,
            rows=self.rows,
            sampled=self.sampled,
            missing=self.missing,
            infinite=self.infinite,
            distinct=self.distinct,
            distinct_exact=self.distinct_exact,
            minimum=self.min,
            maximum=self.max,
            mean=self.mean,
            std=self.std,
            histogram=self.strip,
            levels=self.levels[:_LEVELS_IN_STRIP],
            others=self.others + sum(count for _, count in self.levels[_LEVELS_IN_STRIP:]),
            notes=self.notes,
        )

    def document(self) -> dict[str, Any]:
        """Return it as JSON: the same names, what does not exist as None."""
        return fields_document(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> FeatureProfile:
        """Build it from `document`."""
        values = dict(document)
        for name, part in _PARTS.items():
            values[name] = None if document[name] is None else part.from_document(document[name])
        values["histograms"] = {
            name: Histogram.from_document(histogram)
            for name, histogram in document["histograms"].items()
        }
        for name in ("frequent", "levels", "sentinels", "redundant_with"):
            values[name] = tuple((level, number) for level, number in document[name])
        return cls(**{**values, "notes": tuple(document["notes"])})


_PARTS: dict[str, Any] = {
    "histogram": Histogram, "strip": Histogram, "times": Times, "gaussian": Gaussian, "qq": QQ,
    "outliers": Outliers,
}  # fmt: skip


class Profile(Mapping[str, FeatureProfile]):
    """The profiles of a table's features, by name, in table order.

    Parameters
    ----------
    features : mapping of str to FeatureProfile
    table : mapping
        title, rows, columns and fingerprint of the table.
    relations : mapping, optional
        As JSON: "redundancy" and "missing_together", with the rows they were computed on.
    """

    def __init__(
        self,
        features: Mapping[str, FeatureProfile],
        table: Mapping[str, Any],
        relations: Mapping[str, Any] | None = None,
    ) -> None:
        self._features = dict(features)
        self.table = dict(table)
        self.relations = dict(relations or {})

    def __getitem__(self, name: str) -> FeatureProfile:
        """Return one feature's; an unknown name is an `UnknownName` with the nearest one."""
        try:
            return self._features[name]
        except KeyError:
            raise unknown_name("feature", name, self._features) from None

    def __contains__(self, name: object) -> bool:
        return name in self._features

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)

    def __repr__(self) -> str:
        return f"<Profile of {self.table.get('title', 'a table')!r}: {len(self):,} features>"

    def to_arrow(self) -> pa.Table:
        """Return a table with a row a feature: its plain figures, quantiles, grade and rates."""
        import pyarrow as pa

        return pa.Table.from_pylist([_flat(profile) for profile in self.values()], schema=_schema())

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        features = [profile.document() for profile in self.values()]
        return {"table": self.table, "features": features, **self.relations}


_QUANTILES = ("0.01", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.99")
_GAUSSIAN = ("grade", "ks_distance", "qq_gap_sd", "l_skewness", "l_kurtosis", "dip", "transform")
_OUTLIERS = ("mad_rate", "tukey_rate", "far_rate", "mad_expected", "tukey_expected", "far_expected")


def _flat(profile: FeatureProfile) -> dict[str, Any]:
    row = {name: getattr(profile, name) for name in _SCALARS}
    row |= {f"q{key}": profile.quantiles.get(key) for key in _QUANTILES}
    row |= {name: getattr(profile.gaussian, name, None) for name in _GAUSSIAN}
    row |= {name: getattr(profile.outliers, name, None) for name in _OUTLIERS}
    row["reasons"] = list(profile.gaussian.reasons) if profile.gaussian else []
    row["isolated"] = (
        sum(group.count for group in profile.outliers.isolated) if profile.outliers else None
    )
    row["redundant_with"] = [name for name, _ in profile.redundant_with]
    row["notes"] = list(profile.notes)
    flat: dict[str, Any] = plain(row)
    return flat


def _schema() -> pa.Schema:
    import pyarrow as pa

    kinds = {
        name: pa.float64()
        for name in [*_SCALARS, *(f"q{key}" for key in _QUANTILES), *_GAUSSIAN, *_OUTLIERS]
    }
    kinds |= dict.fromkeys(("name", "kind", "label", "unit", "grade", "transform"), pa.string())
    whole = ("rows", "sampled", "missing", "infinite", "zeros", "negatives", "distinct", "outside")
    kinds |= dict.fromkeys(whole, pa.int64()) | dict.fromkeys(
        ("exact", "distinct_exact"), pa.bool_()
    )
    kinds |= dict.fromkeys(("reasons", "redundant_with", "notes"), pa.list_(pa.string())) | {
        "isolated": pa.int64()
    }
    return pa.schema(list(kinds.items()))
