"""Entry page: one feature, the decision of each reviewer side by side, and what they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.html import Markup, tag
from explorer.profile.report.feature_page import profile_cards
from explorer.profile.report.relations_card import Relations
from explorer.review.publication.evidence_card import evidence_card
from explorer.review.publication.page_frame import footer_of, frame
from explorer.review.publication.verdict_markup import decision_of, history_card, verdict_card

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.review.publication.entry import Entry
    from explorer.review.publication.publication import Publication

__all__ = ["entry_pages"]


def entry_pages(publication: Publication) -> Iterator[tuple[str, str]]:
    """Write the page of each feature.

    Yields
    ------
    name, page : str
        The file within the folder of the pages, and its text.
    """
    entries, footer = publication.entries, footer_of(publication)
    relations = Relations(publication.profile or {}, {entry.name: entry.page for entry in entries})
    for i, entry in enumerate(entries):
        before = entries[i - 1].page if i else ""
        after = entries[i + 1].page if i + 1 < len(entries) else ""
        body = [
            _navigation(publication.review.feature_set.id, before, after),
            tag(
                "main",
                _head(entry),
                _decisions(entry, publication),
                _profile(entry, relations),
                class_="page",
            ),
        ]
        yield (
            entry.page,
            frame(f"{entry.name} · {publication.review.feature_set.id}", body, footer, "../"),
        )


def _navigation(set_id: str, before: str, after: str) -> Markup:
    return tag(
        "nav",
        tag("a", tag("bdi", set_id), href="../index.html"),
        tag("a", "← previous", href=before, rel="prev") if before else None,
        tag("a", "next →", href=after, rel="next") if after else None,
        aria_label="Publication",
    )


def _head(entry: Entry) -> Markup:
    about = entry.feature
    facts = (
        [about.kind, about.unit, about.group, f"source: {about.source}" if about.source else ""]
        if about
        else []
    )
    own = tag("code", tag("bdi", entry.name)) if entry.label != entry.name else None
    place = "in the set" if entry.member else "not in the set"
    return tag(
        "header",
        tag("h1", tag("bdi", entry.label), " ", own),
        tag("p", " · ".join(filter(None, [place, entry.treatment, *facts])), class_="quiet"),
        tag("p", about.description, dir="auto") if about and about.description else None,
        tag("p", decision_of(entry.opinion), class_="decided"),
        tag("p", [tag("span", note, class_="chip warn") for note in entry.notes])
        if entry.notes
        else None,
    )


def _decisions(entry: Entry, publication: Publication) -> Markup:
    cards = [verdict_card(verdict, publication.review.fingerprint) for verdict in entry.present]
    frozen = [evidence_card(key, piece) for key, piece in entry.evidence.items()]
    nothing = (
        tag("p", "Nobody has judged this feature yet.", class_="quiet")
        if not entry.present
        else None
    )
    verdicts = tag("div", cards, class_="cards verdicts")
    return tag("div", nothing, verdicts, tag("div", frozen, history_card(entry), class_="cards"))


def _profile(entry: Entry, relations: Relations) -> Markup | None:
    """Write what the feature is now; the evidence above is what it was when somebody judged."""
    if entry.profile is None:
        return None
    cards = profile_cards(entry.profile, entry.feature, relations)
    return tag(
        "div",
        tag("h2", "The feature when this was published", class_="part"),
        tag("div", cards, class_="cards"),
    )
