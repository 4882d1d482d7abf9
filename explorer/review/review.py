"""Review: how far the review of one version of a set is, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.core.cache import key_of
from explorer.core.gettext import _, ngettext
from explorer.core.name_list import list_names
from explorer.review.conflict import conflicts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from explorer.features.kind import Feature
    from explorer.review.approval import Approval
    from explorer.review.conflict import Conflict
    from explorer.review.opinion import Opinion
    from explorer.table.feature_set import FeatureSet

__all__ = ["STATES", "Review", "counted", "definition_of", "queue_of"]

STATES = ("open", "provisional", "approved", "stale")


@dataclass(frozen=True)
class Review:
    """The review of one version of a set, on a table as it is now.

    Parameters
    ----------
    feature_set : FeatureSet
    opinions : mapping of str to Opinion
    approvals : sequence of Approval
        Of this version, oldest first.
    quorum : int
        Reviewers who have to approve.
    fingerprint : str
        Of the table; empty where there is none at hand.
    definitions : mapping of str to str
        What the catalogue says of each feature of the table now (`definition_of`).
    """

    feature_set: FeatureSet
    opinions: Mapping[str, Opinion]
    approvals: Sequence[Approval] = ()
    quorum: int = 1
    fingerprint: str = ""
    definitions: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """One of `STATES`: open, provisional (all decided, no conflict), approved, stale."""
        if self.approvers and len(self.approvers) >= self.quorum and not self.hindrances:
            return "stale" if self.outdated else "approved"
        if self.hindrances:
            return "open"
        return "stale" if self.outdated else "provisional"

    @property
    def undecided(self) -> list[str]:
        """Members on which nobody has decided."""
        return [
            name
            for name in self.feature_set.features
            if name not in self.opinions or not self.opinions[name].decided
        ]

    @property
    def disagreements(self) -> list[str]:
        """Features on which reviewers decided differently."""
        return [name for name, opinion in self.opinions.items() if opinion.disagreement]

    @property
    def conflicts(self) -> list[Conflict]:
        """Where the set is not what the verdicts say."""
        return conflicts_of(self.opinions, self.feature_set.features, self.feature_set.transform)

    @property
    def hindrances(self) -> list[str]:
        """What stands in the way of approving it, in words."""
        hindrances = []
        if undecided := self.undecided:
            hindrances.append(
                _("{members} undecided: {names}").format(
                    members=counted(len(undecided), "member"), names=_some(undecided)
                )
            )
        if disputed := self.disagreements:
            hindrances.append(f"{counted(len(disputed), 'disagreement')}: {_some(disputed)}")
        plain = [
            conflict.feature for conflict in self.conflicts if conflict.feature not in disputed
        ]
        if plain:
            hindrances.append(
                _("{conflicts} of set and verdicts: {names}").format(
                    conflicts=counted(len(plain), "conflict"), names=_some(plain)
                )
            )
        return hindrances

    @property
    def approvers(self) -> list[str]:
        """Reviewers whose last word on this version is that they approve."""
        last = {approval.reviewer: approval.approves for approval in self.approvals}
        return [reviewer for reviewer, approves in last.items() if approves]

    @property
    def outdated(self) -> list[str]:
        """Members whose verdict rests on other data or another definition, in words."""
        outdated = []
        for name in self.feature_set.features:
            if self.definitions and name not in self.definitions:
                outdated.append(_("{name}: not in this table").format(name=name))
            elif name in self.opinions:
                why = self.opinions[name].outdated(self.fingerprint, self.definitions.get(name, ""))
                outdated += [f"{name}: {why}"] if why else []
        return outdated or self._signed_elsewhere()

    def _signed_elsewhere(self) -> list[str]:
        current = [
            approval
            for approval in self.approvals
            if approval.approves and approval.reviewer in self.approvers
        ]
        if not self.fingerprint or not current or not current[-1].fingerprint:
            return []
        return (
            []
            if current[-1].fingerprint == self.fingerprint
            else [_("it was approved on other data")]
        )

    @property
    def words(self) -> str:
        """As a line: "core@3: provisional · 11 of 11 members decided · 0 of 2 approvals"."""
        members = len(self.feature_set.features)
        parts = [
            f"{self.feature_set.id}: {self.state}",
            f"{members - len(self.undecided):,} of {counted(members, 'member')} decided",
            f"{len(self.approvers):,} of {counted(self.quorum, 'approval')}",
        ]
        return " · ".join([*parts, *self.hindrances, *self.outdated[:3]])

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "set": self.feature_set.id,
            "state": self.state,
            "quorum": self.quorum,
            "approvers": self.approvers,
            "members": len(self.feature_set.features),
            "undecided": self.undecided,
            "disagreements": self.disagreements,
            "outdated": self.outdated,
            "hindrances": self.hindrances,
            "conflicts": [
                {"feature": conflict.feature, "words": conflict.words, "open": conflict.open}
                for conflict in self.conflicts
            ],
            "opinions": {name: opinion.words for name, opinion in self.opinions.items()},
        }


def definition_of(feature: Feature) -> str:
    """Return a key of what a feature means: kind, unit, valid range, sentinels, source."""
    valid = None if feature.valid_range is None else list(feature.valid_range)
    return key_of(
        [
            feature.kind,
            feature.unit,
            valid,
            [str(sentinel) for sentinel in feature.sentinels],
            feature.missing_means,
            feature.source,
        ]
    )[:16]


def queue_of(
    names: Iterable[str], members: Iterable[str], opinions: Mapping[str, Opinion], reviewer: str
) -> list[str]:
    """Return the features that a reviewer has not judged.

    Disputed ones first, then members of the set, then the others.

    Parameters
    ----------
    names : iterable of str
        All features, in the order of the list.
    members : iterable of str
        Of the set.
    opinions : mapping of str to Opinion
    reviewer : str
    """
    inside = set(members)

    def rank(name: str) -> int:
        if name in opinions and opinions[name].disagreement:
            return 0
        return 1 if name in inside else 2

    judged = {
        name
        for name, opinion in opinions.items()
        if opinion.by(reviewer) and not opinion.disagreement
    }
    return sorted((name for name in names if name not in judged), key=rank)


def counted(n: int, what: str) -> str:
    """Write how many: "1 verdict", "2 verdicts"."""
    forms = {
        "approval": ngettext("{n:,} approval", "{n:,} approvals", n),
        "column": ngettext("{n:,} column", "{n:,} columns", n),
        "conflict": ngettext("{n:,} conflict", "{n:,} conflicts", n),
        "disagreement": ngettext("{n:,} disagreement", "{n:,} disagreements", n),
        "feature": ngettext("{n:,} feature", "{n:,} features", n),
        "member": ngettext("{n:,} member", "{n:,} members", n),
        "row": ngettext("{n:,} row", "{n:,} rows", n),
        "verdict": ngettext("{n:,} verdict", "{n:,} verdicts", n),
    }
    return forms[what].format(n=n)


def _some(names: Sequence[str]) -> str:
    return list_names(names, 5)
