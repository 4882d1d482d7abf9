"""Evidence: a result frozen at the moment somebody judged by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from explorer.core.cache import key_of
from explorer.core.errors import ReviewError, shown
from explorer.review.document_checks import entries_of, need_texts

__all__ = ["KINDS", "Evidence"]

KINDS = ("profile", "comparison", "pair", "map", "note")
_LARGEST_PICTURE = 400_000  # characters: a small picture, not a poster


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Numbers, how they came about, and a small picture; equal evidence is kept once.

    Parameters
    ----------
    kind : {"profile", "comparison", "pair", "map", "note"}
    subject : str
        The feature it is about.
    title : str
        A line: "Running time: 7.4 % missing, right tail".
    numbers : mapping
        Plain JSON; what does not exist is None.
    method : str
        How the numbers were computed, in a sentence.
    parameters : mapping
        Plain JSON: margin, unit, groups, seed ….
    versions : mapping of str to str
        Of the software.
    fingerprint : str
        Of the table.
    sampled : int or None
        None: of all rows; otherwise of this many drawn at random.
    picture : str
        SVG, or a data URI of a PNG; empty when there is none.

    Raises
    ------
    ReviewError
        A kind that does not exist, numbers that are no JSON, or a picture of more than 400,000
        characters.
    """

    kind: str
    subject: str
    title: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    method: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    sampled: int | None = None
    picture: str = ""

    def __post_init__(self) -> None:
        texts = ("kind", "subject", "title", "method", "fingerprint", "picture")
        need_texts("evidence", {name: getattr(self, name) for name in texts})
        for name in ("numbers", "parameters", "versions"):
            if not isinstance(getattr(self, name), Mapping):
                raise ReviewError(
                    f"the {name} of evidence must be a mapping, came {shown(getattr(self, name))}"
                )
        if self.kind not in KINDS:
            raise ReviewError(f"evidence is one of {', '.join(KINDS)}, came {shown(self.kind)}")
        if len(self.picture) > _LARGEST_PICTURE:
            raise ReviewError(
                f"the picture has {len(self.picture):,} characters, "
                f"{_LARGEST_PICTURE:,} at most: make it smaller"
            )
        try:
            object.__setattr__(self, "_key", key_of(self.document()))
        except (TypeError, ValueError) as error:
            raise ReviewError(f"evidence must be plain JSON, NaN as None: {error}") from error

    @property
    def key(self) -> str:
        """Hash of the content."""
        key: str = self._key  # type: ignore[attr-defined]
        return key

    def document(self) -> dict[str, Any]:
        """Return everything as JSON."""
        document = {field.name: getattr(self, field.name) for field in fields(self)}
        return document | {
            name: dict(document[name]) for name in ("numbers", "parameters", "versions")
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Evidence:
        """Build evidence from `document`."""
        return cls(**entries_of("evidence", document, cls))
