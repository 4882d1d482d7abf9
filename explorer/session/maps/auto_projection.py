"""Which projections begin by themselves, and which wait until somebody presses Project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.gettext import _
from explorer.jobs.forecast import Forecast, forecast, latest_costs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.state.document import ProjectionSettings
    from explorer.table.table import Table

__all__ = ["first_method", "reason_not_automatic"]

_LONGEST = 120.0  # seconds of work that is begun unasked, a convention


def first_method(table: Table, features: int) -> str:
    """Choose the method a table opens with: UMAP where it comes soon, else PCA."""
    # two columns are a map already: nothing is gained by neighbours of neighbours
    if features < 3 or table.num_rows < 2:
        return "pca"
    return "pca" if _cost(table, features, "umap").seconds > _LONGEST else "umap"


def reason_not_automatic(
    table: Table, settings: ProjectionSettings, keys: Mapping[str, str]
) -> str:
    """Say why the first map is not begun unasked; empty when it may be, or is in the cache.

    Parameters
    ----------
    table : Table
    settings : ProjectionSettings
        Of the map.
    keys : mapping of str to str
        Keys of its embeddings by method.
    """
    if table.num_rows < 2:
        return ""
    n_features = len(settings.features)
    cost = _cost(table, max(n_features, 1), settings.method.name)
    cached = bool(keys) and all(table.columns.cache.get("embeddings", key) for key in keys.values())
    if cost.seconds <= _LONGEST or cached:
        return ""
    return _(
        "A map of {n_features:,} features of {num_rows:,} rows takes {words}: tick "
        "what matters, then press Project."
    ).format(n_features=n_features, num_rows=table.num_rows, words=cost.words)


def _cost(table: Table, features: int, method: str) -> Forecast:
    return forecast(table.num_rows, features, method, {}, latest_costs(table.columns.cache.folder))
