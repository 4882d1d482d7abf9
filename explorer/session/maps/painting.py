"""How the rows of one map are coloured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.map.paint.color import Colour, Continuous

if TYPE_CHECKING:
    from explorer.map.paint.shade import Span
    from explorer.table.coding import CategoricalColumn

__all__ = ["Painting"]


@dataclass(frozen=True, eq=False)
class Painting:
    """How the rows of one map are coloured.

    Attributes
    ----------
    colour : Colour
    span : Span or None
        Fixed for the whole map, so that colours mean the same wherever one looks; None for density
        and categories. Its ends count from the origin of the colour, as its values do.
    levels : CategoricalColumn or None
        Of a category.
    scale : str
        The scale in force: "linear", "log" or "rank".
    title, words : str
        Of a layer: what is drawn in place of a column, and how it is known.
    """

    colour: Colour
    span: Span | None = None
    levels: CategoricalColumn | None = None
    scale: str = "linear"
    title: str = ""
    words: str = ""

    @property
    def ends(self) -> tuple[float, float] | None:
        """The ends of the scale as values of the column; None without a span."""
        origin = self.colour.origin if isinstance(self.colour, Continuous) else 0.0
        return None if self.span is None else (self.span.low + origin, self.span.high + origin)
