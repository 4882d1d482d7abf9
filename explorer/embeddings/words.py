"""What an embedding is, in words: axes, method, features, quality. From its provenance and scores, which are plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NEAR",
    "axis_names",
    "features_in_words",
    "method_in_words",
    "quality_in_words",
    "reading_in_words",
]

NEAR = "Near means probably similar. Distance, size, density and empty space are no evidence."

_NAMED = 12  # features; who wants more reads the provenance
_DISPLAYED = {"pca": "PCA", "umap": "UMAP"}


def axis_names(provenance: Mapping[str, Any]) -> tuple[str, str]:
    """Name the two axes: "PC 1 (34 % of variance)", "UMAP 1", or the columns that are the coordinates."""
    method = provenance.get("method") or {}
    name, parameters = method.get("name"), method.get("parameters") or {}
    if name == "columns" and {"x", "y"} <= set(parameters):
        return str(parameters["x"]), str(parameters["y"])
    if name == "pca":
        shares = list(provenance.get("explained_variance_ratio") or ())[:2]
        held = [f" ({100 * share:.0f} % of variance)" for share in shares] + ["", ""]
        return f"PC 1{held[0]}", f"PC 2{held[1]}"
    if not name:
        return "x", "y"
    return f"{_displayed(name)} 1", f"{_displayed(name)} 2"


def method_in_words(provenance: Mapping[str, Any]) -> str:
    """Return method, parameters, seed and rows, as a methods section has them."""
    method, rows = provenance.get("method") or {}, provenance.get("rows") or {}
    given = (method.get("parameters") or {}).items()
    seed = method.get("random_state")
    settings = [
        *(f"{name} {'default' if value is None else value}" for name, value in given),
        "no seed" if seed is None else f"seed {seed}",
    ]
    told = [
        f"{_displayed(method.get('name') or 'a projection')} ({', '.join(settings)}) of {rows.get('used', 0):,} rows",
        f"{rows['left_out']:,} left out" if rows.get("left_out") else "",
        f"{rows['imputed']:,} with a cell that was filled in" if rows.get("imputed") else "",
        f"{rows['placed']:,} placed by their neighbours" if rows.get("placed") else "",
    ]
    return ", ".join(filter(None, told))


def features_in_words(provenance: Mapping[str, Any]) -> str:
    """Return features, scaling and missing policy; empty where the coordinates came ready-made."""
    spec = (provenance.get("matrix") or {}).get("spec")
    if not spec:
        return ""
    names = list(spec["features"])
    listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")
    told = [
        f"{len(names):,} feature{'' if len(names) == 1 else 's'}: {listed}",
        f"scale {spec['scale']}",
        f"missing values: {_missing(spec['missing'])}",
        *(f"{what} of {_pairs(spec[key])}" for key, what in _SINGLE.items() if spec.get(key)),
        f"only rows where {spec['where']}" if spec.get("where") else "",
    ]
    return "; ".join(filter(None, told))


def quality_in_words(provenance: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
    """Say how many true neighbours stay, beside the same for PCA; empty where it was not measured."""
    kept = (scores.get("neighbors_kept") or {}).get("15") or {}
    if kept.get("value") is None:
        return ""
    pca, name = kept.get("pca"), (provenance.get("method") or {}).get("name")
    beside = f" (PCA: {15 * pca:.1f})" if pca is not None and name != "pca" else ""
    return f"of 15 true neighbours of a row {15 * kept['value']:.1f} stay its neighbours{beside}"


def reading_in_words(provenance: Mapping[str, Any]) -> str:
    """Say how far the map may be read."""
    ratio = provenance.get("explained_variance_ratio")
    if (provenance.get("method") or {}).get("name") == "pca" and ratio:
        return f"PCA: these two directions hold {100 * sum(ratio[:2]):.0f} % of the variance. {NEAR}"
    return NEAR


_SINGLE = {"transform": "transform", "weights": "weight", "encode": "encoding"}


def _displayed(name: str) -> str:
    return _DISPLAYED.get(name, name.upper())


def _missing(policy: str | Mapping[str, str]) -> str:
    if isinstance(policy, str):
        return policy
    rest = policy.get("*", "median")
    own = {name: one for name, one in policy.items() if name != "*" and one != rest}
    return rest + (f", but {_pairs(own)}" if own else "")


def _pairs(settings: Any) -> str:
    """Write single settings: "gross log1p, year rank"; what is one word for all stays that word."""
    if isinstance(settings, str):
        return f"all: {settings}"
    pairs = [f"{name} {value}" for name, value in settings.items()]
    return ", ".join(pairs[:_NAMED]) + (f" and {len(pairs) - _NAMED:,} more" if len(pairs) > _NAMED else "")
