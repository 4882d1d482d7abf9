"""The Review tab: what reviewers say of each feature, the set they agree on, its approval."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import param

from explorer.compare.comparison import Comparison
from explorer.compare.saved_comparisons import SavedComparisons
from explorer.core.errors import ExplorerError, ReviewError
from explorer.core.gettext import _
from explorer.review.controller import ReviewController
from explorer.review.make_evidence import comparison_evidence
from explorer.review.page.cards import detail_card, feature_lines, review_card
from explorer.review.page.verdict_marks import VerdictMarks
from explorer.review.session_publication import session_publication
from explorer.review.verdict_rules import parse_rules
from explorer.state import actions
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule
from projections.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.review.controller import Done
    from explorer.review.evidence import Evidence
    from explorer.review.review_store import ReviewStore
    from explorer.review.verdict_rules import ProposedVerdict
    from explorer.session.session import Session

__all__ = ["TAB", "ReviewPage"]

TAB: actions.Tab = "Review"
_FOLLOWED = {"tab", "reviews", "set", "features", "policy", "catalogue", "profiles"}
_LARGEST_FILE = 32 << 20  # bytes of verdicts that a page takes
_LARGEST_ZIP = 14 << 20  # of 20 MB that a message may have, written as text
_TELL_EVERY = 0.2  # seconds

logger = logging.getLogger(__name__)


class LinesEvent(TypedDict):
    """Lines of features by name; None where one is gone.

    Without `whole`, those that have changed.
    """

    type: Literal["lines"]
    lines: dict[str, Any]
    whole: bool
    queue: list[str]
    people: list[str]
    apply: int


class ReviewPage(SessionComponent):
    """The Review tab."""

    _files = "page"
    _events = (LinesEvent,)

    features = param.List(default=[], doc="Name, label and unit of each feature, in table order.")
    members = param.List(default=[], doc="Names in the set as it is ticked.")
    status = param.Dict(default={}, doc="The set, its state, what stands in its way.")
    detail = param.Dict(default={}, doc="The feature looked at.")
    cited = param.List(default=[], doc="Earlier comparisons that a verdict may cite.")
    told = param.Dict(default={}, doc="What became of the last thing that was asked.")
    saved = param.Dict(default={}, doc="A file to save.")
    notes = param.List(
        default=[], doc="What to know of what was published; stays until it is dismissed."
    )
    busy = param.Dict(
        default={}, doc="How far publishing is: done and total; empty while nothing is published."
    )

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(session, schedule, **params)
        self._proposals: dict[str, ProposedVerdict] = {}
        self._controller = session.part(ReviewController)
        self._marks = VerdictMarks(session.table, self._controller)
        self._sent: dict[str, dict[str, Any]] = {}
        self._ready = False
        self.shown: dict[str, Any] = {"lines": {}, "people": [], "queue": [], "apply": 0}
        self._work: LatestTask[None, dict[str, Any]] = LatestTask(
            schedule, lambda _: self._lines(), self._show
        )
        self._publishing: LatestTask[str, dict[str, Any]] = LatestTask(
            schedule, self._published, self._show_published
        )
        self._cancelled = False
        self._details: LatestTask[str, dict[str, Any]] = LatestTask(
            schedule, self._detail, self._show_detail
        )
        self.refresh(frozenset(_FOLLOWED | {"feature"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        if document.tab != TAB:
            return
        if changed & {"tab", "catalogue"}:
            features = self._session.table.features.values()
            self.features = [
                {"name": feature.name, "label": feature.label, "unit": feature.unit}
                for feature in features
            ]
        if changed & _FOLLOWED:
            self.members = list(document.features)
            self._work.submit(None)
        if (changed & (_FOLLOWED | {"feature"})) and document.feature is not None:
            self._details.submit(document.feature)

    # --- what the page sends

    def on_ready(self) -> None:
        """Send all lines: the page listens now."""
        self._ready = True
        self._send(whole=True)

    def on_look(self, name: str) -> None:
        """Show a feature beside the lines."""
        self._session.state.act(actions.look_at, name=name, tab=None)

    def on_feature(self, name: str) -> None:
        """Show a feature in its own tab."""
        self._session.state.act(actions.look_at, name=name)

    def on_judge(
        self, names: list[str], decision: str, reason: str, cite: Sequence[str], **more: Any
    ) -> None:
        """Judge one or several features."""
        text = f"{names[0] if len(names) == 1 else f'{len(names)} features'}: {decision}"
        self._answer(
            text,
            lambda done: self._controller.decide(
                names, decision, done, reason=reason, extra=self._cited(names, cite), **more
            ),
            names,
        )

    def on_take_back(self, name: str) -> None:
        """Leave a feature open again."""
        self._answer(
            _("{name}: open again").format(name=name),
            lambda done: self._controller.take_back(name, done),
        )

    def on_approve_proposals(self, names: list[str]) -> None:
        """Make verdicts of proposals."""
        some = [self._proposals[name] for name in names if name in self._proposals]
        self._answer(
            _("{count} proposals approved").format(count=len(some)),
            lambda done: self._controller.approve_proposals(some, done),
        )

    def on_rules(self, text: str) -> None:
        """Propose by other rules."""

        def take(_done: Done) -> None:
            self._controller.rules = parse_rules(text)
            self._tell(_("rules taken"), "")
            self._work.submit(None)

        self._answer("rules", take)

    def on_apply(self) -> None:
        """Make the ticked features what the verdicts say."""
        self._answer("", lambda _: self._controller.apply())

    def on_quorum(self, quorum: int) -> None:
        """Say how many have to approve."""
        self._answer(
            _("quorum {quorum}").format(quorum=quorum),
            lambda done: self._controller.set_quorum(quorum, done),
        )

    def on_approve(self, on: bool) -> None:
        """Sign the set, or take that back."""
        text = "approved" if on else _("approval withdrawn")
        self._answer(text, lambda done: self._controller.approve(on, done))

    def on_publish(self, base: str) -> None:
        """Hand out the set with its review as a zip; ``base`` is the address of this page."""
        self._cancelled = False
        self.busy = {"done": 0, "total": 0}
        self._publishing.submit(f"{base}?s={self._session.link()}")

    def on_cancel(self) -> None:
        """Stop publishing."""
        self._cancelled = True
        self.busy = {}

    def on_export(self) -> None:
        """Hand out the verdicts as a file that another store takes."""
        name = self._controller.in_set or None

        def done(document: Any, why: str) -> None:
            if why:
                self._schedule(lambda: self._tell("export", why))
            else:
                text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
                self._schedule(
                    lambda: self._hand_file(
                        f"{name or 'verdicts'}.json", "application/json", text.encode()
                    )
                )

        self._controller.reviews.write(lambda store: store.document(name), done)

    def on_merge(self, data: str) -> None:
        """Take verdicts from a file; data is base64."""
        if len(data) > _LARGEST_FILE:
            self._tell(
                "",
                _(
                    "the file is larger than {largest_file} MB: merge it by explorer review import"
                ).format(largest_file=_LARGEST_FILE >> 20),
            )
            return

        def work(store: ReviewStore) -> dict[str, int]:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "verdicts.json"
                try:
                    path.write_bytes(base64.b64decode(data, validate=True))
                except binascii.Error as error:
                    raise ReviewError(
                        f"the file did not come whole ({error}): choose it again"
                    ) from error
                return store.merge(path)

        def done(counts: Any, why: str) -> None:
            text = (
                ""
                if why
                else _("{verdicts:,} verdicts and {sets:,} sets were new").format(
                    verdicts=counts["verdicts"], sets=counts["sets"]
                )
            )
            self._schedule(lambda: self._tell(text, why))

        self._controller.reviews.write(work, done)

    # --- in a thread

    def _lines(self) -> dict[str, Any]:
        proposals = self._controller.proposals()
        self._proposals = {proposal.feature: proposal for proposal in proposals}
        shown = feature_lines(self._controller, proposals, self._marks.now())
        return {"shown": shown, "status": review_card(self._session.table, self._controller)}

    def _published(self, link: str) -> dict[str, Any]:
        last_report = time.monotonic()

        def progress(_stage: str, done: int, total: int) -> bool:
            nonlocal last_report
            if time.monotonic() - last_report > _TELL_EVERY:
                last_report = time.monotonic()
                self._schedule(lambda: self.param.update(busy={"done": done, "total": total}))
            return not self._cancelled

        session, controller = self._session, self._controller
        try:
            with closing(controller.reviews.reader()) as store:
                name, packed, notes = session_publication(
                    session.table,
                    controller,
                    session.projection,
                    session.state.document.color.column,
                    store,
                    link,
                    progress,
                )
        except Cancelled:
            return {}
        except ExplorerError as error:
            return {"why": str(error)}
        except Exception:
            logger.exception("a set could not be published")
            return {"why": "this could not be published; the log of the server says why"}
        if len(packed) > _LARGEST_ZIP:
            return {
                "why": (
                    _(
                        "{count} MB are too many for a browser: explorer review FILE --set … export"
                    ).format(count=len(packed) >> 20)
                ),
            }
        return {"name": name, "packed": packed, "notes": notes}

    def _detail(self, name: str) -> dict[str, Any]:
        session = self._session
        card = detail_card(
            session.table,
            self._controller,
            name,
            session.profile(name),
            session.state.document.features,
            self._proposals.get(name),
        )
        comparisons = SavedComparisons(session.table.fingerprint).listed()
        return {"detail": card, "cited": comparisons[:20]}

    def _cited(self, names: Sequence[str], keys: Sequence[str]) -> list[Evidence]:
        store = SavedComparisons(self._session.table.fingerprint)
        evidence = []
        for key in keys:
            document = store.load(key)
            comparison = Comparison.from_document(document)
            evidence += [comparison_evidence(comparison, name, document["name"]) for name in names]
        return [piece for piece in evidence if piece is not None]

    # --- on the event loop

    def _show(self, cards: dict[str, Any]) -> None:
        self.status, self.shown = cards["status"], cards["shown"]
        self._send(whole=False)

    def _send(self, whole: bool) -> None:
        """Send the lines, of hundreds those that have changed; nothing before the page listens."""
        if not self._ready:
            return
        changed = (
            self.shown["lines"] if whole else VerdictMarks.changes(self._sent, self.shown["lines"])
        )
        self._sent = self.shown["lines"]
        self._send_msg(
            LinesEvent(
                type="lines",
                lines=changed,
                whole=whole,
                queue=self.shown["queue"],
                people=self.shown["people"],
                apply=self.shown["apply"],
            )
        )

    def _show_detail(self, cards: dict[str, Any]) -> None:
        self.param.update(**cards)

    def _show_published(self, answer: dict[str, Any]) -> None:
        self.busy = {}
        if "why" in answer:
            self._tell("published", answer["why"])
        elif answer and not self._cancelled:
            self._hand_file(answer["name"], "application/zip", answer["packed"])
            self._tell(_("published as {name}").format(name=answer["name"]), "")
            self.notes = answer["notes"]

    def _answer(self, text: str, act: Callable[[Done], None], names: Sequence[str] = ()) -> None:
        """Do something, and tell what became of it when it is on the disk."""
        try:
            act(lambda _, why: self._schedule(lambda: self._tell(text, why, names)))
        except ExplorerError as error:
            self._tell(text, str(error), names)

    def _tell(self, text: str, why: str, names: Sequence[str] = ()) -> None:
        self.told = {
            "words": text,
            "why": why,
            "names": list(names),
            "turn": self.told.get("turn", 0) + 1,
        }
