"""The report as JSON: everything that is published, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.review.exchange import exchange_of
from explorer.review.publication.citation import bibtex, citation
from explorer.review.publication.methods import methods, versions

if TYPE_CHECKING:
    from explorer.review.publication.publication import Publication

__all__ = ["FORM", "report_document", "verdicts_document"]

FORM = "explorer-publication-1"


def report_document(publication: Publication) -> dict[str, Any]:
    """Return everything as JSON; what a number is not is None."""
    feature_set, parent, table, picture = (
        publication.feature_set,
        publication.parent,
        publication.table,
        publication.picture,
    )
    diff = parent.diff(publication.review.feature_set) if parent else None
    return {
        "form": FORM,
        "made": publication.made,
        "set": feature_set.document(),
        "id": feature_set.id,
        "hash": feature_set.hash,
        "review": publication.review.document(),
        "approvals": [approval.document() for approval in publication.review.approvals],
        "methods": methods(publication),
        "citation": citation(publication),
        "bibtex": bibtex(publication),
        "versions": versions(publication),
        "table": table.document() if table else None,
        "parent": parent.id if parent else None,
        "diff": None
        if diff is None
        else {
            "added": list(diff.added),
            "removed": list(diff.removed),
            "reordered": diff.reordered,
            "changed": {name: list(pair) for name, pair in diff.changed.items()},
            "words": diff.words,
        },
        "features": [entry.document() for entry in publication.entries],
        "evidence": {key: piece.document() for key, piece in publication.evidence.items()},
        "map": picture.document() if picture else None,
        "link": publication.link or None,
        "notes": list(publication.notes),
    }


def verdicts_document(publication: Publication) -> dict[str, Any]:
    """Return the file of verdicts that another store can merge."""
    feature_set = publication.review.feature_set
    versions_ = {version.id: version for version in [*publication.versions, feature_set]}
    cited = {key for verdict in publication.verdicts for key in verdict.evidence}
    frozen = {key: piece for key, piece in publication.evidence.items() if key in cited}
    signed = publication.approvals or publication.review.approvals
    return exchange_of(versions_.values(), publication.verdicts, frozen.values(), signed)
