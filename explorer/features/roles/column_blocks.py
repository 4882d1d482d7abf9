"""Families of columns named by numbers: pixels of an image, channels of a spectrum, embeddings."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from explorer.features.roles.role import ColumnBlock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.features.roles.column_facts import ColumnFacts
    from explorer.features.roles.role import Role

__all__ = ["find_blocks"]

# Conventions: a family of any name is a block from 30 columns, which is what a person looks
# through; one called like pixels, channels or embeddings from 8.
_FEWEST = 30
_FEWEST_NAMED = 8
_FEWEST_PIXELS = 64  # of an image that is told from its values alone

_TWO_NUMBERS = re.compile(r"^(.*?)(\d+)\s*[_x,]\s*(\d+)$", re.IGNORECASE)
_ONE_NUMBER = re.compile(r"^(.*?)(\d+(?:\.\d+)?)(\D*)$")
_PIXELS = frozenset(("px", "pix", "pixel", "pixels", "img", "image"))
_VECTORS = frozenset((
    "emb", "embed", "embedding", "embeddings", "vec", "vector", "latent", "hidden", "dim",
    "dimension", "component", "pc", "pca", "svd", "feat", "z",
))  # fmt: skip
_CHANNELS = frozenset((
    "wave", "wavelength", "wavenumber", "wl", "band", "channel", "chan", "ch", "nm", "freq",
    "frequency", "mz", "bin", "hz", "ppm", "lag", "t",
))  # fmt: skip


def find_blocks(facts: Mapping[str, ColumnFacts]) -> tuple[ColumnBlock, ...]:
    """Find families of columns of numbers whose names differ by a number alone.

    Parameters
    ----------
    facts : mapping of str to ColumnFacts
        In table order.

    Returns
    -------
    tuple of ColumnBlock
        In the order of their first columns.
    """
    families: dict[tuple[str, str, int], list[tuple[str, tuple[float, ...]]]] = defaultdict(list)
    for name, fact in facts.items():
        if fact.is_number and (key := _key(name)) is not None:
            families[key[:3]].append((name, key[3]))
    blocks = []
    for (prefix, suffix, _), members in families.items():
        words = set(re.findall(r"[a-z]+", f"{prefix} {suffix}".lower()))
        known = words & (_PIXELS | _VECTORS | _CHANNELS)
        if len(members) >= (_FEWEST_NAMED if known else _FEWEST):
            blocks.append(
                _block([name for name, _ in members], [n for _, n in members], words, facts)
            )
    place = {name: k for k, name in enumerate(facts)}
    return tuple(sorted(blocks, key=lambda block: place[block.columns[0]]))


def _key(name: str) -> tuple[str, str, int, tuple[float, ...]] | None:
    """Return what a name has before and after its numbers, how many these are, and the numbers."""
    if two := _TWO_NUMBERS.match(name):
        return two[1], "", 2, (float(two[2]), float(two[3]))
    if one := _ONE_NUMBER.match(name):
        return one[1], one[3], 1, (float(one[2]),)
    return None


def _block(
    names: list[str],
    numbers: Sequence[tuple[float, ...]],
    words: set[str],
    facts: Mapping[str, ColumnFacts],
) -> ColumnBlock:
    name = f"{names[0]} … {names[-1]}"
    shape = _image_shape(names, numbers, words, facts)
    if shape:
        return ColumnBlock(name, tuple(names), "image", shape=shape)
    role: Role = "vector" if words & _VECTORS and not words & _CHANNELS else "feature"
    axis = [number[0] for number in numbers] if all(len(n) == 1 for n in numbers) else []
    ordered = all(a < b for a, b in itertools.pairwise(axis))
    return ColumnBlock(name, tuple(names), role, tuple(axis) if ordered else ())


def _image_shape(
    names: list[str],
    numbers: Sequence[tuple[float, ...]],
    words: set[str],
    facts: Mapping[str, ColumnFacts],
) -> tuple[int, ...]:
    """Return height, width and, of colours, 3; empty where this is no image."""
    named = bool(words & _PIXELS)
    if not named and (words & (_CHANNELS | _VECTORS) or not _like_pixels(names, facts)):
        return ()
    if len(numbers[0]) == 2:
        height, width = (len({number[k] for number in numbers}) for k in (0, 1))
        return (height, width) if height * width == len(names) and min(height, width) > 1 else ()
    steps = {b[0] - a[0] for a, b in itertools.pairwise(numbers)}
    if steps != {1.0}:
        return ()  # pixels are missing or in another order
    side = math.isqrt(len(names))
    if side * side == len(names):
        return side, side
    side = math.isqrt(len(names) // 3)
    return (side, side, 3) if 3 * side * side == len(names) else ()


def _like_pixels(names: list[str], facts: Mapping[str, ColumnFacts]) -> bool:
    """Say whether all values are whole from 0 to 255, and some columns reach far beyond 1."""
    if len(names) < _FEWEST_PIXELS:
        return False
    columns = [facts[name] for name in names]
    return (
        all(fact.whole and fact.low >= 0 and fact.high <= 255 for fact in columns if fact.filled)
        and max(fact.high for fact in columns if fact.filled) >= 15
        if any(fact.filled for fact in columns)
        else False
    )
