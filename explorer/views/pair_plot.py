"""A pair of features: a picture of all rows by density, the selection over it, and how the two correlate."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.errors import FeatureError
from explorer.maps import rgba
from explorer.maps.colour import Scale
from explorer.maps.marks import point_radius, spread
from explorer.maps.palettes import DARK, LIGHT, Theme
from explorer.maps.picture import png_bytes
from explorer.maps.shade import count_levels, count_span
from explorer.maps.viewport import Viewport
from explorer.profiles.redundancy import written
from explorer.profiles.within_groups import GroupCorrelation, WithinGroups, within_groups
from explorer.views.ticks import ticks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.rows.selection import Selection
    from explorer.session.session import Session
    from explorer.workbench.table import Table

__all__ = ["PairRequest", "drawn_range", "pair_box", "pair_counts", "pair_plot", "pair_relation"]

_TAIL = 0.001
# A convention: where the whole range is at most so many times the middle 99.8 %, it is drawn whole.
_NEARLY_WHOLE = 1.3
_MARGIN = 0.02
_BLOCK = 1 << 20  # rows whose pixels are found at a time
_MOST_RANKED = 5_000_000  # rows that are ranked exactly in seconds
_RANKED = 1_000_000
_SEED = 0


@dataclass(frozen=True)
class PairRequest:
    """What is asked of a pair.

    Parameters
    ----------
    one, other : str
        Features across and upwards.
    width, height : int
        Pixels.
    shade : {"rank", "log"}
        How the number of rows of a pixel becomes a tone.
    whole : bool
        Draw the whole range, far values too; else the middle 99.8 % of each feature.
    """

    one: str
    other: str
    width: int
    height: int
    shade: str = "rank"
    whole: bool = False


def drawn_range(values: NDArray[np.float64], *, whole: bool = False) -> tuple[float, float]:
    """Return the ends of an axis: the .1 and 99.9 % points with a small margin, or the whole range.

    Parameters
    ----------
    values : ndarray of shape (n,), float64
        Missing and infinite cells have no part in it.
    whole : bool
        From the least to the greatest. That is also the answer where they are hardly further out.

    Raises
    ------
    FeatureError
        No value is finite.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        raise FeatureError("it has no finite value")
    low, high = float(finite.min()), float(finite.max())
    if not whole:
        inner = np.quantile(finite, (_TAIL, 1 - _TAIL)).tolist()
        if high / _NEARLY_WHOLE - low / _NEARLY_WHOLE > inner[1] - inner[0] > 0:
            low, high = inner
    margin = _MARGIN * (high / 2 - low / 2) * 2 or 0.5 * max(1.0, abs(low) * 1e-6)
    ends = low - margin, high + margin
    return ends if math.isfinite(ends[0]) and math.isfinite(ends[1]) else (low, high)


def pair_counts(
    x: NDArray[np.float64], y: NDArray[np.float64], viewport: Viewport, mask: NDArray[np.bool_] | None = None
) -> NDArray[np.uint32]:
    """Count the rows of every pixel, as Datashader's ``Canvas.points`` does.

    Parameters
    ----------
    x, y : ndarray of shape (n,), float64
        NaN where missing: the row is not counted.
    viewport : Viewport
    mask : ndarray of shape (n,), bool, optional
        Rows to count; all without it.

    Returns
    -------
    ndarray of shape (height, width), uint32
        Row 0 = lowest y.
    """
    width, height = viewport.width, viewport.height
    counts = np.zeros(width * height, np.int64)
    for start in range(0, len(x), _BLOCK):
        part = slice(start, start + _BLOCK)
        inside = _within(x[part], viewport.x_range) & _within(y[part], viewport.y_range)
        if mask is not None:
            inside &= mask[part]
        column = _pixels(x[part][inside], viewport.x_range, width)
        row = _pixels(y[part][inside], viewport.y_range, height)
        counts += np.bincount(row * width + column, minlength=counts.size)
    return counts.reshape(height, width).astype(np.uint32)


def _within(values: NDArray[np.float64], ends: tuple[float, float]) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (values >= ends[0]) & (values <= ends[1])
    return inside


def _pixels(values: NDArray[np.float64], ends: tuple[float, float], size: int) -> NDArray[np.int64]:
    scale = size / (ends[1] - ends[0])
    # a row on the upper end belongs to the last pixel
    return np.clip((values * scale - ends[0] * scale).astype(np.int64), 0, size - 1)


