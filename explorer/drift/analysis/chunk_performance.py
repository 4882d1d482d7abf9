"""Performance over time: how well predictions fit in each chunk, and what to expect unlabelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.classification.isotonic import isotonic_rows
from explorer.stats.intervals.student import critical_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.bins import Bins

__all__ = [
    "METRICS",
    "RANGES",
    "ChunkPerformance",
    "PerformanceTally",
    "chunk_performances",
    "usual_range",
]

METRICS = {
    "binary": ("roc_auc", "neg_brier_score"),
    "regression": ("neg_mean_absolute_error", "neg_root_mean_squared_error"),
}
"""Metrics of each kind, by the names of scikit-learn's scorers: larger is better."""

RANGES = {
    "roc_auc": (0.0, 1.0),
    "neg_brier_score": (-np.inf, 0.0),
    "neg_mean_absolute_error": (-np.inf, 0.0),
    "neg_root_mean_squared_error": (-np.inf, 0.0),
}
"""Smallest and largest value of each; a Brier score of what is no probability has no lower end."""

_LEVEL, _CHUNKS = 0.05, 52
_FEWEST = 10  # rows of either truth without which a chunk has no AUC


class PerformanceTally:
    """Predictions and their errors by chunk and bin of the prediction.

    Parameters
    ----------
    bins : Bins
        Of predictions of the reference.
    chunks : int
    kind : {"binary", "regression"}

    Attributes
    ----------
    table : ndarray of shape (6, chunks, bins + 2), float64
        Rows with a prediction; of these with a truth; sum of their truths; of |error|, error² and
        error⁴.
    """

    def __init__(self, bins: Bins, chunks: int, kind: str) -> None:
        self.bins, self.kind = bins, kind
        self.table = np.zeros((6, chunks, bins.columns - 1))

    def add(
        self, prediction: NDArray[np.float64], truth: NDArray[np.float64], chunk: NDArray[np.int32]
    ) -> None:
        """Add rows, arrays of shape (n,); missing values are NaN, a row in no chunk has −1."""
        there = (chunk >= 0) & np.isfinite(prediction)
        if not there.any():
            return
        p, y, c = prediction[there], truth[there], chunk[there].astype(np.int64)
        low, height = int(c.min()), int(c.max() - c.min()) + 1
        width = self.table.shape[2]
        edges = self.bins.edges
        column = np.searchsorted(edges, p, side="right")
        column = np.where(p > edges[-1], width - 1, np.minimum(column, self.bins.size))
        cell = (c - low) * width + column
        labelled = np.isfinite(y)
        error = np.abs(p[labelled] - y[labelled])
        weights = (None, y[labelled], error, error**2, error**4)
        self.table[0, low : low + height] += np.bincount(cell, minlength=height * width).reshape(
            height, width
        )
        for place, weight in enumerate(weights, 1):
            sums = np.bincount(cell[labelled], weight, minlength=height * width)
            self.table[place, low : low + height] += sums.reshape(height, width)


