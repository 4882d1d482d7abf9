"""Verdict: what a reviewer decided of a feature, when and why; never changed once it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from explorer.core.errors import ReviewError, shown, unknown_name
from explorer.core.gettext import _
from explorer.features.matrix.transform import canonical_transform
from explorer.review.document_checks import entries_of, need_texts, utc_time

__all__ = [
    "CONFIDENCES",
    "DECISIONS",
    "DECISION_LABELS",
    "Verdict",
    "now",
    "set_name",
    "set_version",
]

DECISIONS = ("keep", "drop", "transform", "merge", "defer")
DECISION_LABELS = {
    "keep": _("keep"),
    "drop": _("drop"),
    "transform": _("transform"),
    "merge": _("merge"),
    "defer": _("defer"),
}
"""Decisions for a reader."""
# Grades of the gene curation of ClinGen (Strande et al. 2017, doi:10.1016/j.ajhg.2017.04.015),
# shortened.
CONFIDENCES = ("", "strong", "moderate", "limited", "disputed")
_LONGEST = 10_000  # characters of a reason
_LONGEST_NAME = 200
_TEXTS = (
    "feature", "decision", "reason", "reviewer", "recipe", "into", "confidence", "in_set",
    "supersedes", "fingerprint",
    "definition", "time", "id",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One decision of one reviewer on one feature.

    Parameters
    ----------
    feature : str
    decision : {"keep", "drop", "transform", "merge", "defer"}
    reason : str
        Why, in a sentence, as the reviewer wrote it; empty where nothing was written.
    reviewer : str
    recipe : str
        How to transform it, as "log1p"; with "transform" only. Empty leaves it open.
    into : str
        The feature that stands for it; with "merge" only. Empty leaves it open.
    confidence : {"", "strong", "moderate", "limited", "disputed"}
    in_set : str
        Set in whose review it was given, as "core@3" or "core"; empty holds for every set of the
        table.
    evidence : tuple of str
        Keys of frozen evidence, see `Evidence`.
    suggestion : mapping
        What the application proposed at that moment, "decision" and "why"; empty when it proposed
        nothing.
    supersedes : str
        Id of the reviewer's earlier verdict that this one replaces.
    fingerprint, definition : str
        Of the table, and of what the catalogue said of the feature, at that moment; empty where not
        known.
    time : str
        ISO 8601 in UTC, to the microsecond.
    id : str
        The same in every store that holds it.

    Raises
    ------
    ReviewError
        No feature or reviewer; a recipe or target with another decision; a feature merged into
        itself.
    UnknownName
        A decision, confidence or transform that does not exist.
    """

    feature: str
    decision: str
    reason: str
    reviewer: str
    recipe: str = ""
    into: str = ""
    confidence: str = ""
    in_set: str = ""
    evidence: tuple[str, ...] = ()
    suggestion: Mapping[str, str] = field(default_factory=dict)
    supersedes: str = ""
    fingerprint: str = ""
    definition: str = ""
    time: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        self._check_types()
        if self.decision not in DECISIONS:
            raise unknown_name("decision", str(self.decision), DECISIONS)
        if self.confidence not in CONFIDENCES:
            raise unknown_name("confidence", str(self.confidence), CONFIDENCES[1:])
        for name in ("feature", "reviewer"):
            if not str(getattr(self, name)).strip():
                raise ReviewError(f"a verdict needs a {name}: it is empty")
        if len(self.reason) > _LONGEST:
            raise ReviewError(
                f"a reason has {_LONGEST:,} characters at most, came {len(self.reason):,}"
            )
        self._check_target()
        object.__setattr__(self, "time", utc_time(self.time, "a verdict") if self.time else now())
        object.__setattr__(self, "id", self.id or uuid4().hex)
        object.__setattr__(self, "evidence", tuple(self.evidence))

    def _check_types(self) -> None:
        need_texts("a verdict", {name: getattr(self, name) for name in _TEXTS})
        evidence: object = self.evidence
        if not isinstance(evidence, tuple | list) or not isinstance(self.suggestion, Mapping):
            raise ReviewError(
                "evidence of a verdict is a list of keys, and its suggestion a mapping"
            )
        need_texts(
            "a verdict", {_("evidence {key}").format(key=shown(key)): key for key in self.evidence}
        )
        need_texts(
            "a verdict",
            {
                _("suggestion {key}").format(key=shown(key)): value
                for key, value in self.suggestion.items()
            },
        )
        set_version(self.in_set)
        if len(set_name(self.in_set)) > _LONGEST_NAME:
            raise ReviewError(f"the name of a set has {_LONGEST_NAME} characters at most")

    def _check_target(self) -> None:
        if self.recipe and self.decision != "transform":
            raise ReviewError(
                f"a recipe goes with the decision transform, came {shown(self.decision)}"
            )
        if self.into and self.decision != "merge":
            raise ReviewError(
                f"a feature to merge into goes with the decision merge, came {shown(self.decision)}"
            )
        if self.into == self.feature:
            raise ReviewError(
                f"{shown(self.feature)} cannot be merged into itself: name another feature"
            )
        if self.recipe:
            object.__setattr__(self, "recipe", canonical_transform(self.recipe))

    @property
    def says(self) -> tuple[str, str, str]:
        """What must be the same for two reviewers to agree: decision, recipe, target."""
        return self.decision, self.recipe, self.into

    @property
    def words(self) -> str:
        """The decision in words: "transform (log1p)", "merge into rating"."""
        label = DECISION_LABELS[self.decision]
        if self.recipe:
            return f"{label} ({self.recipe})"
        if self.into:
            return _("{decision} into {feature}").format(decision=label, feature=self.into)
        return label

    def document(self) -> dict[str, Any]:
        """Return everything as JSON."""
        document = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**document, "evidence": list(self.evidence), "suggestion": dict(self.suggestion)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Verdict:
        """Build a verdict from `document`; an entry that does not exist is refused."""
        return cls(**entries_of("a verdict", document, cls))


def now() -> str:
    """Return the time in UTC as ISO 8601, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def set_name(in_set: str) -> str:
    """Return the name in "core@3"."""
    return in_set.partition("@")[0]


def set_version(in_set: str) -> int | None:
    """Return the version in "core@3"; None where only a name is given.

    Raises
    ------
    ReviewError
        When what follows the @ is no version.
    """
    name, at, version = in_set.partition("@")
    if not at:
        return None
    if not name.strip() or not version.isdecimal() or int(version) < 1:
        raise ReviewError(f"expected a set as NAME@VERSION, such as core@3, came {shown(in_set)}")
    return int(version)
