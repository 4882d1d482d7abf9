"""A step that turned out badly, taken out of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.state.state import UNDO_DEPTH

if TYPE_CHECKING:
    from explorer.state.state import State

__all__ = ["take_back"]


def take_back(state: State, name: str) -> bool:
    """Undo the last step of this name and do the steps after it again; False when there is none in reach."""
    steps = state.history()
    at = max((place for place, (step, _) in enumerate(steps) if step == name), default=None)
    if at is None or len(steps) - at > UNDO_DEPTH:
        return False
    for _ in steps[at:]:
        state.undo()
    for step, arguments in steps[at + 1 :]:
        state.act(step, **arguments)
    return True
