"""How far each column follows from the features that made the groups, all of them together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from explorer.compare.compare import ColumnSource

__all__ = ["MOSTLY", "PARTLY", "ROWS", "FeatureDependence", "explained", "products_fit"]

MOSTLY = 0.5
"""R² from which a column is described and not tested.

The features that made the groups then tell more of it than all else does. The
simulation in tests/benchmarks/rates_compare.py measures R² of .55 and more for exact functions
of up to 20 features."""

PARTLY = 0.05
"""R² from which a tested column is said to follow in part from what made the groups.

From here on 5,000 rows chosen on a
map show a difference beyond the margin nearly always (simulated there), so that a small p-value
says no more than that they go together."""

ROWS = 4_800  # halves of 2,400: one half is predicted from the other, and in turn

_FEWEST = 60  # rows with a value, 30 in each half
_KNOTS = np.linspace(0, 1, 9)
_LEVELS = 30  # of a category; rarer ones are left out
_TERMS = 700  # of the regression at most
_PENALTIES = (3e-3, 0.1, 3.0)  # of the ridge, in units of the rows
_BINS = 25  # of the prediction, for functions of a weighted sum
_BLOCK = 1 << 16
_FEW_VALUES = 12  # of a number that may be a code: then its values are predicted one by one too
_HOPELESS = 0.05  # R² of a weighted sum below which no curve of it is tried
_AT_ONCE = 128  # columns
_SOON = 2e7  # cells
_RARE = 200
_SPARE = 30  # rows beyond the number of terms, from which R² of all rows is trusted
_WIDEST = 200  # terms up to which sums are kept for each column with missing cells
_CONSTANT = (
    1e-9  # share of the largest eigenvalue below which a combination of features is constant
)
_SAME = 0.81  # as |r| = .9
_NAMED = 0.05  # share of the prediction from which a feature is named


@dataclass(frozen=True, kw_only=True)
class FeatureDependence:
    """How far one column follows from the features that made the groups.

    Parameters
    ----------
    share : float
        R²: of all rows by a linear regression, or cross-validated by one with curves and products;
        the larger.
    features : tuple of str
        Those that the prediction rests on, the most telling first.
    missing : bool
        Whether it is where cells are missing that follows, and not the values.
    """

    share: float
    features: tuple[str, ...]
    missing: bool = False

    @property
    def words(self) -> str:
        """Say it: "R² .98 on a, b, c and 2 more"."""
        named = list(self.features[:3])
        more = len(self.features) - len(named)
        listed = ", ".join(named) + (f" and {more} more" if more else "")
        share = (
            "1.00"
            if self.share >= 0.995
            else f"{math.floor(100 * self.share) / 100:.2f}".removeprefix("0")
        )
        return f"{'missing cells: ' if self.missing else ''}R² {share} on {listed}"


def explained(
    columns: ColumnSource,
    by: Sequence[str],
    names: Sequence[str],
    rows: NDArray[np.int64],
    *,
    whole: tuple[ColumnSource, NDArray[np.int64]] | None = None,
) -> dict[str, FeatureDependence]:
    """Say how far each column follows from some features together.

    A ridge regression of one half of the rows predicts the other half, and in turn. Its terms are
    each feature as it is, by ranks, as a broken line with 9 knots, its logarithm, size and sign,
    each level of a category, and products of two features and of their signs (as many kinds as fit
    into 700 terms: products of up to 25 numbers, of fewer where rows are; see `products_fit`).
    Predicted are the ranks, values and logarithm of a column, each level of a category, and whether
    the cell is missing. Then the mean along 25 bins of the prediction is taken, for thresholds and
    curves of a sum. So sums, components, products, ratios, powers, bins and largest values of
    features are found; what no sum of functions of one or two features comes near (the parity of a
    digit, a hash) is not.

    Parameters
    ----------
    columns : ColumnSource
    by : sequence of str
        Features; those that are neither numbers nor categories are passed over.
    names : sequence of str
        ColumnSource, none of them in `by`.
    rows : ndarray of int64
        Random rows; about `ROWS` are enough.
    whole : tuple of ColumnSource and ndarray of int64, optional
        All rows, and which of them are the random ones. A linear regression on all rows is then
        made as well: of each column where that is soon done (20 million cells), else of those that
        are nearly constant in the random rows.

    Returns
    -------
    dict of str to FeatureDependence
        Of the columns that could be looked at.
    """
    predictors = [
        one for one in (_Predictor.of(columns, name, rows) for name in by) if one is not None
    ]
    if not predictors:
        return {}
    found: dict[str, FeatureDependence] = {}
    if len(rows) >= _FEWEST:
        halves = _Halves.of(predictors, len(rows))
        for start in range(0, len(names), _AT_ONCE):
            found |= _curved(columns, halves, names[start : start + _AT_ONCE], rows)
    if whole is None:
        return found
    numbers = [name for name in names if _ordered(columns, name)]
    table, drawn = whole
    if numbers and len(table.numbers(numbers[0])) * (len(numbers) + len(by)) > _SOON:
        numbers = [name for name in numbers if _nearly_constant(columns.numbers(name)[rows])]
    wide = [
        one
        for one in (_Predictor.of(table, one.name, drawn) for one in predictors)
        if one is not None
    ]
    for start in range(0, len(numbers), _AT_ONCE):
        for name, one in _linear(table, wide, numbers[start : start + _AT_ONCE], drawn):
            if name not in found or one.share > found[name].share:
                found[name] = one
    return found


def products_fit(columns: ColumnSource, by: Sequence[str], rows: NDArray[np.int64]) -> bool:
    """Tell whether products of two of these features are terms of the regression.

    As in `explained`: with many features they are too many.
    """
    predictors = [
        one for one in (_Predictor.of(columns, name, rows) for name in by) if one is not None
    ]
    if sum(one.levels is None for one in predictors) < 2:
        return True
    of = _terms_of(predictors, min(_TERMS, len(rows) // 4)).of
    return bool((of[:, 0] != of[:, 1]).any())


def _nearly_constant(cells: NDArray[np.float64]) -> bool:
    """Whether random rows cannot tell what makes the few cells that differ differ."""
    present = cells[~np.isnan(cells)]
    different = int(np.unique(present, return_counts=True)[1].max(initial=0))
    return len(present) - different < _RARE


def _ordered(columns: ColumnSource, name: str) -> bool:
    return columns.is_number(name) or columns.features[name].kind == "boolean"


def _finite(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(cells), cells, np.nan)


@dataclass(frozen=True, eq=False)
class _Predictor:
    """A feature that made the groups, in the random rows."""

    name: str
    cells: NDArray[np.float64]  # NaN where missing; of a category the codes of its levels
    levels: tuple[int, ...] | None  # of a category, the most frequent first
    centre: float
    scale: float
    gaps: bool

    @classmethod
    def of(cls, columns: ColumnSource, name: str, rows: NDArray[np.int64]) -> _Predictor | None:
        if name not in columns.features:
            return None
        if _ordered(columns, name):
            cells, levels = _finite(columns.numbers(name)[rows]), None
        elif columns.features[name].kind == "categorical":
            cells, levels = _codes(columns, name, rows)
        else:
            return None
        if np.isnan(cells).all():
            return None
        centre, scale = _place(cells)
        return cls(name, cells, levels, centre, scale, bool(np.isnan(cells).any()))

    def plain(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the terms of a linear regression, (k, n): no curves."""
        if self.levels is not None:
            return np.stack([cells == code for code in self.levels]).astype(np.float64)
        cells = _finite(cells)
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


