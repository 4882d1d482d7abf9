"""Leakage: features that give the target away, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.core.number_format import correlation_text, fraction
from explorer.stats.association import cross_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "FEWEST",
    "LEAK",
    "leak_of_auc",
    "leak_of_classes",
    "leak_of_levels",
    "leak_of_r",
    "leak_of_v",
]

# Conventions.
LEAK = 0.99  # AUC, |r| or share of rows told right from which a feature gives the target away
FEWEST = 30  # rows below which nothing is called a leak
_HALF = 0.5  # AUC of what says nothing
_LEAK_V = 0.95  # Cramér's V, corrected for chance, which takes more where levels have few rows
_GAIN = 0.9  # share of the errors of always naming the largest class that must vanish as well


def leak_of_r(r: float, n: int, target: str) -> str:
    """Say that a correlation gives the target away; an empty string when it does not."""
    return (
        _("r {r}: it reveals {target}").format(r=correlation_text(r), target=target)
        if n >= FEWEST and abs(r) >= LEAK
        else ""
    )


def leak_of_auc(value: float, n: int, target: str) -> str:
    """Say that an AUC, in either direction, gives the target away; empty when it does not."""
    if n < FEWEST or not max(value, 1 - value) >= LEAK:
        return ""
    return _("AUC {auc}: it reveals {target}").format(auc=fraction(value), target=target)


def leak_of_v(value: float, n: int, target: str) -> str:
    """Say that Cramér's V with the classes gives the target away; empty when it does not."""
    return (
        _("V {strength}: its level nearly reveals {target}").format(
            strength=fraction(value), target=target
        )
        if n >= FEWEST and value >= _LEAK_V
        else ""
    )


def leak_of_classes(
    ranks: NDArray[np.float64], codes: NDArray[np.int64], classes: Sequence[str], target: str
) -> str:
    """Say that a number tells a class from all others; an empty string when it tells none.

    Parameters
    ----------
    ranks : ndarray of shape (n,), float64
        Average ranks of the number.
    codes : ndarray of shape (n,), int64
        Class of each row.
    classes, target : sequence of str, str
        For the words.
    """
    n, counts = codes.size, np.bincount(codes, minlength=len(classes)).astype(np.float64)
    sums = np.bincount(codes, weights=ranks, minlength=len(classes))
    with np.errstate(all="ignore"):
        areas = (sums - counts * (counts + 1) / 2) / (
            counts * (n - counts)
        )  # Mann and Whitney's U of each class against the rest
    strengths = np.where((counts >= FEWEST) & (n - counts >= FEWEST), np.abs(areas - _HALF), 0.0)
    best = int(strengths.argmax())
    if strengths[best] < LEAK - _HALF:
        return ""
    return _("AUC {auc} of {level} against the rest: it reveals this class of {target}").format(
        auc=fraction(_HALF + float(strengths[best])), level=classes[best], target=target
    )


def leak_of_levels(
    codes: NDArray[np.int64], class_codes: NDArray[np.int64], what: str, target: str
) -> str:
    """Say that the most frequent class of each level is nearly always right; else empty.

    Parameters
    ----------
    codes, class_codes : ndarray of shape (n,), int64
        Level, and class, of each row.
    what, target : str
        For the words: "its level", and the target's name.
    """
    if codes.size < FEWEST:
        return ""
    table = cross_table(codes, class_codes)
    # each level's own most frequent class is right more often by chance where levels have few rows
    if codes.size < 10 * int(table.any(axis=1).sum()):
        return ""
    right, guessed = table.max(axis=1).sum() / codes.size, table.sum(axis=0).max() / codes.size
    if right < LEAK or guessed == 1 or (right - guessed) / (1 - guessed) < _GAIN:
        return ""
    return _("{part} reveals {target} ({right:.1f} % right)").format(
        part=what, target=target, right=100 * right
    )
