"""The analysis of a view: asked for by a key, computed in a thread, stopped, shown."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from explorer.core.errors import ExplorerError
from explorer.ui.cancellable_progress import CancellableProgress
from explorer.ui.page_loop import LatestTask, Schedule
from projections.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

    from explorer.ui.component import Component
    from projections.errors import Progress

__all__ = ["AnalysisJob", "Outcome", "outcome_of"]

logger = logging.getLogger(__name__)

Key = TypeVar("Key")
Result = TypeVar("Result")


class Outcome(NamedTuple, Generic[Result]):
    """A result, or an error to be shown; neither where the work was cancelled."""

    result: Result | None = None
    error: str = ""

    @property
    def cancelled(self) -> bool:
        """Whether the work was cancelled."""
        return self.result is None and not self.error


class AnalysisJob(Generic[Key, Result]):
    """What a view computes: one analysis at a time in a thread, and the latest result.

    It keeps the params ``busy``, ``stopped`` and ``error`` of the view. Every method is called on
    the event loop of the page.

    Parameters
    ----------
    view : Component
    schedule : callable
        Runs a function on the page's event loop.
    compute : callable
        ``compute(key, progress)`` → (result, params of the view that show it). Called in a thread.
    show : callable
        Called with the result, once the params of the view are set.
    name : str
        What is computed, for the log of the server.
    pool : ThreadPoolExecutor
    shown : str
        Param that holds what is shown; it is marked as stale when there is no new result.
    fail : callable, optional
        Called with the error, where there is one.

    Attributes
    ----------
    key : hashable or None
        What was asked for last.
    result : object or None
        The latest result; it stays while another is computed.
    """

    def __init__(
        self,
        view: Component,
        schedule: Schedule,
        compute: Callable[[Key, Progress], tuple[Result, dict[str, Any]]],
        show: Callable[[Result], None],
        *,
        name: str,
        pool: ThreadPoolExecutor,
        shown: str = "result",
        fail: Callable[[str], None] | None = None,
    ) -> None:
        self._view, self._compute, self._show = view, compute, show
        self._name, self._shown, self._fail = name, shown, fail
        self.key: Key | None = None
        self.result: Result | None = None
        self._message = ""
        self._request: tuple[Key, Progress] | None = None
        self._progress = CancellableProgress(
            schedule, lambda message: view.param.update(busy=message)
        )
        self._latest: LatestTask[tuple[Key, Progress], tuple[Any, Outcome[Any]]] = LatestTask(
            schedule, self._run, self._take, pool
        )

    @property
    def running(self) -> bool:
        """Whether an analysis is being computed, or waits for a thread."""
        return self._request is not None

    def ask(self, key: Key, message: str = "computing") -> None:
        """Compute this, unless it was the last that was asked for."""
        if key != self.key:
            self.start(key, message)

    def start(self, key: Key, message: str = "computing") -> None:
        """Compute this, in place of what is being computed."""
        self.key, self._message = key, message
        self._request = key, self._progress.begin()
        self._view.param.update(busy=message, stopped=False)
        self._latest.submit(self._request)

    def restart(self) -> None:
        """Compute what was stopped."""
        if self.key is not None:
            self.start(self.key, self._message)

    def stop(self, stale: bool = True) -> None:
        """Stop for the user, who may restart; what is shown stays, marked where it is stale."""
        self._end()
        self._view.param.update(busy="", stopped=True, **(self._stale() if stale else {}))

    def cancel(self) -> None:
        """Stop what nobody waits for; when it is asked for again, it is computed."""
        self._end()
        self.key = None
        self._view.param.update(busy="")

    def clear(self, **params: Any) -> None:
        """Forget the result and what was asked for, and set these params of the view."""
        self._end()
        self.key = self.result = None
        self._view.param.update(busy="", stopped=False, error="", **params)

    def _end(self) -> None:
        self._progress.stop()
        self._request = None

    def _stale(self) -> dict[str, Any]:
        shown = getattr(self._view, self._shown)
        return {self._shown: {**shown, "stale": True} if shown else {}}

    def _run(self, request: tuple[Key, Progress]) -> tuple[Any, Outcome[Any]]:
        return request, outcome_of(self._name, lambda: self._compute(*request))

    def _take(self, answer: tuple[Any, Outcome[tuple[Result, dict[str, Any]]]]) -> None:
        request, outcome = answer
        if request is not self._request or outcome.cancelled:
            return  # another is asked for, or none
        self._request = None
        if outcome.result is None:
            self._view.param.update(busy="", error=outcome.error, **self._stale())
            if self._fail is not None:
                self._fail(outcome.error)
            return
        self.result, params = outcome.result
        self._view.param.update(busy="", error="", **params)
        self._show(self.result)


def outcome_of(name: str, work: Callable[[], Result]) -> Outcome[Result]:
    """Run work for a view; an error becomes the text to be shown, a defect goes to the log.

    Parameters
    ----------
    name : str
        What is computed, for the log.
    work : callable
        Returns the result, not None.
    """
    try:
        return Outcome(work())
    except Cancelled:
        return Outcome()
    except ExplorerError as error:
        return Outcome(error=str(error))
    except Exception:
        logger.exception("%s could not be computed", name)
        return Outcome(error="this could not be computed; the log of the server says why")
