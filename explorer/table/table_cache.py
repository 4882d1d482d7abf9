"""TableCache: what was made of a table, once for all sessions, and coded columns within a limit of memory."""

from __future__ import annotations

import copy
import threading
from collections import Counter, OrderedDict, defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["TableCache"]

Result = TypeVar("Result")

# Coded columns kept ready for colours and counts; the rest is coded again when asked for.
_KEPT_BYTES = 1 << 29


class TableCache:
    """Things made of a table. Safe for several threads; making one thing never keeps another one waiting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._making: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
        self._made: dict[str, Any] = {}
        self._forgotten: Counter[str] = Counter()  # how often, by name, and by column
        self.coded: OrderedDict[tuple[str, str], Any] = OrderedDict()
        """Coded columns, the least recently used first, by what they are and the column."""

    def once(self, name: str, make: Callable[[], Result]) -> Result:
        """Make something once, whoever asks first; others who ask for it wait."""
        if name not in self._made:
            with self._lock:
                making = self._making[name]
            with making:
                if name not in self._made:
                    root = name.split(" ")[0]
                    turn, made = self._forgotten[root], make()
                    with self._lock:
                        # forgotten while it was made: it may be of what is no more, and is for this
                        # caller alone
                        if turn == self._forgotten[root]:
                            self._made[name] = made
                    return made
        kept: Result = self._made[name]
        return kept

    def made(self, name: str) -> Any:
        """Return what was made under a name; None while nothing is."""
        return self._made.get(name)

    def put(self, name: str, value: Any) -> None:
        """Replace what was made under a name."""
        self._made[name] = value

    def update(self, name: str, more: Mapping[str, object]) -> bool:
        """Add to a dict that was made under a name; return False while none is."""
        with self._lock:
            if name not in self._made:
                return False
            made = copy.copy(self._made[name])  # readers go on with the one they have
            made.update(more)
            self._made[name] = made
            return True

    def code(self, key: tuple[str, str], make: Callable[[], Result]) -> Result:
        """Code a column, or return it as it was coded lately."""
        with self._lock:
            if key in self.coded:
                self.coded.move_to_end(key)
                found: Result = self.coded[key]
                return found
            turn = self._forgotten[key[1]]
        made = make()
        with self._lock:
            if turn != self._forgotten[key[1]]:  # as above
                return made
            self.coded[key] = made
            # levels and bins have codes, numbers are an array
            while (
                len(self.coded) > 1
                and sum(getattr(one, "codes", one).nbytes for one in self.coded.values())
                > _KEPT_BYTES
            ):
                self.coded.popitem(last=False)
        return made

    def forget(self, *names: str) -> None:
        """Drop what was made under these names, and under any that begins with one of them and a space."""
        with self._lock:
            self._forgotten.update(names)
            for made in tuple(self._made):
                if made.split(" ")[0] in names:
                    self._made.pop(made, None)

    def forget_column(self, name: str) -> None:
        """Drop what was coded of a column."""
        with self._lock:
            self._forgotten[name] += 1
            for key in [key for key in self.coded if key[1] == name]:
                del self.coded[key]
