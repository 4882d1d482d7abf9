"""How lists and plots are shown: what a link opens again, and undo leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Literal, TypedDict

__all__ = [
    "ComparisonLayout",
    "ComparisonOrder",
    "ComparisonView",
    "ComparisonViewOptions",
    "ExperimentPlotName",
    "ExperimentView",
    "ExperimentViewOptions",
    "FeatureListView",
    "FeatureOrder",
    "FeatureView",
    "FeatureViewOptions",
    "HistogramScale",
    "ItemListView",
    "ItemListViewOptions",
    "ItemOrder",
    "PairShade",
    "PairView",
    "PairViewOptions",
    "SegmentOrder",
    "ViewSettings",
]

FeatureOrder = Literal[
    "table",
    "ticked",
    "role",
    "name",
    "missing",
    "gaussian",
    "outliers",
    "redundancy",
    "difference",
    "relevance",
]
HistogramScale = Literal["linear", "log", "rank"]
PairShade = Literal["rank", "log"]
ExperimentPlotName = Literal["forest", "values", "time"]
SegmentOrder = Literal["size", "z", "difference", "p", "segment"]
ItemOrder = Literal["low", "corrected", "shrunk", "mean", "n", "item"]
ComparisonOrder = Literal["label", "order", "value", "p", "missing"]
ComparisonLayout = Literal["list", "volcano"]
_COLUMNS = ("x", "y", "group", "target", "missing_by")  # fields that name a column, or None


@dataclass(frozen=True, kw_only=True, slots=True)
class PairView:
    """The pair of features in the tab Together, and how it is drawn.

    Attributes
    ----------
    x, y : str or None
        Features across and upwards; None: the first two of the set.
    group : str or None
        Column within whose groups they are correlated.
    shade : {"rank", "log"}
        How the number of rows of a pixel becomes a tone.
    whole : bool
        Whether the whole range is drawn; else the middle 99.8 % of each feature.
    """

    x: str | None = None
    y: str | None = None
    group: str | None = None
    shade: PairShade = "rank"
    whole: bool = False


class PairViewOptions(TypedDict, total=False):
    """What of `PairView` the action `set_pair_view` can change."""

    x: str | None
    y: str | None
    group: str | None
    shade: PairShade
    whole: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureView:
    """The plots of the tab Feature.

    Attributes
    ----------
    scale : {"linear", "log", "rank"}
        Of the histogram; a feature without it is shown linear.
    normal : bool
        Whether the fitted normal is drawn over a linear histogram.
    transformed : bool
        Whether the QQ plot is drawn after the suggested transform, of the present feature only.
    missing_by : str or None
        Column by which missing cells are split.
    """

    scale: HistogramScale = "linear"
    normal: bool = True
    transformed: bool = False
    missing_by: str | None = None


class FeatureViewOptions(TypedDict, total=False):
    """What of `FeatureView` the action `set_feature_view` can change."""

    scale: HistogramScale
    normal: bool
    transformed: bool
    missing_by: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureListView:
    """The order of the features on the right; `target` is the one they are relevant to."""

    order: FeatureOrder = "table"
    target: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentView:
    """Which plots of an experiment are shown, and in which order its segments."""

    plot: ExperimentPlotName = "forest"
    segments: SegmentOrder = "size"


class ExperimentViewOptions(TypedDict, total=False):
    """What of `ExperimentView` the action `set_experiment_view` can change."""

    plot: ExperimentPlotName
    segments: SegmentOrder


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemListView:
    """In which order the items of engagement are shown, and of which segment; None: of all."""

    order: ItemOrder = "low"
    segment: str | None = None


class ItemListViewOptions(TypedDict, total=False):
    """What of `ItemListView` the action `set_item_view` can change."""

    order: ItemOrder
    segment: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparisonView:
    """In which order the features of a comparison are shown, and how: as bars or as a volcano."""

    order: ComparisonOrder = "order"
    layout: ComparisonLayout = "list"


class ComparisonViewOptions(TypedDict, total=False):
    """What of `ComparisonView` the action `set_comparison_view` can change."""

    order: ComparisonOrder
    layout: ComparisonLayout


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewSettings:
    """How lists and plots are shown. Nothing that is computed depends on it.

    Attributes
    ----------
    pair : PairView
    target : str or None
        The column whose relevance is shown in the tab Together.
    feature : FeatureView
    features : FeatureListView
    experiment : ExperimentView
    items : ItemListView
    comparison : ComparisonView
    """

    pair: PairView = field(default_factory=PairView)
    target: str | None = None
    feature: FeatureView = field(default_factory=FeatureView)
    features: FeatureListView = field(default_factory=FeatureListView)
    experiment: ExperimentView = field(default_factory=ExperimentView)
    items: ItemListView = field(default_factory=ItemListView)
    comparison: ComparisonView = field(default_factory=ComparisonView)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are named."""
        values = _columns(self), *(_columns(getattr(self, name)) for name in _parts(self))
        return frozenset(column for part in values for column in part.values())

    def of(self, names: set[str]) -> ViewSettings:
        """Leave out columns that are not among these."""

        def known(part: Any) -> Any:
            lost = {key: None for key, name in _columns(part).items() if name not in names}
            return replace(part, **lost)

        parts = {name: known(getattr(self, name)) for name in _parts(self)}
        settings: ViewSettings = known(replace(self, **parts))
        return settings


def _parts(view: ViewSettings) -> list[str]:
    return [part.name for part in fields(view) if is_dataclass(getattr(view, part.name))]


def _columns(part: Any) -> Mapping[str, str]:
    """Return the columns that a part names, by field."""
    return {name: value for name in _COLUMNS if isinstance(value := getattr(part, name, None), str)}
