"""Bars: a histogram as one short path, for the thousands of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HEIGHT", "WIDTH", "bars_path", "merge_bins"]

# Pixels of a small histogram: 24 bars of 3 pixels at most.
WIDTH, HEIGHT = 72, 20
_MOST = 24


def bars_path(counts: Sequence[int]) -> str:
    """Return the outline of at most 24 bars over the whole width, as the ``d`` of an SVG path.

    Whole pixels only, and bars of the same height in a row are one step: about 80 bytes. A bar that
    holds any cell is at least one pixel high; "" for no cell at all.

    Parameters
    ----------
    counts : sequence of int
    """
    bars = merge_bins(counts, _MOST)
    most = max(bars, default=0)
    if most == 0:
        return ""
    heights = [max(1, round(HEIGHT * bar / most)) if bar else 0 for bar in bars]
    edges = [round(WIDTH * i / len(bars)) for i in range(len(bars) + 1)]
    path, last = [f"M0 {HEIGHT}"], 0
    for i, height in enumerate(heights):
        if height != last:
            path.append(f"V{HEIGHT - height}")
            last = height
        # one move for bars of one height
        if i + 1 == len(heights) or heights[i + 1] != height:
            path.append(f"H{edges[i + 1]}")
    return "".join(path) + f"V{HEIGHT}Z"


def merge_bins(counts: Sequence[int], most: int) -> list[int]:
    """Join neighbouring bins, equally many each, until there are at most ``most``."""
    width = -(-len(counts) // most) if counts else 1
    return [sum(counts[i : i + width]) for i in range(0, len(counts), width)]
