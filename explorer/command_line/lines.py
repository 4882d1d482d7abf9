"""Lines for the person at the terminal: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.stats.repeated import RepeatedRows

__all__ = ["announce", "say", "say_if_compiling", "say_notes"]


def announce(text: str) -> None:
    """Print a result at once, also into a pipe."""
    print(text, flush=True)


def say(text: str) -> None:
    """Print what is no result: a word on what happened, an error."""
    print(text, file=sys.stderr, flush=True)


def say_notes(notes: Iterable[str], repeated: RepeatedRows | None) -> None:
    """Print notes of a result; what is asked of Python is asked of the command line."""
    for note in notes:
        say(repeated.terminal_words if repeated is not None and note == repeated.words else note)


def say_if_compiling() -> None:
    """Say why the first start on a machine takes longer, when it will."""
    from explorer.core.cache import compiled

    if not compiled():
        say(
            "the first start compiles what counts and draws: 10 to 30 s, once "
            "(`explorer cache warm` does it ahead)"
        )
