"""A vector column in the matrix: its numbers as they are to each other, centred, as one block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import FeatureError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from explorer.features.matrix.encode import Cells, EncodingRequest

__all__ = ["VectorBlock"]

_SLAB = 65_536  # rows handled at once in float64


@dataclass(frozen=True, eq=False)
class VectorBlock:
    """The numbers of a vector, each filled and centred, all divided by one scale.

    A missing number takes the median of its place in the vector; a place that was complete at the
    fit its mean.
    """

    fill: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: float
    weight: float

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Role and label of each column."""
        return tuple(("element", str(position)) for position in range(self.centre.size))

    @classmethod
    def fit(cls, cells: NDArray[np.floating[Any]], request: EncodingRequest) -> VectorBlock | None:
        """Learn from vectors of shape (m, length); the scale is 1 when the feature is alone."""
        if (np.fmin.reduce(cells) == np.fmax.reduce(cells)).all():
            return None
        rows, length = cells.shape
        gaps = np.isnan(cells).any(axis=0)
        fill = np.array([_median(cells[:, k]) if gaps[k] else 0.0 for k in range(length)])
        centre = sum((slab.sum(axis=0) for slab in _slabs(cells, fill)), np.zeros(length)) / rows
        fill = np.where(gaps, fill, centre)
        total = sum(float(((slab - centre) ** 2).sum()) for slab in _slabs(cells, fill)) / (
            rows - 1
        )
        return cls(fill, centre, 1.0 if request.alone else float(np.sqrt(total)), request.weight)

    def write(self, cells: Cells, out: NDArray[np.float32]) -> None:
        """Write vectors of shape (m, length)."""
        assert isinstance(cells, np.ndarray)
        if cells.shape[1] != self.centre.size:
            raise FeatureError(
                f"expected vectors of {self.centre.size} numbers, as fitted; came {cells.shape[1]}"
            )
        start = 0
        for slab in _slabs(cells, self.fill):
            out[start : start + len(slab)] = (slab - self.centre) / self.scale * self.weight
            start += len(slab)

    def document(self) -> dict[str, Any]:
        """Return what was learned, as JSON."""
        return {**vars(self), "fill": self.fill.tolist(), "centre": self.centre.tolist()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> VectorBlock:
        """Build it from `document`."""
        return cls(
            **{
                **document,
                "fill": np.array(document["fill"]),
                "centre": np.array(document["centre"]),
            }
        )


def _median(numbers: NDArray[np.floating[Any]]) -> float:
    return float(np.median(numbers[~np.isnan(numbers)]))


def _slabs(
    cells: NDArray[np.floating[Any]], fill: NDArray[np.float64]
) -> Iterator[NDArray[np.float64]]:
    """Yield rows in float64, filled."""
    for start in range(0, cells.shape[0], _SLAB):
        slab = cells[start : start + _SLAB].astype(np.float64)
        yield np.where(np.isnan(slab), fill, slab)
