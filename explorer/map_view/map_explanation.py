"""The card of the selection on the map: how its rows differ from the others, in sentences."""

from __future__ import annotations

import itertools
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.compare.controller import CompareController
from explorer.compare.explanation.compute import explain_selection, prepare_explanations
from explorer.compare.explanation.text_lines import clause_figures, tested_text
from explorer.core.errors import ExplorerError
from explorer.selection.selection import COLOURED, DREW, UNKNOWN
from explorer.session.rows.row_pictures import RowPictures
from projections.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.compare.explanation.explanation import ExampleRow, Explanation
    from explorer.session.session import Session
    from explorer.ui.page_loop import Schedule

__all__ = ["SELECTED", "SelectionExplanation", "explanation_card"]

logger = logging.getLogger(__name__)

_CHANGES = {"selection", "filters", "maps", "catalogue", "compare", "labels"}
_MAP = {"maps", "embedding", "color"}
_MOST_CELLS = 150_000_000  # read unasked; beyond, figures are those of a sample
_LISTED = 30  # features that were not tested
_CALM = 1.0  # seconds between two looks whether the table is still counted
SELECTED = frozenset({"selection"})
"""What has changed where only the selection has."""

_LONGEST_WAIT = 1.0  # seconds that other views wait for the first sentence

# Of all sessions. An explanation that nobody waits for any more ends at its next feature.
_pool = ThreadPoolExecutor(max_workers=3, thread_name_prefix="explanation")
_ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prepare-explanations")


def explanation_card(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as the page shows it."""
    untested = list(explanation.untested.items())
    return {
        "parts": [list(part) for part in explanation.parts],
        "clauses": [
            {"name": clause.feature, "label": clause.label, "figures": clause_figures(clause)}
            for clause in explanation.clauses
        ],
        "typical": _examples(explanation.typical),
        "edge": _examples(explanation.edge),
        "examples_by": explanation.examples_by,
        "tested": "" if explanation.why_not else tested_text(explanation),
        "untested": [list(entry) for entry in untested[:_LISTED]],
        "more_untested": max(len(untested) - _LISTED, 0),
        "notes": explanation.notes,
        "complete": explanation.complete,
        "sampled": explanation.sample is not None,
        "comparable": not explanation.why_not,
    }


def _examples(rows: tuple[ExampleRow, ...]) -> list[list[Any]]:
    return [[example.row, example.title] for example in rows]


class SelectionExplanation:
    """Explains the selection of a session, each time that changes.

    Parameters
    ----------
    session : Session
    schedule : callable
        Runs a function on the page's event loop.
    show : callable
        Takes the card, as of `explanation_card`; empty where nothing is selected, and with
        "pending" while nothing is known yet.
    """

    def __init__(
        self, session: Session, schedule: Schedule, show: Callable[[dict[str, Any]], object]
    ) -> None:
        self._session, self._schedule, self._show = session, schedule, show
        self._groups = session.part(CompareController)
        self._turns = itertools.count(1)
        self._turn = 0
        self._open = True
        self._closed = threading.Event()
        self._pending = False  # nothing is said yet of the present selection
        # in the order in which they came
        self._waiting: dict[Callable[[frozenset[str]], object], None] = {}
        self._prepared: dict[str, str] | None = None
        session.on_close(self._close)

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if changed & _MAP:
            self._prepare()
        if changed & _CHANGES:
            self._explain()

    def open(self, on: bool) -> None:
        """Explain selections from now on, or leave them alone."""
        if on != self._open:
            self._open = on
            self._explain()

    def compare(self) -> None:
        """Compare the selection with the rest in the Compare tab, in place of groups kept there."""
        self._groups.compare_selection()

    def after_first_sentence(self, call: Callable[[frozenset[str]], object]) -> None:
        """Call this, of a change of the selection alone, once something is said of it.

        It is called at once where nothing is awaited, and after a second at the latest, once
        however often the selection changed meanwhile. What else follows a selection would take the
        processor from the sentence.
        """
        if not self._pending:
            call(SELECTED)
            return
        if not self._waiting:
            release = partial(self._schedule, self._call_waiting)
            timer = threading.Timer(_LONGEST_WAIT, release)
            timer.daemon = True
            timer.start()
        self._waiting[call] = None

    def _close(self) -> None:
        self._turn, self._prepared = 0, None
        self._waiting.clear()
        self._closed.set()

    # --- on the event loop

    def _explain(self) -> None:
        self._turn = next(self._turns)
        if self._session.state.document.selection is None:
            self._take(self._turn, {})
        elif not self._open:
            self._take(self._turn, {"closed": True})
        else:
            self._pending = True
            self._show({"pending": True})
            _pool.submit(self._run, self._turn)

    def _take(self, turn: int, card: dict[str, Any]) -> None:
        if turn == self._turn:
            self._show(card)
            self._pending = False
            self._call_waiting()

    def _call_waiting(self) -> None:
        calls, self._waiting = self._waiting, {}
        for call in calls:
            call(SELECTED)

    def _prepare(self) -> None:
        shown = self._session.projection.map()
        if shown is None:
            return
        color = self._session.state.document.color.column
        seen = {
            **({} if color is None else {color: COLOURED}),
            **dict.fromkeys([UNKNOWN] if shown.features is None else shown.features, DREW),
        }
        if seen != self._prepared:
            self._prepared = seen
            _ahead.submit(self._prepare_for, seen)

    # --- in a thread

    def _run(self, turn: int) -> None:
        try:
            card = self._explained(turn)
        except Cancelled:
            return
        except ExplorerError as error:
            card = {"error": str(error)}
        except Exception:
            if not threading.main_thread().is_alive():
                return
            logger.exception("a selection could not be explained")
            card = {"error": "this could not be computed; the log of the server says why"}
        self._schedule(partial(self._take, turn, card))

    def _explained(self, turn: int) -> dict[str, Any]:
        def wanted(*_: object) -> bool:
            return turn == self._turn

        def preview(explanation: Explanation) -> None:
            self._schedule(partial(self._take, turn, self._card(explanation)))

        selection, others = self._groups.selection_and_rest()
        if selection is None or not wanted():
            return {}
        explanation = explain_selection(
            self._session.table,
            selection,
            others,
            unit=self._groups.unit(),
            margin=self._session.state.document.compare.margin,
            most_cells=_MOST_CELLS,
            preview=preview,
            progress=wanted,
        )
        return self._card(explanation)

    def _card(self, explanation: Explanation) -> dict[str, Any]:
        rows = [example.row for example in (*explanation.typical, *explanation.edge)]
        pictures = self._session.part(RowPictures).read(rows)
        addresses = {str(row): address for row, address in pictures.items()}
        return {**explanation_card(explanation), "pictures": addresses}

    def _prepare_for(self, seen: dict[str, str]) -> None:
        """Read ahead what explanations need, once the features are counted."""
        while not self._closed.wait(_CALM):
            if not self._session.table.profiles.running:
                prepare_explanations(self._session.table, seen, lambda: self._prepared is seen)
                return
