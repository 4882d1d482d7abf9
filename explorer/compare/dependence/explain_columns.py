"""How far each column follows from some features together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.compare.dependence.curved_regression import (
    FEWEST_ROWS,
    MOST_TERMS,
    HalvesRegression,
    curved_dependence,
    terms_of,
)
from explorer.compare.dependence.linear_regression import linear_dependence
from explorer.compare.dependence.predictors import Predictor, is_ordered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.compare.compare import ColumnSource
    from explorer.compare.dependence.feature_dependence import FeatureDependence

__all__ = ["ROWS", "explain_columns", "products_fit"]

ROWS = 4_800
"""Random rows that are enough: halves of 2,400, one of which is predicted from the other."""

_AT_ONCE = 128  # columns
_SOON = 2e7  # cells
_RARE = 200


def explain_columns(
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
        Columns, none of them in `by`.
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
    predictors = _predictors(columns, by, rows)
    if not predictors:
        return {}
    dependences: dict[str, FeatureDependence] = {}
    if len(rows) >= FEWEST_ROWS:
        halves = HalvesRegression.of(predictors, len(rows))
        for start in range(0, len(names), _AT_ONCE):
            dependences |= curved_dependence(columns, halves, names[start : start + _AT_ONCE], rows)
    if whole is None:
        return dependences
    numbers = [name for name in names if is_ordered(columns, name)]
    table, drawn = whole
    if numbers and len(table.numbers(numbers[0])) * (len(numbers) + len(by)) > _SOON:
        numbers = [name for name in numbers if _nearly_constant(columns.numbers(name)[rows])]
    wide = _predictors(table, [predictor.name for predictor in predictors], drawn)
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        for name, linear in linear_dependence(table, wide, some, drawn):
            if name not in dependences or linear.share > dependences[name].share:
                dependences[name] = linear
    return dependences


def products_fit(columns: ColumnSource, by: Sequence[str], rows: NDArray[np.int64]) -> bool:
    """Tell whether products of two of these features are terms of the regression.

    As in `explain_columns`: with many features they are too many.
    """
    predictors = _predictors(columns, by, rows)
    if sum(predictor.levels is None for predictor in predictors) < 2:
        return True
    of = terms_of(predictors, min(MOST_TERMS, len(rows) // 4)).of
    return bool((of[:, 0] != of[:, 1]).any())


def _nearly_constant(cells: NDArray[np.float64]) -> bool:
    """Whether random rows cannot tell what makes the few cells that differ differ."""
    present = cells[~np.isnan(cells)]
    different = int(np.unique(present, return_counts=True)[1].max(initial=0))
    return len(present) - different < _RARE


def _predictors(
    columns: ColumnSource, names: Sequence[str], rows: NDArray[np.int64]
) -> list[Predictor]:
    """Return those of the columns that can be terms of a regression."""
    read = (Predictor.of(columns, name, rows) for name in names)
    return [predictor for predictor in read if predictor is not None]
