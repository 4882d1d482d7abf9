"""Transform: what is done to the values of a numeric feature before it is scaled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import FeatureError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

__all__ = ["TRANSFORMS", "Transform", "canonical_transform", "fit_transform"]

TRANSFORMS = ("none", "log", "log1p", "sqrt", "yeojohnson", "logit", "rank", "clip")

_CLIP = re.compile(r"clip\(([^,()]+),([^,()]+)\)$")
_KNOTS = 1_000

_Domain = tuple["Callable[[NDArray[np.float64]], NDArray[np.bool_]]", str]
# which values a transform cannot take, and what to do about them
_OUTSIDE: dict[str, _Domain] = {
    "log": (lambda x: x <= 0, "at or below 0: choose log1p or yeojohnson"),
    "log1p": (lambda x: x <= -1, "at or below −1: choose yeojohnson"),
    "sqrt": (lambda x: x < 0, "below 0: choose yeojohnson"),
    "logit": (
        lambda x: (x <= 0) | (x >= 1),
        "outside the open interval 0 to 1: choose rank or yeojohnson",
    ),
}


@dataclass(frozen=True, eq=False)
class Transform:
    """A transform with everything it learned, ready for new values.

    Parameters
    ----------
    name : str
        One of `TRANSFORMS`.
    parameters : tuple of float
        clip: both ends, inclusive. yeojohnson: lambda. Otherwise empty.
    knots : ndarray of shape (2, k), float64, optional
        rank: values and their place in (0, 1).
    """

    name: str
    parameters: tuple[float, ...] = ()
    knots: NDArray[np.float64] | None = None

    def __call__(self, values: NDArray[np.float64], feature: str) -> NDArray[np.float64]:
        """Transform values; NaN stays NaN.

        Raises
        ------
        FeatureError
            Values that the transform is not defined for, with their number.
        """
        _check_domain(self.name, values, feature)
        if self.name == "clip":
            low, high = self.parameters
            return np.clip(values, low, high)
        if self.name == "rank" and self.knots is not None:
            return np.asarray(np.interp(values, self.knots[0], self.knots[1]), dtype=np.float64)
        if self.name == "yeojohnson":
            from scipy.stats import yeojohnson

            return np.asarray(yeojohnson(values, self.parameters[0]), dtype=np.float64)
        return _plain(self.name, values)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        knots = None if self.knots is None else self.knots.tolist()
        return {"name": self.name, "parameters": list(self.parameters), "knots": knots}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Transform:
        """Build it from `document`."""
        knots = document["knots"]
        return cls(
            document["name"],
            tuple(document["parameters"]),
            None if knots is None else np.array(knots),
        )


def _plain(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    if name == "logit":
        return np.log(values) - np.log1p(-values)
    functions = {"log": np.log, "log1p": np.log1p, "sqrt": np.sqrt}
    return functions[name](values) if name in functions else values


def canonical_transform(text: str) -> str:
    """Return the one way to write a transform: "log1p", "clip(40.0, 240.0)".

    Raises
    ------
    UnknownName
        No such transform.
    FeatureError
        clip without two finite ends in ascending order.
    """
    text = text.strip()
    if not text.startswith("clip"):
        if text not in TRANSFORMS:
            raise unknown_name("transform", text, TRANSFORMS)
        return text
    low, high = _clip_ends(text)
    return f"clip({low!r}, {high!r})"


def _clip_ends(text: str) -> tuple[float, float]:
    match = _CLIP.match(text.replace(" ", ""))
    try:
        low, high = (float(end) for end in match.groups()) if match else (np.nan, np.nan)
    except ValueError:
        low = high = np.nan
    if not (np.isfinite([low, high]).all() and low < high):
        raise FeatureError(
            f"clip needs two finite ends, the lower first, as in clip(40, 240); came {text!r}"
        )
    return float(low), float(high)


def fit_transform(text: str, values: NDArray[np.float64], feature: str) -> Transform:
    """Learn a transform from values.

    Parameters
    ----------
    text : str
        As `canonical_transform` returns it.
    values : ndarray of shape (m,), float64
        NaN is ignored.
    feature : str
        For the error.

    Notes
    -----
    yeojohnson: Yeo and Johnson (2000), doi:10.1093/biomet/87.4.954, lambda of greatest likelihood
    by SciPy. rank: mean rank less a half over the number of values, so that ranks lie in (0, 1)
    (Hazen 1914). It is kept as at most 1,001 knots with straight lines between: exact up to 1,000
    different values, beyond that within .001; new values outside the known ones take the rank of
    the nearest.
    """
    if text.startswith("clip"):
        return Transform("clip", _clip_ends(text))
    present = values[~np.isnan(values)]
    _check_domain(text, present, feature)
    if text == "rank" and present.size:
        return Transform("rank", knots=_rank_knots(present))
    if text == "yeojohnson":
        return Transform("yeojohnson", (_yeojohnson_lambda(present),))
    return Transform(text)


def _yeojohnson_lambda(values: NDArray[np.float64]) -> float:
    from scipy.stats import yeojohnson_normmax

    if values.size == 0 or values.min() == values.max():
        return 1.0  # leaves values as they are
    with np.errstate(
        all="ignore"
    ):  # the search visits lambdas that overflow and turns away from them
        return float(yeojohnson_normmax(values))


def _rank_knots(values: NDArray[np.float64]) -> NDArray[np.float64]:
    ordered = np.sort(values)
    distinct = np.unique(ordered)
    if distinct.size > _KNOTS:
        distinct = np.unique(
            ordered[np.linspace(0, ordered.size - 1, _KNOTS + 1).round().astype(np.int64)]
        )
    left, right = (
        np.searchsorted(ordered, distinct, "left"),
        np.searchsorted(ordered, distinct, "right"),
    )
    # equal values share the mean of ranks left+1 … right
    return np.stack([distinct, ((left + 1 + right) / 2 - 0.5) / ordered.size])


def _check_domain(name: str, values: NDArray[np.float64], feature: str) -> None:
    if name not in _OUTSIDE:
        return
    outside, advice = _OUTSIDE[name]
    count = int(np.count_nonzero(outside(values)))
    if count:
        raise FeatureError(
            f"{name} of feature {feature!r} is not defined for {count:,} values {advice}"
        )
