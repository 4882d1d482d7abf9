"""What is printed for the person at the terminal: results on stdout, all else on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from explorer.stats.repeated import RepeatedRows

__all__ = ["print_if_compiling", "print_message", "print_notes", "print_result"]


def print_result(text: str) -> None:
    """Print a result to stdout, at once also into a pipe."""
    print(text, flush=True)


def print_message(text: str) -> None:
    """Print what is no result, such as an error, to stderr."""
    print(text, file=sys.stderr, flush=True)


def print_notes(notes: Iterable[str], repeated: RepeatedRows | None) -> None:
    """Print notes of a result; what is asked of Python is asked of the command line."""
    for note in notes:
        print_message(
            repeated.terminal_words if repeated is not None and note == repeated.words else note
        )


def print_if_compiling() -> None:
    """Say why the first start on a machine takes longer, when it will."""
    from explorer.core.compiled_code import compiled

    if not compiled():
        print_message(
            "the first start compiles what counts and draws: 10 to 30 s, once "
            "(`explorer cache warm` does it ahead)"
        )
