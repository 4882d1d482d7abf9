"""What lies under the map: the rows as a table, and up to four charts beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.state.convert import need

__all__ = ["MOST_CHARTS", "Chart", "ChartKind", "TraySettings"]

ChartKind = Literal["histogram", "bars", "scatter", "line"]
MOST_CHARTS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A small chart of one column, or of two.

    Attributes
    ----------
    kind : {"histogram", "bars", "scatter", "line"}
    x : str
        Counted by a histogram or by bars; across in a scatter; the time of a line.
    y : str or None
        Upwards in a scatter; what a line averages (None: a line counts rows).
    """

    kind: ChartKind
    x: str
    y: str | None = None

    def __post_init__(self) -> None:
        if self.kind == "scatter":
            need(self.y is not None, "y of a scatter", "a column", self.y)
        elif self.kind != "line":
            need(self.y is None, f"y of a chart of the kind {self.kind!r}", "null", self.y)


@dataclass(frozen=True, kw_only=True, slots=True)
class TraySettings:
    """Whether the tray is open, and its charts; `charts` None: automatic ones."""

    open: bool = False
    charts: tuple[Chart, ...] | None = None

    def __post_init__(self) -> None:
        fits = len(self.charts or ()) <= MOST_CHARTS
        need(fits, "charts", f"at most {MOST_CHARTS} charts", self.charts)
