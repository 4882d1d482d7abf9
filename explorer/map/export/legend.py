"""Legend: what the colours of a frame mean.

Its numbers come from the frame: exact, and of the rows in view.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core import number_format as figures
from explorer.core.gettext import _
from explorer.map.paint import rgba, shade
from explorer.map.paint.color import Categorical, Continuous
from explorer.map.paint.palettes import ramp
from explorer.profile.report.axis import linear_axis, log_axis, time_axis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from explorer.map.paint.color import Colour, Density
    from explorer.map.paint.palettes import Theme
    from explorer.map.raster.frame import Frame

__all__ = ["Coloured", "Legend", "Level", "hex_of", "legend_of"]

RGB = tuple[int, int, int]

_NEAREST_TICKS = 0.075  # of the bar: nearer than this, the words of two ticks touch
_DAYS = 2 * 86_400.0  # seconds: from here on, times are told apart by their dates
_STOPS = 10  # colours of a ramp in a document
_PARTS = (0.25, 0.5, 0.75)
_FINE = 4096  # steps in which the middle of a rank scale is looked for
_COUNTS = sorted(digit * 10**power for power in range(9) for digit in (1, 2, 5))


@dataclass(frozen=True)
class Coloured:
    """What the rows are coloured by, in words.

    Parameters
    ----------
    title, unit : str
        Of the feature.
    kind : str
        Of the feature, as `reports.figures.value` takes it.
    levels : sequence of str
        Of a category: one for each code, the last for "other or missing".
    missing : int
        Rows in colour and in view that have no value and are grey.
    """

    title: str = ""
    unit: str = ""
    kind: str = "numeric"
    levels: Sequence[str] = ()
    missing: int = 0


@dataclass(frozen=True)
class Level:
    """One line of a legend: its words, its colour, its exact rows (None: not counted)."""

    label: str
    colour: RGB
    count: int | None


@dataclass(frozen=True, eq=False)
class Legend:
    """What the colours of a frame mean.

    Attributes
    ----------
    title, unit : str
    how : str
        What a pixel shows: "mean per pixel, log scale", "rows in view".
    ramp : ndarray of shape (k, 3), uint8, or None
        Colours of a scale from low to high; None for levels.
    ticks : tuple of (float, str)
        Place on the ramp, 0 to 1, and words; the first and the last are its ends, with ≤ and ≥
        where the frame goes beyond.
    levels : tuple of Level
        Of categories, most frequent first; those with no row in view are left out.
    greys : tuple of Level
        What is drawn in the grey of the context.
    """

    title: str
    unit: str = ""
    how: str = ""
    ramp: NDArray[np.uint8] | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    levels: tuple[Level, ...] = ()
    greys: tuple[Level, ...] = ()

    @property
    def heading(self) -> str:
        """Title with its unit: "Box office (US$)"."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def document(self) -> dict[str, Any]:
        """Return it as JSON; of a ramp ten colours."""
        ramp = (
            ()
            if self.ramp is None
            else self.ramp[np.linspace(0, len(self.ramp) - 1, _STOPS).round().astype(int)]
        )
        lines = {
            name: [
                {"label": level.label, "color": hex_of(level.colour), "count": level.count}
                for level in levels
            ]
            for name, levels in (("levels", self.levels), ("greys", self.greys))
        }
        return {
            "title": self.title,
            "unit": self.unit,
            "how": self.how,
            "stops": [hex_of(entry) for entry in ramp],
            "ticks": [{"place": place, "words": label} for place, label in self.ticks],
            **lines,
        }


def hex_of(colour: Sequence[int]) -> str:
    """Write red, green and blue, 0 to 255, as "#rrggbb"."""
    return "#" + "".join(f"{int(channel):02x}" for channel in colour)


def legend_of(frame: Frame, colour: Colour, theme: Theme, about: Coloured) -> Legend:
    """Read the legend off a frame.

    Parameters
    ----------
    frame : Frame
    colour : Density, Continuous or Categorical
        What it was drawn with.
    theme : Theme
    about : Coloured
    """
    greys = _greys(frame, theme, about)
    selected = frame.levels.aggregate.context is not None
    if isinstance(colour, Categorical):
        levels = _levels(frame, colour, theme, about)
        counted = _("selected rows in view") if selected else _("rows in view")
        return Legend(about.title, about.unit, counted, levels=levels, greys=greys)
    kind = "rank" if frame.levels.span.kind == "rank" else f"{frame.levels.span.kind} scale"
    way = {
        "rank": _("colours by rank"),
        "linear scale": _("linear scale"),
        "log scale": _("log scale"),
    }.get(kind, kind)
    ramp = _ramp(colour, theme)
    if isinstance(colour, Continuous):
        ticks = _value_ticks(frame, about.kind, colour.origin)
        mean = _("mean per pixel, {scale}").format(scale=way)
        return Legend(about.title, about.unit, mean, ramp, ticks, greys=greys)
    return Legend(
        about.title or (_("Selected rows per pixel") if selected else _("Rows per pixel")),
        "",
        way,
        ramp,
        _count_ticks(frame),
        greys=greys,
    )


