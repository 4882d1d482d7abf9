"""How the figures of a metric are written, with as many digits as the interval bears."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from explorer.core.gettext import _
from explorer.core.number_format import NONE, decimals, decimals_of_width, number, p_value, signed

if TYPE_CHECKING:
    from explorer.experiment.analysis.cell import Cell

__all__ = ["ValueFormat", "format_lift", "format_p"]

_FINEST = 6  # decimals, beyond which a number is written with a power of ten


class ValueFormat(NamedTuple):
    """How values of one metric are written beside each other.

    Parameters
    ----------
    share : bool
        Values are shares of units: written in per cent, differences in percentage points.
    decimals : int
        Of differences; values have one more.
    """

    share: bool
    decimals: int

    @classmethod
    def of(cls, cell: Cell, share: bool) -> ValueFormat:
        """Choose the digits of a cell: two significant ones of half its interval."""
        half = (cell.high - cell.low) / 2 * (100 if share else 1)
        return cls(share, decimals_of_width(half if half > 0 else abs(cell.difference)))

    def value(self, amount: float) -> str:
        """Write the value of an arm: "0.433 %", "12.41"."""
        if not math.isfinite(amount):
            return NONE
        if self.decimals > _FINEST:
            return number(amount) if not self.share else f"{number(100 * amount)} %"
        digits = self.decimals + 1
        return f"{100 * amount:.{digits}f} %" if self.share else decimals(amount, digits)

    def change(self, amount: float) -> str:
        """Write a difference with its sign: "+0.09 pp", "−1.2"."""
        text = self.end(amount)
        return _("{text} pp").format(text=text) if self.share and text != NONE else text

    def end(self, amount: float) -> str:
        """Write an end of a difference's interval, without a unit: "+0.20"."""
        if not math.isfinite(amount):
            return NONE
        shown = 100 * amount if self.share else amount
        if self.decimals > _FINEST:
            return ("+" if shown > 0 else "") + number(shown)
        return _signed(shown, self.decimals)

    def size(self, amount: float) -> str:
        """Write the size of an effect, which has no sign: "0.16 pp"."""
        return self.change(abs(amount)).removeprefix("+")

    def interval(self, low: float, high: float) -> str:
        """Write both ends: "−0.02 … +0.20"; nothing where there is no interval."""
        return (
            f"{self.end(low)} … {self.end(high)}"
            if math.isfinite(low) or math.isfinite(high)
            else ""
        )


def format_lift(lift: float, low: float, high: float, has_interval: bool = True) -> tuple[str, str]:
    """Write a lift and the ends of its interval in per cent: "+21 %", "−4 … +52".

    An open end is "∞".

    ``has_interval`` is false where the difference has no interval, and the lift none either.
    """
    if not math.isfinite(lift):
        return "", ""
    if not has_interval:
        return f"{_signed(100 * lift, min(decimals_of_width(100 * abs(lift)), 3))} %", ""
    half = (high - low) / 2 if math.isfinite(low) and math.isfinite(high) else abs(lift)
    digits = min(decimals_of_width(100 * half), 3)
    ends = [_signed(100 * end, digits) if math.isfinite(end) else "∞" for end in (low, high)]
    return f"{_signed(100 * lift, digits)} %", " … ".join(ends) if ends != [
        "∞",
        "∞",
    ] else "unbounded"


def format_p(p: float) -> str:
    """Write a p-value: ".110", "< .001"; a dash where nothing was tested."""
    return p_value(p, all_digits=True) or NONE


def _signed(amount: float, digits: int) -> str:
    return signed(amount, partial(decimals, digits=digits))