@dataclass(frozen=True, eq=False)
class ChunkPerformance:
    """One metric by chunk; arrays of shape (chunks,), NaN where there is nothing to say.

    Parameters
    ----------
    metric : str
    rows : ndarray, int64
        With a prediction and a truth.
    value, low, high : ndarray
        With a 95 % interval of the rows of the chunk.
    estimate : ndarray
        What the metric would be if predictions of each size were as right as in the reference: no
        truth of the chunk is used.
    estimate_error : float
        Root mean square of estimate less value over the chunks of the reference.
    expected, deviation : float
        Mean and standard deviation (ddof 1) over the chunks of the reference.
    usual : tuple of 2 float
        Between which a chunk like those of the reference lies; see `usual_range`.
    """

    metric: str
    rows: NDArray[np.int64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    estimate: NDArray[np.float64]
    estimate_error: float
    expected: float
    deviation: float
    usual: tuple[float, float]

    @property
    def worse(self) -> NDArray[np.bool_]:
        """Where it is below what is usual, (chunks,): greater is better in every metric."""
        return np.asarray(self.value < self.usual[0])


def chunk_performances(
    tally: PerformanceTally, reference: NDArray[np.bool_]
) -> list[ChunkPerformance]:
    """Return the metrics of a model by chunk.

    Parameters
    ----------
    tally : PerformanceTally
    reference : ndarray of shape (chunks,), bool
        Judged chunks of the reference: what is expected, and how right predictions of each size
        are.
    """
    rows, labelled, truths, *errors = tally.table
    usual = np.array([sums[reference].sum(axis=0) for sums in tally.table])
    n, expected_n = labelled.sum(axis=1), rows.sum(axis=1)
    metrics: list[tuple[str, tuple[NDArray[np.float64], ...], NDArray[np.float64]]]
    guess = _carried(rows, usual, 4, expected_n)
    if tally.kind == "binary":
        share = _isotonic(usual[2], usual[1])
        estimated = _area(rows * share, rows * (1 - share))[0]
        brier = _mean_error(errors[1], errors[2], n)
        metrics = [
            ("roc_auc", _area(truths, labelled - truths), estimated),
            ("neg_brier_score", brier, guess),
        ]
    else:
        absolute = _mean_error(errors[0], errors[1], n)
        roots = tuple(_root(turned) for turned in _mean_error(errors[1], errors[2], n))
        metrics = [
            ("neg_mean_absolute_error", absolute, _carried(rows, usual, 3, expected_n)),
            ("neg_root_mean_squared_error", roots, _root(guess)),
        ]
    return [
        _performance(metric, n, [*figures, estimate], reference)
        for metric, figures, estimate in metrics
    ]


def _root(turned: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-np.sqrt(np.maximum(-turned, 0.0)))


def _performance(
    metric: str,
    n: NDArray[np.float64],
    figures: list[NDArray[np.float64]],
    reference: NDArray[np.bool_],
) -> ChunkPerformance:
    value, low, high, estimate = figures
    some = value[reference & np.isfinite(value)]
    gaps = (estimate - value)[reference & np.isfinite(value)]
    nan = float("nan")
    return ChunkPerformance(
        metric,
        n.astype(np.int64),
        value,
        low,
        high,
        estimate,
        float(np.sqrt(np.mean(gaps**2))) if len(gaps) else nan,
        float(some.mean()) if len(some) else nan,
        float(some.std(ddof=1)) if len(some) > 1 else nan,
        usual_range(some, RANGES[metric]),
    )


def usual_range(
    values: NDArray[np.float64], limits: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[float, float]:
    """Return between which one more chunk lies.

    Of figures (k,) of the reference's chunks: NaN for fewer than three.

    The t-prediction, mean ± t · sd · √(1 + 1/k), at a level such that 52 chunks leave it by chance
    in one year of twenty. It is made on a scale without limits: logit between two, logarithm above
    or below one. A figure that lies on a limit has no place there: then it is made on the figures'
    own scale and ends at the limits.

    Parameters
    ----------
    values : ndarray of shape (k,), float64
    limits : tuple of 2 float
        Smallest and largest value that the figure can have; infinite for none.
    """
    k = len(values)
    if k < 3:
        return float("nan"), float("nan")
    low, high = limits
    turned = _unlimited(values, low, high)
    inside = bool(np.isfinite(turned).all())
    some = turned if inside else values
    reach = (
        float(critical_value(1 - _LEVEL / _CHUNKS, k - 1)) * some.std(ddof=1) * np.sqrt(1 + 1 / k)
    )
    ends = np.array([some.mean() - reach, some.mean() + reach])
    ends_back = _limited(ends, low, high) if inside else np.clip(ends, low, high)
    return float(ends_back[0]), float(ends_back[1])


def _unlimited(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        if np.isfinite(low) and np.isfinite(high):
            return np.asarray(np.log(values - low) - np.log(high - values))
        if np.isfinite(high):
            return np.asarray(-np.log(high - values))
    return values


def _limited(turned: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    from scipy.special import expit

    if np.isfinite(low) and np.isfinite(high):
        return np.asarray(low + (high - low) * expit(turned))
    if np.isfinite(high):
        with np.errstate(over="ignore"):
            return np.asarray(high - np.exp(-turned))
    return turned


def _area(ones: NDArray[np.float64], zeros: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return AUC with its interval by DeLong's variance (1988, doi:10.2307/2531595).

    Of scores that are as fine as the bins.
    """
    p, n = ones.sum(axis=1), zeros.sum(axis=1)
    enough = (p >= _FEWEST) & (n >= _FEWEST)
    with np.errstate(invalid="ignore", divide="ignore"):
        above = (np.cumsum(zeros, axis=1) - zeros / 2) / n[:, None]
        below = 1 - (np.cumsum(ones, axis=1) - ones / 2) / p[:, None]
        area = (ones * above).sum(axis=1) / p
        parts = [
            (weight * (place - area[:, None]) ** 2).sum(axis=1) / (size - 1) / size
            for weight, place, size in ((ones, above, p), (zeros, below, n))
        ]
        reach = float(critical_value(0.95)) * np.sqrt(parts[0] + parts[1])
    return tuple(
        np.where(enough, line, np.nan)
        for line in (area, np.clip(area - reach, 0, 1), np.clip(area + reach, 0, 1))
    )


def _mean_error(
    total: NDArray[np.float64], squares: NDArray[np.float64], n: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Return the mean of errors by chunk with its interval; its sign makes larger better."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total.sum(axis=1) / n
        spread = np.sqrt(np.maximum(squares.sum(axis=1) / n - mean**2, 0.0) / (n - 1))
        reach = critical_value(0.95, n - 1) * spread
    return -mean, -mean - reach, np.minimum(-mean + reach, 0.0)


def _carried(
    rows: NDArray[np.float64], usual: NDArray[np.float64], place: int, n: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean error that predictions of these sizes had in the reference.

    With the sign of `_mean_error`.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(-(rows @ _filled(usual[place] / usual[1])) / n)


def _isotonic(ones: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
    there = n > 0
    shares = np.full(len(n), np.nan)
    if there.any():
        shares[there] = isotonic_rows(ones[None, there], n[there])[0]
    return _filled(shares)


def _filled(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares with those of empty bins read off between their neighbours."""
    there = np.isfinite(shares)
    if not there.any():
        return shares
    places = np.arange(len(shares))
    return np.interp(places, places[there], shares[there])
