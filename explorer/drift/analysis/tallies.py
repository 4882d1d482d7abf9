"""Tallies: what is counted of a feature in each chunk, whatever the number of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.bins import Bins, count_into

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["MOST_LEVELS", "LevelTally", "NumberTally"]

MOST_LEVELS = 1_000
"""Levels with a count of their own, in the order in which they are met; later ones share one."""


class NumberTally:
    """Values of a number by chunk and bin.

    Parameters
    ----------
    bins : Bins
    chunks : int
    shift : float
        Near the mean of the values.

    Attributes
    ----------
    counts : ndarray of shape (chunks, bins + 3), int64
        Below, in the bins, above, missing.
    sums, extra : ndarray of shape (chunks, bins + 2) and (chunks, 3), float64
        See `explorer.stats.bins.count_into`.
    """

    def __init__(self, bins: Bins, chunks: int, shift: float) -> None:
        self.bins, self.shift = bins, shift
        self.counts = np.zeros((chunks, bins.columns), np.int64)
        self.sums = np.zeros((chunks, bins.columns - 1))
        self.extra = np.zeros((chunks, 3))

    def add(self, values: NDArray[np.float64], chunk: NDArray[np.int32]) -> None:
        """Count values (n,), NaN where missing, in their chunks (n,), −1 for none."""
        count_into(self.counts, self.sums, self.extra, self.bins, values, chunk, self.shift)

    @property
    def missing(self) -> NDArray[np.int64]:
        """Missing values of each chunk."""
        return np.asarray(self.counts[:, -1])

    @property
    def present(self) -> NDArray[np.int64]:
        """Values of each chunk that are not missing."""
        return np.asarray(self.counts[:, :-1].sum(axis=1))

    @property
    def finite(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How many values of each chunk are finite, and their sum, less ``shift`` each."""
        infinite, ends = self.extra[:, :2], self.bins.edges[[0, -1]] - self.shift
        return self.present - infinite.sum(axis=1), self.sums.sum(axis=1) - infinite @ ends

    def means(self) -> NDArray[np.float64]:
        """Return the mean of the finite values of each chunk; NaN without."""
        n, total = self.finite
        return np.where(n > 0, self.shift + total / np.maximum(n, 1.0), np.nan)

    def deviation(self, chunks: NDArray[np.bool_]) -> float:
        """Return the standard deviation (ddof 1) of the finite values of some chunks.

        All together; NaN for fewer than two.
        """
        n, total = (float(sums[chunks].sum()) for sums in self.finite)
        squares = float(self.extra[chunks, 2].sum())
        if not np.isfinite(squares) or not np.isfinite(total * total):
            return float("inf")
        if n < 2:
            return float("nan")
        return float(np.sqrt(max(squares - total * total / n, 0.0) / (n - 1)))


class LevelTally:
    """Values of a category by chunk and level.

    Parameters
    ----------
    chunks : int

    Attributes
    ----------
    labels : list of str
        In the order in which they were met.
    missing : ndarray of shape (chunks,), int64
    overflow : bool
        Whether some levels share the last count.
    """

    def __init__(self, chunks: int) -> None:
        self.labels: list[str] = []
        self.missing = np.zeros(chunks, np.int64)
        self.overflow = False
        self._places: dict[str, int] = {}
        self._counts = np.zeros((chunks, 16), np.int64)
        self._met: tuple[Sequence[str | None], NDArray[np.int64]] | None = None

    def add(
        self, labels: Sequence[str | None], codes: NDArray[np.int64], chunk: NDArray[np.int32]
    ) -> None:
        """Count cells.

        Parameters
        ----------
        labels : sequence of str or None
            Of the codes; None is missing. The same list as before is not looked up again.
        codes : ndarray of shape (n,), int64
            Positions in ``labels``; −1 is missing.
        chunk : ndarray of shape (n,), int32
            −1 for none.
        """
        there = chunk >= 0
        if not there.all():
            codes, chunk = codes[there], chunk[there]
        if not len(codes):
            return
        places = self._placed(labels)[codes]
        low, high = int(chunk.min()), int(chunk.max()) + 1
        width = len(self.labels) + 2  # missing, the levels, those that share a count
        table = np.bincount(
            (chunk.astype(np.int64) - low) * width + places + 1, minlength=(high - low) * width
        )
        table = table.reshape(high - low, width)
        self._room(width)
        self.missing[low:high] += table[:, 0]
        self._counts[low:high, : width - 1] += table[:, 1:]

    def _placed(self, labels: Sequence[str | None]) -> NDArray[np.int64]:
        """Return the place of each label, −1 for missing ones; the last entry serves code −1."""
        if self._met is not None and self._met[0] is labels:
            return self._met[1]
        for label in labels:
            if label is not None and label not in self._places:
                if len(self.labels) < MOST_LEVELS:
                    self._places[label] = len(self.labels)
                    self.labels.append(label)
                else:
                    self.overflow = True
        codes = [-1 if label is None else self._places.get(label, MOST_LEVELS) for label in labels]
        places = np.array([*codes, -1], np.int64)
        self._met = labels, places
        return places

    def _room(self, width: int) -> None:
        if width > self._counts.shape[1]:
            wide = np.zeros((len(self._counts), 2 * width), np.int64)
            wide[:, : self._counts.shape[1]] = self._counts
            self._counts = wide

    @property
    def counts(self) -> NDArray[np.int64]:
        """Cells by chunk and level, (chunks, levels); one more column where levels share one."""
        return self._counts[:, : len(self.labels) + self.overflow]

    @property
    def present(self) -> NDArray[np.int64]:
        """Values of each chunk that are not missing."""
        return np.asarray(self.counts.sum(axis=1))
