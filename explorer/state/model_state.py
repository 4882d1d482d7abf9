"""The section of models: predictions, times, items, positions, and the open view."""

from __future__ import annotations

from typing import Any

from explorer.state.definition import is_number

__all__ = ["VIEWS", "fault_of_models", "plain_models"]

VIEWS = ("performance", "drift", "engagement", "ranking")
_KINDS = ("binary", "multiclass", "regression")


def plain_models() -> dict[str, Any]:
    """Return the section where nobody has named anything yet."""
    return {
        "view": "performance",
        "performance": {
            "truth": None,
            "predictions": {},
            "kind": "binary",
            "positive": None,
            "threshold": 0.5,
            "unit": None,
            "by": [],
            "look": None,
        },
        "drift": {
            "time": None,
            "chunk": "week",
            "reference": None,
            "features": None,
            "truth": None,
            "prediction": None,
            "look": None,
        },
        "engagement": {
            "item": None,
            "outcome": None,
            "propensity": None,
            "target": None,
            "reward": [],
            "clip": None,
            "unit": None,
            "by": None,
        },
        "ranking": {
            "position": None,
            "outcome": None,
            "list": None,
            "unit": None,
            "row": None,
            "column": None,
            "k": [1, 5, 10],
            "no_hit": "count",
            "by": None,
            "control": None,
            "propensity": None,
            "randomised": False,
        },
    }


def fault_of_models(value: Any) -> str:
    """Say what is wrong with the section; empty where nothing is."""
    plain = plain_models()
    if not isinstance(value, dict) or set(value) != set(plain):
        return f"expected a mapping with {', '.join(plain)}"
    if value["view"] not in VIEWS:
        return f"view is one of {', '.join(VIEWS)}"
    for view in VIEWS:
        if not isinstance(value[view], dict) or set(value[view]) != set(plain[view]):
            return f"{view} is a mapping with {', '.join(plain[view])}"
    return (
        _fault_of_performance(value["performance"])
        or _fault_of_drift(value["drift"])
        or _fault_of_engagement(value["engagement"])
        or _fault_of_ranking(value["ranking"])
    )


def _fault_of_performance(value: dict[str, Any]) -> str:
    predictions = value["predictions"]
    if not isinstance(predictions, dict) or not all(
        isinstance(text, str) for pair in predictions.items() for text in pair
    ):
        return "predictions is a mapping from the name of a model to its column"
    if value["kind"] not in _KINDS:
        return f"kind is one of {', '.join(_KINDS)}"
    if not is_number(value["threshold"]) or not 0 <= value["threshold"] <= 1:
        return "threshold is a probability from 0 to 1"
    return _fault_of_texts(value, ("truth", "positive", "unit", "look")) or _fault_of_names(
        value, "by"
    )


def _fault_of_drift(value: dict[str, Any]) -> str:
    if not isinstance(value["chunk"], str):
        return 'chunk is a text, as in "week" or "1000rows"'
    if value["features"] is not None and (fault := _fault_of_names(value, "features")):
        return fault
    return _fault_of_texts(value, ("time", "reference", "truth", "prediction", "look"))


def _fault_of_engagement(value: dict[str, Any]) -> str:
    clip = value["clip"]
    if clip is not None and not (is_number(clip) and clip > 0):
        return "clip is the largest weight allowed, above 0, or null"
    texts = ("item", "outcome", "propensity", "target", "unit", "by")
    return _fault_of_texts(value, texts) or _fault_of_names(value, "reward")


def _fault_of_ranking(value: dict[str, Any]) -> str:
    if value["no_hit"] not in ("count", "drop", "exclude"):
        return "no_hit is count or drop"
    if not isinstance(value["randomised"], bool):
        return "randomised is true or false"
    k = value["k"]
    if (
        not isinstance(k, list)
        or not k
        or not all(is_number(cutoff) and cutoff == int(cutoff) and cutoff > 0 for cutoff in k)
    ):
        return "k is a list of whole numbers above 0"
    return _fault_of_texts(
        value,
        ("position", "outcome", "list", "unit", "row", "column", "by", "control", "propensity"),
    )


def _fault_of_texts(value: dict[str, Any], names: tuple[str, ...]) -> str:
    return next(
        (f"{name} is a text or null" for name in names if not isinstance(value[name], str | None)),
        "",
    )


def _fault_of_names(value: dict[str, Any], name: str) -> str:
    good = isinstance(value[name], list) and all(isinstance(name, str) for name in value[name])
    return "" if good else f"{name} is a list of columns"
