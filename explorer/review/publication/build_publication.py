"""Gathering: from a store, a set and a table to what is published of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError
from explorer.review.opinion import opinions_of
from explorer.review.publication.publication import Publication, TableFacts
from explorer.review.review import Review, definition_of
from explorer.review.verdict import set_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.review.publication.map_picture import MapPicture
    from explorer.review.review_store import ReviewStore
    from explorer.table.feature_set import FeatureSet
    from explorer.table.table import Table

__all__ = ["build_publication", "facts_of", "review_of"]


def review_of(store: ReviewStore, feature_set: FeatureSet, table: Table | None = None) -> Review:
    """Return the review of a version of a set, on a table as it is now."""
    fingerprint = table.fingerprint if table is not None else ""
    given = store.verdicts(in_set=feature_set, fingerprint=fingerprint or None)
    definitions = (
        {name: definition_of(feature) for name, feature in table.features.items()}
        if table is not None
        else {}
    )
    return Review(
        feature_set,
        opinions_of(given),
        store.approvals(feature_set),
        store.quorum(feature_set.name),
        fingerprint,
        definitions,
    )


def build_publication(
    store: ReviewStore,
    feature_set: FeatureSet,
    table: Table | None = None,
    *,
    profile: Mapping[str, Any] | None = None,
    picture: MapPicture | None = None,
    link: str = "",
    made: str = "",
) -> Publication:
    """Collect what is published of one version of a set.

    Parameters
    ----------
    store : ReviewStore
    feature_set : FeatureSet
        One version; need not be kept yet.
    table : Table, optional
        Its centres, scales, fills and levels go into ``features.yaml``; its state decides what is
        stale.
    profile : mapping, optional
        As `Profile.document` gives it, of all or some features.
    picture : MapPicture, optional
        Of an embedding of this very set.
    link, made
        As in `Publication`.

    Raises
    ------
    ReviewError
        As for `Publication`.
    """
    review = review_of(store, feature_set, table)
    given = store.verdicts(in_set=feature_set, fingerprint=review.fingerprint or None)
    versions = [
        version for version in store.sets(feature_set.name) if version.version < feature_set.version
    ]
    learned, notes = _learned(feature_set, table)
    return Publication(
        review=review,
        verdicts=given,
        evidence=store.evidence(key for verdict in given for key in verdict.evidence),
        parent=_parent(store, feature_set),
        versions=versions,
        approvals=[
            sign for version in [*versions, feature_set] for sign in store.approvals(version)
        ],
        learned=learned,
        table=facts_of(table) if table is not None else None,
        profile=profile,
        picture=picture,
        link=link,
        notes=notes,
        made=made,
    )


def facts_of(table: Table) -> TableFacts:
    """Return what a publication says of a table."""
    return TableFacts(
        title=table.title,
        rows=table.num_rows,
        columns=len(table.column_names),
        fingerprint=table.fingerprint,
        features=table.features,
    )


def _learned(
    feature_set: FeatureSet, table: Table | None
) -> tuple[Mapping[str, Any] | None, list[str]]:
    """Learn the set on the table; a set that does not fit it is published, and says so."""
    if table is None:
        return feature_set.learned, []
    try:
        return feature_set.learn(table).learned, []
    except ExplorerError as error:
        return None, [
            "features.yaml holds no centres and scales, "
            f"as the set does not fit this table: {error}."
        ]


def _parent(store: ReviewStore, feature_set: FeatureSet) -> FeatureSet | None:
    if not feature_set.parent:
        return None
    name = feature_set.parent.partition("@")[0]
    versions = {version.version: version for version in store.sets(name)}
    return versions.get(set_version(feature_set.parent) or 0)
