"""How far a running projection is, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from explorer.core.gettext import _
from explorer.core.jobs.events import Failed, Progress

__all__ = ["JobProgress"]

_WORDS = {
    "waiting": _("waiting for another job"),
    "matrix": _("reading columns"),
    "pca": "PCA",
    "prepare": _("equal rows"),
    "landmarks": _("first map of some rows"),
    "neighbors": _("nearest neighbours"),
    "place": _("placing rows"),
    "scores": _("checking quality"),
    "map": _("building map"),
}


@dataclass(frozen=True)
class JobProgress:
    """What the head of the page says of the running, or failed, job.

    Parameters
    ----------
    name : str
        Of what is being made.
    stage : str
    share : float
        Of the job, 0 to 1.
    eta : float or None
        Seconds still needed, by the forecast.
    failed : str
        Why it failed; empty while it has not.
    cancelled : str
        What is shown since somebody stopped it; empty while nobody has.
    """

    name: str
    stage: str = "waiting"
    share: float = 0.0
    eta: float | None = None
    failed: str = ""
    cancelled: str = ""

    def after(self, event: Progress | Failed) -> JobProgress:
        """Return the progress after one more event of the job."""
        if isinstance(event, Failed):
            return replace(self, failed=event.message)
        return replace(self, stage=event.stage, share=event.share, eta=event.eta)

    def shown(self) -> dict[str, Any]:
        """Return what the page shows: text, share from 0 to 1, whether it failed or is over."""
        if over := self.failed or self.cancelled:
            return {
                "text": over,
                "title": over,
                "share": 1.0,
                "failed": bool(self.failed),
                "over": True,
            }
        left = f" · {self.eta:.0f} s left" if self.eta and self.eta >= 1 else ""
        stage = self.stage.partition(":")[0]
        text = f"{self.name} · {_WORDS.get(stage, stage)} · {100 * self.share:.0f} %{left}"
        return {"text": text, "title": text, "share": self.share, "failed": False, "over": False}
