"""Names of files that every system takes, for names of features and sets that may hold anything."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["folder_name", "page_name"]

_OTHER = re.compile(r"[^A-Za-z0-9_]+")
_LONGEST = 48  # characters of a name within a file name: the path as a whole has 260 on Windows


def page_name(number: int, total: int, name: str) -> str:
    """Name the page of a feature: its place, and as much of its name as is safe.

    The place makes the name unique.

    Parameters
    ----------
    number : int
        From 1.
    total : int
        Pages there are.
    name : str
        Of the feature.
    """
    place = f"{number:0{max(4, len(str(total)))}d}"
    return "-".join(filter(None, [place, _safe(name)])) + ".html"


def folder_name(name: str, version: int) -> str:
    """Name the folder of a publication: "core@3"."""
    return f"{_safe(name) or 'set'}@{version}"


def _safe(name: str) -> str:
    """Return the ASCII letters and digits of a name; runs of other signs become one dash."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _OTHER.sub("-", plain).strip("-")[:_LONGEST].strip("-")
