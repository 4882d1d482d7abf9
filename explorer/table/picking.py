"""Picking features to open a table with, without counting more than a first page can wait for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.core.errors import FeatureError
from explorer.core.gettext import _
from explorer.profile.pick import MOST_FEATURES, Pick, pick_features
from explorer.profile.relations.redundancy import correlations
from explorer.profile.summary import summarize
from explorer.sources.source import open_source
from explorer.table.mappable import why_not_mapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.features.roles.role import ColumnBlock
    from explorer.table.column_relations import ColumnRelations
    from explorer.table.table_columns import TableColumns
    from explorer.table.table_profiles import TableProfiles

__all__ = ["pick_for_table"]

# Conventions: what two cores read in about two seconds, and the rows that are looked at.
_CELLS = 200_000_000
_ROWS = 50_000
_LOOKED_AT = 200
_FEWEST = 8
_COMPARED = ("numeric", "boolean")
_PLACES = ("sky_position", "coordinate")


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
    roles = columns.roles
    refused = why_not_mapped(roles.roles, columns.features)
    try:
        return _pick(columns, profiles, relations, refused)
    except FeatureError:
        # of a table of places alone, places are the map
        places = [n for n, role in roles.roles.items() if role.role in _PLACES and not role.given]
        if not places:
            raise
    return _pick(columns, profiles, relations, {**refused, **dict.fromkeys(places, "")})


def _pick(
    columns: TableColumns,
    profiles: TableProfiles,
    relations: ColumnRelations,
    refused: Mapping[str, str],
) -> Pick:
    blocks = columns.roles.blocks
    if profiles.small:
        return pick_features(
            columns.features, profiles.summaries, relations.redundancy(), refused, blocks
        )
    wanted = [
        name
        for name, feature in columns.features.items()
        if feature.kind in ("numeric", "boolean", "vector") and not refused[name]
    ]
    most = max(_FEWEST, min(_LOOKED_AT, _CELLS // max(columns.num_rows, 1)))
    in_blocks = {name for block in blocks for name in block.columns}
    pick: Pick | None = None
    if in_blocks.intersection(wanted):
        single = frozenset([name for name in wanted if name not in in_blocks][:most])
        looked_at = [name for name in wanted if name in in_blocks or name in single]
        pick = _among(columns, looked_at, blocks)
        wanted = []
    for start in range(0, len(wanted), most):
        pick = _joined(pick, _among(columns, wanted[start : start + most]))
        read = (start + most) * columns.num_rows
        if pick is not None and (
            len(pick.names) >= MOST_FEATURES or start + most > _LOOKED_AT or read > _CELLS
        ):
            break
    if pick is None:
        categories = [
            name
            for name, feature in columns.features.items()
            if feature.kind == "categorical" and not refused[name]
        ]
        pick = _among(columns, categories[:most])
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


def _among(
    columns: TableColumns, names: list[str], blocks: Sequence[ColumnBlock] = ()
) -> Pick | None:
    """Pick among some features, by a random sample of their rows; None when none can be used."""
    if not names:
        return None
    look = columns.first_look()
    enough = len(look.rows) >= min(_ROWS, columns.num_rows) or bool(blocks)
    cells = look.cells.select(names) if enough else columns.source.sample(names, _ROWS)[0]
    sample = open_source(cells, columns.cache)
    features = {name: columns.features[name] for name in names}
    in_blocks = {name for block in blocks for name in block.columns}
    compared = [n for n in names if features[n].kind in _COMPARED and n not in in_blocks]
    related = correlations(sample, compared, features=features)
    try:
        return pick_features(features, summarize(sample, features), related, blocks=blocks)
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
        **dict.fromkeys(over, _("beyond the first {count}").format(count=MOST_FEATURES)),
    }
    return Pick(names, reasons, left_out)
