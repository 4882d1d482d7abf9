"""MatrixSpec: which features become a matrix, and how.

A value that can be compared, hashed and saved.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from explorer.core.errors import FeatureError, unknown_name
from explorer.features.matrix.transform import canonical_transform
from explorer.selection.row_subset import RowSubset

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CYCLES", "ENCODINGS", "INFINITE", "MISSING", "MOST_MISSING", "SCALES", "MatrixSpec"]

VERSION = 1
SCALES = ("standard", "robust", "none")
MISSING = ("median", "indicator", "drop")
INFINITE = ("refuse", "clip", "missing")
CYCLES = ("hour", "weekday", "month", "dayofyear")
# A convention: beyond 40 % missing a median says more than the data.
MOST_MISSING = 0.4
ENCODINGS = ("auto", "number", "category", *CYCLES)


@dataclass(frozen=True, eq=False)
class MatrixSpec:
    """From columns to a feature matrix. Equal specs make equal matrices of one table.

    Parameters
    ----------
    features : iterable of str
        Columns; their order says nothing, the matrix has them in table order.
    scale : {"standard", "robust", "none"}
        Of numbers and times: mean 0 and standard deviation 1 (ddof=1); median and interquartile
        range / 1.349 (the range of a normal distribution), standard deviation where that range is
        0; centred only. Booleans are standardised under "robust" too. Categories and vectors have
        scales of their own.
    missing : {"median", "indicator", "drop"} or mapping of str to these
        Fill with the median, and refuse a feature with more than 40 % missing; fill with the median
        and add a 0/1 column of missingness at half weight; leave out rows with a missing cell. A
        mapping gives a policy for single features ("median" there fills at any share) and for the
        others under "*" (else median).
    transform : mapping of str to str
        "log", "log1p", "sqrt", "yeojohnson", "logit", "rank" or "clip(lo, hi)".
    weights : mapping of str to float
        Factors on the scaled columns, above 0; 1 when left out.
    encode : mapping of str to str, or "auto"
        "number" (text and identifiers as numbers), "category" (one column a level, at any number of
        levels), or for times "hour", "weekday", "month", "dayofyear" (a sine and a cosine).
    where : str, optional
        Expression: only rows for which it is true.
    rows : RowSubset, optional
        Only these rows; which they are is given beside the spec, to `build_matrix`.
    infinite : {"refuse", "clip", "missing"}
        What becomes of infinite values: an error, the least or greatest finite value, or missing.
    sentinels : mapping of str to iterable
        Values that stand for missing, as the catalogue gives them.

    Notes
    -----
    Settings of columns that are not among ``features`` are ignored, so that a choice survives an
    untick.
    """

    features: tuple[str, ...]
    scale: str = "standard"
    missing: str | Mapping[str, str] = "median"
    transform: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    encode: Mapping[str, str] | str = field(default_factory=dict)
    where: str | None = None
    infinite: str = "refuse"
    sentinels: Mapping[str, Iterable[float | str]] = field(default_factory=dict)
    rows: RowSubset | None = None

    def __post_init__(self) -> None:
        names = _checked_names(self.features)
        _one_of("scale", self.scale, SCALES)
        _one_of("infinite policy", self.infinite, INFINITE)
        missing = {"*": self.missing} if isinstance(self.missing, str) else dict(self.missing)
        for policy in missing.values():
            _one_of("missing policy", policy, MISSING)
        encode = {} if self.encode == "auto" else _mapping("encode", self.encode)
        for encoding in encode.values():
            _one_of("encoding", encoding, ENCODINGS)
        transform = {
            name: canonical_transform(text)
            for name, text in _mapping("transform", self.transform).items()
        }
        weights = {
            name: _weight(name, weight)
            for name, weight in _mapping("weights", self.weights).items()
        }
        where = self.where.strip() if self.where else ""
        sentinels = {name: tuple(values) for name, values in self.sentinels.items()}
        self._set(
            features=names,
            missing=missing if len(missing) > 1 or "*" not in missing else missing["*"],
        )
        self._set(
            transform=transform,
            weights=weights,
            encode=encode,
            where=where or None,
            sentinels=sentinels,
        )

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(
                self, name, MappingProxyType(value) if isinstance(value, dict) else value
            )

    def missing_of(self, name: str) -> tuple[str, bool]:
        """Return the missing policy of a feature, and whether it was asked for by its name."""
        if isinstance(self.missing, str):
            return self.missing, False
        named = name in self.missing
        return (self.missing[name] if named else self.missing.get("*", "median")), named

    def encode_of(self, name: str) -> str:
        """Return the encoding asked for a feature; "auto" when none was."""
        return "auto" if isinstance(self.encode, str) else self.encode.get(name, "auto")

    def check_settings(self) -> None:
        """Refuse settings of features that are not in the matrix: they would have no effect.

        The page keeps them instead, for when a feature is ticked again.
        """
        settings = {"transform": self.transform, "weights": self.weights, "encode": self.encode}
        for setting, by_feature in settings.items():
            for name in by_feature:
                if name not in self.features:
                    raise FeatureError(
                        f"{setting} names {name!r}, which is not among the features: add it to the "
                        f"features, or leave it out of {setting}"
                    )

    def document(self) -> dict[str, Any]:
        """Return the spec as canonical JSON: names sorted, defaults left out of the mappings."""
        document: dict[str, Any] = json.loads(self._canonical)
        return document

    @cached_property
    def _canonical(self) -> str:
        names = sorted(self.features)
        policies = {name: self.missing_of(name) for name in names}
        document = {
            "version": VERSION,
            "features": names,
            "scale": self.scale,
            "missing": {
                "*": self.missing
                if isinstance(self.missing, str)
                else self.missing.get("*", "median"),
                **{name: policy for name, (policy, named) in policies.items() if named},
            },
            "transform": {
                n: self.transform[n] for n in names if self.transform.get(n, "none") != "none"
            },
            "weights": {n: self.weights[n] for n in names if self.weights.get(n, 1.0) != 1.0},
            "encode": {n: self.encode_of(n) for n in names if self.encode_of(n) != "auto"},
            "where": self.where,
            "infinite": self.infinite,
            "sentinels": {n: list(self.sentinels[n]) for n in names if self.sentinels.get(n)},
            # said where rows were chosen: keys of maps of all rows stay as they were
            **({} if self.rows is None else {"rows": self.rows.document()}),
        }
        return json.dumps(document, sort_keys=True, allow_nan=False)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> MatrixSpec:
        """Build a spec from `document`.

        Raises
        ------
        FeatureError
            A document of another version.
        """
        if document.get("version") != VERSION:
            raise FeatureError(
                f"expected a matrix document of version {VERSION}, came {document.get('version')!r}"
            )
        settings = {key: value for key, value in document.items() if key != "version"}
        if settings.get("rows") is not None:
            settings["rows"] = RowSubset(**settings["rows"])
        return cls(**settings)

    def __reduce__(self) -> tuple[Any, ...]:
        return MatrixSpec.from_document, (self.document(),)  # mapping proxies cannot be pickled

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MatrixSpec) and self._canonical == other._canonical

    def __hash__(self) -> int:
        return hash(self._canonical)


def _checked_names(features: Iterable[str]) -> tuple[str, ...]:
    if isinstance(features, str):
        raise FeatureError(
            f"features must be a list of names, came the text {features!r}: write [{features!r}]"
        )
    names = tuple(features)
    if not names:
        raise FeatureError("no feature is ticked: tick at least one")
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise FeatureError(f"feature {twice!r} is named twice: name it once and give it a weight")
    return names


def _one_of(kind: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise unknown_name(kind, str(value), allowed)


def _mapping(what: str, value: Any) -> dict[str, Any]:
    if not hasattr(value, "items"):
        raise FeatureError(f"{what} must map names of features to settings, came {value!r}")
    return dict(value)


def _weight(name: str, weight: float) -> float:
    try:
        value = float(weight)
    except (TypeError, ValueError):
        raise FeatureError(
            f"the weight of feature {name!r} must be a number above 0, came {weight!r}: 1 leaves "
            "it as it is"
        ) from None
    if not (math.isfinite(value) and value > 0):
        raise FeatureError(
            f"the weight of feature {name!r} must be above 0, came {weight!r}: untick it instead"
        )
    return value
