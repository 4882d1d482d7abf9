"""Ridge regression with curves and products: one half of random rows predicts the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.compare.dependence.feature_dependence import PARTLY, FeatureDependence
from explorer.compare.dependence.predictors import (
    CONSTANT,
    Predictor,
    centre_and_scale,
    finite,
    is_ordered,
    level_codes,
    normal_scores,
    telling_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from explorer.compare.compare import ColumnSource

__all__ = ["FEWEST_ROWS", "MOST_TERMS", "HalvesRegression", "curved_dependence", "terms_of"]

FEWEST_ROWS = 60
"""Rows with a value, 30 in each half."""

MOST_TERMS = 700
"""Terms of the regression at most."""

_PENALTIES = (3e-3, 0.1, 3.0)  # of the ridge, in units of the rows
_BINS = 25  # of the prediction, for functions of a weighted sum
_FEW_VALUES = 12  # of a number that may be a code: then its values are predicted one by one too
_HOPELESS = 0.05  # R² of a weighted sum below which no curve of it is tried
_SAME = 0.81  # as |r| = .9


class RegressionTerms(NamedTuple):
    """Standardised terms (n, p), float32, and the predictors of each, (p, 2).

    With how many come first that have no curve.
    """

    cells: NDArray[np.float32]
    of: NDArray[np.int64]
    plain: int


def terms_of(predictors: Sequence[Predictor], most: int) -> RegressionTerms:
    """Return as many kinds of terms as fit: the features, then their curves, then products."""
    groups: list[tuple[NDArray[np.float64], int, int]] = []
    numbers = [k for k, predictor in enumerate(predictors) if predictor.levels is None]
    scores = {k: normal_scores(predictors[k].cells) for k in numbers}
    for k, predictor in enumerate(predictors):
        whole = predictor.plain(predictor.cells)
        groups.append((np.vstack([whole, scores[k]]) if k in scores else whole, k, k))
    size = plain = sum(len(part) for part, _, _ in groups)
    for k in numbers:
        curved = predictors[k].curved()
        if size + len(curved) <= most:
            groups.append((curved, k, k))
            size += len(curved)
    signs = {k: predictors[k].signs() for k in numbers}
    kinds = (scores, scores), (signs, signs), (signs, scores), (scores, signs)
    for left, right in kinds:
        pairs = [
            (i, j)
            for at, i in enumerate(numbers)
            for j in numbers[: at + (left is scores is right)]
        ]
        if size + len(pairs) <= most and pairs:
            groups += [((left[i] * right[j])[None], i, j) for i, j in pairs]
            size += len(pairs)
    cells = np.vstack([cells for cells, _, _ in groups]).T
    of = np.vstack([np.tile([first, other], (len(cells), 1)) for cells, first, other in groups])
    cells -= cells.mean(axis=0)
    spread = cells.std(axis=0)
    varies = spread > CONSTANT
    standard = (cells[:, varies] / spread[varies]).astype(np.float32)
    return RegressionTerms(standard, of[varies], int(varies[:plain].sum()))


class RegressionTarget(NamedTuple):
    """What is predicted of a column.

    Several variables whose explained and total squares are added up.

    Of several targets of a column the best explained counts.
    """

    name: str
    cells: tuple[NDArray[np.float64], ...]
    weakest: bool = False  # all of the variables are needed, as the size and the sign of a number
    missing: bool = False


def _targets(
    columns: ColumnSource, name: str, rows: NDArray[np.int64]
) -> Iterator[RegressionTarget]:
    kind = columns.features[name].kind
    if kind == "vector":
        return
    if is_ordered(columns, name):
        cells = finite(columns.numbers(name)[rows])
        gaps = np.isnan(cells)
        if np.count_nonzero(~gaps) >= FEWEST_ROWS and np.nanmin(cells) < np.nanmax(cells):
            yield from _targets_of_number(name, cells)
    else:
        levels = columns.levels(name)
        gaps = levels.codes[rows] == len(levels.labels)
        if kind == "categorical":
            cells, codes = level_codes(columns, name, rows)
            shown = tuple(np.where(gaps, np.nan, cells == code) for code in codes)
            if len(shown) > 1 and np.count_nonzero(~gaps) >= FEWEST_ROWS:
                yield RegressionTarget(name, shown)
    if FEWEST_ROWS // 2 <= np.count_nonzero(gaps) <= len(rows) - FEWEST_ROWS // 2:
        yield RegressionTarget(name, (gaps.astype(np.float64),), missing=True)


def _targets_of_number(name: str, cells: NDArray[np.float64]) -> Iterator[RegressionTarget]:
    gaps = np.isnan(cells)
    yield RegressionTarget(name, (np.where(gaps, np.nan, normal_scores(cells)),))
    centre, scale = centre_and_scale(cells)
    yield RegressionTarget(name, (np.clip((cells - centre) / scale, -4, 4),))
    values = np.unique(cells[~gaps])
    if 2 < len(values) <= _FEW_VALUES:
        yield RegressionTarget(
            name, tuple(np.where(gaps, np.nan, cells == value) for value in values)
        )
    size = np.abs(cells)
    positive = size[size > 0]
    if len(np.unique(positive)) > 1:
        logs, signs = (
            np.log(np.maximum(size, positive.min())),
            np.where(gaps, np.nan, np.sign(cells)),
        )
        several = np.nanmin(signs) < np.nanmax(signs)
        yield RegressionTarget(name, (logs, signs) if several else (logs,), weakest=several)


class _Half(NamedTuple):
    """Rows that are fitted, rows that are predicted, and factors of the ridge's equations."""

    own: NDArray[np.int64]
    other: NDArray[np.int64]
    factors: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True, eq=False)
