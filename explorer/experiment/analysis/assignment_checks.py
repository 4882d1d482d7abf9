"""Gates: what must hold before any colour is shown: allocation, units in one arm."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.errors import ExperimentError
from explorer.core.gettext import _
from explorer.stats.testing.srm import sample_ratio, sequential_sample_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.experiment.analysis.units import Units

__all__ = [
    "CROSSED",
    "SRM_LEVEL",
    "SampleRatioCheck",
    "check_counts",
    "checked_arms",
    "crossed_units_text",
    "format_small_p",
    "weights_of",
]

SRM_LEVEL = 0.001
"""A convention of the field: Fabijan et al. 2019, doi:10.1145/3292500.3330722, use .0005.

Most platforms use .001.
"""

CROSSED = 0.01
"""A convention: where more units than this share are in several arms, the draw does not hold."""


UNUSUAL = 0.05
"""A convention: below this level a sample ratio is said to be unusual.

Verdicts are given down to `SRM_LEVEL`.
"""


@dataclass(frozen=True, kw_only=True)
class SampleRatioCheck:
    """Units of each arm beside the allocation that was declared.

    It is made to sum to 1 over the arms that have units.

    Parameters
    ----------
    counts : dict of str to int
        Units by arm, the control first.
    expected : dict of str to float, optional
        Units that the allocation would give, of each arm that is checked; None where nothing was
        checked.
    statistic, df : float, int, optional
        Of the χ² test of fit; None where nothing was checked, and of a running experiment.
    p_value : float, optional
        Of the χ² test; of a running experiment one that holds however often one looks. None where
        nothing was checked.
    absent : tuple of str
        Arms that were declared with a share above 0 and have no unit: no part of the check.
    undeclared : tuple of str
        Arms with units that the allocation does not name: no part of the check.
    declared : bool
        Whether there is an allocation.
    """

    counts: dict[str, int]
    expected: dict[str, float] | None = None
    statistic: float | None = None
    df: int | None = None
    p_value: float | None = None
    absent: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    declared: bool = False

    @property
    def mismatch(self) -> bool:
        """Whether the arms have other sizes than declared."""
        return self.p_value is not None and self.p_value < SRM_LEVEL

    @property
    def words(self) -> str:
        """The check in a line."""
        sizes = " · ".join(f"{arm} {count:,}" for arm, count in self.counts.items())
        return " · ".join([sizes, self._result, *self.arm_notes])

    @property
    def _result(self) -> str:
        if not self.declared:
            return _("SRM not checked: no allocation was declared")
        if self.p_value is None or self.expected is None:
            return _("SRM not checked: fewer than two of the declared arms have units")
        wanted = " : ".join(f"{expected:,.0f}" for expected in self.expected.values())
        p = f"p {format_small_p(self.p_value)}"
        if self.mismatch:
            return _(
                "sample ratio mismatch: {wanted} expected, {p}; effects are shown, verdicts "
                "are not to be trusted"
            ).format(wanted=wanted, p=p)
        if self.p_value < UNUSUAL:
            return _(
                "{wanted} expected, {p}: unusual; not below the {srm_level:g} at which "
                "verdicts are withheld"
            ).format(wanted=wanted, p=p, srm_level=SRM_LEVEL)
        return _("as declared ({wanted} expected, {p})").format(wanted=wanted, p=p)

    @property
    def arm_notes(self) -> list[str]:
        """Which arms the allocation and the data do not share, a sentence each."""
        sentences = []
        if self.absent:
            sentences.append(
                _("declared, but without units: {absent}").format(absent=", ".join(self.absent))
            )
        if self.undeclared:
            sentences.append(
                _("not declared, and not checked: {undeclared}").format(
                    undeclared=", ".join(self.undeclared)
                )
            )
        return sentences

    def document(self) -> dict[str, Any]:
        """Return everything, with the words, as plain values."""
        return {**asdict(self), "words": self.words, "mismatch": self.mismatch}


def format_small_p(p_value: float) -> str:
    """Write a p-value with its sign: "= 0.37", "< 1e-300" where no number is small enough."""
    return f"= {p_value:.2g}" if p_value > 0 else "< 1e-300"


def check_counts(
    arms: tuple[str, ...],
    counted: NDArray[np.int64],
    allocation: Mapping[str, float] | None,
    running: bool = False,
) -> SampleRatioCheck:
    """Compare the arms' sizes with the declared allocation.

    Parameters
    ----------
    arms : tuple of str
    counted : ndarray of shape (arms,), int64
        Units of each.
    allocation : mapping of str to float, optional
        Share or weight of each arm; they need not sum to 1. An arm without units and an arm that is
        not named are no part of the check, and said. An arm of weight 0 should have no unit.
    running : bool
        The p-value holds however often one looks
        (`explorer.stats.testing.srm.sequential_sample_ratio`).

    Raises
    ------
    ExperimentError
        Where a weight is negative or not finite, or all are 0.
    """
    counts = {name: int(n) for name, n in zip(arms, counted, strict=True)}
    if allocation is None:
        return SampleRatioCheck(counts=counts)
    weights = weights_of(arms, allocation)
    absent = (
        *(name for name, weight in allocation.items() if weight > 0 and not counts.get(name)),
    )
    undeclared = (
        *(
            name
            for name, weight in zip(arms, weights, strict=True)
            if np.isnan(weight) and counts[name]
        ),
    )
    without = SampleRatioCheck(counts=counts, absent=absent, undeclared=undeclared, declared=True)
    inside = checked_arms(weights, counted)
    with_share, stray = int((weights[inside] > 0).sum()), bool((counted[weights == 0] > 0).any())
    if with_share + stray < 2 or not with_share:
        return without
    test = sample_ratio(counted[inside], weights[inside])
    names = [name for name, checked in zip(arms, inside, strict=True) if checked]
    expected = dict(zip(names, (float(count) for count in test.expected), strict=True))
    if running:
        p_value = float(sequential_sample_ratio(counted[inside], weights[inside]))
        return replace(without, expected=expected, p_value=p_value)
    return replace(
        without,
        expected=expected,
        statistic=float(test.statistic),
        df=int(test.df),
        p_value=float(test.p_value),
    )


def weights_of(arms: tuple[str, ...], allocation: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the declared weight of each arm, NaN where none was declared.

    Raises
    ------
    ExperimentError
        Where a weight is negative or not finite, or all are 0.
    """
    given = np.array([float(weight) for weight in allocation.values()])
    if not (np.isfinite(given) & (given >= 0)).all() or not given.sum() > 0:
        raise ExperimentError(
            f"shares of an allocation are 0 or more, and some above 0; came {dict(allocation)}"
        )
    return np.array([float(allocation.get(name, np.nan)) for name in arms])


def checked_arms(weights: NDArray[np.float64], counted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which arms are checked, (arms,).

    Those that were declared and have units, or were declared to have none.
    """
    inside: NDArray[np.bool_] = ~np.isnan(weights) & ((counted > 0) | (weights == 0))
    return inside


def crossed_units_text(units: Units) -> tuple[bool, str]:
    """Tell whether too many units were seen in several arms, and say how many, if any."""
    if not units.n_crossed:
        return False, ""
    share = units.n_crossed / max(units.n_seen, 1)
    too_many = share > CROSSED
    text = _(
        "{n_crossed:,} of {n_seen:,} units were seen in more than one arm and are left out"
    ).format(n_crossed=units.n_crossed, n_seen=units.n_seen)
    return too_many, text + (
        (
            " "
            + _(
                "({share:.1%}: more than {crossed:.0%}, the verdicts are not to be trusted)"
            ).format(share=share, crossed=CROSSED)
        )
        if too_many
        else ""
    )
