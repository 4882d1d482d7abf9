"""The state a session starts from, and why these features."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.errors import FeatureError
from explorer.session.patience import first_method

if TYPE_CHECKING:
    from explorer.workbench.table import Table

__all__ = ["Start", "start_of"]


@dataclass(frozen=True)
class Start:
    """Sections of the first state document, and the reasons in words (empty where an expert chose)."""

    document: dict[str, Any]
    reasons: list[str] = field(default_factory=list)


def start_of(table: Table) -> Start:
    """Choose what a table opens with: its catalogue's features, else a pick with reasons."""
    known = [name for name in table.catalogue.table.start if name in table.features]
    color = {"column": table.catalogue.table.color} if table.catalogue.table.color in table.features else {}
    if known:
        return Start({"features": known, "color": color})
    try:
        pick = table.pick
    except FeatureError as error:
        return Start({"color": color}, [f"No feature was picked: {error}"])
    document = {
        "features": list(pick.names),
        "color": color,
        "method": {"name": first_method(table, len(pick.names))},
    }
    head = f"{len(pick.names)} of {len(table.features):,} columns were picked automatically: why these?"
    chosen = [f"✓ {name}: {why}" for name, why in pick.reasons.items()]
    left = [f"– {name}: {why}" for name, why in pick.left_out.items()]
    # a table of thousands of columns must not send a novel to the page
    more = [f"… and {len(left) - _MOST_REASONS:,} more columns left out"] if len(left) > _MOST_REASONS else []
    return Start(document, [head, *chosen, *left[:_MOST_REASONS], *more])


_MOST_REASONS = 200
