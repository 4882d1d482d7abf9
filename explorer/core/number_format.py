"""How numbers are written: four digits, times as dates, shares in per cent, a dash for none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "NONE",
    "all_digits",
    "brief",
    "clock",
    "correlation_text",
    "count",
    "decimals",
    "decimals_of_width",
    "duration",
    "fraction",
    "instant",
    "interval",
    "megabytes",
    "number",
    "p_value",
    "percent",
    "rate",
    "scale_of",
    "signed",
    "signed_percent",
    "significant_percent",
    "small",
    "spread",
    "value",
]

NONE = "–"
_GROUPED_FROM = 10_000
_PLAIN_BELOW = 1e12  # from here on digits are counted, not read
_BRIEF = 9  # characters of a narrow column
_UNITS = ((86_400 * 365.25, "years"), (86_400, "days"), (3_600, "h"), (60, "min"))


def number(value: float | None, digits: int | None = None) -> str:
    """Write a number with four significant digits, a whole one in full.

    As in "12,345", "1941", "0.01235", "−3.2e−7"; rounded to ``digits`` before, where given.

    Four digits stay together (NIST Special Publication 811, 10.5.3): a year is a number like
    others.
    """
    if value is None or value != value:
        return NONE
    if digits is not None:
        value = float(f"{value:.{digits}g}")
    size = abs(value)
    if size == math.inf:
        return "∞" if value > 0 else "−∞"
    if size < _PLAIN_BELOW and value == int(value):
        text = f"{int(value):,}" if size >= _GROUPED_FROM else f"{int(value)}"
    elif size >= _PLAIN_BELOW or size < 1e-4:
        return _with_power(value)
    else:
        text = f"{value:,.0f}" if size >= _GROUPED_FROM - 0.5 else f"{value:.4g}"
    return text.replace("-", "−")


def all_digits(value: float) -> str:
    """Write a number with all its digits, where four do not tell it from its neighbours."""
    text = f"{value:,.15g}" if abs(value) >= _GROUPED_FROM else f"{value:.15g}"
    return text.replace("e+", "e").replace("e-0", "e-").replace("-", "−")


def _with_power(value: float) -> str:
    digits, power = f"{value:.3e}".split("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(power)}".replace("-", "−")


def small(value: float | None, digits: int = 3) -> str:
    """Write a number about as large as 1 the way statistics are: ".012", "−.5", "1.2"."""
    text = fraction(value, digits)
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def fraction(value: float | None, digits: int = 3) -> str:
    """Write a number about as large as 1 with so many decimals: ".021", "−.10", "1.20"."""
    text = decimals(value, digits)
    return text.replace("0.", ".", 1) if text.startswith(("0.", "−0.")) else text


def decimals(value: float | None, digits: int) -> str:
    """Write a number with so many decimals: "0.30", "−1,234.5"; no sign where it rounds to 0."""
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{abs(value):,.{digits}f}"
    return f"−{text}" if value < 0 and text.strip("0.") else text


def decimals_of_width(half: float) -> int:
    """Return the decimals that show two significant digits of an interval's half-width."""
    if not math.isfinite(half) or half <= 0:
        return 2
    return max(1 - math.floor(math.log10(half)), 0)


def signed(value: float, write: Callable[[float], str]) -> str:
    """Write a number with its sign, also "+", unless it is written as 0."""
    text = write(value)
    return f"+{text}" if value > 0 and any(digit in text for digit in "123456789∞") else text


def interval(low: float, high: float, write: Callable[[float], str] = number) -> str:
    """Write both ends: ".12 … .4"; nothing where both are missing (NaN)."""
    return "" if low != low and high != high else f"{write(low)} … {write(high)}"


def p_value(p: float, *, all_digits: bool = False) -> str:
    """Write a p-value: "< .001", ".03", "1"; nothing where there is none (NaN).

    With ``all_digits``, zeros at the end stay, for figures below each other: ".030".
    """
    if p != p:
        return ""
    return "< .001" if p < 0.001 else small(p) if p >= 0.9995 or not all_digits else fraction(p)


