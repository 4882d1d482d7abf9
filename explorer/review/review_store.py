"""ReviewStore: sets, verdicts, evidence and approvals, shared by several people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import func, insert, or_, select, update

from explorer.core.cache import key_of
from explorer.core.errors import ReviewError, shown, unknown_name
from explorer.review.approval import Approval
from explorer.review.database import Database, store_url
from explorer.review.evidence import Evidence
from explorer.review.exchange import (
    exchange_of,
    parts_of,
    read_exchange,
    whole_file,
    write_whole,
)
from explorer.review.migrate import migrate
from explorer.review.opinion import current_verdicts
from explorer.review.table_rows import (
    approval_row,
    check_evidence,
    insert_evidence,
    insert_new,
    insert_set,
    missing_in,
    not_stored,
    stored_verdict,
    verdict_row,
    with_superseded,
)
from explorer.review.tables import approvals, evidence, reviews, sets, verdicts
from explorer.review.verdict import Verdict, set_name, set_version
from explorer.table.feature_set import FeatureSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from os import PathLike

    from sqlalchemy import Select
    from sqlalchemy.engine import Connection


__all__ = ["ReviewStore", "open_store"]

_AT_ONCE = 500  # values in one IN, which SQLite limits
_T = TypeVar("_T")


class ReviewStore:
    """A store of reviews; made by `open_store`. Safe for several threads and processes.

    What a method has returned from is on the disk: a process that is killed then loses nothing of
    it.

    Parameters
    ----------
    url : str
        See `Database`.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        try:
            migrate(self._database)
        except BaseException:
            self._database.close()
            raise

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        return self._database.name

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    # --- verdicts

    def verdict(
        self,
        feature: str,
        decision: str,
        *,
        reason: str,
        reviewer: str,
        evidence: Iterable[Evidence | str] = (),
        in_set: FeatureSet | str = "",
        **more: Any,
    ) -> Verdict:
        """Write a reviewer's decision on a feature.

        Parameters
        ----------
        feature : str
        decision : {"keep", "drop", "transform", "merge", "defer"}
        reason, reviewer : str
            Not empty.
        evidence : iterable of Evidence or str
            What it rests on, or keys of evidence that is kept already.
        in_set : FeatureSet or str
            Set in whose review it is given: "core@3", "core", or a set, which is kept with it.
        **more
            ``recipe``, ``into``, ``confidence``, ``suggestion``, ``fingerprint``, ``definition``:
            see `Verdict`.

        Raises
        ------
        ReviewError
            What a verdict cannot hold, or evidence that is not there.
        StoreError
            The store is locked, read-only, on a full disk or damaged: nothing was written.
        """
        if not str(reason).strip():
            raise ReviewError("a verdict needs a reason: it is empty")
        name = getattr(feature, "name", feature)
        frozen = list(evidence)
        given = Verdict(
            feature=name,
            decision=decision,
            reason=reason,
            reviewer=reviewer,
            in_set=_id(in_set),
            evidence=tuple(piece.key if isinstance(piece, Evidence) else piece for piece in frozen),
            **more,
        )
        feature_set = in_set if isinstance(in_set, FeatureSet) else None
        return self.write(
            [given], [piece for piece in frozen if isinstance(piece, Evidence)], feature_set
        )[0]

    def write(
        self,
        given: Sequence[Verdict],
        frozen: Iterable[Evidence] = (),
        feature_set: FeatureSet | None = None,
    ) -> list[Verdict]:
        """Write verdicts, all or none, each with the earlier one that it supersedes."""
        frozen = list(frozen)  # it may be read twice

        def work(connection: Connection) -> list[Verdict]:
            if feature_set is not None:
                insert_set(connection, feature_set, "")
            insert_evidence(connection, frozen)
            check_evidence(connection, [key for verdict in given for key in verdict.evidence])
            new = {
                verdict.id: with_superseded(connection, verdict)
                for verdict in not_stored(connection, verdicts, given)
            }
            if new:
                connection.execute(
                    insert_new(connection, verdicts), list(map(verdict_row, new.values()))
                )
            return [
                new.get(verdict.id) or stored_verdict(connection, verdict.id) for verdict in given
            ]

        return self._database.write(work)

    def verdicts(
        self,
        feature: str | None = None,
        *,
        in_set: FeatureSet | str | None = None,
        reviewer: str | None = None,
        fingerprint: str | None = None,
        latest: bool = False,
        after: int = 0,
    ) -> list[Verdict]:
        """Return verdicts, oldest first.

        Parameters
        ----------
        feature, reviewer : str, optional
            Only of this feature, by this reviewer.
        in_set : FeatureSet or str, optional
            Only of the review of this set, whatever its version: "core" and "core@3" are the same.
            Those of no set on the table of ``fingerprint`` are there too.
        fingerprint : str, optional
            Without ``in_set``: only those given on this table.
        latest : bool
            Only the present one of each reviewer, feature and set.
        after : int
            Only those written after this, as the first number of `newest` counts them.
        """
        query = select(verdicts.c.document).order_by(verdicts.c.time, verdicts.c.seq)
        query = query.where(verdicts.c.seq > after) if after else query
        if feature is not None:
            query = query.where(verdicts.c.feature == feature)
        if reviewer is not None:
            query = query.where(verdicts.c.reviewer == reviewer)
        if in_set is not None:
            name = set_name(_id(in_set))
            free = (verdicts.c.set_name == "") & (verdicts.c.fingerprint == (fingerprint or "-"))
            query = query.where(or_(verdicts.c.set_name == name, free) if name else free)
        elif fingerprint is not None:
            query = query.where(verdicts.c.fingerprint == fingerprint)
        selected = self._documents(query, lambda document: Verdict(**document))
        return _latest(selected) if latest else selected

    def newest(self) -> tuple[int, ...]:
        """Return a mark that changes with everything that is written, by whichever process."""
        # counted too: of two that write at once, the later number may be there first
        counted = [
            func.max(verdicts.c.seq),
            func.count(verdicts.c.seq),
            func.count(approvals.c.seq),
            func.count(sets.c.name),
        ]

        def work(connection: Connection) -> tuple[int, ...]:
            counts = [int(connection.execute(select(figure)).scalar() or 0) for figure in counted]
            quorums = connection.execute(
                select(reviews.c.set_name, reviews.c.quorum).order_by(reviews.c.set_name)
            )
            return (*counts, int(key_of([list(row) for row in quorums]), 16))

        return self._database.read(work)

    def evidence(self, keys: Iterable[str]) -> dict[str, Evidence]:
        """Return frozen evidence by key; keys that are not there are left out."""
        wanted = list(dict.fromkeys(keys))

        def work(connection: Connection) -> dict[str, Evidence]:
            found_evidence = {}
            for start in range(0, len(wanted), _AT_ONCE):
                some = evidence.c.key.in_(wanted[start : start + _AT_ONCE])
                for key, text in connection.execute(
                    select(evidence.c.key, evidence.c.document).where(some)
                ):
                    found_evidence[key] = Evidence(**json.loads(text))
            return found_evidence

        return self._database.read(work)

    # --- sets

    def save(self, feature_set: FeatureSet, fingerprint: str = "") -> FeatureSet:
        """Keep a version of a set for good; keeping the same one again changes nothing.

        Raises
        ------
        ReviewError
            Without a rationale, or when this version is kept already with other features or
            settings.
        """
        self._database.write(lambda connection: insert_set(connection, feature_set, fingerprint))
        return feature_set

    def sets(self, name: str | None = None) -> list[FeatureSet]:
        """Return the sets that are kept, by name and version."""
        query = select(sets.c.document).order_by(sets.c.name, sets.c.version)
        if name is not None:
            query = query.where(sets.c.name == name)
        return self._documents(query, FeatureSet.from_document)

    def set(self, name: str) -> FeatureSet:
        """Return one set: "core@3", or with "core" its newest version.

        Raises
        ------
        UnknownName
            With the nearest one, when it is not kept.
        """
        version = set_version(name)
        versions = [
            feature_set
            for feature_set in self.sets(set_name(name))
            if version in (None, feature_set.version)
        ]
        if not versions:
            raise unknown_name("feature set", name, [feature_set.id for feature_set in self.sets()])
        return versions[-1]

    # --- reviews

    def approve(self, approval: Approval) -> Approval:
        """Write a signature."""

        def work(connection: Connection) -> None:
            if not_stored(connection, approvals, [approval]):
                connection.execute(insert_new(connection, approvals), [approval_row(approval)])

        self._database.write(work)
        return approval

    def approvals(self, in_set: FeatureSet | str) -> list[Approval]:
        """Return the signatures of one version of a set, oldest first."""
        query = select(approvals.c.document).where(approvals.c.set_id == _id(in_set))
        query = query.order_by(approvals.c.time, approvals.c.seq)
        return self._documents(query, lambda document: Approval(**document))

    def quorum(self, name: str) -> int:
        """Return how many reviewers have to agree on a set; 1 when nobody has said."""
        query = select(reviews.c.quorum).where(reviews.c.set_name == set_name(name))
        return self._database.read(lambda connection: int(connection.execute(query).scalar() or 1))

    def set_quorum(self, name: str, quorum: int) -> None:
        """Say how many reviewers have to agree on a set.

        Raises
        ------
        ReviewError
            When it is no whole number from 1 to 100.
        """
        if not isinstance(quorum, int) or isinstance(quorum, bool) or not 1 <= quorum <= 100:
            raise ReviewError(f"a quorum is a whole number from 1 to 100, came {shown(quorum)}")
        row = {"set_name": set_name(name), "quorum": quorum}

        def work(connection: Connection) -> None:
            done = connection.execute(
                update(reviews).where(reviews.c.set_name == row["set_name"]).values(quorum=quorum)
            )
            if not done.rowcount:
                connection.execute(insert(reviews), [row])

        self._database.write(work)

    # --- files

    def export(
        self, path: str | PathLike[str], in_set: FeatureSet | str | None = None
    ) -> dict[str, int]:
        """Write verdicts, evidence, sets and approvals as one JSON file, whole or not at all.

        Returns counts; see `merge`.
        """
        document = self.document(in_set)
        text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
        write_whole(Path(path), text + "\n")
        return {name: len(part) for name, part in document.items() if isinstance(part, list)}

    def document(self, in_set: FeatureSet | str | None = None) -> dict[str, Any]:
        """Return everything as JSON, or the review of one set with all its versions."""
        name = None if in_set is None else _id(in_set)
        given = self.verdicts() if name is None else self.verdicts(in_set=name)
        kept_sets = self.sets(None if name is None else set_name(name))
        rests_on = self.evidence(key for verdict in given for key in verdict.evidence)
        signed = [approval for feature_set in kept_sets for approval in self.approvals(feature_set)]
        return exchange_of(kept_sets, given, rests_on.values(), signed)

    def merge(self, path: str | PathLike[str]) -> dict[str, int]:
        """Add what a file of `export` has and this store has not; returns counts.

        All or nothing; merging it again adds nothing.

        Raises
        ------
        ReviewError
            A file that cannot be read or is none of ours, or a set whose version is kept here with
            other features: nothing was added then.
        """
        with whole_file(path):
            return self.add(*parts_of(read_exchange(path)))

    def add(
        self,
        given: Iterable[Verdict],
        frozen: Iterable[Evidence],
        feature_sets: Iterable[FeatureSet],
        signed: Iterable[Approval],
    ) -> dict[str, int]:
        """Add what is not here yet, in one transaction; returns counts of what was added."""
        given, frozen, feature_sets, signed = (
            list(given),
            list(frozen),
            list(feature_sets),
            list(signed),
        )
        counts = dict.fromkeys(("sets", "evidence", "verdicts", "approvals"), 0)

        def work(connection: Connection) -> None:
            new_sets = sum(insert_set(connection, feature_set, "") for feature_set in feature_sets)
            new_evidence = insert_evidence(connection, frozen)
            new = missing_in(connection, verdicts, "id", {verdict.id: verdict for verdict in given})
            check_evidence(connection, [key for verdict in new for key in verdict.evidence])
            signatures = missing_in(
                connection, approvals, "id", {approval.id: approval for approval in signed}
            )
            if new:
                connection.execute(
                    insert_new(connection, verdicts), [verdict_row(verdict) for verdict in new]
                )
            if signatures:
                connection.execute(
                    insert_new(connection, approvals),
                    [approval_row(approval) for approval in signatures],
                )
            # done again after a commit that broke, it finds nothing new where the first one was
            # kept
            added = (new_sets, new_evidence, len(new), len(signatures))
            counts.update(
                {name: max(counts[name], count) for name, count in zip(counts, added, strict=True)}
            )

        self._database.write(work)
        return counts

    def _documents(self, query: Select[Any], made: Callable[[dict[str, Any]], _T]) -> list[_T]:
        return self._database.read(
            lambda connection: [made(json.loads(text)) for (text,) in connection.execute(query)]
        )


def open_store(url: str | PathLike[str] | None = None) -> ReviewStore:
    """Open a store of reviews.

    It is made when it is not there, and renewed, with a copy beside it, when it is older.

    Parameters
    ----------
    url : str or path, optional
        ``sqlite:///PATH``, ``postgresql://USER:PASSWORD@HOST/NAME``, or the path of an SQLite file.
        Default: ``EXPLORER_STORE``, else ``reviews.db`` in the user's data folder.

    Raises
    ------
    StoreError
        It cannot be opened, or is of a newer version: says which and what to do.
    """
    return ReviewStore(store_url(url))


def _id(in_set: FeatureSet | str) -> str:
    return in_set if isinstance(in_set, str) else in_set.id


def _latest(given: Sequence[Verdict]) -> list[Verdict]:
    given = current_verdicts(given)
    last = {
        (verdict.reviewer, verdict.feature, set_name(verdict.in_set)): verdict.id
        for verdict in given
    }
    present = set(last.values())
    return [verdict for verdict in given if verdict.id in present]
