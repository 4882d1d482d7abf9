"""Profile of a whole table in this process: what is kept is taken, the rest is counted, and features are related."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.profile.counting.counting import count_features
from explorer.profile.profile import FeatureProfile, Profile
from explorer.profile.profile_store import ProfileStore
from explorer.profile.relations.missing_together import missing_together
from explorer.profile.relations.redundancy import Redundancy, correlations
from projections.errors import Progress, report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from explorer.features.kind import Feature
    from explorer.table.table import Table
    from explorer.table.table_cells import Cells

__all__ = ["count_kept", "profile_table", "with_partners"]

_KEEP_EVERY = 2.0  # seconds: a killed run loses no more
_STRONGEST = 10


def profile_table(
    table: Table, names: Iterable[str] | None = None, progress: Progress | None = None
) -> Profile:
    """Profile features of a table; see `Table.profile`."""
    table.source.check()  # in words, before the first look at the file
    features = {
        name: table.feature(name)
        for name in dict.fromkeys(table.column_names if names is None else names)
    }
    counted = count_kept(table, features, progress)
    document: dict[str, Any] = {
        "title": table.title,
        "rows": table.num_rows,
        "columns": len(table.column_names),
        "fingerprint": table.fingerprint,
    }
    redundancy = table.related(progress)
    partners = with_partners(counted, redundancy)
    relations = {"redundancy": redundancy.document()}
    absent = [name for name, one in counted.items() if 0 < one.missing < one.rows]
    if len(absent) > 1:
        told = missing_together(table.source, absent, features=features, progress=progress)
        relations["missing_together"] = told.document()
    return Profile(partners, document, relations)


def count_kept(
    table: Table, features: Mapping[str, Feature], progress: Progress | None = None
) -> dict[str, FeatureProfile]:
    """Return exact profiles of features: kept ones as they are, others counted and kept.

    Raises
    ------
    projections.Cancelled
        When ``progress`` returned False; what was finished is kept.
    """
    store = ProfileStore(table.cache, table.source.identity())
    lasting = [one for name, one in features.items() if name not in table.source.passing]
    found = store.get(lasting)
    missing = [name for name in features if name not in found]
    report(progress, "profile", len(found), len(features))
    fresh: list[FeatureProfile] = []
    kept_at = time.perf_counter()
    try:
        for profile in count_features(table.source, features, missing):
            found[profile.name] = profile
            fresh.append(profile)
            if time.perf_counter() - kept_at > _KEEP_EVERY:
                _put(store, table, fresh, features)
                fresh, kept_at = [], time.perf_counter()
            report(progress, "profile", len(found), len(features))
    finally:
        _put(store, table, fresh, features)
    return {name: found[name] for name in features}


def _put(
    store: ProfileStore,
    table: Table,
    fresh: Iterable[FeatureProfile],
    features: Mapping[str, Feature],
) -> None:
    """Keep profiles, but not those of row labels, which are others tomorrow."""
    store.put([one for one in fresh if one.name not in table.source.passing], features)


def kept_redundancy(table: Cells, progress: Progress | None = None) -> Redundancy:
    """Return which numeric features say the same, as it was kept or computed now."""
    features = {
        name: one for name, one in table.features.items() if one.kind in ("numeric", "boolean")
    }
    store = ProfileStore(table.cache, table.source.identity())
    kept = store.relation("redundancy", features.values())
    if kept is not None:
        return Redundancy.from_document(kept)
    found = correlations(table.source, list(features), features=features, progress=progress)
    store.put_relation("redundancy", features.values(), found.document())
    return found


def with_partners(
    profiles: Mapping[str, FeatureProfile], redundancy: Redundancy
) -> dict[str, FeatureProfile]:
    """Say of each profile which features it is nearly the same as."""
    told = {}
    for name, profile in profiles.items():
        near = sorted(redundancy.partners.get(name, {}).items(), key=lambda pair: -abs(pair[1]))
        told[name] = replace(profile, redundant_with=tuple(near[:_STRONGEST])) if near else profile
    return told
