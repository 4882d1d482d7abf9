"""The steps of a job with their forecast, and where in them it stands."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.jobs.events import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Plan", "Step"]

_MOST_BY_TIME = 0.95  # of a step whose end nobody knows


@dataclass(frozen=True)
class Step:
    """A stage of one embedding's way: its key, its name, and the seconds it should take."""

    key: str
    stage: str
    seconds: float


class Plan:
    """Turns ``progress(stage, done, total)`` into `Progress` of the whole job.

    Parameters
    ----------
    clock : callable
        Seconds from any start.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._started = self._step_started = clock()
        self._steps: list[Step] = []
        self._place = -1
        self._stage = ""
        self._share = 0.0

    def expect(self, steps: Sequence[Step]) -> None:
        """Take the steps of the whole job, in order; again when better seconds are known."""
        self._steps = list(steps)

    def at(self, stage: str, done: int, total: int) -> Progress:
        """Return where the job stands when a stage says how far it is.

        The total is 0 when the stage does not know it.
        """
        now = self._clock()
        if stage != self._stage:
            self._stage, self._step_started = stage, now
            # A stage may come once for each embedding: the next one of that name is meant.
            later = range(self._place + 1, len(self._steps))
            self._place = next((i for i in later if self._steps[i].stage == stage), self._place)
        if self._place < 0 or self._steps[self._place].stage != stage:
            return Progress(stage, done, total, now - self._started, None, None, self._share)
        return self._in_step(self._steps[self._place], done, total, now)

    def _in_step(self, step: Step, done: int, total: int, now: float) -> Progress:
        gone = now - self._step_started
        share = (
            min(done / total, 1.0)
            if total
            else min(gone / max(step.seconds, gone, 1e-9), _MOST_BY_TIME)
        )
        before = sum(earlier_step.seconds for earlier_step in self._steps[: self._place])
        later = sum(later_step.seconds for later_step in self._steps[self._place + 1 :])
        total_seconds = before + step.seconds + later
        self._share = max(
            self._share, (before + share * step.seconds) / total_seconds if total_seconds else 0.0
        )
        by_forecast = max(0.0, step.seconds - gone)
        by_pace = gone * (1 - share) / share if share else by_forecast
        # The further a step is, the more its own pace is worth beside the forecast.
        seconds_left = share * by_pace + (1 - share) * by_forecast + later
        return Progress(
            step.stage, done, total, now - self._started, seconds_left, step.key, self._share
        )
