"""The report as Markdown: the same facts in one text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from explorer.core.number_format import NONE
from explorer.review.publication.citation import bibtex, citation
from explorer.review.publication.decisions_table import shortened
from explorer.review.publication.evidence_card import figure_text
from explorer.review.publication.methods import methods
from explorer.review.publication.verdict_markup import NO_REASON, instant, suggestion_text

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
    feature_set = publication.review.feature_set
    parts = [
        f"# {plain(feature_set.id)}: {publication.review.state}",
        plain(feature_set.rationale),
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


def _begun(match: re.Match[str]) -> str:
    return f"{match[1]}\\" if match[1].isdigit() else f"\\{match[1]}"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}bibtex\n{text}\n{fence}"


def _review(publication: Publication) -> Iterator[str]:
    review, parent = publication.review, publication.parent
    yield plain(review.words)
    signed = [
        f"- {plain(approval.reviewer)} "
        f"{'approves' if approval.approves else 'takes the approval back'}, "
        f"{plain(instant(approval.time))}" + (f": {plain(approval.note)}" if approval.note else "")
        for approval in review.approvals
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
                entry.name,
                f"yes {entry.treatment}".strip() if entry.member else "no",
                entry.words,
                shortened(entry.current_verdict.reason) if entry.current_verdict else "",
                " · ".join(entry.notes),
            )
        )
        + " |"
        for entry in publication.entries
    ]
    return "\n".join([heads, *lines])


def _entry(entry: Entry) -> Iterator[str]:
    label = "" if entry.label == entry.name else f" ({plain(entry.label)})"
    yield f"### {plain(entry.name)}{label}"
    yield "\n".join(f"- {line}" for verdict in entry.present for line in _verdict(verdict))
    frozen = [(key, piece) for key, piece in entry.evidence.items()]
    if frozen:
        yield "\n".join(
            f"- Evidence {key[:16]}: not in this store"
            if piece is None
            else f"- Evidence {key[:16]}, {piece.kind}: {plain(piece.title or piece.subject)}; "
            f"{plain(_figures(piece.numbers))}; "
            f"{plain(piece.method)}; data {plain(piece.fingerprint or 'not said')}"
            for key, piece in frozen
        )
    if entry.history:
        yield "\n".join(
            f"- superseded: {plain(instant(verdict.time))}, {plain(verdict.reviewer)}: "
            f"{plain(verdict.words)}."
            f"{f' {plain(verdict.reason)}' if verdict.reason else ''}"
            for verdict in entry.history
        )


def _verdict(verdict: Verdict) -> Iterator[str]:
    confidence = f", confidence {verdict.confidence}" if verdict.confidence else ""
    yield (
        f"**{plain(verdict.reviewer)}: {plain(verdict.words)}**{confidence}, "
        f"{plain(instant(verdict.time))}. "
        f"{plain(verdict.reason or NO_REASON)}"
    )
    if suggested := suggestion_text(verdict):
        yield plain(suggested)


def _figures(numbers: Mapping[str, object]) -> str:
    figures = {name: figure_text(value) for name, value in numbers.items()}
    return (
        ", ".join(f"{name} {figure}" for name, figure in figures.items() if figure != NONE)
        or "no figures"
    )
