"""The target that features are held against: a number, two classes or more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from explorer.core.errors import FeatureError
from explorer.features.cells import columns_of, levels, without_sentinels
from explorer.profile.relations.correlations import numbers_of
from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource

__all__ = ["MOST_LEVELS", "OTHERS", "RelevanceTarget", "binned", "coded", "read_target"]

MOST_LEVELS = 50  # a convention: further levels of a category share one
OTHERS = "other levels"
_BINS = 16  # of numbers, for the mutual information: a convention


@dataclass(frozen=True, eq=False, kw_only=True)
class RelevanceTarget:
    """What is to be told from the features.

    Parameters
    ----------
    name : str
    kind : {"number", "two classes", "classes"}
    classes : tuple of str
        By falling count; of two classes the second is the positive one. Empty for a number.
    values : ndarray of shape (m,), float64
        A number's cells, NaN where missing; empty for classes.
    codes : ndarray of shape (m,), int64
        Position in ``classes``, or the bin of a number; −1 where missing.
    """

    name: str
    kind: Literal["number", "two classes", "classes"]
    classes: tuple[str, ...]
    values: NDArray[np.float64]
    codes: NDArray[np.int64]

    @property
    def present(self) -> NDArray[np.bool_]:
        """Rows in which the target is known, shape (m,)."""
        return self.codes >= 0


def read_target(
    source: ArrowSource, feature: Feature, sampled: int | None, seed: int
) -> RelevanceTarget:
    """Read a target: numbers and times are numbers, two different values and levels are classes.

    Of two classes the positive one is true, the larger number, or the rarer level.

    Parameters
    ----------
    source : ArrowSource
    feature : Feature
    sampled : int or None
        Read this many random rows; None reads all.
    seed : int
        Of the random rows.

    Raises
    ------
    FeatureError
        A feature of another kind, one that does not vary, or levels that hardly repeat.
    """
    if feature.kind not in ("numeric", "boolean", "temporal", "categorical"):
        raise FeatureError(
            "a target must be numeric, boolean, temporal or categorical: "
            f"{feature.name!r} is {feature.kind}"
        )
    ((_, column),) = columns_of(source, [feature.name], sampled, seed)
    if feature.kind == "categorical":
        return _of_levels(feature, column)
    cells = numbers_of(column, feature.name, feature.sentinels)
    present = ~np.isnan(cells)
    different = np.unique(cells[present])
    _check_varies(feature.name, different.size, len(column))
    if different.size > 2:
        codes = np.full(cells.size, -1, np.int64)
        codes[present] = binned(average_ranks(cells[present]), _BINS)
        return RelevanceTarget(
            name=feature.name, kind="number", classes=(), values=cells, codes=codes
        )
    codes = np.where(present, (cells == different[1]).astype(np.int64), -1)
    classes = (
        ("false", "true")
        if feature.kind == "boolean"
        else tuple(f"{value:g}" for value in different)
    )
    return RelevanceTarget(
        name=feature.name, kind="two classes", classes=classes, values=np.empty(0), codes=codes
    )


def _of_levels(feature: Feature, column: pa.ChunkedArray) -> RelevanceTarget:
    codes, labels = coded(column, feature)
    _check_varies(feature.name, len(labels), len(column))
    present = int((codes >= 0).sum())
    if (
        present > MOST_LEVELS
        and 2 * int((codes == labels.index(OTHERS)).sum() if OTHERS in labels else 0) > present
    ):
        raise FeatureError(
            f"a target must have levels that repeat: over half of the {present:,} cells of "
            f"{feature.name!r} lie outside "
            f"its {MOST_LEVELS} largest levels"
        )
    kind: Literal["two classes", "classes"] = "two classes" if len(labels) == 2 else "classes"
    return RelevanceTarget(
        name=feature.name, kind=kind, classes=tuple(labels), values=np.empty(0), codes=codes
    )


def _check_varies(name: str, different: int, rows: int) -> None:
    if different < 2:
        cells_text = "the same in every present cell" if different else "missing"
        raise FeatureError(
            f"a target must vary: {name!r} is {cells_text} in {rows:,} rows; choose another"
        )


def coded(column: pa.ChunkedArray, feature: Feature) -> tuple[NDArray[np.int64], list[str]]:
    """Return a column as codes into its 50 largest levels; smaller ones share one more.

    Returns
    -------
    codes : ndarray of shape (n,), int64
        −1 where missing.
    labels : list of str
    """
    codes, labels, _ = levels(without_sentinels(column, feature.sentinels))
    if len(labels) <= MOST_LEVELS + 1:
        return codes, labels
    return np.minimum(codes, MOST_LEVELS), [*labels[:MOST_LEVELS], OTHERS]


def binned(ranks: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """Put average ranks into bins of equal counts; equal values stay together.

    Parameters
    ----------
    ranks : ndarray of shape (n,), float64
        From 1 to n.

    Returns
    -------
    codes : ndarray of shape (n,), int64
        From 0 to bins − 1.
    """
    return np.floor((ranks - 0.5) * bins / max(ranks.size, 1)).astype(np.int64)
