"""Drift cell: one feature in one chunk, and what an alarm says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.gettext import _, ngettext
from explorer.core.number_format import number

if TYPE_CHECKING:
    from explorer.drift.analysis.feature_drift import FeatureDrift

__all__ = ["Alarm", "DriftCell", "alarm_words"]


@dataclass(frozen=True, kw_only=True)
class DriftCell:
    """One feature in one chunk; NaN where there is nothing to compare.

    Parameters
    ----------
    feature, role : str
        Role: feature, prediction, truth.
    chunk : str
    start : float
        Seconds since 1970-01-01 UTC, or in the unit of the column of times.
    rows : int
    reference, judged : bool
    note : str
        Why the chunk is not judged.
    missing, below, above : float
        Shares of rows: missing, and outside the range of the reference.
    new_levels : int
        Levels that the reference does not have.
    new_rate : float
        Share of rows with one of these.
    statistic : str
        wasserstein (in standard deviations of the reference), jensen_shannon (0 to 1), or other
        values: the share of rows that differ from the only value of the reference.
    value, bound : float
        And by how much the distance of the values themselves may differ from it.
    expected, deviation, score, threshold : float
        Mean and standard deviation of the reference's chunks; the largest of the feature's three
        tests as log p over the log of what the chunk may spend, so that 1 is the limit; about from
        which value on the distance is an alarm.
    mean : float
        Of finite values.
    psi, psi_floor : float
        Population stability index, and what it stays below in 95 % of chunks by chance.
    ks, js, chi2 : float
    alarm : bool
    seasonal : bool
        What would be an alarm, and may be a season that the reference is too short to know.
    """

    feature: str
    role: str
    chunk: str
    start: float
    rows: int
    reference: bool
    judged: bool
    note: str
    missing: float
    below: float
    above: float
    new_levels: int
    new_rate: float
    statistic: str
    value: float
    bound: float
    expected: float
    deviation: float
    score: float
    threshold: float
    mean: float
    psi: float
    psi_floor: float
    ks: float
    js: float
    chi2: float
    alarm: bool
    seasonal: bool


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A chunk in which a feature is beyond what chunks differ by.

    Parameters
    ----------
    feature, chunk : str
    start : float
    statistic : str
        wasserstein, jensen_shannon, other values, moving mean (in standard deviations), range,
        missing.
    value, threshold : float
    score : float
        Over the limit: 1 and above.
    words : str
        What, when, how much, and what to look at.
    """

    feature: str
    chunk: str
    start: float
    statistic: str
    value: float
    threshold: float
    score: float
    words: str


def alarm_words(
    drift: FeatureDrift,
    test: str,
    chunk: str,
    i: int,
    value: float,
    threshold: float,
    expected: float,
) -> str:
    """Say what happened, when, by how much, and what to look at.

    Parameters
    ----------
    drift : FeatureDrift
    test : {"distance", "range", "creep", "missing"}
    chunk : str
    i : int
        Place of the chunk.
    value, threshold, expected : float
        Of the statistic that the alarm is about.
    """
    limit = _("usually {expected}; limit about {threshold}").format(
        expected=number(expected), threshold=number(threshold)
    )
    if test == "range":
        what = _(
            "{value:.3g} % of its values are outside the range of the reference; limit "
            "{threshold:.3g} %"
        ).format(value=100 * value, threshold=100 * threshold)
    elif test == "missing":
        what = _(
            "{value:.3g} % missing, {expected:.3g} % in the reference; limit about "
            "{threshold:.3g} %"
        ).format(value=100 * value, expected=100 * expected, threshold=100 * threshold)
    elif drift.constant:
        what = _(
            "{value:.3g} % of its values differ from {constant}, the only value in the reference"
        ).format(value=100 * drift.value[i], constant=drift.constant)
    elif test == "creep":
        side = (
            _(
                "its moving mean is {n} standard deviations above the reference's; "
                "limit about {limit}"
            )
            if value > 0
            else _(
                "its moving mean is {n} standard deviations below the reference's; "
                "limit about {limit}"
            )
        )
        what = side.format(n=number(abs(value)), limit=number(threshold))
    elif drift.statistic == "wasserstein":
        what = _(
            "its values have shifted by {number} standard deviations (Wasserstein), {limit}"
        ).format(number=number(value), limit=limit)
    else:
        what = _(
            "the distance of its levels from the reference is {number} (Jensen–Shannon, 0 "
            "to 1), {limit}"
        ).format(number=number(value), limit=limit)
    return f"{drift.feature}, {chunk}: {what}. {_hint(drift, i, test)}"


def _hint(drift: FeatureDrift, i: int, test: str) -> str:
    """Say what to look at."""
    if test == "range":
        return (
            _("Check the values above it: no row of the reference has one")
            if drift.above[i] > drift.below[i]
            else _("Check the values below it: no row of the reference has one")
        )
    if test == "missing":
        return (
            _("Check its source: no value arrives")
            if not drift.rows[i]
            else _("Check in which rows it is missing")
        )
    if drift.new_levels[i]:
        return ngettext(
            "Check its {new_levels:,} new level, {new_rate:.3g} % of the rows",
            "Check its {new_levels:,} new levels, {new_rate:.3g} % of the rows",
            drift.new_levels[i],
        ).format(new_levels=drift.new_levels[i], new_rate=100 * drift.new_rate[i])
    outside = drift.below[i] + drift.above[i]
    if outside > 0.01:
        text = (
            _("Check the {outside:.3g} % of rows outside the reference range, mostly above it")
            if drift.above[i] > drift.below[i]
            else _("Check the {outside:.3g} % of rows outside the reference range, mostly below it")
        )
        return text.format(outside=100 * outside)
    if drift.role == "prediction":
        return _("Check the features that changed with it, and the performance")
    return _("Compare its distribution with that of the reference")
