"""QQ plot of a feature's page: values against the fitted normal's, with simultaneous band."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.core import number_format as figures
from explorer.core.html import Markup, tag
from explorer.profile.report.axis import Axis, linear_axis
from explorer.profile.report.histogram_plot import axes_frame, plot_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["finite_points", "qq_plot"]

WIDTH, HEIGHT = 360, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 10, 38


def qq_plot(qq: Mapping[str, Any], name: str, line: tuple[float, float] | None) -> Markup:
    """Draw a QQ plot.

    Parameters
    ----------
    qq : mapping
        At least two `finite_points`. ``theoretical`` in sd of the normal; ``observed``, ``low`` and
        ``high`` (the band) in data units; ``n``; ``words``.
    name : str
    line : (center, spread) or None
        Of the fitted normal: where points of a normal lie.
    """
    points = finite_points(qq)
    x, observed = zip(*points, strict=True)
    band = [value for value in (qq.get("low") or []) + (qq.get("high") or []) if value is not None]
    x_axis = linear_axis(x[0], x[-1], _LEFT, WIDTH - _RIGHT)
    # the points decide: a band that runs away at the ends of a small sample is cut
    low, high = _room(observed, band)
    y_axis = linear_axis(low, high, HEIGHT - _BOTTOM, _TOP)
    parts = [
        axes_frame(x_axis, y_axis, WIDTH, HEIGHT - 12),
        _band(qq, x_axis, y_axis),
        _line(line, x_axis, y_axis),
    ]
    # lines of no length with round ends are dots
    dots = "".join(f"M{place}h0" for place in _places(points, x_axis, y_axis))
    parts.append(tag("path", class_="points", d=Markup(dots)))
    parts.append(tag("text", "sd of a normal", x=(WIDTH + _LEFT) / 2, y=HEIGHT - 4, class_="name"))
    caption = qq.get("words") or f"{figures.count(qq.get('n'))} values"
    if left_out := len(qq["observed"]) - len(points):
        caption += f"; {left_out:,} points of too large values are not drawn"
    text = f"Quantiles of {name} against those of the fitted normal. {caption}."
    return tag(
        "figure",
        plot_image(text, parts),
        tag("figcaption", f"{caption}. The dashed line is the fitted normal."),
    )


def finite_points(qq: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the points that are numbers: near 1.8e308 a quantile between two values overflows."""
    pairs = zip(qq["theoretical"], qq["observed"], strict=False)
    return [
        (x, y)
        for x, y in pairs
        if x is not None and y is not None and math.isfinite(x) and math.isfinite(y)
    ]


def _room(observed: Sequence[float], band: Sequence[float]) -> tuple[float, float]:
    low, high = min(observed), max(observed)
    # each end by itself: the distance of two near the largest float overflows
    more = high * 0.25 - low * 0.25
    return max(min([low, *band]), low - more), min(max([high, *band]), high + more)


def _band(qq: Mapping[str, Any], x_axis: Axis, y_axis: Axis) -> Markup | None:
    if not qq.get("low") or not qq.get("high"):
        return None
    corners: list[str] = []
    for side, step in (("low", 1), ("high", -1)):
        edge = [(x, y) for x, y in zip(qq["theoretical"], qq[side], strict=False) if y is not None]
        corners += _places(edge[::step], x_axis, y_axis)
    return tag("path", class_="band", d=Markup(f"M{'L'.join(corners)}Z")) if corners else None


def _line(line: tuple[float, float] | None, x_axis: Axis, y_axis: Axis) -> Markup | None:
    """Draw the fitted normal inside the frame: a straight line clipped at its top and bottom."""
    if line is None or not line[1] > 0:
        return None
    center, spread = line
    ends = [
        max(x_axis.knots[0], (y_axis.knots[0] - center) / spread),
        min(x_axis.knots[-1], (y_axis.knots[-1] - center) / spread),
    ]
    if ends[0] >= ends[1]:
        return None
    places = "L".join(_places([(z, center + spread * z) for z in ends], x_axis, y_axis))
    return tag("path", class_="normal", d=f"M{places}")


def _places(points: Sequence[tuple[float, float]], x_axis: Axis, y_axis: Axis) -> list[str]:
    """Return pixels; points that would cover one another are one."""
    if not points:
        return []
    x, y = zip(*points, strict=True)
    return list(
        dict.fromkeys(
            f"{round(left)} {round(top)}" for left, top in zip(x_axis(x), y_axis(y), strict=True)
        )
    )
