"""Which features made the map shown, for the panel beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.core.number_format import rate, small
from explorer.embedding.feature_shares import shares_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.embedding.feature_shares import FeatureShare
    from explorer.features.kind import Feature
    from explorer.session.maps.projection import Projection
    from explorer.table.table import Table

__all__ = ["feature_importance"]

_WORDS = _(
    "share of the preserved neighbours that is lost when the values of a feature are "
    "shuffled, on 4,000 random rows; near-duplicate features share their importance, so "
    "each has little"
)


def feature_importance(table: Table, projection: Projection, key: str) -> dict[str, Any]:
    """Return the features of an embedding by their part in its neighbourhoods, as plain JSON."""
    embedding = dict(projection.available()).get(key)
    if embedding is None:
        return {"key": key, "words": _("this map is no longer available")}
    try:
        shares = shares_of(table.source, embedding, table.columns.cache)
    except ExplorerError as error:
        return {"key": key, "words": str(error)}
    return {"key": key, "words": _WORDS, "rows": [_row(table.features, row) for row in shares]}


def _row(features: Mapping[str, Feature], row: FeatureShare) -> dict[str, Any]:
    feature = features.get(row.feature)
    low, high = max(row.low, 0.0), max(row.high, 0.0)
    return {
        "name": row.feature,
        "label": feature.label if feature else row.feature,
        "share": round(row.share, 4),
        "short": rate(max(row.share, 0.0)),
        "words": _("{share} lost, 95 % interval {low} to {high}").format(
            share=rate(max(row.share, 0.0)), low=rate(low), high=rate(high)
        ),
        "loadings": " / ".join(small(value, 2) for value in row.loadings[:2]),
    }
