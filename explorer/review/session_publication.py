"""Publish from a session: the set in review as a zip of files, with its map on screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ReviewError
from explorer.review.page.published_map import picture_of
from explorer.review.publication.build_publication import build_publication
from explorer.review.publication.publication_folder import publication_zip
from explorer.table.profiling import with_partners

if TYPE_CHECKING:
    from explorer.review.controller import ReviewController
    from explorer.review.publication.map_picture import MapPicture
    from explorer.review.publication.publication import Publication
    from explorer.review.review_store import ReviewStore
    from explorer.session.maps.projection import Projection
    from explorer.table.feature_set import FeatureSet
    from explorer.table.table import Table
    from projections.errors import Progress

__all__ = ["session_publication"]


def session_publication(
    table: Table,
    controller: ReviewController,
    projection: Projection,
    color: str | None,
    store: ReviewStore,
    link: str,
    progress: Progress | None = None,
) -> tuple[str, bytes, list[str]]:
    """Return file name, zip and notes of the set that is reviewed.

    Takes seconds, so not on the event loop.

    Parameters
    ----------
    table : Table
    controller : ReviewController
    projection : Projection
    color : str or None
        Column by which the map is coloured; None for density.
    store : ReviewStore
    link : str
        An address that opens the page in this state.
    progress : callable, optional
        As for `publication_zip`.

    Raises
    ------
    ReviewError
        Without a set, or with unsaved edits.
    """
    feature_set, edits = controller.base(), controller.edits()
    if feature_set is None:
        raise ReviewError("save the features as a set first: one version of a set is published")
    if edits:
        raise ReviewError(f"save first: {edits.words}; {feature_set.id} is published as it is kept")
    facts = {"profile": _profile(table), "link": link}
    publication = _build(table, store, feature_set, facts, _picture(projection, color))
    return f"{feature_set.id}.zip", publication_zip(publication, progress), list(publication.notes)


def _build(
    table: Table,
    store: ReviewStore,
    feature_set: FeatureSet,
    facts: dict[str, Any],
    picture: MapPicture | None,
) -> Publication:
    try:
        return build_publication(store, feature_set, table, picture=picture, **facts)
    except ReviewError as error:
        if picture is None:
            raise
        publication = build_publication(store, feature_set, table, **facts)
        return replace(publication, notes=(*publication.notes, f"No map is published: {error}."))


def _picture(projection: Projection, color: str | None) -> MapPicture | None:
    shown, embedding = projection.map(), projection.embedding()
    if shown is None or embedding is None:
        return None
    return picture_of(shown, embedding, color)


def _profile(table: Table) -> dict[str, Any]:
    """Return the profiles that are there; nothing is counted for it."""
    redundancy = table.relations.known_redundancy
    profiles = dict(table.profiles.finished())
    with_partners_ = profiles if redundancy is None else with_partners(profiles, redundancy)
    return {"features": [profile.document() for profile in with_partners_.values()]}
