"""Family: tests that are corrected together, declared before anybody looks, and their ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.core.gettext import _
from explorer.stats.intervals.shrinkage import shrink_effects
from explorer.stats.testing.arms import (
    closed_pairs,
    equal_means,
    equal_shares,
    holm_over_families,
    selected_families,
)
from explorer.stats.testing.families import adjusted_within, coverage_levels, select_families
from explorer.stats.testing.heterogeneity import cochran_q, deviations, gail_simon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.experiment.analysis.block import CellBlock

__all__ = [
    "ClosedArms",
    "Family",
    "arms_words",
    "by_metrics",
    "closed_arms",
    "judge_groups",
    "judge_whole",
]


@dataclass(frozen=True, kw_only=True)
class Family:
    """Tests that are corrected together.

    Parameters
    ----------
    name : str
    what : str
        What is tested, and how it is corrected.
    tests : int
        Tests that could be made.
    opened : bool
        Whether its members were tested at all: the whole always, groups where the effect differs
        between them.
    omnibus_p : float
        Of Cochran's Q that the effect is the same in all groups; NaN for the whole.
    turned_p : float
        Of Gail & Simon's test that the effect has the same sign in all groups; NaN for the whole,
        and for a running experiment.
    level : float
        At which the members were tested: the first level, times the share of families that were
        opened.
    shown : int
        Members that reached it, untrusted ones left out.
    expected : float
        Members that would reach the first level by chance without any correction.
    coverage : float
        Level of the false-coverage-rate intervals.
    """

    name: str
    what: str
    tests: int
    opened: bool
    omnibus_p: float
    turned_p: float
    level: float
    shown: int
    expected: float
    coverage: float


def judge_whole(blocks: Sequence[CellBlock], alpha: Sequence[float]) -> list[Family]:
    """Correct the whole population's cells.

    Holm's method for the primary metrics, false discovery rate for the rest.

    With three arms or more all arms of a metric are tested together first, and pairs with the
    control by the closed test that this opens (`closed_arms`): whether a metric differs between
    arms does not depend on which arm is called the control.

    Parameters
    ----------
    blocks : sequence of CellBlock
        Of one cell each, with `p_value`, reasons and distrust; verdicts are given here.
    alpha : sequence of 2 float
    """
    families = []
    for primary, name, how in (
        (True, "primary", _("Holm")),
        (False, "metrics", "Benjamini–Hochberg"),
    ):
        some = [block for block in blocks if block.measured.metric.primary is primary]
        if not some:
            continue
        by_metric = by_metrics(some)
        closed = [closed_arms(blocks) for blocks in by_metric]
        pairs, together = (
            [arms.pairs[0] for arms in closed],
            np.array([arms.together[0] for arms in closed]),
        )
        adjusted = (
            holm_over_families(pairs)
            if primary
            else [selected_families(pair, together) for pair in pairs]
        )
        some, corrected = (
            [block for blocks in by_metric for block in blocks],
            np.concatenate(adjusted),
        )
        p = np.concatenate(pairs)
        reached = int((corrected <= alpha[0]).sum())
        coverage = float(coverage_levels(reached, max(int((~np.isnan(p)).sum()), 1), alpha[0]))
        for block, p_adjusted in zip(some, corrected, strict=True):
            block.p_adjusted, block.family, block.coverage = np.array([p_adjusted]), name, coverage
            block.judge(alpha)
        families.append(
            Family(
                name=name,
                what=(
                    _("primary metrics × arms in the whole: {how}{arms}")
                    if primary
                    else _("other metrics × arms in the whole: {how}{arms}")
                ).format(how=how, arms=arms_words(some)),
                tests=int((~np.isnan(p)).sum()),
                opened=True,
                omnibus_p=np.nan,
                turned_p=np.nan,
                level=alpha[0],
                shown=_shown(some),
                expected=alpha[0] * int((~np.isnan(p)).sum()),
                coverage=coverage,
            )
        )
    return families


class ClosedArms(NamedTuple):
    """The arms of one metric in some cells.

    Parameters
    ----------
    pairs : ndarray of shape (cells, arms - 1), float64
        p-values of each arm against the control, adjusted by the closed test; NaN without a test.
    together : ndarray of shape (cells,), float64
        p-values that no arm differs from another; that of the pair where there is one.
    """

    pairs: NDArray[np.float64]
    together: NDArray[np.float64]


def by_metrics(blocks: Sequence[CellBlock]) -> list[list[CellBlock]]:
    """Return the blocks of each metric, one for each arm, in their order."""
    by_metric: dict[str, list[CellBlock]] = {}
    for block in blocks:
        by_metric.setdefault(block.measured.metric.name, []).append(block)
    return list(by_metric.values())


def arms_words(blocks: Sequence[CellBlock]) -> str:
    """Say how several arms are tested; nothing for two."""
    several = any(len(some) > 1 for some in by_metrics(blocks))
    return (
        _("; all arms of a metric together first, then each against the control by closed testing")
        if several
        else ""
    )


def closed_arms(blocks: Sequence[CellBlock]) -> ClosedArms:
    """Test all arms of one metric together, and each against the control by the closed test.

    Each block keeps the first as `arms_p`.

    Means and ratios by Welch 1951, shares by Pearson's χ², a running experiment's by the sequential
    form of Cochran's Q. Where a pair has a permutation test of its own the arms together have
    Bonferroni's over the pairs, and the closed test is Holm's.

    Parameters
    ----------
    blocks : sequence of CellBlock
        Of one metric and the same cells, one for each arm.
    """
    p = np.stack([np.where(block.testable, block.p_value, np.nan) for block in blocks], axis=-1)
    members = (~np.isnan(p)).sum(axis=-1)
    arms, order = blocks[0].effects.arms, [0, *(block.effects.treatment for block in blocks)]
    there = np.column_stack([members > 0, ~np.isnan(p)])
    values = np.where(there, arms.value[:, order], np.nan)
    least = np.where(members > 0, np.nanmin(np.where(np.isnan(p), 2.0, p), axis=-1), np.nan)
    if blocks[0].looks is not None:
        together = _sequential(blocks, values, order)
    elif arms.hits is not None:
        together = equal_shares(np.where(there, arms.hits[:, order], np.nan), arms.n[:, order])
    else:
        df = np.maximum(arms.n - 1, 0) if arms.df is None else arms.df
        together = equal_means(values, arms.variance[:, order], df[:, order])
    own = np.zeros(len(p), np.bool_)
    for block in blocks:
        own[[*block.effects.own]] = True
    together = np.where(own, np.minimum(members * least, 1.0), together)
    together = np.where(members > 1, together, least)
    for block in blocks:
        block.arms_p = np.where(members > 1, together, np.nan)
    return ClosedArms(closed_pairs(p, together), together)


def _sequential(
    blocks: Sequence[CellBlock], values: NDArray[np.float64], order: list[int]
) -> NDArray[np.float64]:
    arms = blocks[0].effects.arms
    variance = arms.variance[:, order]
    if arms.hits is not None:  # as the error of a difference of shares: with a hit and a miss more
        share = (arms.hits[:, order] + 1) / (arms.n[:, order] + 2)
        variance = share * (1 - share) / (arms.n[:, order] + 2)
    with np.errstate(invalid="ignore"):
        statistic, df, _ = cochran_q(values, np.sqrt(variance))
    looks = blocks[0].looks
    assert looks is not None
    n = np.where(np.isnan(values), 0.0, arms.n[:, order]).sum(axis=-1)
    return replace(looks, n=n).p_value_of_q(statistic, df)


def judge_groups(
    blocks: Sequence[CellBlock], wholes: Sequence[CellBlock], alpha: Sequence[float]
) -> list[Family]:
    """Correct segments or regions: each metric, arm and column is a family.

    It is opened where its effect differs between its groups.

    Cochran's Q (1954, doi:10.2307/3001666; of a running experiment its sequential form,
    `explorer.stats.intervals.sequences.sequence_chi_squared_p`) of every family is corrected over
    the families; inside the R opened ones of m the false discovery rate is held at the level times
    R/m (Benjamini & Bogomolov 2014, doi:10.1111/rssb.12028), so that it holds on the average over
    those that were opened for being striking.

    Parameters
    ----------
    blocks : sequence of CellBlock
    wholes : sequence of CellBlock
        The whole of each block's metric and arm, in their order.
    alpha : sequence of 2 float
    """
    for block, whole in zip(blocks, wholes, strict=True):
        _compare_groups(block, whole)
    opened = select_families(np.array([block.omnibus for block in blocks]), alpha[0])
    families = []
    for i, block in enumerate(blocks):
        block.opened = bool(opened.opened[i])
        p = np.where(block.testable, block.p_value, np.nan)
        # what was not tested has no corrected p-value
        block.p_adjusted = block.deviation_adjusted = np.full(block.size, np.nan)
        if block.opened:
            factor = float(opened.factor[i])
            block.p_adjusted = adjusted_within(p, factor)
            block.deviation_adjusted = adjusted_within(
                np.where(np.isnan(p), np.nan, block.deviation_p), factor
            )
        tests, level = int((~np.isnan(p)).sum()), float(opened.level[i]) if block.opened else 0.0
        reached = int((block.p_adjusted <= alpha[0]).sum())
        block.coverage = float(coverage_levels(reached, max(tests, 1), level or alpha[0]))
        groups = "regions" if block.on_map else block.by
        block.family = f"{block.measured.metric.name} · {block.arm} · {groups}"
        block.judge(alpha)
        families.append(
            Family(
                name=block.family,
                what=_what(block),
                tests=tests,
                opened=block.opened,
                omnibus_p=block.omnibus,
                turned_p=block.turned,
                level=level,
                shown=_shown([block]),
                expected=alpha[0] * tests,
                coverage=block.coverage,
            )
        )
    return families


def _what(block: CellBlock) -> str:
    groups = _("regions of the map") if block.on_map else _("segments of {by}").format(by=block.by)
    return _(
        "{name} of {arm} in {groups}: opened by Cochran's Q, Benjamini–Hochberg inside"
    ).format(name=block.measured.metric.name, arm=block.arm, groups=groups)


def _compare_groups(block: CellBlock, whole: CellBlock) -> None:
    """Test whether the effect differs between groups, and how each differs from the whole."""
    # Cochran's Q and the deviations take every estimate for a normal one
    usable = block.testable & block.effects.normal & np.isfinite(block.error) & (block.error > 0)
    values = np.where(usable, block.effects.estimate.value, np.nan)
    errors = np.where(usable, block.error, np.nan)
    statistic, df, p = cochran_q(values, errors)
    looks = whole.looks
    if block.waiting or looks is None:
        block.omnibus = np.nan if block.waiting else float(p)
        block.turned = np.nan if block.waiting else float(gail_simon(values, errors)[1])
    else:
        # whether signs differ has no test here that holds at every look: it waits for the end
        block.omnibus, block.deviation_looks = float(looks.p_value_of_q(statistic, df)[0]), looks
    both = [0, block.effects.treatment]
    weights, total = block.effects.arms.n[:, both].sum(axis=1), whole.effects.arms.n[:, both].sum()
    block.deviation, block.deviation_error = deviations(
        values, errors, weights / max(total, 1.0), whole.effects.estimate.value[0], whole.error[0]
    )
    block.shrunk = shrink_effects(block.deviation, block.deviation_error).mean


def _shown(blocks: Sequence[CellBlock]) -> int:
    return sum(strength > 0 for block in blocks for _, strength in block.verdicts)
