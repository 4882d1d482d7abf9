"""FeatureQueue: the order in which features are counted; what a person looks at goes first."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FeatureQueue"]


class FeatureQueue:
    """Names still to be counted, in order; safe for several threads.

    Parameters
    ----------
    names : iterable of str
        All of them, each once.
    first : iterable of str
        Those that somebody is looking at.
    """

    def __init__(self, names: Iterable[str], first: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._left = dict.fromkeys(names)
        self._first: dict[str, None] = {}
        self.prefer(first)

    def __len__(self) -> int:
        with self._lock:
            return len(self._left)

    def prefer(self, names: Iterable[str]) -> None:
        """Count these next, in order, before those preferred earlier; known and done names only."""
        with self._lock:
            fresh = dict.fromkeys(name for name in names if name in self._left)
            self._first = {**fresh, **{name: None for name in self._first if name not in fresh}}

    def preferred(self) -> list[str]:
        """Return the names that are preferred and still to be counted."""
        with self._lock:
            return list(self._first)

    def take(self, most: int) -> list[str]:
        """Take the next names, preferred ones first; an empty list when none is left."""
        with self._lock:
            taken = list(self._first)[:most]
            for name in self._left:
                if len(taken) >= most:
                    break
                if name not in self._first:
                    taken.append(name)
            for name in taken:
                del self._left[name]
                self._first.pop(name, None)
            return taken