def _codes(
    columns: ColumnSource, name: str, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    levels = columns.levels(name)
    codes = levels.codes[rows]
    counts = np.bincount(codes, minlength=len(levels.labels) + 1)[:-1]
    frequent = np.argsort(-counts, kind="stable")[:_LEVELS]
    kept = tuple(int(code) for code in frequent if counts[code] > 0)
    return np.where(codes == len(levels.labels), np.nan, codes).astype(np.float64), kept


def _place(cells: NDArray[np.float64]) -> tuple[float, float]:
    """Return mean and standard deviation of the cells present, 1 where they are equal."""
    present = cells[~np.isnan(cells)]
    greatest = float(np.abs(present).max(initial=0.0)) or 1.0  # squares of large numbers overflow
    if not len(present):
        return 0.0, 1.0
    spread = float((present / greatest).std()) * greatest
    return float((present / greatest).mean()) * greatest, spread if spread > 0 else 1.0


def _scores(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return normal scores of the ranks, 0 where missing."""
    from scipy.special import ndtri

    scores, present = np.zeros(len(cells)), ~np.isnan(cells)
    scores[present] = ndtri((average_ranks(cells[present]) - 0.5) / present.sum())
    return scores


# ------------------------------------------------------------------------------------- curves, in
# random rows


class _Terms(NamedTuple):
    """Standardised terms (n, p), float32, and the predictors of each, (p, 2).

    With how many come first that have no curve.
    """

    cells: NDArray[np.float32]
    of: NDArray[np.int64]
    plain: int


def _terms_of(predictors: Sequence[_Predictor], most: int) -> _Terms:
    """Return as many kinds of terms as fit: the features, then their curves, then products."""
    groups: list[tuple[NDArray[np.float64], int, int]] = []
    numbers = [k for k, one in enumerate(predictors) if one.levels is None]
    scores = {k: _scores(predictors[k].cells) for k in numbers}
    for k, one in enumerate(predictors):
        whole = one.plain(one.cells)
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
    of = np.vstack([np.tile([one, other], (len(cells), 1)) for cells, one, other in groups])
    cells -= cells.mean(axis=0)
    spread = cells.std(axis=0)
    varies = spread > _CONSTANT
    standard = (cells[:, varies] / spread[varies]).astype(np.float32)
    return _Terms(standard, of[varies], int(varies[:plain].sum()))


class _Aim(NamedTuple):
    """What is predicted of a column.

    Several variables whose explained and total squares are added up.

    Of several aims of a column the best explained counts.
    """

    name: str
    cells: tuple[NDArray[np.float64], ...]
    weakest: bool = False  # all of the variables are needed, as the size and the sign of a number
    missing: bool = False


def _aims(columns: ColumnSource, name: str, rows: NDArray[np.int64]) -> Iterator[_Aim]:
    kind = columns.features[name].kind
    if kind == "vector":
        return
    if _ordered(columns, name):
        cells = _finite(columns.numbers(name)[rows])
        gaps = np.isnan(cells)
        if np.count_nonzero(~gaps) >= _FEWEST and np.nanmin(cells) < np.nanmax(cells):
            yield from _aims_of_number(name, cells)
    else:
        levels = columns.levels(name)
        gaps = levels.codes[rows] == len(levels.labels)
        if kind == "categorical":
            cells, kept = _codes(columns, name, rows)
            shown = tuple(np.where(gaps, np.nan, cells == code) for code in kept)
            if len(shown) > 1 and np.count_nonzero(~gaps) >= _FEWEST:
                yield _Aim(name, shown)
    if _FEWEST // 2 <= np.count_nonzero(gaps) <= len(rows) - _FEWEST // 2:
        yield _Aim(name, (gaps.astype(np.float64),), missing=True)


def _aims_of_number(name: str, cells: NDArray[np.float64]) -> Iterator[_Aim]:
    gaps = np.isnan(cells)
    yield _Aim(name, (np.where(gaps, np.nan, _scores(cells)),))
    centre, scale = _place(cells)
    yield _Aim(name, (np.clip((cells - centre) / scale, -4, 4),))
    values = np.unique(cells[~gaps])
    if 2 < len(values) <= _FEW_VALUES:
        yield _Aim(name, tuple(np.where(gaps, np.nan, cells == value) for value in values))
    size = np.abs(cells)
    positive = size[size > 0]
    if len(np.unique(positive)) > 1:
        logs, signs = (
            np.log(np.maximum(size, positive.min())),
            np.where(gaps, np.nan, np.sign(cells)),
        )
        several = np.nanmin(signs) < np.nanmax(signs)
        yield _Aim(name, (logs, signs) if several else (logs,), weakest=several)


class _Half(NamedTuple):
    """Rows that are fitted, rows that are predicted, and factors of the ridge's equations."""

    own: NDArray[np.int64]
    other: NDArray[np.int64]
    factors: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True, eq=False)
class _Halves:
    """The regression, made once for all columns."""

    predictors: Sequence[_Predictor]
    terms: _Terms
    products: NDArray[np.float64]
    turns: tuple[_Half, ...]

    @classmethod
    def of(cls, predictors: Sequence[_Predictor], rows: int) -> _Halves:
        terms = _terms_of(predictors, min(_TERMS, rows // 4))
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
        return tuple(np.linalg.cholesky(one).astype(np.float32) for one in chosen)

    def telling(self, weights: NDArray[np.float64]) -> tuple[str, ...]:
        """Name the features by the variance of what their terms add to the predictions."""
        parts = np.zeros(len(self.predictors))
        for k in range(len(self.predictors)):
            its = np.flatnonzero((self.terms.of == k).any(axis=1))
            parts[k] = np.einsum(
                "ij,ik,kj->", weights[its], self.products[np.ix_(its, its)], weights[its]
            )
        return _named(self.predictors, parts)


def _curved(
    columns: ColumnSource, halves: _Halves, names: Sequence[str], rows: NDArray[np.int64]
) -> dict[str, FeatureDependence]:
    aims = [aim for name in names for aim in _aims(columns, name, rows)]
    if not aims:
        return {}
    wanted = np.stack([cells for aim in aims for cells in aim.cells], axis=1)
    wanted = wanted - np.nanmean(wanted, axis=0)
    squares = np.zeros((2, wanted.shape[1]))
    weights = np.zeros((halves.terms.cells.shape[1], wanted.shape[1]))
    sizes = [
        1 if aim.weakest else len(aim.cells)
        for aim in aims
        for _ in aim.cells[: None if aim.weakest else 1]
    ]
    for half in halves.turns:
        more, fitted = _predicted(halves.terms.cells, wanted, half, sizes)
        squares += more
        weights += fitted / 2
    left, total = squares
    best: dict[str, tuple[float, _Aim, slice]] = {}
    start = 0
    for aim in aims:
        its = slice(start, start + len(aim.cells))
        start += len(aim.cells)
        if not total[its].all():
            continue
        shares = 1 - left[its] / total[its]
        share = float(1 - left[its].sum() / total[its].sum())
        if aim.weakest:  # a size that is known, with any sign, is told as it is
            share = float(shares[0] if shares[0] >= _SAME else shares.min())
        if aim.name not in best or share > best[aim.name][0]:
            best[aim.name] = share, aim, its
    return {
        name: FeatureDependence(
            share=max(share, 0.0),
            missing=aim.missing,
            features=halves.telling(weights[:, its]) if share >= PARTLY else (),
        )
        for name, (share, aim, its) in best.items()
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
    to_aims = design.T @ np.nan_to_num(cells).astype(np.float32)
    means = np.nansum(cells, axis=0) / np.maximum(np.count_nonzero(~np.isnan(cells), axis=0), 1)
    total = np.nansum((truth - means) ** 2, axis=0)
    left, kept = np.full(len(total), np.inf), np.zeros_like(to_aims)
    for factor in half.factors:
        used = len(factor)
        weights = cho_solve((factor, True), to_aims[:used], check_finite=False)
        squares = np.nan_to_num(truth - ahead[:, :used] @ weights)
        squares = np.einsum("ij,ij->j", squares, squares)
        better = squares < left
        left[better], kept[:, better] = squares[better], 0.0
        kept[:used, better] = weights[:, better]
    fitted, predicted = design @ kept, ahead @ kept
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
    return np.stack([left, total]), kept


def _along(
    fitted: NDArray[np.float64], cells: NDArray[np.float64], ahead: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the means of the cells (n, k) along bins of a prediction, for the other half."""
    present = ~np.isnan(cells[:, 0])
    fitted, cells = fitted[present], cells[present]
    if len(cells) < _FEWEST // 2:
        return np.zeros((len(ahead), cells.shape[1]))
    edges = np.quantile(fitted, np.arange(1, _BINS) / _BINS)
    places = np.searchsorted(edges, fitted)
    counts = np.bincount(places, minlength=_BINS)
    sums = np.stack([np.bincount(places, column, _BINS) for column in cells.T], axis=1)
    means = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], cells.mean(axis=0))
    return np.asarray(means[np.searchsorted(edges, ahead)])


def _named(predictors: Sequence[_Predictor], parts: NDArray[np.float64]) -> tuple[str, ...]:
    order = np.argsort(-parts, kind="stable")
    return tuple(
        predictors[k].name for k in order if parts[k] >= _NAMED * parts.sum() or k == order[0]
    )


# ------------------------------------------------------------------------------------- linear, in
# all rows


def _linear(
    columns: ColumnSource,
    predictors: Sequence[_Predictor],
    names: Sequence[str],
    rows: NDArray[np.int64],
) -> Iterator[tuple[str, FeatureDependence]]:
    """Yield the adjusted R² of a linear regression on all rows with a value."""
    readers = [_cells_of(columns, one) for one in predictors]
    owners = np.concatenate(
        [np.full(len(one.plain(one.cells[:1])), k) for k, one in enumerate(predictors)]
    )
    p = len(owners) + 1
    wanted = [columns.numbers(name) for name in names]
    places = [_place(_finite(cells[rows])) for cells in wanted]
    n = len(wanted[0])
    products, to_aims, squares = np.zeros((p, p)), np.zeros((p, len(names))), np.zeros(len(names))
    absent: dict[int, NDArray[np.float64]] = {}
    for start in range(0, n, _BLOCK):
        block_of = slice(start, min(start + _BLOCK, n))
        design = np.vstack(
            [np.ones(block_of.stop - start)]
            + [one.plain(read[block_of]) for one, read in zip(predictors, readers, strict=True)]
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
        to_aims += design @ block.T
        squares += np.einsum("ij,ij->i", block, block)
    usual = _Solved.of(products)
    for k, name in enumerate(names):
        solved = _Solved.of(products - absent[k]) if k in absent else usual
        share, weights = solved.share(to_aims[:, k], float(squares[k]))
        if not np.isnan(share):
            parts = np.bincount(owners, weights**2, len(predictors)).astype(np.float64)
            yield name, FeatureDependence(share=max(share, 0.0), features=_named(predictors, parts))


def _cells_of(columns: ColumnSource, one: _Predictor) -> NDArray[np.float64]:
    """Return all cells of a predictor, as `_Predictor.cells` has those of the random rows."""
    if one.levels is None:
        return columns.numbers(one.name)
    return np.asarray(columns.levels(one.name).codes)


class _Solved(NamedTuple):
    """Normal equations of centred terms."""

    rows: float
    sums: NDArray[np.float64]
    inverse: NDArray[np.float64]
    spreads: NDArray[np.float64]
    rank: int

    @classmethod
    def of(cls, products: NDArray[np.float64]) -> _Solved:
        rows, sums = float(products[0, 0]), products[0, 1:]
        empty = np.zeros((len(sums), len(sums)))
        if not rows > 1 or not np.isfinite(products).all():
            return cls(0.0, sums, empty, np.zeros(len(sums)), 0)
        centred = products[1:, 1:] - np.outer(sums, sums) / rows
        spreads = np.sqrt(np.maximum(np.diag(centred), 0.0))
        scale = np.where(spreads > _CONSTANT * np.sqrt(rows), spreads, np.inf)
        values, vectors = np.linalg.eigh(centred / np.outer(scale, scale))
        kept = values > _CONSTANT * max(values[-1], 1e-300)
        inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(scale, scale)
        return cls(rows, sums, inverse, spreads, int(kept.sum()))

    def share(
        self, to_aim: NDArray[np.float64], square: float
    ) -> tuple[float, NDArray[np.float64]]:
        """Return the adjusted R², NaN where it cannot be told, and standardised weights."""
        spare = self.rows - self.rank - 1
        centred = to_aim[1:] - self.sums * to_aim[0] / max(self.rows, 1.0)
        total = square - to_aim[0] ** 2 / max(self.rows, 1.0)
        if spare < _SPARE or not total > _CONSTANT * square:
            return np.nan, self.spreads
        weights = self.inverse @ centred
        left = max(1 - float(centred @ weights) / total, 0.0)
        return 1 - left * (self.rows - 1) / spare, weights * self.spreads
