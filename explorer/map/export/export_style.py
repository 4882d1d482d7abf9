"""Sizes and colours of everything on a figure that is no data.

In pixels of the lettering, and as hex.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DPI", "INKS", "Ink"]

DPI = 96  # pixels of the lettering to an inch, as in a browser


@dataclass(frozen=True)
class Ink:
    """Colours of text and lines; those of data are in `maps.palettes`."""

    text: str
    quiet: str
    line: str


INKS = {"light": Ink("#1b2530", "#56626e", "#8a949e"), "dark": Ink("#e3e8ed", "#a3aeb9", "#6b7884")}
"""By the name of the theme.

Text and quiet text keep a contrast of at least 4.5 : 1 to its background.
"""
