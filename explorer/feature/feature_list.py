"""The features on the right: search, strips, ticks, the set and its projection."""

from __future__ import annotations

import base64
import threading
import time
from typing import TYPE_CHECKING, Any

import param

from explorer.core.errors import ExplorerError, unknown_name
from explorer.core.gettext import _
from explorer.embedding.projection_methods import METHODS
from explorer.feature.blocks.block_strip import block_entries, block_looks
from explorer.feature.columns.role_summary import role_summary
from explorer.feature.feature_events import (
    HeightsEvent,
    LooksEvent,
    MarksEvent,
    SortKeysEvent,
)
from explorer.feature.feature_ordering import FeatureOrdering
from explorer.feature.projection_parameters import SEED, read_parameter, read_weight
from explorer.feature.projection_status import projection_status
from explorer.feature.strip_look import heights_of, static_entry, strip_look
from explorer.features.kind import NUMBERS_AS_TEXT
from explorer.review.controller import ReviewController
from explorer.review.page.verdict_marks import VerdictMarks, review_line
from explorer.session.maps.validate_projection import nothing_to_project, validate_projection
from explorer.state import actions
from explorer.state.convert import as_json
from explorer.table.mappable import role_warning
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from explorer.profile.relations.redundancy import Redundancy
    from explorer.review.controller import Done
    from explorer.session.session import Session
    from explorer.state.document import Document
    from explorer.table.table import Table

__all__ = ["FeatureList"]

_SHOWN = {
    "catalogue",
    "features",
    "set",
    "policy",
    "method",
    "map_rows",
    "projected",
    "filters",
    "job",
    "reviews",
}
_MOST_AT_ONCE = 400  # looks in one message: about 200 kB
_COMPARED_CELLS = 300_000_000  # read once more to compare all pairs of features: some seconds
_SECONDS_BETWEEN = 0.1  # messages of looks, so that a page of thousands has time for its person
_FIRST = 300  # looks that come with the page itself


