"""Patience: what is begun unasked, and what waits until somebody presses Project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.jobs.forecast import CostTable, Forecast, forecast

if TYPE_CHECKING:
    from explorer.session.session import Session
    from explorer.table.table import Table

__all__ = ["first_method", "reason_not_automatic"]

_PATIENCE = 120.0  # seconds of work that is begun unasked, a convention


def first_method(table: Table, features: int) -> str:
    """Choose the method a table opens with: UMAP where it comes soon, else PCA."""
    # two columns are a map already: nothing is gained by neighbours of neighbours
    if features < 3 or table.num_rows < 2:
        return "pca"
    return "pca" if _cost(table, features, "umap").seconds > _PATIENCE else "umap"


def reason_not_automatic(session: Session) -> str:
    """Say why the first map is not begun unasked; empty when it may be, or is in the cache."""
    table, projected = session.table, session.projected()
    if table.num_rows < 2:
        return ""
    cost = _cost(table, max(len(projected["features"]), 1), projected["method"]["name"])
    keys = session.keys().values()
    if cost.seconds <= _PATIENCE or (
        keys and all(table.columns.cache.get("embeddings", key) for key in keys)
    ):
        return ""
    return (
        f"A map of {len(projected['features']):,} features of {table.num_rows:,} rows takes {cost.words}: tick what "
        "matters, then press Project."
    )


def _cost(table: Table, features: int, method: str) -> Forecast:
    return forecast(table.num_rows, features, method, {}, CostTable(table.columns.cache.folder))