def correlation_text(r: float | None) -> str:
    """Write a correlation: ".93", "−.95", "1.00"."""
    return fraction(r, 2)


def count(value: int | None, exact: bool = True) -> str:
    """Write how many; an estimate says so."""
    return NONE if value is None else f"{'' if exact else '≈ '}{value:,}"


def percent(share: float) -> str:
    """Write a share as the strips do: "61 %", "7.4 %", ".3 %", "< .1 %"."""
    if 0 < share < 0.001:
        return "< .1 %"
    if share < 0.1:
        return f"{100 * share:.1f} %".removeprefix("0") if share else "0 %"
    return f"{100 * share:.0f} %" if share <= 0.99 or share >= 1 else "> 99 %"


def rate(share: float | None) -> str:
    """Write a share down to the rates of a Gaussian's far tail: "7.9 %", ".047 %", ".00023 %"."""
    if share is None or not math.isfinite(share):
        return NONE
    if share < 0:
        return f"−{rate(-share)}"
    if share == 0 or share >= 0.001:
        return percent(share)
    return f"{float(f'{100 * share:.2g}'):.10f}".rstrip("0").removeprefix("0") + " %"


def significant_percent(share: float) -> str:
    """Write a share with three significant digits: "0.0123 %", "12.3 %"."""
    return NONE if share != share else f"{100 * share:.3g} %"


def signed_percent(share: float) -> str:
    """Write a relative change, with fewer decimals the larger it is: "+1.2 %", "−11 %"."""
    if share != share:
        return NONE
    digits = 0 if abs(share) >= 0.1 else 1 if abs(share) >= 0.001 else 2
    return f"{100 * share:+,.{digits}f} %".replace("-", "−")


def megabytes(size: int) -> str:
    """Write a size in bytes: "1,234.5 MB"."""
    return f"{size / 1e6:,.1f} MB"


def instant(seconds: float | None) -> str:
    """Write seconds since 1970-01-01 UTC as a date, with the time unless it is midnight."""
    if seconds is None:
        return NONE
    import numpy as np

    if abs(seconds) > 1e15:  # 30 million years: beyond what a date can say
        return f"{number(seconds)} s"
    text = str(np.datetime64(int(seconds // 1), "s")).replace("T", " ")
    return (
        text.removesuffix(" 00:00:00")
        .removesuffix(":00")
        .replace("-", "−", 1 if seconds < -6.3e10 else 0)
    )


def duration(seconds: float | None) -> str:
    """Write a length of time in its natural unit: "412 days", "3.5 h"."""
    if seconds is None:
        return NONE
    for length, unit in _UNITS:
        if abs(seconds) >= 2 * length:
            return f"{number(round(seconds / length, 1))} {unit}"
    return f"{number(seconds)} s"


def clock(seconds: float | None) -> str:
    """Write seconds since midnight as a time of day: "14:05", "14:05:30"."""
    if seconds is None:
        return NONE
    minutes, rest = divmod(int(seconds // 1), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "")


def scale_of(document: Mapping[str, Any]) -> str:
    """Return how values of a profiled feature are written.

    By its kind; "duration" or "clock" for times that are no dates.
    """
    cycles = (document.get("times") or {}).get("cycles")
    if document["kind"] != "temporal" or cycles is None or "week" in cycles:
        return str(document["kind"])
    return "clock" if cycles else "duration"


def value(amount: float | str | None, kind: str) -> str:
    """Write a value of a feature of this kind, or of this `scale_of`."""
    if isinstance(amount, str):
        return amount
    return _WRITTEN.get(kind, number)(amount)


def brief(amount: float | None, kind: str) -> str:
    """Write a value for a narrow column: a time as its date alone, a long number as "1.225e8"."""
    text = value(amount, kind)
    if kind == "temporal":
        return text.split(" ")[0]
    return (
        text if kind in _WRITTEN or amount is None or len(text) <= _BRIEF else _with_power(amount)
    )


def spread(amount: float | None, kind: str) -> str:
    """Write a distance between values of a feature of this kind."""
    return duration(amount) if kind in _WRITTEN else number(amount)


_WRITTEN = {"temporal": instant, "clock": clock, "duration": duration}
