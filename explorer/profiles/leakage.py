"""Leakage: features that give the target away, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.inference.association import cross_table
from explorer.profiles.redundancy import written

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FEWEST", "LEAK", "leak_of_auc", "leak_of_levels", "leak_of_r", "share_of_one"]

# Conventions.
LEAK = 0.99  # AUC, |r| or share of rows told right from which a feature gives the target away
FEWEST = 30  # rows below which nothing is called a leak
_GAIN = 0.9  # share of the errors of always naming the largest class that must vanish as well


def leak_of_r(r: float, n: int, target: str) -> str:
    """Say that a correlation gives the target away; an empty string when it does not."""
    return f"r {written(r)}: it gives {target} away" if n >= FEWEST and abs(r) >= LEAK else ""


def leak_of_auc(value: float, n: int, target: str) -> str:
    """Say that an AUC, in either direction, gives the target away; an empty string when it does not."""
    if n < FEWEST or not max(value, 1 - value) >= LEAK:
        return ""
    return f"AUC {share_of_one(value)}: it gives {target} away"


def share_of_one(value: float) -> str:
    """Write a share to three places: ".997", "1.000"."""
    return f"{value:.3f}".removeprefix("0")


def leak_of_levels(codes: NDArray[np.int64], asked: NDArray[np.int64], what: str, target: str) -> str:
    """Say that naming the most frequent class of each level is nearly always right; else an empty string.

    Parameters
    ----------
    codes, asked : ndarray of shape (n,), int64
        Level, and class, of each row.
    what, target : str
        For the words: "its level", and the target's name.
    """
    if codes.size < FEWEST:
        return ""
    table = cross_table(codes, asked)
    # each level's own most frequent class is right more often by chance where levels have few rows
    if codes.size < 10 * int(table.any(axis=1).sum()):
        return ""
    right, guessed = table.max(axis=1).sum() / codes.size, table.sum(axis=0).max() / codes.size
    if right < LEAK or guessed == 1 or (right - guessed) / (1 - guessed) < _GAIN:
        return ""
    return f"{what} gives {target} away ({100 * right:.1f} % right)"
