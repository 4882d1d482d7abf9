"""Outliers of one feature: how many cells lie far out, beside a Gaussian's, and which lie apart."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _, gettext_noop, ngettext
from explorer.core.json_values import fields_document
from explorer.core.number_format import percent
from explorer.features.matrix.transform import Transform
from explorer.profile.checks.fences import (
    FAR,
    MAD_LIMIT,
    QUARTILE,
    TUKEY,
    CenterAndSpread,
    Quartiles,
    cells_outside,
    center_and_spread,
    median_and_spread,
    quartiles,
)
from explorer.profile.checks.isolated import (
    IsolatedGroup,
    isolated_groups,
    isolated_range,
    range_inside,
)
from explorer.profile.counting.medcouple import adjusted_fence, medcouple
from explorer.profile.counting.sentinel import sentinel_like, sentinel_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.profile.counting.distribution import Distribution

__all__ = ["Outliers", "Rates", "find_outliers", "isolated_range", "rates_after"]

Range = tuple[float, float]

_QUARTILES = gettext_noop("quartiles")
_OTHER_QUARTILES = gettext_noop("quartiles of the values other than {value}")
_UNDEFINED_FENCES = gettext_noop("undefined: the quartiles coincide")

# Shares of a Gaussian beyond 3.5 sd, and beyond the fences 1.5 and 3 quartile distances off the
# quartiles.
_MAD_EXPECTED = erfc(MAD_LIMIT / sqrt(2))
_TUKEY_EXPECTED = erfc(QUARTILE * (1 + 2 * TUKEY) / sqrt(2))
_FAR_EXPECTED = erfc(QUARTILE * (1 + 2 * FAR) / sqrt(2))
# A convention: from here on the far cells are worth a word.
_MANY_FAR = max(0.001, 10 * _FAR_EXPECTED)


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Shares of the finite cells outside the fences after a transform; NaN where undefined."""

    transform: str
    mad_rate: float
    tukey_rate: float
    far_rate: float

    def document(self) -> dict[str, Any]:
        """Return it as JSON, NaN as None."""
        return fields_document(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Rates:
        """Build it from `document`."""
        rates = {name: _number(document[name]) for name in ("mad_rate", "tukey_rate", "far_rate")}
        return cls(transform=document["transform"], **rates)


@dataclass(frozen=True, kw_only=True)
class Outliers:
    """What lies far out in one feature.

    Parameters
    ----------
    mad_rate, tukey_rate, far_rate : float
        Shares of the finite cells outside 3.5 modified z-scores (Iglewicz & Hoaglin 1993), Tukey's
        fences and his far fences (1977). NaN where undefined.
    mad_expected, tukey_expected, far_expected : float
        The same of a Gaussian, of many rows. Fences of few rows are uncertain: normal samples of
        100 rows have 1.0 % beyond Tukey's fences and .12 % beyond 3.5 modified z-scores
        (tests/benchmarks/rates_profiles.py).
    mad_count, tukey_count, far_count : int
        Cells; exact where the distribution is.
    mad_range, tukey_range, far_range : (low, high) or None
        A cell strictly outside is flagged.
    scale : str
        What the modified z-scores divide by: "median absolute deviation", "mean absolute deviation"
        or "undefined".
    fences : str
        What the fences are of: "quartiles", "quartiles of the values other than 0" or "undefined:
        …".
    adjusted_rate, adjusted_range, medcouple : float, (low, high) or None, float
        The boxplot adjusted for skewness (Hubert & Vandervieren 2008); about ``tukey_expected`` of
        clean cells. NaN and None where the medcouple is beyond ±.6 or the fences are not of all
        cells.
    isolated : tuple of IsolatedGroup
        From the lowest to the highest.
    isolated_range : (low, high) or None
        Smallest and largest value that is not isolated.
    isolated_rows : tuple of int
        At most 100 rows of isolated cells; empty until they were looked up.
    sentinel_like : tuple of (value, cells, why)
    after : Rates or None
        The rates after the suggested transform.
    finite : int
        Cells looked at.
    """

    mad_rate: float
    mad_expected: float = _MAD_EXPECTED
    tukey_rate: float
    tukey_expected: float = _TUKEY_EXPECTED
    far_rate: float
    far_expected: float = _FAR_EXPECTED
    mad_count: int
    tukey_count: int
    far_count: int
    mad_range: Range | None
    tukey_range: Range | None
    far_range: Range | None
    scale: str
    fences: str
    adjusted_rate: float
    adjusted_range: Range | None
    medcouple: float
    isolated: tuple[IsolatedGroup, ...]
    isolated_range: Range | None
    isolated_rows: tuple[int, ...] = ()
    sentinel_like: tuple[tuple[float, int, str], ...] = ()
    after: Rates | None = None
    finite: int

    @property
    def words(self) -> tuple[str, ...]:
        """What is wrong, as short labels, such as "12 isolated values" or "far .3 %"."""
        chips = [
            _("{value} looks like a sentinel ({share})").format(
                value=sentinel_text(value), share=percent(count / max(self.finite, 1))
            )
            for value, count, _why in self.sentinel_like
        ]
        named = [(value, count) for value, count, _why in self.sentinel_like]
        apart = sum(group.count - group.counted(named) for group in self.isolated)
        if apart:
            chips.append(
                ngettext("{count:,} isolated value", "{count:,} isolated values", apart).format(
                    count=apart
                )
            )
        # what is far only until the feature is transformed is skewed, not far
        if self.far_rate >= _MANY_FAR and (
            self.after is None or not self.after.far_rate < _MANY_FAR
        ):
            chips.append(_("{share} extreme").format(share=percent(self.far_rate)))
        return tuple(chips)

    def document(self) -> dict[str, Any]:
        """Return it as JSON: NaN and infinity as None, and the words."""
        return {**fields_document(self), "words": list(self.words)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Outliers:
        """Build it from `document`."""
        fields = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        for name in _RATES:
            fields[name] = _number(fields[name])
        for name in _RANGES:
            fields[name] = None if fields[name] is None else _open_ended(fields[name])
        fields["isolated"] = tuple(
            IsolatedGroup.from_document(group) for group in fields["isolated"]
        )
        fields["isolated_rows"] = tuple(fields["isolated_rows"])
        fields["sentinel_like"] = tuple(
            (value, count, why) for value, count, why in fields["sentinel_like"]
        )
        fields["after"] = None if fields["after"] is None else Rates.from_document(fields["after"])
        return cls(**fields)


_RATES = ("mad_rate", "tukey_rate", "far_rate", "adjusted_rate", "medcouple")
_RANGES = ("mad_range", "tukey_range", "far_range", "adjusted_range", "isolated_range")


def _number(value: float | None) -> float:
    return nan if value is None else value


def _open_ended(ends: Sequence[float | None]) -> Range:
    low, high = ends
    return -np.inf if low is None else low, np.inf if high is None else high


def find_outliers(
    distribution: Distribution,
    *,
    frequent: Sequence[tuple[float, int]] = (),
    valid_range: tuple[float | None, float | None] | None = None,
) -> Outliers:
    """Look for outliers among the finite cells of a feature.

    Parameters
    ----------
    distribution : Distribution
    frequent : sequence of (value, cells)
        The most frequent values, where the distribution may have lost them.
    valid_range : (low, high), optional
        Of the catalogue, both ends valid: a value that looks like a sentinel and lies outside is
        named.
    """
    by_median = median_and_spread(distribution, spread_ties=True) if distribution.n else _NOTHING
    spread, box = (
        (center_and_spread(distribution), quartiles(distribution))
        if distribution.n
        else (_NOTHING, None)
    )
    mad, tukey, far = spread.fence, _fence(box, TUKEY), _fence(box, FAR)
    mad_count, tukey_count, far_count = (_count(distribution, fence) for fence in (mad, tukey, far))
    skew = medcouple(distribution)
    adjusted = adjusted_fence(box, skew) if box else None  # None outside what it was fitted for
    groups = isolated_groups(distribution, by_median)
    return Outliers(
        mad_rate=_rate(distribution, mad),
        tukey_rate=_rate(distribution, tukey),
        far_rate=_rate(distribution, far),
        mad_count=mad_count,
        tukey_count=tukey_count,
        far_count=far_count,
        mad_range=mad,
        tukey_range=tukey,
        far_range=far,
        scale=spread.scale,
        fences=_fences_in_words(box),
        adjusted_rate=_rate(distribution, adjusted),
        adjusted_range=adjusted,
        medcouple=skew,
        isolated=groups,
        isolated_range=range_inside(distribution, groups),
        sentinel_like=sentinel_like(distribution, frequent, valid_range),
        finite=distribution.n,
    )


_NOTHING = CenterAndSpread(nan, 0.0, "undefined")


def _fence(box: Quartiles | None, steps: float) -> Range | None:
    return box.fence(steps) if box else None


def _count(distribution: Distribution, fence: Range | None) -> int:
    return cells_outside(distribution, fence) if fence else 0


def _rate(distribution: Distribution, fence: Range | None) -> float:
    return _count(distribution, fence) / distribution.n if fence else nan


def _fences_in_words(box: Quartiles | None) -> str:
    if box is None:
        return _UNDEFINED_FENCES
    return (
        _QUARTILES if box.spike is None else _OTHER_QUARTILES.format(value=sentinel_text(box.spike))
    )


def rates_after(
    distribution: Distribution, transform_name: str, parameters: Sequence[float] = ()
) -> Rates:
    """Return the rates of the feature as it is after a transform.

    Parameters
    ----------
    distribution : Distribution
    transform_name : str
        One of explorer.features.matrix.transform.TRANSFORMS. After "rank" cells are their
        mid-ranks, from 0 to 1.
    parameters : sequence of float
        What the transform learned, such as the lambda of "yeojohnson".

    Raises
    ------
    FeatureError
        Values that the transform is not defined for.
    """
    if transform_name == "rank":
        after = distribution.transformed(lambda _: distribution.mid)
    else:
        transform = Transform(transform_name, tuple(parameters))
        after = distribution.transformed(lambda values: transform(values, "the feature"))
    spread, box = (center_and_spread(after), quartiles(after)) if after.n else (_NOTHING, None)
    return Rates(
        transform=transform_name,
        mad_rate=_rate(after, spread.fence),
        tukey_rate=_rate(after, _fence(box, TUKEY)),
        far_rate=_rate(after, _fence(box, FAR)),
    )
