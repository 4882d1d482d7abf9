"""EvidenceSnapshot: a feature and its evidence at the moment of a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.review.make_evidence import profile_evidence
from explorer.review.review import definition_of
from explorer.review.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from explorer.profile.profile import FeatureProfile
    from explorer.review.evidence import Evidence
    from explorer.review.verdict_rules import ProposedVerdict
    from explorer.table.table import Table

__all__ = ["EvidenceSnapshot"]


class EvidenceSnapshot:
    """A feature as it is known now.

    Made in the store's thread: pictures of 800 features take a second.

    Parameters
    ----------
    table : Table
    name : str
    profile : FeatureProfile or None
        None while nothing is known of the feature.
    extra : sequence of Evidence
        Beside its profile; those of other features are left out.
    """

    def __init__(
        self,
        table: Table,
        name: str,
        profile: FeatureProfile | None,
        extra: Sequence[Evidence] = (),
    ) -> None:
        self.name, self._table = name, table
        own = [] if profile is None else [profile_evidence(profile, table.fingerprint)]
        self.evidence = [*own, *(piece for piece in extra if piece.subject == name)]

    def verdict(
        self,
        decision: str,
        reason: str,
        reviewer: str,
        in_set: str,
        proposal: ProposedVerdict | None,
        more: Mapping[str, str],
    ) -> Verdict:
        """Return a verdict that rests on the evidence, with the reason that was written."""
        return Verdict(
            feature=self.name,
            decision=decision,
            reason=reason.strip(),
            reviewer=reviewer,
            in_set=in_set,
            evidence=tuple(piece.key for piece in self.evidence),
            suggestion=proposal.suggestion() if proposal else {},
            fingerprint=self._table.fingerprint,
            definition=definition_of(self._table.features[self.name]),
            **more,
        )
