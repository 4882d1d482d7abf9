"""The state of a review, as lines for the terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.command_line.text_table import Column, printable, text_table
from explorer.core.gettext import _
from explorer.core.name_list import list_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.review.review import Review

__all__ = ["review_document", "review_lines"]

_MOST_NAMES = 12


def review_document(review: Review) -> dict[str, Any]:
    """Return the state as JSON: that of the review, and each feature with its verdicts."""
    feature_set = review.feature_set
    features = [
        {
            "feature": name,
            "member": name in feature_set.features,
            "verdicts": [verdict.document() for verdict in review.opinions[name].verdicts]
            if name in review.opinions
            else [],
        }
        for name in _names(review)
    ]
    return {
        **review.document(),
        "hash": feature_set.hash,
        "fingerprint": review.fingerprint,
        "words": review.words,
        "features": features,
    }


def review_lines(review: Review, width: int) -> Iterator[str]:
    """Write the state: one line for all, what stands in the way, and a line a feature."""
    yield printable(review.words)
    disputed = review.disagreements  # which are conflicts too, and said once
    for what, features in (
        ("undecided", review.undecided),
        ("disagreements", disputed),
        (
            "conflicts",
            [
                f"{conflict.feature}: {conflict.words}"
                for conflict in review.conflicts
                if conflict.feature not in disputed
            ],
        ),
        ("outdated", review.outdated),
    ):
        if features:
            yield printable(f"{what} ({len(features):,}): {list_names(features, _MOST_NAMES)}")
    yield from _table(review, width)


def _names(review: Review) -> list[str]:
    members = review.feature_set.features
    return [*members, *sorted(name for name in review.opinions if name not in members)]


def _table(review: Review, width: int) -> Iterator[str]:
    members, opinions = review.feature_set.features, review.opinions
    columns: tuple[Column[str], ...] = (
        Column("feature", str, is_text=True),
        Column(_("in set"), lambda name: "yes" if name in members else "no", is_text=True),
    )
    return text_table(
        columns,
        _names(review),
        width,
        note=lambda name: opinions[name].words if name in opinions else "undecided",
        note_head="opinion",
        more=_("more: --json"),
    )
