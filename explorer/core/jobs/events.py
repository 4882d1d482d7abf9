"""What a job tells: progress, each finished embedding, and one of three ends.

Events cross from worker to server as one JSON object a line; ``kind`` names the class.
"""

from __future__ import annotations

import dataclasses
import json
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from explorer.core.errors import ExplorerError
from projections.errors import ProjectionError

__all__ = [
    "Cancelled",
    "Done",
    "Event",
    "Failed",
    "Finished",
    "Profiled",
    "Progress",
    "event_from",
    "event_line",
]


@dataclass(frozen=True)
class Progress:
    """Where a job stands.

    Parameters
    ----------
    stage : str
        "waiting" (for a worker), "matrix", "pca", "prepare", "landmarks", "place", "neighbors",
        "graph", "layout", "scores" or "map".
    done, total : int
        Within the stage.
    seconds : float
        Since the worker took the job.
    eta : float or None
        Forecast of the seconds that the whole job still needs, None while nothing is known.
    key : str or None
        The embedding being computed.
    share : float
        Of the whole job, from 0 to 1, by forecast seconds; never goes back.
    """

    kind: ClassVar[str] = "progress"
    stage: str
    done: int
    total: int
    seconds: float = 0.0
    eta: float | None = None
    key: str | None = None
    share: float = 0.0


@dataclass(frozen=True)
class Finished:
    """An embedding can be drawn: its key and the folder that holds it and its map.

    Each is told of at least twice when it had to be computed: as soon as there are coordinates,
    also such from which the rows are still to move (previews, without scores and trust, whose
    folders may leave the cache at any time), and when it is finished. ``note`` says what a person
    should know of it.
    """

    kind: ClassVar[str] = "embedding"
    key: str
    folder: Path
    preview: bool = False
    note: str = ""


@dataclass(frozen=True)
class Profiled:
    """A feature was profiled: the document of its `FeatureProfile`.

    A sampled one is followed by an exact one.
    """

    kind: ClassVar[str] = "profiled"
    document: dict[str, Any]


@dataclass(frozen=True)
class Failed:
    """The job ended in an error: one line for the user, and the traceback for those who debug."""

    kind: ClassVar[str] = "error"
    message: str
    traceback: str = ""

    @classmethod
    def of(cls, error: BaseException, work: str = "projection") -> Failed:
        """Say an exception in one line.

        Our own errors stay as they are, others are named with their type and what was worked on.
        """
        text = " ".join(str(error).split())
        trace = "".join(traceback.format_exception(error))
        if isinstance(error, MemoryError):
            text = (
                f"there is not enough memory for this {work} ({text or 'MemoryError'}); "
                "try fewer rows or features"
            )
        elif not isinstance(error, ExplorerError | ProjectionError):
            text = f"the {work} failed: {type(error).__name__}: {text}"
        return cls(text, trace)


@dataclass(frozen=True)
class Cancelled:
    """The job was cancelled; nothing of the embedding in work is kept, finished ones stay."""

    kind: ClassVar[str] = "cancelled"


@dataclass(frozen=True)
class Done:
    """All embeddings of the job are finished."""

    kind: ClassVar[str] = "done"


Event = Progress | Finished | Profiled | Failed | Cancelled | Done

_KINDS: dict[str, type[Event]] = {
    cls.kind: cls for cls in (Progress, Finished, Profiled, Failed, Cancelled, Done)
}


def event_line(event: Event, **more: Any) -> str:
    """Write an event as one line of JSON without the line's end; ``more`` are further keys."""
    return json.dumps({"kind": event.kind, **dataclasses.asdict(event), **more}, default=str)


def event_from(line: str) -> Event:
    """Read an event from its line; keys that are not its own are left aside.

    Raises
    ------
    ValueError
        When the line is no event.
    """
    message = json.loads(line)
    try:
        cls = _KINDS[message["kind"]]
        values = {field.name: message[field.name] for field in dataclasses.fields(cls)}
    except (TypeError, KeyError) as error:
        raise ValueError(f"a line that is no event: {line!r}") from error
    if "folder" in values:
        values["folder"] = Path(values["folder"])
    return cls(**values)
