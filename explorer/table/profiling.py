"""Profile of a whole table in this process.

What is kept is taken, the rest is counted, and features are related.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.profile.counting.counting import count_features
from explorer.profile.profile import FeatureProfile, Profile
from explorer.profile.profile_store import ProfileStore
from explorer.profile.relations.missing_together import missing_together
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.features.kind import Feature
    from explorer.profile.relations.redundancy import Redundancy
    from explorer.table.column_relations import ColumnRelations
    from explorer.table.table_columns import TableColumns

__all__ = ["exact_profiles", "profile_table", "with_partners"]

_KEEP_EVERY = 2.0  # seconds: a killed run loses no more
_STRONGEST = 10


def profile_table(
    columns: TableColumns,
    relations: ColumnRelations,
    names: Iterable[str] | None = None,
    progress: Progress | None = None,
) -> Profile:
    """Profile features of a table; see `Table.profile`."""
    source = columns.source
    source.check()  # raises before the first look at the file
    features = {
        name: columns.features[name]
        for name in dict.fromkeys(columns.names if names is None else names)
    }
    counted = exact_profiles(columns, features, progress)
    about: dict[str, Any] = {
        "title": columns.catalogue.table.title or source.name,
        "rows": columns.num_rows,
        "columns": len(columns.names),
        "fingerprint": source.fingerprint,
    }
    redundancy = relations.redundancy(progress)
    documents = {"redundancy": redundancy.document()}
    absent = [name for name, profile in counted.items() if 0 < profile.missing < profile.rows]
    if len(absent) > 1:
        missing = missing_together(source, absent, features=features, progress=progress)
        documents["missing_together"] = missing.document()
    return Profile(with_partners(counted, redundancy), about, documents)


def exact_profiles(
    columns: TableColumns, features: Mapping[str, Feature], progress: Progress | None = None
) -> dict[str, FeatureProfile]:
    """Return exact profiles of features: kept ones as they are, others counted and kept.

    Raises
    ------
    projections.Cancelled
        When ``progress`` returned False; what was finished is kept.
    """
    store = ProfileStore(columns.cache, columns.source.identity())
    lasting = [
        feature for name, feature in features.items() if name not in columns.source.mutable_columns
    ]
    result = store.get(lasting)
    missing = [name for name in features if name not in result]
    report(progress, "profile", len(result), len(features))
    fresh: list[FeatureProfile] = []
    kept_at = time.perf_counter()
    try:
        for profile in count_features(columns.source, features, missing):
            result[profile.name] = profile
            fresh.append(profile)
            if time.perf_counter() - kept_at > _KEEP_EVERY:
                _put(store, columns, fresh, features)
                fresh, kept_at = [], time.perf_counter()
            report(progress, "profile", len(result), len(features))
    finally:
        _put(store, columns, fresh, features)
    return {name: result[name] for name in features}


def _put(
    store: ProfileStore,
    columns: TableColumns,
    fresh: Iterable[FeatureProfile],
    features: Mapping[str, Feature],
) -> None:
    """Keep profiles, but not those of row labels, which are others tomorrow."""
    store.put(
        [profile for profile in fresh if profile.name not in columns.source.mutable_columns],
        features,
    )


def with_partners(
    profiles: Mapping[str, FeatureProfile], redundancy: Redundancy
) -> dict[str, FeatureProfile]:
    """Say of each profile which features it is nearly the same as."""
    result = {}
    for name, profile in profiles.items():
        near = sorted(redundancy.partners.get(name, {}).items(), key=lambda pair: -abs(pair[1]))
        result[name] = (
            replace(profile, redundant_with=tuple(near[:_STRONGEST])) if near else profile
        )
    return result
