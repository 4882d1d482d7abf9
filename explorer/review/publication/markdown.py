"""The report as Markdown: the same facts in one text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explorer.core.number_format import NONE
from explorer.review.publication.citation import bibtex, citation
from explorer.review.publication.decisions_table import shortened
from explorer.review.publication.evidence_card import figure_words
from explorer.review.publication.methods import methods
from explorer.review.publication.verdict_markup import NO_REASON, instant, suggestion_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from explorer.review.publication.entry import Entry
    from explorer.review.publication.publication import Publication
    from explorer.review.verdict import Verdict

__all__ = ["markdown", "plain"]

# An underline within a word is none of Markdown's signs; a dash or a number is one at the beginning
# of a line.
_SIGNS = re.compile(r"([\\`*{}\[\]#|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_FIRST = re.compile(r"^([-+=>]|\d+(?=[.)]))")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def markdown(publication: Publication) -> str:
    """Write the report."""
    kept = publication.review.feature_set
    parts = [
        f"# {plain(kept.id)}: {publication.review.state}",
        plain(kept.rationale),
        *(plain(note) for note in publication.notes),
        "## Review",
        *_review(publication),
        "## Methods",
        plain(methods(publication)),
        "## Cite as",
        plain(citation(publication)),
        _fenced(bibtex(publication)),
        "## Features",
        _table(publication),
        *(
            part
            for entry in publication.entries
            if entry.present or entry.history
            for part in _entry(entry)
        ),
    ]
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Write a text of somebody else on one line, so that no Markdown or HTML in it acts."""
    calm = _CONTROL.sub(" ", text).replace("&", "&amp;").replace("<", "&lt;")
    return _FIRST.sub(_begun, _SIGNS.sub(r"\\\1", calm.strip()))


def _begun(found: re.Match[str]) -> str:
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}bibtex\n{text}\n{fence}"


def _review(publication: Publication) -> Iterator[str]:
    review, parent = publication.review, publication.parent
    yield plain(review.words)
    signed = [
        f"- {plain(one.reviewer)} "
        f"{'approves' if one.approves else 'takes the approval back'}, {plain(instant(one.time))}"
        + (f": {plain(one.note)}" if one.note else "")
        for one in review.approvals
    ]
    if signed:
        yield "\n".join(signed)
    if parent is not None:
        yield f"Since {plain(parent.id)}: {plain(parent.diff(review.feature_set).words)}"


def _table(publication: Publication) -> str:
    heads = "| feature | in the set | decision | reason | notes |\n|---|---|---|---|---|"
    lines = [
        "| "
        + " | ".join(
            plain(cell)
            for cell in (
                one.name,
                f"yes {one.treatment}".strip() if one.member else "no",
                one.words,
                shortened(one.standing.reason) if one.standing else "",
                " · ".join(one.notes),
            )
        )
        + " |"
        for one in publication.entries
    ]
    return "\n".join([heads, *lines])


def _entry(entry: Entry) -> Iterator[str]:
    label = "" if entry.label == entry.name else f" ({plain(entry.label)})"
    yield f"### {plain(entry.name)}{label}"
    yield "\n".join(f"- {line}" for one in entry.present for line in _verdict(one))
    frozen = [(key, one) for key, one in entry.evidence.items()]
    if frozen:
        yield "\n".join(
            f"- Evidence {key[:16]}: not in this store"
            if one is None
            else f"- Evidence {key[:16]}, {one.kind}: {plain(one.title or one.subject)}; "
            f"{plain(_figures(one.numbers))}; "
            f"{plain(one.method)}; data {plain(one.fingerprint or 'not said')}"
            for key, one in frozen
        )
    if entry.history:
        yield "\n".join(
            f"- superseded: {plain(instant(one.time))}, {plain(one.reviewer)}: {plain(one.words)}."
            f"{f' {plain(one.reason)}' if one.reason else ''}"
            for one in entry.history
        )


def _verdict(one: Verdict) -> Iterator[str]:
    confidence = f", confidence {one.confidence}" if one.confidence else ""
    yield (
        f"**{plain(one.reviewer)}: {plain(one.words)}**{confidence}, {plain(instant(one.time))}. "
        f"{plain(one.reason or NO_REASON)}"
    )
    if suggested := suggestion_words(one):
        yield plain(suggested)


def _figures(numbers: Mapping[str, object]) -> str:
    told = {name: figure_words(value) for name, value in numbers.items()}
    return (
        ", ".join(f"{name} {words}" for name, words in told.items() if words != NONE)
        or "no figures"
    )
