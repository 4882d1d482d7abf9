"""A time as a place in a cycle: sine and cosine, so that midnight lies beside one o'clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.features.spread import mean_and_std

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.features.matrix.encode import Cells, EncodingRequest

__all__ = ["CycleBlock"]


@dataclass(frozen=True)
class CycleBlock:
    """Sine and cosine of a place in a cycle, centred, their variances adding up to weight².

    0 where missing.
    """

    cycle: str
    centre: tuple[float, float]
    scale: float
    weight: float

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Role and label of each column."""
        return ("sine", self.cycle), ("cosine", self.cycle)

    @classmethod
    def fit(cls, cells: NDArray[np.float64], request: EncodingRequest) -> CycleBlock | None:
        """Learn from shares of a turn, shape (m,)."""
        present = cells[~np.isnan(cells)]
        if present.min() == present.max():
            return None
        (sine, sine_std), (cosine, cosine_std) = (mean_and_std(wave) for wave in _waves(present))
        # missing rows lie at the centre and so take their part of the variance away
        held = (present.size - 1) / (cells.size - 1)
        scale = float(np.sqrt((sine_std**2 + cosine_std**2) * held))
        return cls(request.encoding, (sine, cosine), scale, request.weight)

    def write(self, cells: Cells, out: NDArray[np.float32]) -> None:
        """Write shares of a turn."""
        assert isinstance(cells, np.ndarray)
        for column, (wave, centre) in enumerate(zip(_waves(cells), self.centre, strict=True)):
            out[:, column] = np.where(
                np.isnan(wave), 0.0, (wave - centre) / self.scale * self.weight
            )

    def document(self) -> dict[str, Any]:
        """Return what was learned, as JSON."""
        return {**vars(self), "centre": list(self.centre)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> CycleBlock:
        """Build it from `document`."""
        return cls(**{**document, "centre": tuple(document["centre"])})


def _waves(turns: NDArray[np.floating[Any]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    angle = 2 * np.pi * turns
    return np.sin(angle), np.cos(angle)
