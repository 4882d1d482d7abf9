"""Approval: a reviewer stands for one version of a set, or takes that back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from explorer.core.errors import ReviewError, shown
from explorer.core.gettext import _
from explorer.review.document_checks import entries_of, need_texts, utc_time
from explorer.review.verdict import now, set_version

__all__ = ["Approval"]


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One signature.

    Parameters
    ----------
    in_set : str
        As "core@3".
    reviewer : str
    approves : bool
        False takes an earlier approval back.
    note : str
    fingerprint : str
        Of the table at that moment.
    definitions : mapping of str to str
        What the catalogue said of each member at that moment, as keys.
    time, id : str
        As in `Verdict`.
    """

    in_set: str
    reviewer: str
    approves: bool = True
    note: str = ""
    fingerprint: str = ""
    definitions: Mapping[str, str] | None = None
    time: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        texts = ("in_set", "reviewer", "note", "fingerprint", "time", "id")
        need_texts(_("an approval"), {name: getattr(self, name) for name in texts})
        if not isinstance(self.approves, bool) or not isinstance(self.definitions, Mapping | None):
            raise ReviewError("an approval says true or false, and its definitions are a mapping")
        if set_version(self.in_set) is None:
            raise ReviewError(
                f"one version of a set is approved, as core@3, came {shown(self.in_set)}"
            )
        if not self.reviewer.strip():
            raise ReviewError("an approval needs a reviewer: the name is empty")
        object.__setattr__(
            self, "time", utc_time(self.time, _("an approval")) if self.time else now()
        )
        object.__setattr__(self, "id", self.id or uuid4().hex)

    def document(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Approval:
        """Build an approval from `document`."""
        return cls(**entries_of(_("an approval"), document, cls))
