"""Naming: each region gets the one or two things that distinguish it most.

No two regions of a level have the same name.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from explorer.core.gettext import _
from explorer.map.regions.contrasts import candidates
from explorer.map.regions.region import Region
from explorer.map.regions.traits import Candidate, related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from explorer.map.regions.traits import Trait
    from explorer.map.regions.tree import RegionTree

__all__ = ["named_levels"]

_SAME = 0.6  # correlation from which two reasons say one thing: a convention
_SECOND_SHARE = (
    0.4  # share of the first reason's merit that a second must have to be worth the room
)
_FIRST, _SECOND = 5, 4  # candidates tried


def named_levels(tree: RegionTree, traits: list[Trait]) -> tuple[tuple[Region, ...], ...]:
    """Name the regions of every level from their landmarks.

    A region of the coarsest level is compared with all other rows, a finer one with the rest of the
    region that it lies in. One that is alone in there is that region, and takes over its name.

    Parameters
    ----------
    tree : RegionTree
    traits : list of Trait
        Over the landmarks.
    """
    levels: list[tuple[Region, ...]] = []
    for level in range(tree.n_levels):
        labels = tree.labels(level)
        own = labels[tree.landmarks]
        around = tree.labels(level - 1)[tree.landmarks] if level else np.zeros_like(own)
        counts = np.bincount(labels[labels >= 0], minlength=int(own.max()) + 1)
        above = levels[-1] if level else ()
        levels.append(tuple(_named(level, own, around, counts, above, traits)))
    return tuple(levels)


def _named(
    level: int,
    own: NDArray[np.int32],
    around: NDArray[np.int32],
    counts: NDArray[np.int64],
    above: tuple[Region, ...],
    traits: list[Trait],
) -> Iterator[Region]:
    parents = np.zeros(int(own.max()) + 1, np.int64)
    parents[own] = around
    others_called = [_than(above[parent] if level else None) for parent in parents]
    result = candidates(traits, own, around, others_called)
    siblings = np.bincount(parents)
    names_taken: set[frozenset[str]] = set()
    for number, region_candidates in enumerate(result):
        parent = above[parents[number]] if level else None
        landmarks = int(np.count_nonzero(own == number))
        if parent is not None and siblings[parents[number]] == 1:
            reasons, why_not, than = parent.reasons, parent.why_not, parent.than
            name = parent.name
        else:
            picked, why_not = _pick(region_candidates, names_taken)
            reasons = tuple(contrast.reason for contrast in picked)
            name = "" if why_not else " · ".join(reason.name for reason in reasons)
            than = others_called[number]
        yield Region(
            level=level,
            number=number,
            parent=None if parent is None else parent.number,
            rows=int(counts[number]),
            landmarks=landmarks,
            name=name,
            reasons=reasons,
            than=than,
            why_not=why_not,
        )


def _pick(
    region_candidates: list[Candidate], names_taken: set[frozenset[str]]
) -> tuple[list[Candidate], str]:
    """Return one or two candidates whose name nobody has, and write it down.

    Else the best, and why they are no name.
    """
    if not region_candidates:
        return [], _("nothing distinguishes it clearly")
    first = None
    for picked in _choices(region_candidates):
        first = first or picked
        name = frozenset(contrast.stem for contrast in picked)
        if name not in names_taken:
            names_taken.add(name)
            return picked, ""
    return first or [], _("a larger region has the name that it would have")


def _choices(region_candidates: list[Candidate]) -> Iterator[list[Candidate]]:
    for place, contrast in enumerate(region_candidates[:_FIRST]):
        others = (
            other
            for other in region_candidates[place + 1 :]
            if other.merit >= _SECOND_SHARE * contrast.merit and related(contrast, other) < _SAME
        )
        for other in islice(others, _SECOND):
            yield [contrast, other]
        yield [contrast]


def _than(parent: Region | None) -> str:
    """Say which rows a region is compared with."""
    if parent is None:
        return _("all other rows of the map")
    if not parent.name:
        return _("the other rows of the larger region around it, which has no name")
    return _("the other rows of “{region}”").format(region=parent.name)
