"""The review that a person takes part in: verdicts on features, the set, its approval."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from explorer.core.errors import ExplorerError, ReviewError, unknown_name
from explorer.core.gettext import _, ngettext
from explorer.review.approval import Approval
from explorer.review.conflict import Conflict, apply_verdicts, conflicts_of, merged_by
from explorer.review.evidence_snapshot import EvidenceSnapshot
from explorer.review.review import Review, definition_of, queue_of
from explorer.review.table_reviews import TableReviews
from explorer.review.verdict import Verdict
from explorer.review.verdict_rules import RULES, ProposedVerdict, Rule, propose
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.table.feature_set import FeatureSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.review.evidence import Evidence
    from explorer.review.opinion import Opinion
    from explorer.review.review_store import ReviewStore
    from explorer.review.table_reviews import ReviewContents
    from explorer.session.session import Session
    from explorer.table.set_diff import SetDiff

__all__ = ["Done", "ReviewController"]

logger = logging.getLogger(__name__)

Done = Callable[[Any, str], None]
"""Takes the result and why it failed, empty when it did not; called in the store's thread."""


_MANY = 50  # features
_POLICY = ("scale", "missing", "transform", "weights", "encode")

_VERDICT_OPTIONS = {"recipe", "into", "confidence", "supersedes"}


