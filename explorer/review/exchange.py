"""Documents and files in which verdicts go from one store to another."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.core.atomic_write import atomic_path
from explorer.core.errors import ExplorerError, ReviewError
from explorer.review.approval import Approval
from explorer.review.evidence import Evidence
from explorer.review.verdict import Verdict
from explorer.table.feature_set import FeatureSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike

__all__ = [
    "FORM",
    "ExchangeParts",
    "exchange_of",
    "parts_of",
    "read_exchange",
    "whole_file",
    "write_whole",
]

FORM = "explorer-review-1"


class ExchangeParts(NamedTuple):
    """What a document of verdicts holds."""

    verdicts: list[Verdict]
    evidence: list[Evidence]
    sets: list[FeatureSet]
    approvals: list[Approval]


def exchange_of(
    sets: Iterable[FeatureSet],
    verdicts: Iterable[Verdict],
    evidence: Iterable[Evidence],
    approvals: Iterable[Approval],
) -> dict[str, Any]:
    """Return the document of such a file: sets, verdicts, what they rest on, and approvals."""
    return {
        "form": FORM,
        "sets": [feature_set.document() for feature_set in sets],
        "verdicts": [verdict.document() for verdict in verdicts],
        "evidence": [part.document() for part in evidence],
        "approvals": [approval.document() for approval in approvals],
    }


def parts_of(document: dict[str, Any]) -> ExchangeParts:
    """Return what a document holds; the inverse of `exchange_of`."""
    return ExchangeParts(
        [Verdict.from_document(entry) for entry in document["verdicts"]],
        [Evidence.from_document(entry) for entry in document["evidence"]],
        [FeatureSet.from_document(entry) for entry in document["sets"]],
        [Approval.from_document(entry) for entry in document["approvals"]],
    )


@contextmanager
def whole_file(path: str | PathLike[str]) -> Iterator[None]:
    """Say which file it is, where what it holds cannot be taken over.

    Raises
    ------
    ReviewError
        In place of an error of Python's.
    """
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, ExplorerError):
            raise
        raise ReviewError(
            f"{path}: not a whole file of verdicts ({error}): export it again"
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    ReviewError
        When it cannot be written.
    """
    try:
        with atomic_path(path) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReviewError(
            f"cannot write {path} ({error.strerror or error}): name another place"
        ) from error


def read_exchange(path: str | PathLike[str]) -> dict[str, Any]:
    """Read the document of a file of verdicts.

    Raises
    ------
    ReviewError
        A file that cannot be read or is none of ours.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ReviewError(f"cannot read {path} ({error.strerror or error})") from error
    except ValueError as error:
        raise ReviewError(f"{path}: expected JSON as export writes it: {error}") from error
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise ReviewError(f"{path}: expected a file of verdicts of form {FORM}")
    return document
