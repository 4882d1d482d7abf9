"""Which columns of a table can be read as items, outcomes, positions, units and segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.state.convert import as_json
from explorer.ui.repeated_card import units_offered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.features.kind import Feature
    from explorer.session.rows.row_selection import RowSelection
    from explorer.table.table import Table

__all__ = ["column_offers", "population_text", "setup_card"]

_KINDS = {
    "items": ("categorical", "identifier", "text", "numeric", "boolean"),
    "units": ("identifier", "categorical", "numeric", "text"),
    "segments": ("categorical", "boolean", "numeric", "temporal", "identifier"),
    "numbers": ("numeric", "identifier"),
    "outcomes": ("boolean", "numeric"),
}


def column_offers(features: Mapping[str, Feature]) -> dict[str, list[list[str]]]:
    """Return the columns that can be read in each way, as [name, label]; JSON.

    "several" are units, or that there are none.
    """
    offers = {
        way: [[name, feature.label] for name, feature in features.items() if feature.kind in kinds]
        for way, kinds in _KINDS.items()
    }
    return {**offers, "several": units_offered(offers["units"])}


def setup_card(table: Table, rows: RowSelection, settings: object, wanting: str) -> dict[str, Any]:
    """Return how a view of models is read, of which rows, and what is wanting; JSON."""
    features, asked = table.features, as_json(settings, "settings")
    columns = (value if isinstance(value, list) else [value] for value in asked.values())
    named = {name for names in columns for name in names if isinstance(name, str)}
    return {
        "asked": asked,
        "wanting": wanting,
        "population": population_text(table, rows),
        "labels": {name: features[name].label for name in named if name in features},
    }


def population_text(table: Table, rows: RowSelection) -> str:
    """Say which rows are read: all of them, or those that the filters leave."""
    population = rows.population()
    if population is None:
        return _("all {num_rows:,} rows").format(num_rows=table.num_rows)
    return _("of {num_rows:,} rows, filters leave {population:,}").format(
        num_rows=table.num_rows, population=population.count()
    )