def _levels(frame: Frame, colour: Categorical, theme: Theme, about: Coloured) -> tuple[Level, ...]:
    planes = frame.levels.aggregate.planes
    assert planes is not None
    counts = planes.sum(axis=(0, 1), dtype=np.int64).tolist()
    table = [tuple(entry) for entry in colour.table(theme).tolist()]
    return tuple(
        Level(label, table[code], counts[code])
        for code, label in enumerate(about.levels)
        if code < len(counts) and counts[code]
    )


def _greys(frame: Frame, theme: Theme, about: Coloured) -> tuple[Level, ...]:
    rows = {"not selected": frame.levels.aggregate.n_context, "without a value": about.missing}
    return tuple(Level(label, theme.context, count) for label, count in rows.items() if count)


def _ramp(colour: Density | Continuous, theme: Theme) -> NDArray[np.uint8]:
    """Return the colours of all levels of a scale, low first: exactly those of the picture."""
    levels = np.arange(shade.FIRST_LEVEL, 256, dtype=np.uint8)[None, :]
    return rgba.shade_levels(levels, ramp(colour.palette, theme), theme, colour.invert)[0, :, :3]


# --- ticks: candidates are sent through the same scale as the pixels, so that a tick stands where
# its colour is


def _count_ticks(frame: Frame) -> tuple[tuple[float, str], ...]:
    span = frame.levels.span
    if not frame.levels.aggregate.n_coloured:
        return ()
    ends = _beyond(frame.levels.aggregate.counts, span)
    inner = [(float(count), f"{count:,}") for count in _COUNTS if span.low < count < span.high]
    counts = np.array([count for count, _ in inner], np.uint32)[None]
    ends_written = tuple(f"{round(end):,}" for end in (span.low, span.high))
    return _thinned(span, inner, shade.count_levels(counts, None, span), ends_written, ends)


def _value_ticks(frame: Frame, kind: str, origin: float) -> tuple[tuple[float, str], ...]:
    span, means = frame.levels.span, frame.levels.aggregate.means
    assert means is not None
    if not np.isfinite(means).any():
        return ()
    short = kind == "temporal" and span.high - span.low < _DAYS
    write = partial(figures.value if short else figures.brief, kind=kind)
    inner = [
        tick for tick in _inner_values(span, kind, origin, write) if span.low < tick[0] < span.high
    ]
    values = np.array([value for value, _ in inner], np.float32)[None]
    levels = shade.value_levels(values, np.ones(values.shape, np.uint32), None, span)
    ends_written = write(span.low + origin), write(span.high + origin)
    return _thinned(span, inner, levels, ends_written, _beyond(means, span))


def _inner_values(
    span: shade.Span, kind: str, origin: float, write: Callable[[float], str]
) -> list[tuple[float, str]]:
    """Return values between the ends of a scale that are worth a tick, with their labels."""
    if not span.low < span.high:
        return []
    if span.kind == "rank":
        values = np.linspace(span.low, span.high, _FINE, dtype=np.float32)
        levels = shade.value_levels(values[None], np.ones((1, _FINE), np.uint32), None, span)[0]
        tick_levels = [
            shade.FIRST_LEVEL + round(share * (255 - shade.FIRST_LEVEL)) for share in _PARTS
        ]
        result = {
            float(values[min(int(np.searchsorted(levels, level)), _FINE - 1)])
            for level in tick_levels
        }
        return [(value, write(value + origin)) for value in sorted(result)]
    if span.kind == "log":
        axis = log_axis(span.low, span.high, 0, 1)
    else:
        axis = (time_axis if kind == "temporal" else linear_axis)(
            span.low + origin, span.high + origin, 0, 1, 4
        )
    return [
        (value - origin, label if kind == "temporal" else write(value))
        for value, label in axis.ticks
    ]


def _beyond(plane: NDArray[np.float32] | NDArray[np.uint32], span: shade.Span) -> tuple[bool, bool]:
    """Say whether pixels lie beyond the two ends of a scale."""
    values = plane[plane > 0] if plane.dtype == np.uint32 else plane[np.isfinite(plane)]
    return bool((values < np.float32(span.low)).any()), bool((values > np.float32(span.high)).any())


def _thinned(
    span: shade.Span,
    inner: list[tuple[float, str]],
    levels: NDArray[np.uint8],
    ends: tuple[str, ...],
    beyond: tuple[bool, bool],
) -> tuple[tuple[float, str], ...]:
    """Return the two ends and, between them, the ticks whose words do not touch."""
    low, high = ("≤ " * beyond[0]) + ends[0], ("≥ " * beyond[1]) + ends[1]
    if not span.low < span.high:
        return ((0.5, ends[0]),)
    places = ((levels[0].astype(float) - shade.FIRST_LEVEL) / (255 - shade.FIRST_LEVEL)).tolist()
    ticks = [(0.0, low)]
    for place, (_value, label) in zip(places, inner, strict=True):
        if place - ticks[-1][0] >= _NEAREST_TICKS and 1 - place >= _NEAREST_TICKS:
            ticks.append((place, label))
    return (*ticks, (1.0, high))
