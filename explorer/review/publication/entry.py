"""Entry: one feature of a publication, with everything that was said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.features.kind import Feature
    from explorer.review.evidence import Evidence
    from explorer.review.opinion import Opinion
    from explorer.review.verdict import Verdict

__all__ = ["Entry"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One feature.

    Parameters
    ----------
    number : int
        Its place, from 1.
    name : str
    page : str
        Its file within the folder of the pages.
    member : bool
        Whether it is in the set.
    treatment : str
        What the set does to it, in words.
    feature : Feature or None
        What the catalogue says of it.
    opinion : Opinion or None
        What the reviewers say at present.
    history : tuple of Verdict
        Those that were superseded, newest first.
    evidence : mapping of str to (Evidence or None)
        What its verdicts rest on, by key; None for what is not at hand.
    conflict, outdated : str
        Where set and verdicts differ; why the verdict no longer rests on what is there.
    profile : mapping or None
        Its profile as JSON.
    """

    number: int
    name: str
    page: str
    member: bool
    treatment: str = ""
    feature: Feature | None = None
    opinion: Opinion | None = None
    history: tuple[Verdict, ...] = ()
    evidence: Mapping[str, Evidence | None]
    conflict: str = ""
    outdated: str = ""
    profile: Mapping[str, Any] | None = None

    @property
    def label(self) -> str:
        """Words for a reader."""
        return (self.feature.label if self.feature else "") or self.name

    @property
    def present(self) -> tuple[Verdict, ...]:
        """The present verdict of each reviewer, oldest first."""
        return self.opinion.verdicts if self.opinion else ()

    @property
    def words(self) -> str:
        """What was decided, as a line."""
        return self.opinion.words if self.opinion else "undecided"

    @property
    def current_verdict(self) -> Verdict | None:
        """The verdict whose reason stands for all: the one agreed on, else the newest."""
        agreed = self.opinion.agreed if self.opinion else None
        return agreed or (self.present[-1] if self.present else None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know beside the decision."""
        disputed = "reviewers disagree" if self.opinion and self.opinion.disagreement else ""
        conflict = "" if disputed else self.conflict
        return tuple(filter(None, [disputed, conflict, self.outdated]))

    def document(self) -> dict[str, Any]:
        """Return everything as JSON; evidence by key."""
        about = self.feature
        described = (
            {}
            if about is None
            else {
                "kind": about.kind,
                "unit": about.unit,
                "group": about.group,
                "description": about.description,
                "source": about.source,
            }
        )
        return {
            "name": self.name,
            "label": self.label,
            **described,
            "member": self.member,
            "page": f"features/{self.page}",
            "treatment": self.treatment,
            "words": self.words,
            "disagreement": bool(self.opinion and self.opinion.disagreement),
            "conflict": self.conflict,
            "outdated": self.outdated,
            "verdicts": [verdict.document() for verdict in self.present],
            "history": [verdict.document() for verdict in self.history],
            "evidence": list(self.evidence),
            "profile": self.profile,
        }
