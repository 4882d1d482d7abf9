"""A progress bar: one line on stderr that follows the stages of long work."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

__all__ = ["ProgressBar"]

_SECONDS_BETWEEN = 0.05  # a terminal over a slow line must not slow the work down


class ProgressBar:
    """A line on stderr that follows the stages; silent where stderr is no terminal.

    As a context manager it closes itself.
    """

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._last = ("", 0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show a stage and how much of it is done, as ``progress`` of the library."""
        now = time.monotonic()
        soon = stage == self._last[0] and now - self._last[1] < _SECONDS_BETWEEN and done < total
        if not self._shown or soon:
            return
        self._last = (stage, now)
        share = 100 * done / total if total else 0
        sys.stderr.write(f"\r\x1b[K{stage} {share:3.0f} %")
        sys.stderr.flush()

    def close(self) -> None:
        """Leave an empty line for what follows."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
