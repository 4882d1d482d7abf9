"""Texts about an embedding, from its provenance and scores: axes, method, features, quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.embedding.projection_methods import METHODS
from explorer.selection.selection import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NEAR",
    "axis_names",
    "comparison_in_words",
    "features_in_words",
    "method_in_words",
    "quality_in_words",
    "quality_lines",
    "reading_in_words",
    "whole_quality_in_words",
]

NEAR = "Nearby points are probably similar. Ignore distances between groups, their sizes and gaps."

_NAMED = 12  # features; who wants more reads the provenance


def axis_names(provenance: Mapping[str, Any]) -> tuple[str, str]:
    """Name the two axes: "PC 1 (34 % of variance)", "UMAP 1", or the columns they come from."""
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
    parts = [
        f"{_displayed(method.get('name') or 'a projection')} ({', '.join(settings)}) "
        f"of {rows.get('used', 0):,} rows",
        f"{rows['left_out']:,} left out" if rows.get("left_out") else "",
        f"{rows['imputed']:,} with a cell that was filled in" if rows.get("imputed") else "",
        f"{rows['placed']:,} placed by their neighbours" if rows.get("placed") else "",
    ]
    return ", ".join(filter(None, parts))


def features_in_words(provenance: Mapping[str, Any]) -> str:
    """Return features, scaling and missing policy; empty where the coordinates came ready-made."""
    spec = (provenance.get("matrix") or {}).get("spec")
    if not spec:
        return ""
    names = list(spec["features"])
    listed = ", ".join(names[:_NAMED]) + (
        f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    )
    parts = [
        f"{len(names):,} feature{'' if len(names) == 1 else 's'}: {listed}",
        f"scale {spec['scale']}",
        f"missing values: {_missing(spec['missing'])}",
        *(f"{setting} of {_pairs(spec[key])}" for key, setting in _SINGLE.items() if spec.get(key)),
        f"only rows where {spec['where']}" if spec.get("where") else "",
        _chosen_rows(spec["rows"]) if spec.get("rows") else "",
    ]
    return "; ".join(filter(None, parts))


def quality_in_words(provenance: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
    """Say how many true neighbours the map keeps, beside PCA; empty where not measured."""
    preserved = (scores.get("neighbors_kept") or {}).get("15") or {}
    if preserved.get("value") is None:
        return ""
    beside = (
        "" if _control(provenance, preserved) is None else f" (PCA {15 * preserved['pca']:.1f})"
    )
    return f"Neighbours preserved: {15 * preserved['value']:.1f} of 15{beside}"


def comparison_in_words(provenance: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
    """Say whether the map or PCA keeps neighbours, and distances between groups, better.

    Empty where that was not measured.

    Where the 95 % intervals of the two overlap, they are said not to differ.
    """
    name = _displayed((provenance.get("method") or {}).get("name") or "this map")
    sentences = []
    for purpose, measures in _PURPOSES.items():
        scored = [
            (measure, score, better)
            for measure in measures
            if (better := _better(provenance, score := measure.of(scores))) is not None
        ]
        if not scored:
            continue
        parts: list[str] = []
        agreed = len({better for _, _, better in scored}) == 1
        for measure, score, better in scored[: 1 if agreed else None]:
            winner = {1: name, 0: f"{name} and PCA do not differ", -1: "PCA"}[better]
            values = [
                (name, measure.written(score["value"])),
                ("PCA", measure.written(score["pca"])),
            ]
            (_, first), (other, second) = values if better >= 0 else values[::-1]
            parts.append(f"{winner} ({measure.evidence.format(first)}; {other} {second})")
        sentences.append(f"For {purpose}: {', '.join(parts)}.")
    return " ".join(sentences)


def quality_lines(provenance: Mapping[str, Any], scores: Mapping[str, Any]) -> list[str]:
    """Return every figure of a map's quality with its 95 % interval, beside that of PCA.

    Empty where it was not measured.
    """
    lines = []
    for measure in (measure for measures in _PURPOSES.values() for measure in measures):
        score = measure.of(scores)
        if score.get("value") is None:
            continue
        text = _with_interval(measure, score, "value", "low", "high")
        if _control(provenance, score) is not None:
            text += f"; PCA {_with_interval(measure, score, 'pca', 'pca_low', 'pca_high')}"
        lines.append(f"{measure.label}: {text}")
    return lines


def whole_quality_in_words(provenance: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
    """Return the quality of a map in one paragraph: its figures, then the comparison with PCA."""
    lines = quality_lines(provenance, scores)
    if not lines:
        return ""
    intervals = " (in brackets: 95 % intervals)" if _has_intervals(scores) else ""
    return f"{'; '.join(lines)}{intervals}. {comparison_in_words(provenance, scores)}".strip()


@dataclass(frozen=True)
class _Measure:
    """A figure of the quality of a map: where it stands among the scores, and how it is written."""

    name: str
    label: str
    scale: float
    form: str
    evidence: str  # of which map is better, as text
    k: str = ""

    def of(self, scores: Mapping[str, Any]) -> Mapping[str, Any]:
        score = scores.get(self.name) or {}
        return (score.get(self.k) if self.k else score) or {}

    def written(self, value: float) -> str:
        return self.form.format(self.scale * value).replace("-", "−")


_PURPOSES = {
    "neighbours": (
        _Measure(
            "neighbors_kept",
            "Neighbours preserved, of 15",
            15,
            "{:.1f}",
            "{} of 15 preserved",
            "15",
        ),
        _Measure(
            "neighbors_kept",
            "Neighbours preserved, of 150",
            150,
            "{:.0f}",
            "{} of 150 preserved",
            "150",
        ),
    ),
    "distances between groups": (
        _Measure(
            "triplet_accuracy", "Random triplets in the right order", 100, "{:.0f} %", "triplets {}"
        ),
        _Measure(
            "distance_correlation", "Rank correlation of distances", 1, "{:.2f}", "correlation {}"
        ),
    ),
}


def _control(provenance: Mapping[str, Any], score: Mapping[str, Any]) -> float | None:
    """Return what PCA has; None where it is the map itself, or was not measured."""
    value: float | None = score.get("pca")
    return None if (provenance.get("method") or {}).get("name") == "pca" else value


def _better(provenance: Mapping[str, Any], score: Mapping[str, Any]) -> int | None:
    """Return 1 where the map is better than PCA, -1 where PCA is, 0 where intervals overlap.

    None where the intervals are not known.
    """
    if _control(provenance, score) is None or any(score.get(end) is None for end in _ENDS):
        return None
    return int(score["low"] > score["pca_high"]) - int(score["high"] < score["pca_low"])


_ENDS = ("low", "high", "pca_low", "pca_high")


def _has_intervals(scores: Mapping[str, Any]) -> bool:
    return any(
        "low" in measure.of(scores) for measures in _PURPOSES.values() for measure in measures
    )


def _with_interval(
    measure: _Measure, score: Mapping[str, Any], value: str, low: str, high: str
) -> str:
    written = measure.written(score[value])
    if score.get(low) is None or score.get(high) is None:
        return written
    least, most = (measure.written(score[end]).removesuffix(" %") for end in (low, high))
    return f"{written} ({least} to {most})"


def reading_in_words(provenance: Mapping[str, Any]) -> str:
    """Say how far the map may be read."""
    ratio = provenance.get("explained_variance_ratio")
    if (provenance.get("method") or {}).get("name") == "pca" and ratio:
        return (
            f"PCA: these two directions hold {100 * sum(ratio[:2]):.0f} % of the variance. {NEAR}"
        )
    return NEAR


_SINGLE = {"transform": "transform", "weights": "weight", "encode": "encoding"}


def _displayed(name: str) -> str:
    method = METHODS.get(name)
    return method.label if method else name.upper()


def _chosen_rows(rows: Mapping[str, Any]) -> str:
    columns = [name for name in rows["seen"] if name != UNKNOWN]
    shown = ", ".join(columns[:_NAMED]) + (" …" if len(columns) > _NAMED else "")
    return f"only {rows['count']:,} chosen rows ({rows['name']}){f', by {shown}' * bool(shown)}"


def _missing(policy: str | Mapping[str, str]) -> str:
    if isinstance(policy, str):
        return policy
    default = policy.get("*", "median")
    own = {
        name: treatment
        for name, treatment in policy.items()
        if name != "*" and treatment != default
    }
    return default + (f", but {_pairs(own)}" if own else "")


def _pairs(settings: Any) -> str:
    """Write single settings: "gross log1p, year rank"; what is one word for all stays that word."""
    if isinstance(settings, str):
        return f"all: {settings}"
    pairs = [f"{name} {value}" for name, value in settings.items()]
    return ", ".join(pairs[:_NAMED]) + (
        f" and {len(pairs) - _NAMED:,} more" if len(pairs) > _NAMED else ""
    )
