"""Lettering: fonts of a figure, how wide words are in them, and words broken into lines."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from explorer.map.export.export_style import DPI

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["clean", "elided", "families", "line_height", "width_of", "wrapped"]

# What XML cannot hold, and what would break a line.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# The first comes with Matplotlib; the others hold what it lacks, where they are installed.
_FAMILIES = (
    "DejaVu Sans", "Noto Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Micro Hei",
    "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Arial Unicode MS",
    "Microsoft YaHei", "Hiragino Sans", "Segoe UI Symbol",
)  # fmt: skip


def clean(text: str) -> str:
    """Return text in one line, without what no file can hold."""
    return _UNPRINTABLE.sub("\ufffd", " ".join(str(text).split()))


@functools.cache
def families() -> list[str]:
    """Return the installed font families that a figure uses, in order."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [family for family in _FAMILIES if family in installed]


@functools.lru_cache(4096)
def width_of(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a line of text is, in pixels; called under the lock of `figure`.

    Parameters
    ----------
    size : float
        Of the font, in pixels.
    """
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties

    font = FontProperties(
        family=families(), size=size * 72 / DPI, weight="bold" if bold else "normal"
    )
    width, _, _ = RendererAgg(1, 1, DPI).get_text_width_height_descent(text, font, False)
    return float(width)


def line_height(size: float) -> int:
    """Return the distance of two lines, in pixels."""
    return round(size * 1.42)


def elided(text: str, size: float, room: float, bold: bool = False) -> str:
    """Return text cut to a width, with an ellipsis where something is left out."""
    if width_of(text, size, bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        if width_of(text[:middle].rstrip() + "…", size, bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def wrapped(text: str, size: float, room: float, bold: bool = False) -> list[str]:
    """Break text into lines of at most a width; a longer word is broken too."""
    lines, line = [], ""
    for word in _pieces(text.split(" "), size, room, bold):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, size, bold) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def _pieces(text: Iterable[str], size: float, room: float, bold: bool) -> Iterable[str]:
    for word in text:
        rest = word
        while len(rest) > 1 and width_of(rest, size, bold) > room:
            end = max(1, len(elided(rest, size, room, bold)) - 1)
            yield rest[:end]
            rest = rest[end:]
        yield rest