class HalvesRegression:
    """The regression, made once for all columns."""

    predictors: Sequence[Predictor]
    terms: RegressionTerms
    products: NDArray[np.float64]
    turns: tuple[_Half, ...]

    @classmethod
    def of(cls, predictors: Sequence[Predictor], rows: int) -> HalvesRegression:
        """Part the rows into halves at random, and factor the equations of both."""
        terms = terms_of(predictors, min(MOST_TERMS, rows // 4))
        mixed = np.random.default_rng(0).permutation(rows)
        parts = np.sort(mixed[::2]), np.sort(mixed[1::2])
        products = [
            (half.T @ half).astype(np.float64) for half in (terms.cells[part] for part in parts)
        ]
        turns = tuple(
            _Half(own, other, cls._factors(part, len(own), terms.plain))
            for own, other, part in zip(parts, parts[::-1], products, strict=True)
        )
        return cls(predictors, terms, products[0] + products[1], turns)

    @staticmethod
    def _factors(
        products: NDArray[np.float64], rows: int, plain: int
    ) -> tuple[NDArray[np.float32], ...]:
        """Return the triangular factors: without curves, then for all terms and each penalty."""
        unit = np.eye(len(products))
        penalised = [products + penalty * rows * unit for penalty in _PENALTIES]
        chosen = penalised[0][:plain, :plain], *penalised
        return tuple(np.linalg.cholesky(products_of).astype(np.float32) for products_of in chosen)

    def telling(self, weights: NDArray[np.float64]) -> tuple[str, ...]:
        """Name the features by the variance of what their terms add to the predictions."""
        parts = np.zeros(len(self.predictors))
        for k in range(len(self.predictors)):
            its = np.flatnonzero((self.terms.of == k).any(axis=1))
            parts[k] = np.einsum(
                "ij,ik,kj->", weights[its], self.products[np.ix_(its, its)], weights[its]
            )
        return telling_names(self.predictors, parts)


def curved_dependence(
    columns: ColumnSource, halves: HalvesRegression, names: Sequence[str], rows: NDArray[np.int64]
) -> dict[str, FeatureDependence]:
    """Return how far columns follow, with curves and products, of those that can be predicted."""
    targets = [target for name in names for target in _targets(columns, name, rows)]
    if not targets:
        return {}
    wanted = np.stack([cells for target in targets for cells in target.cells], axis=1)
    wanted = wanted - np.nanmean(wanted, axis=0)
    squares = np.zeros((2, wanted.shape[1]))
    weights = np.zeros((halves.terms.cells.shape[1], wanted.shape[1]))
    sizes = [
        1 if target.weakest else len(target.cells)
        for target in targets
        for _ in target.cells[: None if target.weakest else 1]
    ]
    for half in halves.turns:
        more, fitted = _predicted(halves.terms.cells, wanted, half, sizes)
        squares += more
        weights += fitted / 2
    left, total = squares
    best: dict[str, tuple[float, RegressionTarget, slice]] = {}
    start = 0
    for target in targets:
        its = slice(start, start + len(target.cells))
        start += len(target.cells)
        if not total[its].all():
            continue
        shares = 1 - left[its] / total[its]
        share = float(1 - left[its].sum() / total[its].sum())
        if target.weakest:  # a size that is known, with any sign, is told as it is
            share = float(shares[0] if shares[0] >= _SAME else shares.min())
        if target.name not in best or share > best[target.name][0]:
            best[target.name] = share, target, its
    return {
        name: FeatureDependence(
            share=max(share, 0.0),
            missing=target.missing,
            features=halves.telling(weights[:, its]) if share >= PARTLY else (),
        )
        for name, (share, target, its) in best.items()
    }


def _predicted(
    terms: NDArray[np.float32], wanted: NDArray[np.float64], half: _Half, sizes: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Predict the other half.

    Returns squares left and in total (2, q) there, and the weights of the terms (p, q).

    The mean along a variable's own prediction counts where it is nearer; of variables that belong
    together, as many as each of `sizes` says, that along the first component of their predictions
    too.
    """
    from scipy.linalg import cho_solve

    design, ahead, cells, truth = (
        terms[half.own],
        terms[half.other],
        wanted[half.own],
        wanted[half.other],
    )
    to_targets = design.T @ np.nan_to_num(cells).astype(np.float32)
    means = np.nansum(cells, axis=0) / np.maximum(np.count_nonzero(~np.isnan(cells), axis=0), 1)
    total = np.nansum((truth - means) ** 2, axis=0)
    left, best_share = np.full(len(total), np.inf), np.zeros_like(to_targets)
    for factor in half.factors:
        used = len(factor)
        weights = cho_solve((factor, True), to_targets[:used], check_finite=False)
        squares = np.nan_to_num(truth - ahead[:, :used] @ weights)
        squares = np.einsum("ij,ij->j", squares, squares)
        better = squares < left
        left[better], best_share[:, better] = squares[better], 0.0
        best_share[:used, better] = weights[:, better]
    fitted, predicted = design @ best_share, ahead @ best_share
    start = 0
    for size in sizes:
        its = slice(start, start + size)
        start += size
        if left[its].sum() > (1 - _HOPELESS) * total[its].sum():
            continue
        together = np.linalg.eigh(fitted[:, its].T @ fitted[:, its])[1][:, -1:]
        directions = np.hstack([np.eye(size), together]) if size > 1 else np.eye(1)
        for direction in directions.T:
            alone = np.flatnonzero(direction == 1) if size > 1 else np.zeros(1, np.int64)
            those = start - size + (alone if len(alone) == 1 else np.arange(size))
            along = _along(
                fitted[:, its] @ direction, cells[:, those], predicted[:, its] @ direction
            )
            left[those] = np.minimum(left[those], np.nansum((truth[:, those] - along) ** 2, axis=0))
    return np.stack([left, total]), best_share


def _along(
    fitted: NDArray[np.float64], cells: NDArray[np.float64], ahead: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the means of the cells (n, k) along bins of a prediction, for the other half."""
    present = ~np.isnan(cells[:, 0])
    fitted, cells = fitted[present], cells[present]
    if len(cells) < FEWEST_ROWS // 2:
        return np.zeros((len(ahead), cells.shape[1]))
    edges = np.quantile(fitted, np.arange(1, _BINS) / _BINS)
    places = np.searchsorted(edges, fitted)
    counts = np.bincount(places, minlength=_BINS)
    sums = np.stack([np.bincount(places, column, _BINS) for column in cells.T], axis=1)
    means = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], cells.mean(axis=0))
    return np.asarray(means[np.searchsorted(edges, ahead)])