def pair_plot(session: Session, asked: PairRequest) -> dict[str, Any]:
    """Draw the population and, over it, the selection; exact, of all rows.

    Returns
    -------
    dict
        Plain JSON: the picture, axes with ticks as shares of their length, and the account of all rows in words.

    Raises
    ------
    FeatureError
        A feature that is no number, or without a finite value.
    """
    table = session.table
    x, y = table.numbers(asked.one), table.numbers(asked.other)
    viewport = Viewport(
        _ends(x, asked.one, asked.whole), _ends(y, asked.other, asked.whole), asked.width, asked.height
    )
    population, selection = session.population(), session.selection()
    counts = pair_counts(x, y, viewport, _mask(population))
    chosen = None if selection is None else pair_counts(x, y, viewport, selection.mask)
    theme = DARK if session.state.document["theme"] == "dark" else LIGHT
    picture = _picture(counts, chosen, viewport, asked.shade, theme)
    data = base64.b64encode(png_bytes(picture[::-1])).decode()
    return {
        "one": asked.one, "other": asked.other, "shade": asked.shade, "whole": asked.whole,
        "src": f"data:image/png;base64,{data}", "width": asked.width, "height": asked.height,
        "x": _axis(table, asked.one, viewport.x_range), "y": _axis(table, asked.other, viewport.y_range),
        **_account(x, y, counts, chosen, population, selection),
    }  # fmt: skip


def _ends(values: NDArray[np.float64], name: str, whole: bool) -> tuple[float, float]:
    try:
        return drawn_range(values, whole=whole)
    except FeatureError as error:
        raise FeatureError(f"{name!r} cannot be an axis: {error}; choose another feature") from error


def _mask(rows: Selection | None) -> NDArray[np.bool_] | None:
    return None if rows is None else rows.mask


def _picture(
    counts: NDArray[np.uint32],
    chosen: NDArray[np.uint32] | None,
    viewport: Viewport,
    shade: str,
    theme: Theme,
) -> NDArray[np.uint8]:
    """Lay the selection in the map's ramp over the population in greys; alone the population takes the ramp."""
    ends = (*viewport.x_range, *viewport.y_range)
    radius = point_radius(int(counts.sum()), ends, viewport)
    if chosen is None:
        return spread(_shaded(counts, theme.density, shade, theme), radius)
    picture = _shaded(counts, _greys(theme), shade, theme)
    front = chosen > 0
    picture[front] = _shaded(chosen, theme.density, shade, theme)[front]
    return spread(picture, radius, front)


def _shaded(
    counts: NDArray[np.uint32], ramp: NDArray[np.uint8], shade: str, theme: Theme
) -> NDArray[np.uint8]:
    levels = count_levels(counts, None, count_span(counts, Scale(shade)))
    return rgba.shade_levels(levels, ramp, theme)


def _greys(theme: Theme) -> NDArray[np.uint8]:
    """Return 256 greys from that of the map's context to the one of "other"."""
    share = np.linspace(0, 1, 256)[:, None]
    mixed = (1 - share) * np.array(theme.context) + share * np.array(theme.other)
    greys: NDArray[np.uint8] = mixed.round().astype(np.uint8)
    return greys


def _axis(table: Table, name: str, ends: tuple[float, float]) -> dict[str, Any]:
    feature, (low, high) = table.features[name], ends
    ticks = ticks_of(np.array(ends), times=feature.kind == "temporal")
    places = [(at - low) / (high - low) for at in ticks.at]
    return {
        "label": feature.label, "unit": feature.unit, "low": low, "high": high,
        "ticks": [[place, words] for place, words in zip(places, ticks.words, strict=True)],
    }  # fmt: skip


def _account(
    x: NDArray[np.float64], y: NDArray[np.float64], counts: NDArray[np.uint32], chosen: NDArray[np.uint32] | None,
    population: Selection | None, selection: Selection | None,
) -> dict[str, Any]:  # fmt: skip
    """Say where every row of the table is; the numbers add up to it."""
    shown = len(x) if population is None else population.count()
    absent = np.isnan(x) | np.isnan(y)
    missing = int(absent.sum() if population is None else (absent & population.mask).sum())
    drawn = int(counts.sum(dtype=np.int64))
    beyond, hidden = shown - missing - drawn, len(x) - shown
    words = [f"{drawn:,} of {len(x):,} rows drawn"]
    words += [f"{missing:,} missing in either"] if missing else []
    words += [f"{beyond:,} beyond the axes"] if beyond else []
    words += [f"{hidden:,} hidden by filters"] if hidden else []
    if selection is not None and chosen is not None:
        words.append(f"{int(chosen.sum(dtype=np.int64)):,} of {selection.count():,} selected rows drawn")
    return {
        "drawn": drawn, "missing": missing, "beyond": beyond, "hidden": hidden, "words": " · ".join(words),
    }  # fmt: skip


