"""Encode: what a feature is asked to become in the matrix, and its cells in that form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.core.errors import FeatureError
from explorer.features.cells import levels, vectors, without_sentinels
from explorer.features.kind import NUMBERS_AS_TEXT, Feature, is_number_list, is_text
from explorer.features.matrix.spec import CYCLES, MatrixSpec
from explorer.sources.columns import column_as_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = [
    "CategoryCells",
    "Cells",
    "EncodingRequest",
    "encoding_request",
    "missing_of",
    "read_cells",
]


@dataclass(frozen=True, kw_only=True)
class EncodingRequest:
    """What one feature is asked to become.

    Parameters
    ----------
    name, kind : str
        Of the feature.
    encoding : str
        "number", "text" (numbers written as text), "category", "vector", or a cycle ("hour", …).
    scale, missing, transform, infinite : str
        As in `MatrixSpec`.
    weight : float
    asked : bool
        Whether the user named this feature in choosing its encoding.
    fill_any : bool
        Whether the user named this feature in choosing its missing policy.
    alone : bool
        Whether it is the only feature.
    sentinels : tuple
        Values that stand for missing.
    """

    name: str
    kind: str
    encoding: str
    scale: str
    missing: str
    transform: str
    infinite: str
    weight: float
    asked: bool
    fill_any: bool
    alone: bool
    sentinels: tuple[float | str, ...]

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**vars(self), "sentinels": list(self.sentinels)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> EncodingRequest:
        """Build it from `document`."""
        return cls(**{**document, "sentinels": tuple(document["sentinels"])})


@dataclass(frozen=True, eq=False)
class CategoryCells:
    """A categorical column: ``codes`` (m,) into ``labels``, −1 where missing.

    ``counts`` of each label.
    """

    codes: NDArray[np.int64]
    labels: list[str]
    counts: NDArray[np.int64]


# numbers and cycles (m,); vectors (m, length); categories
Cells = np.ndarray[Any, np.dtype[np.floating[Any]]] | CategoryCells


def encoding_request(feature: Feature, type_: pa.DataType, spec: MatrixSpec) -> EncodingRequest:
    """Settle what a feature becomes.

    Raises
    ------
    FeatureError
        A feature that cannot be encoded as asked, or that needs an encoding; with the offer.
    """
    name, requested = feature.name, spec.encode_of(feature.name)
    encoding = _encoding(feature, requested, type_)
    policy, fill_any = spec.missing_of(name)
    transform = spec.transform.get(name, "none")
    if transform != "none" and encoding not in ("number", "text"):
        raise FeatureError(
            f"transform {transform!r} of feature {name!r} needs numbers: it is encoded as "
            f"{encoding}"
        )
    return EncodingRequest(
        name=name,
        kind=feature.kind,
        encoding=encoding,
        scale="standard" if feature.kind == "boolean" and spec.scale == "robust" else spec.scale,
        missing=policy,
        transform=transform,
        infinite=spec.infinite,
        weight=spec.weights.get(name, 1.0),
        asked=requested != "auto",
        fill_any=fill_any,
        alone=len(spec.features) == 1,
        sentinels=tuple(spec.sentinels.get(name, ())),
    )


def _encoding(feature: Feature, requested: str, type_: pa.DataType) -> str:
    if requested == "auto":
        # lists found to be unequal are read too, for the error that names the row
        return "vector" if is_number_list(type_) else _automatic(feature)
    text = is_text(type_)
    nested = feature.kind == "vector" or (feature.kind == "text" and not text)
    fits = feature.kind == "temporal" if requested in CYCLES else not nested
    if not fits:
        needs = "a time" if requested in CYCLES else "single numbers or text"
        raise FeatureError(
            f"encoding {requested!r} needs {needs}, feature {feature.name!r} is {feature.kind}: "
            "leave its encoding at auto"
        )
    return "text" if requested == "number" and text else requested


def _automatic(feature: Feature) -> str:
    if feature.kind in ("numeric", "boolean", "temporal"):
        return "number"
    if feature.kind == "categorical":
        return "category"
    if NUMBERS_AS_TEXT in feature.notes:
        advice = f'its cells read as numbers: choose encode={{"{feature.name}": "number"}}'
    elif feature.kind == "identifier":
        advice = "it tells rows apart and says nothing of likeness: untick it"
    else:
        advice = f'untick it, or choose encode={{"{feature.name}": "category"}} if it has levels'
    raise FeatureError(
        f"feature {feature.name!r} is {feature.kind} and cannot enter the map as it is: {advice}"
    )


def read_cells(
    column: pa.ChunkedArray, request: EncodingRequest, rows: NDArray[np.int64] | None = None
) -> Cells:
    """Return a column in the form of its encoding, not yet transformed.

    Missing and infinite cells are settled.

    Parameters
    ----------
    column : pyarrow.ChunkedArray of length m
    request : EncodingRequest
    rows : ndarray of shape (m,), int64, optional
        Row of the table of each cell, for errors.

    Returns
    -------
    cells : ndarray of shape (m,) or (m, length), or CategoryCells
        NaN or code −1 where missing.
    """
    if request.encoding == "category":
        return CategoryCells(*levels(without_sentinels(column, request.sentinels)))
    if request.encoding in CYCLES:
        return _turns(column, request)
    if request.encoding == "vector":
        return _settle_infinite(vectors(column, request.name, rows), request)
    return _settle_infinite(_plain_numbers(column, request), request)


def missing_of(cells: Cells) -> NDArray[np.bool_]:
    """Tell which rows have no value; a vector misses when one of its numbers does."""
    if isinstance(cells, CategoryCells):
        return cells.codes < 0
    missing: NDArray[np.bool_] = np.isnan(cells)
    return missing if missing.ndim == 1 else np.logical_or.reduce(missing, axis=1)


def _plain_numbers(column: pa.ChunkedArray, request: EncodingRequest) -> NDArray[np.float64]:
    if request.encoding == "text":
        from explorer.sources.text_numbers import parse_numbers

        texts = without_sentinels(column, request.sentinels)
        column = pa.chunked_array([parse_numbers(texts)])
        present = len(texts) - texts.null_count
        if present and column.null_count == len(column):
            raise FeatureError(
                f"feature {request.name!r} is not numeric (0 of {present:,} cells read as "
                "numbers): leave its encoding at "
                f'auto, or choose encode={{"{request.name}": "category"}}'
            )
    return column_as_numbers(without_sentinels(column, request.sentinels), request.name)


def _settle_infinite(values: NDArray[Any], request: EncodingRequest) -> NDArray[Any]:
    infinite = np.isinf(values)
    count = int(infinite.sum())
    if count == 0:
        return values
    if request.infinite == "refuse":
        raise FeatureError(
            f"feature {request.name!r} has {count:,} infinite values: choose infinite='clip' (to "
            "its least and "
            "greatest finite value) or infinite='missing', or untick it"
        )
    finite = values[np.isfinite(values)]
    if request.infinite == "missing" or finite.size == 0:
        return np.where(infinite, np.nan, values)
    return np.asarray(np.clip(values, finite.min(), finite.max()))


def _turns(column: pa.ChunkedArray, request: EncodingRequest) -> NDArray[np.float64]:
    """Return where in its cycle each time is, a share of a turn in [0, 1); NaN where missing."""
    if pa.types.is_time(column.type) and request.encoding == "hour":
        return (
            column_as_numbers(without_sentinels(column, request.sentinels), request.name) / 86_400.0
        )
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        raise FeatureError(
            f"encoding {request.encoding!r} needs dates, feature {request.name!r} holds "
            f"{column.type}: "
            "leave its encoding at auto"
        )
    column = without_sentinels(column, request.sentinels)
    dates = column.cast(pa.timestamp("s")) if pa.types.is_date(column.type) else column
    return _turn_of(dates, request)


def _turn_of(dates: pa.ChunkedArray, request: EncodingRequest) -> NDArray[np.float64]:
    """Read calendar fields as a clock on the wall of the column's time zone shows them."""

    def of(function: Any) -> NDArray[np.float64]:
        return column_as_numbers(function(dates), request.name)

    if request.encoding == "hour":
        return (of(pc.hour) + of(pc.minute) / 60 + of(pc.second) / 3600) / 24
    if request.encoding == "weekday":
        return of(pc.day_of_week) / 7
    if request.encoding == "month":
        return (of(pc.month) - 1) / 12
    return (of(pc.day_of_year) - 1) / (365 + of(pc.is_leap_year))
