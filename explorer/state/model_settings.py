"""The section of models: predictions, times, items, positions, and the open view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypedDict, get_args

from explorer.state.convert import need

__all__ = [
    "VIEWS",
    "DriftOptions",
    "DriftSettings",
    "EngagementOptions",
    "EngagementSettings",
    "ModelSettings",
    "ModelView",
    "PerformanceOptions",
    "PerformanceSettings",
    "RankingOptions",
    "RankingSettings",
]

ModelView = Literal["performance", "drift", "engagement", "ranking"]
VIEWS: tuple[ModelView, ...] = get_args(ModelView)


@dataclass(frozen=True, kw_only=True, slots=True)
class PerformanceSettings:
    """What `explorer.performance` reads, and the segment that is looked at."""

    truth: str | None = None
    predictions: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["binary", "multiclass", "regression"] = "binary"
    positive: str | None = None
    threshold: int | float = 0.5
    unit: str | None = None
    by: tuple[str, ...] = ()
    look: str | None = None

    def __post_init__(self) -> None:
        fits = 0 <= self.threshold <= 1
        need(fits, "threshold", "a probability from 0 to 1", self.threshold)


class PerformanceOptions(TypedDict, total=False):
    """What of `PerformanceSettings` the action `set_performance` can change."""

    truth: str | None
    predictions: Mapping[str, str]
    kind: Literal["binary", "multiclass", "regression"]
    positive: str | None
    threshold: int | float
    unit: str | None
    by: tuple[str, ...]
    look: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftSettings:
    """What `explorer.drift` reads, and the feature that is looked at."""

    time: str | None = None
    chunk: str = "week"
    reference: str | None = None
    features: tuple[str, ...] | None = None
    truth: str | None = None
    prediction: str | None = None
    look: str | None = None


class DriftOptions(TypedDict, total=False):
    """What of `DriftSettings` the action `set_drift` can change."""

    time: str | None
    chunk: str
    reference: str | None
    features: tuple[str, ...] | None
    truth: str | None
    prediction: str | None
    look: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EngagementSettings:
    """What `explorer.engagement` reads."""

    item: str | None = None
    outcome: str | None = None
    propensity: str | None = None
    target: str | None = None
    reward: tuple[str, ...] = ()
    clip: int | float | None = None
    unit: str | None = None
    by: str | None = None

    def __post_init__(self) -> None:
        fits = self.clip is None or self.clip > 0
        need(fits, "clip", "the largest weight allowed, above 0, or null", self.clip)


class EngagementOptions(TypedDict, total=False):
    """What of `EngagementSettings` the action `set_engagement` can change."""

    item: str | None
    outcome: str | None
    propensity: str | None
    target: str | None
    reward: tuple[str, ...]
    clip: int | float | None
    unit: str | None
    by: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RankingSettings:
    """What `explorer.ranking` reads."""

    position: str | None = None
    outcome: str | None = None
    list: str | None = None
    unit: str | None = None
    row: str | None = None
    column: str | None = None
    k: tuple[int, ...] = (1, 5, 10)
    no_hit: Literal["count", "drop", "exclude"] = "count"
    by: str | None = None
    control: str | None = None
    propensity: str | None = None
    randomised: bool = False

    def __post_init__(self) -> None:
        fits = bool(self.k) and all(cutoff > 0 for cutoff in self.k)
        need(fits, "k", "a list of whole numbers above 0", self.k)


class RankingOptions(TypedDict, total=False):
    """What of `RankingSettings` the action `set_ranking` can change."""

    position: str | None
    outcome: str | None
    list: str | None
    unit: str | None
    row: str | None
    column: str | None
    k: tuple[int, ...]
    no_hit: Literal["count", "drop", "exclude"]
    by: str | None
    control: str | None
    propensity: str | None
    randomised: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """The open view of models, and what each view reads; nothing is named at first."""

    view: ModelView = "performance"
    performance: PerformanceSettings = field(default_factory=PerformanceSettings)
    drift: DriftSettings = field(default_factory=DriftSettings)
    engagement: EngagementSettings = field(default_factory=EngagementSettings)
    ranking: RankingSettings = field(default_factory=RankingSettings)
