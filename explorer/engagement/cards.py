"""What the Engagement view shows beside its list, as plain values.

All items together, the target policy, and one item by segment.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.number_format import NONE, number
from explorer.engagement.item_list import OutcomeFormat
from explorer.ui.repeated_card import notes_beside, repeated_card

if TYPE_CHECKING:
    from explorer.engagement.engagement import Engagement
    from explorer.engagement.item_rows import ItemRow

__all__ = ["engagement_card", "item_card"]

_CORRECTED = (
    ("snips", "SNIPS", "Self-normalised inverse propensity score"),
    ("ips", "IPS", "Inverse propensity score"),
    ("dr", "doubly robust", "With a model of the outcome by context"),
)


def engagement_card(found: Engagement, label: str) -> dict[str, Any]:
    """Return all items together, and what is to be minded.

    Parameters
    ----------
    found : Engagement
    label : str
        Of the outcome.
    """
    words, whole = OutcomeFormat(found.share), found.policy
    between = f"{found.n_units:,} units ({found.unit})" if found.unit else f"{found.n_rows:,} rows"
    name = f"{'rate' if found.share else 'mean'} of {label}"
    tiles = [_tile(name, words, whole.mean, (whole.low, whole.high), f"all items · {between}")]
    if found.propensity is not None:
        target = "all items alike" if found.target is None else found.target
        rest = (
            f"{whole.ess:,.0f} effective of {whole.n:,} rows · "
            f"largest weight {number(whole.max_weight)}"
        )
        for field, short, title in _CORRECTED:
            value, low, high = (getattr(whole, f"{field}{end}") for end in ("", "_low", "_high"))
            if math.isfinite(value):
                tiles.append(
                    _tile(f"{short}: {target}", words, value, (low, high), rest, title, whole.words)
                )
    return {
        "item": found.item,
        "outcome": found.outcome,
        "share": found.share,
        "propensity": found.propensity,
        "by": found.by[0] if found.by else None,
        "segments": _segments(found),
        "tiles": tiles,
        "warning": found.warning,
        "notes": notes_beside(found.notes, found.repeated),
        "repeated": repeated_card(found.repeated),
        "method": found.method,
        "n_items": found.n_items,
        "words": f"{found.n_items:,} items · {found.n_rows:,} rows · exact · {found.seconds:.1f} s",
    }


def item_card(found: Engagement, item: str) -> dict[str, Any] | None:
    """Return one item in every segment, and in the whole first; None where it is not there."""
    try:
        whole = found.find(item)
    except KeyError:
        return None
    same = np.flatnonzero(found.segments.column("item") == item)
    rows = [found.segments[int(at)] for at in same]
    return {
        "item": item,
        "lines": [_line(found, one) for one in (whole, *rows)],
        "words": whole.words,
    }


def _line(found: Engagement, row: ItemRow) -> dict[str, Any]:
    words = OutcomeFormat(found.share)
    corrected = math.isfinite(row.snips)
    return {
        "segment": row.segment,
        "n": f"{row.n:,}",
        "mean": words.value(row.mean, row.low, row.high),
        "interval": words.interval(row.low, row.high),
        "shrunk": words.value(row.shrunk),
        "corrected": words.value(row.snips, row.snips_low, row.snips_high) if corrected else NONE,
        "corrected_interval": words.interval(row.snips_low, row.snips_high),
        "ess": f"{row.ess:,.0f}" if corrected else NONE,
        "ranked": row.ranked,
    }


def _segments(found: Engagement) -> list[dict[str, Any]]:
    words = OutcomeFormat(found.share)
    return [
        {
            "segment": one.segment,
            "n": f"{one.n:,}",
            "mean": words.value(one.mean, one.low, one.high),
            "interval": words.interval(one.low, one.high),
        }
        for one in found.totals
    ]


def _tile(
    name: str,
    words: OutcomeFormat,
    value: float,
    ends: tuple[float, float],
    note: str,
    title: str = "",
    warning: str = "",
) -> dict[str, str]:
    return {
        "name": name,
        "value": words.value(value, *ends),
        "interval": words.interval(*ends),
        "note": note,
        "title": title,
        "warning": warning,
    }
