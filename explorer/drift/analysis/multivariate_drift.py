"""How well a classifier tells the rows of a chunk from those of the reference."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.stats.domain import domain_auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FOLDS", "DomainCell", "MultivariateDrift", "classifier", "domain_auc_of"]

FOLDS = 3


@dataclass(frozen=True, kw_only=True)
class DomainCell:
    """How well the rows of one chunk can be told from the reference.

    Parameters
    ----------
    chunk : str
    start : float
    reference : bool
    rows, reference_rows : int
        Of the sample.
    auc, low, high : float
        Out of fold; ½ where nothing drifted; 95 % interval.
    """

    chunk: str
    start: float
    reference: bool
    rows: int
    reference_rows: int
    auc: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class MultivariateDrift:
    """Domain classifiers by chunk.

    Parameters
    ----------
    cells : tuple of DomainCell
        Of judged chunks.
    expected, deviation : float
        Mean and standard deviation (ddof 1) of the AUC over the chunks of the reference, each
        against the rest of it.
    usual : tuple of 2 float
        Between which the AUC of a chunk like those of the reference lies; see
        `explorer.drift.analysis.chunk_performance.usual_range`.
    method : str
    """

    cells: tuple[DomainCell, ...]
    expected: float
    deviation: float
    usual: tuple[float, float]
    method: str

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "chunks": [asdict(cell) for cell in self.cells],
            "expected": self.expected,
            "deviation": self.deviation,
            "usual": self.usual,
            "method": self.method,
        }


def classifier(seed: int) -> Any:
    """Return a small classifier of boosted trees, which takes missing values as they are."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=15, learning_rate=0.15, early_stopping=False, random_state=seed
    )


def domain_auc_of(reference: NDArray[np.float64], rows: NDArray[np.float64], seed: int = 0) -> Any:
    """Return the cross-validated AUC of telling rows (n, d) from the reference (m, d)."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    X = np.concatenate([reference, rows])
    new = np.arange(len(X)) >= len(reference)
    random = np.random.default_rng(seed)
    fold = np.empty(len(X), np.int64)
    for side in (new, ~new):
        fold[side] = random.permutation(int(side.sum())) % FOLDS
    probability = np.empty(len(X))
    # so few rows are no work for several threads: on a busy machine they would wait for each other,
    # again and again
    with threadpool_limits(1, user_api="openmp"):
        for number in range(FOLDS):
            out = fold == number
            probability[out] = classifier(seed).fit(X[~out], new[~out]).predict_proba(X[out])[:, 1]
    return domain_auc(probability, new, fold)
