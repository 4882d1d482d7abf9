"""TableCache: what was computed of a table, once for all sessions, and its coded columns."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar

from explorer.core.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["TableCache"]

Result = TypeVar("Result")

# Coded columns kept ready for colours and counts; the rest is coded again when asked for.
_CODED_BYTES = 1 << 29


class TableCache:
    """What was computed of a table. Safe for several threads.

    Attributes
    ----------
    coded : Memo
        Coded columns by what they are and the column, the least recently used first.
    """

    def __init__(self) -> None:
        self._results: Memo[str, Any] = Memo()
        self.coded: Memo[tuple[str, str], Any] = Memo(_CODED_BYTES, _nbytes)

    def get(self, name: str, make: Callable[[], Result]) -> Result:
        """Return a result; whoever asks first computes it, and others wait."""
        result: Result = self._results.get(name, make)
        return result

    def peek(self, name: str) -> Any:
        """Return a result; None while it is not there."""
        return self._results.peek(name)

    def put(self, name: str, value: Any) -> None:
        """Replace a result."""
        self._results.put(name, value)

    def update(self, name: str, more: Mapping[str, object]) -> bool:
        """Add to a result that is a dict; return False while it is not there."""

        def added(before: Any) -> Any:
            after = copy.copy(before)  # readers go on with the one they have
            after.update(more)
            return after

        return self._results.update(name, added)

    def code(self, key: tuple[str, str], make: Callable[[], Result]) -> Result:
        """Return a coded column by what it is and the column's name."""
        column: Result = self.coded.get(key, make)
        return column

    def forget(self, *names: str) -> None:
        """Drop results of these names, and of any that begins with one of them and a space."""
        self._results.forget(lambda name: name.split(" ")[0] in names)

    def forget_column(self, name: str) -> None:
        """Drop what was coded of a column."""
        self.coded.forget(lambda key: key[1] == name)


def _nbytes(column: Any) -> int:
    size: int = getattr(column, "codes", column).nbytes  # levels and bins have codes
    return size
