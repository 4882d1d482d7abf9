"""Cut: a number as one of a few named ranges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.core.errors import ExpressionError
from explorer.expressions.values import Value, numbers

if TYPE_CHECKING:
    from explorer.expressions.terms import Term

__all__ = ["Cut"]

_MOST_EDGES = 250


@dataclass(frozen=True)
class Cut:
    """A number as the range it lies in; null stays null.

    For the edges 1 and 5: "< 1", "[1, 5)", "≥ 5".

    Parameters
    ----------
    text : str
        How it is written.
    value : Term
        The number.
    edges : tuple of float
        Ascending. A range holds its lower end and not its upper one.
    """

    text: str
    value: Term
    edges: tuple[float, ...]

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in pairwise(self.edges))
        if (
            not 1 <= len(self.edges) <= _MOST_EDGES
            or not all(map(math.isfinite, self.edges))
            or not rising
        ):
            raise ExpressionError(
                f"cut needs 1 to {_MOST_EDGES} ascending edges, such as cut(year, 1960, 1990), "
                f"got {', '.join(f'{edge:g}' for edge in self.edges[:6]) or 'none'}"
            )

    @property
    def parts(self) -> tuple[Term, ...]:
        """The number."""
        return (self.value,)

    @property
    def labels(self) -> list[str]:
        """Words for the ranges, from the lowest to the highest."""
        written = [f"{edge:.15g}" for edge in self.edges]
        between = [f"[{low}, {high})" for low, high in pairwise(written)]
        return [f"< {written[0]}", *between, f"≥ {written[-1]}"]

    def evaluate(self, batch: pa.RecordBatch) -> Value:
        """Return texts."""
        result = numbers(self.value.evaluate(batch), self.value.text)
        labels = pa.array(self.labels, pa.large_string())
        if isinstance(result, pa.Scalar):
            return (
                labels[self._place(result.as_py())]
                if result.is_valid
                else pa.scalar(None, labels.type)
            )
        cells = result.to_numpy(zero_copy_only=False)  # null as NaN, whose place is masked
        codes = np.searchsorted(self.edges, cells, side="right").astype(np.int32)
        return labels.take(pa.array(codes, mask=np.isnan(cells)))

    def _place(self, value: float) -> int:
        return int(np.searchsorted(self.edges, value, side="right"))
