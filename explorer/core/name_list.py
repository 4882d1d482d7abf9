"""Names one after another in a text, whatever script they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.core.gettext import _
from explorer.core.text_direction import isolated

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["list_alternatives", "list_names"]


def list_names(names: Sequence[str], most: int | None = None, separator: str = ", ") -> str:
    """Return names for a text: "age, weight and 4 more".

    Parameters
    ----------
    names : sequence of str
    most : int, optional
        How many are named; all by default.
    separator : str
        What stands between two names.

    Returns
    -------
    str
        Each name in a right-to-left script is isolated, so that all stand in the order given.
    """
    listed = separator.join(map(isolated, names[:most]))
    if most is None or len(names) <= most:
        return listed
    return _("{names} and {count:,} more").format(names=listed, count=len(names) - most)


def list_alternatives(names: Sequence[str]) -> str:
    """Return two or more fixed names of which one is to be chosen: "count, mean or by"."""
    return f"{', '.join(names[:-1])} or {names[-1]}"
