"""Files of verdicts: written by one store, merged into another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.core.atomic_write import drafted
from explorer.core.errors import ExplorerError, ReviewError
from explorer.review.approval import Approval
from explorer.review.evidence import Evidence
from explorer.review.verdict import Verdict, set_name
from explorer.table.feature_set import FeatureSet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from explorer.review.review_store import ReviewStore

__all__ = [
    "FORM",
    "exchange_document",
    "exchange_of",
    "export_store",
    "merge_file",
    "read_exchange",
    "write_whole",
]

FORM = "explorer-review-1"


def exchange_document(store: ReviewStore, in_set: str | None = None) -> dict[str, Any]:
    """Return what a store holds as JSON: of one set's review with all its versions, or everything."""
    given = store.verdicts() if in_set is None else store.verdicts(in_set=in_set)
    kept = store.sets(None if in_set is None else set_name(in_set))
    frozen = store.evidence(key for one in given for key in one.evidence)
    return exchange_of(
        kept, given, frozen.values(), [sign for one in kept for sign in store.approvals(one)]
    )


def exchange_of(
    kept: Iterable[FeatureSet],
    given: Iterable[Verdict],
    frozen: Iterable[Evidence],
    signed: Iterable[Approval],
) -> dict[str, Any]:
    """Return the document of such a file: sets, verdicts, what they rest on, and approvals."""
    return {
        "form": FORM,
        "sets": [one.document() for one in kept],
        "verdicts": [one.document() for one in given],
        "evidence": [one.document() for one in frozen],
        "approvals": [one.document() for one in signed],
    }


def export_store(
    store: ReviewStore, path: str | PathLike[str], in_set: str | None = None
) -> dict[str, int]:
    """Write `exchange_document` to a file, whole or not at all; returns counts."""
    document = exchange_document(store, in_set)
    write_whole(
        Path(path), json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    )
    return {name: len(part) for name, part in document.items() if isinstance(part, list)}


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    ReviewError
        When it cannot be written.
    """
    try:
        with drafted(path) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReviewError(
            f"cannot write {path} ({error.strerror or error}): name another place"
        ) from error


def merge_file(store: ReviewStore, path: str | PathLike[str]) -> dict[str, int]:
    """Add what a file has and a store has not; returns counts of what was added.

    Raises
    ------
    ReviewError
        A file that cannot be read or is none of ours, or a set whose version is kept here with
        other features: nothing was added then.
    """
    document = read_exchange(path)
    try:
        return store.add(
            [Verdict.from_document(one) for one in document["verdicts"]],
            [Evidence.from_document(one) for one in document["evidence"]],
            [FeatureSet.from_document(one) for one in document["sets"]],
            [Approval.from_document(one) for one in document["approvals"]],
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, ExplorerError):
            raise
        raise ReviewError(
            f"{path}: not a whole file of verdicts ({error}): export it again"
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
