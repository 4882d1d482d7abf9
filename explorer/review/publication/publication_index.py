"""Index page: the set, its review and its files at a glance, and a line a feature."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from explorer.core.html import Markup, tag
from explorer.review.publication.citation import bibtex, citation
from explorer.review.publication.decisions_table import decisions_table
from explorer.review.publication.methods import methods
from explorer.review.publication.page_frame import footer_of, frame
from explorer.review.publication.verdict_markup import instant
from explorer.review.review import counted
from explorer.review.verdict import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.review.publication.publication import Publication

__all__ = ["FILES", "index_page", "link_to"]

FILES: Mapping[str, str] = {
    "map.html": "the map with its legend, in one file",
    "features.yaml": "the set, for a training job",
    "reproduce.py": "makes the map or the matrix again and checks it",
    "report.md": "this report as text",
    "report.json": "everything, for programs",
    "verdicts.json": "the verdicts, to be merged into another store",
}
"""The files of a publication beside its pages."""

_ADDRESS = re.compile(r"https?://[^\s]+")


def index_page(publication: Publication) -> str:
    """Write the index."""
    feature_set = publication.review.feature_set
    body = [
        _head(publication),
        tag(
            "main",
            tag(
                "div",
                _state(publication),
                _change(publication),
                _files(publication),
                class_="cards",
            ),
            tag("div", _methods(publication), _picture(publication), class_="cards"),
            decisions_table(publication.entries, "features/"),
            class_="index",
        ),
    ]
    return frame(f"{feature_set.id} · feature set", body, footer_of(publication), "")


def _head(publication: Publication) -> Markup:
    feature_set, table = publication.review.feature_set, publication.table
    of = f"{table.title} · {table.rows:,} rows × {table.columns:,} columns" if table else ""
    author = f"by {feature_set.author}" if feature_set.author else ""
    facts = [
        counted(len(feature_set.features), "feature"),
        of,
        author,
        f"made {instant(feature_set.created)}",
    ]
    return tag(
        "header",
        tag(
            "h1",
            tag("bdi", feature_set.id),
            " ",
            tag("span", publication.review.state, class_="state"),
        ),
        tag("p", " · ".join(filter(None, facts)), class_="quiet"),
        tag("p", feature_set.rationale, class_="reason", dir="auto"),
        [tag("p", note, class_="quiet", dir="auto") for note in publication.notes],
    )


def _state(publication: Publication) -> Markup:
    review = publication.review
    members = len(review.feature_set.features)
    decided = Counter(
        verdict.decision for opinion in review.opinions.values() for verdict in opinion.verdicts
    )
    given = [f"{decided[name]:,} {name}" for name in DECISIONS if decided[name]]
    lines = [
        f"{members - len(review.undecided):,} of {counted(members, 'member')} decided",
        f"{counted(sum(decided.values()), 'verdict')}: {', '.join(given)}"
        if given
        else "No verdict yet",
        f"{len(review.approvers):,} of {counted(review.quorum, 'approval')}",
        *review.hindrances,
        *review.outdated[:3],
        *_more(len(review.outdated) - 3),
    ]
    signed = [
        tag(
            "li",
            tag("bdi", approval.reviewer),
            " approves, " if approval.approves else " takes the approval back, ",
            instant(approval.time),
            f": {approval.note}" if approval.note else None,
            dir="auto",
        )
        for approval in review.approvals
    ]
    listed = tag("ul", [tag("li", line) for line in lines], signed)
    return tag("section", tag("h2", "Review"), listed, class_="card")


def _more(n: int) -> list[str]:
    return [f"and {n:,} more"] if n > 0 else []


def _change(publication: Publication) -> Markup:
    feature_set, parent = publication.review.feature_set, publication.parent
    if parent is None:
        text = (
            f"Made from {feature_set.parent}, which is not at hand."
            if feature_set.parent
            else "The first version."
        )
        return tag("section", tag("h2", "Change"), tag("p", text), class_="card")
    difference = parent.diff(feature_set)
    parts = [tag("li", part) for part in difference.words.split(" · ")]
    return tag(
        "section",
        tag("h2", "Change since ", tag("bdi", parent.id)),
        tag("ul", parts),
        class_="card",
    )


def _files(publication: Publication) -> Markup:
    there = [name for name in FILES if name != "map.html" or publication.picture is not None]
    lines = [tag("li", tag("a", name, href=name), f": {FILES[name]}") for name in there]
    return tag(
        "section", tag("h2", "Files"), tag("ul", lines), link_to(publication.link), class_="card"
    )


def link_to(address: str) -> Markup | None:
    """Write the link that opens the page in this state; other addresses lead nowhere."""
    if not address:
        return None
    if _ADDRESS.fullmatch(address) is None:
        return tag("p", tag("code", address))
    return tag("p", tag("a", "Open the page in this state", href=address, rel="noreferrer"))


def _methods(publication: Publication) -> Markup:
    wide = "card most" if publication.picture is not None else "card wide"
    cite = tag("details", tag("summary", "BibTeX"), tag("pre", bibtex(publication)), class_="how")
    return tag(
        "section",
        tag("h2", "Methods"),
        tag("p", methods(publication), dir="auto"),
        tag("h2", "Cite as", class_="part"),
        tag("p", citation(publication), dir="auto"),
        cite,
        class_=wide,
    )


def _picture(publication: Publication) -> Markup | None:
    picture = publication.picture
    if picture is None:
        return None
    shown = tag("a", tag("img", src="map.png", alt=picture.title, class_="map"), href="map.html")
    return tag(
        "section",
        tag("h2", "Map"),
        shown,
        tag("p", f"{picture.title}. {picture.caption}", class_="quiet"),
        class_="card",
    )
