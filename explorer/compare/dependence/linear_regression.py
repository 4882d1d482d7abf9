"""Linear regression of many columns on the features that made the groups, on all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.compare.dependence.feature_dependence import FeatureDependence
from explorer.compare.dependence.predictors import (
    CONSTANT,
    Predictor,
    centre_and_scale,
    finite,
    telling_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from explorer.compare.compare import ColumnSource

__all__ = ["linear_dependence"]

_BLOCK = 1 << 16
_SPARE = 30  # rows beyond the number of terms, from which R² of all rows is trusted
_WIDEST = 200  # terms up to which sums are kept for each column with missing cells


def linear_dependence(
    columns: ColumnSource,
    predictors: Sequence[Predictor],
    names: Sequence[str],
    rows: NDArray[np.int64],
) -> Iterator[tuple[str, FeatureDependence]]:
    """Yield the adjusted R² of a linear regression on all rows with a value."""
    readers = [_cells_of(columns, predictor) for predictor in predictors]
    owners = np.concatenate(
        [
            np.full(len(predictor.plain(predictor.cells[:1])), k)
            for k, predictor in enumerate(predictors)
        ]
    )
    p = len(owners) + 1
    wanted = [columns.numbers(name) for name in names]
    places = [centre_and_scale(finite(cells[rows])) for cells in wanted]
    n = len(wanted[0])
    products, to_targets, squares = (
        np.zeros((p, p)),
        np.zeros((p, len(names))),
        np.zeros(len(names)),
    )
    absent: dict[int, NDArray[np.float64]] = {}
    for start in range(0, n, _BLOCK):
        block_of = slice(start, min(start + _BLOCK, n))
        design = np.vstack(
            [np.ones(block_of.stop - start)]
            + [
                predictor.plain(read[block_of])
                for predictor, read in zip(predictors, readers, strict=True)
            ]
        )
        with np.errstate(over="ignore"):
            block = np.stack(
                [
                    (cells[block_of] - at) / scale
                    for cells, (at, scale) in zip(wanted, places, strict=True)
                ]
            )
        gaps = ~np.isfinite(block)
        for k in np.flatnonzero(gaps.any(axis=1)).tolist():
            lost = design[:, gaps[k]] if p <= _WIDEST else np.full((p, 1), np.nan)
            absent[k] = absent.get(k, 0.0) + lost @ lost.T
        block[gaps] = 0.0
        products += design @ design.T
        to_targets += design @ block.T
        squares += np.einsum("ij,ij->i", block, block)
    usual = _NormalEquations.of(products)
    for k, name in enumerate(names):
        solved = _NormalEquations.of(products - absent[k]) if k in absent else usual
        share, weights = solved.share(to_targets[:, k], float(squares[k]))
        if not np.isnan(share):
            parts = np.bincount(owners, weights**2, len(predictors)).astype(np.float64)
            yield (
                name,
                FeatureDependence(share=max(share, 0.0), features=telling_names(predictors, parts)),
            )


def _cells_of(columns: ColumnSource, predictor: Predictor) -> NDArray[np.float64]:
    """Return all cells of a predictor, as `Predictor.cells` has those of the random rows."""
    if predictor.levels is None:
        return columns.numbers(predictor.name)
    return np.asarray(columns.levels(predictor.name).codes)


class _NormalEquations(NamedTuple):
    """Normal equations of centred terms."""

    rows: float
    sums: NDArray[np.float64]
    inverse: NDArray[np.float64]
    spreads: NDArray[np.float64]
    rank: int

    @classmethod
    def of(cls, products: NDArray[np.float64]) -> _NormalEquations:
        rows, sums = float(products[0, 0]), products[0, 1:]
        empty = np.zeros((len(sums), len(sums)))
        if not rows > 1 or not np.isfinite(products).all():
            return cls(0.0, sums, empty, np.zeros(len(sums)), 0)
        centred = products[1:, 1:] - np.outer(sums, sums) / rows
        spreads = np.sqrt(np.maximum(np.diag(centred), 0.0))
        scale = np.where(spreads > CONSTANT * np.sqrt(rows), spreads, np.inf)
        values, vectors = np.linalg.eigh(centred / np.outer(scale, scale))
        large = values > CONSTANT * max(values[-1], 1e-300)
        inverse = (vectors[:, large] / values[large]) @ vectors[:, large].T / np.outer(scale, scale)
        return cls(rows, sums, inverse, spreads, int(large.sum()))

    def share(
        self, to_target: NDArray[np.float64], square: float
    ) -> tuple[float, NDArray[np.float64]]:
        """Return the adjusted R², NaN where it cannot be told, and standardised weights."""
        spare = self.rows - self.rank - 1
        centred = to_target[1:] - self.sums * to_target[0] / max(self.rows, 1.0)
        total = square - to_target[0] ** 2 / max(self.rows, 1.0)
        if spare < _SPARE or not total > CONSTANT * square:
            return np.nan, self.spreads
        weights = self.inverse @ centred
        left = max(1 - float(centred @ weights) / total, 0.0)
        return 1 - left * (self.rows - 1) / spare, weights * self.spreads
