"""Contrast: in which features chosen rows differ most from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.profile.relations.correlations import sampled_numbers
from explorer.sources.samples import random_rows
from explorer.stats.ranks import average_ranks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.sources.source import ArrowSource

__all__ = ["Contrast"]

_ROWS = 20_000
_MOST_CELLS = 20_000_000  # ranks held in memory: 80 MB
_FEWEST_ROWS = 4_000
_FEWEST = 20  # a convention: fewer chosen or other rows say nothing of a difference


class Contrast:
    """Ranks of the same random rows in every ordered feature, to compare any choice of rows.

    Parameters
    ----------
    source : ArrowSource
    features : mapping of str to Feature
    seed : int
        Of the random rows.
    """

    def __init__(self, source: ArrowSource, features: Mapping[str, Feature], seed: int = 0) -> None:
        self._names = [
            name for name, feature in features.items() if feature.kind in ("numeric", "boolean")
        ]
        wanted = min(_ROWS, max(_FEWEST_ROWS, _MOST_CELLS // max(len(self._names), 1)))
        self.rows = random_rows(source.num_rows, wanted, seed)
        self.exact = self.rows.size == source.num_rows
        self._ranks = np.zeros((len(self._names), self.rows.size), np.float32)
        self._present = np.zeros((len(self._names), self.rows.size), np.bool_)
        cells = sampled_numbers(source, self._names, self.rows.size, features, seed)
        for place, (_name, values) in enumerate(cells):
            present = np.isfinite(values)
            self._present[place] = present
            self._ranks[place, present] = average_ranks(values[present])

    def of(self, mask: NDArray[np.bool_]) -> tuple[dict[str, float], str]:
        """Compare chosen rows with all others.

        Parameters
        ----------
        mask : ndarray of shape (rows of the table,), bool

        Returns
        -------
        strength : dict of str to float
            |2 AUC − 1| of each feature, 0 to 1 (Cliff 1993, doi:10.1037/0033-2909.114.3.494): the
            share of pairs of a
            chosen and another row by which the one side is larger more often. Features with too few
            rows are left out.
        words : str
            What it was computed on.
        """
        chosen = mask[self.rows]
        count = int(chosen.sum())
        rows_text = (
            _("all rows")
            if self.exact
            else _("a random sample of {count:,} rows").format(count=self.rows.size)
        )
        if min(count, self.rows.size - count) < _FEWEST:
            return (
                {},
                _(
                    "{count:,} of {rows} are selected: at least {fewest} on each side are needed "
                    "to compare"
                ).format(count=count, rows=rows_text, fewest=_FEWEST),
            )
        return (
            self._strengths(chosen),
            _(
                "|2 AUC − 1| of {count:,} selected against the rest, on {rows}; a description, "
                "not a test"
            ).format(count=count, rows=rows_text),
        )

    def _strengths(self, chosen: NDArray[np.bool_]) -> dict[str, float]:
        n_chosen = (self._present & chosen).sum(axis=1).astype(np.float64)
        n_others = self._present.sum(axis=1) - n_chosen
        sums = self._ranks @ chosen.astype(np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            auc = (sums / n_chosen - (n_chosen + 1) / 2) / n_others
        enough = (n_chosen >= _FEWEST) & (n_others >= _FEWEST)
        return {
            name: round(abs(2 * float(value) - 1), 4)
            for name, value, sure in zip(self._names, auc, enough, strict=True)
            if sure
        }
