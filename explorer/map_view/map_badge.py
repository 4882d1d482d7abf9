"""The badge of a shape on the map: whether its rows are neighbours in the features too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from explorer.core.gettext import _
from explorer.ui.page_loop import LatestTask, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.embedding.lasso_trust import LassoTrust
    from explorer.map_view.selection_trust import SelectionTrust

__all__ = ["Badge", "trust_badge"]

_CHANGES = {"selection", "filters", "embedding", "maps"}

# Of all sessions: seconds for millions of rows, which pictures must not wait for.
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="badge")

# glyphs as well as words: a verdict is never a colour alone
_SHORT = {
    "together": _("✓ also neighbours in the features"),
    "partly": _("≈ partly neighbours in the features"),
    "apart": _("⚠ not neighbours in the features"),
}


def trust_badge(trust: LassoTrust | None) -> dict[str, Any]:
    """Return the badge as plain JSON; empty where nothing can be said."""
    if trust is None or trust.verdict not in _SHORT:
        return {}
    return {"verdict": trust.verdict, "short": _SHORT[trust.verdict], "words": trust.words}


class Badge:
    """Judges what was drawn on the map, each time that changes.

    Parameters
    ----------
    trust : SelectionTrust
    outline : callable
        Returns the shape that was drawn on the map shown; None without one.
    schedule : callable
        Runs a function on the page's event loop.
    show : callable
        Takes the badge, as of `trust_badge`.
    """

    def __init__(
        self,
        trust: SelectionTrust,
        outline: Callable[[], object | None],
        schedule: Schedule,
        show: Callable[[dict[str, Any]], object],
    ) -> None:
        self._trust, self._outline, self._show = trust, outline, show
        self._turn = 0
        self._judgements: LatestTask[int, dict[str, Any]] = LatestTask(
            schedule, self._judged, self._tell, _pool
        )

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        if changed & _CHANGES:
            self._turn += 1
            self._judgements.submit(self._turn)

    def _judged(self, turn: int) -> dict[str, Any]:
        if self._outline() is None:
            return {}  # what was not drawn on this map is no region of it
        return trust_badge(self._trust.judge(lambda: turn == self._turn))

    def _tell(self, badge: dict[str, Any]) -> None:
        self._show(badge)