class ReviewController:
    """What one session has to do with reviews.

    Parameters
    ----------
    session : Session
    reviews : TableReviews, optional
        Shared by all sessions of a server; default: of the user's store.
    """

    def __init__(self, session: Session, reviews: TableReviews | None = None) -> None:
        self._session, self.reviews = session, reviews or TableReviews(session.table)
        self.rules: Sequence[Rule] = RULES
        session.on_close(self.reviews.listen(lambda: session.notify("reviews")))

    # --- what is there

    @property
    def reviewer(self) -> str:
        """Whose verdicts these are."""
        return self._session.user

    @property
    def signed_in(self) -> bool:
        """Whether the reviewer is who the server's login says."""
        return self._session.signed_in

    @property
    def in_set(self) -> str:
        """Set in whose review verdicts are given, as "core@3"; empty where there is none."""
        return self._session.state.document.set or ""

    @property
    def seen(self) -> ReviewContents:
        """What the store holds of this review."""
        return self.reviews.seen(self.in_set)

    def opinions(self) -> dict[str, Opinion]:
        """Return what reviewers say of the features of this table."""
        features = self._session.table.features
        return {name: opinion for name, opinion in self.seen.opinions.items() if name in features}

    def base(self) -> FeatureSet | None:
        """Return the set that the features come from; None without one, or until it is read."""
        return next(
            (feature_set for feature_set in self.reviews.sets if feature_set.id == self.in_set),
            None,
        )

    def current(self, name: str = "", version: int = 1, **more: Any) -> FeatureSet:
        """Return the ticked features and their policy as a set.

        Raises
        ------
        FeatureError
            Nothing is ticked, or what is set is not possible.
        """
        document = self._session.state.document
        policy = as_json(document.policy, "policy")
        for key in ("transform", "weights", "encode"):
            policy[key] = {
                name: value for name, value in policy[key].items() if name in document.features
            }
        return FeatureSet(
            name or "unsaved", document.features, version=version, **{**policy, **more}
        )

    def edits(self) -> SetDiff | None:
        """Return what is different from the set that the features come from; None without one."""
        base = self.base()
        if base is None:
            return None
        try:
            return base.diff(
                self.current(where=base.where, infinite=base.infinite, sentinels=base.sentinels)
            )
        except ExplorerError:
            return None  # nothing is ticked: there is no set to compare with

    def conflicts(self) -> list[Conflict]:
        """Return where the ticked features differ from the verdicts."""
        document = self._session.state.document
        return conflicts_of(self.opinions(), document.features, document.policy.transform)

    def queue(self) -> list[str]:
        """Return the features that this person has not judged."""
        document, names = self._session.state.document, self._session.table.column_names
        return queue_of(names, document.features, self.opinions(), self.reviewer)

    def review(self) -> Review | None:
        """Return how far the review of the set is; None without a set."""
        base, seen = self.base(), self.seen
        if base is None:
            return None
        features = self._session.table.features
        definitions = {name: definition_of(feature) for name, feature in features.items()}
        return Review(
            base,
            self.opinions(),
            seen.approvals.get(base.id, ()),
            seen.quorum,
            self._session.table.columns.known_fingerprint,
            definitions,
        )

    def proposals(self, *, judged: bool = False) -> list[ProposedVerdict]:
        """Return what the rules suggest for features that are counted.

        Those this person has judged only if asked.
        """
        table, redundancy = self._session.table, self._session.table.relations.known_redundancy
        profiled = table.profiles.finished()
        profiles = [self._session.profile(name) for name in table.column_names if name in profiled]
        proposals = propose(
            filter(None, profiles), self.rules, redundancy.representatives if redundancy else {}
        )
        done = (
            set()
            if judged
            else {name for name, opinion in self.opinions().items() if opinion.by(self.reviewer)}
        )
        return [proposal for proposal in proposals if proposal.feature not in done]

    # --- what a person does

    def decide(
        self,
        names: Iterable[str],
        decision: str,
        done: Done,
        *,
        reason: str = "",
        extra: Sequence[Evidence] = (),
        **more: Any,
    ) -> None:
        """Write a verdict on each of some features, all or none.

        Parameters
        ----------
        names : iterable of str
        decision : str
        done : callable
            As of `TableReviews.write`.
        reason : str
            As it was written; may be empty. What was known stands apart, as evidence.
        extra : sequence of Evidence
            Beside the profile, which is frozen in any case.
        **more : str
            ``recipe``, ``into``, ``confidence``.

        Raises
        ------
        ExplorerError
            What a verdict cannot hold, in words; nothing is written then.
        """
        who, review, chosen = self._named(), self.in_set, list(names)
        for name in filter(None, [*chosen, more.get("into", "")]):
            self._session.table.columns.feature(name)
        unknown = set(more) - _VERDICT_OPTIONS
        if unknown:
            raise unknown_name("entry of a verdict", min(unknown), _VERDICT_OPTIONS)
        for name in chosen:  # refused in words now, not in the store's thread
            Verdict(feature=name, decision=decision, reason="", reviewer=who, **more)

        def frozen() -> list[tuple[Verdict, list[Evidence]]]:
            suggested = {proposal.feature: proposal for proposal in self.proposals(judged=True)}
            made = [self._snapshot(name, extra) for name in chosen]
            return [
                (
                    snapshot.verdict(
                        decision, reason, who, review, suggested.get(snapshot.name), more
                    ),
                    snapshot.evidence,
                )
                for snapshot in made
            ]

        self._write(frozen, len(chosen), done)

    def _snapshot(self, name: str, extra: Sequence[Evidence] = ()) -> EvidenceSnapshot:
        return EvidenceSnapshot(self._session.table, name, self._session.profile(name), extra)

    def approve_proposals(self, proposals: Sequence[ProposedVerdict], done: Done) -> None:
        """Make verdicts of proposals, all or none; what was proposed is kept with each."""
        who, review = self._named(), self.in_set

        def frozen() -> list[tuple[Verdict, list[Evidence]]]:
            made = [(proposal, self._snapshot(proposal.feature)) for proposal in proposals]
            return [(_approved(proposal, of, who, review), of.evidence) for proposal, of in made]

        self._write(frozen, len(proposals), done)

    def take_back(self, name: str, done: Done) -> None:
        """Leave a feature open again that this person has decided on; the history keeps both."""
        self.decide([name], "defer", done, reason=_("taken back"))

    def apply(self) -> None:
        """Make the ticked features what the verdicts say: one step, which can be undone."""
        document = self._session.state.document
        features, transform = apply_verdicts(
            self.opinions(), document.features, document.policy.transform
        )
        self._session.state.act(
            actions.open_set,
            name=document.set,
            features=tuple(features),
            policy={"transform": transform},
        )

    def open_set(self, name: str) -> None:
        """Tick the features of a set that is kept, with its policy.

        Those that this table has not are named in a note.
        """
        feature_set = next((saved for saved in self.reviews.sets if saved.id == name), None)
        if feature_set is None:
            raise ReviewError(f"the set {name!r} is not in the store any more")
        features_here = self._session.table.features
        lacking = [name for name in feature_set.features if name not in features_here]
        if len(lacking) == len(feature_set.features):
            raise ReviewError(f"{name} has no feature of this table: it belongs to another one")
        if lacking:
            self._session.note(
                ngettext(
                    "{name}: {lacking} is not in this table",
                    "{name}: {lacking} are not in this table",
                    len(lacking),
                ).format(name=name, lacking=", ".join(lacking[:5]))
            )
        if feature_set.where:
            self._session.note(
                _("{name} was made for rows where {where}: the page projects all rows").format(
                    name=name, where=feature_set.where
                )
            )
        policy = {key: _plain(getattr(feature_set, key)) for key in _POLICY}
        features = [name for name in feature_set.features if name in features_here]
        self._session.state.act(actions.open_set, name=name, features=features, policy=policy)

    def save(self, name: str, rationale: str, done: Done) -> None:
        """Keep the ticked features as the next version of a set, and go on from it.

        Raises
        ------
        ExplorerError
            No rationale, no name, or nothing is ticked.
        """
        features = self._session.state.document.features
        versions = [saved.version for saved in self.reviews.sets if saved.name == name.strip()]
        base = self.base()
        made = self.current(
            name.strip(),
            max(versions, default=0) + 1,
            rationale=rationale.strip(),
            author=self.reviewer,
            parent=base.id if base else "",
            merged=merged_by(self.opinions(), features),
        )
        if not made.rationale:
            raise ReviewError("say in a sentence why these features: that is what others will read")
        table = self._session.table
        self.reviews.write(lambda store: store.save(made, table.fingerprint), done)

    def approve(self, approves: bool, done: Done, note: str = "") -> None:
        """Sign the set as it is, or take that back.

        Raises
        ------
        ReviewError
            Without a set, with unsaved edits, or while something stands in its way.
        """
        review, edits = self.review(), self.edits()
        if review is None:
            raise ReviewError("save the features as a set first: one version of a set is approved")
        if approves and edits:
            raise ReviewError(
                f"save first: {edits.words}; {review.feature_set.id} is approved as it is kept"
            )
        if approves and review.hindrances:
            raise ReviewError(f"not yet: {'; '.join(review.hindrances)}")
        signed = Approval(
            in_set=self.in_set,
            reviewer=self._named(),
            approves=approves,
            note=note,
            fingerprint=self._session.table.columns.known_fingerprint,
            definitions={
                name: review.definitions.get(name, "") for name in review.feature_set.features
            },
        )
        self.reviews.write(lambda store: store.approve(signed), done)

    def set_quorum(self, quorum: int, done: Done) -> None:
        """Say how many reviewers have to approve the set."""
        name = self.in_set
        if not name:
            raise ReviewError("save the features as a set first: a quorum is of a set")
        self.reviews.write(lambda store: store.set_quorum(name, quorum), done)

    # --- inside

    def _write(
        self, frozen: Callable[[], list[tuple[Verdict, list[Evidence]]]], count: int, done: Done
    ) -> None:
        """Freeze and write; evidence of very many features is frozen in another thread."""

        def write(given: list[tuple[Verdict, list[Evidence]]], store: ReviewStore) -> list[Verdict]:
            return store.write(
                [verdict for verdict, _ in given], [piece for _, some in given for piece in some]
            )

        def freeze_and_write() -> None:
            try:
                given = frozen()
            except Exception as error:
                logger.exception("evidence could not be frozen")
                done(None, str(error))
                return
            self.reviews.write(lambda store: write(given, store), done)

        if count > _MANY:
            threading.Thread(target=freeze_and_write, name="evidence", daemon=True).start()
        else:
            self.reviews.write(lambda store: write(frozen(), store), done)

    def _named(self) -> str:
        if not self.reviewer.strip():
            raise ReviewError("say who you are first: a verdict has a name")
        return self.reviewer.strip()


def _approved(
    proposal: ProposedVerdict, frozen: EvidenceSnapshot, who: str, review: str
) -> Verdict:
    more = {"recipe": proposal.recipe, "into": proposal.into}
    return frozen.verdict(proposal.decision, "", who, review, proposal, more)


def _plain(value: Any) -> Any:
    return dict(value) if hasattr(value, "items") else value
