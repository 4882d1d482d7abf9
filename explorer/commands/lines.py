"""Lines for the person at the terminal: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys

__all__ = ["announce", "say"]


def announce(text: str) -> None:
    """Print a result at once, also into a pipe."""
    print(text, flush=True)


def say(text: str) -> None:
    """Print what is no result: a word on what happened, an error."""
    print(text, file=sys.stderr, flush=True)
