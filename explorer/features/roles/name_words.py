"""The words of a column's name."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["name_words"]

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_WORD = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=50_000)
def name_words(name: str) -> tuple[str, ...]:
    """Split a name into words and numbers in lower case.

    "yPredProba", "y_pred_proba" and "Y pred. proba" have the same words.
    """
    return tuple(_WORD.findall(_CAMEL.sub(" ", name).lower()))
