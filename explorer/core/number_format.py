"""How numbers are written: four digits, times as dates, shares in per cent, a dash for none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.core.share import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NONE",
    "brief",
    "clock",
    "count",
    "duration",
    "finite",
    "instant",
    "number",
    "probability",
    "rate",
    "scale_of",
    "small",
    "spread",
    "value",
]

NONE = "–"
_GROUPED_FROM = 10_000
_PLAIN_BELOW = 1e12  # from here on digits are counted, not read
_BRIEF = 9  # characters of a narrow column
_UNITS = ((86_400 * 365.25, "years"), (86_400, "days"), (3_600, "h"), (60, "min"))


def number(value: float | None) -> str:
    """Write a number with four significant digits, a whole one in full.

    As in "12,345", "1941", "0.01235", "−3.2e−7".

    Four digits stay together (NIST Special Publication 811, 10.5.3): a year is a number like
    others.
    """
    if value is None:
        return NONE
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


def _with_power(value: float) -> str:
    digits, power = f"{value:.3e}".split("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(power)}".replace("-", "−")


def small(value: float | None, digits: int = 3) -> str:
    """Write a number about as large as 1 the way statistics are: ".012", "−.5", "1.2"."""
    if value is None:
        return NONE
    text = f"{abs(value):.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return ("−" if value < 0 and float(text) else "") + (text.removeprefix("0") or "0")


def probability(value: float) -> str:
    """Write a p-value: "< .001", ".03"; nothing where there is none (NaN)."""
    if value != value:
        return ""
    return "< .001" if value < 0.001 else small(value)


def finite(value: float) -> str:
    """Write a number as `small` does, a dash where it is not finite."""
    return small(value) if math.isfinite(value) else NONE


def count(value: int | None, exact: bool = True) -> str:
    """Write how many; an estimate says so."""
    return NONE if value is None else f"{'' if exact else '≈ '}{value:,}"


def rate(share: float | None) -> str:
    """Write a share down to the rates of a Gaussian's far tail: "7.9 %", ".047 %", ".00023 %"."""
    if share is None:
        return NONE
    if share == 0 or share >= 0.001:
        return percent(share)
    return f"{float(f'{100 * share:.2g}'):.10f}".rstrip("0").removeprefix("0") + " %"


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
