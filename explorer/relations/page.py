"""The Together tab: what the ticked features have to do with each other."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import param

from explorer.core.errors import ExplorerError
from explorer.core.gettext import _
from explorer.relations.cards import (
    FAR_ROWS,
    inflation_card,
    matrix_card,
    missing_card,
    near_card,
    relevance_card,
    set_card,
    unusual_card,
)
from explorer.relations.controller import RelationsController, why_not_numeric
from explorer.relations.pair_plot import PairRequest, pair_box, pair_plot
from explorer.relations.pair_relation import pair_relation
from explorer.session.rows.selection_from_rows import definition_of_rows
from explorer.state import actions
from explorer.state.view_settings import PairView
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.relations.controller import ChosenFeatures
    from explorer.session.session import Session

__all__ = ["TAB", "RelationsPage"]

logger = logging.getLogger(__name__)

TAB: actions.Tab = "Together"
_SECTIONS = ("near", "inflation", "matrix", "missing")
_CHANGES_SET = {"tab", "features", "catalogue"}
_CHANGES_PICTURE = {"selection", "filters", "theme", "catalogue"}
_CHANGES_RELATION = {"filters", "catalogue"}
_GROUPS = ("categorical", "boolean")
_TARGETS = ("numeric", "boolean", "categorical", "temporal")
_SIZES = (60, 2_000)  # pixels that a picture may be wide or high
_FIRST_SIZE = (520, 400)


class RelationsPage(SessionComponent):
    """The Together tab; one section is computed at a time, when it is looked at."""

    _files = "page"

    chosen = param.Dict(
        default={}, doc="Which features the page is about; its key names them in every section."
    )
    choices = param.Dict(
        default={}, doc="Columns to choose from: numbers, groups, targets; the same all the time."
    )
    near = param.Dict(default={}, doc="Groups of near-duplicates.")
    inflation = param.Dict(default={}, doc="Variance inflation.")
    matrix = param.Dict(default={}, doc="Correlations of all pairs.")
    pair = param.Dict(default={}, doc="Picture, axes and account of a pair.")
    relation = param.Dict(
        default={}, doc="Correlation of the pair, over all rows and within groups."
    )
    missing = param.Dict(default={}, doc="What is missing together.")
    unusual = param.Dict(default={}, doc="Unusual rows, on request.")
    relevance = param.Dict(default={}, doc="What features tell of a target, on request.")
    error = param.Dict(default={}, doc="Why something could not be done: section, words.")

    def __init__(self, session: Session, schedule: Schedule, **params: Any) -> None:
        super().__init__(session, schedule, **params)
        self._together = RelationsController(session.table, session.state)
        self._set: ChosenFeatures | None = None
        self._size = _FIRST_SIZE
        self._pair: PairView | None = None  # as it is drawn; None: nobody has come to it yet
        self._in_sight = False  # the pair: before that none is chosen unasked
        self._target: str | None = None
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[Any, ...]] = {}
        self._tasks: LatestTask[None, tuple[str, dict[str, Any]] | None] = LatestTask(
            schedule, lambda _: self._next(), self._show
        )
        self._pictures: LatestTask[PairRequest, dict[str, Any]] = LatestTask(
            schedule, self._draw_pair, self._show_pair
        )
        self.refresh(frozenset(_CHANGES_SET | {"views"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if self._session.state.document.tab != TAB:
            return  # what has changed is seen when somebody comes back
        unsettled = self._set is None or len(self._set.names) < 2
        if changed & _CHANGES_SET or (unsettled and "profiles" in changed):
            self._choose()
        if self._drawn is not None and changed & (_CHANGES_PICTURE | {"tab"}):
            self._draw()
        if self._drawn is not None and changed & (_CHANGES_RELATION | {"tab"}):
            self._relate()
        if changed & {"views", "tab"}:
            self._follow_views()

    # --- what the page sends

    def on_see(self, section: str) -> None:
        """Compute a section that came into sight, unless it shows the present features already."""
        if section == "pair":
            self._in_sight = True
            self._first_pair()
        elif (
            section in _SECTIONS
            and self._set
            and getattr(self, section).get("key") != self._set.key
        ):
            self._request_section(section, self._set)

    def on_drop(self, names: list[str]) -> None:
        """Untick near-duplicates; the one that stands for them stays."""
        ticked = self._session.state.document.features
        self._session.state.act(
            actions.set_features, names=[name for name in ticked if name not in names]
        )

    def on_pair(self, one: str, other: str) -> None:
        """Look at another pair."""
        self._session.state.act(actions.set_pair_view, x=one, y=other)

    def on_size(self, width: int, height: int) -> None:
        """Draw the picture in the size that the page has for it."""
        low, high = _SIZES
        self._size = min(max(width, low), high), min(max(height, low), high)
        if self._drawn is not None:
            self._draw()

    def on_shade(self, name: actions.PairShade) -> None:
        """Shade by rank or by logarithm of the rows of a pixel."""
        self._session.state.act(actions.set_pair_view, shade=name)

    def on_whole(self, on: bool) -> None:
        """Draw the whole range, or the middle of it."""
        self._session.state.act(actions.set_pair_view, whole=on)

    def on_group(self, column: str) -> None:
        """Correlate within the groups of a category; empty: over all rows only."""
        self._session.state.act(actions.set_pair_view, group=column or None)

    def on_box(
        self, x: tuple[float, float], y: tuple[float, float], mode: actions.SelectMode
    ) -> None:
        """Select the rows in a rectangle of the picture."""
        self._select("pair", pair_box(self._request(), x, y), mode)

    def on_clear(self) -> None:
        """Clear the selection."""
        self._session.rows.clear_selection()

    def on_select(self, definition: dict[str, Any]) -> None:
        """Select the rows of a definition."""
        self._select("missing", definition)

    def on_unusual(self) -> None:
        """Find rows far out in many features at once."""
        if self._set is not None:
            self._request_section("unusual", self._set)

    def on_pick(self, row: int) -> None:
        """Select one unusual row."""
        if self._set is not None:
            self._request_section("picked", self._set, "", row)

    def on_open(self, row: int) -> None:
        """Look at one unusual row with all its columns."""
        self._session.look_at_row(row)

    def on_far(self, by: str) -> None:
        """Select the rows beyond the cutoff, as many as can be named."""
        if self._set is not None:
            self._request_section("picked", self._set, by, None)

    def on_target(self, name: str) -> None:
        """Hold all features against a target; one that could not be computed is tried again."""
        again = name == self._target
        self._session.state.act(actions.set_relevance_target, name=name)
        if again:
            self._request_section("relevance", name)

    def on_look(self, name: str) -> None:
        """Show a feature in its tab."""
        self._session.state.act(actions.look_at, name=name)

    # --- on the event loop

    def _choose(self) -> None:
        """Settle which features the page is about."""
        self._set = self._together.chosen()
        if not self.choices:
            self.choices = self._offered()
        card = set_card(self._session.table, self._set)
        if card != self.chosen:
            self.chosen = card

    def _offered(self) -> dict[str, Any]:
        features = self._session.table.features

        def offered(fits: Callable[[str], bool]) -> list[list[str]]:
            return [[name, feature.label] for name, feature in features.items() if fits(name)]

        return {
            "numbers": offered(lambda name: not why_not_numeric(features[name])),
            "groups": offered(lambda name: features[name].kind in _GROUPS),
            "targets": offered(lambda name: features[name].kind in _TARGETS),
        }

    def _first_pair(self) -> None:
        """Show the first two features, unless a pair is shown."""
        names = self._set.names if self._set is not None else ()
        pair = self._session.state.document.views.pair
        if pair.x and pair.y:
            return
        if len(names) >= 2:
            # said in the state, so that a link opens the same one whatever is ticked meanwhile
            self.on_pair(names[0], names[1])
        elif self._set is not None:
            self.pair = {"error": _("a pair needs two numeric features")}

    def _follow_views(self) -> None:
        """Draw the pair of the state, and hold the features against its target."""
        views = self._session.state.document.views
        before, self._pair = self._pair or PairView(), views.pair
        if self._drawn is None:
            self.param.update(pair={}, relation={})
            if self._in_sight:
                self._first_pair()
        else:
            if replace(views.pair, group=None) != replace(before, group=None):
                self._draw()
            if replace(views.pair, shade="rank", whole=False) != replace(
                before, shade="rank", whole=False
            ):
                self._relate()
        if views.target != self._target:
            self._target = views.target
            if self._target is None:
                self.relevance = {}
            else:
                self._request_section("relevance", self._target)

    @property
    def _drawn(self) -> PairView | None:
        """The pair that is drawn, None while there is none."""
        pair = self._pair
        return pair if pair is not None and pair.x and pair.y else None

    def _request(self) -> PairRequest:
        pair = self._drawn or PairView()
        return PairRequest(pair.x or "", pair.y or "", *self._size, pair.shade, pair.whole)

    def _draw(self) -> None:
        self._pictures.submit(self._request())

    def _relate(self) -> None:
        if (pair := self._drawn) is not None:
            self._request_section("relation", pair.x, pair.y, pair.group or "")

    def _select(
        self, section: str, definition: dict[str, Any], mode: actions.SelectMode = "replace"
    ) -> None:
        try:
            self._session.state.act(actions.select, selection=definition, mode=mode)
            self.error = {}
        except ExplorerError as error:
            self.error = {"section": section, "words": str(error)}

    def _request_section(self, what: str, *request: Any) -> None:
        """Queue a section; it is asked for anew where it waits already."""
        with self._lock:
            self._waiting.pop(what, None)
            self._waiting[what] = request
        self._tasks.submit(None)

    def _show(self, section: tuple[str, dict[str, Any]] | None) -> None:
        if section is None:
            return
        what, answer = section
        if what != "picked":
            self.param.update(**{what: answer})
        elif "definition" in answer:
            self._select("unusual", answer["definition"])
        else:
            self.error = {"section": "unusual", "words": answer["error"]}
        self._tasks.submit(None)

    def _show_pair(self, pair: dict[str, Any]) -> None:
        self.pair = pair

    # --- in a thread

    def _next(self) -> tuple[str, dict[str, Any]] | None:
        """Compute the section that has waited longest; the threads of all pages are few."""
        with self._lock:
            if not self._waiting:
                return None
            what = next(iter(self._waiting))
            request = self._waiting.pop(what)
        try:
            return what, self._compute_section(what, request)
        except ExplorerError as error:
            refused = str(error)
        except Exception:
            # a defect, for the log; the other sections must not wait for ever
            logger.exception("the section %r could not be computed", what)
            refused = "this could not be computed; the log of the server says why"
        key = request[0].key if what in _SECTIONS or what == "unusual" else ""
        named = {"target": request[0]} if what == "relevance" else {}
        return what, {"key": key, "error": refused, **named}

    def _compute_section(self, what: str, request: tuple[Any, ...]) -> dict[str, Any]:
        table, together = self._session.table, self._together
        match what:
            case "near":
                return near_card(table, request[0], together.redundancy(request[0]))
            case "inflation":
                return inflation_card(table, request[0], together.inflation(request[0]))
            case "matrix":
                return matrix_card(table, request[0], together.matrix(request[0]))
            case "missing":
                return missing_card(table, request[0], *together.missing(request[0]))
            case "unusual":
                return unusual_card(table, request[0], together.unusual(request[0]))
            case "picked":
                return self._picked(*request)
            case "relevance":
                return relevance_card(table, together.relevance(request[0]))
        return pair_relation(self._session.table, self._session.rows, *request)

    def _picked(self, chosen: ChosenFeatures, by: str, row: int | None) -> dict[str, Any]:
        unusual = self._together.unusual(chosen)
        rows = (
            unusual.rows[unusual.beyond(by)[:FAR_ROWS]]
            if row is None
            else unusual.rows[unusual.rows == row]
        )
        return {
            "definition": definition_of_rows(
                self._session.table, self._session.resolver, rows, unusual.names
            )
        }

    def _draw_pair(self, request: PairRequest) -> dict[str, Any]:
        try:
            session = self._session
            return pair_plot(session.table, session.rows, request, session.scene.theme())
        except ExplorerError as error:
            return {"one": request.one, "other": request.other, "error": str(error)}
