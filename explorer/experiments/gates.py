"""Gates: what must hold before any colour is shown: allocation, units in one arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import ExperimentError, unknown_name
from explorer.inference.srm import sample_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.experiments.units import Units

__all__ = [
    "CROSSED",
    "SRM_LEVEL",
    "SampleRatioCheck",
    "check_counts",
    "check_ratio",
    "crossed_words",
    "weights_of",
]

SRM_LEVEL = 0.001
"""A convention of the field: Fabijan et al. 2019, doi:10.1145/3292500.3330722, use .0005; most platforms .001."""

CROSSED = 0.01
"""A convention of the field: more units than this share in several arms, and the arms are no longer those that were drawn."""


@dataclass(frozen=True, kw_only=True)
class SampleRatioCheck:
    """Units of each arm beside the allocation that was declared.

    Parameters
    ----------
    counts : dict of str to int
        Units by arm, the control first.
    expected : dict of str to float, optional
        Units that the allocation would give; None where none was declared.
    statistic, df, p_value : float, optional
        Of the χ² test of fit; None where no allocation was declared, and nothing was checked.
    """

    counts: dict[str, int]
    expected: dict[str, float] | None = None
    statistic: float | None = None
    df: int | None = None
    p_value: float | None = None

    @property
    def mismatch(self) -> bool:
        """Whether the arms have other sizes than declared."""
        return self.p_value is not None and self.p_value < SRM_LEVEL

    @property
    def words(self) -> str:
        """The check in a line."""
        sizes = " · ".join(f"{arm} {count:,}" for arm, count in self.counts.items())
        if self.p_value is None or self.expected is None:
            return f"{sizes} · SRM not checked: no allocation was declared"
        wanted = " : ".join(f"{expected:,.0f}" for expected in self.expected.values())
        if self.mismatch:
            return f"{sizes} · sample ratio mismatch: {wanted} expected, p {p_written(self.p_value)}; effects are shown, verdicts are not to be trusted"
        return f"{sizes} · as declared ({wanted} expected, p {p_written(self.p_value)})"


def p_written(p_value: float) -> str:
    """Write a p-value with its sign: "= 0.37", "< 1e-300" where no number is small enough."""
    return f"= {p_value:.2g}" if p_value > 0 else "< 1e-300"


def check_ratio(
    arms: tuple[str, ...], arm: NDArray[np.int8], allocation: Mapping[str, float] | None
) -> SampleRatioCheck:
    """Compare the arms' sizes with the declared allocation; ``arm`` (n,) is that of each unit, -1 in none."""
    return check_counts(arms, np.bincount(arm[arm >= 0], minlength=len(arms)), allocation)


def check_counts(
    arms: tuple[str, ...], counted: NDArray[np.int64], allocation: Mapping[str, float] | None
) -> SampleRatioCheck:
    """Compare the arms' sizes with the declared allocation.

    Parameters
    ----------
    arms : tuple of str
    counted : ndarray of shape (arms,), int64
        Units of each.
    allocation : mapping of str to float, optional
        Share or weight of each arm; they need not sum to 1.

    Raises
    ------
    ExperimentError
        Where the allocation leaves out an arm, or is negative.
    UnknownName
        Where it names an arm that does not exist.
    """
    counts = {name: int(n) for name, n in zip(arms, counted, strict=True)}
    if allocation is None:
        return SampleRatioCheck(counts=counts)
    found = sample_ratio(counted, weights_of(arms, allocation))
    expected = dict(zip(arms, (float(one) for one in found.expected), strict=True))
    return SampleRatioCheck(
        counts=counts, expected=expected, statistic=float(found.statistic), df=int(found.df), p_value=float(found.p_value)
    )  # fmt: skip


def weights_of(arms: tuple[str, ...], allocation: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the declared weight of each arm."""
    given = {str(name): float(weight) for name, weight in allocation.items()}
    for name in given:
        if name not in arms:
            raise unknown_name("arm", name, arms)
    left = [name for name in arms if name not in given]
    if left:
        raise ExperimentError(
            f"allocation names {', '.join(given)} and leaves out {', '.join(map(repr, left))}: give every arm its share, 0 for none"
        )
    weights = np.array([given[name] for name in arms])
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.sum() > 0:
        raise ExperimentError(f"shares of an allocation are 0 or more, and some above 0; came {given}")
    return weights


def crossed_words(units: Units) -> tuple[bool, str]:
    """Tell whether too many units were seen in several arms, and say how many; no words where none was."""
    if not units.n_crossed:
        return False, ""
    share = units.n_crossed / max(units.n_seen, 1)
    too_many = share > CROSSED
    words = f"{units.n_crossed:,} of {units.n_seen:,} units were seen in more than one arm and are left out"
    return too_many, words + (
        f" ({share:.1%}: more than {CROSSED:.0%}, the verdicts are not to be trusted)" if too_many else ""
    )
