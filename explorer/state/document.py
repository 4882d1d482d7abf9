"""The shape of the document: its sections, and what each may hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from explorer.core.cache import is_key
from explorer.core.errors import ExplorerError, unknown_name
from explorer.state.definition import FORMS, is_definition, is_number, is_range
from explorer.state.experiment_state import fault_of_experiment, plain_experiment
from explorer.state.model_state import fault_of_models, plain_models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "FIXED_SECTIONS",
    "PROJECTED",
    "VERSION",
    "Document",
    "as_json",
    "checked",
    "first_document",
    "need",
    "one_of",
    "plain_color",
]

Document = dict[str, Any]

VERSION = 1
# Sections whose keys are all ours: they may be given, and written into a link, in part.
FIXED_SECTIONS = ("policy", "method", "color", "groups", "compare", "table", "experiment", "models")
# What the present maps were made from, apart from what is ticked now.
PROJECTED = ("features", "policy", "method")
BESIDE = ("embedding", "column", "projected")

SCALES = ("standard", "robust", "none")
MISSING = ("median", "indicator", "drop")
METHODS = ("pca", "umap")
COLOR_SCALES = ("auto", "linear", "log", "rank")
LAYERS = ("trust", "change", "drift")  # drawn in place of the colours: of no column
THEMES = ("light", "dark")
TABS = ("Map", "Rows", "Feature", "Together", "Compare", "Experiment", "Models", "Review")

_MOST_DIGITS = 300  # of a whole number: what is longer is no float either


def first_document(defaults: Mapping[str, Any] | None = None) -> Document:
    """Return the checked document a session starts from.

    Parameters
    ----------
    defaults : mapping, optional
        Sections that replace the built-in ones; policy, method and color may be given in part.

    Returns
    -------
    dict
        ``version, features, set, policy, method, projected, embedding, color, layer, beside,
        viewport, selection, filters, groups, compare, table, experiment, models, strips, theme,
        tab, feature, row, regions``. ``projected`` is what the map was made of: the features,
        policy and method at the last projection; null stands for those of the document a session
        starts from.

    Raises
    ------
    ExplorerError
        If a section does not exist or does not hold what it should.
    """
    document: Document = {
        "version": VERSION,
        "features": [],
        "set": None,
        "policy": {
            "scale": "standard",
            "missing": "median",
            "transform": {},
            "weights": {},
            "encode": {},
        },
        "method": {
            "name": "umap",
            "parameters": {"n_neighbors": 15, "min_dist": 0.1},
            "random_state": 0,
        },
        "projected": None,
        "embedding": None,
        "color": plain_color(None),
        "layer": None,
        "beside": None,
        "viewport": None,
        "selection": None,
        "filters": [],
        "groups": {"a": None, "b": None},
        "compare": {"margin": 0.05, "unit": None, "adjust": None},
        "table": {"columns": None, "sort": None, "descending": False},
        "experiment": plain_experiment(),
        "models": plain_models(),
        "strips": None,
        "theme": "light",
        "tab": "Map",
        "feature": None,
        "row": None,
        "regions": False,
    }
    for name, value in as_json(dict(defaults or {}), "the starting document").items():
        if name not in document:
            raise unknown_name("section", name, document)
        partial = name in FIXED_SECTIONS and isinstance(value, dict)
        document[name] = {**document[name], **value} if partial else value
    return checked(document)


def plain_color(column: str | None) -> Document:
    """Return the colour section of a column with all defaults; None colours by density."""
    return {
        "column": column,
        "scale": "auto",
        "reverse": False,
        "clip": None,
        "palette": None,
        "locked": None,
        "center": None,
    }


def as_json(value: Document, what: str) -> Document:
    """Return a plain JSON copy: tuples become lists, NumPy values Python's.

    Raises
    ------
    ExplorerError
        If something in it is not JSON, or a number is not finite.
    """
    try:
        text = json.dumps(value, default=_from_array, allow_nan=False, ensure_ascii=False)
        # half a character (a lone surrogate) is no text
        plain: Document = json.loads(text.encode(), parse_int=_integer)
    except (TypeError, ValueError, RecursionError) as error:
        raise ExplorerError(
            f"{what} must be plain JSON (text, finite numbers, lists, mappings): {error}"
        ) from error
    return plain


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits is too large")
    return int(digits)


def _from_array(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"a {type(value).__name__} is none")


def checked(document: Document) -> Document:
    """Return the document itself when every section holds what it should.

    Raises
    ------
    ExplorerError
        In words, for the first section that does not.
    """
    for name, check in _CHECKS.items():
        check(document[name])
    return document


def need(fits: bool, name: str, expected: str, came: object) -> None:
    """Raise an `ExplorerError` that says what was expected and what came, unless it fits."""
    if not fits:
        shown = repr(came)
        raise ExplorerError(
            f"{name} must be {expected}, not {shown if len(shown) <= 60 else shown[:57] + '…'}"
        )


def one_of(value: object, choices: Iterable[str], name: str) -> None:
    """Raise an `UnknownName` with the nearest choice unless the value is one of them."""
    if value not in (known := list(choices)):
        raise unknown_name(name, str(value), known)


def _text_or_none(name: str) -> Callable[[Any], None]:
    return lambda value: need(
        value is None or isinstance(value, str), name, "a name or null", value
    )


def _keys(value: object, keys: Iterable[str], name: str) -> None:
    need(
        isinstance(value, dict) and set(value) == set(keys),
        name,
        f"a mapping of {', '.join(keys)}",
        value,
    )


def _check_features(value: Any) -> None:
    need(_are_names(value), "features", "a list of different names", value)


def _check_policy(value: Any) -> None:
    _keys(value, ("scale", "missing", "transform", "weights", "encode"), "policy")
    one_of(value["scale"], SCALES, "scale")
    if not isinstance(value["missing"], dict):
        one_of(value["missing"], MISSING, "policy for missing values")
    else:
        for asked in value["missing"].values():
            one_of(asked, MISSING, "policy for missing values")
    for name in ("transform", "weights", "encode"):
        need(
            isinstance(value[name], dict),
            name,
            "a mapping from feature to what is asked",
            value[name],
        )
        if name != "weights":
            need(
                all(isinstance(choice, str) for choice in value[name].values()),
                name,
                "a mapping from feature to a text",
                value[name],
            )
    for feature, weight in value["weights"].items():
        need(
            is_number(weight) and weight > 0,
            f"the weight of {feature!r}",
            "a number above 0",
            weight,
        )


def _check_method(value: Any) -> None:
    _keys(value, ("name", "parameters", "random_state"), "method")
    one_of(value["name"], METHODS, "method")
    parameters = value["parameters"]
    simple = isinstance(parameters, dict) and all(
        parameter is None or isinstance(parameter, str | int | float)
        for parameter in parameters.values()
    )
    need(simple, "parameters", "a mapping from name to a number, a text or null", parameters)
    seed = value["random_state"]
    whole = isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0
    need(seed is None or whole, "random_state", "a whole number from 0 or null", seed)


def _check_projected(value: Any) -> None:
    if value is not None:
        _keys(value, PROJECTED, "projected")
        for name in PROJECTED:
            _CHECKS[name](value[name])


def _check_strips(value: Any) -> None:
    if value is not None:
        _check_features(value)


def _check_color(value: Any) -> None:
    _keys(value, plain_color(None), "color")
    _text_or_none("the column to colour by")(value["column"])
    one_of(value["scale"], COLOR_SCALES, "colour scale")
    need(isinstance(value["reverse"], bool), "reverse", "true or false", value["reverse"])
    clip, locked = value["clip"], value["locked"]
    within = clip is None or (is_range(clip) and clip[0] >= 0 and clip[1] <= 100)
    need(within, "clip", "null or [low, high] between 0 and 100 per cent", clip)
    _text_or_none("palette")(value["palette"])
    need(locked is None or is_range(locked), "locked", "null or [low, high]", locked)
    center = value["center"]
    need(center is None or is_number(center), "center", "null or a finite number", center)


def _check_layer(value: Any) -> None:
    if value is not None:
        one_of(value, LAYERS, "layer")


def _check_beside(value: Any) -> None:
    if value is not None:
        # documents of older versions do not say what the second map was made of
        _keys({"projected": None, **value} if isinstance(value, dict) else value, BESIDE, "beside")
        _check_key(value["embedding"], "embedding of the map beside")
        _text_or_none("column of the map beside")(value["column"])
        _check_projected(value.get("projected"))


def _check_key(value: Any, name: str) -> None:
    need(value is None or is_key(value), name, "the key of an embedding or null", value)


def _check_viewport(value: Any) -> None:
    if value is not None:
        _keys(value, ("x", "y"), "viewport")
        for axis, ends in value.items():
            need(is_range(ends), f"the viewport's {axis}", "[low, high] with low ≤ high", ends)


def _check_selection(value: Any) -> None:
    need(value is None or is_definition(value), "selection", f"null, or {FORMS}", value)


def _check_filters(value: Any) -> None:
    need(isinstance(value, list), "filters", "a list", value)
    for entry in value:
        need(isinstance(entry, dict), "a filter", "a mapping", entry)
        need(isinstance(entry.get("id"), str), "a filter's id", "a text", entry.get("id"))
        need(isinstance(entry.get("on"), bool), "a filter's on", "true or false", entry.get("on"))
        condition = {key: entry[key] for key in entry if key not in ("id", "on")}
        condition = condition["rows"] if set(condition) == {"rows"} else condition
        need(is_definition(condition), "a filter", f"{FORMS}, or such a definition as rows", entry)
    ids = [entry["id"] for entry in value]
    need(len(set(ids)) == len(ids), "filters", "filters of different ids", ids)


def _check_groups(value: Any) -> None:
    _keys(value, ("a", "b"), "groups")
    for which, group in value.items():
        if group is None:
            continue
        name = f"group {which.upper()}"
        _keys(group, ("name", "rows", "count", "seen"), name)
        need(isinstance(group["name"], str), f"the name of {name}", "a text", group["name"])
        need(is_definition(group["rows"]), f"the rows of {name}", FORMS, group["rows"])
        count = group["count"]
        whole = isinstance(count, int) and not isinstance(count, bool) and count > 0
        need(whole, f"the count of {name}", "a whole number above 0", count)
        seen = group["seen"]
        fits = isinstance(seen, dict) and all(isinstance(words, str) for words in seen.values())
        need(fits, f"what {name} has seen", "a mapping from feature to words", seen)


def _check_compare(value: Any) -> None:
    _keys(value, ("margin", "unit", "adjust"), "compare")
    margin = value["margin"]
    need(is_number(margin) and 0 <= margin < 1, "margin", "a number from 0 to below 1", margin)
    for name in ("unit", "adjust"):
        _text_or_none(name)(value[name])


def _check_table(value: Any) -> None:
    _keys(value, ("columns", "sort", "descending"), "table")
    if value["columns"] is not None:
        need(
            _are_names(value["columns"]),
            "the columns of the table",
            "a list of different names or null",
            value["columns"],
        )
    _text_or_none("the column to sort by")(value["sort"])
    need(isinstance(value["descending"], bool), "descending", "true or false", value["descending"])


def _are_names(value: Any) -> bool:
    named = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return named and len(set(value)) == len(value)


def _check_row(value: Any) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    need(value is None or whole, "the row looked at", "a whole number from 0 or null", value)


_CHECKS: dict[str, Callable[[Any], None]] = {
    "version": lambda value: need(value == VERSION, "version", str(VERSION), value),
    "features": _check_features,
    "set": _text_or_none("the set that the features come from"),
    "policy": _check_policy,
    "method": _check_method,
    "projected": _check_projected,
    "embedding": lambda value: _check_key(value, "embedding"),
    "color": _check_color,
    "layer": _check_layer,
    "beside": _check_beside,
    "viewport": _check_viewport,
    "selection": _check_selection,
    "filters": _check_filters,
    "groups": _check_groups,
    "compare": _check_compare,
    "table": _check_table,
    "models": lambda value: need(
        not fault_of_models(value), "models", fault_of_models(value), value
    ),
    "experiment": lambda value: need(
        not fault_of_experiment(value), "experiment", fault_of_experiment(value), value
    ),
    "strips": _check_strips,
    "theme": lambda value: one_of(value, THEMES, "theme"),
    "tab": lambda value: one_of(value, TABS, "tab"),
    "feature": _text_or_none("the feature looked at"),
    "row": _check_row,
    "regions": lambda value: need(isinstance(value, bool), "regions", "true or false", value),
}
