"""The section of an experiment: how it is read from the table, and what of it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypedDict, get_args

from explorer.features.metric import Metric
from explorer.state.convert import need
from explorer.state.filter import Filter

__all__ = [
    "CLUSTERS",
    "ExperimentCell",
    "ExperimentOptions",
    "ExperimentOrigin",
    "ExperimentSettings",
    "RegionLevel",
]

RegionLevel = Literal["few clusters", "clusters", "many clusters"]
CLUSTERS: dict[str, int] = {name: level for level, name in enumerate(get_args(RegionLevel))}
"""Levels of a map's named regions, of about 8, 30 and 100.

They stand in place of a number of hexagons.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentCell:
    """The cell of an experiment that is looked at: metric, arm and segment; None: the first."""

    metric: str | None = None
    arm: str | None = None
    by: str | None = None
    segment: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentOrigin:
    """Where one experiment of many was opened from.

    Attributes
    ----------
    column : str
        Names the experiments.
    filter : Filter or None
        What was filtered on that column before.
    """

    column: str
    filter: Filter | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentSettings:
    """How an experiment is read; nothing is named at first.

    Attributes
    ----------
    variant : str or None
        Column with the arm of each row.
    control : str or None
        Arm that the others are compared with.
    metrics : tuple of Metric
    allocation : mapping of str to float, or None
        Planned share of each arm, 0 or more; None: equal shares.
    by : tuple of str
        Columns of segments.
    unit, time : str or None
        Columns with the unit (a member, a patient) and the time of each row.
    status : {"final", "running"}
    alpha : (float, float)
        Two levels between 0 and 1, the larger first.
    planned : int or None
        Units planned, above 0.
    regions : int or str
        Number of hexagons on the map, or a level of its named regions.
    look : ExperimentCell
    experiments : str or None
        Column that names many experiments: a grid of them is read in place of one.
    opened_from : ExperimentOrigin or None
        The grid, while one of its experiments is read alone.
    """

    variant: str | None = None
    control: str | None = None
    metrics: tuple[Metric, ...] = ()
    allocation: Mapping[str, int | float] | None = None
    by: tuple[str, ...] = ()
    unit: str | None = None
    time: str | None = None
    status: Literal["final", "running"] = "final"
    alpha: tuple[int | float, int | float] = (0.05, 0.001)
    planned: int | None = None
    regions: int | RegionLevel = 30
    look: ExperimentCell = field(default_factory=ExperimentCell)
    experiments: str | None = None
    opened_from: ExperimentOrigin | None = None

    def __post_init__(self) -> None:
        need(
            0 < self.alpha[1] <= self.alpha[0] < 1,
            "alpha",
            "two levels between 0 and 1, the larger first",
            self.alpha,
        )
        shares = self.allocation
        need(
            shares is None or all(share >= 0 for share in shares.values()),
            "allocation",
            "the share of each arm, 0 or more, or null",
            shares,
        )
        need(
            self.planned is None or self.planned >= 1,
            "planned",
            "a whole number above 0 or null",
            self.planned,
        )
        need(
            isinstance(self.regions, str) or self.regions >= 1,
            "regions",
            f"a whole number above 0, or {' or '.join(CLUSTERS)}",
            self.regions,
        )
        names = [metric.name for metric in self.metrics]
        need(len(set(names)) == len(names), "metrics", "metrics of different names", names)


class ExperimentOptions(TypedDict, total=False):
    """What of `ExperimentSettings` the action `set_experiment` can change."""

    variant: str | None
    control: str | None
    metrics: tuple[Metric, ...]
    allocation: Mapping[str, int | float] | None
    by: tuple[str, ...]
    unit: str | None
    time: str | None
    status: Literal["final", "running"]
    alpha: tuple[int | float, int | float]
    planned: int | None
    regions: int | RegionLevel
    look: ExperimentCell
    experiments: str | None
