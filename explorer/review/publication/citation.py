"""Citation: how to name one version of a set in a text and in a bibliography."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explorer.review.publication.file_name import folder_name
from explorer.review.publication.methods import day
from explorer.review.publication.treatment_text import listed
from explorer.review.review import counted

if TYPE_CHECKING:
    from explorer.review.publication.publication import Publication

__all__ = ["bibtex", "citation"]

_NOBODY = "Anonymous"
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}  # fmt: skip


def citation(publication: Publication) -> str:
    """Return the line: authors, year, set, table, state, hash, fingerprint of the data."""
    feature_set = publication.review.feature_set
    who = listed(publication.reviewers) or _NOBODY
    data = f", data {publication.table.fingerprint}" if publication.table else ""
    return (
        f"{who} ({day(publication.made)}). {_title(publication)}: {_about(publication)}. "
        f"Hash {feature_set.hash}{data}."
    )


def bibtex(publication: Publication) -> str:
    """Return the same as an entry of BibTeX."""
    feature_set, made = publication.review.feature_set, day(publication.made)
    data = f"; data fingerprint {publication.table.fingerprint}" if publication.table else ""
    values = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in publication.reviewers or [_NOBODY]),
        "title": f"{{{_tex(_title(publication))}}}",
        "year": made[:4],
        "month": str(int(made[5:7])),
        "version": str(feature_set.version),
        "note": _tex(f"{_about(publication)}; hash {feature_set.hash}{data}"),
    }
    folder = folder_name(feature_set.name, feature_set.version)
    key = f"{folder.replace('@', '-')}-{feature_set.hash[:8]}"
    lines = [f"  {name} = {{{value}}}," for name, value in values.items()]
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _title(publication: Publication) -> str:
    of = f" of {publication.table.title}" if publication.table else ""
    return f"Feature set {publication.review.feature_set.id}{of}"


def _about(publication: Publication) -> str:
    features = publication.review.feature_set.features
    return f"{counted(len(features), 'feature')}, {publication.review.state}"


def _tex(text: str) -> str:
    plain = re.sub(r"\s+", " ", text)
    return "".join(_TEX.get(sign, sign) for sign in plain)
