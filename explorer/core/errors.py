"""The errors a user meets: each is one line that says what was expected, what came, and what to do.

ExplorerError
├── TableError            a source that cannot be opened or read
│   └── TableChanged      a file changed after it was opened
├── UnknownName           a feature, method or set that does not exist (suggests the nearest)
├── FeatureError          a feature that cannot be used as asked
├── ExpressionError       an expression that cannot be parsed or evaluated
├── EmbeddingError        an embedding or map that does not fit the table, or cannot be read
├── CatalogueError        a catalogue file that is not valid (names the line)
├── SelectionError        a saved selection that is not known, or cannot be kept
├── LabelError            rows that cannot be labelled as asked, or labels that cannot be kept
├── CacheError            the cache folder cannot be written
├── ComparisonError       groups that cannot be compared as asked
├── ModelError           predictions, times, items or positions that cannot be read as asked
├── ReviewError           a verdict, set or approval that cannot be as asked
├── StoreError            a store of reviews that cannot be opened, read or written
└── JobError              a worker process that failed or died
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CacheError",
    "CatalogueError",
    "ComparisonError",
    "EmbeddingError",
    "ExperimentError",
    "ExplorerError",
    "ExpressionError",
    "FeatureError",
    "JobError",
    "LabelError",
    "ModelError",
    "ReviewError",
    "SelectionError",
    "StoreError",
    "TableChanged",
    "TableError",
    "UnknownName",
    "nearest_names",
    "shown",
    "unknown_name",
]


class ExplorerError(Exception):
    """Base of every error that is shown to a user as one line."""


class TableError(ExplorerError, ValueError):
    """A source that cannot be opened or read as a table."""


class TableChanged(TableError):  # noqa: N818  a public name
    """A file of the table changed after the table was opened."""


class UnknownName(ExplorerError, KeyError):  # noqa: N818  reads as what it says
    """A name that does not exist; the message suggests the nearest one."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show the repr


class FeatureError(ExplorerError, ValueError):
    """A feature that cannot be used as asked."""


class ExpressionError(ExplorerError, ValueError):
    """An expression that cannot be parsed or evaluated.

    Its own line breaks are blanks in the message.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.splitlines()))


class EmbeddingError(ExplorerError, ValueError):
    """An embedding or map that does not fit the table, or cannot be read."""


class ComparisonError(ExplorerError, ValueError):
    """Groups that cannot be compared as asked."""


class ExperimentError(ExplorerError, ValueError):
    """An experiment or a metric that cannot be read as asked."""


class ModelError(ExplorerError, ValueError):
    """Predictions, times, items or positions that cannot be read as asked."""


class ReviewError(ExplorerError, ValueError):
    """A verdict, a set or an approval that cannot be as asked."""


class StoreError(ExplorerError, OSError):
    """A store of reviews that cannot be opened, read or written."""


class SelectionError(ExplorerError, ValueError):
    """A saved selection that is not known here, or cannot be kept."""


class LabelError(ExplorerError, ValueError):
    """Rows that cannot be labelled as asked, or labels that cannot be kept."""


class CatalogueError(ExplorerError, ValueError):
    """A catalogue file that is not valid."""


class CacheError(ExplorerError, OSError):
    """The cache folder cannot be written."""


class JobError(ExplorerError, RuntimeError):
    """A worker process that failed or died."""


def unknown_name(kind: str, name: str, existing: Iterable[str]) -> UnknownName:
    """Build the error for a name that does not exist, with the nearest existing names.

    Parameters
    ----------
    kind : str
        What was looked for, in the user's word ("feature", "method").
    name : str
        The name that came.
    existing : iterable of str
        The names that exist.
    """
    names = list(existing)
    close = nearest_names(name, names)
    if close:
        hint = "did you mean " + " or ".join(repr(n) for n in close) + "?"
    else:
        listed = ", ".join(map(shown, names[:8])) + (
            f" and {len(names) - 8} more" if len(names) > 8 else ""
        )
        hint = f"there are: {listed}" if names else "there are none"
    return UnknownName(f"no {kind} {shown(name)}: {hint}")


def shown(value: object, most: int = 60) -> str:
    """Write a value as Python does, shortened so that an error stays one line."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def nearest_names(name: str, existing: Iterable[str], n: int = 3) -> list[str]:
    """Find the names that somebody who wrote `name` may have meant, nearest first.

    None rather than a far one.

    A name is near when three quarters of the letters of both stand in the same order (`difflib`),
    when it has the same letters in another order, or when it begins with `name` and that has at
    least three letters. Capitals do not count.
    """
    wanted = name.casefold()
    lower: dict[str, list[str]] = {}
    for candidate in existing:
        lower.setdefault(candidate.casefold(), []).append(candidate)
    close = difflib.get_close_matches(wanted, lower, n=n, cutoff=0.75)
    letters = sorted(wanted)
    for candidate in lower:
        swapped = len(candidate) == len(wanted) and sorted(candidate) == letters
        if candidate not in close and (
            swapped or (len(wanted) >= 3 and candidate.startswith(wanted))
        ):
            close.append(candidate)
    return [original for near in close for original in lower[near]][:n]