class FeatureList(SessionComponent):
    """The features on the right."""

    _files = "feature_list"
    _events = (LooksEvent, HeightsEvent, MarksEvent, SortKeysEvent)

    features = param.List(
        default=[], doc="What is known of each feature before it is counted, in table order."
    )
    looks = param.List(
        default=[],
        doc="What comes with the page: [place, look, heights] of features counted already.",
    )
    blocks = param.List(
        default=[], doc="Families of columns: name, text, role, places of the columns."
    )
    block_looks = param.Dict(
        default={}, doc="The mean of each family that is counted, by its name."
    )
    methods = param.List(
        default=[[name, method.label] for name, method in METHODS.items()],
        doc="Methods of projection to choose from: name and label.",
    )
    ticked = param.List(default=[], doc="Names in the set.")
    as_numbers = param.List(default=[], doc="Names in the set whose text is read as numbers.")
    color = param.String(default=None, allow_None=True, doc="Column that colours the map.")
    order = param.Dict(default={}, doc="The order of the list, and the target of the relevance.")
    current = param.String(default=None, allow_None=True, doc="The feature looked at.")
    selected = param.Boolean(
        default=False, doc="Whether rows are selected or filtered, so that strips show their share."
    )
    counting = param.Dict(
        default={}, doc="How far the features are counted, in words; empty when all are."
    )
    status = param.Dict(default={}, doc="The set, its policy, forecast and warnings.")
    reasons = param.List(
        default=[], doc="Why the table opened with its features: a heading, then lines."
    )
    review = param.Dict(
        default={}, doc="How far the review is, and its conflicts with what is ticked."
    )
    columns = param.Dict(default={}, doc="How many columns have which role, and what is guessed.")
    reviewer = param.Dict(
        default={}, doc="Who judges: the name, and whether the server's login fixes it."
    )
    told = param.Dict(default={}, doc="What became of the last verdict or set.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        table = session.table
        self._place = {name: place for place, name in enumerate(table.column_names)}
        self._labels = {name: feature.label for name, feature in table.features.items()}
        self._redundancy: Redundancy | None = table.relations.known_redundancy
        self._lock = threading.Lock()
        self._fresh: dict[str, None] = {}
        self._sending, self._sent = False, 0.0
        self._seen_in_status = (0, 0)
        self._visible: list[str] = []
        self._message, self._compared = "", False
        self._controller = session.part(ReviewController)
        self._marks, self._ready = VerdictMarks(table, self._controller), False
        self._marked: dict[str, dict[str, Any]] = {}
        features = self._entries(table)
        # of what the table opened with nobody is warned, until its role is another
        self._expected = {name: table.roles[name].role for name in session.start.features}
        profiled = list(table.profiles.finished())[:_FIRST]
        super().__init__(
            session,
            schedule,
            features=features,
            blocks=block_entries(table),
            columns=role_summary(table),
            reasons=session.start_reasons,
            **params,
        )
        self.looks = self._looks(profiled)
        self.reviewer = {"name": session.user, "fixed": session.signed_in}
        self._ordering = FeatureOrdering(table, session.rows, session.start)
        self._sender: LatestTask[None, list[Any]] = LatestTask(
            schedule, lambda _: self._taken(), self._send_looks
        )
        self._parts_of: LatestTask[None, None] = LatestTask(
            schedule, lambda _: self._count_selected(), lambda _: None
        )
        self._judged: LatestTask[None, tuple[dict[str, Any], dict[str, Any]]] = LatestTask(
            schedule,
            lambda _: (self._marks.now(), review_line(table, self._controller)),
            self._mark_verdicts,
        )
        self._statuses: LatestTask[None, dict[str, Any]] = LatestTask(
            schedule, lambda _: self._status(session.state.document), self._show_status
        )
        self._block_looks: LatestTask[None, dict[str, Any]] = LatestTask(
            schedule,
            lambda _: block_looks(table),
            lambda looks: self.param.update(block_looks=looks),
        )
        self._seen: LatestTask[list[str], None] = LatestTask(
            schedule, lambda names: table.profiles.prefer(names), lambda _: None
        )
        self._orders: LatestTask[dict[str, Any], dict[str, Any]] = LatestTask(
            schedule, self._ordering.keys, self._send_keys
        )
        self._pairs: LatestTask[None, Redundancy] = LatestTask(
            schedule, lambda _: table.relations.redundancy(), self._mark
        )
        if self.blocks:
            self._block_looks.submit(None)
        shown_first = (_SHOWN - {"catalogue"}) | {"color", "feature", "selection", "views"}
        self.refresh(frozenset(shown_first))
        session.on_close(table.profiles.listen(self._learn))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        if "catalogue" in changed:
            self._take_words()
        if "features" in changed:
            self.ticked = list(document.features)
            self._message = ""
        if changed & {"features", "policy"}:
            self.as_numbers = self._read_as_numbers(document)
        if "color" in changed:
            self.color = document.color.column
        if "feature" in changed:
            self.current = document.feature
        if "views" in changed and as_json(document.views.features, "the order") != self.order:
            self.order = as_json(document.views.features, _("the order"))
            self._order()
        if changed == {"reviews"}:
            self._statuses.submit(None)  # others judge while one works: nobody waits for it
        elif changed & _SHOWN:
            self._refresh_status()
        if changed & {"reviews", "set", "features", "policy", "catalogue"}:
            self._judged.submit(None)
        if changed & {"selection", "filters"}:
            if document.map_rows in ("shown", "selected"):
                self._statuses.submit(None)
            self.selected = document.selection is not None or bool(document.active_filters)
            self._parts_of.submit(None)
            if document.views.features.order == "difference":
                self._order()

    # --- what the page sends

    def on_ready(self) -> None:
        """Send what is known and did not come with the page."""
        self._ready = True
        self._order()
        self._send_msg(MarksEvent(type="marks", marks=self._marked, whole=True))
        sent = {place for place, *_ in self.looks}
        partners = self._redundancy.partners if self._redundancy else {}
        profiled = self._session.table.profiles.finished()
        # what was learned before the page listened has not reached it
        self._learn(
            [name for name in profiled if name in partners or self._place[name] not in sent]
        )

    def on_visible(self, names: list[str]) -> None:
        """Count these first: somebody looks at them."""
        self._visible = [name for name in names if name in self._place]
        self._seen.submit(list(self._visible))
        if self.selected:
            self._parts_of.submit(None)

    def on_look(self, name: str, tab: actions.Tab | None = "Feature") -> None:
        """Make a feature the current one and show its tab."""
        self._seen.submit([name])
        self._session.state.act(actions.look_at, name=name, tab=tab)

    def on_tick(self, name: str, on: bool) -> None:
        """Put a feature into the set or take it out.

        Numbers written as text are then read as numbers.
        """
        as_number = on and NUMBERS_AS_TEXT in self._session.table.features[name].notes
        self._session.state.act(
            actions.toggle_feature, name=name, on=on, encode="number" if as_number else None
        )

    def on_tick_many(self, names: list[str], on: bool, only: bool = False) -> None:
        """Tick or untick several features in one step; ``only`` unticks all others."""
        chosen = frozenset(names)
        before = [] if only else self._session.state.document.features
        ticked = [name for name in before if on or name not in chosen]
        present = frozenset(ticked)
        fresh = [n for n in names if n in self._place and n not in present] if on else []
        self._session.state.act(actions.set_features, names=[*ticked, *fresh])

    def on_counting(self, on: bool) -> None:
        """Stop counting features, or go on."""
        book = self._session.table.profiles
        if on:
            threading.Thread(target=book.start, name="profiles", daemon=True).start()
        else:
            book.stop()

    def on_order(self, key: actions.FeatureOrder, target: str | None = None) -> None:
        """Choose the order of the list; ``target`` is the column of "relevance"."""
        self._session.state.act(actions.set_feature_order, order=key, target=target)

    def on_color(self, name: str | None) -> None:
        """Colour the map by a feature, or by density."""
        self._try(lambda: self._session.color_by(name))

    def on_policy(
        self, scale: actions.Scale | None = None, missing: actions.Missing | None = None
    ) -> None:
        """Change scale or missing policy."""
        self._session.state.act(actions.set_policy, scale=scale, missing=missing)

    def on_method(self, name: str) -> None:
        """Choose the projection method."""
        parameters: dict[str, Any] = {
            parameter: value
            for parameter, value in self._session.start.method.parameters.items()
            if name in METHODS and parameter in METHODS[name].defaults
        }
        self._session.state.act(actions.set_method, name=name, **parameters)

    def on_parameter(self, name: str, text: str) -> None:
        """Change a parameter of the method, or the seed, to what was typed."""

        def change() -> None:
            method, value = self._session.state.document.method, read_parameter(name, text)
            seed: Any = value if name == SEED else "same"
            given = {} if name == SEED else {name: value}
            parameters = {**method.parameters, **given}
            self._session.state.act(
                actions.set_method, name=method.name, random_state=seed, **parameters
            )

        self._try(change)

    def on_weight(self, name: str, text: str) -> None:
        """Change the weight of a feature to what was typed; empty is 1."""

        def change() -> None:
            others = self._session.state.document.policy.weights.items()
            weights = {feature: weight for feature, weight in others if feature != name}
            value = read_weight(self._labels.get(name, name), text)
            if value != 1:
                weights[name] = value
            self._session.state.act(actions.set_policy, weights=weights)

        self._try(change)

    def on_rows(self, rows: actions.MapRows) -> None:
        """Choose of which rows the next map is."""
        self._session.state.act(actions.set_map_rows, rows=rows)

    def on_defaults(self) -> None:
        """Bring parameters, seed, weights and rows back to their defaults."""
        act, method = self._session.state.act, self._session.state.document.method
        act(actions.set_method, name=method.name, random_state=0)
        act(actions.set_policy, weights={})
        act(actions.set_map_rows, rows="same")

    def on_set(self, key: str) -> None:
        """Tick one of the ready sets."""
        sets = self._ordering.sets()
        if key not in sets:
            raise unknown_name("set", key, sets)
        self._session.state.act(actions.set_features, names=sets[key])

    def on_untick(self) -> None:
        """Untick what cannot be projected as it is."""
        document = self._session.state.document
        refusal = validate_projection(self._session.table, document.features, document.policy)
        if refusal is not None:
            allowed = [name for name in document.features if name not in refusal.names]
            self._session.state.act(actions.set_features, names=allowed)

    def on_project(self) -> None:
        """Make the map of the ticked features; what cannot be projected is said above the list."""
        if nothing_to_project(self._session.table, self._session.state.document.features):
            return  # the line above the list says why
        self._try(self._session.projection.project)

    # --- what the page sends of sets and verdicts

    def on_reviewer(self, name: str) -> None:
        """Say who judges; a name that the server's login gives stays."""
        if not self._session.signed_in:
            self._session.user = name.strip()
            self.reviewer = {"name": name.strip(), "fixed": False}
            self._session.notify("reviews")

    def on_verdict(self, name: str, decision: str, **more: Any) -> None:
        """Judge a feature."""
        label = self._labels.get(name, name)
        self._answer(
            f"{label}: {decision}",
            lambda done: self._controller.decide([name], decision, done, **more),
        )

    def on_verdict_many(self, names: list[str], decision: str) -> None:
        """Judge the columns of a block in one step."""
        self._answer(
            _("{count:,} columns: {decision}").format(count=len(names), decision=decision),
            lambda done: self._controller.decide(names, decision, done),
        )

    def on_apply(self) -> None:
        """Make the ticked features what the verdicts say."""
        self._try(self._controller.apply)

    def on_open_set(self, name: str) -> None:
        """Tick the features of a set that is kept."""
        self._try(lambda: self._controller.open_set(name))
        self._session.notify("notes")

    def on_save_set(self, name: str, rationale: str) -> None:
        """Keep what is ticked as the next version of a set."""

        def kept(feature_set: Any, why: str) -> None:
            if not why:
                self._session.state.act(actions.open_set, name=feature_set.id)
                self.told = {
                    **self.told,
                    "words": _("kept as {id}").format(id=feature_set.id),
                    "saved": feature_set.id,
                }

        self._answer(
            "kept",
            lambda done: self._controller.save(name, rationale, done),
            kept,
        )

    def _order(self) -> None:
        """Compute what the order of the list needs that is not in the strips."""
        view = self._session.state.document.views.features
        if view.order == "redundancy":
            self._pairs.submit(None)
        elif view.order == "difference" or (view.order == "relevance" and view.target):
            self._orders.submit({"key": view.order, "target": view.target})

    def _compare_all(self) -> None:
        """Compare all pairs of features: of thousands it takes seconds, strips do not wait for it.

        Of a wide table it begins when all columns are summarised; of a very large one when asked.
        """
        table = self._session.table
        if self._compared or table.num_rows * len(self._place) > _COMPARED_CELLS:
            return
        profiles, counted = table.profiles, table.summaries.counted()
        if not profiles.summarized_first or len(counted) >= len(self._place):
            self._compared = True
            self._pairs.submit(None)

    def _show_status(self, status: dict[str, Any]) -> None:
        self.status = status
        self._compare_all()

    def _mark_verdicts(self, verdicts: tuple[dict[str, Any], dict[str, Any]]) -> None:
        """Show verdicts; of hundreds, those that have changed are sent."""
        marks, self.review = verdicts
        changed, self._marked = VerdictMarks.changes(self._marked, marks), marks
        if changed and self._ready:
            self._send_msg(MarksEvent(type="marks", marks=changed, whole=False))

    def _answer(
        self,
        text: str,
        act: Callable[[Done], None],
        then: Callable[[Any, str], None] = lambda *_: None,
    ) -> None:
        """Do something with the review, and tell what became of it when it is on the disk."""

        def done(result: Any, why: str) -> None:
            self._schedule(lambda: self._tell(text, why, lambda: then(result, why)))

        try:
            act(done)
        except ExplorerError as error:
            self._tell(text, str(error), lambda: None)

    def _tell(self, text: str, why: str, then: Callable[[], None]) -> None:
        self.told = {
            "words": "" if why else text,
            "why": why,
            "turn": self.told.get("turn", 0) + 1,
        }
        then()

    # --- what is shown

    def _take_words(self) -> None:
        """Show what is known of the features again, since somebody has edited it."""
        table = self._session.table
        self._labels = {name: feature.label for name, feature in table.features.items()}
        self._place = {
            name: place for place, name in enumerate(table.column_names)
        }  # row labels come last
        profiled = list(table.profiles.finished())
        self.looks = self._looks(profiled[:_FIRST])
        self.features = self._entries(table)
        self.blocks = block_entries(table)
        if self.blocks:
            self._block_looks.submit(None)
        self.columns = role_summary(table)
        self._learn(profiled[_FIRST:])
        self._pairs.submit(None)

    @staticmethod
    def _entries(table: Table) -> list[dict[str, Any]]:
        features, roles = table.features, table.roles
        return [static_entry(features[name], roles[name]) for name in table.column_names]

    def _role_warning(self, document: Document) -> dict[str, Any]:
        """Warn of ticked features whose role speaks against them; empty where none does."""
        table = self._session.table
        warnings = {
            name: text
            for name in document.features
            if self._expected.get(name) != table.roles[name].role
            and (text := role_warning(table, name))
        }
        if not warnings:
            return {}
        first, *others = warnings.values()
        more = (" " + _("So {count:,} more.").format(count=len(others))) if others else ""
        return {"text": first + more, "names": list(warnings), "all": list(warnings.values())}

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
            self._message = ""
        except ExplorerError as error:
            self._message = str(error)
        self._refresh_status()

    def _refresh_status(self) -> None:
        """Show how the set stands now; one that is still on its way from a thread is of before."""
        self._statuses.show_now(self._status(self._session.state.document))

    def _status(self, document: Document) -> dict[str, Any]:
        status = projection_status(
            self._session, document, self._ordering.sets(), self._message, self._redundancy
        )
        return {**status, "roles": self._role_warning(document)}

    def _read_as_numbers(self, document: Document) -> list[str]:
        features, encode = self._session.table.features, document.policy.encode
        texts = [
            n for n in document.features if n in features and NUMBERS_AS_TEXT in features[n].notes
        ]
        return [name for name in texts if encode.get(name) == "number"]

    def _mark(self, redundancy: Redundancy) -> None:
        self._redundancy = redundancy
        self._learn(frozenset(redundancy.partners))
        self._refresh_status()
        self._session.notify("profiles")  # the Feature tab names the nearest ones

    def _learn(self, names: Iterable[str]) -> None:
        """Queue features whose look has changed; called from any thread."""
        with self._lock:
            self._fresh |= dict.fromkeys(names)
            if self._sending:
                return  # a message is on its way: those learned meanwhile go with the next one
            self._sending = True
        self._send_soon()

    def _send_soon(self) -> None:
        """Begin the next message, a moment after the one before unless it is full."""
        wait = self._sent + _SECONDS_BETWEEN - time.monotonic()
        if wait <= 0 or len(self._fresh) >= _MOST_AT_ONCE:
            self._sender.submit(None)
            return
        timer = threading.Timer(wait, self._sender.submit, [None])
        timer.daemon = True
        timer.start()

    def _taken(self) -> list[Any]:
        with self._lock:
            names = list(self._fresh)[:_MOST_AT_ONCE]
            for name in names:
                del self._fresh[name]
        try:
            return self._looks(names)
        except BaseException:
            with self._lock:
                self._sending = False
            raise

    def _send_looks(self, looks: list[Any]) -> None:
        self._sent = time.monotonic()
        with self._lock:
            self._sending = waiting = bool(self._fresh)
        if waiting:
            self._send_soon()
        if looks:
            self._send_msg(LooksEvent(type="looks", looks=looks))
        self.counting = self._counted()
        summaries = self._session.table.summaries.counted().values()
        seen = len(summaries), sum(summary.sampled is None for summary in summaries)
        if seen != self._seen_in_status:  # what "all usable" is has changed
            self._seen_in_status = seen
            self._statuses.submit(None)
            if self.blocks:
                self._block_looks.submit(None)

    def _counted(self) -> dict[str, Any]:
        book, total = self._session.table.profiles, len(self._place)
        done = book.count_exact()
        if done == total:
            return {}
        progress = _("counted {done:,} of {total:,} features").format(done=done, total=total)
        if not book.running:
            return {"words": f"{progress}{f': {book.failed}' if book.failed else ''}", "on": False}
        left = f" · {book.progress.eta:,.0f} s left" if book.progress and book.progress.eta else ""
        return {"words": progress + left, "on": True}

    def _looks(self, names: Sequence[str]) -> list[Any]:
        book, features = self._session.table.profiles, self._session.table.features
        # a new row label is counted before the page has heard of it: it comes with the next words
        profiles = {
            n: profile for n in names if n in self._place and (profile := book.get(n)) is not None
        }
        partners = self._redundancy.partners if self._redundancy else {}
        return [
            [
                self._place[name],
                strip_look(features[name], profiles[name], self._labels, partners.get(name, {})),
                base64.b64encode(heights_of(profiles[name].summary)).decode(),
            ]
            for name in profiles
        ]

    def _send_keys(self, keys: dict[str, Any]) -> None:
        self._send_msg(
            SortKeysEvent(type="keys", key=keys["key"], values=keys["values"], words=keys["words"])
        )

    def _count_selected(self) -> None:
        """Count the selection in the bins of the strips in sight, one after the other."""
        names, rows = list(self._visible), self._rows()
        for name, heights in self._ordering.selected(names):
            if names != self._visible or rows != self._rows():
                return  # somebody scrolled on, or the rows are others already: that is counted next
            message = HeightsEvent(type="part", place=self._place[name], heights=heights)
            self._schedule(lambda message=message: self._send_msg(message))  # type: ignore[misc]

    def _rows(self) -> list[Any]:
        document = self._session.state.document
        return [document.selection, document.filters]
