"""Treatment: in words, what a set does to its features on the way to the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.number_format import small

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.features.matrix.spec import MatrixSpec

__all__ = ["listed", "policy_sentences", "treatment_text"]

_MOST_NAMES = 8
_SCALES = {
    "standard": "Numbers were scaled to mean 0 and standard deviation 1",
    "robust": "Numbers were scaled by median and interquartile range / 1.349",
    "none": "Numbers were centred and not scaled",
}
_MISSING = {
    "median": "missing cells were filled with the median",
    "indicator": "missing cells were filled with the median and marked by a column of their own",
    "drop": "rows with a missing cell were left out",
}
_INFINITE = {
    "refuse": "",
    "clip": "infinite values were clipped to the least or greatest finite one",
    "missing": "infinite values were taken as missing",
}


def treatment_text(spec: MatrixSpec, name: str) -> str:
    """Say what is done to one feature beside scaling: "log1p · weight 2"; empty when nothing is.

    Parameters
    ----------
    spec : MatrixSpec
    name : str
        Of a feature in it.
    """
    policy, setting = spec.missing_of(name)
    weight = spec.weights.get(name, 1.0)
    encoding = spec.encode_of(name)
    transform = spec.transform.get(name, "none")
    parts = [
        "" if transform == "none" else transform,
        "" if weight == 1 else f"weight {small(weight, 6)}",
        "" if encoding == "auto" else f"as {encoding}",
        f"missing: {policy}" if setting else "",
    ]
    return " · ".join(filter(None, parts))


def policy_sentences(spec: MatrixSpec) -> list[str]:
    """Say how the features become a matrix: transforms, weights, encodings, scale, rows."""
    sentences = [
        *(
            f"{listed(names)} {_were(names)} transformed by {how}"
            for how, names in _by_value(spec, "transform")
        ),
        *(
            f"{listed(names)} {_were(names)} weighted by {how}"
            for how, names in _by_value(spec, "weights")
        ),
        *(
            f"{listed(names)} {_were(names)} taken as {how}"
            for how, names in _by_value(spec, "encode")
        ),
    ]
    own = [
        f"of {listed(names)}: {_MISSING[policy]}"
        for policy in _MISSING
        if (
            names := [
                name for name in sorted(spec.features) if spec.missing_of(name) == (policy, True)
            ]
        )
    ]
    general = spec.missing if isinstance(spec.missing, str) else spec.missing.get("*", "median")
    sentences.append(
        "; ".join(
            filter(None, [_SCALES[spec.scale], _MISSING[general], *own, _INFINITE[spec.infinite]])
        )
    )
    sentences += [f"Only rows for which {spec.where} were used"] if spec.where else []
    return sentences


def _by_value(spec: MatrixSpec, what: str) -> list[tuple[str, list[str]]]:
    """Return features by their setting, those without one left out."""
    by_value: dict[str, list[str]] = {}
    for name, value in spec.document()[what].items():
        by_value.setdefault(small(value, 6) if isinstance(value, float) else value, []).append(name)
    return sorted(by_value.items())


def _were(names: Sequence[str]) -> str:
    return "was" if len(names) == 1 else "were"


def listed(names: Iterable[str], most: int = _MOST_NAMES) -> str:
    """Write names as a sentence has them: "a, b and c", "a, b and 12 others"."""
    all_names = list(names)
    shown = all_names if len(all_names) <= most else all_names[: most - 1]
    parts = [
        *shown,
        *([f"{len(all_names) - len(shown):,} others"] if len(shown) < len(all_names) else []),
    ]
    return (
        parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
    )
