"""Opinion: what the reviewers of one feature say at present, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.gettext import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.review.verdict import Verdict

__all__ = ["Opinion", "current_verdicts", "opinions_of"]


@dataclass(frozen=True)
class Opinion:
    """The present verdict of each reviewer of a feature.

    Parameters
    ----------
    feature : str
    verdicts : tuple of Verdict
        One of each reviewer, oldest first.
    """

    feature: str
    verdicts: tuple[Verdict, ...]

    @property
    def decided(self) -> tuple[Verdict, ...]:
        """Those that decide; "defer" leaves the question open and contradicts nobody."""
        return tuple(verdict for verdict in self.verdicts if verdict.decision != "defer")

    @property
    def agreed(self) -> Verdict | None:
        """The newest verdict when all who decided say the same, else None."""
        decided = self.decided
        return decided[-1] if decided and not self.disagreement else None

    @property
    def disagreement(self) -> bool:
        """Whether two reviewers decided differently, in decision, recipe or target."""
        return len({verdict.says for verdict in self.decided}) > 1

    @property
    def deferred(self) -> bool:
        """Whether there are verdicts and none decides."""
        return bool(self.verdicts) and not self.decided

    @property
    def words(self) -> str:
        """As a line: "keep (ada, ben) · cy: defer", or "ada: keep · ben: drop" in conflict."""
        agreed = self.agreed
        if agreed is None:
            if self.deferred:
                return _("defer ({verdicts})").format(
                    verdicts=", ".join(verdict.reviewer for verdict in self.verdicts)
                )
            return " · ".join(f"{verdict.reviewer}: {verdict.words}" for verdict in self.verdicts)
        names = ", ".join(verdict.reviewer for verdict in self.decided)
        waiting = [
            f"{verdict.reviewer}: {verdict.words}"
            for verdict in self.verdicts
            if verdict not in self.decided
        ]
        return " · ".join([f"{agreed.words} ({names})", *waiting])

    def by(self, reviewer: str) -> Verdict | None:
        """Return the present verdict of one reviewer."""
        return next((verdict for verdict in self.verdicts if verdict.reviewer == reviewer), None)

    def outdated(self, fingerprint: str, definition: str) -> str:
        """Say why the agreed verdict no longer rests on what is there; empty when it does.

        Empty too when nothing is known.

        Parameters
        ----------
        fingerprint, definition : str
            Of the table and of the feature as they are now.
        """
        shown = self.agreed
        if shown is None:
            return ""
        if shown.definition and definition and shown.definition != definition:
            return _("what the catalogue says of it has changed since")
        if shown.fingerprint and fingerprint and shown.fingerprint != fingerprint:
            return _("the data have changed since")
        return ""


def current_verdicts(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return verdicts that no other one supersedes, oldest first; clocks do not decide."""
    given = sorted(verdicts, key=lambda verdict: verdict.time)
    replaced = {(verdict.supersedes, verdict.reviewer, verdict.feature) for verdict in given}
    return [
        verdict
        for verdict in given
        if (verdict.id, verdict.reviewer, verdict.feature) not in replaced
    ]


def opinions_of(verdicts: Iterable[Verdict]) -> dict[str, Opinion]:
    """Return the opinion of each feature that anybody judged.

    Parameters
    ----------
    verdicts : iterable of Verdict
        Of one review, in any order; a reviewer's later verdict replaces the earlier one.
    """
    present: dict[str, dict[str, Verdict]] = {}
    for verdict in current_verdicts(verdicts):
        of_feature = present.setdefault(verdict.feature, {})
        of_feature.pop(
            verdict.reviewer, None
        )  # so that the order stays that of the present verdicts
        of_feature[verdict.reviewer] = verdict
    return {
        name: Opinion(name, tuple(by_reviewer.values())) for name, by_reviewer in present.items()
    }
