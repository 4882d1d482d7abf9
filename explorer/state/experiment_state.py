"""The section of an experiment: how it is read from the table, and what of it is looked at."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import Any

import msgspec

from explorer.core.errors import ExplorerError
from explorer.features.metric import Metric
from explorer.state.definition import is_number

__all__ = ["CLUSTERS", "EXPERIMENT", "fault_of_experiment", "plain_experiment"]

EXPERIMENT = (
    "variant", "control", "metrics", "allocation", "by", "unit", "time", "status", "alpha",
    "planned", "regions", "look",
    "experiments", "wall",
)  # fmt: skip
CLUSTERS = {"few clusters": 0, "clusters": 1, "many clusters": 2}
"""Levels of a map's named regions, of about 8, 30 and 100.

The words stand in place of a number of hexagons.
"""

_LOOK = ("metric", "arm", "by", "segment")


def plain_experiment() -> dict[str, Any]:
    """Return the section where nobody has named an experiment."""
    return {
        "variant": None,
        "control": None,
        "metrics": [],
        "allocation": None,
        "by": [],
        "unit": None,
        "time": None,
        "status": "final",
        "alpha": [0.05, 0.001],
        "planned": None,
        "regions": 30,
        "look": dict.fromkeys(_LOOK),
        "experiments": None,  # column that names many experiments: a wall of them instead of one
        "wall": None,  # that column, and the filter that was on it, while one of them is read alone
    }


def fault_of_experiment(value: Any) -> str:
    """Say what is wrong with the section; empty where nothing is."""
    if not isinstance(value, dict) or set(value) != set(EXPERIMENT):
        return f"expected a mapping with {', '.join(EXPERIMENT)}"
    for name in ("variant", "control", "unit", "time", "experiments"):
        if not isinstance(value[name], str | None):
            return f"{name} is a text or null"
    if not isinstance(value["by"], list) or not all(
        isinstance(column, str) for column in value["by"]
    ):
        return "by is a list of columns"
    if value["status"] not in ("final", "running"):
        return "status is final or running"
    look = value["look"]
    if (
        not isinstance(look, dict)
        or set(look) != set(_LOOK)
        or not all(isinstance(place, str | None) for place in look.values())
    ):
        return f"look is a mapping with {', '.join(_LOOK)}, each a text or null"
    return (
        _fault_of_numbers(value)
        or _fault_of_wall(value["wall"])
        or _fault_of_metrics(value["metrics"])
    )


def _fault_of_numbers(value: dict[str, Any]) -> str:
    alpha, shares = value["alpha"], value["allocation"]
    if not (
        isinstance(alpha, list)
        and len(alpha) == 2
        and all(map(is_number, alpha))
        and 0 < alpha[1] <= alpha[0] < 1
    ):
        return "alpha is two levels between 0 and 1, the larger first"
    if shares is not None and not (
        isinstance(shares, dict)
        and all(is_number(share) and share >= 0 for share in shares.values())
    ):
        return "allocation is null, or the share of each arm, 0 or more"
    for name, others in (("planned", (None,)), ("regions", tuple(CLUSTERS))):
        whole = (
            isinstance(value[name], int) and not isinstance(value[name], bool) and value[name] >= 1
        )
        if not whole and value[name] not in others:
            words = " or ".join(map(str, others)).replace("None", "null")
            return f"{name} is a whole number above 0, or {words}"
    return ""


def _fault_of_wall(wall: Any) -> str:
    fits = wall is None or (
        isinstance(wall, dict)
        and set(wall) == {"column", "filter"}
        and isinstance(wall["column"], str)
        and isinstance(wall["filter"], dict | None)
    )
    return (
        ""
        if fits
        else "wall is null, or a mapping with column, a text, and filter, a mapping or null"
    )


def _fault_of_metrics(metrics: Any) -> str:
    if not isinstance(metrics, list) or not all(isinstance(metric, dict) for metric in metrics):
        return "metrics is a list of mappings"
    known = {field.name for field in dataclasses.fields(Metric)}
    if not all(set(metric) <= known for metric in metrics):
        return f"a metric is a mapping with {', '.join(sorted(known))}"
    names = []
    for metric in metrics:
        try:
            names.append(msgspec.convert(metric, Metric).name)
        except msgspec.ValidationError as error:
            return _fault_of_metric(metric) or str(error)
    return "" if len(set(names)) == len(names) else "metrics have different names"


def _fault_of_metric(metric: dict[str, Any]) -> str:
    """Say what is wrong with a metric in its own words; empty where only a type is."""
    with suppress(TypeError):
        try:
            Metric(**metric)
        except ExplorerError as error:
            return str(error)
    return ""
