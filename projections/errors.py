"""Errors of the projections, and the one way in which long work reports and is stopped.

Cancelled          the caller's progress function returned False
ProjectionError    input or parameters that cannot be projected (a ValueError)
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

__all__ = ["Cancelled", "Progress", "ProjectionError", "nearest_name", "report"]

Progress = Callable[[str, int, int], object]
"""``progress(stage, done, total)``; an unknown ``total`` is 0. Only ``False`` itself cancels."""


class Cancelled(Exception):  # noqa: N818 (a decision of the user, not an error)
    """The caller's progress function returned False; nothing was fitted."""


class ProjectionError(ValueError):
    """Input or parameters that cannot be projected."""


def nearest_name(name: str, names: Iterable[str]) -> str:
    """Return the end of a sentence that names the nearest of `names`; "" where none is near."""
    near = difflib.get_close_matches(name, list(names), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def report(progress: Progress | None, stage: str, done: int, total: int) -> None:
    """Tell `progress` how far a stage is.

    Parameters
    ----------
    progress : callable or None
        Called as ``progress(stage, done, total)``.
    stage : str
        Name of the stage, as in ``stage_seconds_``.
    done, total : int
        Units of work done, out of all; ``total`` is 0 where it is not known.

    Raises
    ------
    Cancelled
        When `progress` returned False (only ``is False``: None and 0 go on).
    """
    if progress is not None and progress(stage, done, total) is False:
        raise Cancelled(f"cancelled during {stage!r}, {done} of {total} done")
