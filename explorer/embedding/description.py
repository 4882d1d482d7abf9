"""Texts about an embedding, from its provenance and scores: axes, method, features, quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _, ngettext
from explorer.core.name_list import list_names
from explorer.core.text_direction import isolated
from explorer.embedding.projection_methods import METHODS
from explorer.selection.selection import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NEAR",
    "axis_names",
    "comparison_in_words",
    "features_in_words",
    "is_one_line",
    "method_in_words",
    "quality_in_words",
    "quality_lines",
    "reading_in_words",
    "whole_quality_in_words",
]

NEAR = _(
    "Nearby points are probably similar. Ignore distances between groups, their sizes and gaps."
)

_NAMED = 12  # features; who wants more reads the provenance


def axis_names(provenance: Mapping[str, Any]) -> tuple[str, str]:
    """Name the two axes: "PC 1 (34 % of variance)", "UMAP 1", or the columns they come from."""
    method = provenance.get("method") or {}
    name, parameters = method.get("name"), method.get("parameters") or {}
    if name == "columns" and {"x", "y"} <= set(parameters):
        return str(parameters["x"]), str(parameters["y"])
    if name == "pca":
        shares = list(provenance.get("explained_variance_ratio") or ())[:2]
        first, second, *_rest = [
            *(
                _("PC {axis} ({share:.0f} % of variance)").format(axis=axis, share=100 * share)
                for axis, share in enumerate(shares, 1)
            ),
            *(f"PC {axis}" for axis in range(len(shares) + 1, 3)),
        ]
        return first, second
    if not name:
        return "x", "y"
    return f"{_displayed(name)} 1", f"{_displayed(name)} 2"


def method_in_words(provenance: Mapping[str, Any]) -> str:
    """Return method, parameters, seed and rows, as a methods section has them."""
    method, rows = provenance.get("method") or {}, provenance.get("rows") or {}
    given = (method.get("parameters") or {}).items()
    seed = method.get("random_state")
    settings = [
        *(
            _("{parameter} default").format(parameter=name) if value is None else f"{name} {value}"
            for name, value in given
        ),
        _("no seed") if seed is None else _("seed {seed}").format(seed=seed),
    ]
    name = method.get("name")
    n_rows = rows.get("used", 0)
    parts = [
        ngettext(
            "{method} ({settings}) of {n_rows:,} row",
            "{method} ({settings}) of {n_rows:,} rows",
            n_rows,
        ).format(
            method=_displayed(name) if name else _("a projection"),
            settings=", ".join(settings),
            n_rows=n_rows,
        ),
        *(
            text.format(n_rows=rows[key])
            for key, text in (
                ("left_out", _("{n_rows:,} left out")),
                ("imputed", _("{n_rows:,} with a missing value that was filled in")),
                ("placed", _("{n_rows:,} placed by their neighbours")),
            )
            if rows.get(key)
        ),
    ]
    return ", ".join(parts)


def features_in_words(provenance: Mapping[str, Any]) -> str:
    """Return features, scaling and missing policy; empty where the coordinates came ready-made."""
    spec = (provenance.get("matrix") or {}).get("spec")
    if not spec:
        return ""
    names = list(spec["features"])
    parts = [
        ngettext("{count:,} feature: {names}", "{count:,} features: {names}", len(names)).format(
            count=len(names), names=list_names(names, _NAMED)
        ),
        _("scale {scale}").format(scale=spec["scale"]),
        _("missing values: {policy}").format(policy=_missing(spec["missing"])),
        *(
            text.format(settings=_pairs(spec[key]))
            for key, text in _SINGLE.items()
            if spec.get(key)
        ),
        _("only rows where {condition}").format(condition=spec["where"])
        if spec.get("where")
        else "",
        _chosen_rows(spec["rows"]) if spec.get("rows") else "",
    ]
    return "; ".join(filter(None, parts))


def quality_in_words(provenance: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
    """Say how many true neighbours the map keeps, beside PCA; empty where not measured."""
    preserved = (scores.get("neighbors_kept") or {}).get("15") or {}
    if preserved.get("value") is None:
        return ""
    value = 15 * preserved["value"]
    if _control(provenance, preserved) is None:
        return _("Neighbours preserved: {value:.1f} of 15").format(value=value)
    return _("Neighbours preserved: {value:.1f} of 15 (PCA {pca:.1f})").format(
        value=value, pca=15 * preserved["pca"]
    )


def comparison_in_words(provenance: Mapping[str, Any], scores: Mapping[str, Any]) -> str:
    """Say whether the map or PCA keeps neighbours, and distances between groups, better.

    Empty where that was not measured.

    Where the 95 % intervals of the two overlap, they are said not to differ.
    """
    method = (provenance.get("method") or {}).get("name")
    name = _displayed(method) if method else _("this map")
    sentences = []
    for sentence, measures in _PURPOSES.items():
        scored = [
            (measure, score, better)
            for measure in measures
            if (better := _better(provenance, score := measure.of(scores))) is not None
        ]
        if not scored:
            continue
        parts: list[str] = []
        agreed = len({better for _measure, _score, better in scored}) == 1
        for measure, score, better in scored[: 1 if agreed else None]:
            equal = _("{method} and PCA do not differ").format(method=name)
            winner = {1: name, 0: equal, -1: "PCA"}[better]
            values = [
                (name, measure.written(score["value"])),
                ("PCA", measure.written(score["pca"])),
            ]
            (_winner, first), (other, second) = values if better >= 0 else values[::-1]
            evidence = measure.evidence.format(value=first)
            parts.append(f"{winner} ({evidence}; {other} {second})")
        sentences.append(sentence.format(results=", ".join(parts)))
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
    text = (
        _("{figures} (in brackets: 95 % intervals).") if _has_intervals(scores) else _("{figures}.")
    )
    figures = text.format(figures="; ".join(lines))
    return f"{figures} {comparison_in_words(provenance, scores)}".strip()


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
    _("For neighbours: {results}."): (
        _Measure(
            "neighbors_kept",
            _("Neighbours preserved, of 15"),
            15,
            "{:.1f}",
            _("{value} of 15 preserved"),
            "15",
        ),
        _Measure(
            "neighbors_kept",
            _("Neighbours preserved, of 150"),
            150,
            "{:.0f}",
            _("{value} of 150 preserved"),
            "150",
        ),
    ),
    _("For distances between groups: {results}."): (
        _Measure(
            "triplet_accuracy",
            _("Random triplets in the right order"),
            100,
            "{:.0f} %",
            _("triplets {value}"),
        ),
        _Measure(
            "distance_correlation",
            _("Rank correlation of distances"),
            1,
            "{:.2f}",
            _("correlation {value}"),
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
    return _("{value} ({low} to {high})").format(value=written, low=least, high=most)


def reading_in_words(provenance: Mapping[str, Any]) -> str:
    """Say how far the map may be read."""
    ratio = provenance.get("explained_variance_ratio")
    if (provenance.get("method") or {}).get("name") == "pca" and ratio:
        if is_one_line(provenance):
            return f"{_('One column: its values lie along a line.')} {NEAR}"
        variance = _("PCA: these two directions explain {share:.0f} % of the variance.")
        return f"{variance.format(share=100 * sum(ratio[:2]))} {NEAR}"
    return NEAR


def is_one_line(provenance: Mapping[str, Any]) -> bool:
    """Say whether a PCA is of a single column of numbers: there is no second direction."""
    return len((provenance.get("loadings") or {}).get("columns", ())) == 1


_SINGLE = {
    "transform": _("transform of {settings}"),
    "weights": _("weight of {settings}"),
    "encode": _("encoding of {settings}"),
}


def _displayed(name: str) -> str:
    method = METHODS.get(name)
    return method.label if method else name.upper()


def _chosen_rows(rows: Mapping[str, Any]) -> str:
    columns = [name for name in rows["seen"] if name != UNKNOWN]
    shown = list_names(columns, _NAMED)
    text = (
        _("only {count:,} chosen rows ({name}), by {columns}")
        if shown
        else _("only {count:,} chosen rows ({name})")
    )
    return text.format(count=rows["count"], name=rows["name"], columns=shown)


def _missing(policy: str | Mapping[str, str]) -> str:
    if isinstance(policy, str):
        return policy
    default = policy.get("*", "median")
    own = {
        name: treatment
        for name, treatment in policy.items()
        if name != "*" and treatment != default
    }
    if not own:
        return default
    return _("{default}, but {exceptions}").format(default=default, exceptions=_pairs(own))


def _pairs(settings: Any) -> str:
    """Write single settings: "gross log1p, year rank"; what is one word for all stays that word."""
    if isinstance(settings, str):
        return _("all: {setting}").format(setting=settings)
    return list_names([f"{isolated(name)} {value}" for name, value in settings.items()], _NAMED)
