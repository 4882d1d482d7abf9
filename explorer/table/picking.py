"""Picking features to open a table with, without counting more than a first page can wait for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.core.errors import FeatureError
from explorer.profile.pick import MOST_FEATURES, Pick, pick_features
from explorer.profile.relations.redundancy import correlations
from explorer.profile.summary import summarize
from explorer.sources.source import open_source
from explorer.table.mappable import why_not_mapped

if TYPE_CHECKING:
    from explorer.table.column_relations import ColumnRelations
    from explorer.table.table_columns import TableColumns
    from explorer.table.table_profiles import TableProfiles

__all__ = ["pick_for_table"]

# Conventions: what two cores read in about two seconds, and the rows that are looked at.
_CELLS = 200_000_000
_ROWS = 50_000
_LOOKED_AT = 200
_FEWEST = 8


def pick_for_table(
    columns: TableColumns, profiles: TableProfiles, relations: ColumnRelations
) -> Pick:
    """Choose the features a table opens with.

    A small table is looked at whole. Of a larger one a random sample of the first numeric columns
    is, as many as can be read in a moment, and the reasons say so; more are looked at while too few
    of them can be used.

    Raises
    ------
    FeatureError
        No feature can be used.
    """
    refused = why_not_mapped(columns.roles.roles, columns.features)
    if profiles.small:
        return pick_features(columns.features, profiles.summaries, relations.redundancy(), refused)
    wanted = [
        name
        for name, feature in columns.features.items()
        if feature.kind in ("numeric", "boolean", "vector") and not refused[name]
    ]
    most = max(_FEWEST, min(_LOOKED_AT, _CELLS // max(columns.num_rows, 1)))
    pick: Pick | None = None
    for start in range(0, len(wanted), most):
        pick = _joined(pick, _among(columns, wanted[start : start + most]))
        read = (start + most) * columns.num_rows
        if pick is not None and (
            len(pick.names) >= MOST_FEATURES or start + most > _LOOKED_AT or read > _CELLS
        ):
            break
    if pick is None:
        pick = pick_features(
            columns.features, profiles.summaries, None, refused
        )  # says in words why nothing can be used
    unseen = [
        name for name in columns.features if name not in pick.reasons and name not in pick.left_out
    ]
    return replace(
        pick,
        left_out={
            **pick.left_out,
            **{name: refused[name] or "not counted when the table was opened" for name in unseen},
        },
    )


def _among(columns: TableColumns, names: list[str]) -> Pick | None:
    """Pick among some features, by a random sample of their rows; None when none can be used."""
    cells, _ = columns.source.sample(names, _ROWS)
    sample = open_source(cells, columns.cache)
    features = {name: columns.features[name] for name in names}
    related = correlations(
        sample, [n for n in names if features[n].kind != "vector"], features=features
    )
    try:
        return pick_features(features, summarize(sample, features), related)
    except FeatureError:
        return None


def _joined(first: Pick | None, second: Pick | None) -> Pick | None:
    if first is None or second is None:
        return first or second
    names = (*first.names, *second.names)[:MOST_FEATURES]
    reasons = {name: {**first.reasons, **second.reasons}[name] for name in names}
    over = [name for name in second.names if name not in reasons]
    left_out = {
        **first.left_out,
        **second.left_out,
        **dict.fromkeys(over, f"beyond the first {MOST_FEATURES}"),
    }
    return Pick(names, reasons, left_out)
