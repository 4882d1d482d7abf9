"""CellVerdict: what a cell says in a word, a sign and a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.features.metric import Goal

__all__ = ["PALETTE", "CellVerdict", "VerdictStyle", "style_of", "verdict_of"]

CellVerdict = Literal[
    "better", "worse", "changed", "inconclusive", "as the whole", "not enough data", "untrusted"
]
"""As the whole: a segment or region that was not tested; the whole's verdict holds.

Nothing tells the effect apart between them.
"""


class VerdictStyle(NamedTuple):
    """How a verdict looks: never by colour alone.

    Parameters
    ----------
    colour : str
        Fill, as #rrggbb.
    ink : str
        Of text on it.
    glyph : str
    hatched : bool
        Drawn with lines across it.
    words : str
    """

    colour: str
    ink: str
    glyph: str
    hatched: bool
    words: str


PALETTE: dict[tuple[CellVerdict, int], VerdictStyle] = {
    ("better", 2): VerdictStyle("#2166ac", "#ffffff", "▲▲", False, _("better, strong evidence")),
    ("better", 1): VerdictStyle("#92c5de", "#1a1a1a", "▲", False, "better"),
    ("worse", 2): VerdictStyle("#b2182b", "#ffffff", "▼▼", False, _("worse, strong evidence")),
    ("worse", 1): VerdictStyle("#f4a582", "#1a1a1a", "▼", False, "worse"),
    ("changed", 2): VerdictStyle("#525252", "#ffffff", "◆◆", False, _("changed, strong evidence")),
    ("changed", 1): VerdictStyle("#969696", "#1a1a1a", "◆", False, "changed"),
    ("inconclusive", 0): VerdictStyle(
        "#cdcdcd", "#1a1a1a", "·", False, _("no detectable difference")
    ),
    ("as the whole", 0): VerdictStyle("#cdcdcd", "#1a1a1a", "=", False, _("as the whole")),
    ("not enough data", 0): VerdictStyle("#ffffff", "#1a1a1a", "○", True, _("not enough data")),
    ("untrusted", 0): VerdictStyle("#f0e543", "#1a1a1a", "!", True, _("not to be trusted")),
}
"""The two levels in blue and red follow ColorBrewer's RdBu.

Brewer 2003, doi:10.1559/152304003100010929; it stays apart under every
dichromacy, and the grey is dark enough to stay apart from white; a test holds CIEDE2000 to 20
between better and worse and to 10 between all others, but for the two greys of what is not
coloured, which their sign tells apart."""


def style_of(verdict: CellVerdict, strength: int) -> VerdictStyle:
    """Return how a verdict of this strength (0, 1 or 2) looks."""
    return PALETTE[verdict, strength]


def verdict_of(
    difference: float, p_adjusted: float, goal: Goal | None, alpha: Sequence[float]
) -> tuple[CellVerdict, int]:
    """Say what a trusted cell with enough data shows.

    Parameters
    ----------
    difference : float
        Treatment less control.
    p_adjusted : float
        Corrected within its family; NaN shows nothing.
    goal : {"increase", "decrease"}, optional
        Which way is better; None: neither.
    alpha : sequence of 2 float
        Levels, the larger first; a p-value equal to one reaches it.

    Returns
    -------
    verdict : str
    strength : int
        0, 1 or 2: how many of the levels are reached.
    """
    strength = sum(p_adjusted <= level for level in alpha)
    if not strength or difference == 0:
        return "inconclusive", 0
    if goal is None:
        return "changed", strength
    return ("better" if (difference > 0) == (goal == "increase") else "worse"), strength
