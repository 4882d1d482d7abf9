"""Reliability: how well a model's stated probabilities hold, beside what chance would give."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.json_values import plain
from explorer.core.number_format import number
from explorer.stats.classification.binned_error import binned_error
from explorer.stats.classification.consistency_band import consistency_band
from explorer.stats.classification.corp import corp_of_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.stats.classification.binned_error import BinnedError
    from explorer.stats.classification.consistency_band import ConsistencyBand
    from explorer.stats.classification.corp import Calibration
    from explorer.stats.classification.score_counts import ScoreCounts

__all__ = ["Reliability"]

_DRAWN = 400  # corners of a curve that are written to a document
_BARS = 40  # of the histogram of stated probabilities


@dataclass(frozen=True, eq=False)
class Reliability:
    """Calibration of one model's probabilities; every figure is made when it is first asked for.

    Parameters
    ----------
    counts : ScoreCounts
        Rows by probability.
    grouped : bool
        Rows repeat a unit: the band, the chance levels and the errors of the line take rows as
        independent, and are too narrow then.
    """

    counts: ScoreCounts
    grouped: bool = False

    @cached_property
    def corp(self) -> Calibration:
        """The curve without bins, the exact parts of the Brier score and the recalibration line."""
        return corp_of_counts(self.counts)

    @cached_property
    def band(self) -> ConsistencyBand:
        """Where the curve would lie if every probability were true, at 95 %."""
        return consistency_band(self.counts)

    @cached_property
    def binned(self) -> BinnedError:
        """Expected calibration error in ten bins of as many rows, beside its value by chance."""
        return binned_error(self.counts)

    @property
    def slope(self) -> float:
        """Slope of the recalibration line in log odds; below 1 probabilities are too extreme."""
        return self.corp.recalibration.slope

    @property
    def intercept(self) -> float:
        """Intercept of that line; 0 under calibration."""
        return self.corp.recalibration.intercept

    @property
    def brier(self) -> dict[str, float]:
        """Brier score = miscalibration − discrimination + uncertainty."""
        corp = self.corp
        names = ("miscalibration", "discrimination", "uncertainty")
        return {"score": corp.brier, **{name: getattr(corp, name) for name in names}}

    @property
    def ece(self) -> float:
        """Expected calibration error; read it against `chance`, never against 0."""
        return self.binned.error

    @property
    def chance(self) -> float:
        """What the expected calibration error is on average where every probability is true."""
        return self.binned.chance

    @cached_property
    def histogram(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Edges of 40 bins over [0, 1], and the ones and the zeros between them.

        Each bin is closed below, the last at both ends.
        """
        edges = np.linspace(0, 1, _BARS + 1)
        bins = np.minimum((self.counts.score * _BARS).astype(np.int64), _BARS - 1)
        sides = (self.counts.ones, self.counts.zeros)
        ones, zeros = (
            np.asarray(np.bincount(bins, weights=side, minlength=_BARS), np.float64)
            for side in sides
        )
        return edges, ones, zeros

    @property
    def words(self) -> str:
        """What is to be said first."""
        if not self.counts.score.size:
            return _("no rows")
        if math.isnan(self.slope):
            return _("the recalibration line is not determined on these rows")
        beyond = self.corp.miscalibration > self.band.miscalibration_limit
        line = (
            _("slope {slope:.2f}, intercept {intercept:+.2f}")
            .format(slope=self.slope, intercept=self.intercept)
            .replace("-", "−")
        )
        chance = (
            _("more than right probabilities have by chance (95 %)")
            if beyond
            else _("no more than right probabilities have by chance")
        )
        grouped = (
            _("; the band assumes independent rows, and several rows are of one unit")
            if self.grouped
            else ""
        )
        return _(
            "{line}; miscalibration {miscalibration} of the Brier score, {chance}{grouped}"
        ).format(
            line=line,
            miscalibration=number(self.corp.miscalibration),
            chance=chance,
            grouped=grouped,
        )

    def document(self) -> dict[str, Any]:
        """Return the figures, and at most 400 corners of the curve, as JSON."""
        line, bins = self.corp.recalibration, self.binned
        stated, observed = self.corp.points
        corners = np.unique(
            np.linspace(0, stated.size - 1, min(_DRAWN, stated.size)).astype(np.int64)
        )
        document: dict[str, Any] = plain(
            {
                "slope": line.slope,
                "slope_error": line.slope_error,
                "intercept": line.intercept,
                "intercept_error": line.intercept_error,
                "in_the_large": line.in_the_large,
                "p_value": line.p_value,
                "brier": self.brier,
                "miscalibration_chance": self.band.miscalibration,
                "miscalibration_limit": self.band.miscalibration_limit,
                "ece": bins.error,
                "ece_chance": bins.chance,
                "ece_limit": bins.limit,
                "ece_p_value": bins.p_value,
                "ece_bins": bins.n.size,
                "rate": self.corp.rate,
                "stated": self.corp.stated,
                "words": self.words,
                "curve": {"stated": stated[corners], "observed": observed[corners]},
            }
        )
        return document
