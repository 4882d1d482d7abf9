"""Checks that nouns of a review share: what comes from a file may be anything."""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ReviewError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["entries_of", "need_texts", "utc_time"]


def need_texts(noun: str, values: Mapping[str, Any]) -> None:
    """Refuse values that are no text, or no text that a file can hold.

    Raises
    ------
    ReviewError
        Naming the entry.
    """
    for name, value in values.items():
        if not isinstance(value, str):
            raise ReviewError(f"the {name} of {noun} must be a text, came {shown(value)}")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ReviewError(
                f"the {name} of {noun} holds half a character: {shown(value)}"
            ) from None


def entries_of(noun: str, document: Any, kind: type[Any]) -> dict[str, Any]:
    """Return the entries of a document, all of which a dataclass knows, and all that it needs.

    Raises
    ------
    ReviewError
        Naming what is there and unknown, or needed and not there.
    """
    if not isinstance(document, dict):
        raise ReviewError(f"not {noun}: expected its entries, came {shown(document)}")
    own_fields = {field.name: field for field in fields(kind)}
    if odd := sorted(map(str, document.keys() - own_fields.keys())):
        raise ReviewError(f"not {noun}: it has no {', '.join(map(shown, odd[:5]))}")
    needed = [
        name
        for name, own in own_fields.items()
        if own.default is MISSING and own.default_factory is MISSING
    ]
    if lacking := [name for name in needed if name not in document]:
        raise ReviewError(
            f"not {noun}: {', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} missing"
        )
    return document


def utc_time(time: str, noun: str) -> str:
    """Return a time as ISO 8601 in UTC to the microsecond, so that texts sort as moments do.

    One without a zone is in UTC.

    Raises
    ------
    ReviewError
        When it is no time.
    """
    try:
        read = datetime.fromisoformat(time)
    except ValueError:
        raise ReviewError(
            f"the time of {noun} must be as 2026-01-31T12:00:00+00:00, came {shown(time)}"
        ) from None
    with_zone = read if read.tzinfo is not None else read.replace(tzinfo=UTC)
    return with_zone.astimezone(UTC).isoformat(timespec="microseconds")
