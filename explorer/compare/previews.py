"""Previews of a comparison that takes long: from a sample to the figures of all rows."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.compare.compare import correct_tests
from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.compare.comparison import Comparison
    from explorer.compare.feature_comparison import FeatureComparison

__all__ = ["Previews", "mark_as_sample"]

_SECONDS = 2.0  # between two of them: lines that change place more often cannot be read


class Previews:
    """Shows the figures of a sample, and in time those of all rows among them.

    Parameters
    ----------
    show : callable
        Takes each `Comparison`.
    sampled : Comparison
        Of the sample.
    """

    def __init__(self, show: Callable[[Comparison], object], sampled: Comparison) -> None:
        self._show, self._came = show, 0
        self.sample(sampled)

    def sample(self, sampled: Comparison) -> None:
        """Show the figures of another, larger sample instead."""
        self._sampled = sampled
        self._rows = {row.feature: row for row in sampled.rows}
        self._shown = time.perf_counter()
        self._show(sampled)

    def take(self, row: FeatureComparison) -> None:
        """Take one feature as all rows have it."""
        self._rows[row.feature] = row
        self._came += 1
        if time.perf_counter() - self._shown > _SECONDS:
            self._show(self._mixed())
            self._shown = time.perf_counter()

    def _mixed(self) -> Comparison:
        done = _("{done:,} of {count:,} features are computed from all rows so far").format(
            done=self._came, count=len(self._rows)
        )
        rows = correct_tests(list(self._rows.values()))
        return replace(self._sampled, rows=rows, notes=[*self._sampled.notes, done])


def mark_as_sample(
    rows: Sequence[FeatureComparison], sample: tuple[int, int]
) -> list[FeatureComparison]:
    """Mark rows as figures of a random sample."""
    text = _("of a random sample of {sample_a:,} rows of A and {sample_b:,} of B").format(
        sample_a=sample[0], sample_b=sample[1]
    )
    notes = [f"{text}; {row.note}" if row.note else text for row in rows]
    return [
        replace(row, exact=False, sampled=True, note=note)
        for row, note in zip(rows, notes, strict=True)
    ]
