"""Families of tests: which are selected, at which level, and intervals of what was selected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.stats.testing.fdr import adjusted

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["SelectedFamilies", "adjusted_within", "coverage_levels", "select_families"]


@dataclass(frozen=True, eq=False)
class SelectedFamilies:
    """What each family of tests may be tested at; all arrays of shape (m,).

    Parameters
    ----------
    opened : ndarray, bool
        Whether anything is tested inside.
    level : ndarray, float64
        The level q·R/m of Benjamini–Hochberg inside, R the families opened; 0 where not opened.
    factor : ndarray, float64
        m/R, by which adjusted p-values inside are multiplied to be held against q; inf where not
        opened.
    """

    opened: NDArray[np.bool_]
    level: NDArray[np.float64]
    factor: NDArray[np.float64]


def select_families(omnibus_p: ArrayLike, q: float = 0.05) -> SelectedFamilies:
    """Select the families in which something is found, and the level for tests inside them.

    Benjamini & Bogomolov 2014 (doi:10.1111/rssb.12028): families are selected by Benjamini–Hochberg
    at q over their omnibus p-values; inside, the false discovery rate is held at q·R/m, so that its
    mean over the selected families is q at most.

    Parameters
    ----------
    omnibus_p : array-like of shape (m,)
        One p-value a family, of nothing being there. NaN is a family that cannot be tested: it is
        not opened and is none of the m.
    q : float
        In (0, 1).

    Returns
    -------
    opened : SelectedFamilies
    """
    p_values = np.asarray(omnibus_p, dtype=np.float64)
    with np.errstate(all="ignore"):
        opened = adjusted(p_values) <= q
    n_families, n_opened = int((~np.isnan(p_values)).sum()), int(opened.sum())
    level = np.where(opened, q * n_opened / max(n_families, 1), 0.0)
    factor = np.where(opened, n_families / max(n_opened, 1), np.inf)
    return SelectedFamilies(opened, level, factor)


def adjusted_within(p: ArrayLike, factor: float) -> NDArray[np.float64]:
    """Adjust p-values of a family so that those up to q are rejected at its level q·R/m.

    Parameters
    ----------
    p : array-like of shape (k,)
        Of the tests inside the family; NaN stays NaN and is no member.
    factor : float
        Of the family, from `select_families`.

    Returns
    -------
    adjusted : ndarray of shape (k,), float64
        Benjamini–Hochberg's times the factor, 1 at most; all 1 where the family is not opened.
    """
    within = adjusted(p)
    if not np.isfinite(factor):
        return np.where(np.isnan(within), np.nan, 1.0)
    return np.minimum(within * factor, 1.0)


def coverage_levels(
    n_selected: ArrayLike, n_family: ArrayLike, q: ArrayLike
) -> NDArray[np.float64]:
    """Return the confidence of intervals of selected cells with false coverage rate q.

    Benjamini & Yekutieli 2005 (doi:10.1198/016214504000001907): 1 − R·q/m; with nothing selected,
    that of a single selection.

    Parameters
    ----------
    n_selected, n_family : array-like
        Cells selected, R, and cells of the family, m; broadcast against each other.
    q : array-like
        In (0, 1).

    Returns
    -------
    confidence : ndarray, float64
        NaN where the family is empty.
    """
    selected, family = (
        np.asarray(n_selected, dtype=np.float64),
        np.asarray(n_family, dtype=np.float64),
    )
    with np.errstate(all="ignore"):
        share = np.where(family > 0, np.maximum(selected, 1.0) / family, np.nan)
        return 1 - share * np.asarray(q, dtype=np.float64)
