"""What the button Map these rows says: how long it takes, or why it cannot be pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.gettext import _
from explorer.embedding.projection_methods import METHODS
from explorer.jobs.forecast import forecast, latest_costs
from explorer.session.maps.validate_projection import count_noun, too_few_rows

if TYPE_CHECKING:
    from explorer.state.document import Document
    from explorer.table.table import Table

__all__ = ["map_offer"]


def map_offer(table: Table, document: Document, count: int) -> dict[str, str]:
    """Return the title of the button, and why it cannot be pressed (empty when it can).

    Parameters
    ----------
    table : Table
    document : Document
        With the features and the method of the next map.
    count : int
        Rows that would be mapped.
    """
    method, features = document.method, document.features
    if not features:
        return {"title": "", "why_not": _("Tick at least one feature to map these rows.")}
    if refused := too_few_rows(count_noun(count, "row"), count, method.name):
        return {"title": "", "why_not": refused}
    costs = latest_costs(table.columns.cache.folder)
    cost = forecast(count, len(features), method.name, method.parameters, costs)
    return {
        "title": _(
            "Make a map of these {rows} alone, by {method} of the {features}: {cost}. One "
            "click brings the map of all rows back."
        ).format(
            rows=count_noun(count, "row"),
            method=METHODS[method.name].label,
            features=count_noun(len(features), "ticked feature"),
            cost=cost.words,
        ),
        "why_not": "",
    }
