"""MapAlignment: how a map was laid onto another one, in numbers that a link can carry."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import EmbeddingError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MapAlignment"]

_ORTHOGONAL = 1e-6  # how far a matrix read from text may be from one that turns and mirrors
_IDENTITY = ((1.0, 0.0), (0.0, 1.0))


@dataclass(frozen=True, kw_only=True, slots=True)
class MapAlignment:
    """Takes a map onto another one: ``scale * (xy @ matrix) + translation``.

    The numbers are those of `explorer.embedding.aligned.laid_onto`. With them a map can be laid
    where the other one lay without making that one again. They turn, mirror, scale and move: who is
    whose neighbour does not depend on them.

    Attributes
    ----------
    onto : str
        Name of the other map.
    matrix : (2, 2) of float
        Orthogonal.
    scale : float
        Above 0.
    translation : (float, float)
    n_rows : int
        Rows on both maps, by which it was found. With 0 the map stays as it is: the two had fewer
        than three rows in common.
    disparity, distance : float
        As in `projections.quality.alignment.Alignment`.

    Raises
    ------
    EmbeddingError
        Numbers that do more than turn, mirror, scale and move.
    """

    onto: str = ""
    matrix: tuple[tuple[float, float], tuple[float, float]] = _IDENTITY
    scale: float = 1.0
    translation: tuple[float, float] = (0.0, 0.0)
    n_rows: int = 0
    disparity: float = 0.0
    distance: float = 0.0

    def __post_init__(self) -> None:
        matrix = np.asarray(self.matrix, dtype=np.float64)
        numbers = [*matrix.ravel(), self.scale, *self.translation, self.disparity, self.distance]
        if not all(map(math.isfinite, numbers)) or self.scale <= 0 or self.n_rows < 0:
            raise EmbeddingError(
                "a map is laid onto another one by finite numbers, a scale above 0 and a number of "
                f"rows from 0, came {asdict(self)}"
            )
        if np.abs(matrix @ matrix.T - np.eye(2)).max() > _ORTHOGONAL:
            raise EmbeddingError(
                "a map is laid onto another one by turning and mirroring: expected an orthogonal "
                f"matrix, came {matrix.tolist()}"
            )

    @classmethod
    def of(cls, provenance: Mapping[str, Any]) -> MapAlignment:
        """Read it from the provenance of a map that was laid onto another one."""
        aligned = provenance.get("aligned")
        if aligned is None:
            return cls()
        if "signs" in aligned:  # the axes of a PCA, of which some were reversed
            x, y = aligned["signs"]
            return cls(onto=aligned["name"], matrix=((float(x), 0.0), (0.0, float(y))), n_rows=3)
        (a, b), (c, d) = aligned["matrix"]
        x, y = aligned["translation"]
        return cls(
            onto=aligned["name"],
            matrix=((a, b), (c, d)),
            scale=aligned["scale"],
            translation=(x, y),
            n_rows=aligned["n_rows"],
            disparity=aligned["disparity"],
            distance=aligned["distance"],
        )

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> MapAlignment:
        """Read it back from its JSON."""
        (a, b), (c, d) = document["matrix"]
        x, y = document["translation"]
        values = {**document, "matrix": ((a, b), (c, d)), "translation": (x, y)}
        return cls(**values)

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)
