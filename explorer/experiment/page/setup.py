"""What the strip above an experiment shows: how it is read, and what could be chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.state.convert import as_json
from explorer.ui.analysis.analysis_columns import population_text
from explorer.ui.repeated_card import units_offered

if TYPE_CHECKING:
    from explorer.experiment.controller import ExperimentController
    from explorer.features.kind import Feature
    from explorer.features.metric import Metric
    from explorer.features.roles.role import Role
    from explorer.session.rows.row_selection import RowSelection
    from explorer.state.experiment_settings import ExperimentSettings
    from explorer.table.table import Table

__all__ = ["column_choices", "likely_control", "metric_chip", "setup_card", "suggested_name"]

_MOST_ARMS = 100  # different values from which on a column is no column of arms
_FEW_VALUES = 12  # of a number that names arms
_ARMS = (
    "variant",
    "arm",
    "arms",
    "policy",
    "treatment",
    "experiment",
    "bucket",
    "cell",
    "group",
    "test",
)
_MOST_EXPERIMENTS = 10_000  # different values from which on a column names something else
_ROWS_EACH = 10  # rows of a value, in the mean, from which on it can be an experiment
_EXPERIMENTS = ("experiment", "test", "trial", "campaign")
_CONTROLS = (
    "control",
    "baseline",
    "default",
    "a",
    "off",
    "old",
    "current",
    "none",
    "no",
    "false",
    "0",
    "random",
)
_GOALS = {"increase": "↑", "decrease": "↓", None: ""}


def setup_card(
    table: Table, rows: RowSelection, controller: ExperimentController
) -> dict[str, Any]:
    """Return how the experiment is read, with the levels of its arms, as JSON."""
    settings = controller.settings
    return {
        **as_json(replace(settings, metrics=()), _("the experiment")),
        "metrics": [metric_chip(metric) for metric in settings.metrics],
        "arms": _arms(table, settings.variant),
        "alone": _alone(settings, rows),
        "wanting": controller.wanting,
        "population": population_text(table, rows),
        "labels": {
            name: table.features[name].label for name in _named(settings) if name in table.features
        },
    }


def column_choices(table: Table) -> dict[str, list[list[str]]]:
    """Return which columns can be arms, segments, units, times, metrics and experiments.

    Each as [name, label], JSON. Those of the role come first: arms, units, times, and as metrics
    the targets.
    """
    features, roles = table.features, table.roles

    def first(role: Role, columns: list[list[str]]) -> list[list[str]]:
        return sorted(columns, key=lambda column: roles[column[0]].role != role)

    def listed(*kinds: str) -> list[list[str]]:
        return [
            [name, feature.label] for name, feature in features.items() if feature.kind in kinds
        ]

    arms = [
        [name, feature.label] for name, feature in features.items() if _can_be_arms(table, feature)
    ]
    arms.sort(key=lambda column: column[0].lower() not in _ARMS)
    measured = [
        [name, feature.label, feature.kind, feature.assignment]
        for name, feature in features.items()
        if feature.kind == "boolean" or table.columns.is_number(name)
    ]
    many = [
        [name, feature.label]
        for name, feature in features.items()
        if _can_be_experiments(table, feature)
    ]
    many.sort(key=lambda column: not any(word in column[0].lower() for word in _EXPERIMENTS))
    return {
        "arms": first("arm", arms),
        "measured": first("target", measured),
        "experiments": many,
        "segments": listed("categorical", "boolean", "numeric", "temporal", "identifier"),
        "units": units_offered(
            first("unit", listed("identifier", "categorical", "numeric", "text"))
        ),
        "times": first(
            "time",
            [
                [name, feature.label]
                for name, feature in features.items()
                if table.columns.is_number(name)
            ],
        ),
    }


def likely_control(labels: list[str]) -> str | None:
    """Return the arm whose name says that it is the control; None where none does."""
    named = {label.lower(): label for label in labels}
    return next((named[word] for word in _CONTROLS if word in named), None)


def metric_chip(metric: Metric) -> dict[str, Any]:
    """Return a metric with its words: its name, which way is better, and what is measured."""
    more = [
        _("adjusted for {pre}").format(pre=metric.pre) if metric.pre else "",
        _("of all rows")
        if metric.aggregate == "rows"
        else _("{aggregate} of a unit's rows").format(aggregate=metric.aggregate)
        if metric.aggregate != "mean"
        else "",
        _("capped at {cap:g}").format(cap=metric.cap) if metric.cap is not None else "",
    ]
    text = " · ".join([metric.written.partition("=")[2].replace(":", " · "), *filter(None, more)])
    return {**as_json(metric, "metric"), "words": text, "arrow": _GOALS[metric.goal]}


def suggested_name(
    kind: str, column: str, denominator: str | None = None, quantile: float | None = None
) -> str:
    """Return a name for a metric that nobody has named yet."""
    if kind == "ratio":
        return f"{column} per {denominator or 'unit'}"
    if kind == "quantile":
        return (
            _("median of {column}").format(column=column)
            if quantile in (None, 0.5)
            else _("{quantile:g} % of {column}").format(
                quantile=100 * float(quantile or 0), column=column
            )
        )
    return f"{'share' if kind == 'proportion' else 'mean'} of {column}"


def _can_be_arms(table: Table, feature: Feature) -> bool:
    if feature.kind not in ("categorical", "boolean", "numeric", "identifier"):
        return False
    profile = table.profiles.get(feature.name)
    if profile is None:
        return feature.kind in ("categorical", "boolean")
    return 2 <= profile.distinct <= (_FEW_VALUES if feature.kind == "numeric" else _MOST_ARMS)


def _can_be_experiments(table: Table, feature: Feature) -> bool:
    if feature.kind not in ("categorical", "identifier", "numeric"):
        return False
    profile = table.profiles.get(feature.name)
    if profile is None:
        return feature.kind == "categorical"
    most = _MOST_ARMS if feature.kind == "numeric" else _MOST_EXPERIMENTS
    return 2 <= profile.distinct <= min(most, table.num_rows / _ROWS_EACH)


def _alone(settings: ExperimentSettings, rows: RowSelection) -> str:
    """Name the experiment of a grid that is read alone; empty where its filter is another."""
    origin = settings.opened_from
    entry = None if origin is None else rows.column_filter(origin.column)
    if entry is None or not entry.on:
        return ""
    if entry.levels is not None and len(entry.levels) == 1:
        return entry.levels[0] or ""
    if entry.range is not None and entry.range[0] == entry.range[1]:
        return f"{entry.range[0]:g}"
    return ""


def _arms(table: Table, variant: str | None) -> list[list[Any]]:
    """Return the levels of the column of the arms with their rows; none of too many."""
    try:
        levels = None if variant is None else table.columns.levels(variant)
    except ExplorerError:
        return []  # a column that is gone: computing says so in words
    if levels is None or len(levels.labels) > _MOST_ARMS:
        return []
    return [[label, int(count)] for label, count in zip(levels.labels, levels.counts, strict=False)]


def _named(settings: ExperimentSettings) -> list[str]:
    origin = settings.opened_from
    columns = (
        settings.variant,
        settings.unit,
        settings.time,
        settings.experiments,
        None if origin is None else origin.column,
        *settings.by,
    )
    return [column for column in columns if column]
