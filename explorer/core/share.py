"""A share of rows in words."""

from __future__ import annotations

__all__ = ["percent"]


def percent(share: float) -> str:
    """Write a share as the strips do: "61 %", "7.4 %", ".3 %", "< .1 %"."""
    if 0 < share < 0.001:
        return "< .1 %"
    if share < 0.1:
        return f"{100 * share:.1f} %".removeprefix("0") if share else "0 %"
    return f"{100 * share:.0f} %" if share <= 0.99 or share >= 1 else "> 99 %"
