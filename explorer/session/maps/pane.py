"""A place on the page for a map: which map it shows, and what is drawn on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.map.map import Map
    from explorer.session.maps.scene import Scene

__all__ = ["Pane"]


@dataclass(frozen=True)
class Pane:
    """One of the two maps that stand side by side.

    Attributes
    ----------
    map : callable
        Returns the map that is shown; None while there is none.
    scene : Scene
        What is drawn on it.
    """

    map: Callable[[], Map | None]
    scene: Scene
