"""A strip as the page shows it: bars, their ends, and words for what is in no bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _, ngettext
from explorer.session.rows.level_filter import kept_levels
from explorer.session.rows.row_cells import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from explorer.features.kind import Feature
    from explorer.session.rows.row_selection import RowSelection
    from explorer.session.rows.strips import Strip
    from explorer.table.table import Table

__all__ = ["range_in_words", "rows_in_words", "strip_card"]

_SHOWN_LEVELS = 12
_UNFOLDED_LEVELS = 200


def strip_card(
    table: Table, rows: RowSelection, strip: Strip, selecting: bool, unfolded: bool = False
) -> dict[str, Any]:
    """Return a strip as plain JSON; `unfolded` lists up to 200 levels instead of 12."""
    feature = table.features[strip.column]
    base = {
        "column": strip.column,
        "label": feature.label,
        "unit": feature.unit,
        "selecting": selecting,
    }
    if strip.edges is not None:
        return {**base, "kind": "histogram", **_bars(table, rows, strip, feature)}
    counted = _("selected / shown") if selecting else ""
    return {
        **base,
        "kind": "levels",
        "how": counted,
        **_levels(table, rows, strip, selecting, unfolded),
    }


def rows_in_words(count: int) -> str:
    """Write a number of rows."""
    return (
        _("{count:,} row").format(count=count)
        if count == 1
        else _("{count:,} rows").format(count=count)
    )


def range_in_words(table: Table, column: str, ends: Sequence[float]) -> str:
    """Write a range of a number, an end that leaves nothing out as an open one."""
    feature, summary = table.features[column], table.summaries[column]
    low, high = (_end(value, feature) for value in ends)
    open_low = summary.minimum is not None and ends[0] <= summary.minimum
    open_high = summary.maximum is not None and ends[1] >= summary.maximum
    if open_low and open_high:
        return _("all values")
    return f"≤ {high}" if open_low else f"≥ {low}" if open_high else f"{low} – {high}"


def _counts(shown: int, selected: int | None) -> str:
    return rows_in_words(shown) + (
        "" if selected is None else _(", {selected:,} selected").format(selected=selected)
    )


def _levels(
    table: Table, rows: RowSelection, strip: Strip, selecting: bool, unfolded: bool
) -> dict[str, Any]:
    assert strip.labels is not None
    names: list[str | None] = [*strip.labels, None]
    # the largest of the table first, so that bars keep their places while filters change
    order = [i for i in range(len(names)) if names[i] is not None or strip.shown[i]]
    kept = kept_levels(rows.column_filter(strip.column), table.columns.levels(strip.column))
    listed = order[: _UNFOLDED_LEVELS if unfolded else _SHOWN_LEVELS]
    levels = [
        {
            "value": names[i],
            "label": "missing" if names[i] is None else names[i],
            "on": bool(kept[i]),
            "shown": int(strip.shown[i]),
            "selected": int(strip.selected[i]),
            "counts": _counts(int(strip.shown[i]), int(strip.selected[i]) if selecting else None),
        }
        for i in listed
    ]
    unlisted = order[len(listed) :]
    n_rest = rows_in_words(int(strip.shown[unlisted].sum()))
    more = ngettext(
        "{count:,} more level, {n_rest}", "{count:,} more levels, {n_rest}", len(unlisted)
    ).format(count=len(unlisted), n_rest=n_rest)
    return {
        "levels": levels,
        "some_off": not kept.all(),
        "unfolded": unfolded,
        "fold": _("show fewer") if unfolded else f"+ {more}" if unlisted else "",
        "beyond": _("… and {more}").format(more=more) if unfolded and unlisted else "",
    }


def _bars(table: Table, rows: RowSelection, strip: Strip, feature: Feature) -> dict[str, Any]:
    assert strip.edges is not None
    present = rows.column_filter(strip.column)
    brushed = list(present.range) if present and present.on and present.range else None
    first, last = _ends(strip.edges)
    most = table.summaries[strip.column].maximum
    # the last bin of whole numbers may be wider than what is left for it
    low, high = _end(first, feature), _end(last if most is None else min(last, most), feature)
    outside = [
        _("{rows:,} outside the chart").format(rows=strip.below + strip.above)
        if strip.below + strip.above
        else "",
        _("{missing:,} missing").format(missing=strip.missing) if strip.missing else "",
        _("a range hides the rows without a value") if strip.missing and brushed else "",
    ]
    where = [
        _("{below:,} below {low}").format(below=strip.below, low=low) if strip.below else "",
        _("{above:,} above {high}").format(above=strip.above, high=high) if strip.above else "",
    ]
    return {
        "edges": strip.edges.tolist(),
        "shown": strip.shown.tolist(),
        "selected": strip.selected.tolist(),
        "low": low,
        "high": high,
        "brushed": brushed,
        "range": range_in_words(table, strip.column, brushed) if brushed else "",
        "outside": " · ".join(filter(None, outside)),
        "where": ", ".join(filter(None, where)),
    }


def _end(value: float, feature: Feature) -> str:
    if feature.kind == "temporal":
        return str(np.datetime64(int(value), "s"))[:10]
    return format_value(float(value), feature).removesuffix(feature.unit).strip()


def _ends(edges: NDArray[np.float64]) -> tuple[float, float]:
    """Return the first and last value inside.

    Bins of whole numbers begin half-way between two of them.
    """
    low, high = float(edges[0]), float(edges[-1])
    return (low + 0.5, high - 0.5) if low % 1 == 0.5 and high % 1 == 0.5 else (low, high)
