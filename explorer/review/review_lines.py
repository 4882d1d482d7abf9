"""The state of a review, as lines for the terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.command_line.text_table import MOST_LINES, printable, shortened, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explorer.review.review import Review

__all__ = ["review_document", "review_lines"]

_NAME, _MOST_NAMES = 32, 12


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
    """Write the state: one line for all, what stands in the way, and a line a feature.

    Parameters
    ----------
    review : Review
    width : int
        Columns of the terminal.

    Yields
    ------
    str
    """
    yield printable(review.words)
    disputed = review.disagreements  # which are conflicts too, and said once
    for what, names_of in (
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
        if names_of:
            more = (
                f" and {len(names_of) - _MOST_NAMES:,} more" if len(names_of) > _MOST_NAMES else ""
            )
            yield printable(
                f"{what} ({len(names_of):,}): {', '.join(names_of[:_MOST_NAMES])}{more}"
            )
    names = _names(review)
    yield from _table(review, names[:MOST_LINES], width)
    if len(names) > MOST_LINES:
        yield f"… and {len(names) - MOST_LINES:,} more: --json"


def _names(review: Review) -> list[str]:
    members = review.feature_set.features
    return [*members, *sorted(name for name in review.opinions if name not in members)]


def _table(review: Review, names: Sequence[str], width: int) -> Iterator[str]:
    shown = [shortened(printable(name), _NAME) for name in names]
    wide = max([len("feature"), *(width_of(name) for name in shown)])
    yield f"{'feature'.ljust(wide)}  in set  opinion"
    for name, cell in zip(names, shown, strict=True):
        inside = "yes" if name in review.feature_set.features else "no"
        text = review.opinions[name].words if name in review.opinions else "undecided"
        room = max(width - wide - 10, 20)
        line = f"{cell}{' ' * (wide - width_of(cell))}  {inside.ljust(6)}  "
        yield f"{line}{shortened(printable(text), room)}".rstrip()