def pair_box(asked: PairRequest, x: list[float], y: list[float]) -> dict[str, Any]:
    """Return the definition of the rows in a rectangle of the picture, both ends of both ranges inclusive.

    Ends are rounded to a five-hundredth of the rectangle: a pointer cannot mean more digits than that.
    """
    ranges = {asked.one: _rounded(x), asked.other: _rounded(y)}
    parts = [{"column": name, "range": ends} for name, ends in ranges.items()]
    return {"and": parts} if len(parts) > 1 else parts[0]


def _rounded(ends: list[float]) -> list[float]:
    low, high = min(ends), max(ends)
    if not high > low:
        return [low, high]
    digits = 3 - math.ceil(math.log10(high - low))
    return [round(low, digits), round(high, digits)]


def pair_relation(session: Session, one: str, other: str, by: str = "") -> dict[str, Any]:
    """Correlate a pair over the rows shown, and within the groups of a category.

    Parameters
    ----------
    session : Session
    one, other : str
        Numbers, booleans or times.
    by : str
        A category; empty: over all rows only.

    Returns
    -------
    dict
        Plain JSON with words.

    Raises
    ------
    FeatureError
        The three names do not differ.
    """
    if one == other or by in (one, other):
        raise FeatureError("a pair and the column of its groups must be different: choose another")
    table = session.table
    rows, of = _ranked_rows(session.population(), table.num_rows)
    x, y = (_finite(table.numbers(name)[rows]) for name in (one, other))
    label = {name: table.features[name].label for name in (one, other, by) if name}
    single = np.zeros(x.size, np.int64)
    methods = {
        method: within_groups(x, y, single, [""], method=method).overall for method in ("spearman", "pearson")
    }
    answer: dict[str, Any] = {
        "one": one, "other": other, "by": by, "of": of,
        **{method: _in_words(found) for method, found in methods.items()},
    }  # fmt: skip
    if by:
        coded = table.levels(by)
        codes = np.where(coded.codes < len(coded.labels), coded.codes, -1)[rows].astype(np.int64)
        found = within_groups(x, y, codes, coded.labels, names=(label[one], label[other], label[by]))
        answer |= {"within": _groups(found, label[by])}
    return answer


def _ranked_rows(population: Selection | None, n_rows: int) -> tuple[NDArray[np.int64] | slice, str]:
    """Return the rows to correlate, and which these are in words."""
    shown = n_rows if population is None else population.count()
    if shown > _MOST_RANKED:
        rows = np.arange(n_rows) if population is None else population.rows()
        drawn = np.sort(np.random.default_rng(_SEED).choice(rows, _RANKED, replace=False))
        return drawn, f"a random sample of {_RANKED:,} of the {shown:,} rows shown"
    if population is None:
        return slice(None), f"all {shown:,} rows"
    return population.rows(), f"the {shown:,} rows shown, all of them"


def _finite(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(cells), cells, np.nan)


def _in_words(found: GroupCorrelation) -> dict[str, Any]:
    known = not math.isnan(found.r)
    low, high = (found.low, found.high) if known else (math.nan, math.nan)
    return {
        "group": found.group, "n": found.n, "r": written(found.r) if known else "–", "value": found.r if known else None,
        "interval": f"{written(low)} to {written(high)}" if known else "",
    }  # fmt: skip


def _groups(found: WithinGroups, label: str) -> dict[str, Any]:
    more = found.n_groups - len(found.groups)
    notes = [f"{more:,} smaller groups not listed, in the pooled figure all the same"] if more > 0 else []
    notes += [f"{found.without_group:,} rows without {label} left out"] if found.without_group else []
    between = written(found.between) if not math.isnan(found.between) else "–"
    return {
        "label": label, "words": " ".join(found.words), "reversed": found.reversed, "overall": _in_words(found.overall),
        "pooled": _in_words(found.pooled), "between": between, "groups": [_in_words(one) for one in found.groups],
        "notes": notes,
    }  # fmt: skip
