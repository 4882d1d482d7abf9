"""Features that made the groups, as terms of a regression: in random rows and in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.compare.compare import ColumnSource

__all__ = [
    "CONSTANT",
    "Predictor",
    "centre_and_scale",
    "finite",
    "is_ordered",
    "level_codes",
    "normal_scores",
    "telling_names",
]

CONSTANT = 1e-9
"""Share of the largest eigenvalue below which a combination of features is constant."""

_KNOTS = np.linspace(0, 1, 9)
_LEVELS = 30  # of a category; rarer ones are left out
_NAMED = 0.05  # share of the prediction from which a feature is named


@dataclass(frozen=True, eq=False)
class Predictor:
    """A feature that made the groups, in the random rows."""

    name: str
    cells: NDArray[np.float64]  # NaN where missing; of a category the codes of its levels
    levels: tuple[int, ...] | None  # of a category, the most frequent first
    centre: float
    scale: float
    gaps: bool

    @classmethod
    def of(cls, columns: ColumnSource, name: str, rows: NDArray[np.int64]) -> Predictor | None:
        """Read a column in some rows; None where it is neither number nor category, or empty."""
        if name not in columns.features:
            return None
        if is_ordered(columns, name):
            cells, levels = finite(columns.numbers(name)[rows]), None
        elif columns.features[name].kind == "categorical":
            cells, levels = level_codes(columns, name, rows)
        else:
            return None
        if np.isnan(cells).all():
            return None
        centre, scale = centre_and_scale(cells)
        return cls(name, cells, levels, centre, scale, bool(np.isnan(cells).any()))

    def plain(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the terms of a linear regression, (k, n): no curves."""
        if self.levels is not None:
            return np.stack([cells == code for code in self.levels]).astype(np.float64)
        cells = finite(cells)
        terms = [np.nan_to_num((cells - self.centre) / self.scale)]
        return np.stack([*terms, np.isnan(cells).astype(np.float64)] if self.gaps else terms)

    def curved(self) -> NDArray[np.float64]:
        """Return further terms of the random rows, (k, n).

        A broken line through quantiles, logarithm, size and sign.
        """
        if self.levels is not None:
            return np.empty((0, len(self.cells)))
        values = np.where(np.isnan(self.cells), np.nanmedian(self.cells), self.cells)
        size = np.abs(values)
        least = size[size > 0].min() if size.any() else 1.0
        terms = [np.log(np.maximum(size, least))]
        if (values < 0).any() and (values > 0).any():
            terms += [size, np.sign(values)]
        knots = np.unique(np.quantile(values, _KNOTS))
        terms += [np.interp(values, knots, line) for line in np.eye(len(knots))[1:-1]]
        return np.stack(terms)

    def signs(self) -> NDArray[np.float64]:
        """Return −1 or 1 by the side of 0, or of the median where all are on one side."""
        both = (self.cells < 0).any() and (self.cells > 0).any()
        return np.nan_to_num(np.sign(self.cells - (0.0 if both else np.nanmedian(self.cells))))


def is_ordered(columns: ColumnSource, name: str) -> bool:
    """Whether a column is of numbers, or of yes and no."""
    return columns.is_number(name) or columns.features[name].kind == "boolean"


def finite(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cells with infinite ones as NaN."""
    return np.where(np.isfinite(cells), cells, np.nan)


def level_codes(
    columns: ColumnSource, name: str, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """Return the code of each cell, NaN where missing, and the frequent levels."""
    levels = columns.levels(name)
    codes = levels.codes[rows]
    counts = np.bincount(codes, minlength=len(levels.labels) + 1)[:-1]
    frequent = np.argsort(-counts, kind="stable")[:_LEVELS]
    codes_used = tuple(int(code) for code in frequent if counts[code] > 0)
    return np.where(codes == len(levels.labels), np.nan, codes).astype(np.float64), codes_used


def centre_and_scale(cells: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and standard deviation of the cells present, 1 where they are equal."""
    present = cells[~np.isnan(cells)]
    greatest = float(np.abs(present).max(initial=0.0)) or 1.0  # squares of large numbers overflow
    if not len(present):
        return 0.0, 1.0
    spread = float((present / greatest).std()) * greatest
    return float((present / greatest).mean()) * greatest, spread if spread > 0 else 1.0


def normal_scores(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return normal scores of the ranks, 0 where missing."""
    from scipy.special import ndtri

    scores, present = np.zeros(len(cells)), ~np.isnan(cells)
    scores[present] = ndtri((average_ranks(cells[present]) - 0.5) / present.sum())
    return scores


def telling_names(predictors: Sequence[Predictor], parts: NDArray[np.float64]) -> tuple[str, ...]:
    """Name the predictors that a prediction rests on, by their parts of it, the largest first."""
    order = np.argsort(-parts, kind="stable")
    return tuple(
        predictors[k].name for k in order if parts[k] >= _NAMED * parts.sum() or k == order[0]
    )
