"""A feature of numbers in the matrix: one column, transformed, filled, scaled and weighted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from explorer.core.errors import FeatureError
from explorer.features.matrix.transform import Transform, fit_transform
from explorer.features.spread import mean_and_std

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.features.matrix.encode import Cells, EncodingRequest

__all__ = ["NumericBlock"]

_NORMAL_IQR = 1.349  # interquartile range of a normal distribution of standard deviation 1


@dataclass(frozen=True)
class NumericBlock:
    """One column: transformed, filled, then (value − centre) / scale × weight."""

    transform: Transform
    fill: float
    centre: float
    scale: float
    weight: float
    name: str
    parts: ClassVar[tuple[tuple[str, str], ...]] = (("value", ""),)

    @classmethod
    def fit(cls, cells: NDArray[np.float64], request: EncodingRequest) -> NumericBlock | None:
        """Learn from cells of shape (m,); at least one is present."""
        transform = fit_transform(request.transform, cells, request.name)
        values = transform(cells, request.name)
        present = values[~np.isnan(values)]
        if present.min() == present.max():
            return None
        fill = float(np.median(present))
        centre, scale = _centre_and_scale(np.where(np.isnan(values), fill, values), request.scale)
        return (
            cls(transform, fill, centre, scale, request.weight, request.name) if scale > 0 else None
        )

    def write(self, cells: Cells, out: NDArray[np.float32]) -> None:
        """Write cells of shape (m,)."""
        assert isinstance(cells, np.ndarray)
        values = self.transform(cells.astype(np.float64, copy=False), self.name)
        values = (
            (np.where(np.isnan(values), self.fill, values) - self.centre) / self.scale * self.weight
        )
        if not np.abs(values).max(initial=0.0) <= np.finfo(np.float32).max:
            raise FeatureError(
                f"feature {self.name!r} is too large for the matrix even when scaled: choose a "
                "transform (log1p, rank)"
            )
        out[:, 0] = values

    def document(self) -> dict[str, Any]:
        """Return what was learned, as JSON."""
        return {**vars(self), "transform": self.transform.document()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> NumericBlock:
        """Build it from `document`."""
        return cls(**{**document, "transform": Transform.from_document(document["transform"])})


def _centre_and_scale(values: NDArray[np.float64], scale: str) -> tuple[float, float]:
    mean, std = mean_and_std(values)
    if scale == "robust":
        low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
        return float(middle), float(high - low) / _NORMAL_IQR if high > low else std
    return mean, (std if scale == "standard" else 1.0)
