"""Publish from a session: the set in review as a zip of files, with its map on screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ReviewError
from explorer.review.controller import ReviewController
from explorer.review.page.published_map import picture_of
from explorer.review.publication.build_publication import gather
from explorer.review.publication.publication_folder import publication_zip
from explorer.table.profiling import with_partners

if TYPE_CHECKING:
    from explorer.review.publication.map_picture import MapPicture
    from explorer.review.publication.publication import Publication
    from explorer.review.review_store import ReviewStore
    from explorer.session.session import Session
    from explorer.table.feature_set import FeatureSet
    from projections.errors import Progress

__all__ = ["published"]


def published(
    session: Session, store: ReviewStore, link: str, progress: Progress | None = None
) -> tuple[str, bytes, list[str]]:
    """Return file name, zip and notes of the set that is reviewed.

    Takes seconds, so not on the event loop.

    Parameters
    ----------
    session : Session
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
    kept, edits = session.part(ReviewController).base(), session.part(ReviewController).edits()
    if kept is None:
        raise ReviewError("save the features as a set first: one version of a set is published")
    if edits:
        raise ReviewError(f"save first: {edits.words}; {kept.id} is published as it is kept")
    publication = _publication(session, store, kept, link)
    return f"{kept.id}.zip", publication_zip(publication, progress), list(publication.notes)


def _publication(session: Session, store: ReviewStore, kept: FeatureSet, link: str) -> Publication:
    known: dict[str, Any] = {"profile": _profile(session), "link": link}
    picture = _picture(session)
    try:
        return gather(store, kept, session.table, picture=picture, **known)
    except ReviewError as error:
        if picture is None:
            raise
        found = gather(store, kept, session.table, **known)
        return replace(found, notes=(*found.notes, f"No map is published: {error}."))


def _picture(session: Session) -> MapPicture | None:
    shown, embedding = session.projection.map(), session.projection.embedding()
    if shown is None or embedding is None:
        return None
    return picture_of(shown, embedding, session.state.document["color"]["column"])


def _profile(session: Session) -> dict[str, Any]:
    """Return the profiles that are there; nothing is counted for it."""
    redundancy = session.table.relations.known_redundancy
    known = dict(session.table.profiles.known())
    told = known if redundancy is None else with_partners(known, redundancy)
    return {"features": [one.document() for one in told.values()]}
