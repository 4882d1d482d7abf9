"""The parameters of the next map: what each means, what it may be, and what was typed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.embedding.projection_methods import METHODS
from projections.errors import ProjectionError

if TYPE_CHECKING:
    from explorer.state.document import Document, ProjectionSettings
    from explorer.table.table import Table

__all__ = ["SEED", "changed_parameters", "parameter_fields", "read_parameter", "read_weight"]

SEED = "random_state"


@dataclass(frozen=True)
class _Parameter:
    label: str
    meaning: str
    allowed: str
    empty: str = ""  # what an empty field means


_PARAMETERS = {
    "n_neighbors": _Parameter(
        _("Neighbours"),
        _("How many rows count as near. Few show fine detail, many show the overall shape."),
        _("a whole number from 2"),
    ),
    "min_dist": _Parameter(
        _("Smallest distance"),
        _("How close rows may lie on the map. 0 packs groups tightly, 1 spreads them out."),
        _("a number from 0 to 1"),
    ),
    "n_epochs": _Parameter(
        _("Rounds"),
        _(
            "How often the positions are improved. More rounds take longer. "
            "Empty: 500 up to 10,000 rows, else 200."
        ),
        _("a whole number from 1, or empty"),
        "automatic",
    ),
    "landmarks": _Parameter(
        _("Rows laid out"),
        _(
            "This many rows are laid out and the others are placed among them, which needs "
            "less memory. Empty: all rows; of more than 150,000 rows, 100,000 are laid out "
            "first."
        ),
        _("a whole number from 4, all, or empty"),
        "automatic",
    ),
    SEED: _Parameter(
        _("Seed"),
        _("Where the random numbers start. The same seed gives the same map."),
        _("a whole number from 0, or none for another map each time"),
    ),
}
_ROWS = [
    ["same", _("rows of this map")],
    ["all", _("all rows")],
    ["shown", _("rows that the filters leave")],
    ["selected", _("selected rows")],
]


def parameter_fields(table: Table, document: Document) -> dict[str, Any]:
    """Return what the fold-out Parameters shows, as plain JSON.

    Its keys: ``fields`` (name, label, value, default, empty, meaning, allowed), ``weights`` (by
    feature, of ticked ones whose weight is not 1), ``rows`` (the choice, and the choices with their
    labels), ``changed`` (how many are not at their default) and ``note``.
    """
    method = METHODS[document.method.name]
    values = {**method.defaults, **document.method.parameters, SEED: document.method.random_state}
    defaults = {**method.defaults, SEED: 0}
    names = [name for name in _PARAMETERS if name in method.defaults]
    fields = [
        {
            "name": name,
            "label": _PARAMETERS[name].label,
            "value": _written(name, values[name]),
            "default": _written(name, defaults[name]) or _PARAMETERS[name].empty,
            "changed": values[name] != defaults[name],
            "meaning": _PARAMETERS[name].meaning,
            "allowed": _PARAMETERS[name].allowed,
        }
        for name in ([*names, SEED] if names else [])
    ]
    features, ticked = table.features, frozenset(document.features)
    weights = {
        name: weight
        for name, weight in document.policy.weights.items()
        if weight != 1 and name in ticked and name in features
    }
    changed = sum(bool(field["changed"]) for field in fields)
    changed += len(weights)
    changed += document.map_rows != "same"
    about = (
        ""
        if names
        else (_("{label} has no parameters of its own.").format(label=method.label) + " ")
    )
    distances = (_("Distances between rows are Euclidean.") + " ") if names else ""
    return {
        "fields": fields,
        "weights": weights,
        "rows": {"value": document.map_rows, "choices": _ROWS},
        "changed": changed,
        "note": _("{about}{distances}A map has 2 dimensions.").format(
            about=about, distances=distances
        ),
    }


def changed_parameters(document: Document, projected: ProjectionSettings) -> int:
    """Count the weights, the parameters and the seed that are others than those of the map."""
    now, then = document.policy.weights, projected.policy.weights
    weights = sum(now.get(name, 1) != then.get(name, 1) for name in document.features)
    method, before = document.method, projected.method
    defaults = METHODS[method.name].defaults
    if method.name != before.name or not defaults:
        return weights
    chosen, made_with = ({**defaults, **way.parameters} for way in (method, before))
    parameters = sum(chosen[name] != made_with.get(name) for name in chosen)
    seeds = method.random_state != before.random_state
    return weights + int(parameters) + int(seeds)


def read_parameter(name: str, text: str) -> str | int | float | None:
    """Read what was typed for a parameter of UMAP, or for the seed.

    Raises
    ------
    ExplorerError
        When UMAP cannot use it: says what is allowed.
    """
    parameter, typed = _PARAMETERS.get(name), text.strip().lower()
    if parameter is None:
        raise ExplorerError(f"no parameter {name!r}: there are {', '.join(_PARAMETERS)}")
    if name == "landmarks" and typed in ("", "auto", "all"):
        return None if typed == "all" else "auto"
    if name == SEED and typed in ("", "none"):
        return None if typed else 0
    if name == "n_epochs" and not typed:
        return None
    if not typed:
        default: str | int | float | None = METHODS["umap"].defaults[name]
        return default
    number = _number(typed)
    value = number if name == "min_dist" or not number.is_integer() else int(number)
    try:
        METHODS["umap"].check(**{name: value})
    except ProjectionError as error:
        fault = f"{parameter.label} must be {parameter.allowed}, not {text!r}"
        raise ExplorerError(fault) from error
    return value


def read_weight(label: str, text: str) -> int | float:
    """Read what was typed for the weight of a feature; empty is 1.

    Raises
    ------
    ExplorerError
        When it is no number above 0.
    """
    weight = _number(text.strip() or "1")
    if not weight > 0:
        raise ExplorerError(
            f"the weight of {label} must be a number above 0, not {text!r}: untick a feature that "
            "should not count"
        )
    return int(weight) if weight.is_integer() else weight


def _number(text: str) -> float:
    """Return a finite number, NaN where the text is none."""
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _written(name: str, value: object) -> str:
    """Return a value as one types it; what the method chooses is left empty."""
    if value is None:
        return {"landmarks": "all", SEED: "none"}.get(name, "")
    if value == "auto":
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
