"""Rows: how verdicts, evidence, sets and approvals become rows of the store's tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from explorer.core.errors import ReviewError, shown
from explorer.review.tables import evidence, sets, verdicts
from explorer.review.verdict import Verdict, now, set_name
from explorer.table.feature_set import FeatureSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Table as SqlTable
    from sqlalchemy.engine import Connection

    from explorer.review.approval import Approval
    from explorer.review.evidence import Evidence

__all__ = [
    "approval_row",
    "check_evidence",
    "insert_evidence",
    "insert_new",
    "insert_set",
    "missing_in",
    "not_stored",
    "stored_verdict",
    "verdict_row",
    "with_superseded",
]

_AT_ONCE = 500  # values in one IN, which SQLite limits

_Kept = TypeVar("_Kept", "Verdict", "Approval")


def not_stored(connection: Connection, table: SqlTable, given: Sequence[_Kept]) -> list[_Kept]:
    """Return the verdicts or approvals that a table does not hold; repeated ones once.

    Raises
    ------
    ReviewError
        When one of this id is kept and says something else.
    """
    stored = {}
    ids = [entry.id for entry in given]
    for start in range(0, len(ids), _AT_ONCE):
        some = table.c.id.in_(ids[start : start + _AT_ONCE])
        for key, text in connection.execute(select(table.c.id, table.c.document).where(some)):
            stored[key] = json.loads(text)
    for entry in given:
        before, document = stored.get(entry.id), json.loads(_text(entry.document()))
        if before is not None and not document.get("supersedes"):  # the store adds it
            document = {
                **document,
                **{key: before[key] for key in ("supersedes",) if key in before},
            }
        if before not in (None, document):
            raise ReviewError(
                f"{entry.id} is kept already and says something else: give yours another id"
            )
    return [entry for entry in given if entry.id not in stored]


def stored_verdict(connection: Connection, key: str) -> Verdict:
    """Return a verdict of the store by its id."""
    text = connection.execute(select(verdicts.c.document).where(verdicts.c.id == key)).scalar_one()
    return Verdict(**json.loads(text))


def verdict_row(verdict: Verdict) -> dict[str, str]:
    """Return the row of a verdict."""
    return {
        "id": verdict.id,
        "set_name": set_name(verdict.in_set),
        "feature": verdict.feature,
        "reviewer": verdict.reviewer,
        "fingerprint": verdict.fingerprint,
        "time": verdict.time,
        "document": _text(verdict.document()),
    }


def approval_row(approval: Approval) -> dict[str, str]:
    """Return the row of an approval."""
    return {
        "id": approval.id,
        "set_id": approval.in_set,
        "time": approval.time,
        "document": _text(approval.document()),
    }


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def with_superseded(connection: Connection, verdict: Verdict) -> Verdict:
    """Name the verdict that this one replaces: the reviewer's last on the feature here."""
    if verdict.supersedes:
        return verdict
    mine = (verdicts.c.set_name == set_name(verdict.in_set)) & (
        verdicts.c.feature == verdict.feature
    )
    if not verdict.in_set:
        mine &= verdicts.c.fingerprint == verdict.fingerprint
    query = select(verdicts.c.id).where(mine, verdicts.c.reviewer == verdict.reviewer)
    last = connection.execute(
        query.order_by(verdicts.c.time.desc(), verdicts.c.seq.desc()).limit(1)
    ).scalar()
    return verdict if last is None else Verdict(**{**verdict.document(), "supersedes": last})


def insert_evidence(connection: Connection, frozen: Iterable[Evidence]) -> int:
    """Keep what is not kept yet; returns how many that were."""
    new: list[Evidence] = missing_in(
        connection, evidence, "key", {piece.key: piece for piece in frozen}
    )
    # always in one order: two servers that keep the same ones must not wait for each other
    rows = [
        {"key": piece.key, "document": _text(piece.document())}
        for piece in sorted(new, key=lambda piece: piece.key)
    ]
    if rows:
        connection.execute(insert_new(connection, evidence), rows)
    return len(rows)


def insert_new(connection: Connection, table: SqlTable) -> Any:
    """Return an insert that passes over what another process has written in this moment."""
    from sqlalchemy.dialects import postgresql, sqlite

    kind = postgresql if connection.dialect.name == "postgresql" else sqlite
    return kind.insert(table).on_conflict_do_nothing()


def check_evidence(connection: Connection, keys: Sequence[str]) -> None:
    """Refuse keys of evidence that the store does not hold."""
    absent = missing_in(connection, evidence, "key", {key: key for key in keys})
    if absent:
        raise ReviewError(
            f"there is no evidence {shown(absent[0])} in this store: pass the evidence itself"
        )


def missing_in(
    connection: Connection, table: SqlTable, column: str, values: Mapping[str, Any]
) -> list[Any]:
    """Return the values whose keys a table does not hold."""
    keys: list[str] = list(values)
    present: set[str] = set()
    for start in range(0, len(keys), _AT_ONCE):
        some = table.c[column].in_(keys[start : start + _AT_ONCE])
        present.update(connection.execute(select(table.c[column]).where(some)).scalars())
    return [value for key, value in values.items() if key not in present]


def _lasting(feature_set: FeatureSet) -> dict[str, Any]:
    """Return what must be the same in two sets of one id; what was learned belongs to a table."""
    return {
        name: value
        for name, value in feature_set.document().items()
        if name not in ("created", "learned", "author")
    }


def insert_set(connection: Connection, feature_set: FeatureSet, fingerprint: str) -> bool:
    """Keep a version of a set; returns whether it was new. See `ReviewStore.save`."""
    if not feature_set.rationale.strip():
        raise ReviewError(
            f"{feature_set.id} has no rationale: say in a sentence why these features, then save"
        )
    row = {
        "name": feature_set.name,
        "version": feature_set.version,
        "hash": feature_set.hash,
        "fingerprint": fingerprint,
        "time": now(),
    }
    new = connection.execute(
        insert_new(connection, sets), [{**row, "document": _text(feature_set.document())}]
    ).rowcount
    here = (sets.c.name == feature_set.name) & (sets.c.version == feature_set.version)
    stored = connection.execute(select(sets.c.document).where(here)).scalar_one()
    if _lasting(FeatureSet.from_document(json.loads(stored))) != _lasting(feature_set):
        raise ReviewError(
            f"{feature_set.id} is kept already with other features or settings: "
            f"save yours as {feature_set.name}@{feature_set.version + 1}"
        )
    return bool(new)
