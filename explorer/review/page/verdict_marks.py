"""Marks of verdicts: a letter a feature, and the words behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.review.review import definition_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.review.controller import ReviewController
    from explorer.review.opinion import Opinion
    from explorer.table.table import Table

__all__ = ["LETTERS", "VerdictMarks", "review_line", "verdict_mark"]

LETTERS = {"keep": "K", "drop": "D", "transform": "T", "merge": "M", "defer": "F"}


class VerdictMarks:
    """The marks of all features that anybody judged; what has not changed is not computed again.

    Parameters
    ----------
    table : Table
    controller : ReviewController
    """

    def __init__(self, table: Table, controller: ReviewController) -> None:
        self._table, self._controller = table, controller
        self._made: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}

    def now(self) -> dict[str, dict[str, Any]]:
        """Return the mark of each feature; the same object while nothing of it has changed."""
        columns, reviewer = self._table.columns, self._controller.reviewer
        state = (reviewer, columns.known_fingerprint, columns.edit_count)
        made = {}
        for name, opinion in self._controller.opinions().items():
            key = (opinion, *state)
            before = self._made.get(name)
            same = before is not None and before[0][0] is opinion and before[0][1:] == state
            made[name] = (
                before
                if before is not None and same
                else (key, verdict_mark(self._table, opinion, reviewer))
            )
        self._made = made
        return {name: mark for name, (_, mark) in made.items()}

    @staticmethod
    def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is new or different, None for what is gone."""
        changed = {name: mark for name, mark in after.items() if before.get(name) != mark}
        return changed | dict.fromkeys(before.keys() - after.keys())


def verdict_mark(table: Table, opinion: Opinion, reviewer: str) -> dict[str, Any]:
    """Return letter, words, whether this reviewer judged, and why the verdict is outdated."""
    shown = opinion.agreed or opinion.verdicts[-1]
    feature = table.features[opinion.feature]
    outdated = opinion.outdated(table.columns.known_fingerprint, definition_of(feature))
    return {
        "letter": "≠" if opinion.disagreement else LETTERS[shown.decision],
        "words": opinion.words,
        "reason": "" if opinion.disagreement else shown.reason,
        "mine": opinion.by(reviewer) is not None,
        "outdated": outdated,
    }


def review_line(table: Table, controller: ReviewController) -> dict[str, Any]:
    """Return how far the review is: "18 of 63 reviewed", and how many conflicts.

    And how many of them can be applied.
    """
    opinions, conflicts = controller.opinions(), controller.conflicts()
    judged, total = len(opinions), len(table.features)
    return {
        "words": _("{judged:,} of {total:,} reviewed").format(judged=judged, total=total)
        if judged
        else "",
        "conflicts": len(conflicts),
        "apply": sum(not conflict.open for conflict in conflicts),
        "titles": [
            f"{conflict.feature}: {conflict.words}{f' ({conflict.open})' if conflict.open else ''}"
            for conflict in conflicts[:20]
        ],
        "failed": controller.reviews.failed,
    }
