"""Contrasts: every trait in each region, beside the rest of what is around it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.core import number_format as figures
from explorer.core.gettext import _
from explorer.core.name_list import list_names
from explorer.core.number_format import percent
from explorer.core.text_direction import isolated
from explorer.map.regions.region import Reason
from explorer.map.regions.traits import Candidate, Category, Flag, Number, Trait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["candidates"]

# Conventions. An effect of .5 is "medium" (Cohen 1988); a level that a name claims holds for a
# third of the rows; and chance alone must not give a name, though the largest of a hundred
# differences is looked for.
_LEAST_EFFECT = 0.5
_LEAST_SHARE = 1 / 3
_STANDARD_ERRORS = 4.0
# sd: farther is not clearer, and a level that all rows have and no other is worth more (h = π).
_FARTHEST = 3.0
_ENDLESS = 99.0
_KNOWN = 0.5  # share of a region's rows that must have a value
_MOST_CELLS = 4_000_000  # regions × levels: a column of more levels names nobody
_SPEAKS = re.compile(r"[^\W\d_]{3}|^\d+[^\W\d_]")  # "Drama", "1990s"
_NAMES = {
    (False, False): (_("{feature} low"), _("{feature} high")),
    (False, True): (_("{feature} lower"), _("{feature} higher")),
    (True, False): (_("{feature} early"), _("{feature} late")),
    (True, True): (_("{feature} earlier"), _("{feature} later")),
}  # of a time, within a region: below, above
_SIZES = {
    False: (
        _("{feature}: {size} lower than {others}"),
        _("{feature}: {size} higher than {others}"),
    ),
    True: (
        _("{feature}: {size} earlier than {others}"),
        _("{feature}: {size} later than {others}"),
    ),
}  # of a time: below, above
_LONGEST = 30  # characters of a part of a name


def candidates(
    traits: list[Trait],
    own: NDArray[np.int32],
    around: NDArray[np.int32],
    others_called: Sequence[str],
) -> list[list[Candidate]]:
    """Return what distinguishes each region from the rest around it, largest effect first.

    Parameters
    ----------
    traits : list of Trait
    own : ndarray of shape (k,), int32
        Region of each row.
    around : ndarray of shape (k,), int32
        What the region lies in: all rows of a region have the same.
    others : sequence of str
        For each region, what the rest of what is around it is called: "all other rows of the map".
    """
    result: list[list[Candidate]] = [[] for _ in range(int(own.max()) + 1)]
    for trait in traits:
        if isinstance(trait, Number):
            candidates = _numbers(trait, own, around, others_called)
        elif isinstance(trait, Flag):
            candidates = _flags(trait, own, around, others_called)
        else:
            candidates = _categories(trait, own, around, others_called)
        for region, candidate in candidates:
            result[region].append(candidate)
    return [
        sorted(region_candidates, key=lambda candidate: (-candidate.merit, candidate.stem))
        for region_candidates in result
    ]


def _numbers(
    trait: Number, own: NDArray[np.int32], around: NDArray[np.int32], others_called: Sequence[str]
) -> Iterator[tuple[int, Candidate]]:
    has_value = np.isfinite(trait.scaled)
    values = np.where(has_value, trait.scaled, 0.0)
    n, total, squares = (
        _inside_and_rest(weights, own, around)
        for weights in (has_value.astype(np.float64), values, values * values)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
        variance = np.maximum(squares / n - mean * mean, 0.0)
        effects = (mean[0] - mean[1]) / np.sqrt(variance.mean(axis=0))
    # a feature that does not vary on either side parts them altogether
    effects = np.clip(effects, -_ENDLESS, _ENDLESS)
    sizes, within = np.bincount(own, minlength=n.shape[1]), bool(around.any())
    for region in np.flatnonzero(_sure(effects, n, sizes)):
        inside = own == region
        reach = (around == around[inside.argmax()]) & ~inside
        sides = [trait.values[rows & has_value] for rows in (inside, reach)]
        yield (
            int(region),
            _of_number(trait, float(effects[region]), sides, within, others_called[int(region)]),
        )


def _of_number(
    trait: Number, effect: float, sides: list[NDArray[np.float64]], within: bool, others_called: str
) -> Candidate:
    # within a region a number is higher than around it, and may still be low
    is_time, is_above = trait.kind == "temporal", effect > 0
    stem = _NAMES[is_time, within][is_above].format(feature=_short(trait.label))
    centers = _("{compared}; median {here} here, {elsewhere} there")
    here, elsewhere = (float(np.median(values)) for values in sides)
    if here == elsewhere:  # of counts that are small on both sides the medians say nothing
        centers = _("{compared}; mean {here} here, {elsewhere} there")
        here, elsewhere = (float(np.mean(values)) for values in sides)
    # what has no spread at all is as far as any
    size = (
        _("{size:.1f} sd").format(size=abs(effect))
        if abs(effect) < _FARTHEST
        else _("more than {size:.0f} sd").format(size=_FARTHEST)
    )
    written = [f"{_written(value, trait.kind)} {trait.unit}".strip() for value in (here, elsewhere)]
    sentence = centers.format(
        compared=_SIZES[is_time][is_above].format(
            feature=trait.label, size=size, others=others_called
        ),
        here=written[0],
        elsewhere=written[1],
    )
    reason = Reason(
        column=trait.column,
        level=None,
        name=stem,
        effect=effect,
        here=here,
        elsewhere=elsewhere,
        counted=len(sides[0]),
        words=sentence,
    )
    return Candidate(reason, stem, min(abs(effect), _FARTHEST), trait, trait.scaled)


def _flags(
    trait: Flag, own: NDArray[np.int32], around: NDArray[np.int32], others_called: Sequence[str]
) -> Iterator[tuple[int, Candidate]]:
    has_value = np.isfinite(trait.held)
    n = _inside_and_rest(has_value.astype(np.float64), own, around)
    held = _inside_and_rest(np.where(has_value, trait.held, 0.0), own, around)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = held / n
    effects = _cohens_h(shares)
    sizes = np.bincount(own, minlength=n.shape[1])
    for region in np.flatnonzero(_sure(effects, n, sizes)):
        here, elsewhere = shares[:, region].tolist()
        if effects[region] > 0 and here < _LEAST_SHARE:
            continue
        candidate = _of_level(
            trait,
            "yes",
            trait.label,
            float(effects[region]),
            here,
            elsewhere,
            others_called[int(region)],
        )
        yield int(region), _counted(candidate, int(n[0, region]), int(sizes[region]), trait.held)


def _categories(
    trait: Category, own: NDArray[np.int32], around: NDArray[np.int32], others_called: Sequence[str]
) -> Iterator[tuple[int, Candidate]]:
    n_levels = len(trait.levels)
    n_regions = int(own.max()) + 1
    if n_regions * (n_levels + 1) > _MOST_CELLS or n_levels < 2:
        return
    table = np.bincount(own * (n_levels + 1) + trait.codes, minlength=n_regions * (n_levels + 1))
    inside = table.reshape(n_regions, n_levels + 1)[:, :n_levels].astype(np.float64)
    parents = _parents(own, around)
    rest = _summed(inside, parents)[parents] - inside
    n = np.stack((inside.sum(axis=1), rest.sum(axis=1)))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.stack((inside, rest)) / n[:, :, None]
    effects = _cohens_h(shares)
    sizes = np.bincount(own, minlength=n_regions)
    sure = (
        _sure(effects, n[:, :, None], sizes[:, None]) & (effects > 0) & (shares[0] >= _LEAST_SHARE)
    )
    for region, level in np.argwhere(sure).tolist():
        here, elsewhere = shares[:, region, level].tolist()
        name = trait.levels[level]
        speaks = _SPEAKS.search(name)  # "3" or "R" says nothing without its column
        label = name if speaks else f"{trait.label} {name}"
        candidate = _of_level(
            trait,
            name,
            label,
            float(effects[region, level]),
            here,
            elsewhere,
            others_called[region],
        )
        held = np.where(trait.codes == n_levels, np.nan, trait.codes == level)
        yield region, _counted(candidate, int(n[0, region]), int(sizes[region]), held)


def _of_level(
    trait: Flag | Category,
    level: str,
    label: str,
    effect: float,
    here: float,
    elsewhere: float,
    others_called: str,
) -> Candidate:
    stem = isolated(_short(label))
    subject = label if isinstance(trait, Flag) else list_names([trait.label, level])
    if effect > 0:
        name, key = f"{stem} {percent(here)}", stem
    elif here > 0:
        name = _("{level} only {share}").format(level=stem, share=percent(here))
        key = f"only {stem}"
    else:
        name = key = _("no {level}").format(level=stem)
    sentence = _("{level}: {share} here, {elsewhere} of {others}").format(
        level=subject, share=percent(here), elsewhere=percent(elsewhere), others=others_called
    )
    reason = Reason(
        column=trait.column,
        level=level,
        name=name,
        effect=effect,
        here=here,
        elsewhere=elsewhere,
        counted=0,
        words=sentence,
    )
    # what a region is says more than what it is not
    return Candidate(reason, key, abs(effect) * (1.0 if effect > 0 else 0.5), trait, np.empty(0))


def _counted(
    candidate: Candidate, counted: int, size: int, values: NDArray[np.float64]
) -> Candidate:
    sentence = candidate.reason.words
    if counted < size:
        sentence = _("{sentence} (of {count:,} of {total:,} rows with a value)").format(
            sentence=sentence, count=counted, total=size
        )
    return replace(
        candidate, reason=replace(candidate.reason, counted=counted, words=sentence), values=values
    )


def _sure(
    effects: NDArray[np.float64], n: NDArray[np.float64], sizes: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which effects are large, beyond chance, and rest on enough rows with a value."""
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = np.sqrt(1 / n[0] + 1 / n[1])
        large = np.abs(effects) >= np.maximum(_LEAST_EFFECT, _STANDARD_ERRORS * errors)
    result: NDArray[np.bool_] = large & (n[0] >= _KNOWN * sizes) & (n[1] > 0)
    return result


def _cohens_h(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    angles = 2 * np.arcsin(np.sqrt(np.clip(shares, 0.0, 1.0)))
    result: NDArray[np.float64] = angles[0] - angles[1]
    return result


def _inside_and_rest(
    weights: NDArray[np.float64], own: NDArray[np.int32], around: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Return the sums of weights in each region and in the rest around it, (2, regions)."""
    inside = np.bincount(own, weights)
    parents = _parents(own, around)
    return np.stack((inside, np.bincount(parents, inside)[parents] - inside))


def _parents(own: NDArray[np.int32], around: NDArray[np.int32]) -> NDArray[np.int64]:
    parents = np.zeros(int(own.max()) + 1, np.int64)
    parents[own] = around
    return parents


def _summed(table: NDArray[np.float64], parents: NDArray[np.int64]) -> NDArray[np.float64]:
    sums = np.zeros((int(parents.max()) + 1, table.shape[1]))
    np.add.at(sums, parents, table)
    return sums


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _written(value: float, kind: str) -> str:
    """Write a number for a reader; years stay without a comma."""
    if kind != "temporal" and 1 <= abs(value) < 10_000:
        return f"{value:.4g}".replace("-", "−")
    return figures.value(value, kind)
