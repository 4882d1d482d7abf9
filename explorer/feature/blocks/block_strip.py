"""What the strip of a block of columns shows: how many columns, and their mean as a picture."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.map.paint.pixel_picture import picture_address, pixel_levels, pixel_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.features.roles.role import ColumnBlock
    from explorer.profile.summary import FeatureSummary
    from explorer.table.table import Table

__all__ = ["block_entries", "block_look", "block_looks"]

_BINS = 184  # of a line: as many as the strip has pixels


def block_entries(table: Table) -> list[dict[str, Any]]:
    """Return what is known of the blocks of a table before anything is counted.

    Returns
    -------
    list of dict
        "name"; "text", how many columns of what; "role", for a reader; "places", where its columns
        are in the table.
    """
    place = {name: k for k, name in enumerate(table.column_names)}
    return [
        {
            "name": block.name,
            "text": _text(block),
            "role": table.roles[block.columns[0]].label,
            "places": [place[name] for name in block.columns if name in place],
        }
        for block in table.column_blocks
    ]


def block_looks(table: Table) -> dict[str, dict[str, Any]]:
    """Return the looks of the blocks all of whose columns are counted, by name."""
    counted = table.summaries.counted()
    return {
        block.name: block_look(block, {name: counted[name] for name in block.columns})
        for block in table.column_blocks
        if all(name in counted for name in block.columns)
    }


def block_look(block: ColumnBlock, summaries: Mapping[str, FeatureSummary]) -> dict[str, Any]:
    """Return the mean of a block as a picture or, where it is no image, as a line with its spread.

    Parameters
    ----------
    block : ColumnBlock
    summaries : mapping of str to FeatureSummary
        Of all its columns.

    Returns
    -------
    dict
        "words": what is shown. Of an image "picture", an address; else "line", Base64 of three
        times "bins" heights of 0 to 255: the mean less one standard deviation, the mean, and the
        mean with one added. Of more than 184 columns several share a bin: the lowest, the mean of
        the means, the highest.
    """
    chosen = [summaries[name] for name in block.columns]
    mean = _numbers([summary.mean for summary in chosen])
    sampled = next((summary.sampled for summary in chosen if summary.sampled), None)
    rows = (
        _("{sampled:,} random rows").format(sampled=sampled)
        if sampled
        else _("{rows:,} rows").format(rows=chosen[0].rows)
    )
    if block.shape:
        low, high = _ends(mean, mean)
        levels = pixel_levels(mean, low, high)
        picture = pixel_picture(levels, np.isnan(mean), block.shape)
        return {
            "picture": picture_address(picture),
            "words": _("Mean image of {rows}").format(rows=rows),
        }
    spread = np.nan_to_num(_numbers([summary.std for summary in chosen]))
    lines = _binned(mean - spread, mean, mean + spread)
    low, high = _ends(lines[0], lines[2])
    heights = np.round(255 * (np.nan_to_num(lines, nan=low) - low) / (high - low or 1))
    return {
        "line": base64.b64encode(heights.astype(np.uint8).tobytes()).decode(),
        "bins": lines.shape[1],
        "words": _(
            "Mean of {rows} and one standard deviation either way, {low:.4g} to {high:.4g}"
        ).format(rows=rows, low=low, high=high),
    }


def _text(block: ColumnBlock) -> str:
    count = _("{count:,} columns").format(count=len(block.columns))
    if block.shape:
        text = (
            _("{columns}, image {height} × {width} in colour")
            if len(block.shape) == 3
            else _("{columns}, image {height} × {width}")
        )
        return text.format(columns=count, height=block.shape[0], width=block.shape[1])
    if block.role == "vector":
        return f"{count}, vector"
    return (
        _("{columns}, {first:g} to {last:g}").format(
            columns=count, first=block.axis[0], last=block.axis[-1]
        )
        if block.axis
        else count
    )


def _numbers(values: list[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _ends(low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[float, float]:
    if np.isnan(low).all():
        return 0.0, 1.0
    return float(np.nanmin(low)), float(np.nanmax(high))


def _binned(
    low: NDArray[np.float64], mean: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the three lines in at most as many bins as are drawn, (3, bins)."""
    if len(mean) <= _BINS:
        return np.stack([low, mean, high])
    starts = np.arange(_BINS) * len(mean) // _BINS
    counts = np.diff([*starts, len(mean)])
    return np.stack(
        [
            np.fmin.reduceat(low, starts),
            np.add.reduceat(np.nan_to_num(mean), starts) / counts,
            np.fmax.reduceat(high, starts),
        ]
    )
