"""Names in right-to-left scripts within texts that run from left to right.

Without a mark, the Unicode Bidirectional Algorithm (Unicode Standard Annex 9) lets such a name
reorder the signs and numbers beside it: ``"<name>" >= 0`` would read ``0 =< "<name>"``. Between
U+2068 and U+2069 a name has its own direction and changes nothing around it.
"""

from __future__ import annotations

import re

__all__ = ["isolated"]

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_ISOLATED = re.compile("\u2068[^\u2068\u2069]*\u2069")


def isolated(text: str) -> str:
    """Return a text that leaves the order of what stands around it as it is.

    Parameters
    ----------
    text : str
        As a name of a column.

    Returns
    -------
    str
        The same text where all its letters of right-to-left scripts are isolated, or it has none;
        else between U+2068 and U+2069.
    """
    reorders = _RIGHT_TO_LEFT.search(_ISOLATED.sub("", text))
    return f"\u2068{text}\u2069" if reorders else text
