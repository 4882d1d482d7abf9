"""What the feature list sends to its script beside its parameters."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

__all__ = ["HeightsEvent", "LooksEvent", "MarksEvent", "SortKeysEvent"]


class LooksEvent(TypedDict):
    """Features that were counted: place in the table, look, heights of the strip as Base64."""

    type: Literal["looks"]
    looks: list[Any]


class HeightsEvent(TypedDict):
    """The selection in the bins of one strip, as Base64."""

    type: Literal["part"]
    place: int
    heights: str


class MarksEvent(TypedDict):
    """Verdicts by feature; None where one is gone. Without `whole`, those that have changed."""

    type: Literal["marks"]
    marks: dict[str, Any]
    whole: bool


class SortKeysEvent(TypedDict):
    """What features are sorted by, and what is said of it."""

    type: Literal["keys"]
    key: str
    values: dict[str, Any]
    words: str
