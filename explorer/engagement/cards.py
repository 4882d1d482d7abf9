"""What the Engagement view shows beside its list, as plain values.

All items together, the target policy, and one item by segment.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.core.gettext import _
from explorer.core.number_format import NONE, number
from explorer.engagement.item_list import OutcomeFormat
from explorer.ui.repeated_card import other_notes, repeated_card

if TYPE_CHECKING:
    from explorer.engagement.engagement import Engagement
    from explorer.engagement.item_rows import ItemRow

__all__ = ["engagement_card", "item_card"]

_CORRECTED = (
    ("snips", "SNIPS", _("Self-normalised inverse propensity score")),
    ("ips", "IPS", _("Inverse propensity score")),
    ("dr", _("doubly robust"), _("With a model of the outcome by context")),
)


def engagement_card(engagement: Engagement, label: str) -> dict[str, Any]:
    """Return all items together, and what is to be minded.

    Parameters
    ----------
    engagement : Engagement
    label : str
        Of the outcome.
    """
    outcome, whole = OutcomeFormat(engagement.share), engagement.policy
    between = (
        _("{n_units:,} units ({unit})").format(n_units=engagement.n_units, unit=engagement.unit)
        if engagement.unit
        else _("{n_rows:,} rows").format(n_rows=engagement.n_rows)
    )
    name = f"{'rate' if engagement.share else 'mean'} of {label}"
    tiles = [
        _tile(
            name,
            outcome,
            whole.mean,
            (whole.low, whole.high),
            _("all items · {between}").format(between=between),
        )
    ]
    if engagement.propensity is not None:
        target = _("all items alike") if engagement.target is None else engagement.target
        rest = _("{ess:,.0f} effective of {n:,} rows · largest weight {max_weight}").format(
            ess=whole.ess, n=whole.n, max_weight=number(whole.max_weight)
        )
        for field, short, title in _CORRECTED:
            value, low, high = (getattr(whole, f"{field}{end}") for end in ("", "_low", "_high"))
            if math.isfinite(value):
                tiles.append(
                    _tile(
                        f"{short}: {target}", outcome, value, (low, high), rest, title, whole.words
                    )
                )
    return {
        "item": engagement.item,
        "outcome": engagement.outcome,
        "share": engagement.share,
        "propensity": engagement.propensity,
        "by": engagement.by[0] if engagement.by else None,
        "segments": _segments(engagement),
        "tiles": tiles,
        "warning": engagement.warning,
        "notes": other_notes(engagement.notes, engagement.repeated),
        "repeated": repeated_card(engagement.repeated),
        "method": engagement.method,
        "n_items": engagement.n_items,
        "words": (
            _("{n_items:,} items · {n_rows:,} rows · exact · {seconds:.1f} s").format(
                n_items=engagement.n_items, n_rows=engagement.n_rows, seconds=engagement.seconds
            )
        ),
    }


def item_card(engagement: Engagement, item: str) -> dict[str, Any] | None:
    """Return one item in every segment, and in the whole first; None where it is not there."""
    try:
        whole = engagement.find(item)
    except KeyError:
        return None
    same = np.flatnonzero(engagement.segments.column("item") == item)
    rows = [engagement.segments[int(at)] for at in same]
    return {
        "item": item,
        "lines": [_line(engagement, row) for row in (whole, *rows)],
        "words": whole.words,
    }


def _line(engagement: Engagement, row: ItemRow) -> dict[str, Any]:
    outcome = OutcomeFormat(engagement.share)
    corrected = math.isfinite(row.snips)
    return {
        "segment": row.segment,
        "n": f"{row.n:,}",
        "mean": outcome.value(row.mean, row.low, row.high),
        "interval": outcome.interval(row.low, row.high),
        "shrunk": outcome.value(row.shrunk),
        "corrected": outcome.value(row.snips, row.snips_low, row.snips_high) if corrected else NONE,
        "corrected_interval": outcome.interval(row.snips_low, row.snips_high),
        "ess": f"{row.ess:,.0f}" if corrected else NONE,
        "ranked": row.ranked,
    }


def _segments(engagement: Engagement) -> list[dict[str, Any]]:
    outcome = OutcomeFormat(engagement.share)
    return [
        {
            "segment": total.segment,
            "n": f"{total.n:,}",
            "mean": outcome.value(total.mean, total.low, total.high),
            "interval": outcome.interval(total.low, total.high),
        }
        for total in engagement.totals
    ]


def _tile(
    name: str,
    outcome: OutcomeFormat,
    value: float,
    ends: tuple[float, float],
    note: str,
    title: str = "",
    warning: str = "",
) -> dict[str, str]:
    return {
        "name": name,
        "value": outcome.value(value, *ends),
        "interval": outcome.interval(*ends),
        "note": note,
        "title": title,
        "warning": warning,
    }
